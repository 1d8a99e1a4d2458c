//! The worker's own global scope, and replies from it.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::DedicatedWorkerGlobalScope;

use super::message::Reply;

/// The worker itself; none in a window.
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

pub fn post(reply: &Reply) {
    let (Some(scope), Ok(bytes)) = (scope(), postcard::to_allocvec(reply)) else { return };
    let bytes = Uint8Array::from(&bytes[..]);
    let _ = scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}
