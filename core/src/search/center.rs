//! Centred float32 copies of the rows, and an error bound for the keys computed from them.
//!
//! The filter compares keys `|t|^2 - 2 q.t`: the squared distance without the query's own norm. Centring keeps the keys
//! small (rows far from the origin would lose their differences to rounding); scaling by a power of two keeps them
//! within float32's range.

use super::column_stats::ColumnStats;
use super::simd::Kernel;
use crate::error::Result;
use crate::matrix::Rows;

/// Maximum number of products that a GPU adds in float32 before it adds their sum to the total.
pub(crate) const DOT_CHUNK: usize = 1024;

/// The translation and scale of the rows: the support's mean, `[dims]`, and the power of two that brings the largest
/// centred value near 1. (Any centre is correct; this one keeps the norms small.)
pub struct Center {
    mean: Vec<f32>,
    scale: f32,
    longest: f64,
}

/// A block of rows after centring and scaling.
pub struct Centered {
    /// `[rows, dims]`
    pub values: Vec<f32>,
    /// Squared norms of the values, `[rows]`.
    pub norms: Vec<f64>,
}

/// Norm of a row, and norm of its rounding error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Norm of the row.
    pub length: f64,
    /// Norm of the difference between the row and its copy in a narrower number format.
    pub loss: f64,
}

impl Extent {
    /// Returns the largest norm and the largest loss.
    pub fn largest(extents: &[Self]) -> Self {
        extents.iter().fold(Self::default(), |most, extent| Self {
            length: most.length.max(extent.length),
            loss: most.loss.max(extent.loss),
        })
    }
}

impl Center {
    /// Computes centre and scale; reads both sets once.
    ///
    /// # Errors
    /// [`Error::NotFinite`](crate::Error::NotFinite) names the first NaN or infinity.
    pub async fn new(kernel: Kernel, support: &impl Rows, queries: &impl Rows) -> Result<Self> {
        let seen = ColumnStats::read(kernel, support, "the support").await?;
        let others = ColumnStats::read(kernel, queries, "the queries").await?;
        Ok(Self::between(support.shape()[0], &seen, &others))
    }

    /// Computes centre and scale if the queries are the support.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub async fn new_leave_one_out(kernel: Kernel, support: &impl Rows) -> Result<Self> {
        let seen = ColumnStats::read(kernel, support, "the support").await?;
        Ok(Self::between(support.shape()[0], &seen, &seen))
    }

    /// Returns a centre that neither translates nor scales.
    pub fn origin(dims: usize) -> Self {
        Self { mean: vec![0.0; dims], scale: 1.0, longest: 0.0 }
    }

    fn between(rows: usize, seen: &ColumnStats, others: &ColumnStats) -> Self {
        let rows = rows.max(1) as f64;
        let mean: Vec<f32> = seen.sums.iter().map(|sum| (sum / rows) as f32).collect();
        let reach = |seen: &ColumnStats| {
            let sides = seen.low.iter().zip(&seen.high).zip(&mean);
            let reach = sides.map(|((&low, &high), &mean)| {
                let [low, high, mean] = [low, high, mean].map(f64::from);
                (high - mean).max(mean - low)
            });
            reach.collect::<Vec<f64>>()
        };
        let (support_reach, query_reach) = (reach(seen), reach(others));
        let largest = support_reach.iter().chain(&query_reach).fold(0.0_f64, |a, &b| a.max(b));
        // Only float32's normal powers of two: rows closer together than its smallest normal number are not scaled
        // further.
        let scale = if largest > 0.0 { (-largest.log2().floor()).clamp(-126.0, 126.0).exp2() } else { 1.0 };
        let longest = support_reach.iter().map(|r| (r * scale).powi(2)).sum::<f64>().sqrt();
        let scale = scale as f32;
        Self { mean: mean.iter().map(|mean| mean * scale).collect(), scale, longest }
    }

    pub fn dims(&self) -> usize {
        self.mean.len()
    }

    /// Centres and scales values of one row, starting at column `first`.
    #[inline(always)]
    pub fn center(&self, first: usize, values: &[f32], centered: &mut [f32]) {
        for ((&x, mean), centered) in values.iter().zip(&self.mean[first..]).zip(centered) {
            *centered = x * self.scale - mean;
        }
    }

    /// Centres and scales a block of rows.
    pub fn rows(&self, block: &[f32]) -> Centered {
        let dims = self.dims();
        let mut values = Vec::with_capacity(block.len());
        let mut norms = Vec::with_capacity(block.len() / dims.max(1));
        for row in block.chunks_exact(dims) {
            let start = values.len();
            values.resize(start + dims, 0.0);
            self.center(0, row, &mut values[start..]);
            norms.push(values[start..].iter().map(|&x| f64::from(x).powi(2)).sum());
        }
        Centered { values, norms }
    }

    /// Returns the bound on the error of a float32 key on a GPU, for any support row and a query of this squared norm.
    pub fn error(&self, query_norm: f64) -> f64 {
        let additions = self.dims().min(DOT_CHUNK) + self.dims().div_ceil(DOT_CHUNK) + 2;
        let [query, support] = [query_norm.sqrt(), self.longest].map(|length| Extent { length, loss: 0.0 });
        self.key_error(query, support, additions)
    }

    /// Returns the bound on the error of a key, for a query and a support row of these extents; a sum of products in
    /// the dot product is rounded at most `roundings` times.
    ///
    /// Let u be the rounding of one operation, and q and t the rows centred in float32. Centring changes a squared
    /// distance by at most 2u(|q|+|t|)^2. For narrower copies q' and t', q.t - q'.t' is at most |q-q'||t| + |q'||t-t'|
    /// (Cauchy-Schwarz). Summing q'.t' has an error of at most (m u) / (1 - m u) |q'||t'| for m roundings, in any
    /// order, fused or not. The norm (sums of at most 64 squares in float32, by six successive additions, the rest in
    /// float64) and the subtraction add u(6|t|^2 + 2|q||t|). u is float32's whole epsilon, since WGSL allows rounding
    /// in either direction. A further 1 % covers the rounding of float64; the last term covers subnormals that a device
    /// flushes to zero.
    pub fn key_error(&self, query: Extent, support: Extent, roundings: usize) -> f64 {
        let u = f64::from(f32::EPSILON);
        let (q, t) = (query.length, support.length);
        let (q_kept, t_kept) = (q + query.loss, t + support.loss);
        let summing = u * roundings as f64;
        let dot = query.loss * t + q_kept * support.loss + summing / (1.0 - summing) * q_kept * t_kept;
        1.01 * (2.0 * u * (q + t).powi(2) + 2.0 * dot + u * (6.0 * t * t + 2.0 * q * t)) + self.dims() as f64 * 1e-30
    }

    /// Returns the squared distance that corresponds to a key.
    pub fn squared_distance(&self, key: f32, query_norm: f64) -> f64 {
        let scale = f64::from(self.scale);
        (f64::from(key) + query_norm) / (scale * scale)
    }

    /// Returns the largest key that a support row within this squared distance of the query can have, if keys have
    /// errors of at most `error`. The query's norm has the same error as that of a support row
    /// ([`key_error`](Self::key_error)).
    pub fn key_at(&self, squared_distance: f64, query_norm: f64, error: f64) -> f64 {
        let scale = f64::from(self.scale);
        squared_distance * scale * scale - query_norm + error + 6.0 * f64::from(f32::EPSILON) * query_norm
    }
}
