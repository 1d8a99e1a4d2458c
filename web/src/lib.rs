//! The page: opens a study, measures it again in the browser, and shows it.
//!
//! What needs no browser is ordinary Rust, built and tested everywhere: [`measured`] computes, [`ladder`] goes from the
//! GPU to the processor where it must, [`view`] is what is looked at, [`picked`] what is selected, [`words`] says it, [`lines`] lays it
//! out; [`edit`]
//! changes an image, [`embedding`] writes what puts a view into another page, [`shorthand`] puts
//! that into an address, and [`live`] says its depth; [`training`] begins a network of the reader's; [`message`] is what the page and
//! its worker tell each other. What needs a browser is `page`, and `worker`, which computes for it.

pub mod edit;
pub mod embedding;
pub mod ladder;
pub mod lines;
pub mod live;
pub mod measured;
pub mod message;
pub mod picked;
pub mod shorthand;
pub mod training;
pub mod view;
pub mod words;

#[cfg(target_arch = "wasm32")]
mod adapter;
#[cfg(target_arch = "wasm32")]
mod backend;
#[cfg(target_arch = "wasm32")]
mod lesson;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod turn;
#[cfg(target_arch = "wasm32")]
mod worker;
