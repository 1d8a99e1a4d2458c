//! What labels are equal, and which cannot be meant.

use std::collections::{BTreeMap, BTreeSet};

use super::format::FORMAT;
use super::number::number_text;
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// Markers of a missing label (our choice: what pandas, R and Weka write; `none` and `na` may be classes).
const MISSING: [&str; 12] = ["", "NA", "N/A", "#N/A", "nan", "NaN", "NAN", "null", "NULL", "None", "?", "<NA>"];

/// Number of rows from which on different labels in all rows are refused: fewer rows are too few to split, too.
const FEW: usize = 5;

/// Returns whether a label, without spaces around it, is none.
pub(super) fn is_missing(label: &str) -> bool {
    MISSING.contains(&label)
}

/// Writes numbers in one way if all labels are numbers, so that `1.0` and `1` are one class. Notes labels that differ
/// only in case or spaces.
///
/// # Errors
/// [`Error::Format`] if there is one label only, if every row has its own, or if they are measurements.
pub(super) fn unify(labels: &mut [String], report: &mut ReadReport) -> Result<()> {
    let finite = |label: &String| label.parse::<f64>().ok().filter(|number| number.is_finite());
    let written: BTreeSet<&String> = labels.iter().collect();
    let numbers: Option<BTreeMap<&String, f64>> =
        written.iter().map(|label| finite(label).map(|number| (*label, number))).collect();
    if let Some(numbers) = &numbers {
        let unified: BTreeMap<String, String> =
            numbers.iter().map(|(label, number)| ((*label).clone(), unified(label, *number))).collect();
        let classes: BTreeSet<&String> = unified.values().collect();
        let fractions = numbers.values().any(|number| number.fract() != 0.0);
        check_distinct(classes.len(), labels.len(), fractions)?;
        if classes.len() < unified.len() {
            let (label, class) = unified.iter().find(|(label, class)| label != class).unzip();
            let [label, class] = [label, class].map(|text| text.map_or("", String::as_str));
            report.note(format!("labels are numbers, so that {label} and {class} are one class"));
        }
        labels.iter_mut().for_each(|label| {
            if let Some(unified) = unified.get(label) {
                label.clone_from(unified);
            }
        });
    } else {
        check_distinct(written.len(), labels.len(), false)?;
        note_alike(&written, report);
    }
    match labels {
        [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|label| label == first) => {
            let problem =
                format!("all {} rows have the label {first:?}, so there is nothing to tell apart", rest.len() + 1);
            Err(Error::format(FORMAT, problem).remedied("choose another column by --label-column"))
        }
        _ => Ok(()),
    }
}

/// Returns a number as all equal ones are written; digits stay beyond the precision of float64.
fn unified(label: &str, number: f64) -> String {
    let digits = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    if digits && number >= 2.0_f64.powi(53) { label.to_owned() } else { number_text(number) }
}

fn check_distinct(classes: usize, rows: usize, fractions: bool) -> Result<()> {
    if rows < FEW || classes < rows && !(fractions && classes * 2 > rows) {
        return Ok(());
    }
    let problem =
        format!("its {rows} labels have {classes} different values: they are measurements or names, no classes");
    Err(Error::format(FORMAT, problem)
        .remedied("choose another column by --label-column, or put the values into a few classes"))
}

fn note_alike(labels: &BTreeSet<&String>, report: &mut ReadReport) {
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for label in labels {
        let letters = label.split_whitespace().collect::<String>().to_lowercase();
        alike.entry(letters).or_default().push(label);
    }
    for labels in alike.values().filter(|labels| labels.len() > 1) {
        let labels: Vec<String> = labels.iter().map(|label| format!("{label:?}")).collect();
        report.note(format!("labels that differ only in case or spaces are different classes: {}", labels.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unify_all(labels: &[&str]) -> Result<(Vec<String>, String)> {
        let mut labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        let mut report = ReadReport::default();
        unify(&mut labels, &mut report)?;
        Ok((labels, report.notes.join("\n")))
    }

    #[test]
    fn equal_numbers_are_one_class() {
        let (labels, notes) = unify_all(&["1.0", "1", "2", "02", "-3"]).expect("labels");
        assert_eq!(labels, ["1", "1", "2", "2", "-3"]);
        assert!(notes.contains("one class"), "{notes}");
        let (labels, notes) = unify_all(&["1.0", "0.0", "1.0"]).expect("labels");
        assert_eq!((labels, notes.as_str()), (vec!["1".to_owned(), "0".into(), "1".into()], ""));
        let (labels, _) = unify_all(&["1.0", "1", "cat"]).expect("labels");
        assert_eq!(labels, ["1.0", "1", "cat"], "not all are numbers");
        let long = ["9007199254740993", "9007199254740992", "9007199254740993"];
        assert_eq!(unify_all(&long).expect("labels").0, long);
    }

    #[test]
    fn labels_that_look_alike_are_noted() {
        let (labels, notes) = unify_all(&["Cat", "cat", "a dog", "adog", "cow", "cow"]).expect("labels");
        assert_eq!(labels.len(), 6);
        assert!(notes.contains("\"Cat\", \"cat\"") && notes.contains("\"a dog\", \"adog\""), "{notes}");
        assert!(!notes.contains("cow"), "{notes}");
    }

    #[test]
    fn measurements_names_and_one_class_are_refused() {
        for labels in [["a", "b", "c", "d", "e"], ["0.5", "0.5", "0.7", "0.8", "1"], ["1", "2", "3", "4", "5"]] {
            let words = unify_all(&labels).expect_err("no classes").to_string();
            assert!(words.contains("different values") && words.contains("--label-column"), "{words}");
        }
        assert!(unify_all(&["0.5", "0.5", "0.7", "0.7", "0.5"]).is_ok(), "two classes with fractions");
        assert!(unify_all(&["a", "a"]).expect_err("one class").to_string().contains("nothing to tell apart"));
    }
}
