// The page without a server: as one file, opened directly or in a sandboxed frame; and messages if it cannot start.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { ended, launch } from './browser.mjs';
import { serve } from './server.mjs';
import { small } from './studies.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pdepth-alone-'));
const single = join(folder, 'prediction-depth.html');
let browser;
before(async () => {
  browser = await launch();
  execFileSync(process.env.PDEPTH, ['export', '--page', process.env.PAGE_DIST, '--out', single]);
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens a tab, and records its errors and requests. */
async function tab() {
  const page = await browser.newPage();
  const heard = [];
  page.on('console', (message) => message.type() === 'error' && heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('request', (request) => /^(blob|data):/.test(request.url()) || heard.push(request.url()));
  return { page, heard };
}

/** Serves a site with only these pages. */
async function site(pages) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(pages[request.url.split('?')[0]] ?? '');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

test('in one file it is small enough to send', () => {
  assert.ok(statSync(single).size < 5e6, `${statSync(single).size} bytes`);
});

for (const device of ['cpu', 'gpu']) {
  test(`as a file, it measures in a worker, ${device}`, async () => {
    const { page, heard } = await tab();
    const address = `${pathToFileURL(single)}?device=${device}`;
    await page.goto(address);
    // SwiftShader takes minutes for the whole study, so use a smaller one.
    if (device === 'gpu') {
      await page.waitForFunction(() => window.pdepth?.layers.length > 0);
      await page.setInputFiles('#file', { name: 'small.safetensors', mimeType: '', buffer: small('--examples', '100', '--k', '5') });
      await page.waitForFunction(() => window.pdepth?.depths.length === 600 && window.pdepth.state === 'measured', null, { timeout: 120_000 });
    }
    assert.equal(await ended(page), 'measured');
    assert.match(await page.innerText('#status'), device === 'cpu' ? /on the CPU.*in a worker/ : /on the GPU.*in a worker/);
    assert.match(await page.innerText('#status'), /Every depth equals the one in the file/);
    await page.locator('#images button').nth(3).click();
    assert.ok((await page.locator('.voter').count()) > 0);
    assert.deepEqual(heard, [address]);
    // The URL still encodes the view, and the selection can be undone.
    await page.getByRole('button', { name: /^depth 1 / }).click();
    assert.match(await page.evaluate(() => location.hash), /depth=1/);
    await page.click('#step-back');
    await page.waitForFunction(() => !location.hash.includes('depth='));
    await page.close();
  });
}

test('as a file with a study of one’s own inside', async () => {
  const study = join(folder, 'mine.safetensors');
  writeFileSync(study, small());
  const mine = join(folder, 'mine.html');
  execFileSync(process.env.PDEPTH, ['export', study, '--page', process.env.PAGE_DIST, '--out', mine]);
  const { page, heard } = await tab();
  await page.goto(`${pathToFileURL(mine)}?device=cpu`);
  assert.equal(await ended(page), 'measured');
  assert.match(await page.innerText('#about'), /800 examples/);
  assert.equal(heard.length, 1);
  await page.close();
});

test('in a sandboxed frame of another page, in one file, without storage and without an origin', async () => {
  const frame = '<!doctype html><iframe sandbox="allow-scripts" width="1000" height="800" src="/page?embed=1&device=cpu"></iframe>';
  const { address, close } = await site({ '/': frame, '/page': readFileSync(single) });
  const { page, heard } = await tab();
  await page.goto(address);
  const inside = await (await page.waitForSelector('iframe')).contentFrame();
  assert.equal(await ended(inside), 'measured');
  assert.equal(await inside.evaluate(() => origin), 'null');
  assert.match(await inside.evaluate(() => window.pdepth.device), /in a worker/);
  await inside.getByRole('button', { name: /^depth 1 / }).click();
  assert.ok((await inside.locator('.bar.chosen').count()) > 0);
  assert.deepEqual(heard.filter((words) => !words.startsWith(address)), []);
  await page.close();
  close();
});

for (const cors of [true, false]) {
  test(`in a sandboxed frame, of many files, ${cors ? 'from a server that lets every origin read' : 'else it says why not'}`, async () => {
    const frame = '<!doctype html><iframe sandbox="allow-scripts" width="1000" height="800" src="index.html?device=cpu"></iframe>';
    const headers = cors ? { 'access-control-allow-origin': '*' } : {};
    const { address, close } = await serve(process.env.PAGE_DIST, { '/frame.html': Buffer.from(frame) }, headers);
    const { page } = await tab();
    await page.goto(`${address}frame.html`);
    const inside = await (await page.waitForSelector('iframe')).contentFrame();
    if (cors) {
      assert.equal(await ended(inside), 'measured');
      assert.match(await inside.evaluate(() => window.pdepth.device), /in a worker/);
    } else {
      await inside.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
      assert.match(await inside.innerText('[role=alert]'), /could not be loaded.*sandboxed frame/s);
    }
    await page.close();
    close();
  });
}

test('the page of many files says why it does not start as a file', async () => {
  const copy = join(folder, 'dist');
  cpSync(process.env.PAGE_DIST, copy, { recursive: true });
  const { page } = await tab();
  await page.goto(String(pathToFileURL(join(copy, 'index.html'))));
  await page.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
  assert.match(await page.innerText('[role=alert]'), /could not be loaded.*page in one file/s);
  assert.equal(await page.innerText('#title'), 'Not started');
  await page.close();
});
