//! A description of columns, for a table whose labels are not found.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::number::Reading;

/// Number of columns that are described.
const DESCRIBED: usize = 20;

/// Largest number of different values that may be labels.
const CLASSES: usize = 30;

/// Describes columns by their first rows, `[rows][columns]`: numbers, perhaps the labels, or an index.
pub(in crate::data::own) fn described(names: &[String], rows: &[Vec<Cell<'_>>]) -> String {
    let one = |at: usize| {
        let cells: Vec<Cell> = rows.iter().filter_map(|row| row.get(at).copied()).collect();
        format!("`{}` ({})", names[at], meaning(&cells))
    };
    let shown: Vec<String> = (0..names.len().min(DESCRIBED)).map(one).collect();
    match names.len().saturating_sub(DESCRIBED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more columns", shown.join(", ")),
    }
}

fn meaning(cells: &[Cell]) -> String {
    let there: Vec<(Reading, String)> = cells
        .iter()
        .map(|cell| (cell.number(), cell.word().into_owned()))
        .filter(|(reading, _)| *reading != Reading::Missing)
        .collect();
    let number = |reading: Reading| match reading {
        Reading::Number(number) | Reading::Comma { number, .. } => Some(number),
        _ => None,
    };
    let numbers: Vec<f64> = there.iter().filter_map(|(reading, _)| number(*reading)).collect();
    let counts = |start: usize| numbers.iter().enumerate().all(|(row, &number)| number == (row + start) as f64);
    let different: BTreeSet<&str> = there.iter().map(|(_, word)| word.as_str()).collect();
    let all = numbers.len() == there.len();
    let kind = if all { "numbers" } else { "texts" };
    let few = (2..=CLASSES).contains(&different.len()) && different.len() * 2 <= there.len();
    let classes = few && (!all || numbers.iter().all(|number| number.fract() == 0.0));
    let meaning = match different.first() {
        None => return "empty".into(),
        Some(one) if different.len() == 1 => format!("always {one}"),
        _ if all && cells.len() > 2 && (counts(0) || counts(1)) => "counts its rows: an index".into(),
        _ if classes => format!("{} different {kind}: perhaps the labels", different.len()),
        _ if all => kind.into(),
        Some(one) => format!("{kind} such as {one:?}"),
    };
    if there.len() < cells.len() { format!("{meaning}; some missing") } else { meaning }
}
