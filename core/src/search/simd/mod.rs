//! Vector instructions. An algorithm is written once, as a [`SimdTask`] over [`Lanes`], and a [`Kernel`] runs it with
//! the instructions of the processor. The only `unsafe` code of this crate is in `avx2.rs`, `avx512.rs` and the calls
//! of their functions (`forward.rs`).

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod forward;
mod kernel;
mod lanes;
mod portable;

pub use kernel::Kernel;
pub(super) use lanes::{Lanes, PANEL_ROWS, PanelColumn, SimdTask, Tile, bits};
