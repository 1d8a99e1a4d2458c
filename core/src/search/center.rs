//! Centred float32 copies of the rows, and how far a key computed from them can be from the truth.
//!
//! The filter compares keys `|t|^2 - 2 q.t`: squared distances short of the query's own norm. Centring keeps them small
//! (rows far from the origin would drown in rounding), scaling by a power of two keeps them in float32's range.

use super::column_stats::ColumnStats;
use crate::error::Result;
use crate::matrix::Rows;

/// At most this many products are added in float32 before their sum joins the others, on a GPU.
pub(crate) const DOT_CHUNK: usize = 1024;

/// Where the rows lie: about the support's mean, `[dims]`, and the power of two that brings the largest centred value
/// near 1. (Any centre is right; this one keeps the rows short.)
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

/// How large a row is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Its norm.
    pub length: f64,
    /// The norm of what a narrower type of number drops of it.
    pub loss: f64,
}

impl Extent {
    /// Of both the larger.
    pub fn max(self, other: Self) -> Self {
        Self { length: self.length.max(other.length), loss: self.loss.max(other.loss) }
    }
}

impl Center {
    /// Reads both sets once.
    ///
    /// # Errors
    /// [`Error::NotFinite`](crate::Error::NotFinite) names the first NaN or infinity.
    pub async fn new(support: &impl Rows, queries: &impl Rows) -> Result<Self> {
        let seen = ColumnStats::read(support, "the support").await?;
        let others = ColumnStats::read(queries, "the queries").await?;
        Ok(Self::between(support.shape()[0], &seen, &others))
    }

    /// Of queries that are the support.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub async fn new_leave_one_out(support: &impl Rows) -> Result<Self> {
        let seen = ColumnStats::read(support, "the support").await?;
        Ok(Self::between(support.shape()[0], &seen, &seen))
    }

    /// Neither moved nor scaled.
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
        // Float32's powers of two: rows nearer to each other than its smallest normal number stay where they are.
        let scale = if largest > 0.0 { (-largest.log2().floor()).clamp(-126.0, 126.0).exp2() } else { 1.0 };
        let longest = support_reach.iter().map(|r| (r * scale).powi(2)).sum::<f64>().sqrt();
        let scale = scale as f32;
        Self { mean: mean.iter().map(|mean| mean * scale).collect(), scale, longest }
    }

    pub fn dims(&self) -> usize {
        self.mean.len()
    }

    /// Centres and scales values of one row, from column `first` on.
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

    /// How far the float32 key of any support row can be from its true value on a GPU, for a query of this squared norm.
    pub fn error(&self, query_norm: f64) -> f64 {
        let additions = self.dims().min(DOT_CHUNK) + self.dims().div_ceil(DOT_CHUNK) + 2;
        let [query, support] = [query_norm.sqrt(), self.longest].map(|length| Extent { length, loss: 0.0 });
        self.key_error(query, support, additions)
    }

    /// How far a key can be from its true value, for a query and a support row of these extents whose dot product is
    /// summed with so many roundings of float32, one upon another.
    ///
    /// With u the rounding of one operation, q and t the rows centred in float32: centring moves a squared distance by
    /// at most 2u(|q|+|t|)^2. Of narrower copies q' and t', q.t - q'.t' is at most |q-q'||t| + |q'||t-t'| (Cauchy and
    /// Schwarz), and summing q'.t' errs by (m u) / (1 - m u) |q'||t'| for m roundings in any order, fused or not. Norm
    /// (sums of at most 32 squares in float32, by seven additions one upon another, the rest in float64) and subtraction
    /// add u(6|t|^2 + 2|q||t|). u is float32's whole epsilon: WGSL lets a device round either way. A
    /// hundredth more covers float64's own rounding, the last term subnormals that a device takes for zero.
    pub fn key_error(&self, query: Extent, support: Extent, roundings: usize) -> f64 {
        let u = f64::from(f32::EPSILON);
        let (q, t) = (query.length, support.length);
        let (q_kept, t_kept) = (q + query.loss, t + support.loss);
        let summing = u * roundings as f64;
        let dot = query.loss * t + q_kept * support.loss + summing / (1.0 - summing) * q_kept * t_kept;
        1.01 * (2.0 * u * (q + t).powi(2) + 2.0 * dot + u * (6.0 * t * t + 2.0 * q * t)) + self.dims() as f64 * 1e-30
    }

    /// The squared distance that a key stands for.
    pub fn squared_distance(&self, key: f32, query_norm: f64) -> f64 {
        let scale = f64::from(self.scale);
        (f64::from(key) + query_norm) / (scale * scale)
    }

    /// The largest key that a support row within this squared distance of the query can have, if keys err by `error`. The
    /// query's norm errs as that of a support row does ([`key_error`](Self::key_error)).
    pub fn key_at(&self, squared_distance: f64, query_norm: f64, error: f64) -> f64 {
        let scale = f64::from(self.scale);
        squared_distance * scale * scale - query_norm + error + 6.0 * f64::from(f32::EPSILON) * query_norm
    }
}
