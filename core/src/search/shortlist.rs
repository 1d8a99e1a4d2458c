//! The candidates that a filter keeps for a query, and answers that follow from them alone.

use rayon::prelude::*;

use super::query::Reduction;

/// A support row and its key: the filter's squared distance to the query, without the query's norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    pub key: f32,
    pub row: u32,
}

/// All rows that can be among the k nearest of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortlist {
    /// Candidates, smallest key first.
    pub candidates: Vec<Candidate>,
    /// Bound on the error of a key.
    pub error: f64,
    /// Norm of the centred query.
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
        // A row that at most k rows can precede (the row itself included) is one of the k nearest.
        let rows: Vec<u32> = self.candidates.iter().map(|candidate| candidate.row).collect();
        let certain = match rows.len() {
            all if all <= k => all,
            all => (0..all).take_while(|&at| precede(at) <= k).count(),
        };
        reduction.decide_early(&rows[..certain], &rows[certain..], k)
    }
}

/// Answers the queries whose shortlist alone determines the answer, `[queries]`. Removes their shortlists, which need
/// no further work.
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

/// Returns the queries for which the filter keeps too many candidates, numbered from `first`: they have no shortlist.
pub fn given_up(shortlists: &[Option<Shortlist>], first: usize) -> impl Iterator<Item = u32> {
    (first as u32..).zip(shortlists).filter(|(_, shortlist)| shortlist.is_none()).map(|(query, _)| query)
}
