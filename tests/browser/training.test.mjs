// Training a network in the page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { small } from './studies.mjs';

const plain = small();
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const state = (page) => page.evaluate(() => window.pdepth.state);
const until = (page, wanted) => page.waitForFunction((wanted) => window.pdepth.state === wanted, wanted);
const lesson = (page) => page.innerText('#lesson');
const step = async (page) => Number(/^step ([\d,]+) of/.exec(await lesson(page))[1].replaceAll(',', ''));

/** Fills in the form and starts the training. */
async function train(page, numbers) {
  for (const [name, value] of Object.entries(numbers)) await page.fill(`#plan-${name}`, String(value));
  await page.click('#train');
}

test('figures grow while it trains, and at the end the network is measured', async () => {
  const { page, close } = await open(browser, { study: plain });
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver(() => window.seen.push(document.getElementById('lesson').textContent)).observe(
      document.getElementById('lesson'),
      { childList: true },
    );
  });
  await train(page, { depth: 2, width: 24, epochs: 12 });
  await until(page, 'training');
  await until(page, 'measured');
  const seen = await page.evaluate(() => window.seen.filter(Boolean));
  assert.ok(seen.length >= 2, `${seen.length} glances`);
  assert.match(seen[0], /^step 0 of /);
  const [, last, all] = /^step ([\d,]+) of ([\d,]+) · loss [\d.]+ · accuracy: training ([\d.]+) %/.exec(seen.at(-1));
  assert.equal(last, all);
  assert.deepEqual(await page.evaluate(() => window.pdepth.layers), ['input', 'hidden1', 'hidden2', 'softmax']);
  assert.match(await page.innerText('#title'), /An MLP 2x24, seed 0, trained in this page, 5 % of labels flipped/);
  assert.ok(await page.isVisible('#learned svg'));
  assert.ok((await page.locator('.voter').count()) > 0, 'the neighbours are those of the new network');
  const { depths, stored } = await page.evaluate(() => ({
    depths: [...window.pdepth.depths],
    stored: [...window.pdepth.storedDepths],
  }));
  assert.deepEqual(depths, stored);
  assert.ok(new Set(depths).size > 1);
  await page.click('#back');
  await page.waitForFunction(() => window.pdepth.layers.length === 7 && window.pdepth.state === 'measured');
  assert.ok(await page.isHidden('#back'));
  await close();
});

test('it pauses, takes one epoch, goes on, and stops', async () => {
  const { page, close } = await open(browser, { study: plain });
  await train(page, { depth: 3, width: 256, epochs: 1000 });
  await page.waitForFunction(() => document.getElementById('lesson').textContent !== '');
  await page.click('#pause');
  await until(page, 'paused'); // once the training says so: what is shown is all that it did
  const [paused, all] = [await step(page), Number(/of ([\d,]+)/.exec(await lesson(page))[1].replaceAll(',', ''))];
  const epoch = all / 1000;
  await page.click('#epoch');
  assert.equal(await state(page), 'training');
  await until(page, 'paused');
  const after = await step(page);
  assert.equal(after, epoch * (Math.floor(paused / epoch) + 1), `to the end of an epoch of ${epoch} steps, from ${paused}`);
  const text = await lesson(page);
  await page.click('#pause');
  await until(page, 'training');
  await page.waitForFunction((text) => document.getElementById('lesson').textContent !== text, text);
  assert.ok((await step(page)) > after);
  assert.doesNotMatch(await page.innerText('#title'), /stopped/);
  await page.click('#stop');
  await until(page, 'measured');
  assert.ok(await page.isHidden('#pause'));
  const [last] = /step [\d,]+ of [\d,]+/.exec(await lesson(page));
  assert.ok((await page.innerText('#title')).endsWith(`, stopped at ${last}`), await page.innerText('#title'));
  assert.match(await page.innerText('#status'), /^Stopped/);
  await close();
});

test('only the chosen classes take part; equal numbers give equal networks', async () => {
  const { page, close } = await open(browser, { study: plain });
  for (const box of (await page.locator('#plan-classes input').all()).slice(3)) await box.uncheck();
  const found = [];
  for (let run = 0; run < 2; run++) {
    await train(page, { depth: 1, width: 8, epochs: 2, seed: 5 });
    await until(page, 'training');
    await until(page, 'measured');
    found.push(await page.evaluate(() => [...window.pdepth.depths, ...window.pdepth.predictions]));
  }
  assert.deepEqual(found[0], found[1]);
  const classes = await page.evaluate(() => new Set(window.pdepth.predictions).size);
  assert.ok(classes <= 3);
  await close();
});

test('numbers that make no network are refused in words', async () => {
  const { page, close } = await open(browser, { study: plain });
  for (const box of await page.locator('#plan-classes input').all()) await box.uncheck();
  await page.click('#train');
  await page.waitForFunction(() => /classes/.test(document.querySelector('[role=alert]').textContent));
  assert.match(await page.innerText('#training-alert'), /classes/, 'beside the button, too');
  assert.match(await page.innerText('#title'), /MLP|Fashion/);
  await page.fill('#plan-depth', '0');
  await page.click('#train');
  assert.ok(await page.evaluate(() => !document.getElementById('plan').checkValidity()), 'the form says so itself');
  await close();
});

test('the page asks before it is left in the middle of a training, and only then', async () => {
  for (const trains of [false, true]) {
    const { page, close } = await open(browser, { study: plain });
    await page.click('#strip');
    if (trains) {
      await train(page, { depth: 3, width: 256, epochs: 1000 });
      await page.waitForFunction(() => document.getElementById('lesson').textContent !== '');
    }
    let asked = 0;
    page.on('dialog', (dialog) => ((asked += 1), dialog.accept()));
    await page.reload();
    assert.equal(asked, trains ? 1 : 0);
    await close();
  }
});

test('another study ends the training', async () => {
  const { page, close } = await open(browser, { study: plain });
  await train(page, { depth: 3, width: 256, epochs: 1000 });
  await page.waitForFunction(() => document.getElementById('lesson').textContent !== '');
  await page.setInputFiles('#file', { name: 'again.safetensors', mimeType: 'application/octet-stream', buffer: plain });
  await page.waitForFunction(() => window.pdepth.layers.length === 7 && window.pdepth.state === 'measured');
  assert.ok(await page.isHidden('#pause'));
  assert.equal(await lesson(page), '');
  await close();
});

test('own data: no label is flipped unasked, and after a failed training the next one is on them', async () => {
  const { page, close } = await open(browser, { study: plain });
  assert.equal(await page.inputValue('#plan-noise'), '5');
  const rows = Array.from({ length: 40 }, (_, row) => `${row % 2 ? 'odd' : 'even'},${row % 2},${row / 7},${(row * row) % 11}`);
  await page.fill('#plan-epochs', '1');
  await page.fill('#plan-k', '300');
  const csv = Buffer.from(['label,a,b,c', ...rows].join('\n'));
  await page.setInputFiles('#file', { name: 'mine.csv', mimeType: 'text/csv', buffer: csv });
  await page.waitForFunction(() => /k = 300/.test(document.querySelector('[role=alert]').textContent));
  assert.match(await page.innerText('#about'), /800 examples/, 'the open study stays');
  assert.equal(await page.inputValue('#plan-noise'), '0');
  await train(page, { k: 3 });
  await page.waitForFunction(() => /^step 1 of 1/.test(document.getElementById('lesson').textContent));
  await until(page, 'measured');
  assert.match(await page.innerText('#about'), /40 examples/);
  assert.doesNotMatch(await page.innerText('#title'), /flipped/);
  await close();
});
