// Studies to open: written by the program, and damaged in typical ways.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns what `pdepth run` writes with these options: the study, and the weights of the network before its first step. */
export function run(...options) {
  const folder = mkdtempSync(join(tmpdir(), 'pdepth-page-'));
  try {
    execFileSync(process.env.PDEPTH, ['run', '--quiet', '--device', 'cpu', '--out', join(folder, 'run'), ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const read = (path) => readFileSync(join(folder, 'run', path));
    return { study: read('study.safetensors'), first: read('checkpoints/step-00000000.safetensors') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the `study.safetensors` that `pdepth run` writes with these options. */
export const study = (...options) => run(...options).study;

/** A small one, with flipped labels. */
export const small = (...options) =>
  study('--examples', '300', '--epochs', '8', '--label-noise', '0.1', ...options);

/** A smaller one, without test images: quick to measure even on a software adapter. */
export const tiny = (...options) => small('--data', images, ...options);

const images = fileURLToPath(new URL('../../core/assets/fashion-mnist/train-images-idx3-ubyte.gz', import.meta.url));

/** The header of a safetensors file, as JSON, and the bytes after it. */
function parts(bytes) {
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  delete header.__metadata__?.sha256; // as in earlier versions: what is changed here would not match it
  return { header, rest: bytes.subarray(8 + length) };
}

function joined(header, rest) {
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')]); // tensors begin at multiples of 8
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, rest]);
}

/** Returns the study with the version of a later program. */
export function newer(bytes) {
  const { header, rest } = parts(bytes);
  header.__metadata__.version = '999';
  return joined(header, rest);
}

/** The bytes of a tensor of a study. */
export function bytes(study, name) {
  const { header, rest } = parts(study);
  return rest.subarray(...header[name].data_offsets);
}

/** A list of u32 in a study, such as `given_label`. */
export function numbers(study, name) {
  const block = bytes(study, name);
  return Array.from({ length: block.length / 4 }, (_, place) => block.readUInt32LE(4 * place));
}

/** Returns all weights of a study, or of a checkpoint, by their names. */
export function weights(file) {
  const { header } = parts(file);
  const names = Object.keys(header).filter((name) => /^(weights\/)?\w+\.(weight|bias)$/.test(name));
  const floats = (block) => Array.from({ length: block.length / 4 }, (_, place) => block.readFloatLE(4 * place));
  return Object.fromEntries(names.map((name) => [name.replace('weights/', ''), floats(bytes(file, name))]));
}

/** The names of the classes of a study. */
export const classes = (bytes) => JSON.parse(parts(bytes).header.__metadata__.classes);

/** Returns the study without representations, so that the page must compute them. */
export const withoutRepresentations = (bytes) => without(bytes, 'representations/');

/** Returns the study without its network's weights. */
export const withoutWeights = (bytes) => without(bytes, 'weights/');

/** Returns the study without the tensors whose names begin with this prefix. */
function without(bytes, start) {
  const { header, rest } = parts(bytes);
  const kept = Object.entries(header).filter(([name]) => !name.startsWith(start));
  const blocks = [];
  let end = 0;
  const moved = kept.map(([name, tensor]) => {
    if (name === '__metadata__') return [name, tensor];
    const block = rest.subarray(...tensor.data_offsets);
    blocks.push(block);
    end += block.length;
    return [name, { ...tensor, data_offsets: [end - block.length, end] }];
  });
  return joined(Object.fromEntries(moved), Buffer.concat(blocks));
}

/** Returns the study with the columns of an ensemble, `{ name: values }`, one value per example. */
export function withEnsemble(bytes, columns) {
  const { header, rest } = parts(bytes);
  const blocks = [rest];
  let end = rest.length;
  for (const [name, values] of Object.entries(columns)) {
    const block = Buffer.from(Float32Array.from(values).buffer);
    header[`ensemble/${name}`] = { dtype: 'F32', shape: [values.length], data_offsets: [end, end + block.length] };
    blocks.push(block);
    end += block.length;
  }
  return joined(header, Buffer.concat(blocks));
}

/** Returns the study with these names of its examples. */
export const withNames = (bytes, names) => withTexts(bytes, 'ids', names);

/** Returns the study with a list of texts, one for each example. */
function withTexts(bytes, name, list) {
  const { header, rest } = parts(bytes);
  const texts = list.map((text) => Buffer.from(text));
  const offsets = new BigUint64Array(list.length + 1);
  texts.forEach((text, id) => (offsets[id + 1] = offsets[id] + BigInt(text.length)));
  const [ends, all] = [Buffer.from(offsets.buffer), Buffer.concat(texts)];
  const start = rest.length;
  const data_offsets = [start + ends.length, start + ends.length + all.length];
  header[`${name}_offsets`] = { dtype: 'U64', shape: [offsets.length], data_offsets: [start, start + ends.length] };
  header[name] = { dtype: 'U8', shape: [all.length], data_offsets };
  return joined(header, Buffer.concat([rest, ends, all]));
}

/** Returns the study with its validation split as the data set's own. */
export function withOwnValidation(bytes) {
  const { header, rest } = parts(bytes);
  header.__metadata__.validation = 'own';
  return joined(header, rest);
}

/**
 * Returns the study as that of somebody else's network, which is not in it: of texts, or with nothing to show. `ownSplit`
 * is the name that its test split gets.
 */
export function foreign(bytes, { texts, ownSplit } = {}) {
  const { header, rest } = parts(without(without(bytes, 'weights/'), 'images'));
  Object.assign(header.__metadata__, { version: '2', network: 'null', inputs: texts ? 'text' : 'none', held_out: '[]' });
  if (ownSplit) {
    header.__metadata__.held_out = JSON.stringify([ownSplit]);
    const [start, end] = header.split.data_offsets;
    for (let at = start; at < end; at++) if (rest[at] === 2) rest[at] = 3;
  }
  const study = joined(header, rest);
  return texts ? withTexts(study, 'texts', texts) : study;
}
