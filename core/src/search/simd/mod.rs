//! Vector instructions. An algorithm is written once, as a [`SimdTask`] over [`Lanes`], and a [`Kernel`] runs it with
//! the instructions of the processor. The only `unsafe` code of this crate is in `avx2.rs`, `avx512.rs`, the calls of
//! their functions (`forward.rs`), `neon.rs` and `wasm.rs`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;
mod format;
#[cfg(target_arch = "x86_64")]
mod forward;
mod kernel;
mod lanes;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod tile;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", all(target_arch = "wasm32", target_feature = "simd128")))]
mod tiles;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

pub(super) use block::{padded, sum_of_squares, write};
pub(super) use format::BLOCK_VALUES;
pub use format::Format;
pub use kernel::Kernel;
pub(super) use lanes::{Lanes, SimdTask};
pub(super) use tile::{Comparison, Hits, PANEL_ROWS, Product, SLICES, Side, SliceColumn, Tile, bits};
