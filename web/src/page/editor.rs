//! The editor: what is done to the example that is looked at, and at what depth the network settles then.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use prediction_depth::Result;
use prediction_depth::study::Study;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::address::{self, Step};
use super::app::{App, Opened};
use super::dom::{by_id, document, now, window};
use super::files::MOST;
use super::{editor_panel, inspector, status};
use crate::edit::Edits;
use crate::edits_url;
use crate::probe_image::{ProbeImage, Probed};
use crate::text;
use crate::view::View;

/// Milliseconds between two depths that are read out.
const PAUSE: i32 = 800;

/// The editor of an open study.
pub struct Editor {
    /// Or why there is none.
    pub live: Result<ProbeImage, String>,
    pub desk: RefCell<Desk>,
    /// Whether a frame is on its way, and whether it is the newest.
    running: Cell<bool>,
    stale: Cell<bool>,
    speaking: Cell<bool>,
}

/// What lies on it.
#[derive(Default)]
pub struct Desk {
    pub open: bool,
    pub example: Option<usize>,
    pub edits: Edits,
    /// The example that is blended in.
    pub other: usize,
    /// Whether a click on a neighbour makes it the other example.
    pub picking: bool,
    pub brush: Brush,
    /// What is said of the edited image; none where it is the example as it is.
    pub shown: Option<Shown>,
}

/// A brush and the point, in pixels, over which it is held.
pub struct Brush {
    pub at: [f32; 2],
    pub size: f32,
    pub erases: bool,
}

impl Default for Brush {
    fn default() -> Self {
        Self { at: [0.0; 2], size: 3.0, erases: false }
    }
}

/// An edited image, and what is said of it.
pub struct Shown {
    pub image: Vec<u8>,
    pub probed: Probed,
    /// Milliseconds that it took, from the edit to the page.
    pub ms: f64,
}

impl Editor {
    /// Of a study and the bytes of its layers.
    pub fn new(study: &Rc<Study>, layer_bytes: &[f64]) -> Rc<Self> {
        let live = match layer_bytes.iter().sum::<f64>() {
            size if size > MOST => Err(format!("layers of {:.1} GB are more than a tab can hold", size / 1e9)),
            _ => ProbeImage::new(study).map_err(|error| format!("this study does not hold its network ({error})")),
        };
        let [running, stale, speaking] = std::array::from_fn(|_| Cell::new(false));
        Rc::new(Self { live, desk: RefCell::default(), running, stale, speaking })
    }

    /// Whether the page shows the newest edit.
    pub fn is_settled(&self) -> bool {
        !self.running.get()
    }

    /// Takes an example onto the desk; one that lies there stays as it is edited.
    pub fn take(&self, opened: &Opened, example: usize) {
        let mut desk = self.desk.borrow_mut();
        if desk.example == Some(example) && desk.edits != Edits::default() {
            return;
        }
        let nearest = opened.measured.as_ref().and_then(|measured| measured.voters(0, example).first().copied());
        let other = nearest.map_or((example + 1) % opened.shown.labels.len(), |voter| voter.example);
        let [_, height, width] = opened.shown.images.shape();
        let at = [width, height].map(|side| (side / 2) as f32 + 0.5);
        let brush = Brush { at, size: desk.brush.size, erases: desk.brush.erases };
        *desk = Desk { open: desk.open, example: Some(example), other, brush, ..Desk::default() };
    }

    /// The edits of the example that is looked at, for the address; none where it is as it is.
    pub fn written(&self, view: View) -> Option<String> {
        let desk = self.desk.borrow();
        let written = edits_url::written(&desk.edits, desk.other);
        Some(written).filter(|written| !written.is_empty() && desk.example == view.example)
    }

    /// The image as it is edited now.
    pub fn image(&self, study: &Study) -> Vec<u8> {
        let desk = self.desk.borrow();
        let Some(example) = desk.example else { return Vec::new() };
        let images = &study.images;
        desk.edits.apply(images.image(example), images.shape(), images.image(desk.other))
    }
}

/// Edits the example that is looked at as an address says; none are as few as there can be.
pub fn put(app: &Rc<App>, edits: Option<(Edits, Option<usize>)>) {
    let Some(editor) = current(app).filter(|editor| editor.live.is_ok()) else { return };
    let (edits, other) = edits.unwrap_or_default();
    let examples = app.opened.borrow().as_ref().map_or(0, |opened| opened.shown.labels.len());
    let same = editor.desk.borrow().edits == edits;
    if same {
        return;
    }
    edit(app, |desk| {
        desk.open |= edits != Edits::default();
        desk.other = other.filter(|&other| other < examples).unwrap_or(desk.other);
        desk.edits = edits;
    });
    if let Some(opened) = app.opened.borrow().as_ref() {
        inspector::draw(opened, app.view.get());
    }
}

/// Changes the edits; the page follows at its next frame. Of edits between two frames only the last is shown.
pub fn edit(app: &Rc<App>, change: impl FnOnce(&mut Desk)) {
    let Some(editor) = current(app) else { return };
    change(&mut editor.desk.borrow_mut());
    editor.stale.set(true);
    if !editor.running.replace(true) {
        next_frame(app.clone(), editor);
    }
}

/// The editor of the study on show.
pub fn current(app: &App) -> Option<Rc<Editor>> {
    app.opened.borrow().as_ref().map(|opened| opened.editor.clone())
}

fn next_frame(app: Rc<App>, editor: Rc<Editor>) {
    let frame = Closure::once_into_js(move || {
        spawn_local(async move {
            editor.stale.set(false);
            if let Err(error) = frame(&app, &editor).await {
                status::alert(&format!("The edited image cannot be measured: {error}"));
            }
            if editor.stale.get() {
                next_frame(app, editor);
            } else {
                editor.running.set(false);
            }
        });
    });
    // Only a window that is being closed has no next frame.
    let _ = window().request_animation_frame(frame.unchecked_ref());
}

/// Shows the image as edited now, and what is said of it.
async fn frame(app: &Rc<App>, editor: &Rc<Editor>) -> Result<()> {
    let Ok(live) = &editor.live else { return Ok(()) };
    let started = now();
    let Some(example) = editor.desk.borrow().example else { return Ok(()) };
    let (image, original) = {
        let opened = app.opened.borrow();
        let Some(opened) = opened.as_ref().filter(|opened| Rc::ptr_eq(&opened.editor, editor)) else { return Ok(()) };
        let image = editor.image(&opened.shown);
        editor_panel::paint(&image, opened.shown.images.shape());
        (image, opened.shown.images.image(example).to_vec())
    };
    let probed = if image == original { None } else { Some(live.probe(image.clone()).await?) };
    let opened = app.opened.borrow();
    let Some(opened) = opened.as_ref().filter(|opened| Rc::ptr_eq(&opened.editor, editor)) else { return Ok(()) };
    if editor.desk.borrow().example != Some(example) {
        return Ok(());
    }
    inspector::fill(opened, example, probed.as_ref());
    let ms = now() - started;
    editor.desk.borrow_mut().shown = probed.map(|probed| Shown { image, probed, ms });
    read_out(app, editor);
    Ok(())
}

/// Says the depth to those who do not see it: soon, and not at every frame.
fn read_out(app: &Rc<App>, editor: &Rc<Editor>) {
    if editor.speaking.replace(true) {
        return;
    }
    let (app, editor) = (app.clone(), editor.clone());
    let speak = Closure::once_into_js(move || {
        editor.speaking.set(false);
        address::remember(&app, Step::Same); // seldom: browsers let an address change so often and no more
        let opened = app.opened.borrow();
        let place = document().get_element_by_id("edited");
        if let (Some(opened), Some(place)) = (opened.as_ref(), place) {
            place.set_text_content(Some(&sentence(opened)));
        }
    });
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(speak.unchecked_ref(), PAUSE);
}

/// `Depth 2, was 5. The network says coat.`
fn sentence(opened: &Opened) -> String {
    let (desk, study) = (opened.editor.desk.borrow(), &opened.shown);
    let Some(example) = desk.example else { return String::new() };
    let was = text::depth(study, opened.depths[example]);
    match &desk.shown {
        Some(Shown { probed, .. }) => format!(
            "Depth {}, was {was}. The network says {}.",
            text::depth(study, probed.depth()),
            text::class(study, probed.prediction)
        ),
        None => format!("Depth {was}, as without edits."),
    }
}

/// Gives the focus to an element of the editor.
pub fn focus(id: &str) {
    let _ = by_id::<HtmlElement>(id).focus();
}
