//! A study as a table: `depth.csv`.

use super::Study;
use crate::depth::UNPROBED;
use crate::error::{Error, Result};

/// The columns before those of the probes.
const COLUMNS: [&str; 8] =
    ["split", "id", "label", "given_label", "predicted", "depth", "undetermined", "output_margin"];

impl Study {
    /// A row for each of these examples: split, id, label, ..., and what each layer's probe says, `probe_<layer>`; an empty
    /// cell where a probe was not asked.
    ///
    /// # Errors
    /// [`Error::Format`] never in practice: tables in memory can be written.
    pub fn depth_csv(&self, examples: &[usize]) -> Result<Vec<u8>> {
        let wrong = |problem: String| Error::Format { format: "table", byte: 0, problem };
        let mut csv = csv::Writer::from_writer(Vec::new());
        let probes = self.layers.iter().map(|layer| format!("probe_{layer}"));
        csv.write_record(COLUMNS.map(String::from).into_iter().chain(probes))
            .map_err(|error| wrong(error.to_string()))?;
        let depths = self.measured.depths();
        for &example in examples {
            let fixed = [
                self.splits[example].name().to_owned(),
                example.to_string(),
                self.labels[example].to_string(),
                self.given_labels[example].to_string(),
                self.measured.predictions[example].to_string(),
                depths[example].to_string(),
                (depths[example] == self.layers.len()).to_string(),
                self.output_margins[example].to_string(),
            ];
            let probes = self.measured.probes.iter().map(|layer| match layer[example] {
                UNPROBED => String::new(),
                class => class.to_string(),
            });
            csv.write_record(fixed.into_iter().chain(probes)).map_err(|error| wrong(error.to_string()))?;
        }
        csv.into_inner().map_err(|error| wrong(error.to_string()))
    }
}
