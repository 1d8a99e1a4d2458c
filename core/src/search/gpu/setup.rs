//! How a search uses the adapter: sizes that bound its memory and the length of its dispatches.

use crate::search::adapter::Adapter;
use crate::search::center::DOT_CHUNK;
use crate::search::query::DEFAULT_MEMORY;

/// With more neighbours than this the window would hardly fit beside them: such searches run on the processor.
const MOST_K: usize = 384;
/// Candidates that a query can hold: few neighbours leave room enough in half of select.wgsl's memory.
const SLOTS: usize = 512;
const MOST_SLOTS: usize = 1024;
/// Bytes of one candidate: key and row.
const CANDIDATE: u64 = 8;
/// Queries on the device at a time; more would hardly fill it better.
const MOST_QUERIES: u64 = 1 << 16;
/// One of the two buffers that take turns with the support.
const CHUNK_BYTES: u64 = 64 << 20;
const MOST_CHUNK_ROWS: u64 = 1 << 16;
/// Words of a row are of four values, and are taken four at a time.
const ROW_VALUES: usize = 16;

/// How the rows lie in the adapter's memory. The arithmetic is float32 in both, and so are the neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Four bytes a value.
    #[default]
    F32,
    /// Two bytes a value: twice the rows fit, and more candidates must be ordered again. Needs no feature of the adapter.
    F16,
}

/// A row in the adapter's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLayout {
    pub storage: Storage,
    /// Values of a row with its padding.
    pub values: usize,
}

impl RowLayout {
    /// None where the row is more than this machine can address.
    pub fn new(storage: Storage, dims: usize) -> Option<Self> {
        let values = dims.checked_next_multiple_of(ROW_VALUES)?;
        values.checked_mul(4)?;
        Some(Self { storage, values })
    }

    /// Bytes of a row.
    pub fn bytes(self) -> usize {
        match self.storage {
            Storage::F32 => 4 * self.values,
            Storage::F16 => 2 * self.values,
        }
    }
}

/// What a [`Gpu`](super::Gpu) takes from its adapter. Whatever is chosen, the neighbours are the same.
/// More fields will come: end with `..GpuSetup::default()`.
#[derive(Clone, Copy, Debug)]
pub struct GpuSetup {
    /// How the rows lie in its memory.
    pub storage: Storage,
    /// Bytes of one buffer at most, where the adapter has so many: 1 GiB; 128 MiB is what every adapter has.
    pub buffer_bytes: u64,
    /// Multiply-adds of one dispatch at most; None: by the kind of the adapter.
    pub dispatch: Option<u64>,
    /// Tiles of 128 x 128 from which they are worth it; with fewer, tiles of 64 x 64 keep more of the adapter busy.
    pub wide_from: usize,
    /// Bytes that the processor may use for the queries that the adapter leaves to it.
    pub memory: usize,
}

impl Default for GpuSetup {
    fn default() -> Self {
        let memory = DEFAULT_MEMORY;
        Self { storage: Storage::F32, buffer_bytes: 1 << 30, dispatch: None, wide_from: 256, memory }
    }
}

/// The sizes of one search.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchSizes {
    pub layout: RowLayout,
    /// Candidates that a query can hold.
    pub slots: usize,
    /// Queries on the device at a time.
    pub queries: usize,
    /// Support rows of one upload.
    pub chunk: usize,
    buffer_bytes: u64,
    dispatch: u64,
    wide_from: usize,
}

impl SearchSizes {
    /// None where the adapter cannot hold a single row, or a query's candidates.
    pub fn new(setup: &GpuSetup, adapter: &Adapter, dims: usize, k: usize) -> Option<Self> {
        let buffer_bytes = setup.buffer_bytes.min(adapter.device.limits().max_storage_buffer_binding_size);
        let layout = RowLayout::new(setup.storage, dims)?;
        let row_bytes = layout.bytes() as u64;
        let slots = if k <= SLOTS / 4 { SLOTS } else { MOST_SLOTS };
        let queries = (buffer_bytes / row_bytes).min(buffer_bytes / (CANDIDATE * slots as u64)).min(MOST_QUERIES);
        let chunk = (CHUNK_BYTES.min(buffer_bytes) / row_bytes).min(MOST_CHUNK_ROWS);
        let sizes = Self {
            layout,
            slots,
            queries: queries as usize,
            chunk: chunk as usize,
            buffer_bytes,
            dispatch: setup.dispatch.unwrap_or_else(|| usual_dispatch(adapter.kind)),
            wide_from: setup.wide_from,
        };
        (k <= MOST_K && queries > 0 && chunk > 0).then_some(sizes)
    }

    /// Bytes of so many rows.
    pub fn rows(&self, rows: usize) -> u64 {
        rows as u64 * self.layout.bytes() as u64
    }

    /// Bytes of the candidates of so many queries.
    pub fn candidates(&self, queries: usize) -> u64 {
        CANDIDATE * queries as u64 * self.slots as u64
    }

    /// Rows of a tile for so many products: 64, or 128 where that leaves tiles enough.
    pub fn side(&self, queries: usize, support: usize) -> usize {
        if queries.div_ceil(128) * support.div_ceil(128) >= self.wide_from { 128 } else { 64 }
    }

    /// Tiles of `side` x `side` of one dispatch.
    pub fn tiles(&self, side: usize) -> usize {
        let pairs = (side * side) as u64;
        let by_time = self.dispatch / (pairs * self.layout.values.min(DOT_CHUNK) as u64);
        by_time.min(self.buffer_bytes / (4 * pairs)).max(1) as usize
    }
}

/// Multiply-adds that should take well under 100 ms, so that a browser or a desktop goes on drawing: a card has more than
/// 0.2 TFLOP/s for this kernel, a processor's graphics (or what a browser does not name) 0.05, software 0.005.
fn usual_dispatch(kind: wgpu::DeviceType) -> u64 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 1 << 33,
        wgpu::DeviceType::Cpu => 1 << 26,
        _ => 1 << 31,
    }
}
