//! How many examples a graph takes at a time.

use rten::Model;

use super::graph::Graph;
use super::input::InputPlan;
use super::trial::{self, Tried};
use crate::error::Result;
use crate::nets::BATCH;

/// Most values of one pass (our choice): 256 MiB.
const PASS: usize = 1 << 26;

/// What a trial of the graph found.
pub(super) struct Trial {
    pub values: Vec<Tried>,
    /// Examples of the values.
    pub examples: usize,
    /// Examples of a pass.
    pub batch: usize,
    pub notes: Vec<String>,
}

impl Trial {
    /// Runs the graph with as many examples as the file fixes; with a free number, with two and with three, which tells
    /// the dimensions that grow.
    pub fn new(graph: &Graph, model: &Model, plan: &InputPlan, input: &str) -> Result<Self> {
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
        let batch = batch(&two, &three);
        let values = two.into_iter().zip(&three).map(|(two, three)| {
            let by_example = two.by_example && three.by_example;
            Tried { by_example, ..two }
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
