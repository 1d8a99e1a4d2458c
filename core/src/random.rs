//! Seeded random numbers by ChaCha, so that program and browser draw the same.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bits of a stream number that identify the purpose.
const STREAM_BITS: u32 = 8;

/// Purposes of random numbers. Each has its own stream, so that equal seeds do not correlate, for example, noise and
/// split.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Noise = 1,
    Split = 2,
    Weights = 3,
    Order = 4,
    Augmentation = 5,
    Sample = 6,
    Support = 8,
    Bootstrap = 9,
}

pub(crate) fn generator(seed: u64, stream: Stream) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// Returns one of many independent generators of a stream, for example one per step.
pub(crate) fn generator_of(seed: u64, stream: Stream, which: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((which + 1) << STREAM_BITS) | stream as u64);
    rng
}

/// Returns 0..count in random order (Fisher and Yates). Draws u64, so that 32-bit browsers draw the same.
pub(crate) fn shuffled(count: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, rng.random_range(0..=last as u64) as usize);
    }
    order
}
