// Studies of one's own: picked, dropped, and wrong ones.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ended, launch, open, pick, results } from './browser.mjs';
import { newer, small, tiny } from './studies.mjs';

const plain = small();
const other = tiny('--hidden', '16,16');
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const about = (page) => page.innerText('#about');
const alert = (page) => page.innerText('[role=alert]');

/** Drops a file on the page, as a hand would. */
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(
    ([name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name));
      return data;
    },
    [name, bytes.toString('base64')],
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
  assert.ok(await page.isVisible('#drop'), 'the page says that it takes the file');
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
  assert.ok(await page.isHidden('#drop'));
}

test('a study is picked, plain or gzipped, and measured', async () => {
  const { page, close } = await open(browser, { study: plain });
  assert.match(await about(page), /800 examples, 7 layers/);
  for (const [name, bytes] of [['mine.safetensors', other], ['mine.safetensors.gz', gzipSync(other)]]) {
    assert.equal(await pick(page, name, bytes), 'measured');
    assert.match(await about(page), /300 examples, 4 layers/);
    const { depths, stored } = await results(page);
    assert.deepEqual(depths, stored.depths);
    assert.deepEqual(await page.locator('#split option').allInnerTexts(), ['training (270)', 'validation (30)']);
  }
  await close();
});

test('a study is dropped', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu#split=test&depth=6&example=799' });
  await drop(page, 'dropped.safetensors', other);
  await page.waitForFunction(() => window.pdepth.layers.length === 4);
  assert.equal(await ended(page), 'measured');
  // What the other study does not have is no longer looked at.
  assert.equal(await page.inputValue('#split'), 'train');
  assert.equal(await page.locator('#depths [aria-pressed=true] b').innerText(), 'all');
  await close();
});

test('a study that is opened while another is measured takes its place', async () => {
  const { page, close } = await open(browser, { wait: false });
  await page.waitForFunction(() => window.pdepth.state === 'measuring');
  await drop(page, 'dropped.safetensors', other);
  await page.waitForFunction(() => window.pdepth.layers.length === 4 && window.pdepth.state === 'measured');
  assert.match(await about(page), /300 examples/);
  assert.equal(await page.locator('.layers li').count(), 4);
  await close();
});

test('wrong files: a clear message, and the page lives on', async () => {
  const { page, close } = await open(browser, { study: plain });
  const before = await about(page);
  const wrong = [
    ['cut.safetensors', plain.subarray(0, plain.length / 2), /not a valid study/],
    ['cut.safetensors.gz', gzipSync(plain).subarray(0, 5000), /not a valid/],
    ['notes.txt', Buffer.from('Just some text, which is no study at all.'), /not a valid/],
    ['empty.safetensors', Buffer.alloc(0), /not a valid/],
    ['later.safetensors', newer(plain), /version 999.*version 1/],
  ];
  for (const [name, bytes, message] of wrong) {
    await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
    await page.waitForFunction((name) => document.querySelector('[role=alert]').textContent.includes(name), name);
    assert.match(await alert(page), message);
    assert.equal(await about(page), before);
  }
  await page.locator('#images button').nth(3).click();
  assert.ok((await page.locator('.voter').count()) > 0, 'the study before is still there');
  assert.equal(await pick(page, 'mine.safetensors', other), 'measured');
  assert.equal(await alert(page), '');
  await close();
});

test('an embedded study that is spoilt leaves a page that opens others', async () => {
  const { page, close } = await open(browser, { study: Buffer.from('spoilt'), wait: false });
  await page.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
  assert.match(await alert(page), /study\.safetensors\.gz/);
  assert.equal(await pick(page, 'mine.safetensors', other), 'measured');
  assert.ok(await page.isVisible('#strip'));
  await close();
});
