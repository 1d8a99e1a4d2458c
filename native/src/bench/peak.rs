//! Peak rate of multiply-adds on registers: an upper bound for every float32 product.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use multiversion::multiversion;

/// Independent chains of multiply-adds: enough to hide the latency of two units.
const CHAINS: usize = 10;
/// Multiply-adds per chain in one measurement: about a millisecond, so that some measurements are undisturbed.
const ROUNDS: usize = 400_000;
/// Number of measurements; the best counts.
const TRIES: usize = 60;

/// Returns 10^9 float32 operations per second over all threads; a multiply-add counts as two.
pub fn gflops() -> f64 {
    rate(8, narrow).max(rate(16, wide))
}

/// Measures all threads at the same time, since two of them may share a core. The slowest thread counts.
fn rate(lanes: usize, work: fn(f32, f32) -> f32) -> f64 {
    let threads = rayon::current_num_threads();
    let barrier = Barrier::new(threads);
    let seconds: Vec<Vec<f64>> = rayon::broadcast(|_| {
        let timed = || {
            barrier.wait();
            let start = Instant::now();
            black_box(work(black_box(0.5), black_box(1.0)));
            start.elapsed().as_secs_f64()
        };
        (0..TRIES).map(|_| timed()).collect()
    });
    let slowest = (0..TRIES).map(|attempt| seconds.iter().map(|thread| thread[attempt]).fold(0.0, f64::max));
    2.0 * (threads * lanes * CHAINS * ROUNDS) as f64 / slowest.fold(f64::INFINITY, f64::min) / 1e9
}

// An AVX-512 register holds 16 values. On other processors, this many chains of 16 lanes do not fit into the registers.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn wide(factor: f32, summand: f32) -> f32 {
    chains::<16>(factor, summand)
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn narrow(factor: f32, summand: f32) -> f32 {
    chains::<8>(factor, summand)
}

#[inline(always)]
fn chains<const LANES: usize>(factor: f32, summand: f32) -> f32 {
    let mut sums = [[summand; LANES]; CHAINS];
    for _ in 0..ROUNDS {
        for lanes in &mut sums {
            for value in lanes {
                *value = value.mul_add(factor, summand);
            }
        }
    }
    sums.as_flattened().iter().sum()
}
