//! The exact distances of what a filter kept.

use std::borrow::Cow;

use rayon::prelude::*;

use super::Exclude;
use super::centre::Centre;
use super::cpu::{QueryBlock, nearest_of};
use super::exact::{Nearest, squared_distance};
use crate::error::{Error, Result};
use crate::matrix::Rows;

/// Support rows read at a time.
const BLOCK_ROWS: usize = 4096;

/// The support rows that can be among the nearest of a query; None where too many can.
pub(super) type Kept = Option<Vec<u32>>;

/// Orders what the filter kept by the exact distance; queries it gave up are searched on the processor.
pub(super) async fn rescore(
    centre: &Centre,
    support: &impl Rows,
    queries: &QueryBlock<'_>,
    k: usize,
    exclude: Exclude<'_>,
    kept: Vec<Kept>,
) -> Result<Vec<Nearest>> {
    let mut nearest = vec![Nearest::new(k); kept.len()];
    let [rows, dims] = support.shape();
    for first in (0..rows).step_by(BLOCK_ROWS) {
        let end = (first + BLOCK_ROWS).min(rows);
        let block = support.block(first..end).await?;
        nearest.par_iter_mut().zip(&kept).enumerate().for_each(|(query, (nearest, kept))| {
            let kept = kept.as_deref().unwrap_or_default();
            for &row in kept.iter().filter(|&&row| (first..end).contains(&(row as usize))) {
                let start = (row as usize - first) * dims;
                nearest.offer(squared_distance(queries.row(query), &block[start..start + dims]), row);
            }
        });
    }
    if nearest.iter().zip(&kept).any(|(nearest, kept)| kept.is_some() && !nearest.is_full()) {
        return Err(Error::Gpu("its filter lost neighbours".into()));
    }
    let given_up: Vec<usize> = (0..kept.len()).filter(|&query| kept[query].is_none()).collect();
    if !given_up.is_empty() {
        let raw: Vec<f32> = given_up.iter().flat_map(|&query| queries.row(query)).copied().collect();
        let ids = given_up.iter().map(|&query| queries.ids[query]).collect();
        let block = QueryBlock::new(centre, ids, Cow::Owned(raw), dims);
        for (query, found) in given_up.into_iter().zip(nearest_of(centre, support, &block, k, exclude, &()).await?) {
            nearest[query] = found;
        }
    }
    Ok(nearest)
}
