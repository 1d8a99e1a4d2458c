//! The checkpoints that a run keeps.

use std::path::Path;

use anyhow::bail;

use crate::finished_run::{FINAL, FinishedRun};

/// A checkpoint of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// Steps of the training so far.
    pub step: u32,
    /// Name of the file of weights in the run folder.
    pub name: String,
}

/// Returns the checkpoints that the manifest of the run names, in the order of their steps; the training has this number
/// of steps. Refuses a run without any but the last.
pub fn kept(folder: &Path, run: &FinishedRun, steps: usize) -> anyhow::Result<Vec<Kept>> {
    let kept = in_order(run.names(), u32::try_from(steps)?);
    if kept.len() < 2 {
        bail!(
            "{}: it keeps only its final weights; make the same run again with `--checkpoints early`, the default, then \
             it keeps the weights of many steps",
            folder.display()
        );
    }
    Ok(kept)
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>, steps: u32) -> Vec<Kept> {
    let step = |name: &str| match name {
        FINAL => Some(steps),
        name => name.strip_prefix("checkpoints/step-")?.strip_suffix(".safetensors")?.parse().ok(),
    };
    let mut kept: Vec<Kept> = names.filter_map(|name| Some(Kept { step: step(name)?, name: name.into() })).collect();
    // The weights after the last step are kept twice: the final ones are those that the run measured.
    kept.sort_by_key(|kept| (kept.step, kept.name != FINAL));
    kept.dedup_by_key(|kept| kept.step);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_weights_count_once() {
        let names = [
            "checkpoints/final.safetensors",
            "checkpoints/step-00000000.safetensors",
            "checkpoints/step-00000012.safetensors",
            "checkpoints/step-00000004.safetensors",
            "checkpoints/step-4.txt",
            "config.toml",
        ];
        let found: Vec<_> = in_order(names.into_iter(), 12).into_iter().map(|kept| (kept.step, kept.name)).collect();
        let wanted = [(0, names[1]), (4, names[3]), (12, names[0])].map(|(step, name)| (step, name.to_owned()));
        assert_eq!(found, wanted);
    }
}
