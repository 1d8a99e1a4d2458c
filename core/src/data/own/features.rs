//! Scaling of features: the columns of a table, which share no unit, onto the 256 steps of a pixel.

use super::cells::Cells;
use crate::data::ReadReport;
use crate::error::{Error, Result};

/// Description of the scaling, appended to the data set's source.
pub(super) const SCALED: &str = ", each column scaled to 0 to 255 over the training rows and rounded";

/// Number of columns whose steps are counted together: 4 MiB of counters.
const BLOCK: usize = 4096;

/// Number of columns that a note names.
const NAMED: usize = 3;

/// Smallest number of training rows for which a single extreme value is looked for (our choice).
const FEW: usize = 10;

/// Returns the shape of a row of features as an image: it is no picture, so it has one line.
pub(super) fn shape(columns: usize) -> [usize; 3] {
    [1, 1, columns]
}

/// Scales the columns of all parts, of which the first is the training part: linearly, from 0 for a column's smallest
/// training value to 255 for its largest, rounded (our choice; 256 steps, as histogram-based learners bin features). A
/// constant column is 0. Values of the other parts outside of that range get its end. Returns the pixels of each part,
/// `[parts][rows, columns]`.
///
/// The report says what was scaled, which columns are constant, how many values are outside, and which columns one
/// extreme value makes useless. `format` is the name of the format in errors.
///
/// # Errors
/// [`Error::Format`] with the place of the first value that is not finite.
pub(super) fn scaled(parts: &[&dyn Cells], format: &'static str, report: &mut ReadReport) -> Result<Vec<Vec<u8>>> {
    let Some(&training) = parts.first() else { return Ok(Vec::new()) };
    let finite = |part: &dyn Cells, row: usize, column: usize| finite(part, row, column, format);
    let ranges = ranges(training, finite)?;
    let mut outside = Outside::default();
    let mut pixels = Vec::with_capacity(parts.len());
    for (number, &part) in parts.iter().enumerate() {
        let mut of_part = Vec::with_capacity(part.rows() * ranges.len());
        for row in 0..part.rows() {
            for (column, range) in ranges.iter().enumerate() {
                let value = finite(part, row, column)?;
                if number > 0 && !range.holds(value) {
                    outside.add(part, row, column);
                }
                of_part.push(range.step(value));
            }
        }
        pixels.push(of_part);
    }
    let columns = ranges.len();
    let what = if columns == 1 { "1 feature".into() } else { format!("{columns} features, each") };
    report.note(format!(
        "{what} scaled so that its range over the training rows is 0 to 255, in whole steps: finer differences are lost"
    ));
    note_constant(training, &ranges, report);
    note_crowded(training, &ranges, &pixels[0], report);
    outside.note(report);
    Ok(pixels)
}

/// The smallest and the largest training value of a column.
#[derive(Clone, Copy)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn holds(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Returns the step of a value, 0 to 255.
    fn step(self, value: f64) -> u8 {
        // Differences of halves, so that none is infinite.
        let (above, range) = (value / 2.0 - self.low / 2.0, self.high / 2.0 - self.low / 2.0);
        if range > 0.0 { (255.0 * (above / range)).round() as u8 } else { 0 }
    }
}

fn ranges(training: &dyn Cells, finite: impl Fn(&dyn Cells, usize, usize) -> Result<f64>) -> Result<Vec<Range>> {
    let mut ranges = vec![Range { low: f64::INFINITY, high: f64::NEG_INFINITY }; training.columns()];
    for row in 0..training.rows() {
        for (column, range) in ranges.iter_mut().enumerate() {
            let value = finite(training, row, column)?;
            (range.low, range.high) = (range.low.min(value), range.high.max(value));
        }
    }
    Ok(ranges)
}

/// Returns a value, which must be finite.
fn finite(cells: &dyn Cells, row: usize, column: usize, format: &'static str) -> Result<f64> {
    let value = cells.at(row, column);
    if value.is_finite() {
        return Ok(value);
    }
    let problem = format!("{} holds {value}, and features are finite numbers", cells.place(row, column));
    Err(Error::format(format, problem).remedied("fill such values in, or leave their rows or columns out"))
}

fn note_constant(training: &dyn Cells, ranges: &[Range], report: &mut ReadReport) {
    let constant: Vec<String> =
        (0..ranges.len()).filter(|&at| ranges[at].low == ranges[at].high).map(|at| training.column(at)).collect();
    if !constant.is_empty() {
        let columns = Counted { names: &constant, one: "", many: "columns" };
        report.note(format!("constant in all training rows, so of no use to the network: {columns}"));
    }
}

/// Notes the columns in which nearly all training rows have one step although their values differ: an extreme value
/// takes the range.
fn note_crowded(training: &dyn Cells, ranges: &[Range], pixels: &[u8], report: &mut ReadReport) {
    let (rows, columns) = (training.rows(), ranges.len());
    if rows < FEW {
        return;
    }
    let mut crowded = Vec::new();
    for first in (0..columns).step_by(BLOCK) {
        let block = first..columns.min(first + BLOCK);
        let mut counts = vec![[0_u32; 256]; block.len()];
        for row in pixels.chunks_exact(columns) {
            row[block.clone()].iter().zip(&mut counts).for_each(|(&step, counts)| counts[step as usize] += 1);
        }
        for (column, counts) in block.zip(counts) {
            let (step, count) = (0..=255_u8).zip(counts).max_by_key(|&(_, count)| count).unwrap_or_default();
            let count = count as usize;
            if count < rows && (count * 100 >= rows * 99 || count + 1 == rows) {
                crowded.extend(Crowded::new(training, ranges[column], [column, step.into(), count]));
            }
        }
    }
    for Crowded { column, row, share } in crowded.iter().take(NAMED) {
        let (value, place) = (training.at(*row, *column), training.place(*row, *column));
        report.note(format!(
            "{place}: {value} is so far from the others that {share:.1} % of the training rows share one of the 256 \
             steps, though their values differ; correct it or leave the row out, or take the column's logarithm"
        ));
    }
    if crowded.len() > NAMED {
        report.note(format!("{} more columns have such an extreme value", crowded.len() - NAMED));
    }
}

/// A column that an extreme value makes useless, and the row of that value.
struct Crowded {
    column: usize,
    row: usize,
    /// Percentage of the training rows that share a step.
    share: f64,
}

impl Crowded {
    /// Looks at a column, of which `count` rows share `step`; returns nothing if their values are equal.
    fn new(training: &dyn Cells, range: Range, [column, step, count]: [usize; 3]) -> Option<Self> {
        let values = || (0..training.rows()).map(|row| (row, training.at(row, column)));
        let mut sharing = values().filter(|&(_, value)| usize::from(range.step(value)) == step).map(|(_, value)| value);
        let first = sharing.next()?;
        if sharing.all(|value| value == first) {
            return None;
        }
        let far = |value: f64| (value / 2.0 - first / 2.0).abs();
        let (row, _) = values().max_by(|(_, a), (_, b)| far(*a).total_cmp(&far(*b)))?;
        Some(Self { column, row, share: 100.0 * count as f64 / training.rows() as f64 })
    }
}

/// The values of held-out rows that lie outside of the range of the training rows.
#[derive(Default)]
struct Outside {
    count: usize,
    first: String,
}

impl Outside {
    fn add(&mut self, part: &dyn Cells, row: usize, column: usize) {
        if self.count == 0 {
            self.first = format!("{} in {}", part.at(row, column), part.place(row, column));
        }
        self.count += 1;
    }

    fn note(self, report: &mut ReadReport) {
        let Self { count, first } = self;
        let range = "outside of the range of the training rows and got its end";
        match count {
            0 => {}
            1 => report.note(format!("one value of a held-out row is {range}: {first}")),
            _ => report.note(format!("{count} values of held-out rows are {range}, the first: {first}")),
        }
    }
}

/// Some names with their number: ``2 columns (`a`, `b`)``.
pub(super) struct Counted<'a> {
    pub names: &'a [String],
    pub one: &'a str,
    pub many: &'a str,
}

impl std::fmt::Display for Counted<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, named) = (self.names.len(), self.names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>());
        if count == 1 {
            return write!(to, "{}{}", self.one, named[0]);
        }
        let rest = if count > NAMED { ", ..." } else { "" };
        write!(to, "{count} {} ({}{rest})", self.many, named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of features.
    struct Rows<'a, const COLUMNS: usize>(&'a [[f64; COLUMNS]]);

    impl<const COLUMNS: usize> Cells for Rows<'_, COLUMNS> {
        fn rows(&self) -> usize {
            self.0.len()
        }

        fn columns(&self) -> usize {
            COLUMNS
        }

        fn at(&self, row: usize, column: usize) -> f64 {
            self.0[row][column]
        }

        fn place(&self, row: usize, column: usize) -> String {
            format!("row {}, {}", row + 1, self.column(column))
        }
    }

    fn scale<const COLUMNS: usize>(parts: &[&[[f64; COLUMNS]]]) -> (Vec<Vec<u8>>, String) {
        let parts: Vec<Rows<COLUMNS>> = parts.iter().map(|&rows| Rows(rows)).collect();
        let parts: Vec<&dyn Cells> = parts.iter().map(|part| part as &dyn Cells).collect();
        let mut report = ReadReport::default();
        let pixels = scaled(&parts, "test", &mut report).expect("finite numbers");
        (pixels, report.notes.join("\n"))
    }

    #[test]
    fn each_column_has_its_own_range_over_the_training_rows() {
        let (pixels, notes) =
            scale(&[&[[-1.0, 1000.0], [0.5, 3000.0], [1.0, 1004.0]], &[[0.0, 3001.0], [-9.0, 2000.0]]]);
        assert_eq!(pixels, [vec![0, 0, 191, 255, 255, 1], vec![128, 255, 0, 128]]);
        assert!(notes.contains("2 features, each scaled"), "{notes}");
        assert!(notes.contains("2 values of held-out rows") && notes.contains("3001 in row 1, column 2"), "{notes}");
        assert_eq!(scale(&[&[[0.0], [1.0]], &[], &[[0.5]]]).0, [vec![0, 255], vec![], vec![128]]);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        assert_eq!(scale(&[&[[-1.7e308], [0.0], [1.7e308]]]).0, [vec![0, 128, 255]]);
        assert_eq!(scale(&[&[[0.0], [256.0]]]).0, [vec![0, 255]], "nothing is special about 255");
    }

    #[test]
    fn constant_columns_are_counted() {
        let (pixels, notes) = scale(&[&[[7.0, 1.0], [7.0, 2.0]], &[[8.0, 1.0]]]);
        assert_eq!(pixels, [vec![0, 0, 0, 255], vec![0, 0]]);
        assert!(notes.contains("constant") && notes.contains("column 1") && !notes.contains("column 2"), "{notes}");
        assert!(notes.contains("one value of a held-out row"), "{notes}");
    }

    #[test]
    fn an_extreme_value_is_named_with_its_row() {
        let mut rows: Vec<[f64; 3]> =
            (0..100).map(|row| [f64::from(row), f64::from(row % 2), f64::from(row)]).collect();
        rows[41][0] = 1e9;
        rows[50][1] = 1e9;
        let (_, notes) = scale(&[&rows]);
        assert!(notes.contains("row 42, column 1: 1000000000"), "{notes}");
        assert!(notes.contains("99.0 % of the training rows") && notes.contains("row 51, column 2"), "{notes}");
        assert!(!notes.contains("column 3"), "{notes}");
        rows.iter_mut().for_each(|row| row[1] = 0.0);
        rows[50][1] = 1.0;
        rows[41][0] = 41.0;
        assert!(!scale(&[&rows]).1.contains("so far"), "a rare value of two is none");
    }

    #[test]
    fn what_is_not_finite_is_refused_with_its_place() {
        for wrong in [f64::NAN, f64::INFINITY] {
            for parts in [[&[[0.0], [wrong]][..], &[]], [&[[0.0], [1.0]], &[[0.0], [wrong]]]] {
                let parts = parts.map(Rows);
                let parts = [&parts[0] as &dyn Cells, &parts[1]];
                let error = scaled(&parts, "test", &mut ReadReport::default()).expect_err("not finite").to_string();
                assert!(error.contains("row 2, column 1") && error.contains("fill such values in"), "{error}");
            }
        }
    }
}
