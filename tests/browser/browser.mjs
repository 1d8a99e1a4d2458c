// Opens the page in Chromium.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { serve } from './server.mjs';

// Chromium sends requests of its own, which must not count as the page's.
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--no-sandbox',
];

/** Starts a browser, with a WebGPU adapter (SwiftShader, if there is no GPU) only if `webgpu`. */
export function launch({ webgpu = true } = {}) {
  const args = webgpu ? [...quiet, '--enable-unsafe-webgpu'] : quiet;
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/**
 * Opens the built page in its own tab, with `study`, if given, as the embedded one. `query` is appended to the URL;
 * `before` runs in the page before anything else. `close` fails if the page reported errors or sent requests elsewhere.
 */
export async function open(browser, { study, query = '?device=cpu', before, wait = true, ...options } = {}) {
  const server = await serve(process.env.PAGE_DIST, study && { '/study.safetensors.gz': study });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const ours = [server.address, 'blob:', 'data:'].some((start) => request.url().startsWith(start));
    if (!ours) complaints.push(`a request to ${request.url()}`);
  });
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
  if (before) await page.addInitScript(before);
  await page.goto(server.address + query);
  if (wait) await ended(page);
  const close = async () => {
    await context.close();
    server.close();
    assert.deepEqual(complaints, []);
  };
  return { page, close };
}

/** Returns a script for `before` that runs `hook` in every worker of the page, before the worker's own script. */
export const inWorkers = (hook) => `{
  const address = (script) => URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const hook = address(${JSON.stringify(`(${hook})();`)});
  window.Worker = class extends Worker {
    constructor(script, options) {
      super(address(\`importScripts(\${JSON.stringify(hook)}, \${JSON.stringify(script)});\`), options);
    }
  };
}`;

/** Waits until the measurement ends, and returns its final state; throws if the page itself failed. */
export async function ended(page, timeout = 120_000) {
  const over = () => {
    const said = document.querySelector('[role=alert]').textContent;
    if (said.startsWith('The page failed')) throw new Error(said);
    return ['measured', 'cancelled', 'failed'].includes(window.pdepth?.state);
  };
  await page.waitForFunction(over, null, { timeout });
  return page.evaluate(() => window.pdepth.state);
}

/** Opens another study through the file input, and waits for its measurement. */
export async function pick(page, name, bytes) {
  const next = page.evaluate(
    () => new Promise((over) => window.addEventListener('pdepth:measured', over, { once: true })),
  );
  await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: bytes });
  await next;
  return page.evaluate(() => window.pdepth.state);
}

/** Returns all results of the page and all contents of the file, in data set order; with `neighbors`, [layers][examples]. */
export function results(page, { neighbors = false } = {}) {
  return page.evaluate((neighbors) => {
    const { pdepth } = window;
    const layers = pdepth.layers.map((_, layer) => layer);
    const examples = [...pdepth.depths.keys()];
    const list = (layer, example) => {
      const found = pdepth.neighbors(layer, example);
      const copy = { examples: [...found.examples], distances: [...found.distances] };
      found.free();
      return copy;
    };
    return {
      device: pdepth.device,
      depths: [...pdepth.depths],
      predictions: [...pdepth.predictions],
      probes: layers.map((layer) => [...pdepth.probes(layer)]),
      neighbors: neighbors && layers.map((layer) => examples.map((example) => list(layer, example))),
      stored: {
        depths: [...pdepth.storedDepths],
        predictions: [...pdepth.storedPredictions],
        probes: layers.map((layer) => [...pdepth.storedProbes(layer)]),
      },
    };
  }, neighbors);
}
