//! The table of an ensemble as a Parquet file.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::Examples;
use crate::class::Class;
use crate::difficulty::Kind;
use crate::error::{Error, Result};
use crate::metrics::Consensus;

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
        let class_of = |consensus: &Option<Consensus>| consensus.as_ref().map(|consensus| consensus.class);
        let consensus: Vec<Option<Class>> = self.consensus.iter().map(class_of).collect();
        let consistency = self.consensus.iter().map(|consensus| Some(consensus.as_ref()?.consistency)).collect();
        let named = |classes: &mut dyn Iterator<Item = Option<Class>>| -> Vec<Option<ByteArray>> {
            classes.map(|class| self.class_name(class?).map(ByteArray::from)).collect()
        };
        let every = 0..self.labels.len();
        let columns = [
            ("id", Cells::Whole(every.clone().map(|id| Some(id as i64)).collect())),
            ("name", Cells::Text(every.map(|id| self.name(id).map(ByteArray::from)).collect())),
            ("label_name", Cells::Text(named(&mut self.labels.iter().copied().map(Some)))),
            ("label", Cells::Whole(whole(&self.labels))),
            ("given_label", Cells::Whole(whole(&self.given_labels))),
            ("consensus", Cells::Whole(consensus.iter().map(|class| class.map(i64::from)).collect())),
            ("given_label_name", Cells::Text(named(&mut self.given_labels.iter().copied().map(Some)))),
            ("consensus_name", Cells::Text(named(&mut consensus.iter().copied()))),
            ("consistency", Cells::Real(consistency)),
            ("c_score", Cells::Real(self.c_score.clone())),
            ("kind", Cells::Text(self.kinds.iter().map(|kind| kind.map(|kind: Kind| kind.name().into())).collect())),
        ];
        let measures = self.measures.iter().map(|column| (column.name.as_str(), Cells::Real(column.values.clone())));
        let columns: Vec<(&str, Cells)> = columns.into_iter().chain(measures).collect();
        let fields: String = columns.iter().map(|(name, cells)| cells.field(name)).collect();
        let schema = format!("message examples {{ {fields}}}");
        let schema = Arc::new(parse_message_type(&schema).map_err(wrong)?);
        let mut file =
            SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).map_err(wrong)?;
        let mut group = file.next_row_group().map_err(wrong)?;
        for (_, cells) in columns {
            if let Some(mut column) = group.next_column().map_err(wrong)? {
                match cells {
                    Cells::Whole(values) => write::<Int64Type>(&mut column, values)?,
                    Cells::Real(values) => write::<DoubleType>(&mut column, values)?,
                    Cells::Text(values) => write::<ByteArrayType>(&mut column, values)?,
                }
                column.close().map_err(wrong)?;
            }
        }
        group.close().map_err(wrong)?;
        file.into_inner().map_err(wrong)
    }
}

/// The cells of a column, `[examples]`.
enum Cells {
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Text(Vec<Option<ByteArray>>),
}

impl Cells {
    /// Returns the column's field of the schema.
    fn field(&self, name: &str) -> String {
        match self {
            Self::Whole(_) => format!("optional int64 {name}; "),
            Self::Real(_) => format!("optional double {name}; "),
            Self::Text(_) => format!("optional binary {name} (UTF8); "),
        }
    }
}

/// Writes the cells that have a value, and which those are.
fn write<T: DataType>(column: &mut SerializedColumnWriter, values: Vec<Option<T::T>>) -> Result<()> {
    let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    column.typed::<T>().write_batch(&values, Some(&there), None).map(drop).map_err(wrong)
}
