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

#[cfg(test)]
mod tests {
    use super::*;

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
