//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! What needs no browser is ordinary Rust, built and tested everywhere: [`measured`] computes, [`ladder`] goes from the
//! GPU to the processor where it must, [`view`] is what is looked at, [`words`] says it. What needs one is `page`.

pub mod ladder;
pub mod measured;
pub mod view;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod page;
