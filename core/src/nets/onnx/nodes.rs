//! Nodes and values of a graph, as its file has them, and what messages call them.

use rten_onnx::onnx::{AttributeProto, DataType, NodeProto, ValueInfoProto};

use crate::error::Error;

/// Number of names in a message.
pub(super) const NAMED: usize = 8;

/// Returns an error at a place of the graph: a node, an input, an output.
pub(super) fn wrong(place: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::Graph { place: place.into(), problem: problem.into() }
}

/// Describes a node for a message.
pub(super) fn place_of(node: &NodeProto) -> String {
    let name = node.name.as_deref().filter(|name| !name.is_empty()).or(node.output.first().map(String::as_str));
    format!("node {:?} ({})", name.unwrap_or_default(), op(node))
}

/// Returns the operator of a node.
pub(super) fn op(node: &NodeProto) -> &str {
    node.op_type.as_deref().unwrap_or_default()
}

pub(super) fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name))
}

/// Returns a whole number of a node, or what it is if the file does not say.
pub(super) fn whole(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).and_then(|attribute| attribute.i).unwrap_or(default)
}

pub(super) fn wholes<'a>(node: &'a NodeProto, name: &str) -> &'a [i64] {
    attribute(node, name).map_or(&[], |attribute| &attribute.ints)
}

pub(super) fn name_of(value: &ValueInfoProto) -> &str {
    value.name.as_deref().unwrap_or_default()
}

/// Returns the type of an input's elements.
pub(super) fn element(value: &ValueInfoProto) -> Option<DataType> {
    value.r#type.as_ref()?.tensor_type.as_ref()?.elem_type
}

/// Returns the dimensions of an input; `None` for one that is free.
pub(super) fn dims(value: &ValueInfoProto) -> Option<Vec<Option<usize>>> {
    let shape = value.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    Some(shape.dim.iter().map(|dim| dim.dim_value.and_then(|side| usize::try_from(side).ok())).collect())
}
