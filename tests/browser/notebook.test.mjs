// The page as the Python package shows it in a notebook: in a frame without an address, without network.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ended, launch } from './browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pdepth-notebook-'));
let browser, shown;
before(async () => {
  browser = await launch({ webgpu: false });
  const [single, built] = [join(folder, 'page.html'), join(process.env.PDEPTH, '..')];
  execFileSync(process.env.PDEPTH, ['export', '--page', process.env.PAGE_DIST, '--out', single]);
  cpSync('native/python/python/prediction_depth', join(folder, 'prediction_depth'), { recursive: true });
  copyFileSync(join(built, 'libprediction_depth_python.so'), join(folder, 'prediction_depth/_core.abi3.so'));
  const options = { env: { ...process.env, PYTHONPATH: folder }, maxBuffer: 1e8 };
  shown = JSON.parse(execFileSync('/usr/bin/python3', ['tests/browser/notebook.py', single], options));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page without an address, and records errors and requests. */
async function tab(html) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  const heard = [];
  page.on('console', (message) => message.type() === 'error' && heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('request', (request) => /^(blob|data):/.test(request.url()) || heard.push(request.url()));
  await page.setContent(html);
  return { page, heard };
}

async function frameOf(page) {
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  assert.equal(await ended(frame), 'measured');
  return frame;
}

test('an output cell shows the measured study', async () => {
  const { page, heard } = await tab(shown.static);
  const frame = await frameOf(page);
  assert.deepEqual(await frame.evaluate(() => [...window.pdepth.depths].slice(0, 200)), shown.depth);
  assert.ok(await frame.isVisible('#strip'));
  assert.ok(!(await frame.isVisible('.training')), 'as in any frame, only the result is shown');
  await frame.getByRole('button', { name: /^depth 1 / }).click();
  assert.ok((await frame.locator('.bar.chosen').count()) > 0);
  assert.deepEqual(heard, []);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/output-cell.png` });
  await page.close();
});

test('a widget reports what is selected', async () => {
  const { page, heard } = await tab('<!doctype html><div id="cell"></div>');
  await page.evaluate(async ({ module, page }) => {
    const { default: widget } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
    window.state = { page, height: 700, selected: {} };
    const model = { get: (name) => state[name], set: (name, value) => (state[name] = value), save_changes: () => (window.saved = { ...state }) };
    window.close = widget.render({ model, el: document.querySelector('#cell') });
  }, shown);
  const frame = await frameOf(page);
  await frame.getByRole('button', { name: /^depth 1 / }).click();
  await page.waitForFunction(() => window.saved);
  const { split, examples } = await page.evaluate(() => window.saved.selected);
  assert.equal(split, 'train');
  const expected = [...shown.depth.keys()].filter((row) => shown.depth[row] === 1);
  assert.ok(expected.length > 0);
  assert.deepEqual([...examples].sort((a, b) => a - b), expected);
  assert.deepEqual(heard, []);
  await page.close();
});
