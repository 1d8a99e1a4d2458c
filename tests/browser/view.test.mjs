// The views, and their reaction to clicks and keys.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, results } from './browser.mjs';
import { bytes, classes, numbers, small } from './studies.mjs';

const plain = small();
const names = classes(plain);
const given = numbers(plain, 'given_label');
let browser, page, close;

before(async () => {
  browser = await launch();
  ({ page, close } = await open(browser, { study: plain }));
});
after(async () => {
  await close();
  await browser.close();
});

const heading = () => page.innerText('#example-heading');
const shown = async () => Number((await heading()).match(/^Example (\d+)$/)[1]);
const slider = (attribute) => page.getAttribute('#strip', attribute);
const focused = (of) => page.evaluate((of) => document.activeElement.matches(of), of);

test('a click on the strip selects the example of that column', async () => {
  const { depths } = await results(page);
  const columns = Number(await slider('aria-valuemax'));
  assert.equal(columns, 270);
  // In the units of this group a column is 1 wide and a row 1 high.
  const cells = await page.locator('#strip-plot g.probes').evaluate((group) => {
    const { a, d, e, f } = group.getScreenCTM();
    return { x: e, y: f + 3 * d, column: a };
  });
  let last = 0;
  for (const column of [1, 5, 80, 160, 240, 269, columns]) {
    const x = Math.round(cells.x + (column - 0.5) * cells.column);
    await page.mouse.click(x, cells.y);
    const example = await shown();
    assert.equal(Number(await slider('aria-valuenow')), column);
    assert.match(await slider('aria-valuetext'), new RegExp(`^example ${example}, labelled ${names[given[example]]}`));
    assert.ok(depths[example] >= last, 'columns go from shallow to deep');
    last = depths[example];
    const marker = await page.locator('#marker').boundingBox();
    assert.ok(Math.abs(marker.x - x) < 4, 'the marker is where the click was');
  }
});

test('a click on a bar, or on a depth’s button, filters the images', async () => {
  const { depths } = await results(page);
  const only = async () => {
    const examples = await page.evaluate(() => [...window.pdepth.selection]);
    return [...new Set(examples.map((example) => depths[example]))];
  };
  const pressed = () => page.locator('#depths [aria-pressed=true] b').innerText();
  assert.ok((await only()).length > 1);
  await page.locator('.bar[data-series=training][data-depth="1"]').click();
  assert.deepEqual([await pressed(), await only()], ['1', [1]]);
  assert.match(page.url(), /depth=1/);
  await page.locator('#depths button', { hasText: 'undetermined' }).focus();
  await page.getByRole('button', { name: /^depth 0 / }).click();
  assert.deepEqual([await pressed(), await only()], ['0', [0]]);
  assert.ok(await focused('#depths button[aria-pressed=true]'));
  await page.locator('.bar[data-series=validation][data-depth="0"]').click();
  assert.equal(await page.inputValue('#split'), 'validation');
  await page.locator('.bar[data-series=validation][data-depth="0"]').click();
  assert.equal(await pressed(), 'all');
  await page.selectOption('#split', 'train');
  assert.ok((await only()).length > 1);
});

/** Scrolls the grid from top to bottom and returns its content in order: [[example, whether it is marked as flipped]]. */
function seen(page) {
  return page.evaluate(async () => {
    const box = document.getElementById('images');
    const found = new Map();
    for (let top = 0; ; top += box.clientHeight / 2) {
      box.scrollTop = top;
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const buttons = [...box.querySelectorAll('button')];
      for (const one of buttons) {
        const { x, y } = one.getBoundingClientRect();
        found.set(Number(one.dataset.example), { x, y: y + box.scrollTop, flipped: one.classList.contains('flipped') });
      }
      if (top >= box.scrollHeight) break;
    }
    box.scrollTop = 0;
    const order = [...found].sort(([, a], [, b]) => a.y - b.y || a.x - b.x);
    return order.map(([example, { flipped }]) => [example, flipped]);
  });
}

test('the images are sorted from deep to shallow; all are there when they are scrolled to', async () => {
  const labels = numbers(plain, 'labels');
  const expected = await page.evaluate(() => [...window.pdepth.selection]);
  assert.equal(expected.length, 270);
  const { depths } = await results(page);
  assert.ok(expected.every((example, place) => place === 0 || depths[example] <= depths[expected[place - 1]]));
  assert.deepEqual(await seen(page), expected.map((example) => [example, labels[example] !== given[example]]));
  assert.ok(expected.some((example) => labels[example] !== given[example]));
});

test('the images by keyboard: one stop for the Tab key, arrows and pages, out of sight and back', async () => {
  const order = await page.evaluate(() => [...window.pdepth.selection]);
  const active = () => page.evaluate(() => Number(document.activeElement.dataset.example));
  assert.equal(await page.locator('#images [tabindex="0"]').count(), 1);
  await page.locator('#images [tabindex="0"]').focus();
  await page.keyboard.press('Home');
  assert.equal(await active(), order[0]);
  await page.keyboard.press('End');
  assert.equal(await active(), order.at(-1));
  assert.ok(await page.locator(':focus').evaluate((one) => {
    const [inner, outer] = [one, one.closest('#images')].map((element) => element.getBoundingClientRect());
    return inner.top >= outer.top && inner.bottom <= outer.bottom;
  }), 'it is in sight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await active(), order.at(-1), 'the last stays the last');
  for (const key of ['ArrowLeft', 'PageUp', 'PageUp', 'PageUp', 'PageUp', 'PageUp', 'PageUp', 'PageUp']) await page.keyboard.press(key);
  assert.ok(order.indexOf(await active()) < 30);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  assert.equal(await active(), order[0]);
  await page.evaluate(() => (document.getElementById('images').scrollTop = 1e6));
  await page.waitForFunction(() => document.getElementById('images').scrollTop > 0);
  assert.equal(await active(), order[0], 'what has the focus keeps it');
  await page.evaluate(() => (document.getElementById('images').scrollTop = 0));
});

test('every picture is the example that it stands for', async () => {
  await page.locator('#images button').nth(4).click();
  await page.waitForFunction(() => [...document.querySelectorAll('.thumb')].every((one) => one.style.backgroundImage));
  // Read columns, x and y as the style sheet lays them out from the rendered picture, and compare with the study's
  // pixels.
  const shown = await page.evaluate(async () => {
    const read = async (one) => {
      const image = await createImageBitmap(await (await fetch(one.style.backgroundImage.slice(5, -2))).blob());
      const at = (name) => Number(one.style.getPropertyValue(name));
      const side = image.width / at('--columns');
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(at('--x') * side, at('--y') * side, side, side);
      return [Number(one.dataset.example), [...data].filter((_, place) => place % 4 === 0)];
    };
    return Promise.all([...document.querySelectorAll('[data-example].thumb')].slice(0, 60).map(read));
  });
  const pixels = bytes(plain, 'images');
  for (const [example, image] of shown) {
    assert.deepEqual(image, [...pixels.subarray(784 * example, 784 * (example + 1))], `example ${example}`);
  }
});

test('a click on an image shows its votes; a click on a neighbour shows the neighbour', async () => {
  const image = page.locator('#images button').nth(7);
  const example = Number(await image.getAttribute('data-example'));
  assert.match(await image.getAttribute('aria-label'), /^example \d+, labelled .+, predicted .+, depth (\d|undetermined)/);
  await image.click();
  assert.equal(await shown(), example);
  assert.equal(await image.getAttribute('aria-current'), 'true');
  const { neighbors, probes, depths } = await results(page, { neighbors: true });
  const rows = page.locator('.layers li');
  assert.equal(await rows.count(), probes.length);
  for (const layer of probes.keys()) {
    const row = rows.nth(layer);
    const voters = neighbors[layer][example].examples;
    const won = voters.filter((voter) => given[voter] === probes[layer][example]);
    const said = await row.locator('.votes').innerText();
    assert.ok(said.startsWith(`${names[probes[layer][example]]} ${won.length}`), said);
    const ids = (of) => row.locator(of).evaluateAll((all) => all.map((one) => Number(one.dataset.example)));
    assert.deepEqual(await ids('.voter'), voters);
    assert.deepEqual(await ids('.voter.won'), won);
  }
  const settled = page.locator('.layers li.settles');
  assert.equal(await settled.count(), depths[example] < probes.length ? 1 : 0);

  const neighbor = rows.nth(3).locator('.voter').nth(11);
  const next = Number(await neighbor.getAttribute('data-example'));
  await neighbor.click();
  assert.equal(await shown(), next);
  assert.ok(await focused('#example-heading'));
  await page.goBack();
  assert.equal(await shown(), example);
});

test('the keyboard alone reaches a strip’s example, an image and a neighbour', async () => {
  const tabTo = async (of) => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if (await focused(of)) return;
    }
    assert.fail(`Tab does not reach ${of}`);
  };
  await page.locator('#open').focus();
  await tabTo('#strip');
  await page.keyboard.press('Home');
  assert.equal(await slider('aria-valuenow'), '1');
  for (const key of ['ArrowRight', 'ArrowRight', 'PageUp', 'ArrowLeft']) await page.keyboard.press(key);
  assert.equal(await slider('aria-valuenow'), '27');
  await page.keyboard.press('End');
  assert.equal(await slider('aria-valuenow'), await slider('aria-valuemax'));

  await tabTo('.voter');
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
  const rank = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.match(rank, /^neighbour 2: example \d+/);
  await page.keyboard.press('Enter');
  assert.equal(await shown(), Number(rank.match(/example (\d+)/)[1]));

  await tabTo('#depths button');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#depths [aria-pressed=true] b').innerText(), '0');
  await tabTo('#images button');
  await page.keyboard.press('ArrowDown');
  const example = await page.evaluate(() => Number(document.activeElement.dataset.example));
  await page.keyboard.press('Space');
  assert.equal(await shown(), example);
});

test('the address keeps the view', async () => {
  const query = '?device=cpu#split=test&order=class&depth=0&example=5';
  const other = await open(browser, { study: plain, query });
  assert.equal(await other.page.inputValue('#split'), 'test');
  assert.equal(await other.page.inputValue('#order'), 'class');
  assert.equal(await other.page.innerText('#example-heading'), 'Example 5');
  assert.equal(await other.page.locator('#depths [aria-pressed=true] b').innerText(), '0');
  assert.ok(await other.page.isHidden('#marker'), 'the example is of another split');
  await other.close();
});

test('accuracies of the probes and of the network', async () => {
  const title = () => page.locator('#accuracy svg > title').textContent();
  assert.match(await title(), /probe at each layer/);
  await page.selectOption('#accuracy-of', 'depths');
  assert.match(await title(), /network by prediction depth/);
});
