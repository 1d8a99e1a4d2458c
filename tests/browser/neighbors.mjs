// Compares two lists of neighbours up to rounding.

/**
 * The relative difference allowed between two runs' distances of the same two examples. The page's forward pass sums in
 * another order than the program's. On the embedded data this changed distances by at most 5e-6 of their value, and softmax
 * outputs, which magnify the rounding of logits, by up to 7e-6 against float64; the amount depends on the processor.
 */
export const band = (distance) => 2e-5 * distance + 1e-5;

/**
 * Describes a difference of two lists that rounding cannot explain; null if there is none. A list is
 * { examples, distances }, with squared distances, nearest first. The distances of a shared neighbour must be equal up to
 * the band, and so must the last distances. A neighbour of only one list must be as far away as the last one: then another
 * example, equally far up to rounding, replaced it.
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

/** Returns whether both lists contain the same examples, in any order. */
export function sameSet(a, b) {
  const there = new Set(b.examples);
  return a.examples.length === b.examples.length && a.examples.every((example) => there.has(example));
}
