//! The views: one file per part of the page. Each draws its part from the [state](crate::state) and from the derived
//! values, [`Derived`](crate::state::derived::Derived). No view changes the state or uses another view; `figure`,
//! `picture`, `thumbnail` and `words` are shared components.

pub mod virtual_list;

#[cfg(target_arch = "wasm32")]
pub(crate) mod charts;
#[cfg(target_arch = "wasm32")]
pub(crate) mod depths;
#[cfg(target_arch = "wasm32")]
pub(crate) mod figure;
#[cfg(target_arch = "wasm32")]
pub(crate) mod grid;
#[cfg(target_arch = "wasm32")]
pub(crate) mod inspector;
#[cfg(target_arch = "wasm32")]
pub(crate) mod map;
#[cfg(target_arch = "wasm32")]
pub(crate) mod over_training;
#[cfg(target_arch = "wasm32")]
pub(crate) mod picture;
#[cfg(target_arch = "wasm32")]
pub(crate) mod selection;
#[cfg(target_arch = "wasm32")]
pub(crate) mod status;
#[cfg(target_arch = "wasm32")]
pub(crate) mod strip;
#[cfg(target_arch = "wasm32")]
pub(crate) mod tables;
#[cfg(target_arch = "wasm32")]
pub(crate) mod thumbnail;
#[cfg(target_arch = "wasm32")]
pub(crate) mod title;
#[cfg(target_arch = "wasm32")]
pub(crate) mod training;
#[cfg(target_arch = "wasm32")]
pub(crate) mod words;
