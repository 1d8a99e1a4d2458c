//! The support rows that can still be among each query's nearest, during the filter.

use crate::search::shortlist::{Candidate, Shortlist};
use crate::search::simd::PANEL_ROWS;

/// Half the largest length of a list; 8 k if that is more. A list is reduced at a quarter of the largest length, since short
/// lists keep thresholds tight; the limit of a list that stays long is doubled.
const LEAST_CAPACITY: usize = 256;
/// Marks that no row is excluded.
const NO_ROW: u32 = u32::MAX;

/// Candidate lists of some queries.
pub struct CandidateLists {
    k: usize,
    /// Largest length of a list.
    most: usize,
    /// Keys below the threshold are kept, `[queries, padded to whole panels]`.
    thresholds: Vec<[f32; PANEL_ROWS]>,
    /// Bounds on the errors of keys, `[queries]`.
    errors: Vec<f64>,
    /// Norms, `[queries]`.
    lengths: Vec<f64>,
    /// The excluded row of each query, `[queries]`.
    left_out: Vec<u32>,
    /// Candidates as (ordered key, row) in one number, `[queries][candidates]`.
    lists: Vec<Vec<u64>>,
    /// Length at which each list is reduced, `[queries]`.
    full: Vec<usize>,
    given_up: Vec<bool>,
}

impl CandidateLists {
    /// Creates empty lists of at most `most` rows; `left_out` gives the excluded row of each query, if any.
    pub fn new(k: usize, most: usize, left_out: impl Iterator<Item = Option<u32>>) -> Self {
        let left_out: Vec<u32> = left_out.map(|row| row.unwrap_or(NO_ROW)).collect();
        let queries = left_out.len();
        let mut thresholds = vec![[f32::NEG_INFINITY; PANEL_ROWS]; queries.div_ceil(PANEL_ROWS)];
        thresholds.as_flattened_mut()[..queries].fill(f32::INFINITY);
        Self {
            k,
            most,
            thresholds,
            errors: vec![0.0; queries],
            lengths: vec![0.0; queries],
            left_out,
            lists: vec![Vec::new(); queries],
            full: vec![least_capacity(k); queries],
            given_up: vec![false; queries],
        }
    }

    /// Returns the number of queries.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Returns the thresholds of the queries of one panel.
    pub fn thresholds(&self, panel: usize) -> &[f32; PANEL_ROWS] {
        &self.thresholds[panel]
    }

    /// Returns the thresholds of all queries, `[panels]`.
    pub fn all_thresholds(&self) -> &[[f32; PANEL_ROWS]] {
        &self.thresholds
    }

    /// Sets norm and error bound of a query; the bound never decreases.
    pub fn widen(&mut self, query: usize, length: f64, error: f64) {
        self.lengths[query] = length;
        self.errors[query] = self.errors[query].max(error);
        self.cut(query);
    }

    /// Adds a row if its key is below the query's threshold.
    #[inline]
    pub fn offer(&mut self, query: usize, key: f32, row: u32) {
        let below = key < self.thresholds.as_flattened()[query];
        if !below || row == self.left_out[query] {
            return;
        }
        let list = &mut self.lists[query];
        if list.len() == list.capacity() {
            list.reserve_exact(self.full[query] - list.len()); // by itself, a list would double beyond its limit
        }
        list.push(u64::from(ordered(key)) << 32 | u64::from(row));
        if list.len() >= self.full[query] {
            self.cut(query);
        }
    }

    /// Removes candidates that k others certainly precede. Both the k-th smallest key and the candidate's key have
    /// errors.
    fn cut(&mut self, query: usize) {
        let list = &mut self.lists[query];
        if list.len() < self.k || self.given_up[query] {
            return;
        }
        let (_, &mut kth, _) = list.select_nth_unstable(self.k - 1);
        let limit = (f64::from(key_of(kth)) + 2.0 * self.errors[query]) as f32;
        let threshold = limit.next_up().next_up();
        list.retain(|&entry| key_of(entry) < threshold);
        let too_many = list.len() > self.most - self.most / 8;
        if too_many {
            self.given_up[query] = true;
            *list = Vec::new();
        } else if list.len() > self.full[query] / 2 {
            self.full[query] = self.most.min(2 * self.full[query]);
        }
        self.thresholds[query / PANEL_ROWS][query % PANEL_ROWS] = if too_many { f32::NEG_INFINITY } else { threshold };
    }

    /// Returns the shortlist of each query; `None` if it keeps too many candidates, or fewer than k: keys that are NaN
    /// are below no threshold.
    pub fn finish(mut self) -> Vec<Option<Shortlist>> {
        let k = self.k;
        (0..self.len()).for_each(|query| self.cut(query));
        let about = self.errors.into_iter().zip(self.lengths).zip(self.given_up);
        let kept = self.lists.into_iter().zip(about).map(|(mut list, ((error, length), given_up))| {
            list.sort_unstable();
            let candidate = |&entry: &u64| Candidate { key: key_of(entry), row: entry as u32 };
            // From the slice: what is collected from the list itself keeps the list's whole memory.
            let candidates = || list.iter().map(candidate).collect();
            (!given_up && list.len() >= k).then(|| Shortlist { candidates: candidates(), error, length })
        });
        kept.collect()
    }
}

/// Returns the maximum number of rows of a list, where there is memory for it.
pub fn capacity(k: usize) -> usize {
    2 * (8 * k).max(LEAST_CAPACITY)
}

/// Returns the length at which a list is first reduced: no limit is lower.
pub fn least_capacity(k: usize) -> usize {
    capacity(k) / 4
}

/// Maps a key to bits with the same order.
fn ordered(key: f32) -> u32 {
    let bits = key.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

fn key_of(entry: u64) -> f32 {
    let bits = (entry >> 32) as u32;
    f32::from_bits(if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_their_value() {
        let keys = [f32::NEG_INFINITY, -2.5, -1e-40, -0.0, 0.0, 1e-40, 1.0, f32::INFINITY];
        for pair in keys.windows(2) {
            assert!(ordered(pair[0]) < ordered(pair[1]), "{pair:?}");
        }
        for key in keys {
            assert_eq!(key_of(u64::from(ordered(key)) << 32).to_bits(), key.to_bits());
        }
    }

    #[test]
    fn what_is_within_the_slack_of_the_kth_stays_and_nothing_else() {
        let mut lists = CandidateLists::new(2, capacity(2), [Some(7)].into_iter());
        lists.widen(0, 1.0, 0.25);
        for (row, key) in [(7, 0.0), (1, 1.0), (2, 3.0), (3, 2.0), (4, 2.5), (5, 2.6)] {
            lists.offer(0, key, row);
        }
        let kept = lists.finish().remove(0).expect("few candidates");
        assert_eq!(kept.candidates.iter().map(|candidate| candidate.row).collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn too_many_equal_keys_are_given_up() {
        let mut lists = CandidateLists::new(1, capacity(1), [None].into_iter());
        (0..2 * LEAST_CAPACITY as u32).for_each(|row| lists.offer(0, 1.0, row));
        assert_eq!(lists.thresholds(0)[0], f32::NEG_INFINITY);
        assert_eq!(lists.finish(), [None]);
    }
}
