// The course as a reader sees it.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { faults, heard, inside, tab } from './host.mjs';
import { serve } from './server.mjs';

const dist = process.env.PAGE_DIST;
const lessons = readdirSync(join(dist, 'course')).filter((name) => /^\d.*\.html$/.test(name)).toSorted();
let browser, site;
before(async () => {
  browser = await launch({ webgpu: false });
  site = await serve(dist);
});
after(async () => {
  await browser.close();
  site.close();
});

test('seven lessons', () => assert.equal(lessons.length, 7));

for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
  for (const lesson of lessons) {
    test(`${lesson}: demo, question and figures, ${colorScheme}, ${width} pixels`, async () => {
      const { page, close } = await tab(browser, `${site.address}course/${lesson}`, { colorScheme, viewport: { width, height: 800 } });
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
      const { page, close } = await tab(browser, `${site.address}course/${name}`, { colorScheme, viewport: { width, height: 800 } });
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
  const { page, close } = await tab(browser, `${site.address}course/${lessons[0]}`, { javaScriptEnabled: false });
  assert.ok(await page.locator('figure img').isVisible());
  assert.ok(await page.locator('fieldset input').first().isVisible());
  await page.click('summary');
  assert.ok(await page.locator('details p').isVisible());
  await close();
});

test('on a slide', async () => {
  const { page, close } = await tab(browser, `${site.address}course/examples/slide.html`);
  assert.equal(await page.locator('prediction-depth iframe').count(), 0, 'not before it is seen');
  await page.keyboard.press('ArrowRight');
  await inside(page);
  assert.deepEqual(await faults(page), []);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, 'slide.png') });
  await close();
});
