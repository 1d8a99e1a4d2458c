//! The output of a graph that classifies, and the logits before it.

use super::graph::Graph;
use super::nodes::{NAMED, name_of, op, whole, wrong};
use crate::error::Result;
use crate::listed::quoted;

/// Where a graph classifies.
pub(super) struct Output {
    /// The logits.
    pub logits: String,
    /// The name of what comes after them in the file, such as its softmax; the file may end with the logits.
    pub softmax: Option<String>,
}

impl Output {
    /// Finds the logits before an output: the graph's only one, or that of this name.
    pub fn find(graph: &Graph, name: Option<&str>) -> Result<Self> {
        let names: Vec<&str> = graph.graph().output.iter().map(name_of).collect();
        let listed = || quoted(names.iter().copied(), NAMED);
        let output = match (name, &names[..]) {
            (Some(name), _) if names.contains(&name) => name,
            (Some(name), _) => {
                return Err(wrong(format!("output {name:?}"), format!("there is none; the outputs are {}", listed())));
            }
            (None, [one]) => *one,
            (None, []) => return Err(wrong("the graph", "it has no output: export the network again")),
            _ => {
                let problem = format!(
                    "it has {} outputs: choose the one that holds the classes (--output): {}",
                    names.len(),
                    listed()
                );
                return Err(wrong("the graph", problem));
            }
        };
        let mut logits = output;
        while let Some(node) = graph.producer(logits).filter(|node| op(node) == "Identity") {
            logits = &node.input[0];
        }
        let ends = graph.producer(logits).filter(|node| match op(node) {
            // Its axis is checked with the shape of the logits: there is one dimension beside the examples.
            "Softmax" => matches!(whole(node, "axis", -1), -1 | 1),
            "Sigmoid" => true,
            _ => false,
        });
        Ok(match ends {
            Some(node) => {
                Self { logits: node.input.first().cloned().unwrap_or_default(), softmax: Some(logits.into()) }
            }
            None => Self { logits: logits.into(), softmax: None },
        })
    }
}
