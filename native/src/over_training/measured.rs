//! What was measured at the checkpoints of a run.

use prediction_depth::checkpoints::DepthOverTraining;
use prediction_depth::data::Split;
use prediction_depth::experiment::Experiment;
use prediction_depth::measurement::Probing;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::settings::Settings;

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;

/// A checkpoint whose network is none.
#[derive(Serialize)]
pub struct LeftOut {
    pub step: u32,
    pub file: String,
    pub why: String,
}

/// Depths at the checkpoints of a run.
pub struct Measured<'a> {
    pub settings: &'a Settings,
    pub experiment: &'a Experiment,
    pub probing: Probing,
    pub layers: &'a [String],
    /// The splits that were measured; of each, the number of all of its examples.
    pub splits: Vec<(DepthOverTraining, usize)>,
    pub left_out: Vec<LeftOut>,
    /// Seed that selected the examples, if not all were measured.
    pub sample_seed: Option<u64>,
    /// Warnings about the data and the network of the run.
    pub warnings: Vec<String>,
}

impl Measured<'_> {
    /// Returns the steps of the checkpoints, `[checkpoints]`.
    pub fn steps(&self) -> Vec<u32> {
        self.splits.first().map(|(split, _)| split.steps()).unwrap_or_default()
    }

    pub fn steps_an_epoch(&self) -> usize {
        let training = self.experiment.examples(Split::Train).len();
        self.settings.training.steps_an_epoch(training)
    }

    /// Returns the number of epochs after a number of steps.
    pub fn epoch(&self, step: u32) -> f64 {
        f64::from(step) / self.steps_an_epoch().max(1) as f64
    }

    /// Returns all warnings, those about checkpoints that were left out included.
    pub fn warnings(&self) -> Vec<String> {
        let left_out = self.left_out.iter().map(|left_out| {
            format!("the checkpoint of step {} is left out, since its network is none: {}", left_out.step, left_out.why)
        });
        self.warnings.iter().cloned().chain(left_out).collect()
    }

    /// Returns the object of `--json`; scripts rely on its keys.
    pub fn json(&self, run: &str, device: &str, seconds: f64) -> Value {
        let at = |(checkpoint, step): (usize, &u32)| {
            let mut row = json!({"step": step, "epoch": self.epoch(*step)});
            for (split, _) in &self.splits {
                row[split.split().name()] = json!(split.checkpoints()[checkpoint].summary);
            }
            row
        };
        let settling: Map<String, Value> =
            self.splits.iter().map(|(split, _)| (split.split().name().into(), json!(split.settling()))).collect();
        let examples: Map<String, Value> = self
            .splits
            .iter()
            .map(|(split, of)| (split.split().name().into(), json!({"measured": split.examples().len(), "of": of})))
            .collect();
        json!({
            "run": run,
            "version": JSON_VERSION,
            "device": device,
            "layers": self.layers,
            "k": self.probing.k,
            "seed": self.settings.seed,
            "sample_seed": self.sample_seed,
            "examples": examples,
            "checkpoints": self.steps().iter().enumerate().map(at).collect::<Vec<_>>(),
            "settling": settling,
            "left_out": self.left_out,
            "warnings": self.warnings(),
            "seconds": {"total": seconds},
        })
    }
}
