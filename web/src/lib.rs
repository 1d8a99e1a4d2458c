//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! An event flows one way: [`shell`] turns it into an action, [`state`] changes by the action, `view` draws what
//! changed.
//! [`worker`] computes beside it. What needs no browser is ordinary Rust, built and tested everywhere.

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
