//! The choice of vector instructions.

#[cfg(target_arch = "x86_64")]
use super::avx2::{Avx2, Avx2Vnni};
#[cfg(target_arch = "x86_64")]
use super::avx512::{Avx512, Avx512Vnni};
use super::format::Format;
use super::lanes::{Lanes, SimdTask};
#[cfg(target_arch = "aarch64")]
use super::neon::Neon;
use super::portable::Portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::wasm::Simd128;

/// Vector instructions of a search, from slowest to fastest. All find the same neighbours, to the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// Plain loops, which the compiler turns into instructions that every processor of the architecture has, as SSE2.
    Portable,
    /// NEON, the vector instructions of 64-bit Arm.
    Neon,
    /// WASM's SIMD128.
    Simd128,
    /// AVX2 and FMA.
    Avx2,
    /// AVX2 with AVX-VNNI.
    Avx2Vnni,
    /// AVX-512.
    Avx512,
    /// AVX-512 with VNNI.
    Avx512Vnni,
}

impl Kernel {
    /// All kernels.
    pub const ALL: [Self; 7] =
        [Self::Portable, Self::Neon, Self::Simd128, Self::Avx2, Self::Avx2Vnni, Self::Avx512, Self::Avx512Vnni];

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
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
            Self::Avx2 => "avx2",
            Self::Avx2Vnni => "avx2-vnni",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512-vnni",
        }
    }

    /// Returns the formats in which it searches, the most precise first. It also multiplies others, by plain loops.
    pub fn formats(self) -> &'static [Format] {
        match self {
            Self::Portable | Self::Neon => &[Format::F32],
            Self::Simd128 | Self::Avx2 | Self::Avx512 => &[Format::F32, Format::Int16],
            Self::Avx2Vnni | Self::Avx512Vnni => &[Format::F32, Format::Int16, Format::Int8],
        }
    }

    /// Returns whether this processor can run it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Vnni => Avx2Vnni::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => Avx512Vnni::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx2Vnni | Self::Avx512 | Self::Avx512Vnni => false,
        }
    }

    /// Runs a task with these instructions; with portable ones if the processor lacks them.
    pub(in crate::search) fn run<T: SimdTask>(self, task: T) -> T::Output {
        #[cfg(target_arch = "aarch64")]
        if self == Self::Neon {
            return Neon.run(task);
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        if self == Self::Simd128 {
            return Simd128.run(task);
        }
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Portable | Self::Neon | Self::Simd128 => {}
            Self::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx2Vnni => {
                if let Some(lanes) = Avx2Vnni::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512 => {
                if let Some(lanes) = Avx512::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512Vnni => {
                if let Some(lanes) = Avx512Vnni::detect() {
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
    use crate::search::simd::block;
    use crate::search::simd::lanes::Lanes;
    use crate::search::simd::tile::{Comparison, Hits, PANEL_ROWS, Product, SLICES, Side, SliceColumn, Tile};

    /// Returns small integers: all products and sums are exact.
    fn integer(seed: usize) -> f32 {
        (seed.wrapping_mul(2_654_435_761) >> 7 & 15) as f32 - 7.0
    }

    /// Returns one block of a panel; each row has a scale of its own.
    fn panel(format: Format, values: usize, seed: usize) -> (Vec<SliceColumn>, [Vec<f32>; PANEL_ROWS]) {
        let mut columns = vec![SliceColumn::ZERO; SLICES * format.columns(values)];
        let rows = std::array::from_fn(|row| {
            let mut block = vec![0.0; block::padded(values)];
            let scale = 1.0 / (1 << (row % 5)) as f32;
            block[..values].iter_mut().enumerate().for_each(|(at, x)| *x = scale * integer(seed + row * 1000 + at));
            block::write(format, &block, block::sum_of_squares(&block), &mut columns, row);
            block[..values].to_vec()
        });
        (columns, rows)
    }

    struct Multiply<'a>(Product<'a>, &'a mut Tile, Option<Comparison<'a>>);

    impl SimdTask for Multiply<'_> {
        type Output = ();

        fn run<L: Lanes>(self, lanes: L) {
            lanes.multiply(self.0, self.1, self.2);
        }
    }

    fn kernels_and_formats() -> impl Iterator<Item = (Kernel, Format)> {
        Kernel::available().into_iter().flat_map(|kernel| Format::ALL.map(|format| (kernel, format)))
    }

    #[test]
    fn tiles_are_the_products_of_plain_loops_in_every_format_on_every_kernel() {
        for ((kernel, format), values) in kernels_and_formats().flat_map(|pair| [1, 2, 6, 100, 256].map(|n| (pair, n)))
        {
            let (queries, q) = panel(format, values, 1);
            let (support, t) = panel(format, values, 500_000);
            for (first, before) in [(true, 0.0), (false, 0.5)] {
                let mut tile = [[0.5; PANEL_ROWS]; PANEL_ROWS];
                let product = Product { format, queries: &queries, support: &support, first };
                kernel.run(Multiply(product, &mut tile, None));
                for (q, dots) in q.iter().zip(&tile) {
                    for (t, &dot) in t.iter().zip(dots) {
                        let right: f32 = q.iter().zip(t).map(|(q, t)| q * t).sum();
                        // Each integer is at most half a step from its value, of at most 7.
                        let steps = format
                            .properties()
                            .integers
                            .as_ref()
                            .map_or(1e6, |bounds| bounds.largest.min(bounds.longest / (values as f32).sqrt()));
                        let slack = 49.0 * values as f32 / steps;
                        let name = kernel.name();
                        assert!((dot - right - before).abs() <= slack, "{name} {format:?} {values}: {dot} not {right}");
                    }
                }
            }
        }
    }

    #[test]
    fn comparisons_are_those_of_plain_loops_on_every_kernel() {
        let norms_of = |seed: usize| std::array::from_fn::<f32, PANEL_ROWS, _>(|at| integer(at + seed));
        let (mut norms, mut thresholds) = ([norms_of(99), norms_of(55)], [norms_of(7), norms_of(31)]);
        norms[1][47] = f32::INFINITY;
        for ((kernel, format), first) in kernels_and_formats().flat_map(|pair| [(pair, true), (pair, false)]) {
            for threshold in [f32::NEG_INFINITY, -3.0, 0.0, 4.0, f32::INFINITY] {
                thresholds.iter_mut().for_each(|thresholds| thresholds[0] = threshold);
                let ((queries, _), (support, _)) = (panel(format, 20, 1), panel(format, 20, 500_000));
                let product = Product { format, queries: &queries, support: &support, first };
                let (mut tile, mut hits, mut right) = ([[0.5; PANEL_ROWS]; PANEL_ROWS], Hits::NONE, Hits::NONE);
                let [queries, support] =
                    [0, 1].map(|side| Side { norms: &norms[side], thresholds: Some(&thresholds[side]) });
                kernel.run(Multiply(product, &mut tile, Some(Comparison { queries, support, hits: &mut hits })));
                Comparison { queries, support, hits: &mut right }.compare(&tile);
                assert_eq!(hits.of_queries, right.of_queries, "{} {format:?}", kernel.name());
                assert_eq!(hits.of_support, right.of_support, "{} {format:?}", kernel.name());
                assert!(right.of_queries != right.of_support && right.of_queries != Hits::NONE.of_queries);
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
