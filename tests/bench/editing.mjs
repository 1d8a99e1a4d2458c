// Time from an edit to the new rows of the page: embedded study, CPU, Chromium.
//
//   PAGE_DIST=DIR CHROMIUM=PATH node tests/bench/editing.mjs        (after tests/run --page DIR)

import { launch, open } from '../browser/browser.mjs';

const browser = await launch();
const { page, close } = await open(browser);
await page.click('#open-editor');
const times = await page.locator('#edit-rotation').evaluate(async (slider) => {
  const milliseconds = [];
  for (let degrees = 1; degrees <= 60; degrees += 1) {
    slider.value = degrees;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (!window.pdepth.settled) await new Promise((turn) => requestAnimationFrame(turn));
    const { edited } = window.pdepth;
    milliseconds.push(edited.ms);
    edited.free();
  }
  return milliseconds;
});
await close();
await browser.close();

const [first, ...rest] = times;
rest.sort((a, b) => a - b);
const at = (share) => Number(rest[Math.round(share * (rest.length - 1))].toFixed(1));
const figures = { case: 'edit', first_ms: Number(first.toFixed(1)), median_ms: at(0.5), p95_ms: at(0.95), at_most: 100 };
console.log(JSON.stringify(figures));
