//! The order that all searches use: by float64 distance, then by index.

use std::cmp::Ordering;

/// Number of partial sums of a distance.
pub const DISTANCE_LANES: usize = 8;

/// Returns the squared Euclidean distance of two rows of equal length, in float64 and in a fixed order: lane `l` of 8
/// sums the dims `l, l + 8, l + 16, ...` from first to last, then the lanes are added from 0 to 7. No fused
/// multiply-add. (The order is our choice: compilers turn it into vector instructions without changing a bit.)
pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0; DISTANCE_LANES];
    for (a, b) in a.as_chunks::<DISTANCE_LANES>().0.iter().zip(b.as_chunks::<DISTANCE_LANES>().0) {
        for lane in 0..DISTANCE_LANES {
            let difference = f64::from(a[lane]) - f64::from(b[lane]);
            lanes[lane] += difference * difference;
        }
    }
    total(lanes, a, b)
}

/// Adds the lanes, which hold the sums of all whole blocks of 8 dims; adds the remaining dims to the first lanes.
#[inline(always)]
pub fn total(mut lanes: [f64; DISTANCE_LANES], a: &[f32], b: &[f32]) -> f64 {
    let (a_rest, b_rest) = (a.as_chunks::<DISTANCE_LANES>().1, b.as_chunks::<DISTANCE_LANES>().1);
    for (lane, (&a, &b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        let difference = f64::from(a) - f64::from(b);
        *lane += difference * difference;
    }
    lanes.iter().fold(0.0, |sum, lane| sum + lane)
}

/// The k nearest of the candidates so far.
#[derive(Clone, Debug)]
pub struct Nearest {
    k: usize,
    sorted: Vec<(f64, u32)>,
}

impl Nearest {
    /// Returns an empty list for k neighbours.
    pub fn new(k: usize) -> Self {
        Self { k, sorted: Vec::with_capacity(k) }
    }

    /// Adds a candidate if it is among the k nearest by (distance, index).
    pub fn offer(&mut self, distance: f64, index: u32) {
        if self.sorted.len() == self.k {
            if self.sorted.last().is_some_and(|&last| order(&(distance, index), &last).is_gt()) {
                return;
            }
            self.sorted.pop();
        }
        let place = self.sorted.partition_point(|seen| order(seen, &(distance, index)).is_lt());
        self.sorted.insert(place, (distance, index));
    }

    /// Returns whether the list holds k candidates.
    pub fn is_full(&self) -> bool {
        self.sorted.len() == self.k
    }

    /// Returns the largest distance that a further candidate may have; infinite until the list holds k.
    pub fn bound(&self) -> f64 {
        if self.sorted.len() < self.k {
            return f64::INFINITY;
        }
        self.sorted.last().map_or(f64::INFINITY, |&(distance, _)| distance)
    }

    /// Returns the indices, nearest first.
    pub fn indices(&self) -> Vec<u32> {
        self.sorted.iter().map(|&(_, index)| index).collect()
    }

    /// Returns (squared distance, index) pairs, nearest first.
    pub fn into_sorted(self) -> Vec<(f64, u32)> {
        self.sorted
    }
}

/// Compares two (squared distance, index) pairs.
pub fn order(a: &(f64, u32), b: &(f64, u32)) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}
