// One selection in all views: made, shared, undone, saved.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { numbers, small, withEnsemble } from './studies.mjs';

const plain = small();
const labels = numbers(plain, 'given_label');
const depths = numbers(plain, 'depth');
// Validation depths 0, 1, ... 7 repeat; training depths are those of the file. The last example was never held out.
const validation = labels.map((_, example) => (example === labels.length - 1 ? NaN : example % 8));
// Depths above 3 are high. Numbers of kinds: 2 for high validation depth, plus 1 for high training depth.
const kind = validation.map((high, example) => 2 * (high > 3) + (depths[example] > 3) + 0 * high);
const ensemble = withEnsemble(plain, { depth_validation: validation, depth_train: depths, kind });
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const shown = (page) => page.evaluate(() => [...window.pdepth.selection]);
const hash = (page) => page.evaluate(() => location.hash);
const pressed = (page) => page.locator('#depths [aria-pressed=true] b').allInnerTexts();

/** Returns the examples of the training split for which this holds. */
async function training(page, holds) {
  await page.selectOption('#split', 'train');
  const all = numbers(plain, 'given_label').map((_, example) => example);
  const count = Number((await page.locator('#split option[value=train]').innerText()).match(/\d+/)[0]);
  const found = all.filter(holds);
  return { found, count };
}

async function drag(page, from, to) {
  const [a, b] = await Promise.all([from.boundingBox(), to.boundingBox()]);
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 4 });
  await page.mouse.up();
}

test('dragging over the histogram selects a range of depths in all views', async () => {
  const { page, close } = await open(browser, { study: plain });
  const bar = (depth) => page.locator(`.bar[data-depth="${depth}"][data-series=training]`);
  await bar(2).scrollIntoViewIfNeeded();
  await drag(page, bar(2), bar(4));
  assert.equal(await hash(page).then((hash) => hash.split('&')[0]), '#depth=2-4');
  assert.deepEqual(await pressed(page), ['2', '3', '4']);
  assert.equal(await page.locator('.bar.chosen').count(), 3);
  assert.ok(await page.locator('#strip-dim path').count());
  for (const example of await shown(page)) assert.ok(depths[example] >= 2 && depths[example] <= 4);
  assert.match(await page.innerText('#selected'), /^\d+ of 270 training examples selected/);
  await page.click('#step-back');
  await page.waitForFunction(() => !location.hash.includes('depth='));
  assert.deepEqual(await pressed(page), ['all']);
  assert.equal(await page.locator('#strip-dim path').count(), 0);
  await close();
});

test('by keyboard: a depth, with Shift a range, and Ctrl+Z takes it back', async () => {
  const { page, close } = await open(browser, { study: plain });
  const chip = (name) => page.getByRole('button', { name: new RegExp(`^depth ${name} `) });
  await chip(5).focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await pressed(page), ['5']);
  await chip(3).focus();
  await page.keyboard.press('Shift+Enter');
  assert.deepEqual(await pressed(page), ['3', '4', '5']);
  assert.ok(await chip(3).evaluate((one) => one === document.activeElement));
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => document.querySelectorAll('#depths [aria-pressed=true]').length === 1);
  assert.deepEqual(await pressed(page), ['5']);
  await chip(5).focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await pressed(page), ['all']);
  await close();
});

test('a class is selected, and with it a depth; the address keeps both', async () => {
  const { page, close } = await open(browser, { study: plain });
  await page.selectOption('#class', '3');
  await page.getByRole('button', { name: /^depth 0 / }).click();
  const found = await shown(page);
  assert.ok(found.length > 0 && found.every((example) => labels[example] === 3 && depths[example] === 0));
  const address = await hash(page);
  assert.match(address, /depth=0&class=3/);
  await close();
  const again = await open(browser, { study: plain, query: `?device=cpu${address}` });
  assert.deepEqual(await shown(again.page), found);
  assert.equal(await again.page.inputValue('#class'), '3');
  await again.page.click('#clear');
  assert.ok((await shown(again.page)).length > found.length);
  await again.close();
});

test('a selection without examples says so, and how to go on', async () => {
  // Easy examples have training depths of at most 3.
  const { page, close } = await open(browser, { study: ensemble, query: '?device=cpu#depth=5-6&kind=easy' });
  assert.match(await page.innerText('#selected'), /^No example meets all conditions of the selection/);
  await page.click('#clear');
  assert.match(await page.innerText('#selected'), /^All /);
  await close();
});

test('the map of validation and training depth is there for ensembles, and selects', async () => {
  const without = await open(browser, { study: plain });
  assert.ok(await without.page.isHidden('#map-section'));
  await without.close();
  const { page, close } = await open(browser, { study: ensemble });
  assert.ok(await page.isVisible('#map-plot svg'));
  for (const corner of ['easy', 'looks like a different class', 'ambiguous unless labelled', 'ambiguous']) {
    assert.ok(await page.locator('#map-plot text', { hasText: new RegExp(`^${corner}$`) }).count(), corner);
  }
  const chip = page.getByRole('button', { name: /^looks like a different class/ });
  await chip.focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.isVisible('#map-marker'));
  assert.match(await hash(page), /kind=looks-like-a-different-class/);
  const corner = await shown(page);
  const { found } = await training(page, (example) => kind[example] === 1);
  assert.ok(corner.length > 0 && corner.every((example) => found.includes(example)));
  assert.equal(Number((await chip.innerText()).match(/[\d,]+$/)[0].replace(',', '')), found.length);
  await chip.click();
  assert.ok(await page.isHidden('#map-marker'));
  const cell = (across, up) => page.locator(`.cell[data-across="${across}"][data-up="${up}"] rect`);
  await cell(0, 0).scrollIntoViewIfNeeded();
  await drag(page, cell(0, 0), cell(4, 0));
  assert.match(await hash(page), /map=0,4,0,0/);
  for (const example of await shown(page)) assert.ok(validation[example] <= 2 && depths[example] === 0);
  await close();
});

test('the selection and the figures are saved', async () => {
  const { page, close } = await open(browser, { study: plain });
  await page.getByRole('button', { name: /^depth 0 / }).click();
  const save = async (what) => {
    await page.selectOption('#save-what', what);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  const count = Number((await page.innerText('#selected')).split(' ')[0]);
  const csv = (await save('csv')).bytes.toString().trim().split('\n');
  assert.match(csv[0], /^split,id,name,label_name,label,given_label,predicted,given_label_name,predicted_name,depth,/);
  assert.equal(csv.length, count + 1);
  assert.ok(csv.slice(1).every((line) => line.startsWith('train,') && line.split(',')[9] === '0'));
  const rows = JSON.parse((await save('json')).bytes);
  assert.deepEqual(rows.map((row) => row.id), csv.slice(1).map((line) => Number(line.split(',')[1])));
  assert.equal(rows[0].probes.length, 7);
  const study = await save('study');
  assert.equal(study.name, 'study.safetensors');
  assert.deepEqual(numbers(study.bytes, 'depth'), depths);
  for (const [figure, title] of [['strip', /<svg/], ['histogram', /Prediction depth: how many/], ['accuracy', /probe/]]) {
    const vector = await save(`${figure}.svg`);
    assert.match(vector.bytes.toString(), title);
    const picture = await save(`${figure}.png`);
    assert.equal(picture.name, `${figure}.png`);
    // Twice as many pixels as on the page, in more than one colour.
    const seen = await page.locator(`#${figure} svg`).first().boundingBox();
    assert.equal(picture.bytes.toString('latin1', 1, 4), 'PNG');
    assert.ok(Math.abs(picture.bytes.readUInt32BE(16) - 2 * seen.width) <= 2, `${picture.bytes.readUInt32BE(16)} pixels wide`);
    const colours = await page.evaluate(async (data) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))]));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context.drawImage(image, 0, 0);
      const { data: bytes } = context.getImageData(0, 0, image.width, image.height);
      return [new Set(new Uint32Array(bytes.buffer)).size, bytes.slice(0, 4).join()];
    }, picture.bytes.toString('base64'));
    assert.ok(colours[0] > 10, `${colours[0]} colours`);
    assert.equal(colours[1], '255,255,255,255');
  }
  assert.ok(await page.locator('#save-what [value="map.png"]').isHidden());
  await close();
});

test('undo and redo go along the selections, and no further', async () => {
  const { page, close } = await open(browser, { study: plain });
  const enabled = async () => [await page.isEnabled('#step-back'), await page.isEnabled('#step-forward')];
  const arrives = (words) => page.waitForFunction((words) => document.querySelector('#depths [aria-pressed=true] b').textContent === words, words);
  assert.deepEqual(await enabled(), [false, false]);
  await page.keyboard.press('Control+z'); // must not leave the page
  for (const depth of [0, 1]) await page.getByRole('button', { name: new RegExp(`^depth ${depth} `) }).click();
  assert.deepEqual(await enabled(), [true, false]);
  await page.click('#step-back');
  await arrives('0');
  assert.deepEqual(await enabled(), [true, true]);
  await page.keyboard.press('Control+z');
  await arrives('all');
  assert.deepEqual(await enabled(), [false, true]);
  await page.click('#step-forward');
  await arrives('0');
  await page.keyboard.press('Control+Shift+z');
  await arrives('1');
  assert.deepEqual(await enabled(), [true, false]);
  await page.keyboard.press('Control+z');
  await arrives('0');
  await page.getByRole('button', { name: /^depth 2 / }).click();
  assert.deepEqual(await enabled(), [true, false], 'another way was taken');
  await page.reload();
  await page.waitForFunction(() => window.pdepth?.selection.length > 0);
  assert.deepEqual(await enabled(), [true, false], 'loaded again, it knows the way back');
  await page.click('#step-back');
  await arrives('0');
  await close();
});

test('figures and selection as tables', async () => {
  const { page, close } = await open(browser, { study: ensemble });
  const table = (id) => page.locator(`#${id} tr`).evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  for (const id of ['strip-table', 'histogram-table', 'accuracy-table']) await page.click(`#${id} summary`);
  await page.waitForFunction(() => document.querySelectorAll('#accuracy-table tr').length > 0);
  const [head, ...counts] = await table('histogram-table');
  assert.deepEqual(head, ['depth', 'training examples', 'validation examples', 'test examples']);
  const summed = counts.reduce((sum, [, training]) => sum + Number(training), 0);
  assert.equal(summed, 270);
  assert.equal(counts.at(-1)[0], 'undetermined');
  assert.match((await table('accuracy-table'))[1].join(), /^input,\d+\.\d %/);
  await page.getByRole('button', { name: /^depth 0 / }).click();
  const order = await shown(page);
  let rows = await table('strip-table');
  assert.deepEqual(rows[0].slice(0, 7), ['example', 'label', 'network', 'depth', 'validation depth', 'training depth', 'probe of input']);
  assert.deepEqual(rows.slice(1).map((row) => Number(row[0])), order.slice(0, 100));
  assert.ok(order.length > 100, `${order.length} examples`);
  await page.locator('#strip-table').getByRole('button', { name: /^More/ }).click();
  rows = await table('strip-table');
  assert.deepEqual(rows.slice(1).map((row) => Number(row[0])), order.slice(0, 200));
  await page.keyboard.press('Enter'); // the first of the new rows has the focus
  assert.equal(await page.innerText('#example-heading'), `Example ${order[100]}`);
  await close();
});

test('the strip is ordered by kind of difficulty where there are kinds', async () => {
  const { page, close } = await open(browser, { study: ensemble });
  await page.selectOption('#order', 'kind');
  assert.match(await hash(page), /order=kind/);
  const kinds = [];
  await page.focus('#strip');
  await page.keyboard.press('Home');
  for (let column = 0; column < 270; column += 25) {
    const example = Number((await page.innerText('#example-heading')).split(' ')[1]);
    kinds.push(kind[example]);
    await page.keyboard.press('PageUp'); // to the right
  }
  assert.deepEqual(kinds, kinds.toSorted());
  assert.ok(new Set(kinds).size > 1);
  await close();
});
