//! The words that name a split, the same for columns, arrays, files and folders.

use crate::data::Split;

/// Returns the split that a word names, in any case.
pub(super) fn split_of(word: &str) -> Option<Split> {
    match word.trim().to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" | "dev" => Some(Split::Validation),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_have_many_names() {
        for (name, split) in [
            ("Train", Some(Split::Train)),
            (" TRAINING ", Some(Split::Train)),
            ("dev", Some(Split::Validation)),
            ("Valid", Some(Split::Validation)),
            ("test", Some(Split::Test)),
            ("tset", None),
            ("", None),
        ] {
            assert_eq!(split_of(name), split, "{name}");
        }
    }
}
