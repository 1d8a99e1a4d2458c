//! The kernels: their shaders, pipelines and dispatches.

use std::sync::OnceLock;

use super::setup::Storage;
use crate::search::adapter::Adapter;

/// Keys of tiles, and who joins the candidates; rows as float32.
pub const DISTANCES_WGSL: &str =
    concat!(include_str!("task.wgsl"), include_str!("rows_f32.wgsl"), include_str!("distances.wgsl"));
/// The same with rows in half precision.
pub const DISTANCES_F16_WGSL: &str =
    concat!(include_str!("task.wgsl"), include_str!("rows_f16.wgsl"), include_str!("distances.wgsl"));
/// Selection among the candidates.
pub const SELECT_WGSL: &str = concat!(include_str!("task.wgsl"), include_str!("select.wgsl"));
/// The candidates brought together.
pub const GATHER_WGSL: &str = concat!(include_str!("task.wgsl"), include_str!("gather.wgsl"));

/// Workgroups along x where there is one for each query: WebGPU has 65,535 along a dimension.
const QUERIES_ALONG_X: u32 = 1 << 15;

/// The words of `Task` in task.wgsl, in their order.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, bytemuck::NoUninit)]
pub struct Task {
    pub queries: u32,
    pub support: u32,
    pub words: u32,
    pub first_word: u32,
    pub end_word: u32,
    pub first_tile: u32,
    pub first_step: u32,
    pub ring: u32,
    pub slots: u32,
    pub k: u32,
    pub unused: [u32; 2],
}

/// The words of `QueryState` in task.wgsl, in their order.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::NoUninit, bytemuck::AnyBitPattern)]
pub struct QueryState {
    pub count: u32,
    pub limit: f32,
    pub slack: f32,
    pub left_out: u32,
    pub rounds: u32,
}

/// The pipelines, each made when it is first needed.
#[derive(Default)]
pub struct Pipelines {
    narrow: OnceLock<wgpu::ComputePipeline>,
    wide: OnceLock<wgpu::ComputePipeline>,
    select: OnceLock<wgpu::ComputePipeline>,
    gather: OnceLock<wgpu::ComputePipeline>,
}

impl Pipelines {
    /// Tiles of 64 x 64, or of 128 x 128 where `wide`.
    pub fn distances(&self, adapter: &Adapter, storage: Storage, wide: bool) -> &wgpu::ComputePipeline {
        let wgsl = match storage {
            Storage::F32 => DISTANCES_WGSL,
            Storage::F16 => DISTANCES_F16_WGSL,
        };
        let (pipeline, halves) = if wide { (&self.wide, 2.0) } else { (&self.narrow, 1.0) };
        pipeline.get_or_init(|| adapter.pipeline("distances", wgsl, &[("HALVES", halves)]))
    }

    pub fn select(&self, adapter: &Adapter) -> &wgpu::ComputePipeline {
        self.select.get_or_init(|| adapter.pipeline("select", SELECT_WGSL, &[]))
    }

    pub fn gather(&self, adapter: &Adapter) -> &wgpu::ComputePipeline {
        self.gather.get_or_init(|| adapter.pipeline("gather", GATHER_WGSL, &[]))
    }
}

/// Workgroups of a dispatch that has one for each query.
pub fn one_a_query(queries: u32) -> [u32; 2] {
    let along_x = queries.min(QUERIES_ALONG_X);
    [along_x, queries.div_ceil(along_x)]
}

/// Adds a dispatch of `groups` workgroups along x and y; the buffers follow the task in the kernel's bindings.
pub fn dispatch(
    adapter: &Adapter,
    work: &mut wgpu::CommandEncoder,
    kernel: &wgpu::ComputePipeline,
    task: Task,
    buffers: &[&wgpu::Buffer],
    groups: [u32; 2],
) {
    let task = adapter.uniform(task);
    let bound: Vec<&wgpu::Buffer> = [&task].into_iter().chain(buffers.iter().copied()).collect();
    let mut pass = work.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(kernel);
    pass.set_bind_group(0, &adapter.bind(kernel, &bound), &[]);
    pass.dispatch_workgroups(groups[0], groups[1], 1);
}
