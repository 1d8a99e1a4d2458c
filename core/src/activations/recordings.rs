//! All splits of a recording, checked against each other.

use super::array_file::ArrayFile;
use super::bounded::Bounded;
use super::class_numbers::ClassNumbers;
use super::recording::Recording;
use super::same::{same_layers, same_masks, same_shown};
use super::scratch::Scratch;
use super::summary::{LayerSummary, RecordingsSummary, SplitSize};
use crate::class::Class;
use crate::data::Split;
use crate::data::own::arrays::Kind;
use crate::error::{Error, Result};
use crate::listed::quoted;
use crate::measurement::Probing;
use crate::pooling::{Pool, Pooling};

/// Number of names in a message.
const NAMED: usize = 6;
/// Largest number of held-out splits with names of their own: files number all splits by a byte.
const MOST: usize = 250;

/// The training split and the held-out splits of one network. Lists of all examples hold the training split first, then
/// the held-out splits as they were given.
pub struct Recordings {
    pub(super) recordings: Vec<Recording>,
    /// The role of each recording.
    pub(super) splits: Vec<Split>,
    /// Names of the user's own held-out splits, by the number of [`Split::HeldOut`].
    pub(super) held_out: Vec<String>,
    pub(super) classes: ClassNumbers,
    /// Names of the layers, in order.
    layers: Vec<String>,
    pooling: Pooling,
    /// The pools of each recording's layers.
    pools: Vec<Vec<Pool>>,
}

impl Recordings {
    /// Takes the training split and held-out splits by name. `validation` and `test` are the splits of these names; any
    /// other name is the user's own.
    ///
    /// # Errors
    /// [`Error::Activations`] if the splits do not have the same layers, classes and things to show, and for a name that
    /// is empty, taken, or `train`.
    pub fn new(training: Recording, held_out: Vec<(String, Recording)>) -> Result<Self> {
        Self::with_pooling(training, held_out, Pooling::None)
    }

    /// Takes the splits, whose layers are pooled while they are read. A `mask` beside the layers, [examples, positions], says
    /// which positions of a sequence count.
    ///
    /// # Errors
    /// As of [`Recordings::new`]; [`Error::Activations`] for a layer that cannot be pooled so.
    pub fn with_pooling(training: Recording, held_out: Vec<(String, Recording)>, pooling: Pooling) -> Result<Self> {
        let (splits, names) = splits(held_out.iter().map(|(name, _)| name.as_str()))?;
        let recordings: Vec<Recording> =
            [training].into_iter().chain(held_out.into_iter().map(|(_, one)| one)).collect();
        let (first, others) =
            recordings.split_first().ok_or_else(|| Error::Empty { what: "the training split".into() })?;
        let pools = recordings.iter().map(|recording| pools(recording, pooling)).collect::<Result<Vec<_>>>()?;
        if pooling.is_masked() {
            same_masks(&recordings)?;
        }
        for (other, pools_of_other) in others.iter().zip(&pools[1..]) {
            same_layers((first, &pools[0]), (other, pools_of_other))?;
            same_shown(first, other)?;
        }
        let classes = ClassNumbers::new(&recordings.iter().collect::<Vec<_>>())?;
        let layers = first.layers.iter().map(|layer| layer.name().to_owned()).collect();
        Ok(Self { recordings, splits, held_out: names, classes, layers, pooling, pools })
    }

    /// Returns the names of the layers, in order.
    pub fn layers(&self) -> &[String] {
        &self.layers
    }

    /// Returns the dimensions of an example in a layer: all but the first of the array.
    pub fn example_shape(&self, layer: usize) -> &[usize] {
        self.recordings[0].layers[layer].example_shape()
    }

    /// Returns how layers are pooled.
    pub fn pooling(&self) -> Pooling {
        self.pooling
    }

    /// Returns the number of training examples.
    pub fn training_examples(&self) -> usize {
        self.recordings[0].examples()
    }

    /// Returns the labels of the training split, `[training]`.
    pub fn training_labels(&self) -> &[Class] {
        &self.classes.labels[0]
    }

    /// Checks the options of a measurement early.
    ///
    /// # Errors
    /// Those of [`Probing::check`].
    pub fn check_probing(&self, probing: &Probing) -> Result<()> {
        probing.check(self.training_labels(), &self.classes.classes)
    }

    /// Returns the labels of all examples, `[examples]`.
    pub fn labels(&self) -> Vec<Class> {
        self.classes.labels.concat()
    }

    /// Returns the splits of all examples, `[examples]`.
    pub fn splits(&self) -> Vec<Split> {
        let each = self.splits.iter().zip(&self.recordings);
        each.flat_map(|(&split, recording)| std::iter::repeat_n(split, recording.examples())).collect()
    }

    /// Returns the names of all examples, `[examples]`; none if no split has ids.
    pub fn names(&self) -> Vec<String> {
        if self.recordings.iter().all(|recording| recording.ids.is_none()) {
            return Vec::new();
        }
        let names = |recording: &Recording| match &recording.ids {
            Some(ids) => ids.texts.clone(),
            None => vec![String::new(); recording.examples()],
        };
        self.recordings.iter().flat_map(names).collect()
    }

    /// Returns the output margins of all examples, `[examples]`; NaN without logits.
    pub fn output_margins(&self) -> Vec<f32> {
        self.recordings.iter().flat_map(margins).collect()
    }

    /// Returns the names of all splits, the training split first.
    pub fn split_names(&self) -> Vec<String> {
        self.splits.iter().map(|split| split.name_among(&self.held_out).to_owned()).collect()
    }

    /// Returns whether each layer fits into this many bytes, all splits together and as float32, `[layers]`.
    pub fn fits(&self, bytes: u64) -> Vec<bool> {
        let size = |(recording, pools): (&Recording, &Vec<Pool>), layer: usize| {
            (recording.examples() as u64).saturating_mul(pools[layer].dims() as u64).saturating_mul(4)
        };
        let all =
            |layer| self.recordings.iter().zip(&self.pools).map(|of| size(of, layer)).fold(0, u64::saturating_add);
        (0..self.layers.len()).map(|layer| all(layer) <= bytes).collect()
    }

    /// Returns the layers of a split, of which those that fit are read into memory; see [`Recordings::fits`].
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no such split.
    pub fn source<'a>(&'a self, split: Split, fits: &'a [bool], scratch: &'a dyn Scratch) -> Result<Bounded<'a>> {
        let place = self.splits.iter().position(|&other| other == split);
        let place = place.ok_or_else(|| Error::Empty { what: format!("the split {}", split.name()) })?;
        let recording = &self.recordings[place];
        Ok(Bounded {
            names: &self.layers,
            layers: &recording.layers,
            pools: &self.pools[place],
            mask: recording.mask.as_ref(),
            fits,
            scratch,
            predictions: &self.classes.predictions[place],
            output_margins: margins(recording),
        })
    }

    /// Says whether a mask counts, if there is one.
    fn mask_note(&self) -> Option<String> {
        let mask = self.recordings.iter().find_map(|recording| recording.mask.as_ref())?;
        (!self.pooling.is_masked())
            .then(|| format!("{} is not used: only pooling by first, last or mean has a mask", mask.place))
    }

    /// Returns what was read.
    pub fn summary(&self) -> RecordingsSummary {
        let first = &self.recordings[0];
        let sizes = self.split_names().into_iter().zip(&self.recordings).map(|(split, recording)| SplitSize {
            split,
            examples: recording.examples(),
            from: recording.place.clone(),
        });
        let mut counts = vec![0; self.classes.classes.len()];
        self.classes.labels.iter().flatten().for_each(|&label| counts[label as usize] += 1);
        let layers = first.layers.iter().zip(&self.pools[0]).map(|(layer, pool)| LayerSummary {
            name: layer.name().into(),
            shape: layer.example_shape().to_vec(),
            dtype: layer.heading.kind.to_string(),
            pooled: (!pool.is_whole()).then(|| pool.dims()),
        });
        let wide = self.recordings.iter().flat_map(|recording| &recording.layers);
        let wide: Vec<String> =
            wide.filter(|layer| layer.heading.kind == Kind::Float(8)).map(ArrayFile::place).collect();
        let rounded = (!wide.is_empty()).then(|| {
            format!("float64 values are rounded to float32, in which distances are computed: {}", quoted(wide, NAMED))
        });
        let reports = || self.recordings.iter().map(|recording| &recording.report);
        let notes = reports().flat_map(|report| report.notes.iter().cloned());
        RecordingsSummary {
            splits: sizes.collect(),
            classes: self.classes.classes.iter().cloned().zip(counts.into_iter().map(Some)).collect(),
            layers: layers.collect(),
            inputs: first.shown.inputs.kind().into(),
            notes: notes.chain(self.classes.notes.iter().cloned()).chain(rounded).chain(self.mask_note()).collect(),
            skipped: reports().flat_map(|report| report.skipped.iter().cloned()).collect(),
        }
    }
}

/// Returns the output margins of a split, `[examples]`; NaN without logits.
fn margins(recording: &Recording) -> Vec<f32> {
    match &recording.logits {
        Some(logits) => logits.margins.clone(),
        None => vec![f32::NAN; recording.examples()],
    }
}

/// Returns the roles of the training split and of held-out splits with these names, and the names of the user's own.
pub(super) fn splits<'a>(names: impl Iterator<Item = &'a str>) -> Result<(Vec<Split>, Vec<String>)> {
    let (mut splits, mut own) = (vec![Split::Train], Vec::new());
    for name in names {
        let refused = |problem: &str| Err(Error::activations(format_args!("the held-out split {name:?}"), problem));
        let twice = "another held-out split has this name: give each a name of its own";
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return refused("its name is empty or holds control characters: choose one such as test");
        }
        let split = match Split::ALL.into_iter().find(|split| split.name() == name) {
            Some(Split::Train) => return refused("this is the name of the training split: choose another"),
            Some(split) => split,
            None if own.iter().any(|other| other == name) => return refused(twice),
            None if own.len() == MOST => return refused("at most 250 held-out splits have names of their own"),
            None => {
                own.push(name.to_owned());
                Split::HeldOut(own.len() as u8 - 1)
            }
        };
        if splits.contains(&split) {
            return refused(twice);
        }
        splits.push(split);
    }
    Ok((splits, own))
}

/// Returns the pool of each layer of a split.
fn pools(recording: &Recording, pooling: Pooling) -> Result<Vec<Pool>> {
    let pool = |layer: &ArrayFile| {
        let pool = pooling.of(layer.example_shape()).map_err(|problem| layer.wrong(problem))?;
        match (&recording.mask, &pool) {
            (Some(mask), Pool::Sequence { positions, .. }) if mask.positions != *positions => {
                let (found, place) = (mask.positions, &mask.place);
                Err(layer.wrong(format_args!(
                    "it has {positions} positions, but {place} has {found}: a mask needs one value for each position"
                )))
            }
            _ => Ok(pool),
        }
    };
    recording.layers.iter().map(pool).collect()
}
