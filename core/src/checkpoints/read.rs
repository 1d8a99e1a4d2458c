//! Reads `checkpoints.csv` again, for figures.

use crate::error::{Error, Result};

/// The name of the format in messages.
const FORMAT: &str = "table of checkpoints";

/// What `checkpoints.csv` says of one split.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitOverTraining {
    /// Name of the split.
    pub name: String,
    /// Number of examples that were measured.
    pub examples: usize,
    /// Steps of the checkpoints, `[checkpoints]`.
    pub steps: Vec<u32>,
    /// Number of examples of each depth, `[checkpoints]` of `[layers + 1]`; the last is the count of `undetermined`.
    pub depths: Vec<Vec<usize>>,
    /// Share of the examples that are settled, `[layers + 1]` of `[checkpoints]`; the last are those of the network.
    pub settled: Vec<Vec<f64>>,
}

/// Reads a table that [`checkpoints_csv`](super::checkpoints_csv) wrote for a network with these layers. Returns the splits in
/// the order of the file.
///
/// # Errors
/// [`Error::Format`] names the column that is missing, or the line and column of a value that is none.
pub fn read_checkpoints(bytes: &[u8], layers: &[String]) -> Result<Vec<SplitOverTraining>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| Error::unreadable(FORMAT, error))?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|other| other == name);
        found.ok_or_else(|| Error::format(FORMAT, format!("it has no column {name}: it is of another run or version")))
    };
    let named = |what: &str| layers.iter().map(|layer| column(&format!("{what}_{layer}"))).collect::<Result<Vec<_>>>();
    let [split, examples, step] = [column("split")?, column("examples")?, column("step")?];
    let depths: Vec<usize> = named("depth")?.into_iter().chain([column("undetermined")?]).collect();
    let settled: Vec<usize> = named("settled")?.into_iter().chain([column("settled_network")?]).collect();
    let all = header.iter().filter(|name| name.starts_with("settled_")).count();
    if all != settled.len() {
        let found = all.saturating_sub(1);
        return Err(Error::format(
            FORMAT,
            format!("it has {found} layers, not {}: it is of another run", layers.len()),
        ));
    }
    let mut splits: Vec<SplitOverTraining> = Vec::new();
    for (line, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|error| Error::unreadable(FORMAT, error))?;
        let row = Row { record: &record, header: &header, line };
        if splits.last().is_none_or(|last| last.name != record[split]) {
            splits.push(SplitOverTraining {
                name: record[split].to_owned(),
                examples: row.number(examples)?,
                steps: Vec::new(),
                depths: Vec::new(),
                settled: vec![Vec::new(); layers.len() + 1],
            });
        }
        let Some(last) = splits.last_mut() else { continue };
        last.steps.push(row.number(step)?);
        last.depths.push(depths.iter().map(|&column| row.number(column)).collect::<Result<_>>()?);
        for (shares, &column) in last.settled.iter_mut().zip(&settled) {
            shares.push(row.number(column)?);
        }
    }
    Ok(splits)
}

struct Row<'a> {
    record: &'a csv::StringRecord,
    header: &'a csv::StringRecord,
    line: usize,
}

impl Row<'_> {
    fn number<T: std::str::FromStr>(&self, column: usize) -> Result<T> {
        let (text, name) = (&self.record[column], &self.header[column]);
        let wrong = |_| Error::format(FORMAT, format!("line {}, column {name}: {text:?} is no such number", self.line));
        text.parse().map_err(wrong)
    }
}
