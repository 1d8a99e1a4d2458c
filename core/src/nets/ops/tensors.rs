//! The values of tensors, and the order of their dimensions.

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// Number of parts of a batch that are summed separately. Fixed, so that results do not depend on the number of
/// threads.
pub(super) const PARTS: usize = 16;

/// Converts [n, channels, height, width] to [n, height, width, channels].
///
/// # Errors
/// If the tensor does not have four dimensions.
pub fn channels_last(maps: &Tensor) -> Result<Tensor> {
    maps.permute((0, 2, 3, 1))?.contiguous()
}

/// Converts [n, height, width, channels] to [n, channels, height, width].
///
/// # Errors
/// If the tensor does not have four dimensions.
pub fn channels_first(maps: &Tensor) -> Result<Tensor> {
    maps.permute((0, 3, 1, 2))?.contiguous()
}

/// Returns the values of a contiguous tensor.
pub(super) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        (CpuStorage::F32(_), None) => bail!("the tensor is not contiguous"),
        _ => bail!("the tensor is not float32"),
    }
}

/// Calls `of` with a tensor's values.
pub(super) fn read<T>(tensor: &Tensor, of: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => of(values(storage, layout)?),
        _ => bail!("the tensor is not on the CPU"),
    }
}
