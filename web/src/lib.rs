//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! What needs no browser is ordinary Rust, built and tested everywhere: [`measured`] computes, [`ladder`] goes from the
//! GPU to the processor where it must, [`view`] is what is looked at, [`words`] says it; [`edit`] changes an image, and
//! [`live`] says its depth. What needs a browser is `page`.

pub mod edit;
pub mod ladder;
pub mod live;
pub mod measured;
pub mod view;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod page;
