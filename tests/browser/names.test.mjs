// The user's names of the examples: in the inspector, the labels, the tables and the saved selections.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, open, pick } from './browser.mjs';
import { around, heard, inside, tab } from './host.mjs';
import { serve } from './server.mjs';
import { classes, numbers, tiny, withNames, withOwnValidation } from './studies.mjs';

const plain = tiny();
const name = (id) => (id % 7 === 3 ? '' : `${'a long folder/'.repeat(20)}${id}, "quoted" ä.png`);
const names = Array.from({ length: numbers(plain, 'labels').length }, (_, id) => name(id));
const named = withNames(plain, names);
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const fact = (page, term) => page.locator(`#facts dt:text-is("${term}") + dd`);

async function saved(page, kind) {
  await page.selectOption('#save-what', kind);
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return readFileSync(await file.path(), 'utf8');
}

test('an example is shown with its name, and without one as before', async () => {
  const { page, close } = await open(browser, { study: named, query: '?device=cpu#example=8' });
  assert.equal(await fact(page, 'name').innerText(), names[8]);
  const label = (id) => page.locator(`#lines [data-example="${id}"]`).first().getAttribute('title');
  const shown = Number(await page.locator('#lines [data-example]').first().getAttribute('data-example'));
  assert.ok((await label(shown)).startsWith(`example ${shown}${names[shown] && ', '}${names[shown]}, labelled `));
  await page.evaluate(() => (location.hash = '#example=10'));
  await page.waitForFunction(() => document.querySelector('#inspector h2').textContent === 'Example 10');
  assert.equal(await fact(page, 'name').count(), 0, 'example 10 has none');
  await pick(page, 'plain.safetensors', plain);
  assert.equal(await fact(page, 'name').count(), 0);
  await close();
});

test('saved selections name examples and classes', async () => {
  const { page, close } = await open(browser, { study: named });
  const selected = await page.evaluate(() => [...window.pdepth.selection]);
  const rows = JSON.parse(await saved(page, 'json'));
  assert.deepEqual(rows.map(({ id }) => id), selected);
  const [labels, known] = [numbers(named, 'labels'), classes(named)];
  for (const row of rows) {
    assert.equal(row.name, names[row.id] || null);
    assert.equal(row.label_name, known[labels[row.id]]);
    assert.deepEqual([row.given_label_name, row.predicted_name], [known[row.given_label], known[row.predicted]]);
  }
  const csv = await saved(page, 'csv');
  assert.ok(csv.startsWith('split,id,name,label_name,label,given_label,predicted,given_label_name,predicted_name,depth,'));
  const first = rows.find((row) => row.name);
  assert.ok(csv.includes(`,${first.id},"${first.name.replaceAll('"', '""')}",${first.label_name},`), csv.slice(0, 900));
  await close();
});

test('scripts and embedding pages hear the names', async () => {
  const { page, close } = await open(browser, { study: named });
  assert.deepEqual(await page.evaluate(() => window.pdepth.names), names);
  await pick(page, 'plain.safetensors', plain);
  assert.deepEqual(await page.evaluate(() => window.pdepth.names), []);
  await close();
  const host = around('view="strip inspector" study="named.safetensors" start="sight"');
  const { address, close: end } = await serve(process.env.PAGE_DIST, { '/mine.html': host, '/named.safetensors': named });
  const { page: mine, close: leave } = await tab(browser, `${address}mine.html`);
  const demo = await inside(mine);
  for (const id of [8, 10]) {
    await demo.evaluate((id) => (location.hash = `#example=${id}`), id);
    await demo.waitForFunction((id) => document.querySelector('#inspector h2').textContent === `Example ${id}`, id);
    await demo.focus('#strip');
    await demo.press('#strip', 'ArrowRight');
    const { example, name } = await heard(mine, 'selected');
    assert.equal(name, names[example] || null);
  }
  await leave();
  end();
});

test('long names break nothing on a narrow screen', async () => {
  const options = { study: named, query: '?device=cpu#example=8', viewport: { width: 360, height: 800 } };
  const { page, close } = await open(browser, options);
  await page.click('#strip-table summary');
  assert.equal(await page.locator('#strip-table-rows thead th').nth(1).innerText(), 'name');
  const row = page.locator(`#strip-table-rows tbody tr`).first();
  const id = Number(await row.locator('th').innerText());
  assert.equal(await row.locator('td').first().innerText(), names[id]);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  if (process.env.SCREENSHOT_NAMES) await page.screenshot({ path: process.env.SCREENSHOT_NAMES, fullPage: true });
  await close();
});

test('a training keeps the validation split that is the data set’s own, and the names', async () => {
  const splits = (page) => page.locator('#split option').allInnerTexts();
  for (const [study, same] of [[withOwnValidation(named), true], [named, false]]) {
    const { page, close } = await open(browser, { study });
    assert.deepEqual(await splits(page), ['training (270)', 'validation (30)']);
    await page.selectOption('#split', 'validation');
    const held = async () => (JSON.parse(await saved(page, 'json')).map((row) => row.name)).sort();
    const earlier = await held();
    for (const [field, value] of Object.entries({ depth: 1, width: 8, epochs: 2, seed: 9 })) {
      await page.fill(`#plan-${field}`, `${value}`);
    }
    await page.click('#train');
    await page.waitForFunction(() => window.pdepth.state === 'training');
    await page.waitForFunction(() => window.pdepth.state === 'measured', null, { timeout: 60_000 });
    await page.selectOption('#split', 'validation');
    const later = await held();
    assert.equal(later.length, 30);
    assert.equal(JSON.stringify(later) === JSON.stringify(earlier), same);
    await close();
  }
});

test('what was left out of one’s own data, and what can spoil a result, is told', async () => {
  const { page, close } = await open(browser, { study: plain });
  assert.ok(await page.isHidden('#warnings'));
  const rows = Array.from({ length: 60 }, (_, row) => `${row % 2 ? 'ant' : 'bee'},${row % 30},${(row * 7) % 30},3,4`);
  const table = Buffer.from(['label,a,b,c,d', ...rows].join('\n'));
  await page.setInputFiles('#file', { name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.concat([table, Buffer.from('\nant,0,0,3,4')]) });
  await page.waitForFunction(() => /the same row as another one, but another label/.test(document.getElementById('warnings').textContent));
  await pick(page, 'plain.safetensors', plain);
  assert.ok(await page.isHidden('#warnings'));
  await close();
});
