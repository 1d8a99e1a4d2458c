//! Which values of a graph are probed.

use std::collections::HashSet;

use regex_lite::Regex;
use rten_onnx::onnx::NodeProto;

use super::graph::Graph;
use super::nodes::{NAMED, op, wrong};
use super::trial::Tried;
use crate::error::Result;
use crate::listed::quoted;

/// Sums of two branches are taken as residual blocks if there are at least so many (our choice).
const BLOCKS: usize = 3;
/// A name in `--taps` that is a regular expression begins so.
const PATTERN: &str = "re:";

/// Which values of a graph are probed, between its input and its softmax.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum TapChoice {
    /// Sums that join two branches, if there are at least three; else activations; else products and convolutions.
    #[default]
    Auto,
    /// Every value that can be probed.
    All,
    /// These names of the file, or regular expressions that begin with `re:`.
    Named(Vec<String>),
}

impl TapChoice {
    /// Reads `auto`, `all`, or names, separated by commas. A regular expression, `re:...`, goes to the end of the text.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) for a name that is empty.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "auto" => return Ok(Self::Auto),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let (mut names, mut rest) = (Vec::new(), text);
        loop {
            let (name, after) = match rest.starts_with(PATTERN) {
                true => (rest, None),
                false => rest.split_once(',').map_or((rest, None), |(name, after)| (name, Some(after.trim_start()))),
            };
            if name.trim().is_empty() || name == PATTERN {
                return Err(wrong("--taps", "a name is empty: give names, separated by commas, or auto, or all"));
            }
            names.push(name.trim().to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(Self::Named(names)),
            }
        }
    }
}

/// Values of a graph that can be probed: fractions that depend on the input, the examples first.
pub(super) struct Candidates<'a> {
    pub graph: &'a Graph,
    /// All values, in order.
    pub values: &'a [Tried],
    /// The logits, which are not probed.
    pub logits: &'a str,
}

impl Candidates<'_> {
    /// Says why a value cannot be probed; `None` if it can.
    pub fn problem(&self, value: &Tried) -> Option<&'static str> {
        if value.name == self.logits {
            Some("these are the logits, whose softmax is probed anyway")
        } else if !value.depends {
            Some("it does not depend on the input")
        } else if !value.is_float {
            Some("its values are whole numbers or truths, no activations")
        } else if !value.by_example {
            Some("its first dimension is not that of the examples, or it mixes them")
        } else if value.shape.contains(&0) {
            Some("it has no values")
        } else {
            None
        }
    }

    /// Returns the names of the taps, in the graph's order.
    pub fn choose(&self, choice: &TapChoice) -> Result<Vec<String>> {
        let possible = || self.values.iter().filter(|value| self.problem(value).is_none());
        let taps = match choice {
            TapChoice::All => possible().map(|value| value.name.clone()).collect(),
            TapChoice::Auto => self.auto(),
            TapChoice::Named(names) => {
                let mut taps = HashSet::new();
                for name in names {
                    match name.strip_prefix(PATTERN) {
                        Some(pattern) => taps.extend(self.matching(pattern)?),
                        None => {
                            taps.insert(self.named(name)?);
                        }
                    }
                }
                possible()
                    .map(|value| value.name.as_str())
                    .filter(|name| taps.contains(name))
                    .map(str::to_owned)
                    .collect()
            }
        };
        Ok(taps)
    }

    fn named<'a>(&'a self, name: &'a str) -> Result<&'a str> {
        let place = format!("--taps {name}");
        let Some(value) = self.values.iter().find(|value| value.name == name) else {
            let names = self.values.iter().filter(|value| self.problem(value).is_none()).map(|value| &value.name);
            let problem = format!(
                "no value of this name leads to the output; `--taps all` takes all of these, `--taps re:...` those that a \
                 regular expression finds: {}",
                quoted(names, NAMED)
            );
            return Err(wrong(place, problem));
        };
        match self.problem(value) {
            Some(problem) => Err(wrong(place, format!("{problem}: leave it out"))),
            None => Ok(name),
        }
    }

    fn matching(&self, pattern: &str) -> Result<Vec<&str>> {
        let place = format!("--taps {PATTERN}{pattern}");
        let expression =
            Regex::new(pattern).map_err(|error| wrong(&place, format!("no regular expression: {error}")))?;
        let found =
            self.values.iter().filter(|value| self.problem(value).is_none() && expression.is_match(&value.name));
        let found: Vec<&str> = found.map(|value| value.name.as_str()).collect();
        if found.is_empty() {
            return Err(wrong(place, "it finds no value that can be probed: see the names with `--taps all`"));
        }
        Ok(found)
    }

    fn auto(&self) -> Vec<String> {
        let sums = self.kept(|node| self.joins(node).then(|| node.output[0].as_str()));
        if sums.len() >= BLOCKS {
            return sums;
        }
        let activations = self.kept(|node| self.activation(node));
        match activations.len() {
            0 => self.kept(|node| self.product(node)),
            _ => activations,
        }
    }

    /// Returns the values that `found` names, without what cannot be probed, in the graph's order.
    fn kept<'a>(&'a self, found: impl Fn(&'a NodeProto) -> Option<&'a str>) -> Vec<String> {
        let found: HashSet<&str> = self.graph.graph().node.iter().filter_map(found).collect();
        let possible = self.values.iter().filter(|value| self.problem(value).is_none());
        possible.map(|value| value.name.clone()).filter(|name| found.contains(name.as_str())).collect()
    }

    /// Returns whether a node adds two values of the same shape that both depend on the input.
    fn joins(&self, node: &NodeProto) -> bool {
        let value = |name: &String| self.values.iter().find(|value| value.name == *name && value.depends);
        let [one, other] = &node.input[..] else { return false };
        let same = || Some(value(one)?.shape == value(other)?.shape);
        op(node) == "Add" && one != other && same() == Some(true)
    }

    /// Returns the value after an activation. Some are written as several nodes: x * sigmoid(x), or GELU with erf.
    fn activation<'a>(&'a self, node: &'a NodeProto) -> Option<&'a str> {
        let output = node.output.first()?;
        match op(node) {
            "Relu" | "LeakyRelu" | "PRelu" | "Elu" | "Tanh" | "HardSwish" | "Gelu" | "Softplus" | "Softsign"
            | "Swish" => Some(output),
            // ReLU6; a clip of something else is an activation, too.
            "Clip" => Some(output),
            "Sigmoid" | "HardSigmoid" => {
                let gate = self
                    .graph
                    .users(output)
                    .find(|user| op(user) == "Mul" && user.input.iter().any(|name| node.input.contains(name)));
                Some(gate.map_or(output, |gate| &gate.output[0]))
            }
            "Erf" => {
                let mut last = output.as_str();
                for _ in 0..3 {
                    match self.graph.users(last).next().filter(|user| matches!(op(user), "Add" | "Mul")) {
                        Some(user) => last = &user.output[0],
                        None => break,
                    }
                }
                Some(last)
            }
            _ => None,
        }
    }

    /// Returns the value after a product or convolution, its bias included.
    fn product<'a>(&'a self, node: &'a NodeProto) -> Option<&'a str> {
        let output = node.output.first()?;
        if !matches!(op(node), "Conv" | "ConvTranspose" | "Gemm" | "MatMul") {
            return None;
        }
        let bias = self.graph.users(output).find(|user| op(user) == "Add" && !self.joins(user));
        Some(bias.map_or(output, |bias| &bias.output[0]))
    }
}
