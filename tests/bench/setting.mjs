// The environment of the browser benchmarks: the page, the browser, and TensorFlow.js.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '../..');

const cache = process.env.PDEPTH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'prediction-depth');

/** Returns the folder of the npm packages in package-lock.json. */
function packages() {
  const lock = join(here, 'package-lock.json');
  const digest = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 12);
  const folder = join(cache, 'tools', `node_modules-bench-${digest}`);
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    mkdirSync(part, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(part, file));
    execFileSync('npm', ['ci', '--prefix', part, '--no-audit', '--no-fund', '--loglevel', 'error'], { stdio: 'inherit' });
    renameSync(part, folder);
  }
  return join(folder, 'node_modules', '@tensorflow');
}

/** Builds the page if necessary, and finds the browser as the tests do. */
export function prepare() {
  process.env.CHROMIUM ??= ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (process.env.PAGE_DIST) return () => {};
  const folder = mkdtempSync(join(tmpdir(), 'pdepth-page-'));
  execFileSync(join(root, 'tests/run'), ['--page', folder], { stdio: ['ignore', 2, 2] });
  process.env.PAGE_DIST = folder;
  return () => rmSync(folder, { recursive: true });
}

export const median = (times) => {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Loads TensorFlow.js with its wasm backend into the page. */
export async function bring(page) {
  const folder = packages();
  await page.route('**/tfjs/*.wasm', (route) =>
    route.fulfill({ path: join(folder, 'tfjs-backend-wasm/dist', new URL(route.request().url()).pathname.split('/').at(-1)) }),
  );
  for (const file of ['tfjs-core/dist/tf-core.min.js', 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js']) {
    await page.addScriptTag({ path: join(folder, file) });
  }
  await page.evaluate(async () => {
    tf.wasm.setWasmPaths(new URL('tfjs/', location.href).href);
    if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js did not start its wasm backend');
  });
}
