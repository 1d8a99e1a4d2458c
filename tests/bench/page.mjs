// The page in Chromium: its size, its first view, and all depths of the embedded study on the CPU, compared with the
// same probes in TensorFlow.js with its wasm backend (matmul and topk over random rows of the same shapes, without
// votes).
//
//   node tests/bench/page.mjs [--json] [--runs N]        (environment variables: see tests/bench/browser.mjs)

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { install } from './contestants.mjs';
import { bring, median, prepare } from './setting.mjs';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runs = Number(options.runs);
const K = 30;
// The embedded study: 1,800 training examples, 200 + 500 held out, seven layers.
const [support, queries, dims] = [1800, 700, [784, 64, 64, 64, 64, 64, 10]];

/** Returns the gzipped size of the page's files in bytes: all files, and the program alone. */
function weight() {
  const files = readdirSync(process.env.PAGE_DIST);
  const sizes = files.map((name) => [name, gzipSync(readFileSync(join(process.env.PAGE_DIST, name))).length]);
  const sum = (some) => some.reduce((total, [, size]) => total + size, 0);
  return { wasm: sum(sizes.filter(([name]) => name.endsWith('.wasm'))), all: sum(sizes) };
}

/** Opens the page and returns the milliseconds to its first view, and to all depths. */
async function visit(open, browser) {
  const before = () => {
    const watch = new MutationObserver(() => {
      if (window.viewed === undefined && document.getElementById('main')?.hidden === false) window.viewed = performance.now();
    });
    watch.observe(document, { attributes: true, subtree: true });
    window.addEventListener('pdepth:measured', () => (window.measured = performance.now()));
  };
  const { page, close } = await open(browser, { before });
  const times = await page.evaluate(() => ({ viewed: window.viewed, measured: window.measured }));
  await close();
  return times;
}

/** Returns the milliseconds of TensorFlow.js for the probes of one layer. */
async function probes(page, dims) {
  let total = 0;
  for (const one of [{ support, dims }, { queries, support, dims }]) {
    await page.evaluate((one) => window.bench.load(one), one);
    const times = [];
    for (let run = 0; run <= runs; run++) times.push(await page.evaluate((k) => window.bench.theirs(k), K));
    await page.evaluate(() => window.bench.unload());
    total += median(times.slice(1));
  }
  return total;
}

const clean = prepare();
const { launch, open } = await import('../browser/browser.mjs');
const browser = await launch();
try {
  const visits = [];
  for (let run = 0; run <= runs; run++) visits.push(await visit(open, browser));
  const viewed = median(visits.slice(1).map((one) => one.viewed));
  const depths = median(visits.slice(1).map((one) => one.measured - one.viewed));
  const { page, close } = await open(browser);
  await bring(page);
  await page.evaluate(install);
  let theirs = 0;
  for (const width of dims) theirs += await probes(page, width);
  await close();
  const result = {
    wasm_kb: Math.round(weight().wasm / 1000),
    page_kb: Math.round(weight().all / 1000),
    first_view_ms: Math.round(viewed),
    depths_ms: Math.round(depths),
    peer: 'tfjs-wasm',
    peer_ms: Math.round(theirs),
    ratio: Math.round((100 * theirs) / depths) / 100,
  };
  if (options.json) console.log(JSON.stringify(result));
  else {
    console.log(`weight, gzipped: program ${result.wasm_kb} KB (at most 1,500), all ${result.page_kb} KB (at most 4,000)`);
    console.log(`first view after ${result.first_view_ms} ms (at most 1,500), medians of ${runs} visits`);
    console.log(`all depths of the embedded study ${result.depths_ms} ms later (at most 2,000), forward passes included`);
    console.log(`TensorFlow.js, its neighbours alone: ${result.peer_ms} ms, ratio ${result.ratio}`);
  }
} finally {
  await browser.close();
  clean();
}
