//! The exact distances of what the filter kept.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::matrix::Rows;
use crate::search::exact::{Nearest, squared_distance};

/// Support rows read at a time, where they are not in memory.
const BLOCK_ROWS: usize = 4096;

/// The support rows that can be among the nearest of a query, as (key, row); None where too many can.
pub type Kept = Option<Vec<(f32, u32)>>;

/// Orders what the filter kept by the exact distance; for a query that it gave up nothing is found. `queries` are rows
/// as they came, `[kept, dims]`.
pub async fn rescore(support: &impl Rows, queries: &[f32], k: usize, kept: &[Kept]) -> Result<Vec<Nearest>> {
    let mut nearest = vec![Nearest::new(k); kept.len()];
    let [rows, dims] = support.shape();
    let step = if support.whole().is_some() { rows } else { BLOCK_ROWS };
    for first in (0..rows).step_by(step) {
        let end = (first + step).min(rows);
        let block = support.block(first..end).await?;
        nearest.par_iter_mut().zip(kept).zip(queries.par_chunks_exact(dims)).for_each(|((nearest, kept), query)| {
            let here = |row: u32| (first..end).contains(&(row as usize));
            for &(_, row) in kept.iter().flatten().filter(|(_, row)| here(*row)) {
                let start = (row as usize - first) * dims;
                nearest.offer(squared_distance(query, &block[start..start + dims]), row);
            }
        });
    }
    if nearest.iter().zip(kept).any(|(nearest, kept)| kept.is_some() && !nearest.is_full()) {
        return Err(Error::Gpu("its filter lost neighbours".into()));
    }
    Ok(nearest)
}
