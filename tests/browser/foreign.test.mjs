// Studies of networks that are not in them, and of examples that are no images.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, pick } from './browser.mjs';
import { foreign, numbers, small, withNames } from './studies.mjs';

const recorded = small('--representations');
const count = numbers(recorded, 'labels').length;
const long = 'a rather long sentence, <b>with</b> & without sense; '.repeat(12);
const texts = Array.from({ length: count }, (_, id) => (id === 5 ? long : `text number ${id}`));
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const inspector = (page) => page.innerText('#inspector');

test('texts stand in place of images, and neighbours come from the representations', async () => {
  const study = foreign(recorded, { texts });
  const { page, close } = await open(browser, { study, query: '?device=cpu#example=5' });
  assert.equal(await page.evaluate(() => window.pdepth.state), 'measured');
  assert.match(await inspector(page), /No editing: the network is not in the study/);
  assert.ok(await page.isHidden('#training'), 'there are no images to train on');
  const words = page.locator('#words');
  assert.ok((await words.innerText()).length < 300, 'a long text is cut');
  await words.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.ok((await words.innerText()).includes(long.trim()), 'and can be opened');
  assert.equal(await page.locator('#words b').count(), 0, 'it is text, not HTML');
  const voter = page.locator('#layers .voter').first();
  const id = Number(await voter.getAttribute('data-example'));
  assert.equal(await voter.innerText(), texts[id].slice(0, 90));
  await voter.click();
  assert.equal(await page.innerText('#inspector h2'), `Example ${id}`);
  const shown = page.locator('#lines [data-example]').first();
  assert.equal(await shown.innerText(), texts[Number(await shown.getAttribute('data-example'))].slice(0, 90));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
  await close();
});

test('without representations the figures are those of the file, and the page says what is not known', async () => {
  const bare = small();
  const names = Array.from({ length: count }, (_, id) => `song ${id}.mp3`);
  const { page, close } = await open(browser, { study: withNames(foreign(bare), names), wait: false });
  await page.waitForFunction(() => window.pdepth?.state === 'cancelled');
  assert.match(await page.innerText('body'), /the neighbours are not known here/);
  assert.ok(await page.isHidden('#alert'), 'nothing went wrong');
  const shown = page.locator('#lines [data-example]').first();
  const id = await shown.getAttribute('data-example');
  assert.equal(await shown.innerText(), `${id} song ${id}.mp3`);
  assert.match(await inspector(page), /nothing to show of its examples/);
  const depths = await page.evaluate(() => [...document.querySelectorAll('#depths .chip')].length);
  assert.ok(depths > 2);
  await pick(page, 'plain.safetensors', bare);
  assert.ok(await page.isVisible('#training'), 'a study of images can be trained on again');
  await close();
});

test('a split of the user\'s own has its name everywhere', async () => {
  const study = foreign(recorded, { texts, ownSplit: 'robust, <or> not' });
  const { page, close } = await open(browser, { study, query: '?device=cpu#split=held-out-1' });
  assert.equal(await page.locator('#split option:checked').innerText().then((words) => words.split(' (')[0]), 'robust, <or> not');
  assert.match(await page.innerText('#selected'), /All \d+ robust, <or> not examples/);
  assert.match(await inspector(page), /robust, <or> not/);
  await page.selectOption('#split', 'train');
  assert.match(await page.innerText('#selected'), /training examples/);
  await page.selectOption('#split', 'held-out-1');
  assert.equal(await page.evaluate(() => location.hash.includes('split=held-out-1')), true);
  await close();
});
