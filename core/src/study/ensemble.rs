//! Values that an ensemble adds to the study of its first model.

use super::Study;
use crate::difficulty::{Cuts, Kind};

/// All return `None` if the study has no ensemble.
impl Study {
    /// Returns the column of this name, `[examples]`.
    pub fn column(&self, name: &str) -> Option<&[f32]> {
        self.ensemble.iter().find(|column| column.name == name).map(|column| &column.values[..])
    }

    /// Returns the mean depths over the models that did not train on an example, and over those that did: `[validation,
    /// training]` for each of `[examples]`. NaN without such models.
    pub fn both_depths(&self) -> Option<Vec<[f64; 2]>> {
        let (validation, training) = (self.column("depth_validation")?, self.column("depth_train")?);
        Some(validation.iter().zip(training).map(|(&across, &up)| [f64::from(across), f64::from(up)]).collect())
    }

    /// Returns the kinds of difficulty, `[examples]`; `None` for an example without both depths.
    pub fn kinds(&self) -> Option<Vec<Option<Kind>>> {
        Some(self.column("kind")?.iter().map(|&number| Kind::of_number(number)).collect())
    }

    /// Returns the mean depths above which examples count as high.
    pub fn cuts(&self) -> Option<Cuts> {
        Cuts::of_kinds(&self.both_depths()?, &self.kinds()?)
    }
}
