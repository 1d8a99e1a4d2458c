//! A study as a table: `depth.csv`.

use super::Study;
use crate::class::{Class, UNLABELED, UNPROBED};
use crate::csv_rows::CsvRows;
use crate::error::Result;

/// Returns the cell of an example; the last argument is its depth.
type Cell = fn(&Study, usize, usize) -> String;

/// Columns before those of the probes.
const COLUMNS: [(&str, Cell); 12] = [
    ("split", |study, example, _| study.split_name(study.splits[example]).to_owned()),
    ("id", |_, example, _| example.to_string()),
    ("name", |study, example, _| study.name(example).unwrap_or_default().to_owned()),
    ("label_name", |study, example, _| label_name(study, study.labels[example])),
    ("label", |study, example, _| label(study.labels[example])),
    ("given_label", |study, example, _| label(study.given_labels[example])),
    ("predicted", |study, example, _| study.measured.predictions[example].to_string()),
    ("given_label_name", |study, example, _| label_name(study, study.given_labels[example])),
    ("predicted_name", |study, example, _| study.class_name(study.measured.predictions[example]).to_owned()),
    ("depth", |_, _, depth| depth.to_string()),
    ("undetermined", |study, _, depth| (depth == study.layers.len()).to_string()),
    ("output_margin", |study, example, _| match study.output_margins[example] {
        margin if margin.is_nan() => String::new(),
        margin => margin.to_string(),
    }),
];

fn label(class: Class) -> String {
    if class == UNLABELED { String::new() } else { class.to_string() }
}

fn label_name(study: &Study, class: Class) -> String {
    if class == UNLABELED { String::new() } else { study.class_name(class).to_owned() }
}

impl Study {
    /// Returns a CSV table with one row per example: split, id, name, label, ..., and the class of each layer's probe,
    /// `probe_<layer>`; if distances decide the depth, also these, `distance_<layer>`. A cell is empty if the layer was
    /// not probed, if the example has no name, or if label or output margin are not known. Classes are numbers from 0,
    /// with the user's labels beside them in the columns `..._name`.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) in theory only, since writing to memory does not fail.
    pub fn depth_csv(&self, examples: &[usize]) -> Result<Vec<u8>> {
        let probes = self.layers.iter().map(|layer| format!("probe_{layer}"));
        let distances = self.measured.distances.iter().flat_map(|distances| &distances.values);
        let far = self.layers.iter().zip(distances.clone()).map(|(layer, _)| format!("distance_{layer}"));
        let header = COLUMNS.map(|(name, _)| name.to_owned()).into_iter().chain(probes).chain(far);
        let mut csv = CsvRows::new(header)?;
        let depths = self.measured.depths();
        for &example in examples {
            let fixed = COLUMNS.map(|(_, cell)| cell(self, example, depths[example]));
            let probes = self.measured.probes.iter().map(|layer| match layer[example] {
                UNPROBED => String::new(),
                class => class.to_string(),
            });
            let far = distances.clone().map(|layer| layer[example].to_string());
            csv.push(fixed.into_iter().chain(probes).chain(far))?;
        }
        csv.finish()
    }
}
