// Whether a page with three demos scrolls smoothly, as in the mdBook example: measures the time between frames of the
// outer page while it is scrolled, until all demos are measured.
//
//   PAGE_DIST=DIR CHROMIUM=PATH node tests/bench/demos.mjs [--runs N]        (after tests/run --page DIR)

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from '../browser/browser.mjs';
import { serve } from '../browser/server.mjs';
import { median, prepare } from './setting.mjs';

const { runs } = parseArgs({ options: { runs: { type: 'string', default: '3' } } }).values;
const book = join(import.meta.dirname, '../../web/course/examples/book/src/demos.md');
const demos = readFileSync(book, 'utf8').match(/<prediction-depth .*<\/prediction-depth>/g).join('<p style="height: 200px">Words</p>').replaceAll('depth/', '');
const host = `<!doctype html><html lang="en"><meta charset="utf-8"><title>demos</title><script src="prediction-depth.js" defer></script><body>${demos}</body></html>`;

/** Runs in the page before anything else. Records the times of its animation frames, and the long tasks of all frames. */
function watch() {
  if (window !== top) {
    top.tasks ??= [];
    new PerformanceObserver((list) => top.tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: 'longtask', buffered: true });
    return;
  }
  window.frames_ms = [];
  const frame = (now) => {
    window.frames_ms.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

const done = prepare();
const browser = await launch({ webgpu: false });
const found = [];
for (let run = 0; run < Number(runs); run += 1) {
  const { address, close } = await serve(process.env.PAGE_DIST, { '/demos.html': Buffer.from(host) });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(watch);
  const started = Date.now();
  await page.goto(`${address}demos.html`);
  const seen = await page.evaluate(async () => {
    const measured = () => [...document.querySelectorAll('prediction-depth')].every((demo) => demo.shadowRoot.querySelector('iframe')?.contentWindow.pdepth?.state === 'measured');
    while (!measured()) {
      scrollBy(0, 12);
      if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) scrollTo(0, 0);
      await new Promise(requestAnimationFrame);
    }
    return { frames: window.frames_ms, tasks: window.tasks };
  });
  const gaps = seen.frames.slice(1).map((time, at) => time - seen.frames[at]).toSorted((a, b) => a - b);
  const at = (share) => gaps[Math.round(share * (gaps.length - 1))];
  found.push({ all_ms: Date.now() - started, gap_ms: at(0.5), gap_p95_ms: at(0.95), gap_max_ms: at(1), tasks: seen.tasks.toSorted((a, b) => b - a).slice(0, 8) });
  await page.close();
  close();
}
await browser.close();
done();
for (const run of found) console.error(JSON.stringify(run));
const middle = (name) => Number(median(found.map((run) => run[name])).toFixed(1));
console.log(JSON.stringify({ case: 'demos', runs: found.length, all_ms: middle('all_ms'), gap_ms: middle('gap_ms'), gap_p95_ms: middle('gap_p95_ms'), gap_max_ms: middle('gap_max_ms') }));
