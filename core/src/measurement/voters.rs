//! The rows of a layer that may vote.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Result;
use crate::matrix::{Rows, Selected};

/// All rows of the training split's layer, or some of them.
pub(super) enum Voters<'a, T> {
    All(&'a T),
    Some(Selected<'a, T>),
}

impl<'a, T> Voters<'a, T> {
    pub fn new(training: &'a T, rows: Option<&'a [u32]>) -> Self {
        rows.map_or(Self::All(training), |ids| Self::Some(Selected { source: training, ids }))
    }
}

impl<T: Rows> Rows for Voters<'_, T> {
    fn shape(&self) -> [usize; 2] {
        match self {
            Self::All(rows) => rows.shape(),
            Self::Some(rows) => rows.shape(),
        }
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        match self {
            Self::All(all) => all.block(rows).await,
            Self::Some(some) => some.block(rows).await,
        }
    }

    fn whole(&self) -> Option<&[f32]> {
        match self {
            Self::All(rows) => rows.whole(),
            Self::Some(rows) => rows.whole(),
        }
    }

    fn number(&self, row: usize) -> usize {
        match self {
            Self::All(rows) => rows.number(row),
            Self::Some(rows) => rows.number(row),
        }
    }
}
