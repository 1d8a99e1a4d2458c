//! The order in which the nodes of a graph can run, and whether all names lead somewhere.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use rten_onnx::onnx::{GraphProto, NodeProto};

use super::nodes::{NAMED, name_of, op, place_of, wrong};
use crate::error::Result;
use crate::listed::quoted;

/// Puts the nodes into an order in which each comes after those that it needs; that of the file, if it is one.
pub(super) fn sort(graph: &mut GraphProto, constants: &HashSet<String>) -> Result<()> {
    let mut known: HashSet<&str> = constants.iter().map(String::as_str).collect();
    for input in &graph.input {
        if name_of(input).is_empty() || (!known.insert(name_of(input)) && !constants.contains(name_of(input))) {
            return Err(wrong(
                format!("input {:?}", name_of(input)),
                "it has no name, or that of another: export it again",
            ));
        }
    }
    let mut all = known.clone();
    for node in graph.node.iter().filter(|node| op(node) != "Constant") {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if !all.insert(name) {
                return Err(wrong(
                    place_of(node),
                    format!("its output {name:?} is another value's name, too: export it again"),
                ));
            }
        }
    }
    for node in &graph.node {
        if let Some(name) = node.input.iter().find(|name| !name.is_empty() && !all.contains(name.as_str())) {
            let problem = format!(
                "its input {name:?} is neither in the file (an initializer) nor computed by a node: export the network \
                 again, with its weights"
            );
            return Err(wrong(place_of(node), problem));
        }
    }
    let mut waiting: Vec<HashSet<&str>> = Vec::with_capacity(graph.node.len());
    let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, node) in graph.node.iter().enumerate() {
        let open: HashSet<&str> =
            node.input.iter().map(String::as_str).filter(|name| !name.is_empty() && !known.contains(name)).collect();
        open.iter().for_each(|name| users.entry(name).or_default().push(place));
        waiting.push(open);
    }
    let ready = (0..waiting.len()).filter(|&place| waiting[place].is_empty()).map(Reverse);
    let mut ready: BinaryHeap<_> = ready.collect();
    let mut order = Vec::with_capacity(graph.node.len());
    while let Some(Reverse(place)) = ready.pop() {
        order.push(place);
        for name in &graph.node[place].output {
            for &user in users.get(name.as_str()).into_iter().flatten() {
                if waiting[user].remove(name.as_str()) && waiting[user].is_empty() {
                    ready.push(Reverse(user));
                }
            }
        }
    }
    if order.len() < graph.node.len() {
        let left = (0..graph.node.len()).filter(|&place| !waiting[place].is_empty());
        let left = quoted(left.map(|place| graph.node[place].output.concat()), NAMED);
        return Err(wrong(left, "these values need each other, so the graph has a circle: export the network again"));
    }
    let mut nodes: Vec<Option<NodeProto>> = std::mem::take(&mut graph.node).into_iter().map(Some).collect();
    graph.node = order.into_iter().filter_map(|place| nodes[place].take()).collect();
    Ok(())
}
