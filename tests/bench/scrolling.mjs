// The page with 60,000 examples: time until they are shown, scrolling of the images, and selection of a depth.
// Needs Debian's Fashion-MNIST.
//
//   PDEPTH=PROGRAM PAGE_DIST=DIR CHROMIUM=PATH node tests/bench/scrolling.mjs        (after tests/run --page DIR)

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, open } from '../browser/browser.mjs';

const images = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';
const folder = mkdtempSync(join(tmpdir(), 'pdepth-scrolling-'));
const options = ['--data', images, '--hidden', '16', '--epochs', '1', '--label-noise', '0.05', '--quiet'];
execFileSync(process.env.PDEPTH, ['run', ...options, '--out', join(folder, 'run')], { stdio: ['ignore', 'ignore', 'inherit'] });
const study = readFileSync(join(folder, 'run', 'study.safetensors'));
rmSync(folder, { recursive: true });

const browser = await launch();
const started = Date.now();
const { page, close } = await open(browser, { study, wait: false });
await page.waitForFunction(() => window.pdepth?.selection.length > 0 && document.querySelector('#images button'));
const shown = Date.now() - started;
await page.waitForSelector('#cancel:not([hidden])');
await page.click('#cancel');
await page.waitForFunction(() => window.pdepth.state === 'cancelled');
const figures = await page.evaluate(async () => {
  const box = document.getElementById('images');
  const frame = () => new Promise(requestAnimationFrame);
  const at = (times, share) => Number(times.toSorted((a, b) => a - b)[Math.round(share * (times.length - 1))].toFixed(1));
  const timed = async (count, step) => {
    const times = [];
    for (let turn = 0; turn < count; turn += 1) {
      const before = performance.now();
      step(turn);
      await frame();
      times.push(performance.now() - before);
    }
    return times;
  };
  await frame();
  const scroll = await timed(300, () => (box.scrollTop += 300));
  const jump = await timed(60, (turn) => (box.scrollTop = (box.scrollHeight * ((turn * 7) % 60)) / 60));
  const select = await timed(20, (turn) => document.querySelectorAll('#depths button')[turn % 2].click());
  return {
    frame_ms: at(scroll, 0.5), frame_p95_ms: at(scroll, 0.95), frame_max_ms: at(scroll, 1),
    jump_ms: at(jump, 0.5), jump_p95_ms: at(jump, 0.95),
    select_ms: at(select, 0.5), elements: box.querySelectorAll('button').length,
  };
});
await close();
await browser.close();
console.log(JSON.stringify({ case: 'scroll', examples: 60_000, shown_ms: shown, ...figures }));
