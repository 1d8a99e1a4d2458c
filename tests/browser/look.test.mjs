// Appearance and accessibility: colours, narrow screens, screen readers, and the page before it computes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { faults } from './host.mjs';
import { small } from './studies.mjs';

const plain = small();
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing serious, ${colorScheme}`, async () => {
    const { page, close } = await open(browser, { study: plain, colorScheme });
    assert.deepEqual(await faults(page), []);
    const wrong = { name: 'no-study.txt', mimeType: 'text/plain', buffer: Buffer.from('no study') };
    await page.setInputFiles('#file', wrong);
    await page.waitForFunction(() => document.querySelector('[role=alert]').textContent !== '');
    await page.selectOption('#split', 'test');
    await page.getByRole('button', { name: /^depth 6 / }).click();
    for (const table of await page.locator('details summary').all()) await table.click();
    await page.waitForFunction(() => document.querySelectorAll('table').length >= 4);
    assert.deepEqual(await faults(page), []);
    await close();
  });
}

test('axe-core does find what is wrong', async () => {
  const { page, close } = await open(browser, { study: plain });
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<button></button><p style="color:#ccc;background:#fff">faint</p>');
  });
  assert.equal((await faults(page)).length, 2);
  await close();
});

for (const width of [360, 768, 1100, 1280]) {
  test(`nothing hangs over at ${width} pixels`, async () => {
    const { page, close } = await open(browser, { study: plain, viewport: { width, height: 800 } });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    for (const table of await page.locator('details summary').all()) await table.click();
    await page.waitForFunction(() => document.querySelectorAll('table').length >= 4);
    assert.equal(await wide(), width);
    await page.setViewportSize({ width: 360, height: 800 });
    await page.waitForFunction(() => document.querySelector('#strip svg').viewBox.baseVal.width < 360);
    assert.equal(await wide(), 360);
    await close();
  });
}

test('figures keep their own colours, and images stay in print and in forced colours', async () => {
  const { page, close } = await open(browser, { study: plain });
  const colour = (selector) => page.evaluate((it) => getComputedStyle(document.querySelector(it)).color, selector);
  assert.equal(await colour('#strip-plot g.agrees'), await colour('#strip-plot svg'));
  assert.notEqual(await colour('.mark.agrees'), await colour('#strip-plot svg'));
  const image = () => page.evaluate(() => getComputedStyle(document.querySelector('#images .thumb')).backgroundImage);
  await page.emulateMedia({ forcedColors: 'active' });
  assert.match(await image(), /^url/);
  await page.emulateMedia({ forcedColors: 'none', media: 'print' });
  assert.match(await image(), /^url/);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('#images .thumb')).printColorAdjust), 'exact');
  await close();
});

test('a disabled button looks disabled', async () => {
  const { page, close } = await open(browser, { study: plain });
  const opacity = (selector) => page.evaluate((it) => getComputedStyle(document.querySelector(it)).opacity, selector);
  assert.ok(await page.isDisabled('#step-back'));
  assert.deepEqual([await opacity('#step-back'), await opacity('#open')], ['0.5', '1']);
  await close();
});

test('it shows how far it is, and the page has its turns', async () => {
  const before = () => {
    window.seen = new Set();
    window.turns = 0;
    const turn = () => (window.pdepth?.state === 'measuring' && (window.turns += 1), requestAnimationFrame(turn));
    turn();
    const watch = () => window.seen.add(document.getElementById('counts')?.textContent);
    new MutationObserver(watch).observe(document, { childList: true, subtree: true });
  };
  const { page, close } = await open(browser, { before });
  const seen = await page.evaluate(() => [...window.seen].filter(Boolean));
  assert.ok(seen.length >= 2, `${seen.length} counts`);
  assert.ok(seen.every((words) => /^layer [1-7] of 7: [\d,]+ of 2,500 examples$/.test(words)), seen.join('; '));
  assert.ok((await page.evaluate(() => window.turns)) > 3);
  await close();
});

test('the address hides parts, chooses the theme, and makes the page one to embed', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu&hide=strip,images,*{}&theme=dark' });
  for (const part of ['.strip', '.images']) assert.ok(await page.isHidden(part), part);
  for (const part of ['.histogram', '#inspector', '#training', 'header']) assert.ok(await page.isVisible(part), part);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(await ground(), 'rgb(20, 22, 26)');
  await close();
  const framed = await open(browser, { study: plain, query: '?device=cpu&embed=1&theme=light', colorScheme: 'dark' });
  for (const part of ['header', 'footer', '.study', '#training', '#selection']) {
    assert.ok(await framed.page.isHidden(part), part);
  }
  assert.ok(await framed.page.isVisible('#strip'));
  assert.equal(
    await framed.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
    'rgb(255, 255, 255)',
  );
  await framed.close();
});

test('without JavaScript it says what it needs', async () => {
  const { page, close } = await open(browser, { javaScriptEnabled: false, wait: false });
  assert.match(await page.innerText('noscript'), /needs JavaScript and WebAssembly/);
  assert.match(await page.innerText('header'), /A network settles on an answer/);
  await close();
});

// SCREENSHOT=docs/page.png writes the README's picture, and docs/page-dark.png beside it.
test('the pictures of the README', { skip: !process.env.SCREENSHOT }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    const { page, close } = await open(browser, { colorScheme, viewport: { width: 1280, height: 1090 } });
    const path = process.env.SCREENSHOT.replace(/(?=\.png$)/, colorScheme === 'dark' ? '-dark' : '');
    await page.waitForFunction(() => [...document.querySelectorAll('.thumb')].every((one) => one.style.backgroundImage));
    await page.evaluate(async () => {
      const addresses = new Set([...document.querySelectorAll('.thumb')].map((one) => one.style.backgroundImage.slice(5, -2)));
      await Promise.all([...addresses].map((src) => Object.assign(new Image(), { src }).decode()));
    });
    await page.screenshot({ path });
    await close();
  }
});
