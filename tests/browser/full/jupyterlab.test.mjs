// The Python package in JupyterLab: the page in an output cell, and what is selected there back in Python.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ended, launch } from '../browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pdepth-jupyter-'));
const cells = [
  `import numpy as np, prediction_depth as pdepth
rng = np.random.default_rng(0)
y = rng.integers(0, 3, 200)
layers = {name: signal * np.eye(3)[y] + rng.normal(size=(200, 3)) for name, signal in [("input", 0.5), ("hidden", 2), ("softmax", 9)]}
m = pdepth.measure(layers, y, layers["softmax"], k=10, representations=True)
m.show(height=600)`,
  'print("selected:", m.selection.split, (m.depth[m.selection.rows] == 1).all(), len(m.selection.rows) == (m.depth == 1).sum())',
];

let browser, server, address;
before(async () => {
  const cell = (source, index) => ({ cell_type: 'code', id: `cell-${index}`, execution_count: null, metadata: {}, outputs: [], source });
  const kernelspec = { display_name: 'Python 3', language: 'python', name: 'python3' };
  const notebook = { cells: cells.map(cell), metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  writeFileSync(join(folder, 'live.ipynb'), JSON.stringify(notebook));
  const port = await freePort();
  const options = ['--allow-root', '--no-browser', `--port=${port}`, '--IdentityProvider.token=', `--ServerApp.root_dir=${folder}`, '--LabApp.expose_app_in_browser=True'];
  server = spawn(process.env.NOTEBOOK_PYTHON, ['-m', 'jupyterlab', ...options], { stdio: 'ignore', detached: true });
  address = `http://127.0.0.1:${port}`;
  browser = await launch({ webgpu: false });
  await started(`${address}/api`);
});
after(async () => {
  await browser.close();
  process.kill(-server.pid); // with its kernels
  rmSync(folder, { recursive: true });
});

function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

async function started(url) {
  for (let tries = 0; tries < 120; tries++) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) return;
    await new Promise((over) => setTimeout(over, 500));
  }
  throw new Error('JupyterLab did not start within a minute');
}

test('what is selected in an output cell comes back to Python', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(120_000); // its first start takes long
  const elsewhere = [];
  page.on('request', (request) => new RegExp(`^(blob:|data:|(http|ws)${address.slice(4)})`).test(request.url()) || elsewhere.push(request.url()));
  await page.goto(`${address}/lab/tree/live.ipynb`);
  const run = () => page.evaluate(() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next'));
  await page.waitForSelector('.jp-Notebook .jp-Cell');
  await page.locator('.jp-Notebook .jp-Cell').first().click();
  await run();
  const frame = await (await page.waitForSelector('.jp-OutputArea iframe')).contentFrame();
  assert.equal(await ended(frame), 'measured');
  await frame.getByRole('button', { name: /^depth 1 / }).click();
  await page.locator('.jp-Notebook .jp-Cell').last().click();
  await run();
  await page.waitForSelector('text=selected: train True True');
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/jupyterlab.png` });
  assert.deepEqual(elsewhere, []);
  await page.close();
});
