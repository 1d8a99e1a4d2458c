// For the same numbers the page trains what the program trains, example by example.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { bytes, numbers, run, small, weights } from './studies.mjs';

const layers = { depth: 2, width: 24, epochs: 2, noise: 10, k: 30 };
const program = (seed, noiseSeed) =>
  run('--examples', '300', '--label-noise', '0.1', '--hidden', '24,24', '--epochs', '2', '--k', '30', '--seed', `${seed}`, '--noise-seed', `${noiseSeed}`);

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Keeps the first study that the worker sends: that of the network before its first step. */
const keep = `window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    this.addEventListener('message', ({ data }) => {
      const begun = 2; // the number of that message, which holds the bytes of the study's file after their count
      if (new Uint8Array(data)[0] === begun) window.begun = new Uint8Array(data).slice();
    });
  }
};`;

/** What the page trains by these numbers: the study before the first step, and the study that it saves in the end. */
async function trained(page, numbers) {
  for (const [name, value] of Object.entries(numbers)) await page.fill(`#plan-${name}`, String(value));
  await page.click('#train');
  await page.waitForFunction(() => window.pdepth.state === 'measured' && document.getElementById('lesson').textContent !== '');
  const message = Buffer.from(await page.evaluate(() => [...window.begun]));
  const count = message.subarray(1).findIndex((byte) => byte < 128) + 1; // bytes of a variable length
  await page.selectOption('#save-what', 'study');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return { first: message.subarray(1 + count), study: await readFile(await file.path()) };
}

/** The largest difference between the weights of two files. */
function apart(here, there) {
  const [ours, theirs] = [weights(here), weights(there)];
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  assert.ok(Object.keys(ours).length > 0);
  const differences = Object.entries(ours).flatMap(([name, values]) => {
    assert.equal(values.length, theirs[name].length, name);
    return values.map((value, place) => Math.abs(value - theirs[name][place]));
  });
  return differences.reduce((most, one) => Math.max(most, one), 0);
}

test('split, changed labels, first weights and order of training are those of the program', async () => {
  const { page, close } = await open(browser, { study: small(), before: keep });
  const here = await trained(page, { ...layers, seed: 5, 'noise-seed': 7 });
  await close();
  const there = program(5, 7);
  const others = { seed: program(6, 7), noise: program(5, 8) };

  for (const study of [here.first, here.study]) {
    assert.deepEqual(numbers(study, 'given_label'), numbers(there.study, 'given_label'));
    assert.deepEqual(numbers(study, 'labels'), numbers(there.study, 'labels'));
    assert.deepEqual(bytes(study, 'split'), bytes(there.study, 'split'));
  }
  assert.deepEqual(weights(here.first), weights(there.first));
  // Six steps later their sums were rounded in another order, and nothing else.
  const [same, moved] = [apart(here.study, there.study), apart(here.first, there.study)];
  assert.ok(same < 1e-4 && moved > 1e-2, `${same} from the program, ${moved} from the first weights`);

  // And each number counts: what it draws is another for another, and the rest the same.
  assert.notDeepEqual(bytes(here.study, 'split'), bytes(others.seed.study, 'split'));
  assert.deepEqual(numbers(here.study, 'given_label'), numbers(others.seed.study, 'given_label'));
  assert.ok(apart(here.first, others.seed.first) > 1e-2);
  assert.notDeepEqual(numbers(here.study, 'given_label'), numbers(others.noise.study, 'given_label'));
  assert.deepEqual(bytes(here.study, 'split'), bytes(others.noise.study, 'split'));
  assert.deepEqual(weights(here.first), weights(others.noise.first));
  assert.ok(apart(here.study, others.noise.study) > 10 * same, 'other labels lead elsewhere');
});

test('the address fills in the seed of the noise', async () => {
  const { page, close } = await open(browser, { study: small(), query: '?device=cpu&seed=5&noise-seed=7' });
  assert.deepEqual([await page.inputValue('#plan-seed'), await page.inputValue('#plan-noise-seed')], ['5', '7']);
  await close();
  const plain = await open(browser, { study: small() });
  assert.equal(await plain.page.inputValue('#plan-noise-seed'), '0');
  await plain.close();
});
