// The page's search in Chromium, by WASM and by WebGPU, against TensorFlow.js with its wasm backend (matmul and topk).
// One thread each: the page has no more, and neither has TensorFlow.js without cross-origin isolation.
//
//   node tests/bench/browser.mjs [--json] [--case TEXT] [--runs N]
//
// PAGE_DIST is the folder of a page built by `tests/run --page DIR`; without it, the page is built. CHROMIUM is the
// browser. Without a GPU, WebGPU runs on SwiftShader, a software adapter: its times say nothing about GPUs.

import { parseArgs } from 'node:util';
import { install } from './contestants.mjs';
import { bring, median, prepare } from './setting.mjs';

const K = 30;

// Sizes of tests/bench/search.py, reduced to fit a tab's memory and a minute; `was` is the original size. No queries:
// leave-one-out.
const wasmCases = [
  { queries: 2000, support: 10_000, dims: 64 },
  { queries: 2000, support: 10_000, dims: 784 },
  { queries: 2000, support: 10_000, dims: 512, was: '10000x10000x512' },
  { queries: 500, support: 10_000, dims: 3072, was: '2000x10000x3072' },
  { queries: 500, support: 2000, dims: 16_384, was: '2000x10000x16384' },
  { support: 5000, dims: 512, was: 'leave-one-out 10000x512' },
  { support: 2500, dims: 3072, was: 'leave-one-out 10000x3072' },
];
const gpuCases = [
  { queries: 200, support: 1000, dims: 64, was: '2000x10000x64' },
  { queries: 100, support: 500, dims: 784, was: '2000x10000x784' },
  { support: 500, dims: 512, was: 'leave-one-out 10000x512' },
];

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    case: { type: 'string', default: '' },
    runs: { type: 'string', default: '5' },
  },
});

const nameOf = ({ queries, support, dims }) => (queries ? `${queries}x${support}x${dims}` : `leave-one-out ${support}x${dims}`);

/** Returns the browser's name of its WebGPU adapter, such as `google swiftshader`. */
async function adapter(page) {
  const info = await page.evaluate(async () => {
    const { vendor, architecture } = (await navigator.gpu.requestAdapter()).info;
    return `${vendor} ${architecture}`;
  });
  return info.includes('swiftshader') ? `${info}: a program that plays a GPU` : info;
}

/** Runs both alternately; the first run of each is not counted. */
async function measure(page, one, device, runs) {
  await page.evaluate((one) => window.bench.load(one), one);
  const [ours, theirs] = [[], []];
  let name;
  for (let run = 0; run <= runs; run++) {
    const found = await page.evaluate(([device, k]) => window.bench.ours(device, k), [device, K]);
    name = device === 'gpu' ? await adapter(page) : found.name;
    ours.push(found.ms);
    theirs.push(await page.evaluate((k) => window.bench.theirs(k), K));
  }
  const differ = await page.evaluate((k) => window.bench.differ(k), K);
  await page.evaluate(() => window.bench.unload());
  const [oursMs, peerMs] = [ours, theirs].map((times) => median(times.slice(1)));
  const gflops = (2 * (one.queries ?? one.support) * one.support * one.dims) / oursMs / 1e6;
  const round = (value) => Math.round(value * 100) / 100;
  return {
    case: nameOf(one),
    was: one.was ?? nameOf(one),
    backend: device === 'gpu' ? 'WebGPU' : 'WASM SIMD',
    device: name,
    peer: 'tfjs-wasm',
    ours_ms: round(oursMs),
    peer_ms: round(peerMs),
    ratio: round(peerMs / oursMs),
    at_least: null,
    gflops: round(gflops),
    differ,
    of: one.queries ?? one.support,
  };
}

function show(result) {
  if (options.json) return console.log(JSON.stringify(result));
  const shown = result.was === result.case ? '' : `instead of ${result.was}`;
  const numbers = [result.ours_ms.toFixed(1), result.peer_ms.toFixed(1), result.ratio.toFixed(2), result.gflops.toFixed(1)];
  const differ = `${result.differ} of ${result.of}`;
  const cells = [result.case.padEnd(22), result.backend.padEnd(10), ...numbers.map((text) => text.padStart(9)), differ.padStart(14)];
  console.log(`${cells.join(' ')}  ${shown}`.trimEnd());
}

async function main() {
  const clean = prepare();
  const { launch, open } = await import('../browser/browser.mjs');
  const browser = await launch();
  try {
    const { page, close } = await open(browser);
    await bring(page);
    await page.evaluate(install);
    if (!options.json) {
      console.log(`TensorFlow.js ${await page.evaluate(() => tf.version_core)}, wasm; medians of ${options.runs} runs in turn, k = ${K}`);
      const titles = ['ours ms', 'peer ms', 'ratio', 'GF/s'].map((text) => text.padStart(9));
      console.log(['case'.padEnd(22), 'ours'.padEnd(10), ...titles, 'peer differs'.padStart(14)].join(' '));
    }
    for (const [device, cases] of [['cpu', wasmCases], ['gpu', gpuCases]]) {
      let named = false;
      for (const one of cases.filter((one) => nameOf(one).includes(options.case))) {
        const result = await measure(page, one, device, Number(options.runs));
        if (!options.json && !named) console.log(`-- ${result.backend}: ${result.device}`);
        named = true;
        show(result);
      }
    }
    await close();
  } finally {
    await browser.close();
    clean();
  }
}

await main();
