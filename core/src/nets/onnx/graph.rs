//! A graph as its file has it: nodes in an order in which they can run, and names that are checked.

use std::collections::{HashMap, HashSet};

use rten_onnx::onnx::{GraphProto, ModelProto, NodeProto, ValueInfoProto};

use super::nodes::{name_of, op, place_of, wrong};
use super::order::sort;
use super::tensor::check_tensor;
use crate::error::{Error, Result};
use crate::nets::wire::check_wire;

const FORMAT: &str = "ONNX file";
/// Most nodes of a graph (our choice): each is run alone once, to learn what it returns.
const MOST_NODES: usize = 20_000;

/// A graph whose names are checked.
pub(super) struct Graph {
    /// The file; its nodes in an order in which they can run.
    pub proto: ModelProto,
    /// Names of the values that are stored in the file.
    pub constants: HashSet<String>,
    /// The node that computes a value.
    pub producers: HashMap<String, usize>,
    /// The nodes that use a value.
    pub consumers: HashMap<String, Vec<usize>>,
}

impl Graph {
    /// Reads a file. `external` returns the length of a file beside it, by name.
    ///
    /// # Errors
    /// [`Error::Format`] for bytes that are no ONNX file; [`Error::Graph`] for a graph that cannot run.
    pub fn read(bytes: &[u8], external: &mut dyn FnMut(&str) -> Result<usize>) -> Result<Self> {
        check_wire(bytes)?;
        let mut proto = ModelProto::parse_buf(bytes).map_err(|error| Error::unreadable(FORMAT, error))?;
        let graph = proto.graph.as_mut().ok_or_else(|| Error::format(FORMAT, "it holds no graph"))?;
        if graph.node.is_empty() {
            return Err(Error::format(
                FORMAT,
                "its graph has no nodes, so it computes nothing: export the network again",
            ));
        }
        if graph.node.len() > MOST_NODES {
            let found = graph.node.len();
            return Err(Error::format(
                FORMAT,
                format!("its graph has {found} nodes; at most {MOST_NODES} are possible"),
            ));
        }
        for tensor in &graph.initializer {
            check_tensor(tensor, external)?;
        }
        for node in &mut graph.node {
            check_node(node, external)?;
            leave_dropout_out(node);
        }
        let constants = constants(graph)?;
        sort(graph, &constants)?;
        graph.value_info.clear();
        name_nodes(graph);
        Ok(Self::indexed(proto, constants))
    }

    fn indexed(proto: ModelProto, constants: HashSet<String>) -> Self {
        let mut producers = HashMap::new();
        let mut consumers: HashMap<String, Vec<usize>> = HashMap::new();
        let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
        for (place, node) in nodes.enumerate() {
            producers.extend(node.output.iter().filter(|name| !name.is_empty()).map(|name| (name.clone(), place)));
            for name in node.input.iter().filter(|name| !name.is_empty()) {
                consumers.entry(name.clone()).or_default().push(place);
            }
        }
        Self { proto, constants, producers, consumers }
    }

    /// Leaves out the nodes that `needed` does not mark, and what only they use.
    pub fn only(self, needed: &[bool]) -> Self {
        let Self { mut proto, constants, .. } = self;
        if let Some(graph) = &mut proto.graph {
            let mut marks = needed.iter();
            graph.node.retain(|_| marks.next().copied().unwrap_or_default());
            let used: HashSet<String> = graph.node.iter().flat_map(|node| node.input.iter().cloned()).collect();
            graph.initializer.retain(|tensor| tensor.name.as_ref().is_some_and(|name| used.contains(name)));
            graph.input.retain(|input| used.contains(name_of(input)));
        }
        Self::indexed(proto, constants)
    }

    /// Writes the dimensions of one example into an input; the number of examples stays as it is.
    pub fn give_shape(&mut self, name: &str, sides: &[usize]) {
        let inputs = self.proto.graph.iter_mut().flat_map(|graph| &mut graph.input);
        let shapes = inputs.filter(|input| name_of(input) == name).filter_map(|input| input.r#type.as_mut());
        for shape in shapes.filter_map(|kind| kind.tensor_type.as_mut()?.shape.as_mut()) {
            for (dim, &side) in shape.dim.iter_mut().skip(1).zip(sides) {
                (dim.dim_value, dim.dim_param) = (i64::try_from(side).ok(), None);
            }
        }
    }

    /// Gives a file of values beside the model another name.
    pub fn rename_external(&mut self, from: &str, to: &str) {
        if let Some(graph) = &mut self.proto.graph {
            let inner = graph.node.iter_mut().flat_map(|node| &mut node.attribute).filter_map(|one| one.t.as_mut());
            for entry in graph.initializer.iter_mut().chain(inner).flat_map(|tensor| &mut tensor.external_data) {
                if entry.key.as_deref() == Some("location") && entry.value.as_deref() == Some(from) {
                    entry.value = Some(to.to_owned());
                }
            }
        }
    }

    /// Returns the bytes of a file that has these outputs.
    pub fn encode(&mut self, outputs: &[String]) -> Result<Vec<u8>> {
        if let Some(graph) = &mut self.proto.graph {
            let output = |name: &String| ValueInfoProto { name: Some(name.clone()), ..ValueInfoProto::default() };
            graph.output = outputs.iter().map(output).collect();
        }
        self.proto.write_buf().map_err(|error| Error::unreadable(FORMAT, error))
    }

    /// Returns an input by name.
    pub fn input(&self, name: &str) -> Result<&ValueInfoProto> {
        let found = self.inputs().into_iter().find(|input| name_of(input) == name);
        found.ok_or_else(|| wrong(format!("input {name:?}"), "the output depends on no such input"))
    }

    /// Returns the graph.
    pub fn graph(&self) -> &GraphProto {
        self.proto.graph.as_ref().expect("a graph, as checked when it was read")
    }

    /// Returns the inputs that the file does not fill itself.
    pub fn inputs(&self) -> Vec<&ValueInfoProto> {
        self.graph().input.iter().filter(|input| !self.constants.contains(name_of(input))).collect()
    }

    /// Returns the node that computes a value.
    pub fn producer(&self, name: &str) -> Option<&NodeProto> {
        self.producers.get(name).map(|&place| &self.graph().node[place])
    }

    /// Returns the nodes that use a value.
    pub fn users(&self, name: &str) -> impl Iterator<Item = &NodeProto> {
        self.consumers.get(name).into_iter().flatten().map(|&place| &self.graph().node[place])
    }

    /// Returns which nodes are needed for a value.
    pub fn needed_for(&self, name: &str) -> Vec<bool> {
        let mut needed = vec![false; self.graph().node.len()];
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            let Some(&place) = self.producers.get(name) else { continue };
            if !std::mem::replace(&mut needed[place], true) {
                open.extend(self.graph().node[place].input.iter().map(String::as_str));
            }
        }
        needed
    }
}

fn check_node(node: &NodeProto, external: &mut dyn FnMut(&str) -> Result<usize>) -> Result<()> {
    for attribute in &node.attribute {
        if attribute.g.is_some() {
            let problem = "it holds a graph of its own, such as a loop or a branch, which cannot be probed: export the \
                           network by tracing, without control flow";
            return Err(wrong(place_of(node), problem));
        }
        if let Some(tensor) = &attribute.t {
            check_tensor(tensor, external)?;
        }
    }
    if node.output.iter().all(String::is_empty) {
        return Err(wrong(place_of(node), "it has no output: export the network again"));
    }
    Ok(())
}

/// Dropout does nothing once a network is trained.
fn leave_dropout_out(node: &mut NodeProto) {
    if op(node) == "Dropout" && node.domain.as_deref().unwrap_or_default().is_empty() {
        node.op_type = Some("Identity".into());
        node.input.truncate(1);
        node.output.truncate(1);
        node.attribute.clear();
    }
}

/// Gives each node a name that no other node and no value has, as the runtime needs it.
fn name_nodes(graph: &mut GraphProto) {
    let mut taken: HashSet<String> = graph.node.iter().flat_map(|node| node.output.iter().cloned()).collect();
    taken.extend(graph.node.iter().flat_map(|node| node.input.iter().cloned()));
    for (place, node) in graph.node.iter_mut().enumerate() {
        let own = node.name.take().filter(|name| !name.is_empty()).unwrap_or_else(|| op(node).to_owned());
        let name = if taken.contains(&own) { format!("{own} #{place}") } else { own };
        taken.insert(name.clone());
        node.name = Some(name);
    }
}

fn constants(graph: &GraphProto) -> Result<HashSet<String>> {
    let mut constants = HashSet::new();
    let nodes = graph.node.iter().filter(|node| op(node) == "Constant").flat_map(|node| node.output.iter().cloned());
    for name in graph.initializer.iter().map(|tensor| tensor.name.clone().unwrap_or_default()).chain(nodes) {
        if name.is_empty() || !constants.insert(name.clone()) {
            return Err(wrong(
                format!("value {name:?}"),
                "the file holds it twice, or without a name: export it again",
            ));
        }
    }
    Ok(constants)
}
