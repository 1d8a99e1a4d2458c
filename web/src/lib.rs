//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! What needs no browser is ordinary Rust, built and tested everywhere; what needs one is `page` (the document and its
//! events) and most of [`worker`], which computes for it.

pub mod edit;
pub mod edits_url;
pub mod embedding;
pub mod gpu_fallback;
pub mod measurement;
pub mod probe_image;
pub mod selection;
pub mod text;
pub mod training;
pub mod view;
pub mod virtual_list;
pub mod worker;

#[cfg(target_arch = "wasm32")]
mod adapter;
#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod yield_now;
