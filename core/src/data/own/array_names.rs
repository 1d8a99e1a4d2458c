//! What an array is by its name, the same for every file of arrays.

use super::arrays::Heading;
use super::split_word::split_of;
use crate::data::Split;
use crate::error::{Error, Result};
use crate::listed::listed;

/// Names of arrays of images or features, and of their labels, in the same order.
const VALUES: [&str; 8] = ["images", "image", "imgs", "x", "data", "features", "inputs", "samples"];
const LABELS: [&str; 6] = ["labels", "label", "y", "target", "targets", "class_labels"];
/// Names of arrays that name the examples, the best first.
const NAMES: [&str; 14] = [
    "ids",
    "id",
    "uuids",
    "keys",
    "key",
    "image_ids",
    "filenames",
    "file_names",
    "files",
    "filepaths",
    "file_paths",
    "paths",
    "image_paths",
    "names",
];
/// Names of arrays that name the classes.
const CLASSES: [&str; 4] = ["classes", "class_names", "label_names", "target_names"];
/// What joins such a name to a word for a split, which stands before or after it.
const JOINTS: [char; 4] = ['_', '-', '.', '/'];

/// Number of arrays that a message lists.
const LISTED: usize = 20;

/// How arrays must be called, for error messages.
const REMEDY: &str = "call them `images` and `labels`, `x_train` and `y_train`, `train_images` and `train_labels`, `X` and `y`, \
                      or `data` and `target`; with `val` or `test` instead of `train` for the other parts";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Values,
    Labels,
    /// Names of the examples: how good the array's own name is, 0 best.
    Names(usize),
}

/// The arrays of a split, by their places among all arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartArrays {
    pub split: Split,
    pub values: usize,
    pub labels: usize,
    pub names: Option<usize>,
}

/// The arrays of a data set, by their places among all arrays.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The training part first.
    pub parts: Vec<PartArrays>,
    pub classes: Option<usize>,
    /// Arrays that name the examples as well as those that were taken.
    pub other_names: Vec<usize>,
    pub unused: Vec<usize>,
}

/// Returns what a name means, in any case. `ids` is what the user calls the names of the examples.
fn role(name: &str, ids: Option<&str>) -> Option<(Role, Split)> {
    let name = name.to_ascii_lowercase();
    let word = |word: &str| match word {
        _ if ids.is_some_and(|ids| ids.eq_ignore_ascii_case(word)) => Some(Role::Names(0)),
        _ if VALUES.contains(&word) => Some(Role::Values),
        _ if LABELS.contains(&word) => Some(Role::Labels),
        _ => NAMES.iter().position(|known| *known == word).map(|place| Role::Names(1 + place)),
    };
    let both = |role: &str, split: &str| Some((word(role)?, split_of(split)?));
    let before = || name.split_once(JOINTS).and_then(|(split, role)| both(role, split));
    let after = || name.rsplit_once(JOINTS).and_then(|(role, split)| both(role, split));
    word(&name).map(|role| (role, Split::Train)).or_else(before).or_else(after)
}

/// Returns whether a name says what its array is.
pub(super) fn is_known(name: &str) -> bool {
    role(name, None).is_some() || CLASSES.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns the name of the labels that belong to an array of values, or the reverse.
fn counterpart(name: &str) -> String {
    let pairs = [
        ("images", "labels"),
        ("image", "label"),
        ("imgs", "labels"),
        ("x", "y"),
        ("data", "target"),
        ("features", "labels"),
    ];
    let back = pairs.map(|(values, labels)| (labels, values));
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(JOINTS).collect();
    let found = pairs.iter().chain(&back).find(|(word, _)| words.contains(word));
    found.map_or_else(|| "labels".into(), |(word, other)| lower.replacen(word, other, 1))
}

/// Chooses the arrays of a data set by their names. `ids` is what the user calls the names of the examples, if that is
/// none of the known names. Of several arrays of names the best is taken.
///
/// # Errors
/// [`Error::Format`] if the training part is missing, if a part lacks its labels or its values, or if several arrays
/// have one meaning; it names them. Also if no array has the user's name.
pub(super) fn choose(arrays: &[Heading], ids: Option<&str>, format: &'static str) -> Result<Chosen> {
    let wrong = |problem: String| Error::format(format, problem);
    let name = |at: usize| format!("`{}`", arrays[at].name);
    let one = |found: Vec<usize>| match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        [one, other, ..] => {
            let (one, other) = (name(one), name(other));
            Err(wrong(format!("it has {one} and {other}, which mean the same: leave one of them out, or rename it")))
        }
    };
    let having = |wanted: Role, split: Split| {
        one((0..arrays.len()).filter(|&at| role(&arrays[at].name, ids) == Some((wanted, split))).collect())
    };
    let naming = |split: Split| {
        let fit = |at: usize| match role(&arrays[at].name, ids)? {
            (Role::Names(fit), of) if of == split => Some((fit, at)),
            _ => None,
        };
        let mut found: Vec<(usize, usize)> = (0..arrays.len()).filter_map(fit).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at)
    };
    if let Some(ids) = ids
        && !arrays.iter().any(|array| matches!(role(&array.name, Some(ids)), Some((Role::Names(0), _))))
    {
        return Err(wrong(format!(
            "--id-column {ids}: no array is called so; the arrays are {}",
            listed(arrays, LISTED)
        )));
    }
    let (mut parts, mut other_names) = (Vec::new(), Vec::new());
    for split in Split::ALL {
        let mut naming = naming(split);
        let names = naming.next();
        other_names.extend(naming);
        match (having(Role::Values, split)?, having(Role::Labels, split)?) {
            (Some(values), Some(labels)) => parts.push(PartArrays { split, values, labels, names }),
            (None, None) if split == Split::Train => {
                parts.push(unnamed(arrays).ok_or_else(|| wrong(none_known(arrays)))?);
            }
            (None, None) => {}
            (Some(only), None) | (None, Some(only)) => {
                let (there, missing) = (name(only), counterpart(&arrays[only].name));
                let remedy = match split {
                    Split::Train => format!("call it so, if it is there: the arrays are {}", listed(arrays, LISTED)),
                    _ => format!("add it, or leave {there} out"),
                };
                return Err(wrong(format!("it has {there}, but no `{missing}`; {remedy}")));
            }
        }
    }
    let of_classes = |at: &usize| CLASSES.contains(&arrays[*at].name.to_ascii_lowercase().as_str());
    let classes = one((0..arrays.len()).filter(of_classes).collect())?;
    let used = |at: usize| {
        let in_part = |part: &PartArrays| part.values == at || part.labels == at || part.names == Some(at);
        classes == Some(at) || parts.iter().any(in_part) || other_names.contains(&at)
    };
    let unused = (0..arrays.len()).filter(|&at| !used(at)).collect();
    Ok(Chosen { parts, classes, other_names, unused })
}

/// Returns the training part of `numpy.savez(file, x, y)`, if only one of the two can be the labels.
fn unnamed(arrays: &[Heading]) -> Option<PartArrays> {
    let [one, other] = arrays else { return None };
    if !["arr_0", "arr_1"].iter().all(|name| [one, other].iter().any(|array| array.name == *name)) {
        return None;
    }
    let is_list = |array: &Heading| matches!(array.shape[..], [_] | [_, 1]);
    let is_table = |array: &Heading| array.shape.len() > 1 && !is_list(array);
    let alike = one.shape.first() == other.shape.first();
    let places = match (is_table(one) && is_list(other), is_list(one) && is_table(other)) {
        (true, false) if alike => [0, 1],
        (false, true) if alike => [1, 0],
        _ => return None,
    };
    Some(PartArrays { split: Split::Train, values: places[0], labels: places[1], names: None })
}

/// Returns the problem that no array is known.
fn none_known(arrays: &[Heading]) -> String {
    match arrays {
        [] => format!("it has no arrays; {REMEDY}"),
        _ => format!(
            "none of its arrays is known as the training images or labels: {}; {REMEDY}",
            listed(arrays, LISTED)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arrays::Kind;
    use super::*;

    fn chosen(names: &[&str]) -> Result<Chosen, String> {
        let shape = |name: &str| if name == "arr_0" { vec![4, 2, 2] } else { vec![4] };
        let arrays: Vec<Heading> = names.iter().map(|&name| Heading::new(name, Kind::Uint(1), shape(name))).collect();
        choose(&arrays, None, "test").map_err(|error| error.to_string())
    }

    fn parts(names: &[&str]) -> Vec<(Split, [usize; 2])> {
        let of = |part: &PartArrays| (part.split, [part.values, part.labels]);
        chosen(names).expect("a data set").parts.iter().map(of).collect()
    }

    #[test]
    fn pairs_are_known_by_their_names() {
        for pair in [
            ["images", "labels"],
            ["x_train", "y_train"],
            ["X_train", "y_train"],
            ["train_images", "train_labels"],
            ["images_train", "labels_train"],
            ["X", "y"],
            ["data", "target"],
            ["data", "labels"],
            ["features", "labels"],
            ["train.x", "train.y"],
            ["Images", "LABELS"],
            ["arr_0", "arr_1"],
        ] {
            assert_eq!(parts(&pair), [(Split::Train, [0, 1])], "{pair:?}");
            let [values, labels] = pair;
            assert_eq!(parts(&[labels, values]), [(Split::Train, [1, 0])], "{pair:?}");
        }
        let names = ["y_test", "x_test", "x_train", "y_train", "X_valid", "y_valid"];
        let expected = [(Split::Train, [2, 3]), (Split::Validation, [4, 5]), (Split::Test, [1, 0])];
        assert_eq!(parts(&names), expected);
        assert_eq!(parts(&["images", "labels", "val_images", "val_labels"])[1], (Split::Validation, [2, 3]));
        let names = ["training-x", "training-y", "x_dev", "y_dev", "testing/x", "testing/y"];
        assert_eq!(parts(&names), [(Split::Train, [0, 1]), (Split::Validation, [2, 3]), (Split::Test, [4, 5])]);
    }

    #[test]
    fn the_rest_is_names_or_unused() {
        let found = chosen(&["ids", "x", "y", "weights", "class_names"]).expect("a data set");
        assert_eq!((found.parts[0].names, found.classes, found.unused), (Some(0), Some(4), vec![3]));
    }

    #[test]
    fn the_best_names_are_taken_and_the_users_come_first() {
        let names = ["paths", "x", "y", "IDs", "stem", "x_test", "y_test", "test_keys"];
        let arrays: Vec<Heading> = names.iter().map(|&name| Heading::new(name, Kind::Uint(1), [4])).collect();
        let of = |ids: Option<&str>| choose(&arrays, ids, "test").map_err(|error| error.to_string());
        let named = |chosen: &Chosen| chosen.parts.iter().map(|part| part.names).collect::<Vec<_>>();
        let found = of(None).expect("a data set");
        assert_eq!((named(&found), found.other_names, found.unused), (vec![Some(3), Some(7)], vec![0], vec![4]));
        let found = of(Some("stem")).expect("a data set");
        assert_eq!((named(&found), found.other_names, found.unused), (vec![Some(4), Some(7)], vec![3, 0], vec![]));
        assert_eq!(named(&of(Some("paths")).expect("a data set"))[0], Some(0));
        let words = of(Some("stems")).expect_err("no such array");
        assert!(words.contains("--id-column stems") && words.contains("`stem` (uint8 [4])"), "{words}");
    }

    #[test]
    fn what_is_missing_or_there_twice_is_named() {
        let refused = |names: &[&str]| chosen(names).expect_err("refused");
        let words = refused(&["x_train", "y_train", "x_test"]);
        assert!(words.contains("`x_test`") && words.contains("no `y_test`"), "{words}");
        assert!(refused(&["images"]).contains("no `labels`"));
        assert!(refused(&["y_train"]).contains("no `x_train`"));
        let words = refused(&["images", "labels", "x_train"]);
        assert!(words.contains("`images` and `x_train`"), "{words}");
        let words = refused(&["a", "b"]);
        assert!(words.contains("`a` (uint8 [4])") && words.contains("call them"), "{words}");
        assert!(refused(&["arr_0", "arr_1", "arr_2"]).contains("`arr_2`"));
        assert!(refused(&["arr_1", "arr_2"]).contains("call them"));
        assert!(refused(&[]).contains("no arrays"));
    }
}
