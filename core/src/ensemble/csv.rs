//! The table of an ensemble as CSV: `examples.csv`.

use serde_json::Value;

use super::examples::Examples;
use crate::error::{Error, Result};

impl Examples {
    /// Writes the table as CSV: `id`, `name`, `label_name`, `label`, `given_label`, `consensus`, `given_label_name`,
    /// `consensus_name`, `consistency`, `c_score`, `kind`, then the measures. Missing values are empty cells.
    ///
    /// # Errors
    /// [`Error::Format`]; never in practice, since tables in memory can be written.
    pub fn to_csv(&self) -> Result<Vec<u8>> {
        let unwritable = |error| Error::unreadable("table", error);
        let mut csv = csv::Writer::from_writer(Vec::new());
        for (place, row) in self.rows().enumerate() {
            if place == 0 {
                csv.write_record(row.keys()).map_err(unwritable)?;
            }
            let cells = row.values().map(|value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.as_f64().map_or_else(String::new, |number| number.to_string()),
            });
            csv.write_record(cells).map_err(unwritable)?;
        }
        csv.into_inner().map_err(|error| Error::unreadable("table", error.into_error()))
    }
}
