//! The record of one model for the merge: a small safetensors file.

use std::collections::BTreeMap;

use crate::archive::{Format, Metadata, Tensor, Tensors, write};
use crate::class::Class;
use crate::class::UNPROBED;
use crate::data::{Split, check_labels};
use crate::depth::PredictionDepth;
use crate::error::{Result, same_length};
use crate::finite::check_values;
use crate::matrix::{Matrix, Rows};
use crate::metrics::Dynamics;

/// The version of the format that this crate writes and reads.
pub const RECORD_VERSION: u32 = 1;
const FORMAT: Format = Format { what: "record", name: "prediction-depth-record", version: RECORD_VERSION, oldest: 1 };

/// The results of one model. All lists of examples are in data set order.
#[derive(Clone, Debug)]
pub struct Record {
    /// Hash of the plan.
    pub plan: String,
    /// Seed of split, weights and order.
    pub seed: u64,
    /// Names of the layers, `[layers]`.
    pub layers: Vec<String>,
    /// Split of each example for this model, `[examples]`.
    pub splits: Vec<Split>,
    /// Predictions of probes and network, for all splits. Ties are not stored: they are false in a record read from a
    /// file.
    pub measured: PredictionDepth,
    /// Logits, [examples, classes], from which output margin, confidence and entropy are computed.
    pub logits: Matrix,
    /// Input margins, `[examples]`; NaN where not computed (see [`input_margins`](crate::metrics::input_margins)).
    pub input_margins: Vec<f32>,
    /// Training dynamics of each example.
    pub dynamics: Dynamics,
    /// Step from which each layer's probe no longer changes its prediction, `[layers][examples]`; empty if checkpoints
    /// were not probed.
    pub probe_iteration_learned: Vec<Vec<u32>>,
}

impl Record {
    /// Writes the record. Classes take one byte each if there are at most 255.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) and [`Error::BadLabel`](crate::Error::BadLabel) if the parts are
    /// inconsistent.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.check()?;
        let [examples, classes] = self.logits.shape();
        let layers = self.layers.len();
        let metadata = [
            ("format", FORMAT.name.into()),
            ("version", RECORD_VERSION.to_string()),
            ("plan", self.plan.clone()),
            ("seed", self.seed.to_string()),
            ("layers", FORMAT.json(&self.layers)?),
            ("classes", classes.to_string()),
        ];
        let splits = self.splits.iter().map(|&split| split.number()).collect();
        let (measured, dynamics) = (&self.measured, &self.dynamics);
        let depths = measured.depths().into_iter().map(|depth| depth as u16);
        let floats = |values: &[f32]| Tensor::f32(&[examples], values);
        let mut tensors = vec![
            ("split", Tensor::u8(&[examples], splits)),
            ("predicted", Tensor::narrow(&[examples], measured.predictions.iter().copied(), classes)),
            ("probe", Tensor::narrow(&[layers, examples], measured.probes.concat(), classes)),
            ("depth", Tensor::u16(&[examples], depths)),
            ("input_margin", floats(&self.input_margins)),
            ("logits", Tensor::f32(&[examples, classes], self.logits.values())),
            ("iteration_learned", Tensor::u32(&[examples], dynamics.iteration_learned.iter().copied())),
            ("forgetting", Tensor::u16(&[examples], dynamics.forgetting.iter().copied())),
            ("el2n", floats(&dynamics.el2n)),
            ("aum", floats(&dynamics.aum)),
            ("data_map_confidence", floats(&dynamics.data_map_confidence)),
            ("data_map_variability", floats(&dynamics.data_map_variability)),
        ];
        if !self.probe_iteration_learned.is_empty() {
            let learned = Tensor::u32(&[layers, examples], self.probe_iteration_learned.concat());
            tensors.push(("probe_iteration_learned", learned));
        }
        let tensors: BTreeMap<_, _> = tensors.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect();
        write(&metadata.into_iter().collect(), &tensors)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Error::Version`](crate::Error::Version) for another version, [`Error::Format`](crate::Error::Format), which
    /// names what is missing or damaged, [`Error::Mismatch`](crate::Error::Mismatch) and
    /// [`Error::BadLabel`](crate::Error::BadLabel) if the parts are inconsistent,
    /// [`Error::Unusable`](crate::Error::Unusable) if a logit is NaN or infinite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (metadata, file) = FORMAT.open(bytes)?;
        let record = Self::read(&metadata, &file)?;
        record.check()?;
        Ok(record)
    }

    fn read(metadata: &Metadata, file: &Tensors) -> Result<Self> {
        let (shape, logits) = file.f32("logits")?;
        let &[examples, classes] = shape.as_slice() else {
            return Err(FORMAT.wrong(format!("\"logits\" has the shape {shape:?}, not [examples, classes]")));
        };
        let (_, splits) = file.u8("split")?;
        let known = |&split: &u8| Split::ALL.get(usize::from(split)).copied();
        let splits = splits.iter().map(known).collect::<Option<_>>();
        let layers: Vec<String> = metadata.json("layers")?;
        let by_layer = |values: Vec<u32>| values.chunks_exact(examples.max(1)).map(<[u32]>::to_vec).collect();
        let learned = "probe_iteration_learned";
        Ok(Self {
            plan: metadata.text("plan")?.into(),
            seed: metadata.json("seed")?,
            splits: splits.ok_or_else(|| FORMAT.wrong("a split is not 0, 1 or 2"))?,
            measured: PredictionDepth {
                probes: by_layer(file.narrow("probe", classes)?),
                tied: vec![vec![false; examples]; layers.len()],
                predictions: file.narrow("predicted", classes)?,
                distances: None,
            },
            input_margins: file.f32("input_margin")?.1,
            logits: Matrix::new(logits, examples, classes)?,
            dynamics: Dynamics {
                iteration_learned: file.u32("iteration_learned")?,
                forgetting: file.u16("forgetting")?,
                el2n: file.f32("el2n")?.1,
                aum: file.f32("aum")?.1,
                data_map_confidence: file.f32("data_map_confidence")?.1,
                data_map_variability: file.f32("data_map_variability")?.1,
            },
            probe_iteration_learned: if file.has(learned) { by_layer(file.u32(learned)?) } else { Vec::new() },
            layers,
        })
    }

    /// Checks that all parts have the same examples, layers and classes, and that the logits are finite.
    pub(super) fn check(&self) -> Result<()> {
        let ([examples, classes], dynamics) = (self.logits.shape(), &self.dynamics);
        for (what, found) in [
            ("splits", self.splits.len()),
            ("predictions", self.measured.predictions.len()),
            ("input margins", self.input_margins.len()),
            ("iterations learned", dynamics.iteration_learned.len()),
            ("forgetting events", dynamics.forgetting.len()),
            ("EL2N", dynamics.el2n.len()),
            ("AUM", dynamics.aum.len()),
            ("Data Map confidences", dynamics.data_map_confidence.len()),
            ("Data Map variabilities", dynamics.data_map_variability.len()),
        ] {
            same_length(&format!("{what} of the record, one for each row of logits"), examples, found)?;
        }
        same_length("layers of the record with probes", self.layers.len(), self.measured.probes.len())?;
        if !self.probe_iteration_learned.is_empty() {
            let found = self.probe_iteration_learned.len();
            same_length("layers of the record with iterations learned", self.layers.len(), found)?;
        }
        for found in self.measured.probes.iter().map(Vec::len).chain(self.probe_iteration_learned.iter().map(Vec::len))
        {
            same_length("examples of a layer of the record", examples, found)?;
        }
        check_values("logits", self.logits.values())?;
        check_labels(&self.measured.predictions, classes)?;
        for layer in &self.measured.probes {
            let said: Vec<Class> = layer.iter().map(|&class| if class == UNPROBED { 0 } else { class }).collect();
            check_labels(&said, classes)?;
        }
        self.measured.gap().map_or(Ok(()), |(layer, example)| {
            Err(FORMAT.wrong(format!("example {example} has no probe at layer {layer}, but its depth depends on it")))
        })
    }
}
