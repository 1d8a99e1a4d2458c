//! The data that a finished run was trained on.

use std::path::{Path, absolute};

use anyhow::{Context, bail};
use prediction_depth::data::Dataset;

use crate::cli::RunDataArgs;
use crate::data::DataSource;
use crate::finished_run::FinishedRun;
use crate::settings::{DataSettings, Settings};

/// Opens the data of the run in this folder: those that it remembers, unless the options say that they have moved. Refuses
/// other data. Returns also how the data are found again.
pub fn trained_on(
    folder: &Path,
    run: &FinishedRun,
    settings: &Settings,
    arguments: &RunDataArgs,
) -> anyhow::Result<(DataSource, Dataset)> {
    let recorded: Option<DataSource> = serde_json::from_value(run.about()["data"].clone()).ok();
    let named = arguments.data.clone().or(recorded.as_ref().map(|source| source.data.clone())).with_context(|| {
        format!("{}: the run does not say which data it was trained on; name them with --data", folder.display())
    })?;
    let source = match recorded {
        Some(recorded) if arguments.data.is_none() => match &arguments.data_dir {
            Some(data_dir) => recorded.with_data_dir(absolute(data_dir)?),
            None => recorded,
        },
        recorded => {
            let (data_dir, options) = recorded.map(|source| (source.data_dir, source.options)).unwrap_or_default();
            DataSource::given(named.clone(), arguments.data_dir.clone().or(data_dir), options)
        }
    };
    let remedy = || format!("{}: --data names the data if they have moved", folder.display());
    let dataset = settings.data.sample(source.open().with_context(remedy)?)?;
    if DataSettings::from_dataset(&dataset).sha256 != settings.data.sha256 {
        bail!("--data {named}: not the data that {} was trained on (the sha256 differs)", folder.display());
    }
    Ok((source, dataset))
}
