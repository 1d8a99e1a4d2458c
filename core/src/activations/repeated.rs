//! Splits that are the same files.

/// Returns a warning for each held-out split that holds what an earlier split holds. `splits` are names and hashes of the
/// contents, the training split first.
pub fn repeated_splits(splits: &[(&str, &str)]) -> Vec<String> {
    let warning = |(place, (name, hash)): (usize, &(&str, &str))| {
        let earlier = splits[..place].iter().position(|(_, other)| other == hash)?;
        Some(match earlier {
            0 => format!(
                "the held-out split `{name}` holds the same files as the training split: every example of it is its own \
                 nearest neighbour, so its depths are not those of held-out examples"
            ),
            _ => format!("the held-out split `{name}` holds the same files as `{}`", splits[earlier].0),
        })
    };
    splits.iter().enumerate().filter_map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_contents_are_told_by_name() {
        assert!(repeated_splits(&[("train", "a"), ("test", "b"), ("shifted", "c")]).is_empty());
        let told = repeated_splits(&[("train", "a"), ("test", "b"), ("mine", "a"), ("other", "b")]);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("the held-out split `mine` holds the same files as the training split"),
            "{told:?}"
        );
        assert_eq!(told[1], "the held-out split `other` holds the same files as `test`");
        assert!(repeated_splits(&[]).is_empty());
    }
}
