// Editing an input: each tool, and the resulting depths.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { small, withoutWeights } from './studies.mjs';

const plain = small();
const axe = createRequire(import.meta.url).resolve('axe-core');
let browser, page, close;

before(async () => {
  browser = await launch();
  ({ page, close } = await open(browser, { study: plain, query: '?device=cpu#split=test&example=290' }));
});
after(async () => {
  await close();
  await browser.close();
});

const settled = () => page.waitForFunction(() => window.pdepth.settled);
/** Returns the results shown for the edited image; null if the example is not edited. */
const edited = async (of = page) => {
  await of.waitForFunction(() => window.pdepth.settled);
  return of.evaluate(() => {
    const found = window.pdepth.edited;
    if (!found) return null;
    const { image, prediction, depth, probes, voters } = found;
    const copy = { image: [...image], prediction, depth, probes: [...probes], voters: [...voters] };
    found.free();
    return copy;
  });
};
const rows = async (of = page) => [await of.innerHTML('#facts'), await of.innerHTML('#layers')];
const slide = async (name, value) => {
  await page.locator(`#edit-${name}`).evaluate((slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, value);
  await settled();
};
const canvas = (of = page) => of.evaluate(() => {
  const easel = document.getElementById('easel');
  return [...easel.getContext('2d').getImageData(0, 0, easel.width, easel.height).data];
});
/** Checks that the rows shown are those of the edited image. */
async function follows() {
  const found = await edited();
  const depth = found.depth === found.probes.length ? 'undetermined' : found.depth;
  assert.match(await page.innerText('#facts'), new RegExp(`\\b${depth}, was `));
  const shown = await page.locator('.voter').evaluateAll((all) => all.map((one) => Number(one.dataset.example)));
  assert.deepEqual(shown, found.voters);
  const red = (await canvas()).filter((_, at) => at % 4 === 0);
  assert.deepEqual(red, found.image);
  return found;
}

test('the rows say how far the neighbours are, and by how much the winner leads', async () => {
  const said = await page.locator('#layers .hint').allInnerTexts();
  assert.equal(said.length, 7);
  assert.ok(said.every((words) => /^distances [\d.]+ to [\d.]+ · vote margin \d+ of 30$/.test(words)), said.join());
  const [near, far] = said[0].match(/[\d.]+/g).map(Number);
  const distances = await page.evaluate(() => [...window.pdepth.neighbors(0, 290).distances].map(Math.sqrt));
  assert.deepEqual([near, far], [distances[0], distances[29]].map((one) => Number(one.toFixed(3))));
  assert.match((await rows())[0], /confidence<\/dt><dd>(0\.\d{3}|1\.000)/);
});

test('each tool changes the picture, the rows follow, and reset gives the example back', async () => {
  const original = await rows();
  await page.click('#open-editor');
  const picture = await canvas();
  assert.equal(await edited(), null);
  const seen = new Set();
  for (const [name, value] of Object.entries({ rotation: 90, right: 6, down: -5, blur: 4, noise: 0.4, blend: 1 })) {
    await slide(name, value);
    const found = await follows();
    assert.notDeepEqual(await rows(), original, name);
    seen.add(found.image.join());
    await page.click('#reset');
    assert.equal(await edited(), null);
    assert.deepEqual(await rows(), original, name);
    assert.deepEqual(await canvas(), picture);
  }
  assert.equal(seen.size, 6);
  assert.equal(await page.inputValue('#edit-noise'), '0');
});

test('edits that change enough change the depth', async () => {
  const depths = new Set();
  for (const rotation of [-150, -120, -90, -60, -30, 30, 60, 90, 120, 150]) {
    await slide('rotation', rotation);
    depths.add((await follows()).depth);
  }
  assert.ok(depths.size > 1, [...depths].join());
  await page.click('#reset');
});

test('a whole blend is the other example, with its votes; a neighbour can be picked', async () => {
  const other = 400; // a test image: every training example may be its neighbour
  await page.fill('#edit-other', String(other));
  await slide('blend', 1);
  const found = await edited();
  const theirs = await page.evaluate((other) => [...window.pdepth.neighbors(0, other).examples], other);
  assert.deepEqual(found.voters.slice(0, 30), theirs);
  assert.equal(found.depth, await page.evaluate((other) => window.pdepth.depths[other], other));
  await page.click('#reset');
  await settled();
  await page.click('#pick');
  const neighbor = page.locator('.voter').nth(3);
  const example = await neighbor.getAttribute('data-example');
  await neighbor.click();
  assert.equal(await page.inputValue('#edit-other'), example);
  assert.equal(await page.innerText('#example-heading'), 'Example 290');
  assert.equal(await page.inputValue('#edit-blend'), '0.5');
  assert.ok(await follows());
  await page.click('#reset');
  await settled();
});

test('the mouse draws and erases, and strokes are undone', async () => {
  const picture = await canvas();
  await page.locator('#easel').scrollIntoViewIfNeeded();
  const box = await page.locator('#easel').boundingBox();
  const stroke = async () => {
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.5 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.5 * box.height, { steps: 6 });
    await page.mouse.up();
  };
  await stroke();
  const drawn = await follows();
  assert.ok(Array.from({ length: 16 }, (_, x) => drawn.image[14 * 28 + 6 + x]).every((value) => value === 255));
  await page.click('#erase');
  await stroke();
  const erased = await follows();
  assert.ok(Array.from({ length: 16 }, (_, x) => erased.image[14 * 28 + 6 + x]).every((value) => value === 0));
  await page.click('#undo');
  assert.deepEqual(await edited(), drawn);
  await page.click('#undo');
  assert.equal(await edited(), null);
  assert.deepEqual(await canvas(), picture);
  await page.click('#draw');
});

test('noise is the same for the same seed, and another for another', async () => {
  await slide('noise', 0.3);
  const first = await edited();
  await slide('noise', 0);
  await slide('noise', 0.3);
  assert.deepEqual(await edited(), first);
  await page.click('#seed');
  assert.notDeepEqual((await edited()).image, first.image);
  await page.click('#reset');
  await settled();
});

test('by keyboard alone, and the depth is read out', async () => {
  await page.locator('#open-editor').focus();
  const tabTo = async (id) => {
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement.id)) === id) return;
    }
    assert.fail(`Tab does not reach #${id}`);
  };
  await tabTo('easel');
  const brush = () => page.locator('#brush').evaluate(({ style }) => ['--x', '--y'].map((of) => Math.floor(style.getPropertyValue(of))));
  for (let press = 0; press < 28; press += 1) await page.keyboard.press('ArrowUp');
  for (let press = 0; press < 28; press += 1) await page.keyboard.press('ArrowLeft');
  assert.deepEqual(await brush(), [0, 0]);
  assert.equal(await edited(), null, 'moving the brush paints nothing');
  for (const key of ['ArrowDown', 'Space', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
  assert.deepEqual(await brush(), [2, 1]);
  const drawn = await follows();
  assert.deepEqual([0, 1, 2].map((x) => drawn.image[28 + x]), [255, 255, 255]);
  await page.waitForFunction(() => /^Depth .+, was .+\. The network says .+\.$/.test(document.getElementById('edited').textContent));
  await tabTo('undo');
  for (let stroke = 0; stroke < 3; stroke += 1) await page.keyboard.press('Enter');
  assert.equal(await edited(), null);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'reset');
  await page.waitForFunction(() => /as without edits/.test(document.getElementById('edited').textContent));
  await tabTo('edit-blur');
  for (let press = 0; press < 12; press += 1) await page.keyboard.press('ArrowRight');
  await follows();
  assert.equal(await page.inputValue('#edit-blur'), '1.2');
  await page.locator('#reset').focus();
  await page.keyboard.press('Enter');
  await settled();
});

test('of many edits at once the last is shown', async () => {
  const sums = await page.locator('#edit-right').evaluate(async (slider) => {
    for (let value = -14; value <= 7; value += 0.5) {
      slider.value = value;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    return slider.value;
  });
  assert.equal(sums, '7');
  const all = (await edited()).image;
  await page.click('#reset');
  await settled();
  await slide('right', 7);
  assert.deepEqual((await edited()).image, all);
  await page.click('#reset');
});

test('another example comes without the edits of the one before', async () => {
  await slide('blur', 3);
  await page.locator('.voter').first().click();
  assert.equal(await edited(), null);
  assert.equal(await page.inputValue('#edit-blur'), '0');
  assert.ok(await page.isVisible('#easel'), 'the editor stays open');
});

test('a study without its network has no editor, and says why', async () => {
  const study = withoutWeights(small('--representations'));
  const without = await open(browser, { study });
  assert.equal(await without.page.locator('#open-editor').count(), 0);
  assert.match(await without.page.innerText('#inspector'), /No editing: this study does not hold its network/);
  await without.close();
});

for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
  test(`the open editor, ${colorScheme}, ${width} pixels wide`, async () => {
    const viewport = { width, height: 900 };
    const other = await open(browser, { study: plain, colorScheme, viewport, reducedMotion: 'reduce' });
    await other.page.click('#open-editor');
    await other.page.locator('#edit-blur').focus();
    await other.page.keyboard.press('PageUp');
    assert.ok(await edited(other.page));
    assert.equal(await other.page.evaluate(() => document.documentElement.scrollWidth), width);
    // After redrawing, the editor keeps the edits and the focus.
    const before = await edited(other.page);
    const drawn = await other.page.$('#facts');
    await other.page.setViewportSize({ width: width - 20, height: 900 });
    await other.page.waitForFunction((drawn) => !drawn.isConnected, drawn);
    assert.deepEqual(await edited(other.page), before);
    assert.equal(await other.page.evaluate(() => document.activeElement.id), 'edit-blur');
    assert.equal(await other.page.inputValue('#edit-blur'), '0.5');
    await other.page.setViewportSize({ width, height: 900 });
    await other.page.addScriptTag({ path: axe });
    const { violations } = await other.page.evaluate(() => window.axe.run());
    const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), []);
    if (process.env.SCREENSHOTS) {
      await other.page.locator('#inspector').screenshot({ path: `${process.env.SCREENSHOTS}/editor-${colorScheme}.png` });
    }
    await other.close();
  });
}

test('the address keeps the edits, so that they can be sent, taken back and come again', async () => {
  await page.click('#reset');
  await page.evaluate(() => document.getElementById('easel').scrollIntoView({ block: 'center' }));
  const easel = await page.locator('#easel').boundingBox();
  await page.mouse.move(easel.x + 31, easel.y + 40.5);
  await page.mouse.down();
  await page.mouse.move(easel.x + 90.25, easel.y + 77, { steps: 5 });
  await page.mouse.up();
  for (const [name, value] of Object.entries({ rotation: -20, blur: 0.7, noise: 0.12, blend: 0.35 })) await slide(name, value);
  const here = await edited();
  await page.waitForFunction(() => /edit=.*blend:0\.35.*draw:/.test(location.hash));
  const hash = await page.evaluate(() => location.hash);
  const other = await open(browser, { study: plain, query: `?device=cpu${hash}` });
  assert.ok(await other.page.isVisible('#easel'), 'the editor is open');
  await other.page.waitForFunction(() => window.pdepth.edited);
  assert.deepEqual(await edited(other.page), here);
  assert.equal(await other.page.inputValue('#edit-rotation'), '-20');
  // A selection is a step of its own; going back restores the edits.
  await other.page.locator('#images button').first().click();
  await other.page.waitForFunction(() => !location.hash.includes('edit='));
  await other.page.click('#step-back');
  await other.page.waitForFunction(() => location.hash.includes('edit=') && window.pdepth.edited);
  assert.deepEqual(await edited(other.page), here);
  await other.close();
});

test('edits in an address work where the inspector is hidden', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu&hide=inspector#example=3&edit=rotation:90' });
  await page.waitForFunction(() => window.pdepth.edited);
  assert.equal(await page.innerText('[role=alert]'), '');
  await close();
});
