//! Warnings about data that can spoil a result.

use super::Split;
use super::summary::{DataSummary, Equals, Named, SkippedGroup};

impl DataSummary {
    /// Returns what can spoil a result, a sentence each; empty if there is nothing.
    pub fn warnings(&self) -> Vec<String> {
        let noun = if self.features { "row" } else { "image" };
        let mut warnings: Vec<String> = self
            .skipped
            .iter()
            .map(|SkippedGroup { reason, named }| format!("{} left out ({reason}): {}", named.count, named.listed()))
            .collect();
        let held_out = [
            ("validation", Split::Validation, &self.duplicates.validation_in_training),
            ("test", Split::Test, &self.duplicates.test_in_training),
        ];
        for (name, split, equals) in held_out {
            if let Some(pair) = equals.pair() {
                let all = self.examples(split);
                let (count, are) = (equals.count, if equals.count == 1 { "is" } else { "are" });
                warnings.push(format!("{count} of {all} {name} examples {are} in the training split, too{pair}"));
            }
        }
        if let Some(pair) = self.duplicates.labelled_differently.pair() {
            let count = counted(self.duplicates.labelled_differently.count, "example has", "examples have");
            warnings.push(format!("{count} the same {noun} as another one, but another label{pair}"));
        }
        if self.constant.count > 0 {
            let count = counted(self.constant.count, "image has", "images have");
            warnings.push(format!("{count} one value everywhere: {}", self.constant.listed()));
        }
        let rare = self.rare_classes();
        if rare.count > 0 {
            let count = counted(rare.count, "class has", "classes have");
            warnings.push(format!("{count} fewer than 2 training examples: {}", rare.listed()));
        }
        warnings
    }

    /// Returns the number of examples of a split.
    pub fn examples(&self, split: Split) -> usize {
        self.splits.iter().find(|read| read.split == split).map_or(0, |read| read.examples)
    }

    /// Returns the classes with fewer than two training examples: a probe leaves an example out of its own neighbours.
    fn rare_classes(&self) -> Named {
        let training = self.splits.iter().find(|read| read.split == Split::Train);
        let counts = training.map_or(&[][..], |read| &read.classes);
        let rare = self.classes.iter().zip(counts).filter(|(_, count)| **count < 2);
        Named::new(rare.map(|((name, _), _)| name.clone()))
    }
}

impl Named {
    /// Lists the names: `a, b, c and 9 more`.
    pub fn listed(&self) -> String {
        match self.count.saturating_sub(self.names.len()) {
            0 => self.names.join(", "),
            more => format!("{} and {more} more", self.names.join(", ")),
        }
    }
}

impl Equals {
    /// Describes the first pair, if there is one.
    fn pair(&self) -> Option<String> {
        let [one, other] = self.pairs.first()?;
        let such = if self.count > 1 { ", such as" } else { ":" };
        Some(format!("{such} {one} and {other}"))
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
