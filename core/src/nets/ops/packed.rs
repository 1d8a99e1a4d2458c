//! Kernel layout for [`super::microkernel`]: for each patch value, a pair of vectors of maps.

use pulp::{Arch, Simd, WithSimd};

use super::microkernel::VECTORS;

/// Layout of packed kernels of `maps` maps with `values` values each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    pub lanes: usize,
    pub values: usize,
    pub maps: usize,
}

impl Packing {
    /// Returns the number of f32 values in a vector on this processor.
    pub fn lanes() -> usize {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;
            fn with_simd<S: Simd>(self, _: S) -> usize {
                S::F32_LANES
            }
        }
        Arch::new().dispatch(Lanes)
    }

    /// Returns the number of maps, rounded up to whole vectors.
    pub fn wide(&self) -> usize {
        self.maps.div_ceil(self.lanes) * self.lanes
    }

    /// Returns the number of packed values.
    pub fn len(&self) -> usize {
        self.values * self.wide()
    }

    /// Returns the index of a map's first value, and the step to its next value.
    fn column(&self, map: usize) -> [usize; 2] {
        let (vector, vectors) = (map / self.lanes, self.wide() / self.lanes);
        let first = vector / VECTORS * VECTORS;
        let together = if first + VECTORS <= vectors { VECTORS } else { 1 };
        [(first * self.values + vector - first) * self.lanes + map % self.lanes, together * self.lanes]
    }

    /// Packs the values that `value(map, index)` returns.
    pub fn pack(&self, value: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let mut packed = vec![0.0; self.len()];
        for map in 0..self.maps {
            let [first, step] = self.column(map);
            packed[first..]
                .iter_mut()
                .step_by(step)
                .take(self.values)
                .enumerate()
                .for_each(|(at, to)| *to = value(map, at));
        }
        packed
    }

    /// Returns the values of a map, in order.
    pub fn unpacked<'a>(&self, packed: &'a [f32], map: usize) -> impl Iterator<Item = f32> + 'a {
        let [first, step] = self.column(map);
        packed[first..].iter().step_by(step).take(self.values).copied()
    }
}
