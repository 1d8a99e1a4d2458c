//! State that all steps of one search on one adapter share.

use super::pipelines::Pipelines;
use super::rows::StorageLoss;
use super::setup::SearchSizes;
use crate::search::adapter::Adapter;
use crate::search::center::Center;

/// Everything that is fixed before the first row is uploaded. The steps of the search are its methods: upload rows
/// (`upload.rs`), run a round of dispatches (`round.rs`), filter a block of queries in rounds (`filter.rs`).
pub struct SearchContext<'a, S> {
    pub adapter: &'a Adapter,
    pub pipelines: &'a Pipelines,
    pub sizes: SearchSizes,
    pub center: Center,
    pub loss: StorageLoss,
    /// [support, dims]
    pub support: &'a S,
    pub k: usize,
}
