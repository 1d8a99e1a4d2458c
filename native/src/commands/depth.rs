//! `pdepth depth`: measures anybody's network from its recorded activations.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use prediction_depth::activations::{GraphFolder, Recordings, Wanted};
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::pooling::Pooling;
use serde_json::json;

use super::{depth_merge, depth_shard};
use crate::cli::{ActivationsArgs, DepthCommand};
use crate::depth_settings::DepthSettings;
use crate::finish_depth::{MeasuredDepth, activations, claim, target};
use crate::finish_run::{ComputeContext, print_finished};
use crate::part_files::SplitFiles;
use crate::progress::Bar;
use crate::table::{About, NeighborSource, Read, warn};
use crate::{interrupt, threads};

pub async fn depth(arguments: &ActivationsArgs) -> anyhow::Result<()> {
    if let Some(DepthCommand::Merge(arguments)) = &arguments.what {
        return depth_merge::merge(arguments);
    }
    let start = Instant::now();
    interrupt::listen()?;
    threads::join();
    let files = Files::open(arguments)?;
    let recordings = files.recordings(arguments.pooling()?)?;
    let measuring = MeasureOptions::from(&arguments.measuring);
    recordings.check_probing(&measuring.probing)?;
    let shard = arguments.shard.map(|shard| recordings.shard_rows(shard.index, shard.of)).transpose();
    let shard = shard.context("--shard")?;

    let context = ComputeContext::new(&arguments.measuring.memory, &arguments.common).await?;
    let title = arguments.title.clone().unwrap_or_else(|| title_of(train(arguments)));
    let read = recordings.summary();
    let settings = DepthSettings::new(title, &read, files.hashes()?, recordings.pooling(), measuring);
    warn(&settings.warnings_of_splits(), arguments.common.quiet);
    if let Some(rows) = shard {
        return depth_shard::shard(arguments, recordings, read, rows, settings, context, start).await;
    }
    let target = target(arguments.out.as_ref(), &settings)?;
    let Some(folder) = claim(&target, &settings)? else {
        return print_finished(&target, arguments.common.json);
    };
    let read_seconds = start.elapsed().as_secs_f64();

    let (measuring_start, bar) = (Instant::now(), Bar::new("measuring", "probes", arguments.common.quiet));
    let (memory, probing) = (&context.memory, measuring.probing);
    let graphs = arguments.neighbors.as_ref().map(|folder| folder.display().to_string());
    let measurement = match &graphs {
        Some(_) => recordings.measure_neighbors(&files.graphs(), probing, &bar).await,
        None => recordings.measure(measuring, memory.of_layers(), memory, &context.device, &bar).await,
    };
    drop(bar);
    let measurement = measurement?;
    let work = measurement.work;
    let activations = activations(&read, arguments.neighbors.as_deref());
    let read = Read::Activations(read);
    let study = recordings.into_study(settings.title.clone(), measurement)?;
    let source =
        graphs.as_deref().map_or(NeighborSource::Search(context.searches_on(probing.metric)), NeighborSource::Graphs);
    let measured = MeasuredDepth {
        study: &study,
        about: About { read: Some(&read), warnings: &settings.warnings(&study), work, source },
        settings: &settings,
        target: &target,
        folder,
        activations,
        seconds: json!({
            "read": read_seconds,
            "measure": measuring_start.elapsed().as_secs_f64(),
            "total": start.elapsed().as_secs_f64(),
        }),
    };
    measured.finish(arguments.common.json)
}

/// The files of all splits, the training split first.
struct Files {
    splits: Vec<(String, SplitFiles)>,
    /// Graphs of neighbours from elsewhere, for each split.
    graphs: Vec<SplitFiles>,
}

impl Files {
    fn open(arguments: &ActivationsArgs) -> anyhow::Result<Self> {
        let mut splits = vec![("train".to_owned(), SplitFiles::open(train(arguments)).context("--train")?)];
        for held_out in &arguments.held_out {
            let files = SplitFiles::open(&held_out.path).with_context(|| format!("--held-out {}", held_out.name))?;
            splits.push((held_out.name.clone(), files));
        }
        let graphs = arguments.neighbors.iter().flat_map(|folder| {
            splits.iter().map(|(name, _)| SplitFiles::open(&folder.join(name)).context("--neighbors"))
        });
        Ok(Self { graphs: graphs.collect::<anyhow::Result<_>>()?, splits })
    }

    fn recordings(&self, pooling: Pooling) -> anyhow::Result<Recordings> {
        let wanted = if self.graphs.is_empty() { Wanted::All } else { Wanted::NoLayers };
        let read = self.splits.iter().map(|(name, files)| Ok((name.clone(), files.recording(wanted)?)));
        let mut read = read.collect::<anyhow::Result<Vec<_>>>()?;
        let (_, training) = read.remove(0);
        Ok(Recordings::with_pooling(training, read, pooling)?)
    }

    fn graphs(&self) -> Vec<GraphFolder> {
        self.graphs.iter().map(SplitFiles::graphs).collect()
    }

    /// Returns the hashes of each split and of its graphs.
    fn hashes(&self) -> anyhow::Result<Vec<(String, Option<String>)>> {
        let hash = |(place, (_, files)): (usize, &(String, SplitFiles))| {
            Ok((files.sha256()?, self.graphs.get(place).map(SplitFiles::sha256).transpose()?))
        };
        self.splits.iter().enumerate().map(hash).collect()
    }
}

/// Returns the training split, which the command line requires without a subcommand.
fn train(arguments: &ActivationsArgs) -> &Path {
    arguments.train.as_deref().unwrap_or(Path::new(""))
}

/// Returns a title for a folder or file: its name, or that of the folder around `train`.
pub(super) fn title_of(train: &Path) -> String {
    let path = train.canonicalize().unwrap_or_else(|_| train.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let is_file =
        path.extension().is_some_and(|ending| ["npy", "npz", "safetensors"].iter().any(|known| ending == *known));
    match (if is_file { stem } else { name(&path) }).unwrap_or_default().as_str() {
        "train" | "training" => path.parent().and_then(name).unwrap_or_else(|| "activations".into()),
        "" => "activations".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_name() {
        for (path, title) in [
            ("/acts/resnet/train", "resnet"),
            ("/acts/bert", "bert"),
            ("/acts/bert.npz", "bert"),
            ("/acts/lens.npy", "lens"),
            ("/acts/v1.5", "v1.5"),
            ("/train", "activations"),
        ] {
            assert_eq!(title_of(Path::new(path)), title, "{path}");
        }
    }
}
