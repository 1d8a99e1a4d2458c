//! The network's logits: its class of each example, and how clear it is.

use super::array_file::ArrayFile;
use super::convert::Convert;
use crate::class::Class;
use crate::error::{Error, Result};

/// What follows from the logits of a split.
pub(super) struct Logits {
    /// Where the user finds them.
    pub place: String,
    /// Number of columns, one for each class.
    pub columns: usize,
    /// The largest logit's class, the lowest if tied, `[examples]`.
    pub classes: Vec<Class>,
    /// Largest logit minus second largest, `[examples]`; 0 for a single class.
    pub margins: Vec<f32>,
}

impl Logits {
    /// Reads logits, [examples, classes], in blocks.
    ///
    /// # Errors
    /// [`Error::Activations`] for another shape, and for NaN and infinity with their place.
    pub fn read(array: &ArrayFile) -> Result<Self> {
        let (rows, columns) = match array.heading.shape[..] {
            [rows, columns] if columns > 0 => (rows, columns),
            _ => {
                let shape = &array.heading.shape;
                return Err(
                    array.wrong(format_args!("is {shape:?}, not [examples, classes]: write a row for each example"))
                );
            }
        };
        let convert = Convert::new(&array.heading).map_err(|problem| array.wrong(problem))?;
        let size = convert.size();
        array.size()?; // refuses claims beyond this machine
        // Each row's largest value and its column, and the second largest value.
        let mut best = vec![(f64::NEG_INFINITY, 0, f64::NEG_INFINITY); rows];
        array.read_through(|at, block| {
            for (at, value) in (at / size..).zip(block.chunks_exact(size)) {
                let (row, column) =
                    if array.heading.by_columns { (at % rows, at / rows) } else { (at / columns, at % columns) };
                let value = convert.to_f64(value);
                if !value.is_finite() {
                    let problem =
                        format!("it is {value}: the largest logit is the network's class, so all must be finite");
                    return Err(Error::activations(array.place_of(row, column), problem));
                }
                // In either order, a row's columns come from the first to the last: of equal values the lowest class stays.
                let (first, class, second) = &mut best[row];
                if value > *first {
                    (*second, *first, *class) = (*first, value, column as Class);
                } else {
                    *second = second.max(value);
                }
            }
            Ok(())
        })?;
        let margin =
            |&(first, _, second): &(f64, Class, f64)| if second.is_finite() { (first - second) as f32 } else { 0.0 };
        let (classes, margins) = best.iter().map(|row| (row.1, margin(row))).unzip();
        Ok(Self { place: array.place(), columns, classes, margins })
    }
}
