//! One search on one adapter: what all of its steps share.

use super::pipelines::Pipelines;
use super::rows::StorageLoss;
use super::setup::SearchSizes;
use crate::search::adapter::Adapter;
use crate::search::center::Center;

/// What a search knows before its first row is sent. Its steps are methods: rows are sent (`upload.rs`), a round of
/// dispatches is done (`round.rs`), and rounds filter a block of queries (`filter.rs`).
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
