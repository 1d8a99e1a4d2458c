// The course and its element, where teachers put them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ended, launch } from './browser.mjs';
import { serve } from './server.mjs';

const dist = process.env.PAGE_DIST;
const lessons = readdirSync(join(dist, 'course')).filter((name) => /^\d.*\.html$/.test(name)).toSorted();
const axe = createRequire(import.meta.url).resolve('axe-core');
const folder = mkdtempSync(join(tmpdir(), 'pdepth-course-'));
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

/** A tab at an address; `close` fails for whatever it complained of, except what `but` matches. */
async function tab(address, { but, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
  await page.addInitScript(() => {
    window.told = [];
    for (const type of ['opened', 'selected', 'trained', 'answered']) {
      addEventListener(type, ({ detail }) => window.told.push({ type, detail }));
    }
  });
  await page.goto(address);
  const close = async () => {
    await context.close();
    assert.deepEqual(complaints.filter((words) => !/favicon\.ico/.test(words) && !but?.test(words)), []);
  };
  return { page, close };
}

/** The page inside the element `place`, once it measured. */
async function inside(page, place = 0) {
  const element = page.locator('prediction-depth').nth(place);
  await element.scrollIntoViewIfNeeded();
  const frame = await (await element.locator('iframe').elementHandle()).contentFrame();
  await ended(frame);
  return frame;
}

const heard = (page, type) =>
  page.waitForFunction((type) => window.told.findLast((one) => one.type === type)?.detail, type).then((found) => found.jsonValue());

async function faults(frame) {
  await frame.addScriptTag({ path: axe });
  const { violations } = await frame.evaluate(() => window.axe.run(document, { iframes: false }));
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}

/** A page around a demo, beside the built page. */
const around = (attributes, more = '') => Buffer.from(`<!doctype html><html lang="en"><title>mine</title>
  <style>button, p { display: none } body { font-size: 40px }</style>
  <script src="prediction-depth.js" defer></script><h1>Mine</h1>
  <prediction-depth device="cpu" ${attributes}><i>before</i></prediction-depth>${more}`);

test('seven lessons', () => assert.equal(lessons.length, 7));

for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
  for (const lesson of lessons) {
    test(`${lesson}: demo, question and figures, ${colorScheme}, ${width} pixels`, async () => {
      const { page, close } = await tab(`${site.address}course/${lesson}`, { colorScheme, viewport: { width, height: 800 } });
      const drawn = await page.locator('figure img').evaluateAll((images) => images.map((image) => image.decode().then(() => image.naturalWidth)));
      assert.ok(drawn.length > 0);
      const demo = await inside(page);
      for (const where of [page, demo]) {
        assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
        assert.deepEqual(await faults(where), []);
      }
      const ground = (where) => where.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      assert.equal(await ground(page), await ground(demo));
      assert.ok(await page.locator('prediction-depth figure').first().isHidden(), 'the demo is in its place');
      const [wrong, right] = ['input:not([data-right])', 'input[data-right]'].map((which) => page.locator(`fieldset ${which}`).first());
      await wrong.check();
      assert.match(await page.innerText('fieldset [role=status]'), /^Not so/);
      assert.equal((await heard(page, 'answered')).right, false);
      await right.check();
      assert.match(await page.innerText('fieldset [role=status]'), /right/);
      assert.equal((await heard(page, 'answered')).right, true);
      assert.ok(await page.locator('fieldset details p').isVisible());
      if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${lesson}-${colorScheme}.png`), fullPage: true });
      await close();
    });
  }
}

for (const name of ['index.html', 'teachers.html']) {
  test(`course/${name} reads, and its links lead somewhere`, async () => {
    for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
      const { page, close } = await tab(`${site.address}course/${name}`, { colorScheme, viewport: { width, height: 800 } });
      assert.deepEqual(await faults(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const links = await page.locator('a').evaluateAll((all) => all.map((link) => link.href));
      for (const link of links.filter((link) => link.startsWith(site.address))) assert.equal((await fetch(link)).status, 200, link);
      if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
      await close();
    }
  });
}

test('a lesson reads without JavaScript', async () => {
  const { page, close } = await tab(`${site.address}course/${lessons[0]}`, { javaScriptEnabled: false });
  assert.ok(await page.locator('figure img').isVisible());
  assert.ok(await page.locator('fieldset input').first().isVisible());
  await page.click('summary');
  assert.ok(await page.locator('details p').isVisible());
  await close();
});

test('by keyboard alone: start, go into the demo, choose, answer', async () => {
  const question = '<fieldset slot="question"><legend>?</legend><label><input type="radio" name="q" value="a">a</label><label><input type="radio" name="q" value="b" data-right>b</label></fieldset>';
  const host = around('view="strip"').toString().replace('<i>before</i>', `<i>before</i>${question}`);
  const { address, close: end } = await serve(dist, { '/mine.html': Buffer.from(host) });
  const { page, close } = await tab(`${address}mine.html`);
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
  const attributes = 'view="histogram, images" hide="accuracy-of histogram-table" selection="split=test&amp;depth=0" theme="dark" seed="3" noise="20" k="7" layers="2" start="sight"';
  const { address, close: end } = await serve(dist, { '/mine.html': around(attributes) });
  const { page, close } = await tab(`${address}mine.html`);
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
  assert.deepEqual([values.seed, values.noise, values.k, values.depth], ['3', '20', '7', '2']);
  // Neither has a style of the other's.
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
  const { page, close } = await tab(`${address}mine.html`);
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

test('a training waits while nobody sees it, and tells when it is over', async () => {
  const host = around('view="training" start="sight" layers="1" width="8" epochs="60"', '<div style="height: 5000px"></div>');
  const { address, close: end } = await serve(dist, { '/mine.html': host });
  const { page, close } = await tab(`${address}mine.html`);
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
  const { page, close } = await tab(`${address}mine.html`);
  await inside(page);
  assert.equal(await page.locator('prediction-depth').evaluate((element) => getComputedStyle(element).position), 'relative');
  await close();
  end();
});

test('where the page itself has the policy that the teacher’s page names', async () => {
  const { page: teachers, close: read } = await tab(`${site.address}course/teachers.html`);
  const named = (await teachers.locator('code').allInnerTexts()).find((code) => code.includes('wasm-unsafe-eval'));
  await read();
  for (const [policy, works] of [[named, true], [named.replace("'wasm-unsafe-eval'", ''), false]]) {
    const { address, close: end } = await serve(dist, { '/mine.html': around('view="strip" start="sight"').toString().replace(/<style>.*<\/style>/, '') }, { 'content-security-policy': `default-src 'self'; ${policy}` });
    const { page, close } = await tab(`${address}mine.html`, { but: works ? undefined : /wasm|WebAssembly|compile|Content Security/i });
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
  const { page, close } = await tab(String(pathToFileURL(join(folder, 'course', lessons[1]))));
  const demo = await inside(page);
  assert.match(await demo.evaluate(() => window.pdepth.device), /in a worker/);
  await demo.focus('#strip');
  await page.keyboard.press('End');
  await heard(page, 'selected');
  await close();

  writeFileSync(join(folder, 'mine.html'), around('view="strip" start="sight" src="prediction-depth.html"'));
  const boxed = '<!doctype html><iframe sandbox="allow-scripts" width="1000" height="800" src="mine.html"></iframe>';
  const { address, close: end } = await serve(folder, { '/box.html': Buffer.from(boxed) });
  const outer = await tab(`${address}box.html`);
  const box = await (await outer.page.waitForSelector('iframe')).contentFrame();
  const frame = await (await box.locator('prediction-depth iframe').elementHandle()).contentFrame();
  await ended(frame);
  assert.equal(await frame.evaluate(() => origin), 'null');
  await box.waitForFunction(() => document.querySelector('prediction-depth').shadowRoot.querySelector('.bar').textContent.includes('Close'));
  await outer.close();
  end();
});

test('“Embed this view” copies what puts the same view elsewhere', async () => {
  const { page, close } = await tab(`${site.address}?device=cpu`, { permissions: ['clipboard-read', 'clipboard-write'] });
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
    const other = await tab(`${address}mine.html`);
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
  const { page, close } = await tab(`${address}mine.html`, { but: /404/ });
  const frame = await (await page.locator('prediction-depth iframe').elementHandle()).contentFrame();
  await frame.waitForFunction(() => /not-there\.gz cannot be fetched/.test(document.querySelector('[role=alert]').textContent));
  await close();
  end();
});

test('on a slide', async () => {
  const { page, close } = await tab(`${site.address}course/examples/slide.html`);
  assert.equal(await page.locator('prediction-depth iframe').count(), 0, 'not before it is seen');
  await page.keyboard.press('ArrowRight');
  await inside(page);
  assert.deepEqual(await faults(page), []);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'slide.png') });
  await close();
});
