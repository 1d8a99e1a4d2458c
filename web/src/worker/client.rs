//! The page's handle of a worker.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Event, HtmlLinkElement, MessageEvent, Url};

use super::message::{Reply, Request};
use crate::dom::document;
use crate::state::glance::Pace;

/// A worker for one request. Dropping it terminates the worker.
pub struct Worker {
    worker: web_sys::Worker,
    script: String,
    _hear: [Closure<dyn FnMut(Event)>; 2],
}

/// Messages of a worker; they end when the worker is dropped.
pub type Replies = UnboundedReceiver<Said>;

/// A message of a worker, or its failure.
pub enum Said {
    /// A reply.
    Reply(Reply),
    /// The worker could not start, or failed; with the browser's message.
    Broken(String),
}

impl Worker {
    /// Starts a worker with a request; returns `None` if this page cannot have workers.
    pub fn hire(request: &Request) -> Option<(Self, Replies)> {
        let request = postcard::to_allocvec(request).ok()?;
        let script = script_address(&program_address()?)?;
        let worker = web_sys::Worker::new(&script).ok()?;
        let (tell, replies) = unbounded();
        let hear = [heard(tell.clone(), said), heard(tell, broken)];
        worker.set_onmessage(Some(hear[0].as_ref().unchecked_ref()));
        worker.set_onerror(Some(hear[1].as_ref().unchecked_ref()));
        let worker = Self { worker, script, _hear: hear };
        let request = Uint8Array::from(&request[..]);
        worker.worker.post_message(&Array::of2(&wasm_bindgen::module(), &request)).ok()?;
        Some((worker, replies))
    }

    /// Sends a new pace to a worker that trains.
    pub fn tell(&self, pace: Pace) {
        if let Ok(bytes) = postcard::to_allocvec(&pace) {
            let _ = self.worker.post_message(&Uint8Array::from(&bytes[..]));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        let _ = Url::revoke_object_url(&self.script);
    }
}

fn heard(tell: UnboundedSender<Said>, understand: fn(&Event) -> Said) -> Closure<dyn FnMut(Event)> {
    // Sending fails only if the receiver was dropped with the worker.
    Closure::new(move |event: Event| drop(tell.unbounded_send(understand(&event))))
}

fn said(event: &Event) -> Said {
    let data = event.unchecked_ref::<MessageEvent>().data();
    match postcard::from_bytes(&Uint8Array::new(&data).to_vec()) {
        Ok(reply) => Said::Reply(reply),
        Err(error) => Said::Broken(error.to_string()),
    }
}

fn broken(event: &Event) -> Said {
    event.prevent_default(); // the page shows the error itself
    let words = js_sys::Reflect::get(event, &"message".into()).ok().and_then(|words| words.as_string());
    Said::Broken(words.unwrap_or_else(|| "it cannot be started".into()))
}

/// Returns the URL of this page's program, which the worker runs, too.
fn program_address() -> Option<String> {
    let link = document().query_selector("link[rel=modulepreload]").ok()??;
    Some(link.dyn_into::<HtmlLinkElement>().ok()?.href())
}

/// Returns the URL of the worker's script, a blob: it works where a page may not load workers by URL. The script is not
/// a module, which Chromium forbids for pages without an origin, but it imports one. The Wasm module is already
/// compiled.
fn script_address(program: &str) -> Option<String> {
    let script = format!(
        "addEventListener('message', async ({{ data: [module, request] }}) => {{\n\
         try {{\n\
         const {{ default: init, answer }} = await import({});\n\
         await init({{ module_or_path: module }});\n\
         await answer(request);\n\
         }} catch (error) {{ reportError(error); }}\n\
         }}, {{ once: true }});",
        js_sys::JSON::stringify(&JsValue::from_str(program)).ok()?
    );
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &kind).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}
