//! What rows of a table rule out: everything for which neighbouring pixels must belong together.

use super::Experiment;
use crate::error::{Error, Result};
use crate::nets::Architecture;
use crate::train::Augmentation;

impl Experiment {
    /// Checks that the network and the changes of images make sense for these examples: if they are rows of a table,
    /// their columns have no order, so that convolutions, mirroring and cropping would mix what does not belong
    /// together. [`Experiment::network`] and [`Experiment::trainer`] check it, too.
    ///
    /// # Errors
    /// [`Error::Setting`] with what to choose instead.
    pub fn check_sense(&self, architecture: &Architecture, augmentation: Augmentation) -> Result<()> {
        self.check_architecture(architecture)?;
        self.check_augmentation(augmentation)
    }

    pub(super) fn check_architecture(&self, architecture: &Architecture) -> Result<()> {
        match architecture {
            Architecture::Mlp { .. } => Ok(()),
            other => self.refuse("net", other.kind().into(), "choose --net mlp"),
        }
    }

    pub(super) fn check_augmentation(&self, augmentation: Augmentation) -> Result<()> {
        match augmentation {
            Augmentation { flip: true, .. } => self.refuse("flip", "true".into(), "leave --flip out"),
            Augmentation { crop: 1.., .. } => self.refuse("crop", augmentation.crop.to_string(), "leave --crop out"),
            _ => Ok(()),
        }
    }

    /// Refuses a setting if the examples are rows of a table.
    fn refuse(&self, name: &'static str, value: String, instead: &str) -> Result<()> {
        if !self.dataset.features {
            return Ok(());
        }
        let remedy = format!(
            "the examples are rows of a table, whose neighbouring columns have nothing in common: {instead}, or if the \
             rows are images, say so by --layout HxW"
        );
        Err(Error::Setting { name, value, remedy })
    }
}
