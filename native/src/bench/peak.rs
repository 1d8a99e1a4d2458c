//! Peak rate of multiply-adds on registers: an upper bound for every float32 product.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use prediction_depth::search::Kernel;

/// Independent chains of multiply-adds: enough to hide the latency of two units, and few enough for 16 registers.
const CHAINS: usize = 12;
/// Multiply-adds per chain in one measurement: about a millisecond, so that some measurements are undisturbed.
const ROUNDS: usize = 400_000;
/// Number of measurements; the best counts.
const TRIES: usize = 60;

/// Returns 10^9 float32 operations per second over all threads, with the registers of these instructions; a multiply-add
/// counts as two.
pub fn gflops(kernel: Kernel) -> f64 {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 | Kernel::Avx512Vnni if kernel.is_available() => rate(16, avx512),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 | Kernel::Avx2Vnni if kernel.is_available() => rate(8, avx2),
        #[cfg(target_arch = "aarch64")]
        Kernel::Neon => rate(4, neon),
        _ => rate(4, portable),
    }
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

/// Defines the chains with the instructions of one register width. (Compilers turn plain loops over arrays of 8 values
/// into single multiplications, and arrays of 16 do not fit into AVX2's registers: rates of a tenth and of two thirds.)
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! chains {
    ($name:ident, $architecture:ident, $features:literal, $set:ident, $multiply_add:ident, $total:ident) => {
        fn $name(factor: f32, summand: f32) -> f32 {
            use std::arch::$architecture::*;

            #[target_feature(enable = $features)]
            fn chains(factor: f32, summand: f32) -> f32 {
                let (factor, summand) = ($set(factor), $set(summand));
                let mut sums = [summand; CHAINS];
                for _ in 0..ROUNDS {
                    for sum in &mut sums {
                        *sum = $multiply_add(*sum, factor, summand);
                    }
                }
                sums.into_iter().map(|sum| $total(sum)).sum()
            }
            // SAFETY: `gflops` calls this only where the processor has the instructions.
            unsafe { chains(factor, summand) }
        }
    };
}

#[cfg(target_arch = "x86_64")]
chains!(avx512, x86_64, "avx512f", _mm512_set1_ps, _mm512_fmadd_ps, _mm512_cvtss_f32);
#[cfg(target_arch = "x86_64")]
chains!(avx2, x86_64, "avx2,fma", _mm256_set1_ps, _mm256_fmadd_ps, _mm256_cvtss_f32);
#[cfg(target_arch = "aarch64")]
chains!(neon, aarch64, "neon", vdupq_n_f32, vfmaq_f32, vaddvq_f32);

/// Multiplies and adds with the instructions that every processor of the architecture has, four values at a time.
fn portable(factor: f32, summand: f32) -> f32 {
    let fused = cfg!(target_arch = "aarch64");
    let multiply_add = |value: f32| if fused { value.mul_add(factor, summand) } else { value * factor + summand };
    let mut sums = [[summand; 4]; CHAINS];
    for _ in 0..ROUNDS {
        for lanes in &mut sums {
            *lanes = lanes.map(multiply_add);
        }
    }
    sums.as_flattened().iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_has_a_rate() {
        for kernel in Kernel::available() {
            assert!(gflops(kernel) > 0.0, "{}", kernel.name());
        }
    }
}
