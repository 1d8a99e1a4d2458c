//! The graphics adapter: its description, its device, and transfers to and from it.
//!
//! In programs, what was opened stays open, and is shared by all who ask for the same: NVIDIA's driver (580) deadlocks
//! when a device is closed while another thread uses one, and crashes when it is loaded again.

use std::sync::Arc;
#[cfg(not(target_arch = "wasm32"))]
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(not(target_arch = "wasm32"))]
use std::sync::{Mutex, PoisonError};

use futures_channel::oneshot;

use crate::error::{Error, Result};

/// Description of a graphics adapter, as reported by its driver.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct AdapterSummary {
    /// Name of the adapter.
    pub name: String,
    /// Graphics API: Vulkan, Metal, Dx12, BrowserWebGpu.
    pub backend: String,
    /// Driver and its version, if reported.
    pub driver: String,
    /// Whether the adapter is emulated on the processor: for tests, not for speed.
    pub software: bool,
    /// Whether shaders support 16-bit floats.
    pub f16: bool,
    /// Whether shaders support subgroup operations.
    pub subgroups: bool,
    /// Largest storage binding, in bytes.
    pub largest_binding: u64,
}

impl AdapterSummary {
    fn new(adapter: &wgpu::Adapter) -> Self {
        let (info, features) = (adapter.get_info(), adapter.features());
        let named = |name: String, other: &str| if name.is_empty() { other.to_owned() } else { name };
        Self {
            name: named(info.name, "unnamed adapter"),
            backend: format!("{:?}", info.backend),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            software: info.device_type == wgpu::DeviceType::Cpu,
            f16: features.contains(wgpu::Features::SHADER_F16),
            subgroups: features.contains(wgpu::Features::SUBGROUP),
            largest_binding: adapter.limits().max_storage_buffer_binding_size,
        }
    }
}

/// Returns all adapters of this machine; in a browser, at most the one that it offers.
pub async fn adapters() -> Vec<AdapterSummary> {
    instance().enumerate_adapters(wgpu::Backends::all()).await.iter().map(AdapterSummary::new).collect()
}

/// Returns the one instance of this process.
#[cfg(not(target_arch = "wasm32"))]
fn instance() -> wgpu::Instance {
    static INSTANCE: std::sync::OnceLock<wgpu::Instance> = std::sync::OnceLock::new();
    INSTANCE.get_or_init(wgpu::Instance::default).clone()
}

#[cfg(target_arch = "wasm32")]
fn instance() -> wgpu::Instance {
    wgpu::Instance::default()
}

/// An open device with its queue.
#[derive(Clone)]
pub(super) struct Adapter {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub summary: AdapterSummary,
    pub kind: wgpu::DeviceType,
}

/// What this process has opened.
#[cfg(not(target_arch = "wasm32"))]
struct Opened {
    /// The size of buffers that was asked for.
    buffer_bytes: u64,
    /// Whether the device is gone.
    lost: Arc<AtomicBool>,
    adapter: Adapter,
}

/// A submission to the queue.
pub(super) struct Submitted {
    index: wgpu::SubmissionIndex,
    done: oneshot::Receiver<()>,
}

impl Adapter {
    /// Returns the fastest adapter, opened with WebGPU's default limits, except for buffers: up to `buffer_bytes` if
    /// supported. All who ask for the same size share one device, until it is lost.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) without an adapter.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn open(buffer_bytes: u64) -> Result<Self> {
        static OPEN: Mutex<Vec<Opened>> = Mutex::new(Vec::new());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|opened| !opened.lost.load(Ordering::Relaxed));
        if let Some(opened) = open.iter().find(|opened| opened.buffer_bytes == buffer_bytes) {
            return Ok(opened.adapter.clone());
        }
        // Natively this never waits for anything that others do.
        let adapter = pollster::block_on(Self::open_another(buffer_bytes))?;
        let lost = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&lost);
        adapter.device.set_device_lost_callback(move |_, _| gone.store(true, Ordering::Relaxed));
        open.push(Opened { buffer_bytes, lost, adapter: adapter.clone() });
        Ok(adapter)
    }

    /// Opens the adapter that the browser offers; as on other targets.
    #[cfg(target_arch = "wasm32")]
    pub async fn open(buffer_bytes: u64) -> Result<Self> {
        Self::open_another(buffer_bytes).await
    }

    async fn open_another(buffer_bytes: u64) -> Result<Self> {
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance().request_adapter(&options).await.map_err(failed)?;
        let (least, most) = (wgpu::Limits::default(), adapter.limits());
        let up_to = |least: u64, most: u64| least.max(buffer_bytes.min(most));
        let required_limits = wgpu::Limits {
            max_storage_buffer_binding_size: up_to(
                least.max_storage_buffer_binding_size,
                most.max_storage_buffer_binding_size,
            ),
            max_buffer_size: up_to(least.max_buffer_size, most.max_buffer_size),
            ..least
        };
        let described = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = adapter.request_device(&described).await.map_err(failed)?;
        // Without a handler wgpu panics. `watched` catches the errors that matter.
        device.on_uncaptured_error(Arc::new(|_| {}));
        Ok(Self { device, queue, summary: AdapterSummary::new(&adapter), kind: adapter.get_info().device_type })
    }

    /// Runs `work`. Returns an error of the device (out of memory, device lost) as its error.
    pub async fn watched<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let scopes = [Internal, OutOfMemory, Validation].map(|filter| self.device.push_error_scope(filter));
        let outcome = work.await;
        // Scopes nest: they must be popped in reverse order, even after an error; otherwise wgpu panics.
        let mut reported = None;
        for scope in scopes.into_iter().rev() {
            reported = scope.pop().await.or(reported);
        }
        match reported {
            Some(error) => outcome.and(Err(failed(error))),
            None => outcome,
        }
    }

    /// Creates a pipeline from the `main` function of a shader, with its overrides set to `constants`.
    pub fn pipeline(&self, label: &str, wgsl: &str, constants: &[(&str, f64)]) -> wgpu::ComputePipeline {
        let source = wgpu::ShaderSource::Wgsl(wgsl.into());
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            // The kernels write workgroup memory before they read it.
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        })
    }

    /// Creates a uniform buffer for one value. (wgpu's `create_buffer_init` panics if the device is lost.)
    pub fn uniform<T: bytemuck::NoUninit>(&self, value: T) -> wgpu::Buffer {
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: size_of::<T>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, bytemuck::bytes_of(&value));
        buffer
    }

    /// Creates a storage buffer, filled with zeros, that can be written and read back.
    pub fn storage(&self, bytes: u64) -> wgpu::Buffer {
        use wgpu::BufferUsages;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes,
            usage: BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        })
    }

    pub fn bind(&self, pipeline: &wgpu::ComputePipeline, buffers: &[&wgpu::Buffer]) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let layout = pipeline.get_bind_group_layout(0);
        self.device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries })
    }

    /// Submits work to the queue, after all buffer writes so far.
    pub fn submit(&self, work: Option<wgpu::CommandEncoder>) -> Submitted {
        let index = self.queue.submit(work.map(wgpu::CommandEncoder::finish));
        let (sender, done) = oneshot::channel();
        // Sending fails only if the receiver was dropped, so that no task waits for it.
        self.queue.on_submitted_work_done(move || _ = sender.send(()));
        Submitted { index, done }
    }

    /// Waits until the submission is done.
    pub async fn done(&self, submitted: Submitted) -> Result<()> {
        let wait = wgpu::PollType::Wait { submission_index: Some(submitted.index), timeout: None };
        // On native targets this blocks. In a browser it does nothing; the event loop completes the submission.
        self.device.poll(wait).map_err(failed)?;
        submitted.done.await.map_err(failed)
    }

    /// Reads back the first `count` values of a buffer, after all submitted work.
    pub async fn download<T>(&self, buffer: &wgpu::Buffer, count: usize) -> Result<Vec<T>>
    where
        T: bytemuck::NoUninit + bytemuck::AnyBitPattern,
    {
        let size = (size_of::<T>() * count) as u64;
        let readable = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &readable, 0, size);
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = oneshot::channel();
        readable.map_async(wgpu::MapMode::Read, .., |mapped| drop(sender.send(mapped)));
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(failed)?;
        receiver.await.map_err(failed)?.map_err(failed)?;
        let bytes = readable.get_mapped_range(..).map_err(failed)?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Gpu(error.to_string())
}
