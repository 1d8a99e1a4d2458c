//! Settings of the search on an adapter: sizes that bound its memory and the duration of its dispatches.

use crate::search::adapter::Adapter;
use crate::search::center::DOT_CHUNK;
use crate::search::query::DEFAULT_MEMORY;

/// Maximum k. With more neighbours, few slots would remain for candidates: the processor runs such searches.
const MOST_K: usize = 384;
/// Slots for candidates of a query with few neighbours: half of the memory of select.wgsl suffices.
const SLOTS: usize = 512;
const MOST_SLOTS: usize = 1024;
/// Bytes of one candidate: key and row.
const CANDIDATE: u64 = 8;
/// Maximum number of queries on the device at a time; more would hardly use it better.
const MOST_QUERIES: u64 = 1 << 16;
/// Size of each of the two alternating support buffers.
const CHUNK_BYTES: u64 = 64 << 20;
const MOST_CHUNK_ROWS: u64 = 1 << 16;
/// Row lengths are multiples of this: a word has four values, and four words are read at a time.
const ROW_VALUES: usize = 16;

/// Number format of the rows in the adapter's memory. Both compute in float32 and find the same neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Four bytes per value.
    #[default]
    F32,
    /// Two bytes per value: twice as many rows fit, but more candidates are rescored. Needs no adapter feature.
    F16,
}

/// Layout of a row in the adapter's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLayout {
    pub storage: Storage,
    /// Values per row, with padding.
    pub values: usize,
}

impl RowLayout {
    /// Returns `None` if this machine cannot address such a row.
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

/// Settings of a [`Gpu`](super::Gpu). They do not change the neighbours. More fields will come: end with
/// `..GpuSetup::default()`.
#[derive(Clone, Copy, Debug)]
pub struct GpuSetup {
    /// Number format of the rows in its memory.
    pub storage: Storage,
    /// Maximum size of one buffer, in bytes, within the adapter's own limit: by default 1 GiB; every adapter supports
    /// 128 MiB.
    pub buffer_bytes: u64,
    /// Maximum multiply-adds per dispatch; `None` chooses by the type of adapter.
    pub dispatch: Option<u64>,
    /// Minimum number of 128 x 128 tiles for their use; with fewer, tiles of 64 x 64 use more of the adapter.
    pub wide_from: usize,
    /// Bytes that the processor may use for queries that the adapter cannot search.
    pub memory: usize,
}

impl Default for GpuSetup {
    fn default() -> Self {
        let memory = DEFAULT_MEMORY;
        Self { storage: Storage::F32, buffer_bytes: 1 << 30, dispatch: None, wide_from: 256, memory }
    }
}

/// Sizes of one search.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchSizes {
    pub layout: RowLayout,
    /// Maximum number of candidates per query.
    pub slots: usize,
    /// Queries on the device at a time.
    pub queries: usize,
    /// Support rows per upload.
    pub chunk: usize,
    buffer_bytes: u64,
    dispatch: u64,
    wide_from: usize,
}

impl SearchSizes {
    /// Returns `None` if the adapter cannot hold a single row, or one query's candidates.
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

    /// Returns the bytes of this many rows.
    pub fn rows(&self, rows: usize) -> u64 {
        rows as u64 * self.layout.bytes() as u64
    }

    /// Returns the bytes of the candidates of this many queries.
    pub fn candidates(&self, queries: usize) -> u64 {
        CANDIDATE * queries as u64 * self.slots as u64
    }

    /// Returns the rows per side of a tile: 64, or 128 if there are enough tiles of that size.
    pub fn side(&self, queries: usize, support: usize) -> usize {
        if queries.div_ceil(128) * support.div_ceil(128) >= self.wide_from { 128 } else { 64 }
    }

    /// Returns the number of `side` x `side` tiles per dispatch.
    pub fn tiles(&self, side: usize) -> usize {
        let pairs = (side * side) as u64;
        let by_time = self.dispatch / (pairs * self.layout.values.min(DOT_CHUNK) as u64);
        by_time.min(self.buffer_bytes / (4 * pairs)).max(1) as usize
    }
}

/// Returns the multiply-adds that should take well under 100 ms, so that browser or desktop remain responsive: for this
/// kernel a discrete GPU reaches more than 0.2 TFLOP/s, an integrated one (or one that a browser does not name) 0.05, a
/// software adapter 0.005.
fn usual_dispatch(kind: wgpu::DeviceType) -> u64 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 1 << 33,
        wgpu::DeviceType::Cpu => 1 << 26,
        _ => 1 << 31,
    }
}
