//! A shard of a measurement: its rows of every split, measured against the whole support.

use std::ops::Range;

use super::recordings::Recordings;
use super::scratch::Scratch;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result};
use crate::experiment::{MeasureOptions, Measurement};
use crate::matrix::{Matrix, Rows};
use crate::measurement::{Chosen, measure_some, measure_some_depths};
use crate::representations::Representations;
use crate::search::{NeighborSearch, Progress};
use crate::shard_range::shard_range;
use crate::study::Study;

/// The rows of one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardRows {
    /// Index of the shard, from 0.
    pub shard: usize,
    /// Number of shards.
    pub shards: usize,
    /// Its rows of each split, `[splits]`, the training split first; contiguous, and perhaps none.
    pub rows: Vec<Range<usize>>,
}

/// The measurement of the rows of one shard, split after split.
#[derive(Clone, Debug)]
pub struct ShardMeasurement {
    pub(super) rows: ShardRows,
    pub(super) measurement: Measurement,
    /// Shape of the support at each layer, `[layers]`, if only depths were requested; otherwise empty.
    pub(super) supports: Vec<[usize; 2]>,
}

impl ShardRows {
    /// Returns the rows of a shard; `examples` are the numbers of examples of the splits.
    ///
    /// # Errors
    /// [`Error::Setting`] if a shard would have no rows at all, or if there is no shard of this index.
    pub fn new(examples: &[usize], shard: usize, shards: usize) -> Result<Self> {
        let most = examples.iter().copied().max().unwrap_or_default();
        let refused = |name, value: usize, remedy| Err(Error::Setting { name, value: value.to_string(), remedy });
        if shards == 0 || shards > most {
            let remedy = format!("from 1 to {most} are possible, the examples of the largest split");
            return refused("shards", shards, remedy);
        }
        if shard >= shards {
            return refused("shard", shard, format!("shards count from 0 to {}", shards - 1));
        }
        let rows = examples.iter().map(|&examples| shard_range(examples, shard, shards)).collect();
        Ok(Self { shard, shards, rows })
    }
}

impl Recordings {
    /// Returns the rows of a shard.
    ///
    /// # Errors
    /// Those of [`ShardRows::new`].
    pub fn shard_rows(&self, shard: usize, shards: usize) -> Result<ShardRows> {
        let examples: Vec<usize> = self.recordings.iter().map(|recording| recording.examples()).collect();
        ShardRows::new(&examples, shard, shards)
    }

    /// Measures the rows of a shard against the whole support: for them the result equals that of
    /// [`Recordings::measure`], to the bit.
    ///
    /// # Errors
    /// Those of [`Recordings::measure`].
    pub async fn measure_shard(
        &self,
        rows: ShardRows,
        options: MeasureOptions,
        bytes: u64,
        scratch: &dyn Scratch,
        search: &impl NeighborSearch,
        progress: &impl Progress,
    ) -> Result<ShardMeasurement> {
        // All options are named, so that a new one cannot be forgotten here.
        let MeasureOptions { probing, depth_only, representations } = options;
        self.check_probing(&probing)?;
        let fits = self.fits(bytes);
        let sources =
            self.splits.iter().map(|&split| self.source(split, &fits, scratch)).collect::<Result<Vec<_>>>()?;
        let ids: Vec<Vec<u32>> = rows.rows.iter().map(|rows| rows.clone().map(|row| row as u32).collect()).collect();
        let chosen: Vec<_> = sources.iter().zip(&ids).map(|(source, rows)| Chosen { source, rows }).collect();
        let labels = &self.classes.labels[0];
        let (found, supports) = if depth_only {
            measure_some_depths(&chosen, labels, probing, search, progress).await?
        } else {
            (measure_some(&chosen, labels, probing, None, search, progress).await?, Vec::new())
        };
        let margins =
            sources.iter().zip(&rows.rows).flat_map(|(source, rows)| source.output_margins()[rows.clone()].to_vec());
        let depth = PredictionDepth::together(&found);
        let mut measurement = Measurement::from_votes(self.layers().to_vec(), probing, depth, margins.collect());
        if representations {
            measurement.representations = recorded(&sources, &rows.rows).await?;
        }
        Ok(ShardMeasurement { rows, measurement, supports })
    }

    /// Returns the study of the rows of a shard alone.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the measurement is of other examples.
    pub(super) fn into_shard_study(self, title: String, rows: &[Range<usize>], measured: Measurement) -> Result<Study> {
        let mut first = 0;
        let mut examples = Vec::new();
        for (rows, recording) in rows.iter().zip(&self.recordings) {
            examples.extend(first + rows.start..first + rows.end);
            first += recording.examples();
        }
        let pooling = self.pooling();
        measured.complete(Study { pooling, ..Study::unmeasured(self.into_examples(title)?.select(&examples)?) })
    }
}

/// Returns these rows of each layer, split after split.
async fn recorded(sources: &[impl Representations], rows: &[Range<usize>]) -> Result<Vec<Matrix>> {
    let mut layers = Vec::new();
    for layer in 0..sources.first().map_or(0, |source| source.layers().len()) {
        let (mut values, mut dims) = (Vec::new(), 0);
        for (source, rows) in sources.iter().zip(rows) {
            let source = source.layer(layer)?;
            values.extend_from_slice(&source.block(rows.clone()).await?);
            dims = source.shape()[1];
        }
        layers.push(Matrix::new(values, rows.iter().map(Range::len).sum(), dims)?);
    }
    Ok(layers)
}
