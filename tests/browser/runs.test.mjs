// Run folders that are dropped or picked: their study opens, with what was measured at the checkpoints.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pdepth-runs-'));
const run = join(folder, 'mine');
const pdepth = (...words) => execFileSync(process.env.PDEPTH, words, { stdio: ['ignore', 'ignore', 'inherit'] });
let browser;
before(async () => {
  pdepth('run', '--quiet', '--device', 'cpu', '--examples', '300', '--epochs', '4', '--out', run);
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const section = '#over-training';
const title = (page) => page.innerText('#title');

test('a run folder opens its study, and without checkpoints nothing is said of them', async () => {
  const { page, close } = await open(browser, { wait: false });
  await page.waitForSelector('#main:not([hidden])');
  assert.ok(await page.isHidden(section));
  await page.setInputFiles('#folder', run);
  await page.waitForFunction(() => document.querySelector('#title').textContent.includes('300') || document.querySelector('#about').textContent.startsWith('8'));
  assert.ok(await page.isHidden('#alert'));
  assert.ok(await page.isHidden(section));
  await close();
});

test('the figures of the checkpoints follow the split, and another study has none', async () => {
  pdepth('checkpoints', run, '--split', 'train,validation', '--quiet', '--device', 'cpu');
  const { page, close, errors } = await open(browser, { wait: false });
  await page.waitForSelector('#main:not([hidden])');
  const before = await title(page);
  await page.setInputFiles('#folder', run);
  await page.waitForSelector(`${section}:not([hidden]) #over-training-depths .cell`);
  assert.notEqual(await title(page), before);
  const steps = await page.locator('#over-training-settling [data-layer="0"]').count();
  assert.ok(steps > 5, `${steps} checkpoints`);
  assert.match(await page.innerText('#over-training-hint'), new RegExp(`training split, measured at ${steps} checkpoints`));
  await page.selectOption('#split', 'validation');
  assert.match(await page.innerText('#over-training-hint'), /validation split, measured/);
  await page.selectOption('#split', 'test');
  assert.match(await page.innerText('#over-training-hint'), /test split was not measured/);
  assert.equal(await page.locator('#over-training-depths .cell').count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
  await page.setInputFiles('#file', join(run, 'study.safetensors'));
  await page.waitForFunction(() => document.querySelector('#over-training').hidden);
  assert.deepEqual(errors ?? [], []);
  await close();
});

test('a table of another run is left out and said, and a run without a study says what to do', async () => {
  writeFileSync(join(run, 'checkpoints.csv'), 'step,split,examples\n0,train,3\n');
  const { page, close } = await open(browser, { wait: false });
  await page.waitForSelector('#main:not([hidden])');
  await page.setInputFiles('#folder', run);
  await page.waitForSelector('#alert:not([hidden])');
  assert.match(await page.innerText('#alert'), /checkpoints.csv is left out: .*no column/);
  assert.ok(await page.isHidden(section));
  const trained = join(folder, 'trained');
  pdepth('train', '--quiet', '--device', 'cpu', '--examples', '100', '--epochs', '1', '--out', trained);
  await page.setInputFiles('#folder', trained);
  await page.waitForFunction(() => document.querySelector('#alert').textContent.includes('pdepth measure trained'));
  await close();
});
