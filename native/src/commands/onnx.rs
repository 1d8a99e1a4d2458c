//! `pdepth run --model` and `pdepth measure --model`: measures a network from an ONNX file.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use prediction_depth::data::Dataset;
use prediction_depth::experiment::{Experiment, ForeignInput, MeasureOptions};
use prediction_depth::nets::Network;
use prediction_depth::nets::onnx::{OnnxFile, OnnxOptions, TapChoice};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::cli::{Common, MeasuringArgs, OnnxArgs};
use crate::data::DataSource;
use crate::files::{folder_of, hex};
use crate::finish_depth::{MeasuredDepth, claim, target};
use crate::finish_run::{ComputeContext, print_finished};
use crate::onnx_settings::{OnnxModelSettings, OnnxSettings};
use crate::progress::Bar;
use crate::settings::DataSettings;
use crate::table::{About, NeighborSource, Read, warn};

/// What is asked of a file.
pub struct OnnxRun<'a> {
    pub model: &'a Path,
    pub taps: Option<&'a str>,
    pub asked: &'a OnnxArgs,
    pub source: DataSource,
    pub dataset: Dataset,
    /// Seed that selected the training images, if not all were used.
    pub sample_seed: Option<u64>,
    pub out: Option<&'a PathBuf>,
    pub measuring: &'a MeasuringArgs,
    pub common: &'a Common,
    pub start: Instant,
}

impl OnnxRun<'_> {
    pub async fn run(self) -> anyhow::Result<()> {
        let Self { model, asked, dataset, common, start, .. } = self;
        let place = || model.display().to_string();
        let (file, sha256) = read(model)?;
        let said = file.scale().with_context(place)?;
        let options = OnnxOptions {
            input: asked.input.clone(),
            output: asked.output.clone(),
            taps: TapChoice::parse(self.taps.unwrap_or("auto"))?,
            channels: asked.channel_place(),
        };
        let network = file.network(&options, dataset.images.shape()).with_context(place)?;
        let input = ForeignInput::new(&network, &dataset, &asked.asked_scale(), said).with_context(place)?;
        let mut read = dataset.summary_of_own_splits()?;
        read.notes.extend(network.notes().iter().cloned().chain(input.note));
        let of_input: Vec<String> = [read.warnings(), input.warning.into_iter().collect()].concat();
        warn(&of_input, common.quiet);

        let measuring = MeasureOptions::from(self.measuring);
        let data = DataSettings { sample_seed: self.sample_seed, ..DataSettings::from_dataset(&dataset) };
        let name = model.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let settings = OnnxSettings {
            title: format!("{name} on {} data", data.name),
            data,
            onnx: OnnxModelSettings {
                sha256,
                layers: network.taps().to_vec(),
                channels: network.channels(),
                output: options.output,
            },
            preprocessing: input.preprocessing.clone(),
            measuring,
        };
        let experiment = Experiment::of_foreign(dataset, input.preprocessing);
        experiment.check_probing(&measuring.probing)?;
        let context = ComputeContext::new(&self.measuring.memory, common).await?;
        context.memory.check(&experiment, &network)?;
        let target = target(self.out, &settings)?;
        let Some(folder) = claim(&target, &settings)? else { return print_finished(&target, common.json) };
        let read_seconds = start.elapsed().as_secs_f64();

        let (measuring_start, bar) = (Instant::now(), Bar::new("measuring", "probes", common.quiet));
        let measurement = context.memory.measure(&experiment, &network, measuring, &context.device, &bar).await;
        drop(bar);
        let measurement = measurement.with_context(place)?;
        let work = measurement.work;
        let study = experiment.into_foreign_study(settings.title.clone(), measurement)?;
        let (read, warnings) = (Read::Data(read), [of_input, study.warnings()].concat());
        let source = NeighborSource::Search(context.searches_on(measuring.probing.metric));
        let measured = MeasuredDepth {
            study: &study,
            about: About { read: Some(&read), warnings: &warnings, work, source },
            settings: &settings,
            target: &target,
            folder,
            activations: json!({"model": model.display().to_string(), "data": self.source}),
            seconds: json!({
                "read": read_seconds,
                "measure": measuring_start.elapsed().as_secs_f64(),
                "total": start.elapsed().as_secs_f64(),
            }),
        };
        measured.finish(common.json)
    }
}

/// Reads a file and those beside it; returns the hash of all of them.
fn read(path: &Path) -> anyhow::Result<(OnnxFile, String)> {
    let place = || path.display().to_string();
    let bytes = fs::read(path).with_context(|| format!("--model {}", path.display()))?;
    let hash = RefCell::new(Sha256::new_with_prefix(&bytes));
    let external = |name: &str| -> prediction_depth::Result<Vec<u8>> {
        let beside = folder_of(path).join(name);
        let bytes = fs::read(&beside).map_err(|error| prediction_depth::Error::Graph {
            place: beside.display().to_string(),
            problem: format!("{error}; the network's weights lie in it: put it beside the model"),
        })?;
        hash.borrow_mut().update(&bytes);
        Ok(bytes)
    };
    let file = OnnxFile::read(&bytes, external).with_context(place)?;
    Ok((file, hex(&hash.into_inner().finalize())))
}
