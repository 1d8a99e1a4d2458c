//! The search on a graphics adapter: WGSL filters in float32 tile by tile, the processor rescores in float64.
//! Queries and support come in bounded blocks; of the queries x support matrix only one tile exists at a time.

use std::borrow::Cow;

use super::adapter::Adapter;
use super::centre::{Centre, DOT_CHUNK};
use super::rescore::{Kept, QueryBlock, cpu_search, rescore};
use super::{AdapterSummary, Exclude, NeighborSearch, Neighbors, Progress, Stretch, check};
use crate::error::Result;
use crate::matrix::Rows;

/// Dot products of one tile.
pub const DISTANCES_WGSL: &str = concat!(include_str!("tile.wgsl"), include_str!("distances.wgsl"));
/// Selection among the keys of one tile.
pub const SELECT_WGSL: &str = concat!(include_str!("tile.wgsl"), include_str!("select.wgsl"));

/// Support rows of a tile, and rows that a query can keep; together what workgroup memory holds.
const TILE_SUPPORT: usize = 512;
const KEPT: usize = 512;
/// With more neighbours than this the window would hardly fit beside them: such searches run on the processor.
const MOST_K: usize = 384;
/// Values of the queries that are on the device at a time: 64 MiB, half of WebGPU's smallest binding.
const BLOCK_VALUES: usize = 1 << 24;
const MOST_QUERIES: usize = 8192;
/// Dims of one dispatch: more, and lavapipe silently ends a loop of more than 65,535 rounds.
const DISPATCH_DIMS: usize = 1 << 16;
/// Words of a row are vec4s, taken four at a time.
const ROW_VALUES: usize = 16;
/// Rows and columns of a workgroup's tile in distances.wgsl.
const SIDE: usize = 64;
/// Tiles submitted before the device is waited for: bounds what is queued.
const TILES_IN_FLIGHT: usize = 8;

/// A graphics adapter with its pipelines.
pub struct Gpu {
    adapter: Adapter,
    distances: wgpu::ComputePipeline,
    select: wgpu::ComputePipeline,
}

impl Gpu {
    /// The fastest adapter there is, software ones included.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) where there is none or it cannot be opened.
    pub async fn open() -> Result<Self> {
        let adapter = Adapter::open().await?;
        let distances = adapter.pipeline("distances", DISTANCES_WGSL);
        let select = adapter.pipeline("select", SELECT_WGSL);
        Ok(Self { adapter, distances, select })
    }

    /// The k nearest as the kernels alone see them, (row, squared distance) in float32 precision: what the processor
    /// orders again. For tests of the kernels; queries that the filter gives up have none.
    ///
    /// # Errors
    /// As [`NeighborSearch::search`].
    pub async fn unrescored(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
    ) -> Result<Vec<Vec<(u32, f64)>>> {
        check(support, queries, k, exclude)?;
        let centre = Centre::of(support, queries).await?;
        let [total, dims] = queries.shape();
        let block = QueryBlock::new(&centre, (0..total).collect(), queries.block(0..total).await?, dims);
        let filtered = self.filter(&centre, support, &block, k, exclude, &()).await?;
        let keys = self.adapter.download(&filtered.keys, total * KEPT).await?;
        let kept = self.kept(&filtered).await?;
        let nearest =
            kept.into_iter().zip(keys.chunks_exact(KEPT)).zip(&block.centred.norms).map(|((rows, keys), &norm)| {
                let distances = keys.iter().map(|&key| centre.squared_distance(f32::from_bits(key), norm));
                let mut nearest: Vec<_> = rows.unwrap_or_default().into_iter().zip(distances).collect();
                nearest.sort_by(|a, b| a.1.total_cmp(&b.1));
                nearest.truncate(k);
                nearest
            });
        Ok(nearest.collect())
    }

    /// What was opened.
    pub fn adapter(&self) -> &AdapterSummary {
        &self.adapter.summary
    }
}

impl NeighborSearch for Gpu {
    async fn search(
        &self,
        support: &impl Rows,
        queries: &impl Rows,
        k: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Neighbors> {
        check(support, queries, k, exclude)?;
        let centre = Centre::of(support, queries).await?;
        let [total, dims] = queries.shape();
        let step = (BLOCK_VALUES / dims.next_multiple_of(ROW_VALUES)).clamp(1, MOST_QUERIES);
        let mut found = Vec::with_capacity(total);
        for start in (0..total).step_by(step) {
            let end = (start + step).min(total);
            let raw = queries.block(start..end).await?;
            let block = QueryBlock::new(&centre, (start..end).collect(), raw, dims);
            let stretch = Stretch { whole: progress, start, length: end - start, total };
            if k > MOST_K || matches!(exclude, Exclude::Rows(_)) {
                let all: Vec<usize> = (0..block.ids.len()).collect();
                found.extend(cpu_search(support, &block, &all, k, exclude).await?);
                progress.step(end, total).await?;
            } else {
                let filter = async {
                    let filtered = self.filter(&centre, support, &block, k, exclude, &stretch).await?;
                    self.kept(&filtered).await
                };
                let kept = self.adapter.watched(filter).await?;
                found.extend(rescore(&centre, support, &block, k, exclude, kept).await?);
                progress.step(end, total).await?;
            }
        }
        Ok(Neighbors::collect(k, found))
    }
}

/// The words of `Tile` in tile.wgsl, in their order.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::NoUninit)]
struct Tile {
    queries: u32,
    support: u32,
    first_query: u32,
    first_support: u32,
    words: u32,
    first_word: u32,
    end_word: u32,
    chunk: u32,
    k: u32,
    leave_out: u32,
    kept: u32,
    unused: u32,
}

impl Gpu {
    /// Finds the support rows that can be among the k nearest of each query.
    async fn filter(
        &self,
        centre: &Centre,
        support: &impl Rows,
        queries: &QueryBlock<'_>,
        k: usize,
        exclude: Exclude<'_>,
        progress: &impl Progress,
    ) -> Result<Filtered> {
        let (count, dims, [support_rows, _]) = (queries.ids.len(), queries.dims, support.shape());
        let row_values = dims.next_multiple_of(ROW_VALUES);
        let tile_support = (BLOCK_VALUES / row_values).clamp(1, TILE_SUPPORT);
        let gpu = &self.adapter;
        // Twice the error of a key, and half as much again for rounding the sum.
        let slack: Vec<f32> = queries.centred.norms.iter().map(|&norm| (3.0 * centre.error(norm)) as f32).collect();
        let query_words = gpu.upload(&padded(&queries.centred.values, dims, row_values), wgpu::BufferUsages::STORAGE);
        let slack = gpu.upload(&slack, wgpu::BufferUsages::STORAGE);
        let bounds = gpu.upload(&vec![f32::MAX; count], wgpu::BufferUsages::STORAGE);
        let [counts, keys, rows] = [count, count * KEPT, count * KEPT].map(|words| gpu.storage(words));
        let dots = gpu.storage(count * tile_support);
        for (tile, first) in (0..support_rows).step_by(tile_support).enumerate() {
            let end = (first + tile_support).min(support_rows);
            let block = centre.rows(&support.block(first..end).await?);
            let norms: Vec<f32> = block.norms.iter().map(|&norm| norm as f32).collect();
            let support_words = gpu.upload(&padded(&block.values, dims, row_values), wgpu::BufferUsages::STORAGE);
            let norms = gpu.upload(&norms, wgpu::BufferUsages::STORAGE);
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            for start in (0..row_values).step_by(DISPATCH_DIMS) {
                let described = Tile {
                    queries: count as u32,
                    support: (end - first) as u32,
                    first_query: queries.ids[0] as u32,
                    first_support: first as u32,
                    words: (row_values / 4) as u32,
                    first_word: (start / 4) as u32,
                    end_word: ((start + DISPATCH_DIMS).min(row_values) / 4) as u32,
                    chunk: (DOT_CHUNK / 4) as u32,
                    k: k as u32,
                    leave_out: u32::from(exclude == Exclude::Itself),
                    kept: KEPT as u32,
                    unused: 0,
                };
                let described = gpu.upload(&[described], wgpu::BufferUsages::UNIFORM);
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&self.distances);
                pass.set_bind_group(
                    0,
                    &gpu.bind(&self.distances, &[&described, &query_words, &support_words, &dots]),
                    &[],
                );
                pass.dispatch_workgroups((end - first).div_ceil(SIDE) as u32, count.div_ceil(SIDE) as u32, 1);
                if start + DISPATCH_DIMS >= row_values {
                    let buffers = [&described, &dots, &norms, &slack, &bounds, &counts, &keys, &rows];
                    pass.set_pipeline(&self.select);
                    pass.set_bind_group(0, &gpu.bind(&self.select, &buffers), &[]);
                    pass.dispatch_workgroups(count as u32, 1, 1);
                }
            }
            gpu.queue.submit([encoder.finish()]);
            if tile % TILES_IN_FLIGHT == TILES_IN_FLIGHT - 1 {
                gpu.download(&counts, 1).await?;
                progress.step(end, support_rows).await?;
            }
        }
        Ok(Filtered { queries: count, counts, rows, keys })
    }

    async fn kept(&self, filtered: &Filtered) -> Result<Vec<Kept>> {
        let counts = self.adapter.download(&filtered.counts, filtered.queries).await?;
        let rows = self.adapter.download(&filtered.rows, filtered.queries * KEPT).await?;
        let kept = counts.iter().zip(rows.chunks_exact(KEPT));
        Ok(kept.map(|(&count, rows)| rows.get(..count as usize).map(<[u32]>::to_vec)).collect())
    }
}

/// What the filter left on the device.
struct Filtered {
    queries: usize,
    /// `[queries]`, more than KEPT where too many rows can be among the nearest
    counts: wgpu::Buffer,
    /// `[queries, KEPT]`
    rows: wgpu::Buffer,
    /// `[queries, KEPT]`
    keys: wgpu::Buffer,
}

/// Rows of `dims` values, each filled up with zeros.
fn padded(values: &[f32], dims: usize, row_values: usize) -> Cow<'_, [f32]> {
    if dims == row_values {
        return Cow::Borrowed(values);
    }
    let mut rows = vec![0.0; values.len() / dims * row_values];
    for (row, values) in rows.chunks_exact_mut(row_values).zip(values.chunks_exact(dims)) {
        row[..dims].copy_from_slice(values);
    }
    Cow::Owned(rows)
}
