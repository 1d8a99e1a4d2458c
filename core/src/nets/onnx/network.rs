//! A network that runs an ONNX graph.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use rten::{Model, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;

use super::input::{ChannelPlace, InputPlan};
use super::nodes::wrong;
use super::trial;
use crate::error::{Result, same_length};
use crate::nets::{Network, OnTap};

/// A value of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphValue {
    /// Its name in the file.
    pub name: String,
    /// The operator that computes it.
    pub operator: String,
    /// The dimensions of one example; `None` if it has none, and cannot be probed.
    pub shape: Option<Vec<usize>>,
}

/// A network that runs an ONNX graph on examples of one shape.
pub struct OnnxNetwork {
    pub(super) model: Model,
    pub(super) threads: Arc<ThreadPool>,
    pub(super) input: InputPlan,
    /// Input, hidden taps, softmax.
    pub(super) taps: Vec<String>,
    /// Dimensions of an example at each hidden tap, and in the logits.
    pub(super) shapes: Vec<Vec<usize>>,
    pub(super) batch: usize,
    pub(super) values: Vec<GraphValue>,
    pub(super) notes: Vec<String>,
}

impl OnnxNetwork {
    /// Returns the values of the graph on the way to its output, in order.
    pub fn values(&self) -> &[GraphValue] {
        &self.values
    }

    /// Returns the number of classes.
    pub fn classes(&self) -> usize {
        self.shapes.last().map_or(0, |shape| shape.iter().product())
    }

    /// Returns whether the input holds whole numbers, such as token ids, which are given as they are.
    pub fn takes_whole_numbers(&self) -> bool {
        self.input.is_whole()
    }

    /// Returns where the input has the channels of an image.
    pub fn channels(&self) -> ChannelPlace {
        self.input.channels
    }

    /// Returns the number of examples of a pass, if the file fixes it.
    pub fn fixed_batch(&self) -> Option<usize> {
        self.input.batch
    }

    /// Returns what was decided, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Runs examples, at most a batch, and returns what was asked for: hidden taps by their place, the logits last.
    fn run(&self, values: &[f32], outputs: Range<usize>) -> Result<Vec<Vec<f32>>> {
        let size: usize = self.input.sides.iter().product();
        let rows = values.len() / size.max(1);
        let mut given = values.to_vec();
        if let Some(batch) = self.input.batch.filter(|&batch| batch > rows) {
            let last = &values[values.len() - size..];
            (rows..batch).for_each(|_| given.extend_from_slice(last));
        }
        let places = self.model.output_ids();
        let asked: Vec<_> = places[outputs.clone()].to_vec();
        let Some(&input) = self.model.input_ids().first() else {
            return Err(wrong("the graph", "its input was optimised away: its output depends on no input"));
        };
        let failed = |error: rten::RunError| {
            let nodes =
                error.node_path().into_iter().flatten().map(|name| format!("node {name:?}")).collect::<Vec<_>>();
            let place = if nodes.is_empty() { "the graph".into() } else { nodes.join(", ") };
            wrong(place, format!("it cannot run on these examples: {error}"))
        };
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let found =
            self.model.run(vec![(input, self.input.value(given).into())], &asked, Some(options)).map_err(failed)?;
        let examples = self.input.batch.unwrap_or(rows);
        let shapes = outputs.map(|place| (place, &self.shapes[place]));
        let cut = |(value, (place, shape)): (Value, (usize, &Vec<usize>))| {
            let name =
                self.taps.get(place + 1).filter(|_| place + 1 < self.shapes.len()).map_or("the logits", String::as_str);
            let found = trial::shape(&value);
            if found.first() != Some(&examples) || found[1..] != shape[..] {
                let problem = format!(
                    "for {examples} examples it is {found:?}, and each should have {shape:?}: its shape depends on the data"
                );
                return Err(wrong(name, problem));
            }
            let tensor = value.into_tensor::<f32>().ok_or_else(|| wrong(name, "it holds no float32"))?;
            let mut values = tensor.to_vec();
            values.truncate(rows * shape.iter().product::<usize>());
            Ok(values)
        };
        found.into_iter().zip(shapes).map(cut).collect()
    }
}

impl Network for OnnxNetwork {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn batch(&self) -> usize {
        self.batch
    }

    /// Returns the logits: nothing of the graph is left for [`Network::head`].
    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        let (rows, size) = inputs.dims2()?;
        same_length("values of an example, as in the network's input", self.input.sides.iter().product(), size)?;
        let inputs = inputs.to_device(&Device::Cpu)?.flatten_all()?.to_vec1::<f32>()?;
        let logits = self.shapes.len() - 1;
        // Taps count from the input, outputs of the graph from the first hidden tap.
        let hidden = taps.start.saturating_sub(1)..taps.end.saturating_sub(1).min(logits);
        let mut layers: Vec<Vec<f32>> = vec![Vec::new(); hidden.len()];
        let asked = hidden.start..if taps.end > logits { logits + 1 } else { hidden.end };
        let mut scores = Vec::new();
        for batch in inputs.chunks(self.batch * size) {
            let mut found = self.run(batch, asked.clone())?.into_iter();
            layers.iter_mut().zip(&mut found).for_each(|(layer, found)| layer.extend(found));
            found.for_each(|found| scores.extend(found));
        }
        for (place, values) in hidden.clone().zip(layers) {
            let dims = values.len() / rows.max(1);
            on_tap(place + 1, Tensor::from_vec(values, (rows, dims), &Device::Cpu)?)?;
        }
        let dims = scores.len() / rows.max(1);
        Ok(Tensor::from_vec(scores, (rows, dims), &Device::Cpu)?)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(hidden.clone())
    }

    fn variables(&self) -> &[(String, Var)] {
        &[]
    }
}
