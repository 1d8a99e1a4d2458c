//! Circular dependencies: the strongly connected components of a graph.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Files or folders that depend on each other, directly or indirectly.
#[derive(Debug)]
pub struct Circle {
    /// The dependencies within the circle.
    pub ties: Vec<Tie>,
}

/// A dependency of one file on another.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The file that uses the names.
    pub from: String,
    /// The file that defines the names.
    pub to: String,
    /// The names.
    pub names: Vec<String>,
}

impl Circle {
    /// Returns the files of the circle, sorted.
    pub fn files(&self) -> BTreeSet<&str> {
        self.ties.iter().flat_map(|tie| [tie.from.as_str(), &tie.to]).collect()
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<&str> = self.files().into_iter().collect();
        writeln!(f, "a circle of {}:", files.join(", "))?;
        for Tie { from, to, names } in &self.ties {
            writeln!(f, "  {from} -> {to}: {}", names.join(", "))?;
        }
        Ok(())
    }
}

/// Returns the strongly connected components (Tarjan, "Depth-first search and linear graph algorithms", 1972).
pub fn components(edges: &Edges) -> Vec<BTreeSet<String>> {
    let (index, low) = (BTreeMap::new(), BTreeMap::new());
    let mut search = Search { edges, index, low, stack: Vec::new(), components: Vec::new() };
    for node in edges.keys() {
        if !search.index.contains_key(node.as_str()) {
            search.visit(node);
        }
    }
    search.components
}

struct Search<'a> {
    edges: &'a Edges,
    /// Order of the first visit of each node.
    index: BTreeMap<&'a str, usize>,
    /// The earliest node on the stack that each node reaches.
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    components: Vec<BTreeSet<String>>,
}

impl<'a> Search<'a> {
    /// Visits a node and all that it reaches. Returns the earliest node on the stack that it reaches.
    fn visit(&mut self, node: &'a str) -> usize {
        let index = self.index.len();
        self.index.insert(node, index);
        self.low.insert(node, index);
        self.stack.push(node);
        for target in self.edges.get(node).into_iter().flatten() {
            let reached = match self.index.get(target.as_str()) {
                None => Some(self.visit(target)),
                Some(&index) => self.stack.contains(&target.as_str()).then_some(index),
            };
            if let (Some(reached), Some(low)) = (reached, self.low.get_mut(node)) {
                *low = reached.min(*low);
            }
        }
        let low = self.low[node];
        if low == index {
            let start = self.stack.iter().position(|&other| other == node).unwrap_or(self.stack.len());
            self.components.push(self.stack.split_off(start).into_iter().map(str::to_owned).collect());
        }
        low
    }
}
