//! Labels and names from arrays.

use super::ReadOptions;
use super::arrays::{Array, Kind};
use crate::data::ReadReport;
use crate::error::{Result, same_length};

/// Largest float that stands for one whole number.
const EXACT: f64 = (1_u64 << 53) as f64;

/// Reads one label for each of `examples`: whole numbers of any type, or texts, `[n]`, `[n, 1]` or `[1, n]`; or rows of
/// which exactly one value is 1 and all others are 0, `[n, classes]`, whose label is the column of the 1. NaN and an
/// empty text are no label: such an example is dropped and counted with `drop_unlabelled`. Returns the kept examples
/// and their labels.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) with the place of the first value that is no label; [`Error::Mismatch`](crate::Error::Mismatch) for another number of labels.
pub(super) fn labels(
    array: &Array,
    examples: usize,
    options: &ReadOptions,
    report: &mut ReadReport,
    format: &'static str,
) -> Result<(Vec<usize>, Vec<String>)> {
    let wrong = |problem: String| array.wrong(format, problem);
    let found = match array.heading.shape[..] {
        [rows, columns] if columns > 1 && !(rows == 1 && columns == examples) => {
            count(array, rows, examples)?;
            one_hot(array).map_err(wrong)?
        }
        [count_of] | [count_of, 1] | [1, count_of] => {
            count(array, count_of, examples)?;
            (0..examples).map(|row| label(array, row)).collect::<Result<_, _>>().map_err(wrong)?
        }
        _ => return Err(wrong(format!("is {:?}, not [n]: give each example one label", array.heading.shape))),
    };
    note(array, &found, report);
    let missing = found.iter().filter(|label| label.is_none()).count();
    if let Some(first) = found.iter().position(Option::is_none) {
        if !options.drop_unlabelled {
            let more = if missing > 1 { format!(" and {} more", missing - 1) } else { String::new() };
            let problem = format!(
                "has no label at example {first}{more}: fill them in, leave these examples out, or skip \
                                   them with --drop-unlabelled"
            );
            return Err(wrong(problem));
        }
        for (row, _) in found.iter().enumerate().filter(|(_, label)| label.is_none()) {
            report.skip(format!("example {row} of `{}`", array.heading.name), "no label");
        }
    }
    Ok(found.into_iter().enumerate().filter_map(|(row, label)| Some((row, label?))).unzip())
}

/// Reads texts or whole numbers, `[n]`, `[n, 1]` or `[1, n]`: names of examples or classes.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format) for other arrays.
pub(crate) fn names(array: &Array, format: &'static str) -> Result<Vec<String>> {
    let ([count] | [count, 1] | [1, count]) = array.heading.shape[..] else {
        return Err(array.wrong(format, format_args!("is {:?}, not [n]", array.heading.shape)));
    };
    let name = |at| Ok(label(array, at).map_err(|problem| array.wrong(format, problem))?.unwrap_or_default());
    (0..count).map(name).collect()
}

fn count(array: &Array, labels: usize, examples: usize) -> Result<()> {
    same_length(&format!("labels in `{}`, one for each example", array.heading.name), examples, labels)
}

/// Reads a label; NaN and an empty text are none.
fn label(array: &Array, at: usize) -> Result<Option<String>, String> {
    match array.heading.kind {
        Kind::Utf8(_) | Kind::Utf32(_) => {
            let text = array.text(at)?;
            Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(String::from))
        }
        Kind::Float(_) | Kind::BrainFloat => match array.number(at) {
            number if number.is_nan() => Ok(None),
            number if number.fract() != 0.0 || number.abs() > EXACT => {
                let place = array.place(at, 0);
                Err(format!(
                    "holds {number} ({place}); labels and names are texts or whole numbers, as floats below 2^53"
                ))
            }
            number => Ok(Some((number as i64).to_string())),
        },
        _ => array
            .integer(at)
            .map(|integer| Some(integer.to_string()))
            .ok_or_else(|| format!("holds {}; labels and names are whole numbers or texts", array.heading.kind)),
    }
}

/// Reads the columns of the ones, `[n, classes]`.
fn one_hot(array: &Array) -> Result<Vec<Option<String>>, String> {
    let ([rows, columns], strides) = ([array.heading.shape[0], array.heading.shape[1]], array.strides());
    let shape = &array.heading.shape;
    let refused = |row: usize| {
        format!(
            "is {shape:?}, and its row {row} is no label: give each example one label, or a row with exactly one 1, all \
             others 0"
        )
    };
    if !array.heading.kind.is_number() {
        return Err(refused(0));
    }
    let of_row = |row: usize| {
        let value = |column: usize| array.number(row * strides[0] + column * strides[1]);
        let mut ones = (0..columns).filter(|&column| value(column) != 0.0);
        match (ones.next(), ones.next()) {
            (Some(column), None) if value(column) == 1.0 => Ok(Some(column.to_string())),
            _ => Err(refused(row)),
        }
    };
    (0..rows).map(of_row).collect()
}

fn note(array: &Array, labels: &[Option<String>], report: &mut ReadReport) {
    let name = &array.heading.name;
    if let [rows, columns] = array.heading.shape[..]
        && columns > 1
        && rows == labels.len()
    {
        report.note(format!("`{name}` has {columns} columns with one 1 in each row: the column of the 1 is the label"));
    }
    let negative = labels.iter().flatten().filter(|label| label.starts_with('-')).count();
    if array.heading.kind.is_number() && negative > 0 {
        report.note(format!(
            "`{name}` has negative numbers for {negative} of {} examples, which are classes like others: if they mean \
             that an example has no label, leave these out",
            labels.len()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::arrays::Heading;
    use super::*;

    fn read(kind: Kind, shape: &[usize], bytes: Vec<u8>, drop: bool) -> Result<(Vec<usize>, Vec<String>), String> {
        let array = Array::new(Heading::new("y", kind, shape), bytes, "test").expect("an array");
        let options = ReadOptions { drop_unlabelled: drop, ..ReadOptions::default() };
        let examples = if shape[0] == 1 && shape.len() > 1 { shape[1] } else { shape[0] };
        labels(&array, examples, &options, &mut ReadReport::default(), "test").map_err(|error| error.to_string())
    }

    fn floats(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn integers_floats_and_texts_are_labels() {
        let big = [u64::MAX, 7].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(read(Kind::Uint(8), &[2, 1], big, false).expect("labels").1, ["18446744073709551615", "7"]);
        assert_eq!(read(Kind::Float(8), &[1, 2], floats(&[-1.0, -0.0]), false).expect("labels").1, ["-1", "0"]);
        assert_eq!(read(Kind::Bool, &[2], vec![1, 0], false).expect("labels").1, ["1", "0"]);
        assert_eq!(read(Kind::Utf8(3), &[2], b"cat no".to_vec(), false).expect("labels").1, ["cat", "no"]);
        for wrong in [0.5, f64::INFINITY, 1e17] {
            let words = read(Kind::Float(8), &[2], floats(&[1.0, wrong]), true).expect_err("no label");
            assert!(words.contains(&format!("{wrong} (`y`[1])")), "{words}");
        }
        assert!(read(Kind::Uint(1), &[1, 1, 2], vec![0, 1], false).is_err());
    }

    #[test]
    fn rows_with_one_1_are_labels() {
        let rows = vec![0, 1, 0, 1, 0, 0, 0, 0, 1];
        assert_eq!(read(Kind::Uint(1), &[3, 3], rows, false).expect("labels").1, ["1", "0", "2"]);
        for wrong in [[0, 0, 0], [1, 1, 0], [2, 0, 0]] {
            let words = read(Kind::Uint(1), &[2, 3], [[0, 1, 0], wrong].concat(), false).expect_err("no label");
            assert!(words.contains("row 1") && words.contains("one label"), "{words}");
        }
    }

    #[test]
    fn what_has_no_label_is_refused_or_dropped() {
        let values = floats(&[f64::NAN, 3.0, f64::NAN]);
        let words = read(Kind::Float(8), &[3], values.clone(), false).expect_err("no label");
        assert!(words.contains("example 0 and 1 more") && words.contains("--drop-unlabelled"), "{words}");
        assert_eq!(read(Kind::Float(8), &[3], values, true).expect("one"), (vec![1], vec!["3".into()]));
    }
}
