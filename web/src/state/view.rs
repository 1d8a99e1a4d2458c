//! The view of a study. The URL encodes it, so that it can be shared.

use prediction_depth::Class;
use prediction_depth::data::Split;
use prediction_depth::study::Study;

use super::change::Change;
use super::selection::Selection;

/// The order of the strip's columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By increasing depth.
    #[default]
    Depth,
    /// By given label, then by increasing depth.
    Class,
    /// By kind of difficulty, from easy to ambiguous, then examples without a kind; within a kind by increasing depth.
    Kind,
}

/// The view of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The split whose figures are shown.
    pub split: Split,
    /// The order of the strip.
    pub order: Order,
    /// The selected examples; the others are dimmed, and not among the images.
    pub picked: Selection,
    /// The current example, possibly of another split.
    pub example: Option<usize>,
}

impl Default for View {
    fn default() -> Self {
        Self { split: Split::Train, order: Order::Depth, picked: Selection::default(), example: None }
    }
}

impl View {
    /// Parses the hash of a URL, such as `#split=test&depth=5&example=12`. Missing or unknown parts have their
    /// defaults.
    pub fn from_hash(hash: &str) -> Self {
        let mut view = Self::default();
        for (key, value) in hash.trim_start_matches('#').split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "split" => view.split = split_of_key(value).unwrap_or(view.split),
                "order" => view.order = Order::named(value).unwrap_or_default(),
                "example" => view.example = value.parse().ok(),
                _ => view.picked.read(key, value),
            }
        }
        view
    }

    /// Returns the hash that [`View::from_hash`] reads; empty for the defaults.
    pub fn to_hash(&self) -> String {
        let plain = Self::default();
        let mut parts = Vec::new();
        if self.split != plain.split {
            parts.push(format!("split={}", split_key(self.split)));
        }
        if self.order != plain.order {
            parts.push(format!("order={}", self.order.name()));
        }
        parts.extend(self.picked.parts());
        parts.extend(self.example.map(|example| format!("example={example}")));
        if parts.is_empty() { String::new() } else { format!("#{}", parts.join("&")) }
    }

    /// Returns the view without parts that this study lacks; the first split takes the place of one that is not there.
    pub fn within(mut self, study: &Study) -> Self {
        if !study.splits.contains(&self.split) {
            self.split = study.splits().first().copied().unwrap_or(Split::Train);
        }
        if self.order == Order::Kind && study.kinds().is_none() {
            self.order = Order::Depth;
        }
        self.picked = self.picked.within(study);
        self.example = self.example.filter(|&example| example < study.labels.len());
        self
    }

    /// Returns an example to start with: the hardest with a depth, preferably one with a changed label.
    pub fn worth_a_look(&self, study: &Study) -> Option<usize> {
        let depths = study.measured.depths();
        let hardest = study.hardest_first(self.split);
        let settled = || hardest.iter().filter(|&&example| depths[example] < study.layers.len());
        let mut flipped = settled().filter(|&&example| study.is_flipped(example));
        flipped.next().or_else(|| settled().next()).or(hardest.first()).copied()
    }

    /// Returns the examples of the strip, left to right.
    pub fn columns(&self, study: &Study) -> Vec<usize> {
        let mut examples = study.hardest_first(self.split);
        examples.reverse();
        if self.order == Order::Class {
            examples.sort_by_key(|&example| study.given_labels[example]);
        } else if let (Order::Kind, Some(kinds)) = (self.order, study.kinds()) {
            examples.sort_by_key(|&example| (kinds[example].is_none(), kinds[example]));
        } else {
            // Within a depth, examples are ordered by class, which is easier to read than a random order.
            let depths = study.measured.depths();
            let class = |example: usize| -> Class { study.measured.predictions[example] };
            examples.sort_by_key(|&example| (depths[example], class(example)));
        }
        examples
    }

    /// Returns the selected examples of the split, hardest first; `mask` states which are selected, `[examples]`.
    pub fn selected(&self, study: &Study, mask: &[bool]) -> Vec<usize> {
        let mut examples = study.hardest_first(self.split);
        examples.retain(|&example| mask[example]);
        examples
    }

    /// Returns the view with a current example, without parts that the study lacks.
    pub fn filled(self, study: &Study) -> Self {
        let view = self.within(study);
        Self { example: view.example.or_else(|| view.worth_a_look(study)), ..view }
    }

    /// Returns the differences between this view and the next.
    pub fn change(&self, next: &Self) -> Change {
        Change::COLUMNS.only_if((self.split, self.order) != (next.split, next.order))
            | Change::SELECTION.only_if((self.split, self.picked) != (next.split, next.picked))
            | Change::EXAMPLE.only_if(self.example != next.example)
    }
}

impl Order {
    /// Returns the name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Class => "class",
            Self::Kind => "kind",
        }
    }

    /// Returns the order of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Depth, Self::Class, Self::Kind].into_iter().find(|order| order.name() == name)
    }
}

/// Returns the name of a split in URLs. The user's own held-out splits are counted from 1, since only the study knows
/// their names.
pub fn split_key(split: Split) -> String {
    match split {
        Split::HeldOut(place) => format!("{}-{}", split.name(), u32::from(place) + 1),
        split => split.name().into(),
    }
}

/// Returns the split that [`split_key`] names.
pub fn split_of_key(key: &str) -> Option<Split> {
    let own = || key.strip_prefix("held-out-")?.parse::<u8>().ok()?.checked_sub(1).map(Split::HeldOut);
    Split::ALL.into_iter().find(|split| split.name() == key).or_else(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_comes_back_from_its_hash() {
        let picked = Selection { depths: Some([5, 5]), class: Some(3), kind: None, map: Some([0, 2, 8, 14]) };
        let view = View { split: Split::Test, order: Order::Class, picked, example: Some(12) };
        assert_eq!(view.to_hash(), "#split=test&order=class&depth=5&class=3&map=0,2,8,14&example=12");
        assert_eq!(View::from_hash(&view.to_hash()), view);
        assert_eq!(View::default().to_hash(), "");
        assert_eq!(View::from_hash(""), View::default());
    }

    #[test]
    fn own_splits_are_counted_from_1() {
        let view = View { split: Split::HeldOut(1), ..View::default() };
        assert_eq!(view.to_hash(), "#split=held-out-2");
        assert_eq!(View::from_hash(&view.to_hash()), view);
        assert_eq!(["held-out-0", "held-out-", "held-out-999"].map(split_of_key), [None; 3]);
    }

    #[test]
    fn what_nobody_knows_is_ignored() {
        assert_eq!(View::from_hash("#split=nothing&order=&depth=-1&example=x&colour=red&&="), View::default());
    }
}
