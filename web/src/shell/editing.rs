//! Measures the edited image at most once per frame, with the latest edits.

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

/// Milliseconds between announcements of a depth.
const PAUSE: i32 = 800;

/// Progress of the measurement of edits.
#[derive(Default)]
pub struct Editing {
    /// Whether a measurement is running, and whether its edits are outdated.
    running: Cell<bool>,
    stale: Cell<bool>,
    /// Whether a depth will be announced.
    speaking: Rc<Cell<bool>>,
}

impl Editing {
    /// Returns whether the page shows the result of the latest edit.
    pub fn is_settled(&self) -> bool {
        !self.running.get()
    }

    /// Requests a measurement of the image at the next frame.
    pub fn request(&self, sender: &Sender) {
        self.stale.set(true);
        if !self.running.replace(true) {
            next_frame(sender);
        }
    }

    /// Starts the measurement of `image`; `None` if the example is not edited.
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

    /// Ends the measurement; starts another one if there were edits meanwhile.
    pub fn end(&self, sender: &Sender) {
        if self.stale.get() {
            next_frame(sender);
        } else {
            self.running.set(false);
        }
    }

    /// Requests an announcement of the depth, soon but not at every frame. (Browsers limit how often a URL may change.)
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
    // Fails only if the window is closing.
    let _ = window().request_animation_frame(frame.unchecked_ref());
}

/// Computes in advance what the measurement of the first edited image needs.
pub fn prepare(probe: Rc<ProbeImage>) {
    spawn_local(async move {
        yield_now().await;
        let _ = probe.support(); // the first edit reports the error
    });
}
