// Whether two lists of neighbours differ only as rounding makes them differ.

/**
 * How far apart two runs may put the same two examples. The page's forward pass adds in another order than the
 * program's; over the embedded data that moved distances by at most 5e-6 of themselves, and softmax outputs, which
 * magnify the rounding of logits, by up to 7e-6 against float64, on some processors more than on others.
 */
export const band = (distance) => 2e-5 * distance + 1e-5;

/**
 * What in these two lists, { examples, distances } with squared distances, nearest first, rounding cannot explain; null
 * if it explains all. A neighbour of both must be equally far in both, up to the band; so must the last of each. One of
 * only one list must be there as far away as the last: then another, equally far but for rounding, took its place.
 */
export function unexplained(a, b) {
  const [lastA, lastB] = [a, b].map((list) => Math.sqrt(list.distances.at(-1)));
  if (Math.abs(lastA - lastB) > band(Math.max(lastA, lastB))) return `the last are at ${lastA} and at ${lastB}`;
  return missing(a, b, 'first') ?? missing(b, a, 'second');
}

function missing(from, other, name) {
  const distances = new Map(other.examples.map((example, rank) => [example, Math.sqrt(other.distances[rank])]));
  const last = Math.sqrt(from.distances.at(-1));
  for (const [rank, example] of from.examples.entries()) {
    const here = Math.sqrt(from.distances[rank]);
    const there = distances.get(example);
    if (there === undefined && last - here > 2 * band(last)) {
      return `${example}, only in the ${name} list at ${here}, is nearer than its last at ${last}`;
    }
    if (there !== undefined && Math.abs(here - there) > band(Math.max(here, there))) {
      return `${example} is at ${here} and at ${there}`;
    }
  }
  return null;
}

/** Whether both lists name the same examples, in whatever order. */
export function sameSet(a, b) {
  const there = new Set(b.examples);
  return a.examples.length === b.examples.length && a.examples.every((example) => there.has(example));
}
