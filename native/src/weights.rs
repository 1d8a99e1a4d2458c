//! Weights from a file.

use std::fs;
use std::path::Path;

use anyhow::Context;
use prediction_depth::study::{self, Weight};

/// The weights of a PyTorch state dict (.pth, .pt), of a safetensors file, or of a study, by name.
///
/// # Errors
/// The file's name, and what is wrong with it.
#[expect(dead_code, reason = "the command that takes --weights comes next")]
pub fn read_weights(path: &Path) -> anyhow::Result<Vec<Weight>> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    study::read_weights(&bytes).with_context(|| path.display().to_string())
}
