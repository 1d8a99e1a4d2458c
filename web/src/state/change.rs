//! The parts of the state that an action changed, so that only their views are redrawn.

use std::ops::BitOr;

/// A set of changes; [`Change::NOTHING`] is the empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change(u32);

impl Change {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// Another study is open.
    pub const STUDY: Self = Self(1);
    /// Displayed depths and margins.
    pub const FIGURES: Self = Self(1 << 1);
    /// The voters, without any effect on a figure.
    pub const NEIGHBORS: Self = Self(1 << 2);
    /// The examples of the strip, or their order.
    pub const COLUMNS: Self = Self(1 << 3);
    /// The selection, and the split.
    pub const SELECTION: Self = Self(1 << 4);
    /// The current example.
    pub const EXAMPLE: Self = Self(1 << 5);
    /// The kind of accuracies shown.
    pub const ACCURACY: Self = Self(1 << 6);
    /// The width of the page.
    pub const WIDTH: Self = Self(1 << 7);
    /// The edits of the image, before their measurement.
    pub const EDITS: Self = Self(1 << 8);
    /// The state of the editor's controls.
    pub const TOOLS: Self = Self(1 << 9);
    /// Whether the editor is open.
    pub const EDITOR: Self = Self(1 << 10);
    /// Edits that did not come from the editor's controls.
    pub const LOADED_EDITS: Self = Self(1 << 11);
    /// The measurement of the edited image.
    pub const EDITED: Self = Self(1 << 12);
    /// The status texts.
    pub const STATUS: Self = Self(1 << 13);
    /// The error message.
    pub const ALERT: Self = Self(1 << 14);
    /// The state of a training.
    pub const TRAINING: Self = Self(1 << 15);
    /// The classes offered for training.
    pub const CLASSES: Self = Self(1 << 16);

    /// Returns whether this set contains any change of `other`.
    pub fn touches(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns this set if the condition is true, otherwise the empty set.
    pub fn only_if(self, holds: bool) -> Self {
        if holds { self } else { Self::NOTHING }
    }
}

impl BitOr for Change {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_its_parts_and_nothing_else() {
        let both = Change::COLUMNS | Change::EXAMPLE;
        assert!(both.touches(Change::COLUMNS) && both.touches(Change::EXAMPLE | Change::STATUS));
        assert!(!both.touches(Change::SELECTION) && !Change::NOTHING.touches(both));
        assert_eq!([both.only_if(true), both.only_if(false)], [both, Change::NOTHING]);
    }
}
