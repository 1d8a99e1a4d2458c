//! A round of the filter on the device, and reading back its result after the last round.

use std::ops::Range;

use rayon::prelude::*;

use super::buffers::Buffers;
use super::context::SearchContext;
use super::pipelines::{QueryState, Task, dispatch, one_a_query};
use super::upload::{QueryBlock, SentRows, SupportChunk};
use crate::error::{Error, Result};
use crate::matrix::Rows;
use crate::search::adapter::Submitted;
use crate::search::center::DOT_CHUNK;
use crate::search::progress::Progress;
use crate::search::shortlist::{Candidate, Shortlist};

/// Number of words whose products one dispatch adds.
const CHUNK_WORDS: u32 = (DOT_CHUNK / 4) as u32;

/// The tiles of a round: `tiles` tiles of queries, each with the tiles of support in `steps`.
pub struct Round<'a> {
    /// Rows of a tile, 64 or 128.
    pub side: usize,
    pub tiles: usize,
    pub steps: Range<usize>,
    /// Whether steps are counted along the ring of tiles, from the queries' own tile.
    pub ring: bool,
    pub chunk: &'a SupportChunk,
    /// Support rows processed before and after the round, for the progress.
    pub seen: [usize; 2],
}

impl<S: Rows> SearchContext<'_, S> {
    /// Submits a round in short dispatches, and waits for the submission before the last one.
    pub(super) async fn round(
        &self,
        buffers: &mut Buffers,
        block: &QueryBlock,
        round: Round<'_>,
        in_flight: &mut Option<Submitted>,
        progress: &impl Progress,
    ) -> Result<()> {
        let most = self.sizes.tiles(round.side);
        let width = round.steps.len().min(most);
        let height = (most / width).clamp(1, round.tiles);
        // Rows of a single chunk need no partial sums from an earlier dispatch.
        let sums = if self.sizes.layout.values > DOT_CHUNK { width * height * round.side * round.side } else { 0 };
        let carried = buffers.carried.at_least(self.adapter, 4 * sums as u64);
        for (column, first_step) in round.steps.clone().step_by(width).enumerate() {
            let steps = first_step..(first_step + width).min(round.steps.end);
            for first_tile in (0..round.tiles).step_by(height) {
                let tiles = first_tile..(first_tile + height).min(round.tiles);
                let ends = steps.end == round.steps.end && tiles.end == round.tiles;
                let mut work = self.adapter.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                self.distances(&mut work, block, &round, &carried, tiles, steps.clone());
                if ends {
                    self.select(&mut work, block);
                }
                if let Some(before) = in_flight.replace(self.adapter.submit(Some(work))) {
                    self.adapter.done(before).await?;
                }
                let [before, after] = round.seen;
                let seen =
                    if ends { after } else { before + (after - before) * column / round.steps.len().div_ceil(width) };
                progress.step(seen, self.support.shape()[0]).await?;
            }
        }
        Ok(())
    }

    /// Adds the dispatches that compute the keys of some tiles, one chunk of words after another.
    fn distances(
        &self,
        work: &mut wgpu::CommandEncoder,
        block: &QueryBlock,
        round: &Round<'_>,
        carried: &wgpu::Buffer,
        tiles: Range<usize>,
        steps: Range<usize>,
    ) {
        let kernel = self.pipelines.distances(self.adapter, self.sizes.layout.storage, round.side == 128);
        let buffers = [&block.rows, &round.chunk.rows, &round.chunk.labels, &block.states, &block.candidates, carried];
        let words = (self.sizes.layout.values / 4) as u32;
        for first_word in (0..words).step_by(CHUNK_WORDS as usize) {
            let task = Task {
                support: round.chunk.count as u32,
                words,
                first_word,
                end_word: (first_word + CHUNK_WORDS).min(words),
                first_tile: tiles.start as u32,
                first_step: steps.start as u32,
                ring: if round.ring { round.tiles as u32 } else { 0 },
                ..self.task(block)
            };
            dispatch(self.adapter, work, kernel, task, &buffers, [steps.len() as u32, tiles.len() as u32]);
        }
    }

    fn select(&self, work: &mut wgpu::CommandEncoder, block: &QueryBlock) {
        let (kernel, task) = (self.pipelines.select(self.adapter), self.task(block));
        dispatch(self.adapter, work, kernel, task, &[&block.states, &block.candidates], one_a_query(task.queries));
    }

    fn task(&self, block: &QueryBlock) -> Task {
        let (slots, k) = (self.sizes.slots as u32, self.k as u32);
        Task { queries: block.count as u32, slots, k, ..Task::default() }
    }

    /// Reads back the shortlist of each query, and checks that all rounds were completed.
    pub(super) async fn shortlists(
        &self,
        buffers: &mut Buffers,
        block: &QueryBlock,
        sent: &SentRows,
        rounds: u32,
    ) -> Result<Vec<Option<Shortlist>>> {
        let states: Vec<QueryState> = self.adapter.download(&block.states, block.count).await?;
        if states.iter().any(|state| state.rounds != rounds) {
            return Err(Error::Gpu("it did not complete its work".into()));
        }
        let slots = self.sizes.slots as u32;
        let mut starts = vec![0_u32];
        let mut end = 0;
        for state in &states {
            end += if state.count > slots { 0 } else { state.count };
            starts.push(end);
        }
        let gathered = self.gathered(buffers, block, &starts).await?;
        let (k, rows, loss, center) = (self.k, self.support.shape()[0], self.loss, &self.center);
        let shortlists = states.par_iter().enumerate().map(|(query, state)| {
            if state.count > slots {
                return Ok(None);
            }
            let candidates = sorted(&gathered[starts[query] as usize..starts[query + 1] as usize]);
            if candidates.len() < k || candidates.iter().any(|candidate| candidate.row as usize >= rows) {
                return Err(Error::Gpu("its filter lost neighbours".into()));
            }
            let error = loss.key_error(center, sent.norms[query], sent.losses[query]);
            Ok(Some(Shortlist { candidates, error, length: sent.norms[query].sqrt() }))
        });
        shortlists.collect()
    }

    /// Reads back the candidates of all queries: those of a query lie from its start to the next query's start.
    async fn gathered(&self, buffers: &mut Buffers, block: &QueryBlock, starts: &[u32]) -> Result<Vec<[u32; 2]>> {
        let all = starts[block.count] as usize;
        if all == 0 {
            return Ok(Vec::new());
        }
        let gathered = buffers.gathered.at_least(self.adapter, size_of::<[u32; 2]>() as u64 * all as u64);
        let begins = buffers.starts.at_least(self.adapter, size_of_val(starts) as u64);
        self.adapter.queue.write_buffer(&begins, 0, bytemuck::cast_slice(starts));
        let mut work = self.adapter.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let (kernel, task) = (self.pipelines.gather(self.adapter), self.task(block));
        let bound = [&begins, &block.candidates, &gathered];
        dispatch(self.adapter, &mut work, kernel, task, &bound, one_a_query(task.queries));
        self.adapter.submit(Some(work));
        self.adapter.download(&gathered, all).await
    }
}

/// Sorts candidates by (key, row), from the pairs that were read back.
fn sorted(candidates: &[[u32; 2]]) -> Vec<Candidate> {
    let candidate = |&[key, row]: &[u32; 2]| Candidate { key: f32::from_bits(key), row };
    let mut candidates: Vec<Candidate> = candidates.iter().map(candidate).collect();
    candidates.sort_unstable_by(|a, b| a.key.total_cmp(&b.key).then(a.row.cmp(&b.row)));
    candidates
}
