//! Puts the shards of a measurement together.

use serde_json::Value;

use super::shard_file::DepthShard;
use super::summary::RecordingsSummary;
use crate::data::Inputs;
use crate::depth::PredictionDepth;
use crate::error::{Error, Result};
use crate::experiment::Measurement;
use crate::matrix::Matrix;
use crate::measurement::Work;
use crate::shard_range::missing_shards;
use crate::study::{Study, StudyExamples};

/// Collects shards.
#[derive(Default)]
pub struct DepthMerge {
    shards: Vec<DepthShard>,
}

/// The whole measurement.
#[derive(Debug)]
pub struct MergedDepth {
    /// Everything that determines the result.
    pub settings: Value,
    /// What was read, as the first shard read it.
    pub read: RecordingsSummary,
    /// The devices of the shards, each once, in the order of the shards.
    pub devices: Vec<String>,
    /// The study that one measurement without shards makes.
    pub study: Study,
    /// The work of one measurement without shards, if only depths were computed.
    pub work: Option<Work>,
    /// A shard that had its activations elsewhere than the first, from which the study takes their paths: its index and
    /// its paths.
    pub elsewhere: Option<(usize, String)>,
}

impl DepthMerge {
    /// Adds a shard; the order does not matter.
    ///
    /// # Errors
    /// [`Error::OtherMeasurement`] names the first difference, [`Error::SameShard`] if this shard was added before,
    /// [`Error::Format`] if its examples cannot belong to those of the others.
    pub fn add(&mut self, shard: DepthShard) -> Result<()> {
        if let Some(first) = self.shards.first() {
            shard.check_same(first.rows.shards, &first.settings)?;
            first.check_like(&shard)?;
        }
        if self.shards.iter().any(|other| other.rows.shard == shard.rows.shard) {
            return Err(Error::SameShard { shard: shard.rows.shard, shards: shard.rows.shards });
        }
        self.shards.push(shard);
        Ok(())
    }

    /// Returns the whole measurement.
    ///
    /// # Errors
    /// [`Error::MissingShards`] names the shards that were not added; [`Error::Empty`] without a shard.
    pub fn finish(mut self) -> Result<MergedDepth> {
        self.shards.sort_by_key(|shard| shard.rows.shard);
        let Some(first) = self.shards.first() else { return Err(Error::Empty { what: "the list of shards".into() }) };
        let (shards, supports) = (first.rows.shards, first.supports.clone());
        let (settings, read) = (first.settings.clone(), first.read.clone());
        let missing = missing_shards(self.shards.iter().map(|shard| shard.rows.shard), shards);
        if !missing.is_empty() {
            return Err(Error::MissingShards { missing, shards });
        }
        let mut devices: Vec<String> = Vec::new();
        for shard in self.shards.iter().filter(|shard| !shard.device.is_empty()) {
            if !devices.contains(&shard.device) {
                devices.push(shard.device.clone());
            }
        }
        let other = self.shards.iter().find(|shard| shard.read.places() != read.places());
        let elsewhere = other.map(|shard| (shard.rows.shard, shard.read.places().join(", ")));
        let order = order(&self.shards, &read.examples());
        let study = joined(self.shards.into_iter().map(|shard| shard.study).collect(), &order)?;
        let work = (!supports.is_empty()).then(|| work(&study, &read.examples(), &supports));
        Ok(MergedDepth { settings, read, devices, study, work, elsewhere })
    }
}

impl DepthShard {
    /// Checks that the shard is of a measurement with this number of shards and these settings.
    ///
    /// # Errors
    /// [`Error::OtherMeasurement`] names the first difference.
    pub fn check_same(&self, shards: usize, settings: &Value) -> Result<()> {
        let found = self.rows.shards;
        let number = (shards != found).then(|| ("number of shards".into(), shards.to_string(), found.to_string()));
        match number.or_else(|| difference("", settings, &self.settings)) {
            None => Ok(()),
            Some((what, expected, found)) => Err(Error::OtherMeasurement { what, expected, found }),
        }
    }
}

/// Returns the first difference between two settings: its name, and both values.
fn difference(name: &str, a: &Value, b: &Value) -> Option<(String, String, String)> {
    let inside = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match (a, b) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.into_iter().find_map(|key| difference(&inside(key), &a[key], &b[key]))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let key = |place: usize| one[place]["split"].as_str().map_or(place.to_string(), String::from);
            (0..one.len()).find_map(|place| difference(&inside(&key(place)), &one[place], &other[place]))
        }
        (Value::Array(one), Value::Array(other)) => {
            Some((format!("number of {name}"), one.len().to_string(), other.len().to_string()))
        }
        _ => (a != b).then(|| (name.to_owned(), a.to_string(), b.to_string())),
    }
}

/// Returns where each example of the whole is among the examples of the shards, shard after shard.
fn order(shards: &[DepthShard], examples: &[usize]) -> Vec<usize> {
    let mut order = vec![0; examples.iter().sum()];
    let mut from = 0;
    for shard in shards {
        let mut first = 0;
        for (rows, examples) in shard.rows.rows.iter().zip(examples) {
            for row in rows.clone() {
                order[first + row] = from;
                from += 1;
            }
            first += examples;
        }
    }
    order
}

/// Joins the studies of all shards, with the examples in this order.
fn joined(mut parts: Vec<Study>, order: &[usize]) -> Result<Study> {
    let take = |part: &mut Study| std::mem::replace(&mut part.inputs, Inputs::Nothing);
    let inputs = Inputs::together(&parts.iter_mut().map(take).collect::<Vec<_>>())?;
    let measured: Vec<PredictionDepth> = parts.iter_mut().map(|part| std::mem::take(&mut part.measured)).collect();
    let depth = PredictionDepth::together(&measured).select(order);
    let margins = list(&parts, |part| &part.output_margins);
    let margins = order.iter().map(|&example| margins[example]).collect();
    let representations = representations(&parts, order)?;
    let (names, labels) = (list(&parts, |part| &part.names), list(&parts, |part| &part.labels));
    let splits = list(&parts, |part| &part.splits);
    let first = parts.into_iter().next().ok_or_else(|| Error::Empty { what: "the list of shards".into() })?;
    let Study { title, source, classes, layers, probing, pooling, held_out, .. } = first;
    let examples = StudyExamples { title, source, classes, inputs, names, labels, splits, held_out };
    let measurement = Measurement::from_votes(layers, probing, depth, margins);
    let measurement = Measurement { representations, ..measurement };
    measurement.complete(Study { pooling, ..Study::unmeasured(examples.select(order)?) })
}

fn list<T: Clone>(parts: &[Study], of: impl Fn(&Study) -> &Vec<T>) -> Vec<T> {
    parts.iter().flat_map(of).cloned().collect()
}

fn representations(parts: &[Study], order: &[usize]) -> Result<Vec<Matrix>> {
    let layers = parts.first().map_or(0, |first| first.representations.len());
    let joined = (0..layers).map(|layer| {
        let matrices = || parts.iter().map(|part| &part.representations[layer]);
        let values: Vec<&[f32]> = matrices().map(Matrix::values).collect();
        let dims = matrices().next().map_or(0, Matrix::cols);
        Ok(Matrix::new(values.concat(), order.len(), dims)?.select(order))
    });
    joined.collect()
}

/// Returns the work of one measurement of splits of these sizes.
fn work(study: &Study, examples: &[usize], supports: &[[usize; 2]]) -> Work {
    let mut first = 0;
    let split = |&examples: &usize| {
        first += examples;
        study.measured.select(&(first - examples..first).collect::<Vec<_>>())
    };
    Work::new(&examples.iter().map(split).collect::<Vec<_>>(), supports, study.probing)
}
