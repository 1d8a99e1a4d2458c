//! The layers that one pass through a network computed, kept in memory for later calls.

use std::cell::RefCell;
use std::ops::Range;

use crate::error::{Error, Result};

/// Keeps the layers of one pass. Callers take the layers in order, from the first or from the last on, and each once; a
/// layer that was taken is no longer kept.
pub struct Passes<L> {
    kept: RefCell<Kept<L>>,
}

struct Kept<L> {
    first: usize,
    /// `None` for a layer that was taken.
    layers: Vec<Option<L>>,
    /// The last layer that was taken.
    asked: Option<usize>,
}

impl<L> Default for Passes<L> {
    fn default() -> Self {
        Self { kept: RefCell::new(Kept { first: 0, layers: Vec::new(), asked: None }) }
    }
}

impl<L> Passes<L> {
    /// Returns a layer. If it is not kept, drops all others and calls `compute(backwards)` for a new pass, which
    /// returns the index of the first of some consecutive layers, and the layers. `backwards`: whether the caller takes
    /// the layers from the last one on.
    ///
    /// # Errors
    /// Any error of `compute`; [`Error::Empty`] if it did not compute the layer.
    pub fn layer(&self, index: usize, compute: impl FnOnce(bool) -> Result<(usize, Vec<L>)>) -> Result<L> {
        let mut kept = self.kept.borrow_mut();
        let backwards = kept.asked.map_or(index > 0, |asked| index + 1 == asked);
        kept.asked = Some(index);
        if let Some(layer) = kept.take(index) {
            return Ok(layer);
        }
        kept.layers.clear();
        let (first, layers) = compute(backwards)?;
        (kept.first, kept.layers) = (first, layers.into_iter().map(Some).collect());
        kept.take(index).ok_or_else(|| Error::Empty { what: format!("the pass for layer {index}") })
    }

    /// Drops all layers.
    pub fn clear(&self) {
        self.kept.borrow_mut().layers.clear();
    }
}

impl<L> Kept<L> {
    fn take(&mut self, index: usize) -> Option<L> {
        self.layers.get_mut(index.checked_sub(self.first)?)?.take()
    }
}

/// Returns `index` and as many layers after it, or with `backwards` before it, as take at most `budget` bytes together;
/// `bytes` are those of each layer. `index` is included even if it alone takes more.
pub fn fitting(bytes: &[u64], index: usize, backwards: bool, budget: u64) -> Range<usize> {
    let mut left = budget.checked_sub(bytes[index]);
    let mut fits = |layer: &usize| {
        left = left.and_then(|left| left.checked_sub(bytes[*layer]));
        left.is_some()
    };
    if backwards {
        let before = (0..index).rev().take_while(&mut fits).count();
        index - before..index + 1
    } else {
        let after = (index + 1..bytes.len()).take_while(&mut fits).count();
        index..index + 1 + after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_layers_as_fit_and_at_least_one() {
        let bytes = [4, 10, 3, 3, 1];
        assert_eq!(fitting(&bytes, 0, false, 21), 0..5);
        assert_eq!(fitting(&bytes, 0, false, 20), 0..4);
        assert_eq!(fitting(&bytes, 0, false, 13), 0..1);
        assert_eq!(fitting(&bytes, 1, false, 9), 1..2, "it does not fit, and no other goes with it");
        assert_eq!(fitting(&bytes, 4, true, 7), 2..5);
        assert_eq!(fitting(&bytes, 4, true, 0), 4..5);
        assert_eq!(fitting(&bytes, 2, true, u64::MAX), 0..3);
    }

    /// Returns the passes for layers that are taken in this order, if three layers fit.
    fn made(order: impl IntoIterator<Item = usize>) -> Vec<Range<usize>> {
        let (passes, mut made) = (Passes::default(), Vec::new());
        for index in order {
            let layer = passes.layer(index, |backwards| {
                let layers = fitting(&[1; 7], index, backwards, 3);
                made.push(layers.clone());
                Ok((layers.start, layers.collect()))
            });
            assert_eq!(layer.expect("a layer"), index);
        }
        made
    }

    #[test]
    fn a_walk_in_either_direction_makes_few_passes() {
        assert_eq!(made(0..7), [0..3, 3..6, 6..7]);
        assert_eq!(made((0..7).rev()), [4..7, 1..4, 0..1]);
        assert_eq!(made((0..7).chain(0..7)), [0..3, 3..6, 6..7, 0..3, 3..6, 6..7]);
        assert_eq!(made([0, 0]), [0..3, 0..3], "each layer once");
    }

    #[test]
    fn a_pass_without_the_layer_is_an_error() {
        assert!(Passes::<usize>::default().layer(2, |_| Ok((0, vec![0, 1]))).is_err());
    }
}
