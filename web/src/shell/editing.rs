//! Measures the edited image: of the edits between two frames of the screen only the last.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

use super::sender::Sender;
use crate::dom::{now, window};
use crate::state::action::{Action, ProbedImage};
use crate::state::probe_image::ProbeImage;
use crate::yield_now::yield_now;

/// Milliseconds between two depths that are read out.
const PAUSE: i32 = 800;

/// How far the page is behind the edits.
#[derive(Default)]
pub struct Editing {
    /// Whether a frame is on its way, and whether it is no longer the newest.
    running: Cell<bool>,
    stale: Cell<bool>,
    /// Whether a depth will be read out.
    speaking: Rc<Cell<bool>>,
}

impl Editing {
    /// Whether the page shows the newest edit.
    pub fn is_settled(&self) -> bool {
        !self.running.get()
    }

    /// Has the image measured as it is at the next frame.
    pub fn request(&self, sender: &Sender) {
        self.stale.set(true);
        if !self.running.replace(true) {
            next_frame(sender);
        }
    }

    /// Begins with a frame: `image` is what is to be measured, none where the example is as it is.
    pub fn begin(&self, sender: &Sender, image: Option<(Rc<ProbeImage>, usize, Option<Vec<u8>>)>) {
        self.stale.set(false);
        let Some((by, example, image)) = image else { return self.end(sender) };
        let (sender, started) = (sender.clone(), now());
        spawn_local(async move {
            let probed = match image {
                Some(image) => by.probe(image.clone()).await.map(|probed| Some((image, probed))),
                None => Ok(None),
            };
            let probed = probed.map_err(|error| error.to_string());
            sender.send(Action::Probed(ProbedImage { by, example, probed, started }));
        });
    }

    /// Ends a frame: the next begins, if there were edits meanwhile.
    pub fn end(&self, sender: &Sender) {
        if self.stale.get() {
            next_frame(sender);
        } else {
            self.running.set(false);
        }
    }

    /// Has the depth read out: soon, and not at every frame. (Browsers let an address change so often and no more.)
    pub fn read_out(&self, sender: &Sender) {
        if self.speaking.replace(true) {
            return;
        }
        let (sender, speaking) = (sender.clone(), self.speaking.clone());
        let speak = Closure::once_into_js(move || {
            speaking.set(false);
            sender.send(Action::ReadOut);
        });
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(speak.unchecked_ref(), PAUSE);
    }
}

fn next_frame(sender: &Sender) {
    let sender = sender.clone();
    let frame = Closure::once_into_js(move || sender.send(Action::Frame));
    // Only a window that is being closed has no next frame.
    let _ = window().request_animation_frame(frame.unchecked_ref());
}

/// Computes ahead what the first edited image needs.
pub fn prepare(probe: Rc<ProbeImage>) {
    spawn_local(async move {
        yield_now().await;
        let _ = probe.support(); // what is wrong, the first edit says
    });
}
