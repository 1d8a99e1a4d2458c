//! How rows are divided into shards.

use std::ops::Range;

/// Returns the rows of a shard: of `shards` contiguous ranges, in order, whose lengths differ by at most one. There may be
/// more shards than rows; some ranges are then empty.
///
/// # Panics
/// If there are no shards.
pub(crate) fn shard_range(rows: usize, shard: usize, shards: usize) -> Range<usize> {
    let start = |shard: usize| (shard as u128 * rows as u128 / shards as u128) as usize;
    start(shard)..start(shard + 1)
}

/// Returns the shards that are not there, as ranges of their indices. `there` is increasing. It takes as long as there are
/// shards that are there: a damaged file may claim any number.
pub(crate) fn missing_shards(there: impl IntoIterator<Item = usize>, shards: usize) -> Vec<Range<usize>> {
    let (mut missing, mut next) = (Vec::new(), 0);
    for shard in there.into_iter().chain([shards]) {
        if next < shard {
            missing.push(next..shard);
        }
        next = shard + 1;
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "lists of ranges")]
    fn what_is_missing_are_ranges() {
        assert!(missing_shards([0, 1, 2], 3).is_empty());
        assert_eq!(missing_shards([], 3), [0..3]);
        assert_eq!(missing_shards([1, 4, 5], 8), [0..1, 2..4, 6..8]);
        assert_eq!(missing_shards([2], usize::MAX - 1), [0..2, 3..usize::MAX - 1]);
    }

    #[test]
    fn every_row_is_in_one_shard() {
        for (rows, shards) in [(0, 3), (1, 1), (7, 3), (3, 7), (50, 3), (64, 8)] {
            let ranges: Vec<Range<usize>> = (0..shards).map(|shard| shard_range(rows, shard, shards)).collect();
            assert_eq!(ranges.iter().cloned().flatten().collect::<Vec<_>>(), (0..rows).collect::<Vec<_>>());
            let lengths: Vec<usize> = ranges.iter().map(Range::len).collect();
            assert!(lengths.iter().all(|length| rows / shards <= *length && *length <= rows.div_ceil(shards)));
        }
    }
}
