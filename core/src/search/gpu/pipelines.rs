//! The kernels: their shaders, pipelines and dispatches.

use std::sync::OnceLock;

use super::setup::Storage;
use crate::search::adapter::Adapter;

/// Source of the kernel that computes keys and adds candidates; rows in float32.
pub const DISTANCES_WGSL: &str =
    concat!(include_str!("task.wgsl"), include_str!("rows_f32.wgsl"), include_str!("distances.wgsl"));
/// The same kernel for rows in half precision.
pub const DISTANCES_F16_WGSL: &str =
    concat!(include_str!("task.wgsl"), include_str!("rows_f16.wgsl"), include_str!("distances.wgsl"));
/// Source of the kernel that selects among the candidates.
pub const SELECT_WGSL: &str = concat!(include_str!("task.wgsl"), include_str!("select.wgsl"));
/// Source of the kernel that gathers the candidates of all queries.
pub const GATHER_WGSL: &str = concat!(include_str!("task.wgsl"), include_str!("gather.wgsl"));

/// Workgroups along x for dispatches with one workgroup per query: WebGPU allows 65,535 along a dimension.
const QUERIES_ALONG_X: u32 = 1 << 15;

/// The fields of `Task` in task.wgsl, in the same order.
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

/// The fields of `QueryState` in task.wgsl, in the same order.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::NoUninit, bytemuck::AnyBitPattern)]
pub struct QueryState {
    pub count: u32,
    pub limit: f32,
    pub slack: f32,
    pub left_out: u32,
    pub rounds: u32,
}

/// The pipelines, each created on first use.
#[derive(Default)]
pub struct Pipelines {
    narrow: OnceLock<wgpu::ComputePipeline>,
    wide: OnceLock<wgpu::ComputePipeline>,
    select: OnceLock<wgpu::ComputePipeline>,
    gather: OnceLock<wgpu::ComputePipeline>,
}

impl Pipelines {
    /// Returns the pipeline for tiles of 64 x 64, or of 128 x 128 if `wide`.
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

/// Returns the workgroups of a dispatch with one workgroup per query.
pub fn one_a_query(queries: u32) -> [u32; 2] {
    let along_x = queries.min(QUERIES_ALONG_X);
    [along_x, queries.div_ceil(along_x)]
}

/// Adds a dispatch of `groups` workgroups along x and y. In the kernel's bindings, the buffers follow the task.
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
