// The depths that the page measures equal those of the program.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ended, inWorkers, launch, open, pick, results } from './browser.mjs';
import { band, sameSet, unexplained } from './neighbors.mjs';
import { study, tiny, withoutRepresentations } from './studies.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const differing = (a, b) => a.flatMap((value, place) => (value === b[place] ? [] : [place]));

/** Checks that at most 0.5 % of the depths differ from those in the file. */
function nearlyAll({ depths, stored }) {
  const differ = differing(depths, stored.depths).length;
  assert.ok(depths.length > 0 && differ <= 0.005 * depths.length, `${differ} of ${depths.length} depths differ`);
}

test('the embedded study, on the CPU', async () => {
  const { page, close } = await open(browser);
  assert.equal(await ended(page), 'measured');
  const found = await results(page);
  assert.match(found.device, /^on the CPU/);
  assert.equal(found.depths.length, 2500);
  nearlyAll(found);
  await close();
});

test('given the program’s representations, CPU and GPU equal the program', async () => {
  const given = tiny('--representations');
  const found = {};
  for (const device of ['cpu', 'gpu']) {
    const { page, close } = await open(browser, { study: given, query: `?device=${device}` });
    assert.equal(await ended(page), 'measured');
    found[device] = await results(page, { neighbors: true });
    assert.match(found[device].device, device === 'gpu' ? /^on the GPU by WebGPU/ : /^on the CPU/);
    const { stored, depths, probes, predictions } = found[device];
    assert.deepEqual({ depths, probes, predictions }, stored);
    if (device === 'gpu') {
      // The same network, by the page's own forward pass.
      assert.equal(await pick(page, 'plain.safetensors', withoutRepresentations(given)), 'measured');
      const own = await results(page);
      assert.match(own.device, /^on the GPU by WebGPU/);
      nearlyAll(own);
    }
    await close();
  }
  assert.deepEqual(found.cpu.neighbors, found.gpu.neighbors);
});

test('a convolutional network of the program’s: the page computes its maps itself, and its depths are the program’s', async () => {
  const convolutional = tiny('--net', 'vgg-small', '--width', '0.5');
  const { page, close } = await open(browser, { study: convolutional });
  const { depths, predictions, stored } = await results(page);
  assert.deepEqual(await page.evaluate(() => window.pdepth.layers), ['input', 'conv1', 'conv2', 'conv3', 'conv4', 'softmax']);
  assert.deepEqual(predictions, stored.predictions);
  const differ = depths.filter((depth, example) => depth !== stored.depths[example]).length;
  assert.ok(differ <= 3, `${differ} of ${depths.length} depths differ`);
  await page.click('#open-editor');
  await page.locator('#edit-rotation').fill('90');
  await page.waitForFunction(() => window.pdepth.settled && window.pdepth.edited);
  await close();
});

test('a study of depths alone: the page knows the other probes once it has measured', async () => {
  const unprobed = 2 ** 32 - 1;
  const { page, close } = await open(browser, { study: tiny('--representations', '--depth-only') });
  assert.equal(await ended(page), 'measured');
  const { stored, depths, probes } = await results(page);
  assert.deepEqual(depths, stored.depths);
  const pairs = stored.probes.flatMap((layer, index) => layer.map((says, example) => [says, probes[index][example]]));
  assert.ok(pairs.some(([says]) => says === unprobed) && !pairs.some(([, own]) => own === unprobed));
  assert.ok(pairs.every(([says, own]) => says === unprobed || says === own));
  assert.match(await page.innerText('body'), /Every depth equals the one in the file/);
  await close();
});

test('from the page’s own forward pass, what differs are swaps of near-equal neighbours', async () => {
  const given = study('--examples', '1000', '--epochs', '20', '--label-noise', '0.05', '--representations');
  const { page, close } = await open(browser, { study: given });
  const theirs = await results(page, { neighbors: true });
  assert.deepEqual(theirs.depths, theirs.stored.depths);
  assert.equal(await pick(page, 'plain.safetensors', withoutRepresentations(given)), 'measured');
  const own = await results(page, { neighbors: true });
  nearlyAll(own);
  assert.deepEqual(own.predictions, theirs.predictions);
  let swaps = 0;
  for (const [layer, lists] of own.neighbors.entries()) {
    for (const [example, list] of lists.entries()) {
      const reference = theirs.neighbors[layer][example];
      assert.equal(unexplained(list, reference), null, `layer ${layer}, example ${example}`);
      const same = sameSet(list, reference);
      swaps += same ? 0 : 1;
      // Another class is only possible with other voters.
      if (same) assert.equal(own.probes[layer][example], theirs.probes[layer][example]);
    }
  }
  const differ = differing(own.depths, theirs.depths);
  console.log(`${swaps} sets of neighbours and ${differ.length} depths differ between page and program`);
  await close();
});

test('the comparison of neighbours refuses what rounding does not explain', () => {
  const list = (examples, distances) => ({ examples, distances: distances.map((one) => one ** 2) });
  const base = list([1, 2, 3], [1, 2, 3]);
  assert.equal(unexplained(base, base), null);
  assert.equal(unexplained(base, list([2, 1, 4], [2, 1, 3])), null, 'the last, swapped for one as far');
  assert.equal(unexplained(base, list([1, 2, 3], [1, 2, 3 + 0.9 * band(3)])), null);
  assert.match(unexplained(base, list([1, 4, 3], [1, 2, 3])), /2, only in the first list/);
  assert.match(unexplained(list([1, 2], [1, 2]), list([1, 3], [1, 1.99])), /the last are at 2 and at 1.99/);
  assert.match(unexplained(base, list([1, 2, 3], [1, 2.001, 3])), /2 is at/);
  assert.ok(!sameSet(base, list([1, 2, 4], [1, 2, 3])));
});

const failures = {
  'is lost on the way': () => {
    let calls = 0;
    const map = GPUBuffer.prototype.mapAsync;
    GPUBuffer.prototype.mapAsync = function (...asked) {
      calls += 1;
      return calls > 4 ? Promise.reject(new DOMException('the device is lost', 'OperationError')) : map.apply(this, asked);
    };
  },
  'is destroyed in the middle': () => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...asked) {
      const device = await requestDevice.apply(this, asked);
      const { submit } = device.queue;
      let calls = 0;
      GPUQueue.prototype.submit = function (...commands) {
        calls += 1;
        if (calls === 6) device.destroy();
        return submit.apply(this, commands);
      };
      return device;
    };
  },
  'compiles no shader': () => {
    GPUDevice.prototype.createShaderModule = ((create) =>
      function (described) {
        return create.call(this, { ...described, code: 'no shader' });
      })(GPUDevice.prototype.createShaderModule);
  },
  'does nothing': () => {
    GPUQueue.prototype.submit = () => {};
  },
};
const withoutWorkers = (hook) => `delete window.Worker; (${hook})();`;
for (const [what, hook] of Object.entries(failures)) {
  for (const [where, before] of [['a worker', inWorkers(hook)], ['the page’s own thread', withoutWorkers(hook)]]) {
    test(`a GPU that ${what}, in ${where}: the page says so, and the CPU goes on`, async () => {
      const { page, close } = await open(browser, { study: tiny(), query: '?device=gpu', before });
      assert.equal(await ended(page), 'measured');
      assert.match(await page.innerText('[role=alert]'), /The GPU failed; the CPU went on/);
      const found = await results(page);
      assert.match(found.device, /CPU, since the GPU failed/);
      assert.ok(found.device.endsWith(where));
      nearlyAll(found);
      await close();
    });
  }
}

const withoutWorker = {
  'there are none': 'delete window.Worker',
  'none can be made': 'window.Worker = class { constructor() { throw new DOMException("no", "SecurityError"); } }',
  'it cannot start': inWorkers(() => {
    throw new Error('no');
  }),
};
for (const [why, before] of Object.entries(withoutWorker)) {
  test(`without a worker, since ${why}, the page’s own thread computes the same`, async () => {
    const given = tiny('--representations');
    const found = [];
    for (const options of [{ before }, {}]) {
      const { page, close } = await open(browser, { study: given, ...options });
      assert.equal(await ended(page), 'measured');
      found.push(await results(page, { neighbors: true }));
      // Chromium also writes the reports of the test's own worker to the console.
      await close();
    }
    assert.match(found[0].device, /on the page’s own thread$/);
    assert.match(found[1].device, /in a worker$/);
    assert.deepEqual({ ...found[0], device: '' }, { ...found[1], device: '' });
  });
}

test('which device computes, and why', async () => {
  const plain = tiny();
  const said = async (browser, query) => {
    const { page, close } = await open(browser, { study: plain, query });
    const words = [await page.innerText('#status'), await page.innerText('[role=alert]')].join(' ');
    await close();
    return words;
  };
  assert.match(await said(browser, ''), /on the (CPU: the only WebGPU adapter here computes in software|GPU)/);
  const without = await launch({ webgpu: false });
  assert.match(await said(without, ''), /on the (CPU: this browser shows no WebGPU adapter.*--enable-unsafe-webgpu|GPU)/);
  assert.match(await said(without, '?device=gpu'), /no GPU can be had|on the GPU/i);
  await without.close();
});

test('a measurement can be cancelled, and begun anew', async () => {
  const { page, close } = await open(browser, { wait: false });
  await page.waitForFunction(() => document.getElementById('counts').textContent !== '');
  const state = await page.evaluate(async () => {
    document.getElementById('cancel').click();
    await new Promise(requestAnimationFrame);
    return window.pdepth.state;
  });
  assert.equal(state, 'cancelled');
  assert.match(await page.innerText('#status'), /Cancelled/);
  const { depths, stored } = await results(page);
  assert.deepEqual(depths, stored.depths);
  await page.click('#compute');
  await page.waitForFunction(() => window.pdepth.state === 'measured');
  assert.ok(await page.isHidden('#compute'));
  await close();
});
