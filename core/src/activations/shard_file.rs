//! The file of a shard of a measurement. It holds all that the whole measurement needs of its rows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::recordings::{Recordings, splits};
use super::shard::{ShardMeasurement, ShardRows};
use super::summary::RecordingsSummary;
use crate::archive::{Format, Tensor, write};
use crate::error::Result;
use crate::study::Study;

const FORMAT: Format = Format { what: "depth shard", name: "prediction-depth-depth-shard", version: 1, oldest: 1 };

/// A measured shard.
#[derive(Clone, Debug)]
pub struct DepthShard {
    /// The rows of the shard.
    pub rows: ShardRows,
    /// Everything that determines the result of the whole measurement. Shards are of one measurement if their settings
    /// and their number are equal.
    pub settings: Value,
    /// What was read of the whole splits.
    pub read: RecordingsSummary,
    /// Description of the device of the search.
    pub device: String,
    /// The examples of the shard and their probes, split after split.
    pub study: Study,
    /// Shape of the support at each layer, `[layers]`, if only depths were requested; otherwise empty.
    pub(super) supports: Vec<[usize; 2]>,
}

impl DepthShard {
    /// Takes the measurement of a shard of these recordings; `read` is their summary.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the measurement is of other recordings.
    pub fn new(
        recordings: Recordings,
        measured: ShardMeasurement,
        title: String,
        settings: Value,
        read: RecordingsSummary,
        device: String,
    ) -> Result<Self> {
        let ShardMeasurement { rows, measurement, supports } = measured;
        let study = recordings.into_shard_study(title, &rows.rows, measurement)?;
        Ok(Self { rows, settings, read, device, study, supports })
    }

    /// Returns the content of a shard file.
    ///
    /// # Errors
    /// Those of [`Study::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let metadata = [
            ("format", FORMAT.name.into()),
            ("version", FORMAT.version.to_string()),
            ("shard", self.rows.shard.to_string()),
            ("shards", self.rows.shards.to_string()),
            ("settings", FORMAT.json(&self.settings)?),
            ("read", FORMAT.json(&self.read)?),
            ("device", self.device.clone()),
            ("supports", FORMAT.json(&self.supports)?),
        ];
        let study = self.study.to_bytes()?;
        let tensors = [("study".to_owned(), Tensor::u8(&[study.len()], study))];
        write(&BTreeMap::from(metadata), &BTreeMap::from(tensors))
    }

    /// Reads the output of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::Version`](crate::Error::Version) for another version; [`Error::Format`](crate::Error::Format) names the
    /// damaged part; those of [`ShardRows::new`] and of [`Study::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (metadata, file) = FORMAT.open(bytes)?;
        let read: RecordingsSummary = metadata.json("read")?;
        let rows = ShardRows::new(&read.examples(), metadata.json("shard")?, metadata.json("shards")?)?;
        let study = Study::from_bytes(&file.u8("study")?.1)?;
        let (settings, device) = (metadata.json("settings")?, metadata.text("device")?.into());
        let shard = Self { rows, settings, read, device, study, supports: metadata.json("supports")? };
        shard.check()?;
        Ok(shard)
    }

    /// Checks that the examples are those of the shard's rows. A damaged file may claim any number of rows.
    fn check(&self) -> Result<()> {
        let names = self.read.splits.iter().skip(1).map(|split| split.split.as_str());
        let (splits, held_out) = splits(names)?;
        let each = splits.into_iter().zip(&self.rows.rows);
        let expected = each.flat_map(|(split, rows)| std::iter::repeat_n(split, rows.len()));
        if !expected.eq(self.study.splits.iter().copied()) || held_out != self.study.held_out {
            return Err(FORMAT.wrong("its examples are not those of its rows"));
        }
        if ![0, self.study.layers.len()].contains(&self.supports.len()) {
            return Err(FORMAT.wrong("its supports are not those of its layers"));
        }
        Ok(())
    }

    /// Checks that the examples of another shard can follow those of this one.
    pub(super) fn check_like(&self, other: &Self) -> Result<()> {
        let (one, another) = (&self.study, &other.study);
        let dims = |study: &Study| study.representations.iter().map(crate::Matrix::cols).collect::<Vec<_>>();
        let equal = one.layers == another.layers
            && one.classes == another.classes
            && one.probing == another.probing
            && one.pooling == another.pooling
            && one.names.is_empty() == another.names.is_empty()
            && one.inputs.is_like(&another.inputs)
            && dims(one) == dims(another)
            && self.supports == other.supports
            && self.read.examples() == other.read.examples();
        if equal { Ok(()) } else { Err(FORMAT.wrong("its study is not of the same kind as that of the other shards")) }
    }
}
