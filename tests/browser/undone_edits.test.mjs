// Edits that are hidden or taken back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { small } from './studies.mjs';

const plain = small();
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

test('closed, the rows are those of the picture beside them; Ctrl+Z takes a slider back', async () => {
  const { page, close } = await open(browser, { study: plain, query: '?device=cpu#split=test&example=290' });
  // Without the pictures, which come when they are ready.
  const said = async () => [await page.innerText('#facts'), await page.innerText('#layers'), await page.locator('.voter').evaluateAll((all) => all.map((one) => one.ariaLabel).join())].join();
  const original = await said();
  await page.click('#open-editor');
  await page.focus('#edit-blur');
  for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash.includes('edit=') && window.pdepth.settled);
  const blurred = await said();
  assert.notEqual(blurred, original);
  await page.click('#open-editor');
  assert.equal(await said(), original, 'closed');
  await page.click('#open-editor');
  assert.equal(await said(), blurred, 'open again');
  await page.focus('#edit-blur');
  while (await page.evaluate(() => location.hash.includes('edit='))) {
    const hash = await page.evaluate(() => location.hash);
    await page.keyboard.press('Control+z');
    await page.waitForFunction((hash) => location.hash !== hash, hash);
  }
  await page.waitForFunction(() => !window.pdepth.edited && window.pdepth.settled);
  assert.equal(await said(), original, 'taken back');
  await close();
});
