//! Merging of records into sums and votes. The memory does not depend on the number of models.

use std::collections::BTreeSet;

use super::record::Record;
use super::split_aggregate::SplitAggregate;
use crate::class::Class;
use crate::data::{Split, check_labels};
use crate::error::{Error, Result, same_length};
use crate::matrix::Rows;

/// The sums and votes of all records added so far. Sums are float64, added in the order of the records on one thread.
#[derive(Clone, Debug)]
pub struct Ensemble {
    plan: String,
    layers: Vec<String>,
    labels: Vec<Class>,
    given_labels: Vec<Class>,
    classes: usize,
    seeds: BTreeSet<u64>,
    train: SplitAggregate,
    held_out: SplitAggregate,
}

impl Ensemble {
    /// Creates an empty merge of records with this plan's hash, these layers and this number of classes. `labels` are
    /// the data set's own labels and `given_labels` the given ones, `[examples]` each, in data set order.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the numbers of labels differ, [`Error::BadLabel`] if a label is not a class.
    pub fn new(
        plan: &str,
        layers: &[String],
        classes: usize,
        labels: Vec<Class>,
        given_labels: Vec<Class>,
    ) -> Result<Self> {
        same_length("given labels, as labels", labels.len(), given_labels.len())?;
        check_labels(&labels, classes)?;
        check_labels(&given_labels, classes)?;
        let side = SplitAggregate::new(layers.len(), labels.len(), classes);
        Ok(Self {
            plan: plan.into(),
            layers: layers.to_vec(),
            labels,
            given_labels,
            classes,
            seeds: BTreeSet::new(),
            train: side.clone(),
            held_out: side,
        })
    }

    /// Adds a model. Examples that it did not train on, including test images, count as held out. A refused record
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::OtherPlan`], [`Error::SameSeed`], [`Error::Mismatch`] if examples, layers or classes differ.
    pub fn add(&mut self, record: &Record) -> Result<()> {
        if record.plan != self.plan {
            let (expected, found) = (self.plan.clone(), record.plan.clone());
            return Err(Error::OtherPlan { seed: record.seed, expected, found });
        }
        let [examples, classes] = record.logits.shape();
        same_length("examples of a record", self.labels.len(), examples)?;
        same_length("classes of a record", self.classes, classes)?;
        same_length("layers of a record", self.layers.len(), record.layers.len())?;
        record.check()?;
        if self.models() == usize::from(u16::MAX) {
            let remedy = format!("a merge holds {} at most", u16::MAX);
            return Err(Error::Setting { name: "models", value: (self.models() + 1).to_string(), remedy });
        }
        if !self.seeds.insert(record.seed) {
            return Err(Error::SameSeed { seed: record.seed });
        }
        for example in 0..examples {
            let labels = [self.given_labels[example], self.labels[example]];
            let side = if record.splits[example] == Split::Train { &mut self.train } else { &mut self.held_out };
            side.add(record, example, labels);
        }
        Ok(())
    }

    /// Returns the number of models.
    pub fn models(&self) -> usize {
        self.seeds.len()
    }

    /// Returns the hash of the plan.
    pub fn plan(&self) -> &str {
        &self.plan
    }

    /// Returns the names of the layers, `[layers]`.
    pub fn layers(&self) -> &[String] {
        &self.layers
    }

    /// Returns the data set's own labels, `[examples]`.
    pub fn labels(&self) -> &[Class] {
        &self.labels
    }

    /// Returns the labels that the models were given, `[examples]`.
    pub fn given_labels(&self) -> &[Class] {
        &self.given_labels
    }

    /// Returns the results on examples that the models trained on.
    pub fn train(&self) -> &SplitAggregate {
        &self.train
    }

    /// Returns the results on examples that the models held out.
    pub fn held_out(&self) -> &SplitAggregate {
        &self.held_out
    }
}
