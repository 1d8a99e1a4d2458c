//! The filter: computes the keys of whole panels and compares them with thresholds while they are in the cache. Of the
//! queries x support matrix, each thread holds one strip at a time.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::candidate_lists::CandidateLists;
use super::panels::Panels;
use crate::error::{Error, Result};
use crate::search::progress::{Progress, is_set};
use crate::search::simd::{Comparison, Hits, Kernel, Lanes, PANEL_ROWS, Product, SLICES, Side, SimdTask, Tile, bits};

/// Maximum number of panels of a strip: its words of one step stay in the L2 cache while it meets the support panels.
pub const STRIP: usize = 4;
/// Maximum number of columns of a panel for which a strip and a few support panels fit in the L2 cache together.
const NARROW: usize = 512;
/// Number of support panels processed with a strip, for wider rows: enough to offset the cost of loading the strip
/// again, and few enough that their tiles stay in an L2 cache of 512 KB.
const WIDE_GROUP: usize = 8;
const NARROW_GROUP: usize = 4;

/// Returns the panels per strip: the number that leaves the busiest thread the least work. A single thread gets small
/// strips: it reports after each, which keeps a page responsive.
pub fn strip_panels(panels: usize) -> usize {
    match rayon::current_num_threads() {
        1 => 1,
        threads => best_strip(panels, threads),
    }
}

/// Of equally good numbers, the largest: a strip's words are loaded once for all of its panels.
fn best_strip(panels: usize, threads: usize) -> usize {
    let of_the_busiest = |strip: &usize| panels.div_ceil(*strip).div_ceil(threads) * strip;
    (1..=STRIP).rev().min_by_key(of_the_busiest).unwrap_or(STRIP)
}

/// Returns the number of strips between two reports: 1 for one thread; otherwise enough that no thread waits long.
fn strips_between_reports() -> usize {
    match rayon::current_num_threads() {
        1 => 1,
        threads => 8 * threads,
    }
}

/// Compares the support with the queries, strip by strip; `lists` has one entry per strip.
pub async fn one_way(
    kernel: Kernel,
    queries: &Panels,
    support: &Panels,
    lists: &mut [CandidateLists],
    progress: &impl Progress,
) -> Result<()> {
    let (strips, mut done, stop) = (lists.len(), 0, progress.stop_flag());
    let mut first = 0;
    for lists in lists.chunks_mut(strips_between_reports()) {
        let strips_of: Vec<_> = lists
            .iter_mut()
            .map(|lists| {
                let panels = first..first + lists.len().div_ceil(PANEL_ROWS);
                first = panels.end;
                (lists, panels)
            })
            .collect();
        done += strips_of.len();
        strips_of.into_par_iter().with_max_len(1).filter(|_| !is_set(stop)).for_each(|(lists, panels)| {
            kernel.run(OneWay { queries, panels, support, lists });
        });
        step(progress, done, strips).await?;
    }
    Ok(())
}

/// One strip of queries and a whole block of the support.
struct OneWay<'a> {
    queries: &'a Panels,
    panels: Range<usize>,
    support: &'a Panels,
    lists: &'a mut CandidateLists,
}

impl SimdTask for OneWay<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self { queries, panels, support, lists } = self;
        let group = if support.width() > NARROW { WIDE_GROUP } else { NARROW_GROUP };
        let (mut tiles, mut hits) = (Vec::new(), Hits::NONE);
        for first in (0..support.len()).step_by(group) {
            let met = first..(first + group).min(support.len());
            let strips = [(queries, panels.clone()), (support, met)];
            multiply(lanes, &strips, &mut tiles, |panel, other, product, tile| {
                let strip = panel - panels.start;
                let queries = Side { norms: queries.norms(panel), thresholds: Some(lists.thresholds(strip)) };
                let norms = support.norms(other);
                let support_side = Side { norms, thresholds: None };
                lanes.multiply(product, tile, Some(Comparison { queries, support: support_side, hits: &mut hits }));
                offer_rows(tile, &hits, strip, lists, norms, support.rows.start + other * PANEL_ROWS);
            });
        }
    }
}

/// A strip of panels on one side.
#[derive(Clone)]
struct PanelStrip<'a> {
    panels: &'a Panels,
    range: Range<usize>,
    lists: &'a Mutex<CandidateLists>,
}

/// Computes each pair of rows of two blocks, or of one block with itself, once, and adds each row to the other's list.
/// `lists`: one per strip of each block.
pub async fn both_ways(
    kernel: Kernel,
    blocks: [&Panels; 2],
    lists: [&[Mutex<CandidateLists>]; 2],
    strip: usize,
    progress: &impl Progress,
) -> Result<()> {
    let same = std::ptr::eq(blocks[0], blocks[1]);
    let strips_of = |at: usize| -> Vec<PanelStrip> {
        let ranges = (0..blocks[at].len()).step_by(strip).map(|first| first..(first + strip).min(blocks[at].len()));
        ranges.zip(lists[at]).map(|(range, lists)| PanelStrip { panels: blocks[at], range, lists }).collect()
    };
    let (a, b) = (strips_of(0), strips_of(1));
    let pairs: Vec<(usize, usize)> = if same { circle(a.len()).collect() } else { grid(a.len(), b.len()).collect() };
    let (mut done, stop) = (0, progress.stop_flag());
    for some in pairs.chunks(strips_between_reports() * a.len().min(8)) {
        some.par_iter().with_max_len(1).filter(|_| !is_set(stop)).for_each_init(
            Scratch::default,
            |scratch, &(i, j)| {
                kernel.run(BothWays { a: a[i].clone(), b: b[j].clone(), same: same && i == j, scratch });
            },
        );
        done += some.len();
        step(progress, done, pairs.len()).await?;
    }
    Ok(())
}

/// Reports a step. A search that was stopped in the middle has no result, whatever the report says.
async fn step(progress: &impl Progress, done: usize, total: usize) -> Result<()> {
    let stopped = is_set(progress.stop_flag());
    progress.step(done, total).await?;
    if stopped { Err(Error::Cancelled) } else { Ok(()) }
}

/// Returns each pair of `count` items once, pairs of an item with itself included. In every round each item occurs, so
/// that all thresholds tighten at the same rate and threads seldom wait for the same list.
fn circle(count: usize) -> impl Iterator<Item = (usize, usize)> {
    let pairs = (0..=count / 2).flat_map(move |apart| (0..count).map(move |i| (i, (i + apart) % count, apart)));
    pairs.filter(move |&(i, _, apart)| 2 * apart != count || i < count / 2 || apart == 0).map(|(i, j, _)| (i, j))
}

/// Returns each pair of an item of `a` and one of `b`, in rounds like those of `circle`.
fn grid(a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..b).flat_map(move |apart| (0..a).map(move |i| (i, (i + apart) % b)))
}

/// Memory of one thread: tiles and their hits, `[support panels, query panels]`.
#[derive(Default)]
struct Scratch {
    tiles: Vec<Tile>,
    hits: Vec<Hits>,
}

struct BothWays<'a> {
    a: PanelStrip<'a>,
    b: PanelStrip<'a>,
    same: bool,
    scratch: &'a mut Scratch,
}

impl SimdTask for BothWays<'_> {
    type Output = ();

    /// Compares with thresholds as they were before: others may lower them meanwhile, which lets a few more rows pass.
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self { a, b, same, scratch: Scratch { tiles, hits } } = self;
        let thresholds = [&a, &b].map(|strip| locked(strip.lists).all_thresholds().to_vec());
        let strips = [(a.panels, a.range.clone()), (b.panels, b.range.clone())];
        hits.resize(a.range.len() * b.range.len(), Hits::NONE);
        let place = |i: usize, j: usize| (j - b.range.start) * a.range.len() + i - a.range.start;
        multiply(lanes, &strips, tiles, |i, j, product, tile| {
            let queries = Side { norms: a.panels.norms(i), thresholds: Some(&thresholds[0][i - a.range.start]) };
            // One strip with itself: the tiles hold each pair in both orders.
            let others = (!same).then(|| &thresholds[1][j - b.range.start]);
            let support = Side { norms: b.panels.norms(j), thresholds: others };
            lanes.multiply(product, tile, Some(Comparison { queries, support, hits: &mut hits[place(i, j)] }));
        });
        let pairs = || b.range.clone().flat_map(|j| a.range.clone().map(move |i| (i, j)));
        let first = |strip: &PanelStrip, panel: usize| strip.panels.rows.start + panel * PANEL_ROWS;
        let mut lists = locked(a.lists);
        for (i, j) in pairs() {
            let (tile, hits) = (&tiles[place(i, j)], &hits[place(i, j)]);
            offer_rows(tile, hits, i - a.range.start, &mut lists, b.panels.norms(j), first(&b, j));
        }
        drop(lists);
        if same {
            return;
        }
        let mut lists = locked(b.lists);
        for (i, j) in pairs() {
            let (tile, hits) = (&tiles[place(i, j)], &hits[place(i, j)]);
            offer_columns(tile, hits, j - b.range.start, &mut lists, a.panels.norms(i), first(&a, i));
        }
    }
}

/// Locks the lists. Ignores poisoning: a thread that panicked ends the search anyway.
pub fn locked(lists: &Mutex<CandidateLists>) -> MutexGuard<'_, CandidateLists> {
    lists.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Computes the dot products of two strips of panels, queries and support, `[support panels, query panels]` tiles. The
/// product of the last block of each pair is left to `finish(query panel, support panel, product, tile)`.
#[inline(always)]
fn multiply<L: Lanes>(
    lanes: L,
    [(queries, panels), (support, others)]: &[(&Panels, Range<usize>); 2],
    tiles: &mut Vec<Tile>,
    mut finish: impl FnMut(usize, usize, Product<'_>, &mut Tile),
) {
    let (format, width) = (support.format, support.width());
    tiles.resize(panels.len() * others.len(), [[0.0; PANEL_ROWS]; PANEL_ROWS]);
    for block in support.blocks() {
        let part = (SLICES * block.len()).div_ceil(panels.len());
        let mut tiles = tiles.iter_mut();
        for other in others.clone() {
            let t = support.columns(other, block.clone());
            let mut soon = support.columns((other + 1).min(others.end - 1), block.clone()).chunks(part);
            for (panel, tile) in panels.clone().zip(&mut tiles) {
                lanes.prefetch(soon.next().unwrap_or_default());
                let q = queries.columns(panel, block.clone());
                let product = Product { format, queries: q, support: t, first: block.start == 0 };
                if block.end < width {
                    lanes.multiply(product, tile, None);
                } else {
                    finish(panel, other, product, tile);
                }
            }
        }
    }
}

/// Adds the support rows of a tile to the lists of the queries of one panel of a strip.
#[inline(always)]
fn offer_rows(
    tile: &Tile,
    hits: &Hits,
    panel: usize,
    lists: &mut CandidateLists,
    norms: &[f32; PANEL_ROWS],
    first: usize,
) {
    for (at, (dots, &hits)) in tile.iter().zip(&hits.of_queries).enumerate() {
        for other in bits(u64::from_le_bytes(hits)) {
            lists.offer(panel * PANEL_ROWS + at, norms[other] - 2.0 * dots[other], (first + other) as u32);
        }
    }
}

/// Adds the queries of a tile to the lists of its support rows: the same pairs, from the other side.
#[inline(always)]
fn offer_columns(
    tile: &Tile,
    hits: &Hits,
    panel: usize,
    lists: &mut CandidateLists,
    norms: &[f32; PANEL_ROWS],
    first: usize,
) {
    for (at, (dots, &hits)) in tile.iter().zip(&hits.of_support).enumerate() {
        for other in bits(u64::from_le_bytes(hits)) {
            lists.offer(panel * PANEL_ROWS + other, norms[at] - 2.0 * dots[other], (first + at) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_get_equal_shares() {
        // 42 panels on two threads: 14 strips of 3 are 21 each, while 11 strips of 4 would be 24 and 18.
        assert_eq!(best_strip(42, 2), 3);
        assert_eq!(best_strip(40, 2), 4);
        assert_eq!(best_strip(5, 64), 1);
        assert_eq!(best_strip(0, 2), STRIP);
    }

    #[test]
    fn every_pair_meets_once() {
        for count in 1..12 {
            let mut met: Vec<(usize, usize)> = circle(count).map(|(i, j)| (i.min(j), i.max(j))).collect();
            met.sort_unstable();
            let all: Vec<(usize, usize)> = (0..count).flat_map(|i| (i..count).map(move |j| (i, j))).collect();
            assert_eq!(met, all, "{count}");
        }
        let mut met: Vec<_> = grid(3, 5).collect();
        met.sort_unstable();
        assert_eq!(met, (0..3).flat_map(|i| (0..5).map(move |j| (i, j))).collect::<Vec<_>>());
    }
}
