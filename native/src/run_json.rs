//! The object that `--json` prints of a run, and the manifest keeps: scripts rely on its keys.

use prediction_depth::measurement::{Support, Work};
use prediction_depth::pooling::Pooling;
use prediction_depth::study::{LabelNoise, SplitSummary, Study};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::table::{About, Read};

/// Version of the JSON object.
const VERSION: u32 = 1;

/// What a run is of.
#[derive(Clone, Copy)]
pub enum RunOf {
    /// A network that the program trained, by seed.
    Training { seed: u64 },
    /// What was recorded elsewhere.
    Recordings,
}

/// The object; its keys have this order.
#[derive(Serialize)]
struct RunJson<'a> {
    run: &'a str,
    version: u32,
    device: Option<&'a str>,
    layers: &'a [String],
    k: Option<usize>,
    metric: Option<&'static str>,
    support: Option<Support>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pooling: Option<Pooling>,
    train: &'a Option<SplitSummary>,
    validation: &'a Option<SplitSummary>,
    test: &'a Option<SplitSummary>,
    /// The user's own splits by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out: Option<Map<String, Value>>,
    label_noise: &'a Option<LabelNoise>,
    warnings: &'a [String],
    read: Option<&'a Read>,
    work: Option<Work>,
    seconds: Value,
}

/// Returns the object; `run` is the folder.
pub fn run_json(of: RunOf, study: &Study, about: &About, run: &str, seconds: Value) -> anyhow::Result<Value> {
    let summary = study.summary();
    let own = study.held_out.iter().zip(&summary.held_out);
    let (seed, pooling, held_out) = match of {
        RunOf::Training { seed } => (Some(seed), None, None),
        RunOf::Recordings => {
            (None, Some(study.pooling), Some(own.map(|(name, split)| (name.clone(), json!(split))).collect()))
        }
    };
    let probing = study.k().map(|_| study.probing);
    Ok(serde_json::to_value(RunJson {
        run,
        version: VERSION,
        device: about.source.device(),
        layers: &study.layers,
        k: study.k(),
        metric: probing.map(|probing| probing.metric.name()),
        support: probing.map(|probing| probing.support),
        seed,
        pooling,
        train: &summary.train,
        validation: &summary.validation,
        test: &summary.test,
        held_out,
        label_noise: &summary.label_noise,
        warnings: about.warnings,
        read: about.read,
        work: about.work,
        seconds,
    })?)
}
