//! `pdepth settle`: depths from what each layer predicts already.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use prediction_depth::activations::{Field, LayerPredictions, PredictionFiles};
use serde_json::{Value, json};

use super::depth::title_of;
use crate::cli::SettleArgs;
use crate::finish_depth::{MeasuredDepth, claim, target};
use crate::finish_run::print_finished;
use crate::part_files::SplitFiles;
use crate::progress::Bar;
use crate::settle_settings::SettleSettings;
use crate::table::{About, NeighborSource, Read};
use crate::{interrupt, threads};

pub async fn settle(arguments: &SettleArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    let files = Files::open(arguments)?;
    let predictions = LayerPredictions::read(&files.predictions()?, arguments.until_distance)?;
    let settings = SettleSettings {
        title: arguments.title.clone().unwrap_or_else(|| title_of(&arguments.layers)),
        until_distance: arguments.until_distance,
        sha256: files.hashes()?,
    };
    let target = target(arguments.out.as_ref(), &settings)?;
    let Some(folder) = claim(&target, &settings)? else {
        return print_finished(&target, arguments.json);
    };
    let read_seconds = start.elapsed().as_secs_f64();
    let (settle_start, bar) = (Instant::now(), Bar::new("comparing", "predictions", arguments.quiet));
    let depth = predictions.settle(&bar).await;
    drop(bar);
    let depth = depth?;
    let read = Read::Activations(predictions.summary(&depth));
    let study = predictions.into_study(settings.title.clone(), depth)?;
    let measured = MeasuredDepth {
        study: &study,
        about: About { read: Some(&read), warnings: &study.warnings(), work: None, source: NeighborSource::Nowhere },
        settings: &settings,
        target: &target,
        folder,
        activations: files.paths(),
        seconds: json!({
            "read": read_seconds,
            "measure": settle_start.elapsed().as_secs_f64(),
            "total": start.elapsed().as_secs_f64(),
        }),
    };
    measured.finish(arguments.json)
}

/// The files by the names of their options.
struct Files(Vec<(&'static str, PathBuf, SplitFiles)>);

/// The files beside the layers that are not required.
const FIELDS: [Field; 5] = [Field::Labels, Field::Ids, Field::Classes, Field::Texts, Field::Images];

impl Files {
    fn open(arguments: &SettleArgs) -> anyhow::Result<Self> {
        let SettleArgs { labels, ids, classes, texts, images, .. } = arguments;
        let fields = FIELDS.into_iter().zip([labels, ids, classes, texts, images]);
        let given = [("layers", &arguments.layers), ("final", &arguments.last)].into_iter();
        let given = given.chain(fields.filter_map(|(field, path)| Some((field.name(), path.as_ref()?))));
        let open = |(name, path): (&'static str, &PathBuf)| {
            Ok((name, path.clone(), SplitFiles::open(path).with_context(|| format!("--{name}"))?))
        };
        given.map(open).collect::<anyhow::Result<_>>().map(Self)
    }

    fn of(&self, wanted: &str) -> Option<&SplitFiles> {
        self.0.iter().find(|(name, ..)| *name == wanted).map(|(.., files)| files)
    }

    fn predictions(&self) -> anyhow::Result<PredictionFiles> {
        let of = |wanted: &str| self.of(wanted).with_context(|| format!("--{wanted} is missing"));
        let one = |name: &str| of(name)?.one().with_context(|| format!("--{name}"));
        let fields = FIELDS.into_iter().filter(|field| self.of(field.name()).is_some());
        Ok(PredictionFiles {
            layers: of("layers")?.source(),
            last: one("final")?,
            fields: fields.map(|field| Ok((field, one(field.name())?))).collect::<anyhow::Result<_>>()?,
        })
    }

    fn hashes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        self.0.iter().map(|(name, _, files)| Ok(((*name).to_owned(), files.sha256()?))).collect()
    }

    fn paths(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, path, _)| ((*name).to_owned(), json!(path))).collect())
    }
}
