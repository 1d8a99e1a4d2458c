// Opening one's own studies: picked, dropped, and invalid ones.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
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

/** Drops a file on the page, as a user would. */
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

test('the address and what embeds the page speak of the study that is open', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu#example=5' });
  await pick(page, 'my study.safetensors', plain);
  await page.locator('#images button').nth(2).click();
  const { hash } = new URL(page.url());
  assert.match(hash, /^#file=my%20study\.safetensors&example=\d+$/);
  await page.click('#embedding summary');
  assert.match(await page.inputValue('#embed-element'), /study="my study\.safetensors" selection="example=\d+"/);
  assert.match(await page.innerText('#embed-note'), /my study\.safetensors/);
  await page.fill('#plan-epochs', '1');
  await page.click('#train');
  await page.waitForFunction(() => /study="trained\.safetensors"/.test(document.getElementById('embed-element').value));
  await page.waitForFunction(() => window.pdepth.state === 'measured');
  await page.click('#back');
  await page.waitForFunction(() => /study="my study\.safetensors"/.test(document.getElementById('embed-element').value));
  await page.waitForFunction(() => window.pdepth.state === 'measured');
  // Undo does not go back into the study before.
  await page.click('#step-back');
  await page.waitForFunction((hash) => location.hash !== hash, hash);
  assert.match(new URL(page.url()).hash, /^#file=my%20study/);
  // A reload opens the study that the address leads to, without the other's view.
  await page.goto(page.url().replace(/#.*/, hash));
  await page.reload();
  await ended(page);
  assert.match(await page.innerText('[role=alert]'), /my study\.safetensors/);
  assert.doesNotMatch(new URL(page.url()).hash, /edit=/);
  await close();
});

test('a study is dropped', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu#split=test&depth=6&example=799' });
  await drop(page, 'dropped.safetensors', other);
  await page.waitForFunction(() => window.pdepth.layers.length === 4);
  assert.equal(await ended(page), 'measured');
  // The selection is reset if the new study does not have it.
  assert.equal(await page.inputValue('#split'), 'train');
  assert.equal(await page.locator('#depths [aria-pressed=true] b').innerText(), 'all');
  await close();
});

test('a network that learned nothing brings a visible warning, which goes with its study', async () => {
  const { page, close } = await open(browser, { study: plain });
  assert.ok(await page.isHidden('#warnings'));
  await pick(page, 'blind.safetensors', tiny('--hidden', '16,8', '--learning-rate', '1'));
  assert.match(await page.innerText('#warnings'), /predicts the class .+ for 100.0 % of its training split/);
  await pick(page, 'mine.safetensors', other);
  assert.ok(await page.isHidden('#warnings'));
  await close();
});

test('a study that is opened while another is measured takes its place', async () => {
  const { page, close } = await open(browser, { wait: false });
  await page.waitForFunction(() => window.pdepth?.state === 'measuring');
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
    ['notes.md', Buffer.from('Just some text, which is no study at all.'), /choose a folder of \.png or \.jpg images/],
    ['mine.csv', Buffer.from('label,a,b\n1,2,3\n2,red,3\n'), /"red" in row 2, column `a`.*write categories as numbers/],
    ['mine.csv', Buffer.from('a,b\n1,2\n'), /no column of its first row is called `label`/],
    ['empty.safetensors', Buffer.alloc(0), /not a valid/],
    ['later.safetensors', newer(plain), /version 999.*version 3/],
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

test('a table of one’s own: a network is trained on it and measured', async () => {
  const { page, close } = await open(browser, { study: plain });
  // Two classes: the upper or the lower half is bright. Every tenth label is wrong.
  const rows = Array.from({ length: 400 }, (_, row) => {
    const above = row % 2 === 0;
    const pixels = Array.from({ length: 16 }, (_, at) => ((at < 8) === above ? 200 : 20) + ((row * 7 + at * 13) % 50));
    return [(row % 10 === 0) !== above ? 'above' : 'below', ...pixels].join(',');
  });
  const csv = [['label', ...Array.from({ length: 16 }, (_, at) => `pixel${at}`)].join(','), ...rows].join('\n');
  await page.fill('#plan-epochs', '3');
  await page.setInputFiles('#file', { name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.waitForFunction(() => /^step 9 of 9/.test(document.getElementById('lesson').textContent));
  assert.equal(await ended(page), 'measured');
  assert.deepEqual(await page.locator('#plan-classes label').allInnerTexts(), ['above', 'below']);
  assert.match(await about(page), /400 examples/);
  assert.ok(await page.isHidden('#back'), 'there is no study to go back to');
  await page.click('#train');
  await page.waitForFunction(() => window.pdepth.state === 'training');
  assert.equal(await ended(page), 'measured');
  await close();
});

test('a pair of IDX files is picked', async () => {
  const { page, close } = await open(browser, { study: plain });
  const folder = new URL('../../core/assets/fashion-mnist/', import.meta.url);
  const files = ['t10k-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz'];
  await page.fill('#plan-epochs', '1');
  await page.setInputFiles('#file', files.map((name) => fileURLToPath(new URL(name, folder))));
  await page.waitForFunction(() => /^step 4 of 4/.test(document.getElementById('lesson').textContent));
  assert.match(await about(page), /500 examples/);
  await close();
});

test('an archive of numpy’s is picked, and one without images says what it wants', async () => {
  const { page, close } = await open(browser, { study: plain });
  const of = (...arrays) => execFileSync('/usr/bin/python3', ['-c', `import io, sys, numpy
x = numpy.random.default_rng(0).integers(0, 256, (90, 6, 5), dtype=numpy.uint8)
file = io.BytesIO()
numpy.savez_compressed(file, ${arrays.join(', ')})
sys.stdout.buffer.write(file.getvalue())`]);
  await page.fill('#plan-epochs', '1');
  await page.fill('#plan-k', '3');
  const give = (name, buffer) => page.setInputFiles('#file', { name, mimeType: '', buffer });
  await give('mine.npz', of('pictures=x'));
  await page.waitForFunction(() => document.querySelector('[role=alert]').textContent.includes('mine.npz'));
  assert.match(await alert(page), /`pictures`.*call them `images` and `labels`/);
  await give('mine.npz', of('x_train=x[:60] / 255', 'y_train=numpy.arange(60) % 3', 'x_test=x[60:] / 255', 'y_test=numpy.arange(30) % 3'));
  await page.waitForFunction(() => /^step 1 of 1/.test(document.getElementById('lesson').textContent));
  assert.match(await about(page), /90 examples/);
  assert.match(await page.locator('#split option[value=test]').innerText(), /30/);
  await close();
});

test('a folder of images is picked, and dropped', async () => {
  const { page, close } = await open(browser, { study: plain });
  const folder = mkdtempSync(join(tmpdir(), 'pdepth-pets-'));
  execFileSync('/usr/bin/python3', ['-c', `import pathlib, sys, numpy
from PIL import Image
for at in range(60):
    path = pathlib.Path(sys.argv[1]) / 'pets' / ('cat' if at % 2 else 'dog') / f'{at}.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(numpy.random.default_rng(at).integers(0, 256, (9, 8, 3), dtype=numpy.uint8)).save(path)`, folder]);
  await page.fill('#plan-epochs', '1');
  await page.fill('#plan-k', '3');
  await page.setInputFiles('#folder', join(folder, 'pets'));
  await page.waitForFunction(() => /^step 1 of 1/.test(document.getElementById('lesson').textContent));
  assert.deepEqual(await page.locator('#plan-classes label').allInnerTexts(), ['cat', 'dog']);
  assert.match(await about(page), /60 examples/);
  assert.match(await page.innerText('#title'), /trained in this page/);
  // A real drop event, made by the browser.
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(folder, 'pets', 'cat'), join(folder, 'pets', 'dog')], dragOperationsMask: 1 };
  await page.evaluate(() => (document.getElementById('lesson').textContent = ''));
  for (const type of ['dragEnter', 'dragOver', 'drop']) await client.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await page.waitForFunction(() => /^step 1 of 1/.test(document.getElementById('lesson').textContent));
  assert.deepEqual(await page.locator('#plan-classes label').allInnerTexts(), ['cat', 'dog']);
  rmSync(folder, { recursive: true });
  await close();
});

test('what is too large for a tab is refused with its size and the command', async () => {
  // A file that reports a large size must not be read at all.
  const before = () => Object.defineProperty(File.prototype, 'size', { get: () => 3e9 });
  const { page, close } = await open(browser, { study: plain, before });
  await page.setInputFiles('#file', { name: 'huge.npz', mimeType: '', buffer: Buffer.from('x') });
  await page.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
  assert.match(await alert(page), /huge\.npz: 3\.0 GB, and a tab can hold 1: train with `pdepth run --data huge\.npz`/);
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
