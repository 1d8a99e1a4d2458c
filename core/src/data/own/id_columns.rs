//! Which column names the examples, by the names of the columns: one rule for tables and for Parquet files of images.

use std::collections::{HashMap, HashSet};

use crate::data::ReadReport;

/// Names of such a column in any case, best first (our choice: what leads back to a record before what leads back to a
/// file, and a name that people gave last). Names that end in the word `id` come after them.
const NAMES: [&str; 17] = [
    "id",
    "uuid",
    "guid",
    "__key__",
    "image_id",
    "imageid",
    "filename",
    "file_name",
    "file",
    "filepath",
    "file_path",
    "path",
    "image_path",
    "img_path",
    "image_name",
    "img_name",
    "name",
];

/// Names the examples if no other column does: beside an id it may be a feature, such as the key of a piece of music.
const KEY: &str = "key";

/// How well a column names the examples by its own name, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// One of the known names, by its place among them.
    Known(usize),
    /// A name that ends in the word `id`.
    EndsInId,
    /// The first column, without a name: perhaps names of rows, perhaps their index.
    Unnamed,
    /// `key`.
    Key,
}

impl Fit {
    /// Understands the name of column `at`; `None` if it names no examples.
    pub fn of(name: &str, at: usize) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let end = name.get(name.len().saturating_sub(3)..).unwrap_or_default();
        let word = name.len() > 2 && end.to_ascii_lowercase().ends_with("id");
        let separated = end.starts_with(['_', '-', ' ', '.']);
        let camel = end.ends_with("Id") || end.ends_with("ID") && end.starts_with(|letter: char| letter.is_lowercase());
        match NAMES.iter().position(|known| *known == lower) {
            Some(place) => Some(Self::Known(place)),
            None if word && (separated || camel) => Some(Self::EndsInId),
            None if at == 0 && (lower.is_empty() || lower.starts_with("unnamed: ")) => Some(Self::Unnamed),
            None => (lower == KEY).then_some(Self::Key),
        }
    }
}

/// Returns what a note says of the columns that name the examples as well, and that were not taken.
pub(super) fn instead(others: &[&str]) -> String {
    match others {
        [] => String::new(),
        [one] => format!(" (`{one}` could, too: --id-column {one})"),
        [one, ..] => {
            let all: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            format!(" ({} could, too: --id-column {one}, for example)", all.join(", "))
        }
    }
}

/// Returns whether each name is there once, and none is empty.
pub(super) fn are_distinct(names: &[String]) -> bool {
    let mut seen = HashSet::with_capacity(names.len());
    names.iter().all(|name| !name.is_empty() && seen.insert(name))
}

/// Notes how many examples lack a name, and how many share theirs: then only the id tells them apart. `names` are those
/// of all examples, in data set order.
pub(super) fn note(names: &[String], report: &mut ReadReport) {
    let unnamed = names.iter().filter(|name| name.is_empty()).count();
    if unnamed > 0 {
        let (all, have) = (names.len(), if unnamed == 1 { "has" } else { "have" });
        report.note(format!("{unnamed} of {all} examples {have} no name, but the id"));
    }
    let mut first: HashMap<&str, (usize, usize)> = HashMap::with_capacity(names.len());
    let mut pair = None;
    for (id, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let (earlier, count) = first.entry(name).or_insert((id, 0));
        *count += 1;
        if *count == 2 && pair.is_none() {
            pair = Some((name, [*earlier, id]));
        }
    }
    if let Some((name, [one, other])) = pair {
        let shared: usize = first.values().map(|(_, count)| count).filter(|count| **count > 1).sum();
        report.note(format!(
            "names are not unique: {shared} of {} examples share theirs, such as {name:?} (ids {one} and {other}); the id \
             tells them apart",
            names.len()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_ranked() {
        let order = ["Id", "uuid", "image_id", "filename", "path", "NAME", "user_id", "Unnamed: 0", "key"];
        let fits: Vec<Fit> = order.iter().map(|name| Fit::of(name, 0).expect("names examples")).collect();
        assert!(fits.is_sorted_by(|one, other| one < other), "{fits:?}");
        for name in ["PatientId", "patientID", "row id", "sample-ID", "a.id"] {
            assert_eq!(Fit::of(name, 3), Some(Fit::EndsInId), "{name}");
        }
        for name in ["acid", "ID2", "IDID", "hybrid", "", "Unnamed: 0", "keys", "label"] {
            assert_eq!(Fit::of(name, 3), None, "{name}");
        }
    }

    fn notes(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut report = ReadReport::default();
        note(&names, &mut report);
        report.notes
    }

    #[test]
    fn names_that_are_shared_or_missing_are_counted() {
        assert_eq!(notes(&["a", "b", "c"]), [""; 0]);
        assert_eq!(notes(&[]), [""; 0]);
        let shared = notes(&["a", "b", "a", "c", "b", "a"]);
        assert_eq!(shared.len(), 1);
        assert!(shared[0].contains("5 of 6 examples share theirs, such as \"a\" (ids 0 and 2)"), "{shared:?}");
        assert_eq!(notes(&["", "b", ""]), ["2 of 3 examples have no name, but the id"], "these two share none");
        assert_eq!(notes(&["", "b", "b"]).len(), 2);
    }

    #[test]
    fn distinct_names_are_told_from_others() {
        let distinct = |names: &[&str]| are_distinct(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(distinct(&["a", "b"]) && distinct(&[]));
        assert!(!distinct(&["a", "a"]) && !distinct(&["a", ""]));
    }
}
