//! `window.pdepth`: what tests and scripts see of the page.

use std::rc::Rc;

use prediction_depth::depth::PredictionDepth;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::app::App;
use super::dom::window;
use super::measuring::State;

/// The study on show, as `window.pdepth`. Lists of examples are in data set order; before a study is open they are
/// empty. When a measurement ends, however it ends, the window has an event `pdepth:measured`.
#[wasm_bindgen]
pub struct Pdepth {
    app: Rc<App>,
}

/// The neighbours of an example at a layer, nearest first; empty where they are not known.
#[wasm_bindgen(getter_with_clone)]
pub struct NeighborList {
    /// Examples of the study, `[k]`.
    pub examples: Vec<u32>,
    /// Squared Euclidean distances, `[k]`.
    pub distances: Vec<f64>,
}

/// Puts `window.pdepth` there.
pub fn offer(app: &Rc<App>) {
    let pdepth = Pdepth { app: app.clone() };
    let _ = js_sys::Reflect::set(&window(), &JsValue::from_str("pdepth"), &pdepth.into());
}

#[wasm_bindgen]
impl Pdepth {
    /// `opening`, `measuring`, `training`, `paused`, `measured`, `cancelled` or `failed`.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        let state = match self.app.job.borrow().state.get() {
            State::Opening => "opening",
            State::Measuring => "measuring",
            State::Training => "training",
            State::Paused => "paused",
            State::Measured => "measured",
            State::Cancelled => "cancelled",
            State::Failed => "failed",
        };
        state.into()
    }

    /// What computed, in words; empty until something did.
    #[wasm_bindgen(getter)]
    pub fn device(&self) -> String {
        self.app.job.borrow().device.borrow().clone()
    }

    /// The names of the layers.
    #[wasm_bindgen(getter)]
    pub fn layers(&self) -> Vec<String> {
        self.app.opened.borrow().as_ref().map(|opened| opened.shown.layers.clone()).unwrap_or_default()
    }

    /// The depths as the page shows them, `[examples]`: measured here once `state` is `measured`, else the file's.
    #[wasm_bindgen(getter)]
    pub fn depths(&self) -> Vec<u32> {
        self.shown(depths)
    }

    /// The depths in the file, `[examples]`.
    #[wasm_bindgen(getter, js_name = storedDepths)]
    pub fn stored_depths(&self) -> Vec<u32> {
        self.stored(depths)
    }

    /// The network's classes as the page shows them, `[examples]`.
    #[wasm_bindgen(getter)]
    pub fn predictions(&self) -> Vec<u32> {
        self.shown(|depth| depth.predictions.clone())
    }

    /// The network's classes in the file, `[examples]`.
    #[wasm_bindgen(getter, js_name = storedPredictions)]
    pub fn stored_predictions(&self) -> Vec<u32> {
        self.stored(|depth| depth.predictions.clone())
    }

    /// What a layer's probe says, as the page shows it, `[examples]`; 2^32 - 1 where it was not asked.
    pub fn probes(&self, layer: usize) -> Vec<u32> {
        self.shown(|depth| depth.probes.get(layer).cloned().unwrap_or_default())
    }

    /// What a layer's probe says in the file, `[examples]`; 2^32 - 1 where it was not asked.
    #[wasm_bindgen(js_name = storedProbes)]
    pub fn stored_probes(&self, layer: usize) -> Vec<u32> {
        self.stored(|depth| depth.probes.get(layer).cloned().unwrap_or_default())
    }

    /// Who votes about an example at a layer.
    pub fn neighbors(&self, layer: usize, example: usize) -> NeighborList {
        let opened = self.app.opened.borrow();
        let measured = opened.as_ref().and_then(|opened| opened.measured.as_ref());
        let voters = measured.map(|measured| measured.voters(layer, example)).unwrap_or_default();
        NeighborList {
            examples: voters.iter().map(|voter| voter.example as u32).collect(),
            distances: voters.iter().map(|voter| voter.distance).collect(),
        }
    }
}

impl Pdepth {
    fn shown(&self, of: impl FnOnce(&PredictionDepth) -> Vec<u32>) -> Vec<u32> {
        self.app.opened.borrow().as_ref().map(|opened| of(&opened.shown.measured)).unwrap_or_default()
    }

    fn stored(&self, of: impl FnOnce(&PredictionDepth) -> Vec<u32>) -> Vec<u32> {
        self.app.opened.borrow().as_ref().map(|opened| of(&opened.stored.measured)).unwrap_or_default()
    }
}

fn depths(depth: &PredictionDepth) -> Vec<u32> {
    depth.depths().into_iter().map(|depth| depth as u32).collect()
}
