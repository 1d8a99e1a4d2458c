//! Benchmark of a whole measurement, on activations from files.

use std::path::Path;

use anyhow::{Context, bail};
use prediction_depth::Class;
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::{Probing, measure};
use prediction_depth::representations::{Recorded, Representations};
use serde_json::json;

use super::open;
use super::timing::{on_demand, repeated};
use crate::cli::DepthArgs;
use crate::npy;
use crate::own_files::OwnFiles;

/// The files of the answer.
const FILES: [&str; 2] = ["train.npy", "validation.npy"];

/// Times the measurement of the activations in the given folder.
pub async fn time(arguments: &DepthArgs) -> anyhow::Result<()> {
    if let Some(out) = &arguments.out {
        OwnFiles::open(out, &FILES)?;
    }
    let (folder, timing) = (&arguments.activations, &arguments.timing);
    let splits = [split(&folder.join("train"))?, split(&folder.join("validation"))?];
    let [training, validation] = &splits;
    let labels = npy::classes(&folder.join("train").join("labels.npy"))?;
    let probing = Probing { k: timing.k, ..Probing::default() };
    let (device, name) = open(&arguments.common, &arguments.timing).await?;
    let once = async || {
        let measured = measure(training, &labels, &[validation], probing, &device, &()).await;
        measured.with_context(|| folder.display().to_string())
    };
    if timing.each_line {
        let measured = on_demand(once).await?;
        return measured.map_or(Ok(()), |measured| write(&measured, arguments.out.as_deref()));
    }
    let timed = repeated(timing.runs, once).await?;
    if arguments.common.json {
        let layers = training.layers().len();
        println!("{}", json!({"ms": timed.ms, "runs": timing.runs, "layers": layers, "k": timing.k, "device": name}));
    } else {
        println!("{:.1} ms, the median of {}, {name}", timed.ms, timing.runs);
    }
    write(&timed.found, arguments.out.as_deref())
}

/// Reads layer0.npy, layer1.npy, ... until one is missing, and predictions.npy.
fn split(folder: &Path) -> anyhow::Result<Recorded> {
    let files = (0..).map(|layer| folder.join(format!("layer{layer}.npy"))).take_while(|file| file.is_file());
    let layers = files.map(|file| npy::matrix(&file)).collect::<anyhow::Result<Vec<_>>>()?;
    if layers.is_empty() {
        bail!("{}: there is no layer0.npy", folder.display());
    }
    let names = (0..layers.len()).map(|layer| format!("layer{layer}")).collect();
    let predictions: Vec<Class> = npy::classes(&folder.join("predictions.npy"))?;
    Recorded::new(names, layers, predictions).with_context(|| folder.display().to_string())
}

fn write(measured: &[PredictionDepth], out: Option<&Path>) -> anyhow::Result<()> {
    let Some(out) = out else { return Ok(()) };
    let bytes = |split: &PredictionDepth| {
        let depths: Vec<u32> = split.depths().into_iter().map(|depth| depth as u32).collect();
        npy::to_bytes(&depths, &[depths.len()])
    };
    let files = FILES.into_iter().zip(measured).map(|(name, split)| Ok((name, bytes(split)?)));
    OwnFiles::open(out, &[])?.write(&files.collect::<anyhow::Result<Vec<_>>>()?)
}
