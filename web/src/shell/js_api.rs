//! `window.pdepth`: the page's interface for tests and scripts.

use std::rc::Rc;

use prediction_depth::depth::PredictionDepth;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::app::App;
use crate::dom::window;
use crate::state::desk::Shown;
use crate::state::job::Stage;
use crate::state::opened::Opened;

/// The displayed study, as `window.pdepth`. Lists of examples are in data set order; they are empty before a study is
/// open. When a measurement ends, also by an error, the window receives an event `pdepth:measured`.
#[wasm_bindgen]
pub struct Pdepth {
    app: Rc<App>,
}

/// The neighbours of an example at a layer, nearest first; empty if they are not known.
#[wasm_bindgen(getter_with_clone)]
pub struct NeighborList {
    /// Neighbours, as examples of the study, `[k]`.
    pub examples: Vec<u32>,
    /// Squared Euclidean distances, `[k]`.
    pub distances: Vec<f64>,
}

/// The measurement of the edited image.
#[wasm_bindgen(getter_with_clone)]
pub struct EditedImage {
    /// Pixels, `[channels, height, width]`.
    pub image: Vec<u8>,
    /// Class of the network.
    pub prediction: u32,
    /// Depth, as in `depths`.
    pub depth: u32,
    /// Class of each layer's probe, `[layers]`.
    pub probes: Vec<u32>,
    /// Voters, nearest first, `[layers * k]`.
    pub voters: Vec<u32>,
    /// Milliseconds from the edit until the page showed it.
    pub ms: f64,
}

/// Defines `window.pdepth`.
pub fn offer(app: &Rc<App>) {
    let pdepth = Pdepth { app: app.clone() };
    let _ = js_sys::Reflect::set(&window(), &JsValue::from_str("pdepth"), &pdepth.into());
}

#[wasm_bindgen]
impl Pdepth {
    /// `opening`, `measuring`, `training`, `paused`, `measured`, `cancelled` or `failed`.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        let state = match self.app.state().job.stage {
            Stage::Opening => "opening",
            Stage::Measuring => "measuring",
            Stage::Training => "training",
            Stage::Paused => "paused",
            Stage::Measured => "measured",
            Stage::Cancelled => "cancelled",
            Stage::Failed => "failed",
        };
        state.into()
    }

    /// Description of the device that computed; empty before a measurement.
    #[wasm_bindgen(getter)]
    pub fn device(&self) -> String {
        self.app.state().job.device.clone()
    }

    /// Names of the layers.
    #[wasm_bindgen(getter)]
    pub fn layers(&self) -> Vec<String> {
        self.opened(|opened| opened.shown.layers.clone())
    }

    /// The user's names of the examples, `[examples]`; empty if there are none.
    #[wasm_bindgen(getter)]
    pub fn names(&self) -> Vec<String> {
        self.opened(|opened| opened.shown.names.clone())
    }

    /// Displayed depths, `[examples]`: measured here once `state` is `measured`, otherwise those of the file.
    #[wasm_bindgen(getter)]
    pub fn depths(&self) -> Vec<u32> {
        self.shown(depths)
    }

    /// Depths in the file, `[examples]`.
    #[wasm_bindgen(getter, js_name = storedDepths)]
    pub fn stored_depths(&self) -> Vec<u32> {
        self.stored(depths)
    }

    /// Selected examples of the current split, hardest first.
    #[wasm_bindgen(getter)]
    pub fn selection(&self) -> Vec<u32> {
        self.app.derived().selected.iter().map(|&example| example as u32).collect()
    }

    /// Displayed classes of the network, `[examples]`.
    #[wasm_bindgen(getter)]
    pub fn predictions(&self) -> Vec<u32> {
        self.shown(|depth| depth.predictions.clone())
    }

    /// Classes of the network in the file, `[examples]`.
    #[wasm_bindgen(getter, js_name = storedPredictions)]
    pub fn stored_predictions(&self) -> Vec<u32> {
        self.stored(|depth| depth.predictions.clone())
    }

    /// Returns the displayed classes of a layer's probe, `[examples]`; 2^32 - 1 without a probe.
    pub fn probes(&self, layer: usize) -> Vec<u32> {
        self.shown(|depth| depth.probes.get(layer).cloned().unwrap_or_default())
    }

    /// Returns the classes of a layer's probe in the file, `[examples]`; 2^32 - 1 without a probe.
    #[wasm_bindgen(js_name = storedProbes)]
    pub fn stored_probes(&self, layer: usize) -> Vec<u32> {
        self.stored(|depth| depth.probes.get(layer).cloned().unwrap_or_default())
    }

    /// Returns the voters of an example at a layer.
    pub fn neighbors(&self, layer: usize, example: usize) -> NeighborList {
        let voters = self.opened(|opened| {
            opened.measured.as_ref().map(|measured| measured.voters.of(layer, example)).unwrap_or_default()
        });
        NeighborList {
            examples: voters.iter().map(|voter| voter.example as u32).collect(),
            distances: voters.iter().map(|voter| voter.distance).collect(),
        }
    }

    /// The displayed measurement of the edited image; undefined if the example is not edited.
    #[wasm_bindgen(getter)]
    pub fn edited(&self) -> Option<EditedImage> {
        let state = self.app.state();
        let Shown { image, probed, ms } = state.opened.as_ref()?.desk.shown.as_ref()?;
        let voters = probed.votes.iter().flat_map(|vote| &vote.voters);
        Some(EditedImage {
            image: image.clone(),
            prediction: probed.prediction,
            depth: probed.depth() as u32,
            probes: probed.votes.iter().map(|vote| vote.class).collect(),
            voters: voters.map(|voter| voter.example as u32).collect(),
            ms: *ms,
        })
    }

    /// Whether the page shows the result of the latest edit.
    #[wasm_bindgen(getter)]
    pub fn settled(&self) -> bool {
        self.app.is_settled()
    }
}

impl Pdepth {
    fn opened<T: Default>(&self, of: impl FnOnce(&Opened) -> T) -> T {
        self.app.state().opened.as_ref().map(of).unwrap_or_default()
    }

    fn shown(&self, of: impl FnOnce(&PredictionDepth) -> Vec<u32>) -> Vec<u32> {
        self.opened(|opened| of(&opened.shown.measured))
    }

    fn stored(&self, of: impl FnOnce(&PredictionDepth) -> Vec<u32>) -> Vec<u32> {
        self.opened(|opened| of(&opened.stored.measured))
    }
}

fn depths(depth: &PredictionDepth) -> Vec<u32> {
    depth.depths().into_iter().map(|depth| depth as u32).collect()
}
