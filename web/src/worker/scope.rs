//! The worker's global scope, and replies to the page.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

use super::message::Reply;

/// Returns the worker's scope; `None` in a window.
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

pub fn post(reply: &Reply) {
    let (Some(scope), Ok(bytes)) = (scope(), postcard::to_allocvec(reply)) else { return };
    let bytes = Uint8Array::from(&bytes[..]);
    let _ = scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}
