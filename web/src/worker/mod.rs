//! The Web Worker: it runs the same Wasm binary and handles one request; then the page terminates it.

pub mod message;

#[cfg(target_arch = "wasm32")]
mod answer;
#[cfg(target_arch = "wasm32")]
pub mod client;
#[cfg(target_arch = "wasm32")]
mod scope;
#[cfg(target_arch = "wasm32")]
mod train;
