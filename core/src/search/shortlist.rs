//! What a filter leaves of the support for a query, and what can be answered from that alone.

use rayon::prelude::*;

use super::query::Reduction;

/// A support row and its key: its squared distance to the query, as the filter sees it and short of the query's norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    pub key: f32,
    pub row: u32,
}

/// All rows that can be among the nearest of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortlist {
    /// The smallest key first.
    pub candidates: Vec<Candidate>,
    /// How far a key can be from the truth.
    pub error: f64,
    /// The query's norm, centred.
    pub length: f64,
}

impl Shortlist {
    /// Returns the answer if the keys alone decide it.
    fn decide_early<R: Reduction>(&self, reduction: &R, k: usize) -> Option<R::Answer> {
        let slack = 2.0 * self.error;
        let precede = |at: usize| {
            let limit = f64::from(self.candidates[at].key) + slack;
            self.candidates.partition_point(|other| f64::from(other.key) <= limit)
        };
        // A row that at most k rows can precede, itself among them, is one of the k nearest.
        let rows: Vec<u32> = self.candidates.iter().map(|candidate| candidate.row).collect();
        let certain = match rows.len() {
            all if all <= k => all,
            all => (0..all).take_while(|&at| precede(at) <= k).count(),
        };
        reduction.decide_early(&rows[..certain], &rows[certain..], k)
    }
}

/// Answers the queries whose shortlist alone decides, `[queries]`. Their shortlists are taken: nothing is left to do.
pub fn decide_early<R: Reduction>(
    shortlists: &mut [Option<Shortlist>],
    reduction: &R,
    k: usize,
) -> Vec<Option<R::Answer>> {
    let decide = |shortlist: &mut Option<Shortlist>| {
        let answer = shortlist.as_ref()?.decide_early(reduction, k)?;
        *shortlist = None;
        Some(answer)
    };
    shortlists.par_iter_mut().map(decide).collect()
}

/// The queries, counted from `first`, for which a filter keeps too much to be told apart: it gave them up.
pub fn given_up(shortlists: &[Option<Shortlist>], first: usize) -> impl Iterator<Item = u32> {
    (first as u32..).zip(shortlists).filter(|(_, shortlist)| shortlist.is_none()).map(|(query, _)| query)
}
