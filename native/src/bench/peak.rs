//! The most multiply-adds that the processor's registers give: what no search can pass.

use std::hint::black_box;
use std::time::Instant;

use multiversion::multiversion;

/// Multiply-adds that wait for each other, on each of so many lanes: enough for the latency of two units.
const CHAINS: usize = 10;
/// Of one measurement.
const ROUNDS: usize = 2_000_000;
/// Measurements, of which the best counts.
const TRIES: usize = 5;

/// 10^9 floating point operations in f32 a second, all threads together; a multiply-add is two.
pub fn gflops() -> f64 {
    (0..TRIES).flat_map(|_| [timed(8, narrow), timed(16, wide)]).fold(0.0, f64::max)
}

fn timed(lanes: usize, work: fn(f32, f32) -> f32) -> f64 {
    let start = Instant::now();
    let threads = rayon::broadcast(|_| black_box(work(black_box(0.5), black_box(1.0)))).len();
    2.0 * (threads * lanes * CHAINS * ROUNDS) as f64 / start.elapsed().as_secs_f64() / 1e9
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
