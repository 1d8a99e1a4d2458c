//! The support rows that can still be among each query's nearest, while the filter is at work.

use crate::search::shortlist::{Candidate, Shortlist};
use crate::search::simd::PANEL_ROWS;

/// Rows that a list holds before it is cut back, at least; eight times k where that is more. Short lists keep thresholds
/// tight; a list that stays long gets twice the room.
const LEAST_CAPACITY: usize = 256;
/// Stands for no row.
const NO_ROW: u32 = u32::MAX;

/// The lists of some queries.
pub struct CandidateLists {
    k: usize,
    /// What a key must be below to matter, `[queries, filled up to whole panels]`.
    thresholds: Vec<[f32; PANEL_ROWS]>,
    /// How far a key can err, `[queries]`.
    errors: Vec<f64>,
    /// Norms, `[queries]`.
    lengths: Vec<f64>,
    /// The row that a query must not have, `[queries]`.
    left_out: Vec<u32>,
    /// Ordered key and row as one number, `[queries][candidates]`.
    lists: Vec<Vec<u64>>,
    /// Entries at which a list is cut back, `[queries]`.
    full: Vec<usize>,
    given_up: Vec<bool>,
}

impl CandidateLists {
    /// Empty lists; `left_out` names a row for each query, if any.
    pub fn new(k: usize, left_out: impl Iterator<Item = Option<usize>>) -> Self {
        let left_out: Vec<u32> = left_out.map(|row| row.map_or(NO_ROW, |row| row as u32)).collect();
        let queries = left_out.len();
        let mut thresholds = vec![[f32::NEG_INFINITY; PANEL_ROWS]; queries.div_ceil(PANEL_ROWS)];
        thresholds.as_flattened_mut()[..queries].fill(f32::INFINITY);
        Self {
            k,
            thresholds,
            errors: vec![0.0; queries],
            lengths: vec![0.0; queries],
            left_out,
            lists: vec![Vec::new(); queries],
            full: vec![capacity(k) / 2; queries],
            given_up: vec![false; queries],
        }
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Thresholds of the queries of one panel.
    pub fn thresholds(&self, panel: usize) -> &[f32; PANEL_ROWS] {
        &self.thresholds[panel]
    }

    /// From now on the keys of a query of this norm may err by this much (or by more, if that was said before).
    pub fn widen(&mut self, query: usize, length: f64, error: f64) {
        self.lengths[query] = length;
        self.errors[query] = self.errors[query].max(error);
        self.cut(query);
    }

    /// A key below the query's threshold.
    #[inline]
    pub fn offer(&mut self, query: usize, key: f32, row: u32) {
        if row == self.left_out[query] {
            return;
        }
        let list = &mut self.lists[query];
        if list.capacity() == 0 {
            list.reserve_exact(self.full[query]);
        }
        list.push(u64::from(ordered(key)) << 32 | u64::from(row));
        if list.len() >= self.full[query] {
            self.cut(query);
        }
    }

    /// Drops what k others certainly precede: the k-th smallest key errs, and so does every other.
    fn cut(&mut self, query: usize) {
        let list = &mut self.lists[query];
        if list.len() < self.k || self.given_up[query] {
            return;
        }
        let (_, &mut kth, _) = list.select_nth_unstable(self.k - 1);
        let limit = (f64::from(key_of(kth)) + 2.0 * self.errors[query]) as f32;
        let threshold = limit.next_up().next_up();
        list.retain(|&entry| key_of(entry) < threshold);
        let most = capacity(self.k);
        let too_many = list.len() > most - most / 8;
        if too_many {
            self.given_up[query] = true;
            *list = Vec::new();
        } else if list.len() > most / 4 {
            self.full[query] = most;
        }
        self.thresholds[query / PANEL_ROWS][query % PANEL_ROWS] = if too_many { f32::NEG_INFINITY } else { threshold };
    }

    /// What is left of each query's list; None where that is too much to be told apart.
    pub fn finish(mut self) -> Vec<Option<Shortlist>> {
        (0..self.len()).for_each(|query| self.cut(query));
        let about = self.errors.into_iter().zip(self.lengths).zip(self.given_up);
        let kept = self.lists.into_iter().zip(about).map(|(mut list, ((error, length), given_up))| {
            list.sort_unstable();
            let candidates = list.into_iter().map(|entry| Candidate { key: key_of(entry), row: entry as u32 });
            (!given_up).then(|| Shortlist { candidates: candidates.collect(), error, length })
        });
        kept.collect()
    }
}

/// Rows that a list holds at most.
pub fn capacity(k: usize) -> usize {
    2 * (8 * k).max(LEAST_CAPACITY)
}

/// Bits that are ordered as numbers as the keys are.
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
        let mut lists = CandidateLists::new(2, [Some(7)].into_iter());
        lists.widen(0, 1.0, 0.25);
        for (row, key) in [(7, 0.0), (1, 1.0), (2, 3.0), (3, 2.0), (4, 2.5), (5, 2.6)] {
            lists.offer(0, key, row);
        }
        let kept = lists.finish().remove(0).expect("few candidates");
        assert_eq!(kept.candidates.iter().map(|candidate| candidate.row).collect::<Vec<_>>(), [1, 3, 4]);
    }

    #[test]
    fn too_many_equal_keys_are_given_up() {
        let mut lists = CandidateLists::new(1, [None].into_iter());
        (0..2 * LEAST_CAPACITY as u32).for_each(|row| lists.offer(0, 1.0, row));
        assert_eq!(lists.thresholds(0)[0], f32::NEG_INFINITY);
        assert_eq!(lists.finish(), [None]);
    }
}
