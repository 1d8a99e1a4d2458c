//! A network from an ONNX file: what it is asked for, and how it runs.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value};

use super::graph::{Graph, NAMED, name_of, place_of, wrong};
use super::input::{ChannelPlace, InputPlan};
use super::metadata::InputScale;
use super::output::Output;
use super::taps::{Candidates, TapChoice};
use super::trial::{self, Tried};
use crate::error::{Result, same_length};
use crate::listed::quoted;
use crate::nets::{BATCH, Network, OnTap};

/// Most values of one pass (our choice): 256 MiB.
const PASS: usize = 1 << 26;
/// Name of the last tap, unless the file has a softmax or this name already.
const SOFTMAX: &str = "softmax";

/// An ONNX file that was read and checked.
pub struct OnnxFile {
    graph: Graph,
    /// Files of values beside it.
    files: HashMap<String, Vec<u8>>,
}

/// What is asked of a network from a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnnxOptions {
    /// Name of the input that takes the examples; `None` if there is only one.
    pub input: Option<String>,
    /// Name of the output that holds the classes; `None` if there is only one.
    pub output: Option<String>,
    /// Which values are probed.
    pub taps: TapChoice,
    /// Where the input has the channels; `None` if its dimensions tell.
    pub channels: Option<ChannelPlace>,
}

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
    model: Model,
    threads: Arc<ThreadPool>,
    input: InputPlan,
    /// Input, hidden taps, softmax.
    taps: Vec<String>,
    /// Dimensions of an example at each hidden tap, and in the logits.
    shapes: Vec<Vec<usize>>,
    batch: usize,
    values: Vec<GraphValue>,
    notes: Vec<String>,
}

impl OnnxFile {
    /// Reads a file. `external` returns a file that lies beside it, by its name: large networks keep their weights there.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) for bytes that are no ONNX file; [`Error::Graph`](crate::Error::Graph) for a graph that cannot run; any error of
    /// `external`.
    pub fn read(bytes: &[u8], external: impl Fn(&str) -> Result<Vec<u8>>) -> Result<Self> {
        let mut files: HashMap<String, Vec<u8>> = HashMap::new();
        let mut length = |name: &str| {
            if !files.contains_key(name) {
                files.insert(name.into(), external(name)?);
            }
            Ok(files[name].len())
        };
        let graph = Graph::read(bytes, &mut length)?;
        Ok(Self { graph, files })
    }

    /// Returns what the file says about the values that its network expects, if it does.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) for metadata that cannot be read.
    pub fn scale(&self) -> Result<Option<InputScale>> {
        InputScale::from_file(&self.graph.proto)
    }

    /// Returns the network for examples of `shape` [channels, height, width]. Each node runs once on zeros.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) with the node, the input or the tap that stands in the way, and a remedy.
    pub fn network(self, options: &OnnxOptions, shape: [usize; 3]) -> Result<OnnxNetwork> {
        let Self { graph, files } = self;
        let output = Output::find(&graph, options.output.as_deref())?;
        let needed = graph.needed_for(&output.logits);
        let mut graph = graph.only(&needed);
        let input = chosen_input(&graph, options.input.as_deref())?;
        let plan = InputPlan::new(graph.input(&input)?, shape, options.channels)?;
        graph.give_shape(&input, &plan.sides);

        let mut model = ModelOptions::with_all_ops();
        for (name, bytes) in files {
            model.external_data(&name, bytes);
        }
        let plain = graph.load(model.clone().enable_optimization(false), std::slice::from_ref(&output.logits))?;
        let trial = Trial::new(&graph, &plain, &plan, &input)?;
        drop(plain);
        let candidates =
            Candidates { graph: &graph, values: &trial.values, examples: trial.examples, logits: &output.logits };
        let hidden = candidates.choose(&options.taps)?;
        let shape_of = |name: &str| {
            let value = trial.values.iter().find(|value| value.name == name);
            value.map(|value| value.shape.iter().skip(1).copied().collect::<Vec<_>>()).unwrap_or_default()
        };
        let shapes: Vec<Vec<usize>> = hidden.iter().chain([&output.logits]).map(|name| shape_of(name)).collect();
        check_logits(&trial, &output.logits)?;
        let values = trial.values.iter().map(|value| GraphValue {
            name: value.name.clone(),
            operator: value.op.clone(),
            shape: candidates.problem(value).is_none().then(|| value.shape[1..].to_vec()),
        });
        let values = values.collect();

        let asked: Vec<String> = hidden.iter().chain([&output.logits]).cloned().collect();
        let model = graph.load(&mut model, &asked)?;
        let softmax = output.softmax.unwrap_or_else(|| SOFTMAX.into());
        let taken = hidden.contains(&softmax) || input == softmax;
        let softmax = if taken { format!("{SOFTMAX} of {}", output.logits) } else { softmax };
        Ok(OnnxNetwork {
            model,
            threads: Arc::new(ThreadPool::with_num_threads(rayon::current_num_threads())),
            input: plan,
            taps: [input].into_iter().chain(hidden).chain([softmax]).collect(),
            shapes,
            batch: trial.batch,
            values,
            notes: trial.notes,
        })
    }
}

/// Returns the name of the input that takes the examples.
fn chosen_input(graph: &Graph, name: Option<&str>) -> Result<String> {
    let names: Vec<&str> =
        graph.inputs().into_iter().map(name_of).filter(|name| graph.consumers.contains_key(*name)).collect();
    let listed = || quoted(names.iter().copied(), NAMED);
    let place = |name: &str| format!("input {name:?}");
    match (name, &names[..]) {
        (_, []) => Err(wrong("the graph", "its output depends on no input: export the network again")),
        (None | Some(_), [one]) if name.is_none_or(|name| name == *one) => Ok((*one).into()),
        (Some(name), _) if !names.contains(&name) => {
            Err(wrong(place(name), format!("the output depends on no such input; there is {}", listed())))
        }
        _ => {
            let problem = format!(
                "the output depends on {} inputs, and only one can be given: {}; export the network with the others fixed, \
                 or record its activations elsewhere (`pdepth depth`)",
                names.len(),
                listed()
            );
            Err(wrong("the graph", problem))
        }
    }
}

fn check_logits(trial: &Trial, logits: &str) -> Result<()> {
    let value = trial.values.iter().find(|value| value.name == logits);
    let Some(value) = value.filter(|value| value.depends && value.is_float) else {
        let problem =
            "it holds no fractions that depend on the input, so no scores of classes: choose another (--output)";
        return Err(wrong(format!("output {logits:?}"), problem));
    };
    let classes: usize = value.shape.iter().skip(1).product();
    let shape = &value.shape;
    if value.shape.first() != Some(&trial.examples)
        || classes < 2
        || classes != value.shape.get(1).copied().unwrap_or(1)
    {
        let problem = format!(
            "for {} examples it is {shape:?}, and [examples, classes] is needed, with two classes or more: choose another \
             output (--output), or export the network up to its scores",
            trial.examples
        );
        return Err(wrong(format!("output {logits:?}"), problem));
    }
    Ok(())
}

/// What a trial of the graph found.
struct Trial {
    values: Vec<Tried>,
    /// Examples of the values.
    examples: usize,
    /// Examples of a pass.
    batch: usize,
    notes: Vec<String>,
}

impl Trial {
    /// Runs the graph with as many examples as the file fixes; with a free number, with two and with three, which tells
    /// the dimensions that grow.
    fn new(graph: &Graph, model: &Model, plan: &InputPlan, input: &str) -> Result<Self> {
        let run = |examples: usize| {
            let zeros = vec![0.0; examples * plan.sides.iter().product::<usize>()];
            trial::run(graph, model, (input, plan.value(zeros)))
        };
        if let Some(batch) = plan.batch {
            return Ok(Self { values: run(batch)?, examples: batch, batch, notes: Vec::new() });
        }
        let (two, three) = match (run(2), run(3)) {
            (Ok(two), Ok(three)) => (two, three),
            (Err(error), _) | (_, Err(error)) => {
                let Ok(one) = run(1) else { return Err(error) };
                let note = format!("the network takes one example at a time, since with more it fails: {error}");
                return Ok(Self { values: one, examples: 1, batch: 1, notes: vec![note] });
            }
        };
        // Values whose first dimension does not grow with the examples are not theirs.
        let grows =
            |two: &Tried, three: &Tried| three.shape.first().is_some_and(|&first| first == 3 && two.shape[0] == 2);
        let batch = batch(&two, &three);
        let values = two.into_iter().zip(&three).map(|(two, three)| {
            let depends = two.depends && (grows(&two, three) || two.shape.first() != Some(&2));
            Tried { depends, ..two }
        });
        Ok(Self { values: values.collect(), examples: 2, batch, notes: Vec::new() })
    }
}

/// Returns the number of examples of a pass, from the values for two and for three.
fn batch(two: &[Tried], three: &[Tried]) -> usize {
    let dims = || two.iter().zip(three).flat_map(|(two, three)| two.shape.iter().zip(&three.shape));
    if two.iter().zip(three).any(|(two, three)| two.shape.len() != three.shape.len())
        || dims().any(|(two, three)| two != three && two * 3 != three * 2)
    {
        return 1;
    }
    let values = |examples: usize| {
        let size = |(two, three): (&Tried, &Tried)| {
            let sides = two.shape.iter().zip(&three.shape);
            sides.fold(1_usize, |all, (&two, &three)| {
                all.saturating_mul(if two == three { two } else { two / 2 * examples })
            })
        };
        two.iter().zip(three).map(size).fold(0, usize::saturating_add)
    };
    std::iter::successors(Some(BATCH), |batch| Some(batch / 2))
        .find(|&batch| batch <= 1 || values(batch) <= PASS)
        .unwrap_or(1)
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
            let mut values = tensor.into_data();
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

impl Graph {
    /// Loads the graph with these outputs.
    fn load(&mut self, options: &mut ModelOptions, outputs: &[String]) -> Result<Model> {
        let bytes = self.encode(outputs)?;
        options.load(bytes).map_err(|error| {
            let node = error.node().and_then(|name| self.graph().node.iter().find(|node| node.name.as_deref() == Some(name)));
            let place = node.map_or_else(|| "the graph".to_owned(), place_of);
            wrong(place, format!("it cannot be run: {error}; export the network without it, or record its activations elsewhere (`pdepth depth`)"))
        })
    }
}
