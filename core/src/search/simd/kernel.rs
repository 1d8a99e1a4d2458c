//! The choice of vector instructions.

#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use super::avx512::{Avx512, Avx512Bf16};
use super::lanes::{Lanes, SimdTask};
use super::portable::Portable;

/// Vector instructions of a search, from slowest to fastest. All find the same neighbours, to the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// Instructions that every processor of the architecture has: NEON, WASM's SIMD128, SSE2.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 on float32.
    Avx512,
    /// AVX-512 on bfloat16, with float32 where bfloat16 is too imprecise.
    Avx512Bf16,
}

impl Kernel {
    /// All kernels.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Bf16];

    /// Returns the kernels that this processor can run, fastest last.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|kernel| kernel.is_available()).collect()
    }

    /// Returns the fastest kernel that this processor can run.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
    }

    /// Returns its name, as in the options and output of `pdepth`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512-bf16",
        }
    }

    /// Returns whether this processor can run it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Bf16 => Avx512Bf16::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Runs a task with these instructions; with portable ones if the processor lacks them.
    pub(in crate::search) fn run<T: SimdTask>(self, task: T) -> T::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Portable => {}
            Self::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512 => {
                if let Some(lanes) = Avx512::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512Bf16 => {
                if let Some(lanes) = Avx512Bf16::detect() {
                    return lanes.run(task);
                }
            }
        }
        Portable.run(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::simd::lanes::{PANEL_ROWS, PanelColumn, Tile};

    /// Returns small integers, which bfloat16 represents exactly, too: all products and sums are exact.
    fn integer(seed: usize) -> f32 {
        (seed.wrapping_mul(2_654_435_761) >> 7 & 15) as f32 - 7.0
    }

    /// Returns panels with `values` values per row, in the word format of this kernel.
    fn panel(kernel: Kernel, values: usize, seed: usize) -> Vec<PanelColumn> {
        let value = |row: usize, at: usize| integer(seed + row * 1000 + at).to_bits();
        let word = |row: usize, at: usize| match kernel {
            Kernel::Avx512Bf16 => value(row, 2 * at) >> 16 | value(row, 2 * at + 1),
            _ => value(row, at),
        };
        let words = if kernel == Kernel::Avx512Bf16 { values / 2 } else { values };
        (0..words).map(|at| std::array::from_fn(|row| word(row, at))).collect()
    }

    struct Multiply<'a>(&'a [PanelColumn], &'a [PanelColumn], &'a mut Tile);

    impl SimdTask for Multiply<'_> {
        type Output = ();

        fn run<L: Lanes>(self, lanes: L) {
            lanes.multiply(self.0, self.1, self.2);
        }
    }

    #[test]
    fn tiles_are_the_products_of_plain_loops_on_every_kernel() {
        for kernel in Kernel::available() {
            for values in [2, 6, 100, 512] {
                let mut tile = [[0.5; PANEL_ROWS]; PANEL_ROWS];
                kernel.run(Multiply(&panel(kernel, values, 1), &panel(kernel, values, 500_000), &mut tile));
                for (q, dots) in tile.iter().enumerate() {
                    for (t, &dot) in dots.iter().enumerate() {
                        let product = |at| integer(1 + q * 1000 + at) * integer(500_000 + t * 1000 + at);
                        let right: f32 = (0..values).map(product).sum();
                        assert!((dot - right - 0.5).abs() < 1e-6, "{} ({q}, {t}): {dot} not {right}", kernel.name());
                    }
                }
            }
        }
    }

    struct Below<'a>(&'a [f32; PANEL_ROWS], &'a [f32; PANEL_ROWS], &'a [f32; PANEL_ROWS]);

    impl SimdTask for Below<'_> {
        type Output = [u64; 2];

        fn run<L: Lanes>(self, lanes: L) -> [u64; 2] {
            [lanes.below(self.0, self.1, self.2[0]), lanes.below_each(self.0, self.1[0], self.2)]
        }
    }

    #[test]
    fn comparisons_are_those_of_plain_loops_on_every_kernel() {
        let dots = std::array::from_fn(integer);
        let mut norms: [f32; PANEL_ROWS] = std::array::from_fn(|at| integer(at + 99));
        norms[47] = f32::INFINITY;
        for threshold in [f32::NEG_INFINITY, -3.0, 0.0, 4.0, f32::INFINITY] {
            let mut thresholds = std::array::from_fn(|at| integer(at + 7));
            thresholds[0] = threshold;
            let bits =
                |below: &dyn Fn(usize) -> bool| (0..PANEL_ROWS).map(|at| u64::from(below(at)) << at).sum::<u64>();
            let right = [
                bits(&|at| norms[at] - 2.0 * dots[at] < threshold),
                bits(&|at| norms[0] - 2.0 * dots[at] < thresholds[at]),
            ];
            for kernel in Kernel::available() {
                assert_eq!(kernel.run(Below(&dots, &norms, &thresholds)), right, "{}", kernel.name());
            }
        }
    }

    struct Distance<'a>(&'a [f32], &'a [f32]);

    impl SimdTask for Distance<'_> {
        type Output = f64;

        fn run<L: Lanes>(self, lanes: L) -> f64 {
            lanes.squared_distance(self.0, self.1)
        }
    }

    #[test]
    fn distances_are_equal_to_the_bit_on_every_kernel() {
        for dims in [0, 1, 7, 8, 9, 64, 333] {
            let a: Vec<f32> = (0..dims).map(|at| integer(at) * 0.1).collect();
            let b: Vec<f32> = (0..dims).map(|at| integer(at + 31) / 3.0).collect();
            let right = crate::search::squared_distance(&a, &b);
            for kernel in Kernel::available() {
                assert_eq!(kernel.run(Distance(&a, &b)).to_bits(), right.to_bits(), "{} {dims}", kernel.name());
            }
        }
    }
}
