// `window.pdepth.search`: the search for scripts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';

let browser, page, close;
before(async () => {
  browser = await launch();
  ({ page, close } = await open(browser));
});
after(async () => {
  await close?.();
  await browser.close();
});

const [dims, k] = [5, 3];
const integers = (count, step) => Array.from({ length: count * dims }, (_, place) => ((place * step) % 11) - 5);
const support = integers(40, 7);
const queries = integers(6, 3);

/** Returns the page's result. Arrays are passed as plain numbers. */
function search(options) {
  return page.evaluate(async (options) => {
    for (const name of ['support', 'queries']) if (options[name]) options[name] = Float32Array.from(options[name]);
    const found = await window.pdepth.search(options);
    const { ms, device } = found;
    const plain = { indices: [...found.indices], distances: [...found.distances], ms, device };
    found.free();
    return plain;
  }, options);
}

/** The reference, in plain loops: sorted by distance, then by index. Distances of integers are exact. */
function expected(asked, leaveOut) {
  const row = (values, number) => values.slice(number * dims, (number + 1) * dims);
  const indices = [];
  const distances = [];
  for (let query = 0; query < asked.length / dims; query++) {
    const all = Array.from({ length: support.length / dims }, (_, index) => {
      const other = row(support, index);
      return { index, distance: row(asked, query).reduce((sum, value, dim) => sum + (value - other[dim]) ** 2, 0) };
    });
    const others = all.filter(({ index }) => !leaveOut || index !== query);
    const nearest = others.sort((a, b) => a.distance - b.distance || a.index - b.index).slice(0, k);
    indices.push(...nearest.map(({ index }) => index));
    distances.push(...nearest.map(({ distance }) => distance));
  }
  return { indices, distances };
}

for (const device of ['cpu', 'gpu']) {
  test(`it finds the neighbours on the ${device}`, async () => {
    const { ms, device: name, ...found } = await search({ support, queries, dims, k, device });
    assert.deepEqual(found, expected(queries, false));
    assert.ok(name.startsWith(device) && ms >= 0, `${name}, ${ms} ms`);
    const left = await search({ support, leaveOneOut: true, dims, k, device });
    assert.deepEqual(left.indices, expected(support, true).indices);
    assert.notDeepEqual(left.indices, expected(support, false).indices);
  });
}

test('what it cannot use is refused by name', async () => {
  const right = { support, queries, dims, k, device: 'cpu' };
  const cases = [
    [{ dims: 0 }, /dims/],
    [{ dims: 3 }, /support.*3 divides/],
    [{ support: undefined }, /support/],
    [{ queries: undefined }, /queries.*leaveOneOut/],
    [{ leaveOneOut: true }, /queries.*leaveOneOut/],
    [{ k: 41 }, /k = 41/],
    [{ k: 1.5 }, /k: needs/],
    [{ device: 'abacus' }, /device/],
  ];
  for (const [change, message] of cases) await assert.rejects(search({ ...right, ...change }), message);
});
