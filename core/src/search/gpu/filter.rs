//! The filter of a block of queries: which support rows can be among the k nearest of each.
//!
//! The support comes in rounds of doubling size, so that the limits fall early; after each round every query's
//! candidates are selected anew. In a ring the queries are the support and lie on the device already: a round is some
//! steps round the ring of tiles, and each pair of tiles is looked at once.

use super::buffers::Buffers;
use super::kernels::{Kernels, State, Task, dispatch, one_a_query};
use super::rescore::Kept;
use super::rows::{Loss, Packed, visits};
use super::setup::Sizes;
use crate::error::{Error, Result};
use crate::matrix::Rows;
use crate::search::adapter::{Adapter, Submitted};
use crate::search::centre::{Centre, DOT_CHUNK};
use crate::search::{Exclude, Progress};

/// New rows of the first round, and of each until as many were seen.
const FIRST_ROWS: usize = 256;
/// Rows of a piece that is read at a time, where they are not in memory.
const PIECE_ROWS: usize = 64;
/// Rows are prepared and sent in parts of so many bytes.
const PART_BYTES: u64 = 32 << 20;
const NOBODY: u32 = u32::MAX;
/// A limit above every key.
const EVERYTHING: f32 = 3.0e38;

/// One search on one adapter.
pub struct Filter<'a, S> {
    pub adapter: &'a Adapter,
    pub kernels: &'a Kernels,
    pub sizes: Sizes,
    pub centre: Centre,
    pub loss: Loss,
    pub support: &'a S,
    pub k: usize,
}

/// The queries of a block on the device.
struct Block {
    count: usize,
    rows: wgpu::Buffer,
    states: wgpu::Buffer,
    candidates: wgpu::Buffer,
}

/// Support rows on the device.
struct Chunk {
    count: usize,
    rows: wgpu::Buffer,
    labels: wgpu::Buffer,
}

/// The tiles of a round: `tiles` of queries, each with the tiles of support in `steps`.
struct Round<'a> {
    side: usize,
    tiles: usize,
    steps: std::ops::Range<usize>,
    ring: bool,
    chunk: &'a Chunk,
    /// Support rows seen before and after.
    seen: [usize; 2],
}

impl<S: Rows> Filter<'_, S> {
    /// What the filter keeps for each row of `queries` [queries, dims], which is query `first` and following.
    pub async fn block(
        &self,
        buffers: &mut Buffers,
        queries: &[f32],
        first: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Vec<Kept>> {
        let dims = self.support.shape()[1];
        let count = queries.len() / dims;
        let row = |query: usize| &queries[query * dims..(query + 1) * dims];
        let block = self.prepare(buffers, count);
        let (norms, losses) = self.send(&block.rows, count, row).await?;
        let left_out = |query: usize| exclude.of(first + query).map_or(NOBODY, |row| row as u32);
        self.start(&block, &norms, &losses, left_out);
        let rounds = self.stream(buffers, &block, progress).await?;
        self.kept(buffers, &block, rounds).await
    }

    /// What the filter keeps for each row of the support, leaving out itself; `rows` are all of them.
    pub async fn ring(&self, buffers: &mut Buffers, rows: &[f32], progress: &impl Progress) -> Result<Vec<Kept>> {
        let [count, dims] = self.support.shape();
        let order: Vec<usize> = visits(count, 1).map(|range| range.start).collect();
        let block = self.prepare(buffers, count);
        let row = |place: usize| &rows[order[place] * dims..(order[place] + 1) * dims];
        let (norms, losses) = self.send(&block.rows, count, row).await?;
        self.start(&block, &norms, &losses, |place| order[place] as u32);
        let chunk =
            Chunk { count, rows: block.rows.clone(), labels: buffers.labels[0].of(self.adapter, 8 * count as u64) };
        self.label(&chunk, &norms, |place| order[place] as u32);

        let side = self.side(count, count / 2);
        let tiles = count.div_ceil(side);
        let mut in_flight = None;
        let (mut rounds, mut step, end) = (0, 0, tiles / 2 + 1);
        while step < end {
            // Each step brings a tile from both sides, but the first, where a tile meets itself.
            let rows_seen = (2 * step).saturating_sub(1) * side;
            let steps = step..(step + (rows_seen.max(FIRST_ROWS) / (2 * side)).max(1)).min(end);
            let seen = [step, steps.end].map(|step| count * step / end);
            step = steps.end;
            rounds += 1;
            let round = Round { side, tiles, steps, ring: true, chunk: &chunk, seen };
            self.round(buffers, &block, round, &mut in_flight, progress).await?;
        }
        let kept = self.kept(buffers, &block, rounds).await?;
        let mut in_order = vec![None; count];
        for (place, kept) in order.into_iter().zip(kept) {
            in_order[place] = kept;
        }
        Ok(in_order)
    }

    fn prepare(&self, buffers: &mut Buffers, count: usize) -> Block {
        Block {
            count,
            rows: buffers.queries.of(self.adapter, self.sizes.rows(count)),
            states: buffers.states.of(self.adapter, (size_of::<State>() * count) as u64),
            candidates: buffers.candidates.of(self.adapter, self.sizes.candidates(count)),
        }
    }

    /// Nothing seen yet.
    fn start(&self, block: &Block, norms: &[f64], losses: &[f64], left_out: impl Fn(usize) -> u32) {
        let state = |query: usize| State {
            count: 0,
            limit: EVERYTHING,
            slack: self.loss.slack(&self.centre, norms[query], losses[query]),
            left_out: left_out(query),
            rounds: 0,
        };
        let states: Vec<State> = (0..block.count).map(state).collect();
        self.adapter.queue.write_buffer(&block.states, 0, bytemuck::cast_slice(&states));
    }

    /// The whole support, chunk by chunk; how many rounds it took.
    async fn stream(&self, buffers: &mut Buffers, block: &Block, progress: &impl Progress) -> Result<u32> {
        let [total, dims] = self.support.shape();
        let whole = self.support.whole();
        let piece = if whole.is_some() { 1 } else { PIECE_ROWS.min(self.sizes.chunk) };
        let mut visits = visits(total, piece);
        let (mut in_flight, mut rounds, mut seen) = (None, 0, 0);
        while seen < total {
            let wanted = seen.max(FIRST_ROWS).min(self.sizes.chunk);
            let pieces: Vec<_> = visits.by_ref().take(wanted / piece).collect();
            let rows: Vec<u32> = pieces.iter().flat_map(|piece| piece.start as u32..piece.end as u32).collect();
            let mut read = Vec::new();
            if whole.is_none() {
                for piece in pieces {
                    read.extend_from_slice(&self.support.block(piece).await?);
                }
            }
            let turn = rounds as usize % 2;
            let chunk = Chunk {
                count: rows.len(),
                rows: buffers.support[turn].of(self.adapter, self.sizes.rows(rows.len())),
                labels: buffers.labels[turn].of(self.adapter, 8 * rows.len() as u64),
            };
            let (norms, _) = match whole {
                Some(values) => {
                    let row = |place: usize| &values[rows[place] as usize * dims..(rows[place] as usize + 1) * dims];
                    self.send(&chunk.rows, rows.len(), row).await?
                }
                None => self.send(&chunk.rows, rows.len(), |place| &read[place * dims..(place + 1) * dims]).await?,
            };
            self.label(&chunk, &norms, |place| rows[place]);
            let side = self.side(block.count, rows.len());
            let round = Round {
                side,
                tiles: block.count.div_ceil(side),
                steps: 0..rows.len().div_ceil(side),
                ring: false,
                chunk: &chunk,
                seen: [seen, seen + rows.len()],
            };
            seen += rows.len();
            rounds += 1;
            self.round(buffers, block, round, &mut in_flight, progress).await?;
        }
        Ok(rounds)
    }

    fn side(&self, queries: usize, support: usize) -> usize {
        if self.sizes.wide(queries, support) { 128 } else { 64 }
    }

    /// Rows to the device, part by part; their squared norms and what their storage loses.
    async fn send<'r>(
        &self,
        buffer: &wgpu::Buffer,
        count: usize,
        row: impl Fn(usize) -> &'r [f32] + Sync,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let (mut norms, mut losses) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let step = (PART_BYTES / self.sizes.rows(1)).max(1) as usize;
        let mut before: Option<Submitted> = None;
        for start in (0..count).step_by(step) {
            let part = step.min(count - start);
            let packed = Packed::of(&self.centre, &self.sizes, part, |place| row(start + place));
            self.adapter.queue.write_buffer(buffer, self.sizes.rows(start), bytemuck::cast_slice(&packed.words));
            norms.extend(packed.norms);
            losses.extend(packed.losses);
            if part == step
                && let Some(before) = before.replace(self.adapter.submit(None))
            {
                self.adapter.done(before).await?;
            }
        }
        Ok((norms, losses))
    }

    fn label(&self, chunk: &Chunk, norms: &[f64], row: impl Fn(usize) -> u32) {
        let label = |place: usize| [(norms[place] as f32).to_bits(), row(place)];
        let labels: Vec<[u32; 2]> = (0..chunk.count).map(label).collect();
        self.adapter.queue.write_buffer(&chunk.labels, 0, bytemuck::cast_slice(&labels));
    }

    /// Hands a round to the queue in short dispatches, waiting only for the work before the last.
    async fn round(
        &self,
        buffers: &mut Buffers,
        block: &Block,
        round: Round<'_>,
        in_flight: &mut Option<Submitted>,
        progress: &impl Progress,
    ) -> Result<()> {
        let (adapter, words) = (self.adapter, (self.sizes.row_values / 4) as u32);
        let kernel = self.kernels.distances(adapter, self.sizes.storage, round.side == 128);
        let most = self.sizes.tiles(round.side);
        let width = round.steps.len().min(most);
        let height = (most / width).clamp(1, round.tiles.min(1 << 15));
        let carried =
            if self.sizes.row_values > DOT_CHUNK { 4 * (width * height * round.side * round.side) as u64 } else { 0 };
        let carried = buffers.carried.of(adapter, carried);
        let bound = [&block.rows, &round.chunk.rows, &round.chunk.labels, &block.states, &block.candidates, &carried];
        let task = Task {
            queries: block.count as u32,
            support: round.chunk.count as u32,
            words,
            ring: if round.ring { round.tiles as u32 } else { 0 },
            slots: self.sizes.slots as u32,
            k: self.k as u32,
            ..Task::default()
        };
        let ([seen, seen_after], total) = (round.seen, self.support.shape()[0]);
        for first_step in round.steps.clone().step_by(width) {
            for first_tile in (0..round.tiles).step_by(height) {
                let groups = [width.min(round.steps.end - first_step), height.min(round.tiles - first_tile)];
                let last = first_step + groups[0] == round.steps.end && first_tile + groups[1] == round.tiles;
                let mut work = adapter.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                for first_word in (0..words).step_by(DOT_CHUNK / 4) {
                    let end_word = (first_word + (DOT_CHUNK / 4) as u32).min(words);
                    let (first_tile, first_step) = (first_tile as u32, first_step as u32);
                    let task = Task { first_word, end_word, first_tile, first_step, ..task };
                    dispatch(adapter, &mut work, kernel, task, &bound, groups.map(|size| size as u32));
                }
                if last {
                    let buffers = [&block.states, &block.candidates];
                    let groups = one_a_query(task.queries);
                    dispatch(adapter, &mut work, self.kernels.select(adapter), task, &buffers, groups);
                }
                if let Some(before) = in_flight.replace(adapter.submit(Some(work))) {
                    adapter.done(before).await?;
                }
                let rows = (seen_after - seen) * (first_step - round.steps.start) / round.steps.len();
                progress.step(if last { seen_after } else { seen + rows }, total).await?;
            }
        }
        Ok(())
    }

    /// Reads back what was kept, and whether all was done.
    async fn kept(&self, buffers: &mut Buffers, block: &Block, rounds: u32) -> Result<Vec<Kept>> {
        let (adapter, count) = (self.adapter, block.count);
        let states: Vec<State> = adapter.download(&block.states, count).await?;
        if states.iter().any(|state| state.rounds != rounds) {
            return Err(Error::Gpu("it did not do all of its work".into()));
        }
        let fits = |state: &State| state.count as usize <= self.sizes.slots;
        let held = |state: &State| if fits(state) { state.count } else { 0 };
        let mut starts = vec![0];
        starts.extend(states.iter().scan(0, |end, state| {
            *end += held(state);
            Some(*end)
        }));
        let all = starts[count] as usize;
        let gathered = buffers.gathered.of(adapter, 8 * all as u64);
        let begins = buffers.starts.of(adapter, 4 * starts.len() as u64);
        adapter.queue.write_buffer(&begins, 0, bytemuck::cast_slice(&starts));
        let task = Task { queries: count as u32, slots: self.sizes.slots as u32, ..Task::default() };
        let mut work = adapter.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let bound = [&begins, &block.candidates, &gathered];
        dispatch(adapter, &mut work, self.kernels.gather(adapter), task, &bound, one_a_query(task.queries));
        adapter.submit(Some(work));
        let gathered: Vec<[u32; 2]> = if all == 0 { Vec::new() } else { adapter.download(&gathered, all).await? };
        let candidate = |&[key, row]: &[u32; 2]| (f32::from_bits(key), row);
        let of =
            |query: usize| gathered[starts[query] as usize..starts[query + 1] as usize].iter().map(candidate).collect();
        Ok(states.iter().enumerate().map(|(query, state)| fits(state).then(|| of(query))).collect())
    }
}
