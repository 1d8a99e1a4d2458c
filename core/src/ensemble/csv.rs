//! The table of an ensemble as CSV: `examples.csv`.

use serde_json::Value;

use super::examples::Examples;
use crate::csv_rows::CsvRows;
use crate::error::Result;

impl Examples {
    /// Writes the table as CSV: `id`, `name`, `label_name`, `label`, `given_label`, `consensus`, `given_label_name`,
    /// `consensus_name`, `consistency`, `c_score`, `kind`, then the measures. Missing values are empty cells.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format); never in practice, since tables in memory can be written.
    pub fn to_csv(&self) -> Result<Vec<u8>> {
        let mut rows = self.rows().peekable();
        let mut csv = CsvRows::new(rows.peek().into_iter().flat_map(|row| row.keys()))?;
        for row in rows {
            let cells = row.values().map(|value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.as_f64().map_or_else(String::new, |number| number.to_string()),
            });
            csv.push(cells)?;
        }
        csv.finish()
    }
}
