//! Names of classes that stand beside the labels.

use std::collections::BTreeSet;

/// Replaces labels by the names of their classes: labels that all are names stay, else all must be numbers of names, from
/// 0. Returns the names.
///
/// # Errors
/// The problem, for a label that has no name and for a name that is there twice; `what` names the names.
pub(super) fn named(labels: &mut [Vec<String>], names: Vec<String>, what: &str) -> Result<Vec<String>, String> {
    let known: BTreeSet<&String> = names.iter().collect();
    if labels.iter().flatten().all(|label| known.contains(label)) {
        return distinct(names, what);
    }
    numbered(labels, names, what)
}

/// Replaces labels, which are numbers of names, from 0, by these names. Returns the names.
///
/// # Errors
/// As of [`named`].
pub(super) fn numbered(labels: &mut [Vec<String>], names: Vec<String>, what: &str) -> Result<Vec<String>, String> {
    let names = distinct(names, what)?;
    for label in labels.iter_mut().flatten() {
        let name = label.parse::<usize>().ok().and_then(|number| names.get(number));
        *label = name.cloned().ok_or_else(|| {
            let (count, last) = (names.len(), names.len().saturating_sub(1));
            format!("{what} names {count} classes, 0 to {last}, and there is a label {label}: name each class once")
        })?;
    }
    Ok(names)
}

fn distinct(names: Vec<String>, what: &str) -> Result<Vec<String>, String> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(format!("{what} has the name {name:?} twice: give each class its own")),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn labels_get_their_names() {
        let mut labels = [owned(&["0", "2"]), owned(&["1"])];
        let names = named(&mut labels, owned(&["a", "b", "c"]), "`classes`").expect("names");
        assert_eq!((names, labels), (owned(&["a", "b", "c"]), [owned(&["a", "c"]), owned(&["b"])]));
        let mut labels = [owned(&["1", "2"])];
        named(&mut labels, owned(&["1", "2", "3"]), "`classes`").expect("names");
        assert_eq!(labels, [owned(&["1", "2"])], "labels that are names");
        numbered(&mut labels, owned(&["1", "2", "3"]), "classes.txt").expect("names");
        assert_eq!(labels, [owned(&["2", "3"])], "lines are numbered");
    }

    #[test]
    fn a_label_without_a_name_is_refused() {
        let words = named(&mut [owned(&["0", "2"])], owned(&["a", "b"]), "`classes`").expect_err("no name");
        assert!(words.contains("2 classes, 0 to 1") && words.contains("label 2"), "{words}");
        assert!(named(&mut [owned(&["a"])], owned(&["a", "a"]), "`classes`").expect_err("twice").contains("twice"));
    }
}
