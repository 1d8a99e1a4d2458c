//! Pooling: fewer values of an example at a layer, before its neighbours are searched.

use std::fmt;

use crate::product::product;

/// How the values of an example at a layer are pooled. (The paper does not pool.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Pooling {
    /// All values, as a row.
    #[default]
    None,
    /// Averages over parts of the positions, as PyTorch's adaptive average pooling: as many parts a side as leave at most
    /// this many values. A layer that has no more stays as it is.
    Average {
        /// Largest number of values.
        values: usize,
        /// Which dimension is no position; needed for layers with positions that are too large.
        channels: Option<Channels>,
    },
    /// The first position of a sequence [positions, dims] that is not masked.
    First,
    /// The last position that is not masked.
    Last,
    /// The mean of all positions that are not masked.
    Mean,
}

/// Where the channels of an example are among its dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    /// [channels, height, width] or [channels, length], as in PyTorch.
    First,
    /// [height, width, channels] or [positions, dims], as in JAX and Keras, and for sequences.
    Last,
}

impl Pooling {
    /// Returns whether all values are kept.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Returns whether it goes by a mask, if there is one.
    pub(crate) fn is_masked(self) -> bool {
        matches!(self, Self::First | Self::Last | Self::Mean)
    }

    /// Returns the pool of a layer whose examples have this shape.
    ///
    /// # Errors
    /// What is wrong, with the remedy: positions and channels cannot be told apart, or too many channels.
    pub(crate) fn of(self, shape: &[usize]) -> Result<Pool, String> {
        let all = product(shape).unwrap_or(usize::MAX);
        match (self, shape) {
            (Self::None, _) | (_, [] | [_]) => Ok(Pool::Whole(all)),
            (Self::Average { values, .. }, _) if all <= values => Ok(Pool::Whole(all)),
            (Self::Average { values, channels }, _) => average(shape, values, channels),
            (_, &[positions, dims]) => Ok(Pool::Sequence { positions, dims, pooling: self }),
            _ => Err(format!(
                "an example is {shape:?}, but `{self}` pools sequences, [positions, dims]: choose average, or reshape it"
            )),
        }
    }
}

fn average(shape: &[usize], values: usize, channels: Option<Channels>) -> Result<Pool, String> {
    let channels = channels.ok_or_else(|| {
        format!(
            "an example is {shape:?}: say whether its channels are the first dimension, as in PyTorch, or the last, as in \
             JAX, Keras and sequences (--channels)"
        )
    })?;
    let ([outer, inner], sides) = match (channels, shape) {
        (Channels::First, &[channels, height, width]) => ([channels, 1], [height, width]),
        (Channels::First, &[channels, length]) => ([channels, 1], [length, 1]),
        (Channels::Last, &[height, width, channels]) => ([1, channels], [height, width]),
        (Channels::Last, &[length, channels]) => ([1, channels], [length, 1]),
        _ => {
            return Err(format!(
                "an example is {shape:?}: average pools one or two dimensions of positions; reshape it to three dimensions"
            ));
        }
    };
    let least = outer * inner;
    if least > values {
        return Err(format!("it has {least} channels, so {values} values are too few: choose average:{least} or more"));
    }
    let fits = |&parts: &usize| least * parts.min(sides[0]) * parts.min(sides[1]) <= values;
    let parts = (1..=sides[0].max(sides[1])).take_while(fits).last().unwrap_or(1);
    Ok(Pool::Average { outer, inner, sides, parts: sides.map(|side| side.min(parts)) })
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Average { values, channels: None } => write!(f, "average:{values}"),
            Self::Average { values, channels: Some(Channels::First) } => write!(f, "average:{values}, channels first"),
            Self::Average { values, channels: Some(Channels::Last) } => write!(f, "average:{values}, channels last"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Mean => f.write_str("mean"),
        }
    }
}

/// The pooling of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pool {
    /// All of this many values.
    Whole(usize),
    /// Of [outer, height, width, inner], both sides in parts.
    Average { outer: usize, inner: usize, sides: [usize; 2], parts: [usize; 2] },
    /// Of [positions, dims].
    Sequence { positions: usize, dims: usize, pooling: Pooling },
}

impl Pool {
    /// Returns the number of values that it leaves.
    pub fn dims(&self) -> usize {
        match *self {
            Self::Whole(all) => all,
            Self::Average { outer, inner, parts, .. } => outer * parts[0] * parts[1] * inner,
            Self::Sequence { dims, .. } => dims,
        }
    }

    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// Returns whether a value of an example counts: what a mask leaves out of a sequence does not.
    pub fn uses(&self, inside: usize, mask: &[bool]) -> bool {
        match self {
            Self::Sequence { dims, .. } => mask[inside / dims],
            Self::Whole(_) | Self::Average { .. } => true,
        }
    }

    /// Appends the pooled values of one example. `mask` says which positions of a sequence count, `[positions]`; `None`:
    /// all of them. Means are summed in float64 and rounded.
    pub fn append(&self, values: &[f32], mask: Option<&[bool]>, to: &mut Vec<f32>) {
        match *self {
            Self::Whole(_) => to.extend_from_slice(values),
            Self::Average { outer, inner, sides, parts } => {
                for channel in values.chunks_exact(values.len() / outer) {
                    for rows in (0..parts[0]).map(|part| bounds(part, parts[0], sides[0])) {
                        for columns in (0..parts[1]).map(|part| bounds(part, parts[1], sides[1])) {
                            let places = rows
                                .clone()
                                .flat_map(|row| columns.clone().map(move |column| (row * sides[1] + column) * inner));
                            mean(channel, places, inner, to);
                        }
                    }
                }
            }
            Self::Sequence { positions, dims, pooling } => {
                let mut counted = (0..positions).filter(|&at| mask.is_none_or(|mask| mask[at])).map(|at| at * dims);
                match pooling {
                    Pooling::First => mean(values, counted.next().into_iter(), dims, to),
                    Pooling::Last => mean(values, counted.next_back().into_iter(), dims, to),
                    _ => mean(values, counted, dims, to),
                }
            }
        }
    }
}

/// Returns the positions of a part, as PyTorch cuts them: parts may overlap by one.
fn bounds(part: usize, parts: usize, side: usize) -> std::ops::Range<usize> {
    part * side / parts..((part + 1) * side).div_ceil(parts)
}

/// Appends the mean of some vectors of `dims` values, which begin at these places.
fn mean(values: &[f32], places: impl Iterator<Item = usize>, dims: usize, to: &mut Vec<f32>) {
    let (mut sums, mut count) = (vec![0.0; dims], 0.0);
    for place in places {
        count += 1.0;
        for (sum, &value) in sums.iter_mut().zip(&values[place..place + dims]) {
            *sum += f64::from(value);
        }
    }
    to.extend(sums.iter().map(|sum| (sum / count) as f32));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(pooling: Pooling, shape: &[usize], mask: Option<&[bool]>) -> Vec<f32> {
        let pool = pooling.of(shape).expect("a pool");
        let values: Vec<f32> = (0..product(shape).expect("few")).map(|value| value as f32).collect();
        let mut pooled = Vec::new();
        pool.append(&values, mask, &mut pooled);
        assert_eq!(pooled.len(), pool.dims());
        pooled
    }

    fn averages(values: usize, channels: Channels) -> Pooling {
        Pooling::Average { values, channels: Some(channels) }
    }

    #[test]
    fn averages_are_those_of_pytorch() {
        // adaptive_avg_pool2d(arange(30).view(1, 2, 3, 5), 2): parts of 3 rows are 0..2 and 1..3, of 5 columns 0..3 and 2..5.
        let right = [3.5, 5.5, 8.5, 10.5, 18.5, 20.5, 23.5, 25.5];
        assert_eq!(pooled(averages(11, Channels::First), &[2, 3, 5], None), right);
        // The same with the channels last: value = (row * 5 + column) * 2 + channel.
        let right = [7.0, 8.0, 11.0, 12.0, 17.0, 18.0, 21.0, 22.0];
        assert_eq!(pooled(averages(8, Channels::Last), &[3, 5, 2], None), right);
        assert_eq!(pooled(averages(2, Channels::Last), &[4, 2], None), [3.0, 4.0], "one part");
        assert_eq!(pooled(averages(4, Channels::First), &[2, 4], None), [0.5, 2.5, 4.5, 6.5]);
        assert_eq!(pooled(averages(6, Channels::First), &[1, 2, 9], None).len(), 6, "a short side stays whole");
        assert_eq!(pooled(averages(30, Channels::First), &[2, 3, 5], None).len(), 30, "it fits as it is");
        assert_eq!(pooled(Pooling::Average { values: 2, channels: None }, &[3], None), [0.0, 1.0, 2.0], "no positions");
    }

    #[test]
    fn sequences_go_by_the_mask() {
        let mask = [false, true, true, false];
        for (pooling, all, masked) in [
            (Pooling::First, [0.0, 1.0], [2.0, 3.0]),
            (Pooling::Last, [6.0, 7.0], [4.0, 5.0]),
            (Pooling::Mean, [3.0, 4.0], [3.0, 4.0]),
        ] {
            assert_eq!(pooled(pooling, &[4, 2], None), all, "{pooling}");
            assert_eq!(pooled(pooling, &[4, 2], Some(&mask)), masked, "{pooling}");
            assert_eq!(pooled(pooling, &[3], None), [0.0, 1.0, 2.0], "{pooling}: no sequence");
        }
        assert_eq!(pooled(Pooling::Mean, &[3, 1], Some(&[true, false, false])), [0.0]);
    }

    #[test]
    fn what_cannot_be_pooled_is_said_with_the_remedy() {
        let wrong = |pooling: Pooling, shape: &[usize]| pooling.of(shape).expect_err("refused");
        assert!(wrong(Pooling::Average { values: 5, channels: None }, &[2, 3]).contains("--channels"));
        assert!(wrong(averages(5, Channels::Last), &[2, 3, 6]).contains("average:6 or more"));
        assert!(wrong(averages(5, Channels::First), &[2, 3, 4, 5]).contains("reshape"));
        assert!(wrong(Pooling::Mean, &[2, 3, 4]).contains("choose average"));
    }
}
