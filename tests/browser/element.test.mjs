// The element <prediction-depth> in a host page.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ended, launch } from './browser.mjs';
import { around, faults, heard, inside, tab } from './host.mjs';
import { serve } from './server.mjs';

const dist = process.env.PAGE_DIST;
const folder = mkdtempSync(join(tmpdir(), 'pdepth-element-'));
let browser, site;
before(async () => {
  browser = await launch({ webgpu: false });
  site = await serve(dist);
});
after(async () => {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true });
});

test('by keyboard alone: start, go into the demo, choose, answer', async () => {
  const question = '<fieldset slot="question"><legend>?</legend><label><input type="radio" name="q" value="a">a</label><label><input type="radio" name="q" value="b" data-right>b</label></fieldset>';
  const host = around('view="strip"').toString().replace('<i>before</i>', `<i>before</i>${question}`);
  const { address, close: end } = await serve(dist, { '/mine.html': Buffer.from(host) });
  const { page, close } = await tab(browser, `${address}mine.html`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const demo = await inside(page);
  const first = await demo.innerText('#strip-heading');
  assert.match(first, /layer/);
  await page.keyboard.press('Shift+Tab'); // back from the button, into the frame before it
  await demo.focus('#strip');
  await page.keyboard.press('End');
  const { example } = await heard(page, 'selected');
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((example) => window.told.findLast(({ type }) => type === 'selected').detail.example !== example, example);
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.name === 'q')) break;
  }
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await heard(page, 'answered'), { question: 'q', answer: 'b', right: true });
  await close();
  end();
});

test('attributes become the page’s flags, and what is selected is told', async () => {
  const attributes = 'view="histogram, images" hide="accuracy-of histogram-table" selection="split=test&amp;depth=0" theme="dark" seed="3" noise="20" noise-seed="9" k="7" layers="2" start="sight"';
  const { address, close: end } = await serve(dist, { '/mine.html': around(attributes) });
  const { page, close } = await tab(browser, `${address}mine.html`);
  assert.equal((await heard(page, 'opened')).examples, 2500);
  const demo = await inside(page);
  const query = new URL(await page.locator('prediction-depth').evaluate((element) => element.address));
  assert.equal(query.hash, '#split=test&depth=0');
  assert.equal(query.searchParams.get('show'), 'histogram,images');
  for (const part of ['.histogram', '.images']) assert.ok(await demo.isVisible(part), part);
  for (const part of ['.strip', '#inspector', '#training', 'header', '#embedding', '#histogram-table']) assert.ok(await demo.isHidden(part), part);
  const values = Object.fromEntries(
    await demo.locator('#plan input[type=number]').evaluateAll((all) => all.map((one) => [one.id.slice(5), one.value])),
  );
  assert.deepEqual([values.seed, values.noise, values['noise-seed'], values.k, values.depth], ['3', '20', '9', '7', '2']);
  // Neither takes over the other's styles.
  assert.ok(await demo.locator('#images .thumb').first().isVisible());
  assert.ok(await page.locator('prediction-depth button').isVisible());
  await demo.getByRole('button', { name: /^depth 1 / }).click();
  const told = await heard(page, 'selected');
  assert.match(told.selection, /depth=1/);
  assert.deepEqual(told.examples, await demo.evaluate(() => [...window.pdepth.selection]));
  assert.equal(await page.evaluate(() => history.length), 2, 'the reader’s back button still leads out of the page');
  const { width, height } = await page.locator('prediction-depth iframe').boundingBox();
  assert.ok(width > 500);
  await page.waitForFunction(() => {
    const frame = document.querySelector('prediction-depth').shadowRoot.querySelector('iframe');
    return frame.contentDocument.documentElement.scrollHeight <= frame.clientHeight;
  });
  assert.ok(height > 300);
  await page.locator('prediction-depth').evaluate((element) => element.stop());
  assert.ok(await page.locator('prediction-depth i').isVisible());
  assert.equal(page.frames().length, 1);
  await close();
  end();
});

test('three on a page, each with a view of its own; words of other frames are not heard', async () => {
  const more = ['depth=1', 'split=test&amp;depth=2'].map((selection) => `<prediction-depth device="cpu" view="images" start="sight" selection="${selection}"></prediction-depth>`).join('');
  const liar = '<iframe srcdoc="<script>parent.postMessage({ source: \'prediction-depth\', type: \'trained\', detail: 1 }, \'*\')</script>"></iframe>';
  const { address, close: end } = await serve(dist, { '/mine.html': around('view="images" start="sight" selection="depth=0"', more + liar) });
  const { page, close } = await tab(browser, `${address}mine.html`);
  const counts = [];
  for (const place of [0, 1, 2]) counts.push(await (await inside(page, place)).evaluate(() => window.pdepth.selection.length));
  assert.equal(new Set(counts).size, 3);
  const demo = await inside(page, 1);
  await demo.locator('#images .thumb').first().click();
  await heard(page, 'selected');
  assert.deepEqual(await page.evaluate(() => window.told.filter(({ type }) => type === 'trained')), []);
  await close();
  end();
});

test('demos start one after another; one that is closed before its turn holds up nobody', async () => {
  const demo = '<prediction-depth device="cpu" view="accuracy" start="sight"></prediction-depth>';
  const watch = `<script>
    window.most = 0;
    const demos = () => [...document.querySelectorAll('prediction-depth')];
    requestAnimationFrame(function look() {
      const frames = demos().filter((demo) => demo.shadowRoot?.querySelector('iframe')).length;
      window.most = Math.max(window.most, frames - window.told.filter(({ type }) => type === 'opened').length);
      requestAnimationFrame(look);
    });
    addEventListener('DOMContentLoaded', () => {
      demos().forEach((demo) => demo.start());
      demos()[1].stop();
    });
  </script>`;
  const { address, close: end } = await serve(dist, { '/mine.html': around('view="accuracy"', demo + demo + watch) });
  const { page, close } = await tab(browser, `${address}mine.html`);
  await page.waitForFunction(() => window.told.filter(({ type }) => type === 'opened').length === 2);
  assert.equal(await page.evaluate(() => window.most), 1);
  const there = await page.locator('prediction-depth').evaluateAll((demos) => demos.map((demo) => demo.shadowRoot.querySelector('iframe') !== null));
  assert.deepEqual(there, [true, false, true]);
  await close();
  end();
});

test('a training waits while nobody sees it, and tells when it is over', async () => {
  const host = around('view="training" start="sight" layers="1" width="8" epochs="60"', '<div style="height: 5000px"></div>');
  const { address, close: end } = await serve(dist, { '/mine.html': host });
  const { page, close } = await tab(browser, `${address}mine.html`);
  const demo = await inside(page);
  const until = (state) => demo.waitForFunction((state) => window.pdepth?.state === state, state);
  await demo.click('#train');
  await until('training');
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await until('paused');
  await page.evaluate(() => scrollTo(0, 0));
  const told = await heard(page, 'trained');
  assert.deepEqual(told.layers, ['input', 'hidden1', 'softmax']);
  assert.ok(told.train.accuracy > 0.5 && told.train.examples === 1800);
  await close();
  end();
});

const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; require-trusted-types-for 'script'";

test('in a page whose policy allows nothing inline', async () => {
  const host = `<!doctype html><html lang="en"><title>mine</title><script src="prediction-depth.js" defer></script>
    <prediction-depth device="cpu" view="strip" start="sight" src="${site.address}index.html"></prediction-depth>`;
  const policy = `${strict}; frame-src ${site.address}`;
  const { address, close: end } = await serve(dist, { '/mine.html': Buffer.from(host) }, { 'content-security-policy': policy });
  const { page, close } = await tab(browser, `${address}mine.html`);
  await inside(page);
  assert.equal(await page.locator('prediction-depth').evaluate((element) => getComputedStyle(element).position), 'relative');
  await close();
  end();
});

test('where the page itself has the policy that the teacher’s page names', async () => {
  const { page: teachers, close: read } = await tab(browser, `${site.address}course/teachers.html`);
  const named = (await teachers.locator('code').allInnerTexts()).find((code) => code.includes('wasm-unsafe-eval'));
  await read();
  for (const [policy, works] of [[named, true], [named.replace("'wasm-unsafe-eval'", ''), false]]) {
    const { address, close: end } = await serve(dist, { '/mine.html': around('view="strip" start="sight"').toString().replace(/<style>.*<\/style>/, '') }, { 'content-security-policy': `default-src 'self'; ${policy}` });
    const { page, close } = await tab(browser, `${address}mine.html`, { but: works ? undefined : /wasm|WebAssembly|compile|Content Security/i });
    if (works) await inside(page);
    else {
      const frame = await (await page.locator('prediction-depth iframe').elementHandle()).contentFrame();
      await frame.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
    }
    await close();
    end();
  }
});

test('as files on a disk, and in a sandboxed frame, with the page in one file', async () => {
  cpSync(join(dist, 'course'), join(folder, 'course'), { recursive: true });
  copyFileSync(join(dist, 'prediction-depth.js'), join(folder, 'prediction-depth.js'));
  execFileSync(process.env.PDEPTH, ['export', '--page', dist, '--out', join(folder, 'prediction-depth.html')]);
  const { page, close } = await tab(browser, String(pathToFileURL(join(folder, 'course', '2-depth.html'))));
  const demo = await inside(page);
  assert.match(await demo.evaluate(() => window.pdepth.device), /in a worker/);
  await demo.focus('#strip');
  await page.keyboard.press('End');
  await heard(page, 'selected');
  await close();

  writeFileSync(join(folder, 'mine.html'), around('view="strip" start="sight" src="prediction-depth.html"'));
  const boxed = '<!doctype html><iframe sandbox="allow-scripts" width="1000" height="800" src="mine.html"></iframe>';
  const { address, close: end } = await serve(folder, { '/box.html': Buffer.from(boxed) });
  const outer = await tab(browser, `${address}box.html`);
  const box = await (await outer.page.waitForSelector('iframe')).contentFrame();
  const frame = await (await box.locator('prediction-depth iframe').elementHandle()).contentFrame();
  await ended(frame);
  assert.equal(await frame.evaluate(() => origin), 'null');
  await box.waitForFunction(() => document.querySelector('prediction-depth').shadowRoot.querySelector('.bar').textContent.includes('Close'));
  await outer.close();
  end();
});

test('“Embed this view” copies what puts the same view elsewhere', async () => {
  const { page, close } = await tab(browser, `${site.address}?device=cpu`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await ended(page);
  await page.click('#embedding summary');
  const before = await page.inputValue('#embed-frame');
  await page.getByRole('button', { name: /^depth 2 / }).click();
  await page.waitForFunction((before) => document.querySelector('#embed-frame').value !== before, before);
  assert.deepEqual(await faults(page), []);
  const selection = await page.evaluate(() => [...window.pdepth.selection]);
  for (const [kind, tag] of [['element', 'prediction-depth'], ['frame', 'iframe']]) {
    await page.click(`#copy-${kind}`);
    await page.waitForFunction(() => document.querySelector('#embed-said').textContent === 'Copied.');
    const snippet = (await page.evaluate(() => navigator.clipboard.readText())).replace('<prediction-depth ', '<prediction-depth start="sight" ');
    assert.equal(snippet, (await page.inputValue(`#embed-${kind}`)).replace('<prediction-depth ', '<prediction-depth start="sight" '));
    const host = `<!doctype html><html lang="en"><title>mine</title>${snippet}`;
    const { address, close: end } = await serve(dist, { '/mine.html': Buffer.from(host) });
    const other = await tab(browser, `${address}mine.html`);
    const handle = await other.page.locator(kind === 'frame' ? 'iframe' : `${tag} iframe`).elementHandle();
    const frame = await handle.contentFrame();
    await ended(frame);
    assert.deepEqual(await frame.evaluate(() => [...window.pdepth.selection]), selection);
    await other.close();
    end();
  }
  await page.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error('no'))));
  await page.click('#copy-frame');
  await page.waitForFunction(() => document.querySelector('#embed-said').textContent.startsWith('Selected'));
  assert.deepEqual(await page.evaluate(() => [document.activeElement.id, getSelection().toString().slice(0, 7)]), ['embed-frame', '<iframe']);
  await close();
});

test('a study of one’s own by its address', async () => {
  const { address, close: end } = await serve(dist, { '/mine.html': around('view="strip study" study="not-there.gz" start="sight"') });
  const { page, close } = await tab(browser, `${address}mine.html`, { but: /404/ });
  const frame = await (await page.locator('prediction-depth iframe').elementHandle()).contentFrame();
  await frame.waitForFunction(() => /not-there\.gz cannot be fetched/.test(document.querySelector('[role=alert]').textContent));
  await close();
  end();
});
