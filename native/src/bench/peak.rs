//! The most multiply-adds that the processor's registers give: what no float32 product can pass.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use multiversion::multiversion;

/// Chains of multiply-adds that wait for their own last result only: enough for the latency of two units.
const CHAINS: usize = 10;
/// Multiply-adds of a chain in one measurement: about a millisecond, so that some escape other programs.
const ROUNDS: usize = 400_000;
/// Measurements, of which the best counts.
const TRIES: usize = 60;

/// 10^9 floating point operations in float32 a second, all threads together; a multiply-add is two.
pub fn gflops() -> f64 {
    rate(8, narrow).max(rate(16, wide))
}

/// All threads work at the same time, since two of them may share a core; the last to be done counts.
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

// A register of AVX-512 holds 16 values. Elsewhere so many chains of 16 lanes do not fit into the registers.
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
