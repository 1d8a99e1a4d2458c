//! Kernels as [`super::tile`] reads them: vectors of maps, by pairs of vectors, for each value of a patch.

use pulp::{Arch, Simd, WithSimd};

use super::microkernel::VECTORS;

/// How `values` x `maps` are packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    pub lanes: usize,
    pub values: usize,
    pub maps: usize,
}

impl Packing {
    /// What a vector holds on this processor.
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

    /// Maps, and what fills their last vector.
    pub fn wide(&self) -> usize {
        self.maps.div_ceil(self.lanes) * self.lanes
    }

    /// Packed values.
    pub fn len(&self) -> usize {
        self.values * self.wide()
    }

    /// Where the first value of a map is, and the step to the next.
    fn column(&self, map: usize) -> [usize; 2] {
        let (vector, vectors) = (map / self.lanes, self.wide() / self.lanes);
        let first = vector / VECTORS * VECTORS;
        let together = if first + VECTORS <= vectors { VECTORS } else { 1 };
        [(first * self.values + vector - first) * self.lanes + map % self.lanes, together * self.lanes]
    }

    /// Of `value(map, place)`.
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

    /// The values of a map, in order.
    pub fn unpacked<'a>(&self, packed: &'a [f32], map: usize) -> impl Iterator<Item = f32> + 'a {
        let [first, step] = self.column(map);
        packed[first..].iter().step_by(step).take(self.values).copied()
    }
}
