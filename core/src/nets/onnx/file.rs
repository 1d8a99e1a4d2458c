//! An ONNX file, and the way from it to a network.

use std::collections::HashMap;
use std::sync::Arc;

use rten::{Model, ModelOptions, ThreadPool};

use super::batches::Trial;
use super::graph::Graph;
use super::input::{ChannelPlace, InputPlan};
use super::metadata::InputScale;
use super::network::{GraphValue, OnnxNetwork};
use super::nodes::{NAMED, name_of, place_of, wrong};
use super::output::Output;
use super::taps::{Candidates, TapChoice};
use crate::error::Result;
use crate::listed::quoted;

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
        let mut graph = Graph::read(bytes, &mut length)?;
        let mut named = HashMap::new();
        for (place, (name, bytes)) in files.into_iter().enumerate() {
            let own = format!("\u{1}{place}.data"); // the runtime takes no other ending, and no file has this name
            graph.rename_external(&name, &own);
            named.insert(own, bytes);
        }
        Ok(Self { graph, files: named })
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
        let candidates = Candidates { graph: &graph, values: &trial.values, logits: &output.logits };
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
        let model = graph.load(&model, &asked)?;
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
    if !value.by_example || classes < 2 || value.shape.get(1) != Some(&classes) {
        let problem = format!(
            "for {} examples it is {shape:?}, and [examples, classes] is needed, with two classes or more: choose another \
             output (--output), or export the network up to its scores",
            trial.examples
        );
        return Err(wrong(format!("output {logits:?}"), problem));
    }
    Ok(())
}

impl Graph {
    /// Loads the graph with these outputs.
    fn load(&mut self, options: &ModelOptions, outputs: &[String]) -> Result<Model> {
        let bytes = self.encode(outputs)?;
        options.load(bytes).map_err(|error| {
            let node = error.node().and_then(|name| self.graph().node.iter().find(|node| node.name.as_deref() == Some(name)));
            let place = node.map_or_else(|| "the graph".to_owned(), place_of);
            wrong(place, format!("it cannot be run: {error}; export the network without it, or record its activations elsewhere (`pdepth depth`)"))
        })
    }
}
