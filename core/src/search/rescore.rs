//! The exact distances of what a filter kept.

use std::borrow::Cow;

use rayon::prelude::*;

use super::centre::{Centre, Centred};
use super::exact::{Nearest, squared_distance};
use super::{Cpu, Exclude, NeighborSearch};
use crate::error::{Error, Result};
use crate::matrix::{Matrix, Rows};

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
        let found = cpu_search(support, queries, &given_up, k, exclude).await?;
        for (query, found) in given_up.into_iter().zip(found) {
            nearest[query] = found;
        }
    }
    Ok(nearest)
}

/// Some of the queries on the processor.
pub(super) async fn cpu_search(
    support: &impl Rows,
    queries: &QueryBlock<'_>,
    which: &[usize],
    k: usize,
    exclude: Exclude<'_>,
) -> Result<Vec<Nearest>> {
    let raw: Vec<f32> = which.iter().flat_map(|&query| queries.row(query)).copied().collect();
    let raw = Matrix::new(raw, which.len(), queries.dims)?;
    let rows: Vec<u32> =
        which.iter().filter_map(|&query| exclude.of(queries.ids[query])).map(|row| row as u32).collect();
    let exclude = if rows.is_empty() { Exclude::Nothing } else { Exclude::Rows(&rows) };
    let found = Cpu::default().search(support, &raw, k, exclude, &()).await?;
    let mut all = Vec::new();
    for query in 0..which.len() {
        let mut nearest = Nearest::new(k);
        for (&row, &distance) in found.of(query).iter().zip(found.distances_of(query)) {
            nearest.offer(distance, row);
        }
        all.push(nearest);
    }
    Ok(all)
}

/// Some of the queries, in memory.
pub(super) struct QueryBlock<'a> {
    /// Which rows of the whole they are, `[queries]`.
    pub ids: Vec<usize>,
    /// Their values as they came, `[queries, dims]`.
    pub raw: Cow<'a, [f32]>,
    pub centred: Centred,
    pub dims: usize,
}

impl<'a> QueryBlock<'a> {
    pub fn new(centre: &Centre, ids: Vec<usize>, raw: Cow<'a, [f32]>, dims: usize) -> Self {
        let centred = centre.rows(&raw);
        Self { ids, raw, centred, dims }
    }

    pub fn row(&self, query: usize) -> &[f32] {
        &self.raw[query * self.dims..(query + 1) * self.dims]
    }
}
