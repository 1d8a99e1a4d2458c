//! Seeded randomness: ChaCha, so that the program and the browser draw the same numbers.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bits of a stream's number that say what it is for.
const STREAM_BITS: u32 = 8;

/// What random numbers are for. Each has a stream of its own: with equal seeds, the noise must not follow the split.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Noise = 1,
    Split = 2,
    Weights = 3,
    Order = 4,
    Augmentation = 5,
    Bootstrap = 9,
}

pub(crate) fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// One of many independent generators of a stream, such as one for each step.
pub(crate) fn generator_of(seed: u64, stream: Stream, which: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((which + 1) << STREAM_BITS) | stream as u64);
    rng
}

/// 0..count in random order (Fisher and Yates). Drawn as u64, so that 32-bit browsers draw the same.
pub(crate) fn shuffled(count: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, rng.random_range(0..=last as u64) as usize);
    }
    order
}
