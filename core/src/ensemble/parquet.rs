//! The table of an ensemble as a Parquet file.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Examples;
use crate::difficulty::Kind;
use crate::error::{Error, Result};

fn wrong(error: ParquetError) -> Error {
    Error::unreadable("Parquet file", error)
}

impl Examples {
    /// Writes the columns of [`to_csv`](Self::to_csv) in one row group; empty cells are null.
    ///
    /// # Errors
    /// [`Error::Format`]; never in practice, since tables in memory can be written.
    pub fn to_parquet(&self) -> Result<Vec<u8>> {
        let whole = |values: &[u32]| -> Vec<Option<i64>> { values.iter().map(|&value| Some(value.into())).collect() };
        let ids = (0..self.labels.len()).map(|id| Some(id as i64)).collect();
        let consensus = self.consensus.iter().map(|consensus| Some(consensus.as_ref()?.class.into())).collect();
        let integers = [
            ("id", ids),
            ("label", whole(&self.labels)),
            ("given_label", whole(&self.given_labels)),
            ("consensus", consensus),
        ];
        let consistency = self.consensus.iter().map(|consensus| Some(consensus.as_ref()?.consistency)).collect();
        let fractions = [("consistency", consistency), ("c_score", self.c_score.clone())];
        let measures = self.measures.iter().map(|column| (column.name.as_str(), column.values.clone()));
        let kinds: Vec<Option<ByteArray>> =
            self.kinds.iter().map(|kind| kind.map(|kind: Kind| kind.name().into())).collect();

        let names = |columns: &[&str], of: &str| -> String {
            columns.iter().map(|name| format!("optional {of} {name}; ")).collect()
        };
        let measured: Vec<&str> = self.measures.iter().map(|column| column.name.as_str()).collect();
        let schema = format!(
            "message examples {{ {}{}optional binary kind (UTF8); {}}}",
            names(&integers.each_ref().map(|(name, _)| *name), "int64"),
            names(&fractions.each_ref().map(|(name, _)| *name), "double"),
            names(&measured, "double"),
        );
        let schema = Arc::new(parse_message_type(&schema).map_err(wrong)?);
        let mut file =
            SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).map_err(wrong)?;
        let mut group = file.next_row_group().map_err(wrong)?;
        // The columns in the order of the schema, each with the cells that have a value.
        macro_rules! column {
            ($kind:ty, $values:expr) => {
                if let Some(mut column) = group.next_column().map_err(wrong)? {
                    let values = $values;
                    let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                    let values: Vec<_> = values.into_iter().flatten().collect();
                    column.typed::<$kind>().write_batch(&values, Some(&there), None).map_err(wrong)?;
                    column.close().map_err(wrong)?;
                }
            };
        }
        for (_, values) in integers {
            column!(Int64Type, values);
        }
        for (_, values) in fractions {
            column!(DoubleType, values);
        }
        column!(ByteArrayType, kinds);
        for (_, values) in measures {
            column!(DoubleType, values);
        }
        group.close().map_err(wrong)?;
        file.into_inner().map_err(wrong)
    }
}
