//! Memory for packed columns, on Linux in large pages: a product reads from many pages in turn, and in virtual machines
//! above all, half of its time may go into looking up the addresses of small ones.

use std::ops::{Deref, DerefMut};

use crate::search::simd::SliceColumn;

/// Memory below this, in bytes, is in small pages: a few large ones.
#[cfg(target_os = "linux")]
const LARGE: usize = 8 << 20;

/// Columns, zero at first.
pub struct Columns {
    #[cfg(target_os = "linux")]
    mapped: Option<memmap2::MmapMut>,
    /// Empty if mapped.
    own: Vec<SliceColumn>,
}

impl Columns {
    /// Returns zeros.
    pub fn zeroed(columns: usize) -> Self {
        #[cfg(target_os = "linux")]
        if let Some(mapped) = mapped(columns * size_of::<SliceColumn>()) {
            return Self { mapped: Some(mapped), own: Vec::new() };
        }
        Self {
            #[cfg(target_os = "linux")]
            mapped: None,
            own: vec![SliceColumn::ZERO; columns],
        }
    }
}

/// Returns memory for which the system was asked for large pages; `None` if it is small, or not to be had.
#[cfg(target_os = "linux")]
fn mapped(bytes: usize) -> Option<memmap2::MmapMut> {
    if bytes < LARGE {
        return None;
    }
    let memory = memmap2::MmapMut::map_anon(bytes).ok()?;
    // A system without large pages refuses; its small ones serve as well.
    let _ = memory.advise(memmap2::Advice::HugePage);
    Some(memory)
}

impl Deref for Columns {
    type Target = [SliceColumn];

    fn deref(&self) -> &Self::Target {
        #[cfg(target_os = "linux")]
        if let Some(mapped) = &self.mapped {
            return bytemuck::cast_slice(mapped);
        }
        &self.own
    }
}

impl DerefMut for Columns {
    fn deref_mut(&mut self) -> &mut Self::Target {
        #[cfg(target_os = "linux")]
        if let Some(mapped) = &mut self.mapped {
            return bytemuck::cast_slice_mut(mapped);
        }
        &mut self.own
    }
}
