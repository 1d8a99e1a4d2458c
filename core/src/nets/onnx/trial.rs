//! A trial of a graph: each node runs alone, on zeros, and no larger than its file may ask for. It tells which values
//! there are, their shapes, and what cannot run.

use std::collections::HashMap;

use rten::{Dimension, Model, NodeId, Value, ValueOrView};
use rten_onnx::onnx::NodeProto;
use rten_tensor::prelude::*;

use super::graph::Graph;
use super::nodes::{op, place_of, wrong};
use super::operand::Operand;
use super::size::most_values;
use crate::error::Result;

/// Most values that are kept at once (our choice): 1 GiB.
const MOST: u128 = 1 << 28;
/// Most values of an input whose values may decide a shape.
const FEW: u128 = 1024;

/// A value of a graph.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub name: String,
    /// The operator that computes it.
    pub op: String,
    pub shape: Vec<usize>,
    /// Whether its first dimension is that of the examples.
    pub by_example: bool,
    /// Whether it holds fractions.
    pub is_float: bool,
    /// Whether it depends on the values of the graph's input, and not only on its shape.
    pub depends: bool,
}

/// What is known of a value while it is needed.
struct Held {
    /// `None` for a value that is stored in the file.
    value: Option<Value>,
    operand: Operand,
    /// Whether it depends on the values of the graph's input, and not only on its shape.
    by_value: bool,
    /// How often it is still needed.
    uses: usize,
}

/// Runs each node, one after another, on this input.
pub(super) fn run(graph: &Graph, model: &Model, input: (&str, Value)) -> Result<Vec<Tried>> {
    let mut held: HashMap<&str, Held> = HashMap::new();
    let uses = |name: &str| graph.consumers.get(name).map_or(0, Vec::len);
    let (name, value) = input;
    let examples = shape(&value).first().copied();
    let operand = operand_of(&value);
    held.insert(name, Held { value: Some(value), operand, by_value: true, uses: uses(name) });
    let mut found = Vec::new();
    for node in graph.graph().node.iter().filter(|node| op(node) != "Constant") {
        for name in node.input.iter().filter(|name| graph.constants.contains(name.as_str())) {
            if !held.contains_key(name.as_str()) {
                let operand = constant(model, name).map_err(|problem| wrong(place_of(node), problem))?;
                held.insert(name, Held { value: None, operand, by_value: false, uses: uses(name) });
            }
        }
        let inputs: Vec<Option<&Held>> = node.input.iter().map(|name| held.get(name.as_str())).collect();
        check(node, &inputs, &held)?;
        let by_value = op(node) != "Shape" && op(node) != "Size" && inputs.iter().flatten().any(|input| input.by_value);
        let outputs = step(model, node, &inputs).map_err(|problem| wrong(place_of(node), problem))?;
        for (name, value) in node.output.iter().filter(|name| !name.is_empty()).zip(outputs) {
            let (is_float, operand) = (matches!(value, Value::FloatTensor(_)), operand_of(&value));
            let by_example = operand.shape.first().copied() == examples;
            let (name_of, shape) = (name.clone(), operand.shape.clone());
            found.push(Tried { name: name_of, op: op(node).into(), shape, by_example, is_float, depends: by_value });
            held.insert(name, Held { value: Some(value), operand, by_value, uses: uses(name) });
        }
        for name in &node.input {
            if let Some(input) = held.get_mut(name.as_str()) {
                input.uses = input.uses.saturating_sub(1);
            }
        }
        held.retain(|_, value| value.uses > 0);
    }
    Ok(found)
}

/// Inputs that decide the shape of an output by their values.
fn decides_shape(op: &str, input: usize) -> bool {
    match op {
        "ConstantOfShape" | "Range" => true,
        "Expand" | "OneHot" | "Pad" | "Reshape" | "Tile" | "TopK" | "Upsample" => input == 1,
        "Resize" | "Slice" | "Split" | "Squeeze" | "Unsqueeze" => input >= 1,
        _ => false,
    }
}

/// Checks, before a node runs, that it is one that can, that its output is not too large, and has the same shape for all
/// data.
fn check(node: &NodeProto, inputs: &[Option<&Held>], held: &HashMap<&str, Held>) -> Result<()> {
    let depends_on_data = matches!(op(node), "NonZero" | "NonMaxSuppression" | "Unique" | "Compress")
        && inputs.iter().flatten().any(|input| input.by_value);
    let places = inputs.iter().enumerate();
    if depends_on_data
        || places.clone().any(|(at, input)| decides_shape(op(node), at) && input.is_some_and(|input| input.by_value))
    {
        let problem = "the shape of its output depends on the data, so that a layer would not have the same values for \
                       every example: export the part of the network before it";
        return Err(wrong(place_of(node), problem));
    }
    let operands: Vec<Option<&Operand>> = inputs.iter().map(|input| input.map(|input| &input.operand)).collect();
    let Some(most) = most_values(node, &operands) else {
        let problem = "this operator, or this form of it, cannot be run: export the network without it, or record its \
                       activations elsewhere (`pdepth depth`)";
        return Err(wrong(place_of(node), problem));
    };
    let computed = held.values().filter(|held| held.value.is_some());
    let kept = computed.map(|held| held.operand.size()).fold(most, u128::saturating_add);
    if kept > MOST {
        let problem = format!(
            "its output would take up to {most} values, and all that is kept at most {MOST}: export the network with a \
             smaller or a free batch size; if it is no larger than that, the file is damaged"
        );
        return Err(wrong(place_of(node), problem));
    }
    Ok(())
}

fn operand_of(value: &Value) -> Operand {
    let mut operand = Operand { shape: shape(value), wholes: None, floats: None };
    let few = operand.size() <= FEW;
    match value {
        Value::Int32Tensor(tensor) if few => {
            operand.wholes = Some(tensor.to_vec().into_iter().map(i64::from).collect());
        }
        Value::FloatTensor(tensor) if few => operand.floats = Some(tensor.to_vec()),
        _ => {}
    }
    operand
}

/// Returns the shape of a value; that of a list of tensors is empty.
pub(super) fn shape(value: &Value) -> Vec<usize> {
    match value {
        Value::FloatTensor(tensor) => tensor.shape().to_vec(),
        Value::Int32Tensor(tensor) => tensor.shape().to_vec(),
        Value::Int8Tensor(tensor) => tensor.shape().to_vec(),
        Value::UInt8Tensor(tensor) => tensor.shape().to_vec(),
        _ => Vec::new(),
    }
}

/// Returns the shape of a stored value, and the value itself if it is small.
fn constant(model: &Model, name: &str) -> Result<Operand, String> {
    let id = node_id(model, name)?;
    let shape = model.node_info(id).and_then(|info| info.shape()).unwrap_or_default();
    let sides = shape.iter().map(|side| match side {
        Dimension::Fixed(side) => Ok(*side),
        Dimension::Symbolic(_) => Err(format!("its input {name:?} has no shape")),
    });
    let operand = Operand { shape: sides.collect::<Result<_, _>>()?, wholes: None, floats: None };
    if operand.size() > FEW {
        return Ok(operand);
    }
    let found = model.run(Vec::new(), &[id], None).map_err(|error| error.to_string())?;
    found.first().map(operand_of).ok_or_else(|| format!("its input {name:?} has no value"))
}

fn node_id(model: &Model, name: &str) -> Result<NodeId, String> {
    model.find_node(name).ok_or_else(|| format!("there is no value {name:?}"))
}

/// Runs one node.
fn step(model: &Model, node: &NodeProto, inputs: &[Option<&Held>]) -> Result<Vec<Value>, String> {
    let mut given: Vec<(NodeId, ValueOrView)> = Vec::new();
    for (name, input) in node.input.iter().zip(inputs) {
        let Some(value) = input.and_then(|input| input.value.as_ref()) else { continue };
        let id = node_id(model, name)?;
        if given.iter().all(|(other, _)| *other != id) {
            given.push((id, value.as_view().into()));
        }
    }
    let outputs = node.output.iter().filter(|name| !name.is_empty()).map(|name| node_id(model, name));
    let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
    model.run(given, &outputs, None).map_err(|error| format!("it cannot run: {error}"))
}
