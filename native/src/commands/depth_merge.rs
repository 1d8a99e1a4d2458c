//! `pdepth depth merge`: puts the shards of a measurement together.

use std::time::Instant;

use anyhow::Context;
use prediction_depth::activations::DepthMerge;
use serde_json::json;

use super::depth_shard::read;
use crate::cli::DepthMergeArgs;
use crate::depth_settings::DepthSettings;
use crate::finish_depth::{MeasuredDepth, activations, claim, target};
use crate::finish_run::print_finished;
use crate::table::{About, NeighborSource, Read, one_line};

pub fn merge(arguments: &DepthMergeArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut merge = DepthMerge::default();
    for path in &arguments.files {
        merge.add(read(path)?).with_context(|| path.display().to_string())?;
    }
    let merged = merge.finish()?;
    let read_seconds = start.elapsed().as_secs_f64();
    if let Some((shard, places)) = &merged.elsewhere {
        let first = one_line(&merged.read.places().join(", "));
        let places = one_line(places);
        eprintln!(
            "shard {shard} had equal activations in other places, {places}; the result names those of shard 0, {first}"
        );
    }
    let settings: DepthSettings = serde_json::from_value(merged.settings).context("settings of the shards")?;
    let target = target(arguments.out.as_ref(), &settings)?;
    let Some(folder) = claim(&target, &settings)? else {
        return print_finished(&target, arguments.json);
    };
    let (study, work, devices) = (merged.study, merged.work, merged.devices.join("; "));
    let places = activations(&merged.read, None);
    let (read, source) = (Read::Activations(merged.read), NeighborSource::Search(&devices));
    let measured = MeasuredDepth {
        study: &study,
        about: About { read: Some(&read), warnings: &settings.warnings(&study), work, source },
        settings: &settings,
        target: &target,
        folder,
        activations: places,
        // The shards were measured elsewhere and at other times: each has printed its own.
        seconds: json!({"read": read_seconds, "measure": null, "total": start.elapsed().as_secs_f64()}),
    };
    measured.finish(arguments.json)
}
