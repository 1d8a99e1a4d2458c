// Host pages that embed the page of prediction depth.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { ended } from './browser.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core');

/** Opens a tab at an address. `close` fails if the page reported errors, except those that `but` matches. */
export async function tab(browser, address, { but, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
  await page.addInitScript(() => {
    window.told = [];
    for (const type of ['opened', 'selected', 'trained', 'answered']) {
      addEventListener(type, ({ detail }) => window.told.push({ type, detail }));
    }
  });
  await page.goto(address);
  const close = async () => {
    await context.close();
    assert.deepEqual(complaints.filter((words) => !/favicon\.ico/.test(words) && !but?.test(words)), []);
  };
  return { page, close };
}

/** Returns the page inside the element `place`, after its measurement. */
export async function inside(page, place = 0) {
  const element = page.locator('prediction-depth').nth(place);
  await element.scrollIntoViewIfNeeded();
  const frame = await (await element.locator('iframe').elementHandle()).contentFrame();
  await ended(frame);
  return frame;
}

/** Returns the demos' latest message of this type; waits for the first. */
export const heard = (page, type) =>
  page.waitForFunction((type) => window.told.findLast((one) => one.type === type)?.detail, type).then((found) => found.jsonValue());

/** Describes the serious and critical findings of axe-core. */
export async function faults(frame) {
  await frame.addScriptTag({ path: axe });
  const { violations } = await frame.evaluate(() => window.axe.run(document, { iframes: false }));
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}

/** Serves a host page with a demo, beside the built page. */
export const around = (attributes, more = '') => Buffer.from(`<!doctype html><html lang="en"><title>mine</title>
  <style>button, p { display: none } body { font-size: 40px }</style>
  <script src="prediction-depth.js" defer></script><h1>Mine</h1>
  <prediction-depth device="cpu" ${attributes}><i>before</i></prediction-depth>${more}`);
