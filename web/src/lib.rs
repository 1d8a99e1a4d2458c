//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! Events become actions ([`shell`]), actions change the state ([`state`]), and `view` draws the changed parts.
//! [`worker`] computes in a Web Worker. Code that needs no browser is ordinary Rust, built and tested on all platforms.

pub mod gpu_fallback;
pub mod shell;
pub mod state;
pub mod text;
pub mod view;
pub mod worker;

#[cfg(target_arch = "wasm32")]
mod adapter;
#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod yield_now;
