//! Centred float32 copies of the rows, and how far a float32 key can be from the truth.
//!
//! The filter compares keys `|t|^2 - 2 q.t`: squared distances short of the query's own norm. Centring keeps them small
//! (rows far from the origin would drown in rounding), scaling by a power of two keeps them in float32's range.

use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// At most this many products are added in float32 before their sum joins the others.
pub(crate) const DOT_CHUNK: usize = 1024;

/// Values read at a time while looking over the rows.
const BLOCK_VALUES: usize = 1 << 22;

/// Where the rows lie: the support's mean, `[dims]`, and the power of two that brings the largest centred value near 1.
pub struct Centre {
    mean: Vec<f64>,
    scale: f64,
    largest_norm: f64,
}

/// A block of rows after centring and scaling.
pub struct Centred {
    /// `[rows, dims]`
    pub values: Vec<f32>,
    /// Squared norms of the values, `[rows]`.
    pub norms: Vec<f64>,
}

impl Centre {
    /// Reads both sets once.
    ///
    /// # Errors
    /// [`Error::NotFinite`] names the first NaN or infinity.
    pub async fn of(support: &impl Rows, queries: &impl Rows) -> Result<Self> {
        let seen = Seen::read(support, "the support").await?;
        let others = Seen::read(queries, "the queries").await?;
        let mean: Vec<f64> = seen.sums.iter().map(|sum| sum / support.shape()[0].max(1) as f64).collect();
        let reach = |seen: &Seen| {
            let sides = seen.low.iter().zip(&seen.high).zip(&mean);
            sides.map(|((&low, &high), mean)| (f64::from(high) - mean).max(mean - f64::from(low))).collect::<Vec<_>>()
        };
        let (support_reach, query_reach) = (reach(&seen), reach(&others));
        let largest = support_reach.iter().chain(&query_reach).fold(0.0_f64, |a, &b| a.max(b));
        let scale = if largest > 0.0 { (-largest.log2().floor()).exp2() } else { 1.0 };
        let largest_norm = support_reach.iter().map(|r| (r * scale).powi(2)).sum::<f64>().sqrt();
        Ok(Self { mean, scale, largest_norm })
    }

    /// Centres and scales a block of rows.
    pub fn rows(&self, block: &[f32]) -> Centred {
        let dims = self.mean.len();
        let mut values = Vec::with_capacity(block.len());
        let mut norms = Vec::with_capacity(block.len() / dims.max(1));
        for row in block.chunks_exact(dims) {
            let start = values.len();
            values.extend(row.iter().zip(&self.mean).map(|(&x, mean)| ((f64::from(x) - mean) * self.scale) as f32));
            norms.push(values[start..].iter().map(|&x| f64::from(x).powi(2)).sum());
        }
        Centred { values, norms }
    }

    /// How far the float32 key of any support row can be from its true value, for a query of this squared norm.
    ///
    /// With u the rounding of one operation, q and t centred and rounded, |q|, |t| their norms and T the largest |t|:
    /// rounding the rows moves a squared distance by at most 2u(|q|+T)^2; the dot product errs by
    /// (m u) / (1 - m u) |q|T for m additions in any order, fused or not; norm and subtraction add u(2T^2 + 2|q|T).
    /// u is float32's whole epsilon: WGSL lets a device round either way. The last term covers flushed subnormals.
    pub fn error(&self, query_norm: f64) -> f64 {
        let (q, t, u) = (query_norm.sqrt(), self.largest_norm, f64::from(f32::EPSILON));
        let dims = self.mean.len();
        let additions = u * (dims.min(DOT_CHUNK) + dims.div_ceil(DOT_CHUNK) + 2) as f64;
        let dot = additions / (1.0 - additions) * q * t;
        1.01 * (2.0 * u * (q + t).powi(2) + 2.0 * dot + u * (2.0 * t * t + 2.0 * q * t)) + dims as f64 * 1e-30
    }

    /// The squared distance that a key stands for.
    pub fn squared_distance(&self, key: f32, query_norm: f64) -> f64 {
        (f64::from(key) + query_norm) / (self.scale * self.scale)
    }

    /// The largest key that a support row within this squared distance of the query can have.
    pub fn key_bound(&self, squared_distance: f64, query_norm: f64) -> f32 {
        let bound = squared_distance * self.scale * self.scale - query_norm + self.error(query_norm);
        (bound as f32).next_up()
    }
}

/// One pass over a set of rows: sums, smallest and largest of each column, `[dims]` each.
struct Seen {
    sums: Vec<f64>,
    low: Vec<f32>,
    high: Vec<f32>,
}

impl Seen {
    async fn read(source: &impl Rows, what: &'static str) -> Result<Self> {
        let [rows, dims] = source.shape();
        if dims == 0 {
            return Err(Error::Empty { what: format!("{what}: each row") });
        }
        let mut seen =
            Self { sums: vec![0.0; dims], low: vec![f32::INFINITY; dims], high: vec![f32::NEG_INFINITY; dims] };
        let step = (BLOCK_VALUES / dims).max(1);
        for start in (0..rows).step_by(step) {
            let range = start..(start + step).min(rows);
            let block = source.block(range.clone()).await?;
            same_length("values of a block of rows", range.len() * dims, block.len())?;
            for (row, values) in block.chunks_exact(dims).enumerate() {
                seen.add(values).map_err(|col| Error::NotFinite { what, row: start + row, col, value: values[col] })?;
            }
        }
        Ok(seen)
    }

    /// The column of a value that is not finite is the error.
    fn add(&mut self, row: &[f32]) -> std::result::Result<(), usize> {
        if let Some(col) = row.iter().position(|x| !x.is_finite()) {
            return Err(col);
        }
        for (col, &x) in row.iter().enumerate() {
            self.sums[col] += f64::from(x);
            self.low[col] = self.low[col].min(x);
            self.high[col] = self.high[col].max(x);
        }
        Ok(())
    }
}
