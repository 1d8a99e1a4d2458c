//! What an action changed, so that only what shows it is drawn anew.

use std::ops::BitOr;

/// A set of what changed; [`Change::NOTHING`] is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change(u32);

impl Change {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// Another study is open.
    pub const STUDY: Self = Self(1);
    /// The depths and margins that the figures show.
    pub const FIGURES: Self = Self(1 << 1);
    /// The neighbours that voted, and nothing that a figure shows.
    pub const NEIGHBORS: Self = Self(1 << 2);
    /// The examples of the strip, or their order.
    pub const COLUMNS: Self = Self(1 << 3);
    /// Which examples of which split are selected.
    pub const SELECTION: Self = Self(1 << 4);
    /// The example that is looked at.
    pub const EXAMPLE: Self = Self(1 << 5);
    /// Which accuracies are shown.
    pub const ACCURACY: Self = Self(1 << 6);
    /// The width of the page.
    pub const WIDTH: Self = Self(1 << 7);
    /// The edits of the image, whose depth is not known yet.
    pub const EDITS: Self = Self(1 << 8);
    /// What the controls of the editor say.
    pub const TOOLS: Self = Self(1 << 9);
    /// Whether the editor is open.
    pub const EDITOR: Self = Self(1 << 10);
    /// The edits came from elsewhere than the editor's controls.
    pub const LOADED_EDITS: Self = Self(1 << 11);
    /// What is known of the edited image.
    pub const EDITED: Self = Self(1 << 12);
    /// What the page says of its measurement.
    pub const STATUS: Self = Self(1 << 13);
    /// What went wrong.
    pub const ALERT: Self = Self(1 << 14);
    /// How a training stands.
    pub const TRAINING: Self = Self(1 << 15);
    /// The classes that a training may choose from.
    pub const CLASSES: Self = Self(1 << 16);

    /// Whether some of `other` is in it.
    pub fn touches(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// This change if something holds, else nothing.
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
