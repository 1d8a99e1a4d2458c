// The page inside other tools of teachers: an mdBook and an executed notebook.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ended, launch } from '../browser.mjs';
import { serve } from '../server.mjs';

let browser, site, page;
before(async () => {
  browser = await launch({ webgpu: false });
  site = await serve(process.env.EXAMPLES);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
});
after(async () => {
  await browser.close();
  site.close();
});

test('three demos on a page of an mdBook', async () => {
  await page.goto(`${site.address}book/demos.html`);
  const demos = page.locator('prediction-depth');
  assert.equal(await demos.count(), 3);
  const parts = [];
  for (const demo of await demos.all()) {
    await demo.scrollIntoViewIfNeeded();
    const frame = await (await demo.locator('iframe').elementHandle()).contentFrame();
    assert.equal(await ended(frame), 'measured');
    const shown = await frame.locator('main > *').evaluateAll((all) => all.filter((part) => part.checkVisibility()).map((part) => part.id || part.className));
    parts.push(shown.join());
  }
  assert.deepEqual(parts, ['inspector', 'strip,histogram', 'images']);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/mdbook.png`, fullPage: true });
});

test('a notebook, executed', async () => {
  await page.goto(`${site.address}notebook.html`);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  assert.equal(await ended(frame), 'measured');
  assert.ok(await frame.isVisible('#strip'));
  assert.match(await page.innerText('body'), /'wrong labels': /);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/notebook.png` });
});
