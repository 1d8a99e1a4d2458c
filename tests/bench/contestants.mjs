// The code that runs in the page: the arrays and both contestants.

/** Defines `window.bench`. Must not use anything outside of itself, since its source text is sent to the page. */
export function install() {
  // Random normal numbers, the same for every call (mulberry32, Box and Muller).
  const normals = (count, seed) => {
    let state = seed;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
  };
  const bench = {};

  bench.load = ({ queries, support, dims }) => {
    bench.dims = dims;
    bench.rows = normals(support * dims, 1);
    bench.asked = queries && normals(queries * dims, 2);
    bench.tensors = [tf.tensor2d(bench.rows, [support, dims]), queries && tf.tensor2d(bench.asked, [queries, dims])];
  };

  bench.unload = () => bench.tensors.forEach((tensor) => tensor?.dispose());

  bench.ours = async (device, k) => {
    const { rows: support, asked: queries, dims } = bench;
    const found = await window.pdepth.search({ support, queries, leaveOneOut: !queries, dims, k, device });
    bench.found = { indices: found.indices, distances: found.distances };
    const { ms, device: name } = found;
    found.free();
    return { ms, name };
  };

  // TensorFlow.js has no leave-one-out: search for k + 1 neighbours and drop the row itself.
  bench.theirs = (k) => {
    const start = performance.now();
    const [support, queries] = bench.tensors;
    const asked = queries ?? support;
    const more = queries ? k : k + 1;
    const [keys, indices, norms] = tf.tidy(() => {
      const dots = tf.matMul(asked, support, false, true);
      const { values, indices } = tf.topk(tf.sub(tf.mul(dots, 2), tf.sum(tf.square(support), 1)), more);
      return [values, indices, tf.sum(tf.square(asked), 1)].map((tensor) => tensor.dataSync());
    });
    const found = { indices: [], distances: [] };
    for (let query = 0; query < norms.length; query++) {
      const places = [...Array(more).keys()].map((rank) => query * more + rank);
      const kept = (queries ? places : places.filter((place) => indices[place] !== query)).slice(0, k);
      for (const place of kept) {
        found.indices.push(indices[place]);
        found.distances.push(norms[query] - keys[place]);
      }
    }
    bench.theirsFound = found;
    return performance.now() - start;
  };

  /** Returns the number of queries whose sets of neighbours differ. */
  bench.differ = (k) => {
    const set = (list, query) => [...list.indices.slice(query * k, (query + 1) * k)].sort((a, b) => a - b).join();
    const queries = bench.found.indices.length / k;
    return [...Array(queries).keys()].filter((query) => set(bench.found, query) !== set(bench.theirsFound, query)).length;
  };
  window.bench = bench;
}
