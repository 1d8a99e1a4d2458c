//! The table of an ensemble: a row for each example.

use serde_json::{Map, Value};

use super::column::Column;
use super::merge::Ensemble;
use crate::class::Class;
use crate::difficulty::{Cuts, Kind, Quantiles};
use crate::error::{Result, same_length};
use crate::metrics::Consensus;

/// A measure as a column.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureColumn {
    /// Name, such as `depth_validation`.
    pub name: String,
    /// Values, `[examples]`; `None` where no model counts.
    pub values: Vec<Option<f64>>,
}

/// The results of an ensemble for each example. All lists are in data set order, so that the position of an example is
/// its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// The user's names of the examples, `[examples]`; empty if there are none.
    pub names: Vec<String>,
    /// Names of the classes, `[classes]`; empty if they are not known.
    pub classes: Vec<String>,
    /// The data set's own labels, `[examples]`.
    pub labels: Vec<Class>,
    /// The labels that the models were given, `[examples]`.
    pub given_labels: Vec<Class>,
    /// Consensus of the models that held the example out, `[examples]`; `None` if there are none.
    pub consensus: Vec<Option<Consensus>>,
    /// Fraction of these models that predict the given label, `[examples]`.
    pub c_score: Vec<Option<f64>>,
    /// Kind of difficulty, `[examples]`; `None` if one of the two mean depths is missing.
    pub kinds: Vec<Option<Kind>>,
    /// The depths above which a depth counts as high; `None` if no example has both depths.
    pub cuts: Option<Cuts>,
    /// The measures, each averaged over the models that trained on an example (`_train`) and over those that did not
    /// (`_validation`).
    pub measures: Vec<MeasureColumn>,
}

impl Ensemble {
    /// Returns the table of all examples, with kinds of difficulty by these quantiles.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) if a quantile is not from 0 to 1.
    pub fn examples(&self, quantiles: Quantiles) -> Result<Examples> {
        Examples::new(self, quantiles)
    }
}

impl Examples {
    fn new(merge: &Ensemble, quantiles: Quantiles) -> Result<Self> {
        let mut measures = Vec::new();
        for ((name, train), (_, validation)) in merge.train().columns().into_iter().zip(merge.held_out().columns()) {
            measures.push(MeasureColumn { name: format!("{name}_train"), values: train });
            measures.push(MeasureColumn { name: format!("{name}_validation"), values: validation });
        }
        let votes = merge.held_out().predictions();
        let every = 0..merge.labels().len();
        let mut table = Self {
            names: Vec::new(),
            classes: Vec::new(),
            labels: merge.labels().to_vec(),
            given_labels: merge.given_labels().to_vec(),
            consensus: every.clone().map(|example| Consensus::from_counts(votes.of(example))).collect(),
            c_score: every.map(|example| votes.share(example, merge.given_labels()[example])).collect(),
            kinds: Vec::new(),
            cuts: None,
            measures,
        };
        let points = table.both_depths();
        table.cuts = Cuts::new(&points, quantiles)?;
        table.kinds = points.iter().map(|&point| table.cuts.and_then(|cuts| cuts.kind(point))).collect();
        Ok(table)
    }

    /// Adds the user's names of the examples, `[examples]` or none, and those of the classes, `[classes]`.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there are names, but not one for each example.
    pub fn with_names(self, names: &[String], classes: &[String]) -> Result<Self> {
        if !names.is_empty() {
            same_length("names, one for each example", self.labels.len(), names.len())?;
        }
        Ok(Self { names: names.to_vec(), classes: classes.to_vec(), ..self })
    }

    /// Returns the user's name of an example, if it has one.
    pub fn name(&self, example: usize) -> Option<&str> {
        self.names.get(example).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Returns the name of a class, if the names are known.
    pub(super) fn class_name(&self, class: Class) -> Option<&str> {
        self.classes.get(class as usize).map(String::as_str)
    }

    /// Returns a measure's column, `[examples]`, such as `depth_validation`.
    pub fn measure(&self, name: &str) -> Option<&[Option<f64>]> {
        self.measures.iter().find(|column| column.name == name).map(|column| &column.values[..])
    }

    /// Returns the mean depths `[validation, training]` of each example, `[examples]`, NaN where missing: the points of
    /// [`difficulty_map`](crate::plot::difficulty_map).
    pub fn both_depths(&self) -> Vec<[f64; 2]> {
        let depth =
            |name: &str, example: usize| self.measure(name).and_then(|values| values[example]).unwrap_or(f64::NAN);
        let point = |example| ["depth_validation", "depth_train"].map(|name| depth(name, example));
        (0..self.labels.len()).map(point).collect()
    }

    /// Returns whether the given label differs from the data set's own.
    ///
    /// # Panics
    /// If `example` is out of range.
    pub fn is_flipped(&self, example: usize) -> bool {
        self.labels[example] != self.given_labels[example]
    }

    /// Returns the examples of a kind, in data set order.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.kinds.len()).filter(|&example| self.kinds[example] == Some(kind)).collect()
    }

    /// Returns the mean of `numbers`, `[examples]`, over the examples whose mean validation depth rounds to each depth,
    /// `[layers + 1]`; `None` without examples. For [`c_score`](Self::c_score) this is the accuracy by depth.
    pub fn by_validation_depth(&self, numbers: &[Option<f64>], layers: usize) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0_usize); layers + 1];
        for ([depth, _], number) in self.both_depths().into_iter().zip(numbers) {
            if let Some(number) = number.filter(|_| !depth.is_nan()) {
                let (sum, count) = &mut sums[(depth.round() as usize).min(layers)];
                *sum += number;
                *count += 1;
            }
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect()
    }

    /// Writes the table as JSON, one object per line, with the columns of `to_csv`. Missing values are null.
    pub fn to_jsonl(&self) -> Vec<u8> {
        self.rows().flat_map(|row| format!("{}\n", Value::Object(row)).into_bytes()).collect()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Map<String, Value>> {
        (0..self.labels.len()).map(|example| {
            let consensus = self.consensus[example];
            let (label, given) = (self.labels[example], self.given_labels[example]);
            let named = |class: Option<Class>| class.and_then(|class| self.class_name(class));
            let fixed = [
                ("id", Value::from(example)),
                ("name", self.name(example).into()),
                ("label_name", named(Some(label)).into()),
                ("label", label.into()),
                ("given_label", given.into()),
                ("consensus", consensus.map(|consensus| consensus.class).into()),
                ("given_label_name", named(Some(given)).into()),
                ("consensus_name", named(consensus.map(|consensus| consensus.class)).into()),
                ("consistency", consensus.map(|consensus| consensus.consistency).into()),
                ("c_score", self.c_score[example].into()),
                ("kind", self.kinds[example].map(Kind::name).into()),
            ];
            let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value));
            let measures = self.measures.iter().map(|column| (column.name.clone(), column.values[example].into()));
            fixed.chain(measures).collect()
        })
    }

    /// Returns the columns for a study, from `consensus` on; classes and kinds are numbers.
    pub fn columns(&self) -> Vec<Column> {
        let column = |name: &str, of: &dyn Fn(usize) -> Option<f64>| Column {
            name: name.into(),
            values: (0..self.labels.len()).map(|example| of(example).map_or(f32::NAN, |value| value as f32)).collect(),
        };
        let consensus = |example: usize| self.consensus[example];
        let fixed = [
            column("consensus", &|example| Some(f64::from(consensus(example)?.class))),
            column("consistency", &|example| Some(consensus(example)?.consistency)),
            column("c_score", &|example| self.c_score[example]),
            column("kind", &|example| Some(f64::from(self.kinds[example]? as u8))),
        ];
        let measures = self.measures.iter().map(|measure| column(&measure.name, &|example| measure.values[example]));
        fixed.into_iter().chain(measures).collect()
    }
}
