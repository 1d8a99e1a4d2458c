//! `pdepth export`: writes a run's study for the page, or the page and the study as one file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use prediction_depth::study::Study;

use crate::cli::ExportArgs;
use crate::files::{InTheWay, refuse_others, write_whole};
use crate::finished_run::study_bytes;
use crate::page::{gzip, in_one_file, study_in};

/// How a gzipped file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub fn export(arguments: &ExportArgs) -> anyhow::Result<()> {
    let study = arguments.run.as_deref().map(study).transpose()?;
    let (bytes, name) = match (&arguments.page, study) {
        (Some(page), study) => (in_one_file(page, study)?.into_bytes(), "prediction-depth.html"),
        (None, Some(study)) => (study, "study.safetensors.gz"),
        (None, None) => bail!("nothing to export: name a run folder or a study file, or a built page with --page"),
    };
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(name));
    refuse_others(&out, |there| match &arguments.page {
        Some(_) => match (study_in(there), study_in(&bytes)) {
            (Some(there), Some(new)) if same_study(&there, &new) => InTheWay::Same,
            (Some(_), _) => InTheWay::Other("a page with another study"),
            (None, _) => InTheWay::Foreign,
        },
        None if !there.starts_with(&GZIP) || Study::from_bytes(there).is_err() => InTheWay::Foreign,
        None if same_study(there, &bytes) => InTheWay::Same,
        None => InTheWay::Other("the study of another run"),
    })?;
    write_whole(&out, &bytes)?;
    println!("{}: {:.1} MB", out.display(), bytes.len() as f64 / 1e6);
    Ok(())
}

/// Returns whether two files hold the same study, however they are packed.
fn same_study(one: &[u8], other: &[u8]) -> bool {
    let plain = |bytes| Study::from_bytes(bytes).and_then(|study| study.to_bytes());
    one == other || matches!((plain(one), plain(other)), (Ok(one), Ok(other)) if one == other)
}

/// Returns the study of a folder or of a study file, gzipped.
fn study(run: &Path) -> anyhow::Result<Vec<u8>> {
    let (bytes, path) = study_bytes(run)?;
    Study::from_bytes(&bytes).with_context(|| path.display().to_string())?;
    if bytes.starts_with(&GZIP) { Ok(bytes) } else { gzip(&bytes) }
}
