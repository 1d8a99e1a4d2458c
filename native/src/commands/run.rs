//! `pdepth run`: from images to depths, and a folder that keeps all of it.

use std::path::PathBuf;
use std::time::Instant;

use prediction_depth::measure::Work;
use prediction_depth::search::Device;
use prediction_depth::study::Study;
use serde_json::{Value, json};

use crate::cli::RunArgs;
use crate::memory::Memory;
use crate::prepared::Prepared;
use crate::run_folder::RunFolder;
use crate::settings::Settings;
use crate::{data, report, table};

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;

pub async fn run(arguments: &RunArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    let memory = Memory::new(arguments.memory, arguments.scratch.as_deref())?;
    let dataset = data::open(&arguments.data, arguments.data_dir.as_deref())?;
    let dataset = match arguments.examples {
        Some(count) => dataset.first(count)?,
        None => dataset,
    };
    let settings = Settings::new(arguments, &dataset)?;
    let target = match &arguments.out {
        Some(folder) => folder.clone(),
        None => PathBuf::from("runs").join(settings.name()?),
    };
    let mut folder = RunFolder::create(&target, &settings.hash()?)?;
    let (device, device_text) = Device::open(arguments.common.device.into(), memory.of_search()).await?;

    let prepared = Prepared::new(dataset, &settings)?;
    let network = prepared.network(&settings, &memory)?;
    let training_start = Instant::now();
    let metrics = prepared.train(&network, &settings, arguments.common.quiet)?;
    let training_seconds = training_start.elapsed().as_secs_f64();
    let measuring_start = Instant::now();
    let (study, work) = prepared.measure(&network, &settings, &memory, &device, arguments.common.quiet).await?;
    let seconds = json!({
        "train": training_seconds,
        "measure": measuring_start.elapsed().as_secs_f64(),
        "total": start.elapsed().as_secs_f64(),
    });

    let all: Vec<usize> = (0..study.labels.len()).collect();
    let result = json_of(&study, work, &settings, &target.display().to_string(), &device_text, seconds)?;
    folder.write("config.toml", settings.to_toml()?.as_bytes())?;
    folder.write("metrics.jsonl", metrics.as_bytes())?;
    folder.write("checkpoints/final.safetensors", &Study::weights_to_bytes(&study.weights)?)?;
    folder.write("depth.csv", &study.depth_csv(&all)?)?;
    folder.write("study.safetensors", &study.to_bytes()?)?;
    folder.write("report.html", report::html(&study, &settings, &device_text)?.as_bytes())?;
    folder.finish(json!({
        "program": concat!("pdepth ", env!("CARGO_PKG_VERSION")),
        "device": device_text,
        "preprocessing": study.preprocessing,
        "data_sha256": settings.data.sha256,
        "result": result,
    }))?;
    if arguments.common.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        print!("{}", table::summary(&study, work, &device_text));
        println!("\nThe report and all files: {}", target.join("report.html").display());
    }
    Ok(())
}

/// The object of `--json`; scripts rely on its keys.
fn json_of(
    study: &Study,
    work: Option<Work>,
    settings: &Settings,
    run: &str,
    device: &str,
    seconds: Value,
) -> anyhow::Result<Value> {
    let summary = study.summary();
    let mut result = json!({
        "run": run,
        "version": JSON_VERSION,
        "device": device,
        "layers": study.layers,
        "k": settings.probing.k,
        "seed": settings.seed,
        "train": summary.train,
        "validation": summary.validation,
        "test": summary.test,
        "label_noise": summary.label_noise,
        "work": work,
    });
    result["seconds"] = seconds;
    Ok(result)
}
