//! Kinds of difficulty: the corners of (validation depth, training depth) (paper, section 4).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What makes an example hard, if anything. The order is that of the numbers in studies: 0, 1, 2, 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Small depth, seen or not.
    Easy,
    /// Unseen, early layers agree with the prediction; fitting the given label takes late ones. Often mislabelled.
    LooksLikeADifferentClass,
    /// Unseen, hard to place; with its label, fitted early.
    AmbiguousUnlessLabelled,
    /// Large depth, seen or not.
    Ambiguous,
}

impl Kind {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 4] =
        [Self::Easy, Self::LooksLikeADifferentClass, Self::AmbiguousUnlessLabelled, Self::Ambiguous];

    /// The kind in a corner: whether validation depth is high, and whether training depth is.
    pub fn of_corner([validation, training]: [bool; 2]) -> Self {
        Self::ALL[2 * usize::from(validation) + usize::from(training)]
    }

    /// The kind of a number in a study; None for NaN, which says that there is none.
    pub fn of_number(number: f32) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| f32::from(kind as u8) == number)
    }

    /// Its corner: whether validation depth is high there, and whether training depth is.
    pub fn corner(self) -> [bool; 2] {
        [self as usize >= 2, self as usize % 2 == 1]
    }

    /// As in figures and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::LooksLikeADifferentClass => "looks like a different class",
            Self::AmbiguousUnlessLabelled => "ambiguous unless labelled",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// Which quantiles of the mean depths divide low from high. The upper quartiles, unless said otherwise (our choice: the paper shows
/// the corners, and names no cuts; of easy data more than half has depth 0 in every model, and the medians tell nothing).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Of validation depth, from 0 to 1.
    pub validation: f64,
    /// Of training depth, from 0 to 1.
    pub training: f64,
}

impl Default for Quantiles {
    fn default() -> Self {
        Self { validation: 0.75, training: 0.75 }
    }
}

/// The depths above which a mean depth is high; the cut itself is low, so that many examples of depth 0 stay together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cuts {
    /// Of validation depth.
    pub validation: f64,
    /// Of training depth.
    pub training: f64,
}

impl Cuts {
    /// From all examples that have both mean depths, `[validation, training]`, NaN where there is none: the largest
    /// depth that is at most at the quantile (numpy's `lower`). None where no example has both.
    ///
    /// # Errors
    /// [`Error::Setting`] where a quantile is not from 0 to 1.
    pub fn new(points: &[[f64; 2]], quantiles: Quantiles) -> Result<Option<Self>> {
        let cut = |axis: usize, quantile: f64| {
            if !(0.0..=1.0).contains(&quantile) {
                let remedy = "choose from 0 to 1".into();
                return Err(Error::Setting { name: "quantile", value: quantile.to_string(), remedy });
            }
            let both = points.iter().filter(|point| point.iter().all(|depth| !depth.is_nan()));
            let mut depths: Vec<f64> = both.map(|point| point[axis]).collect();
            depths.sort_by(f64::total_cmp);
            let place = (quantile * depths.len().saturating_sub(1) as f64).floor() as usize;
            Ok(depths.get(place).copied())
        };
        let (validation, training) = (cut(0, quantiles.validation)?, cut(1, quantiles.training)?);
        Ok(validation.zip(training).map(|(validation, training)| Self { validation, training }))
    }

    /// The cuts that parted examples into these kinds, `[examples]`: the largest of the low depths. None where no example has
    /// a kind.
    pub fn of_kinds(points: &[[f64; 2]], kinds: &[Option<Kind>]) -> Option<Self> {
        let largest_low = |axis: usize| {
            let low = points.iter().zip(kinds).filter(|(_, kind)| kind.is_some_and(|kind| !kind.corner()[axis]));
            low.map(|(point, _)| point[axis]).max_by(f64::total_cmp)
        };
        Some(Self { validation: largest_low(0)?, training: largest_low(1)? })
    }

    /// The kind of an example with these mean depths, `[validation, training]`; None where one is NaN.
    pub fn kind(&self, [validation, training]: [f64; 2]) -> Option<Kind> {
        let both = !validation.is_nan() && !training.is_nan();
        both.then(|| Kind::of_corner([validation > self.validation, training > self.training]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_there_and_back() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!((kind as usize, Kind::of_corner(kind.corner())), (number, kind));
            assert_eq!(Kind::of_number(number as f32), Some(kind));
        }
        assert_eq!([f32::NAN, 4.0, 0.5, -1.0].map(Kind::of_number), [None; 4]);
        assert_eq!(Kind::LooksLikeADifferentClass.corner(), [false, true]);
        assert_eq!(Kind::AmbiguousUnlessLabelled.corner(), [true, false]);
    }

    #[test]
    fn the_cut_itself_is_low() {
        let points = [[0.0, 0.0], [0.0, 5.0], [0.0, 0.5], [4.0, 0.0], [3.0, 7.0], [f64::NAN, 9.0], [9.0, f64::NAN]];
        let cuts =
            Cuts::new(&points, Quantiles { validation: 0.5, training: 0.5 }).expect("medians").expect("some have both");
        assert_eq!(cuts, Cuts { validation: 0.0, training: 0.5 });
        let kinds: Vec<_> = points.iter().map(|&point| cuts.kind(point)).collect();
        let [easy, other, unless, ambiguous] = Kind::ALL.map(Some);
        assert_eq!(kinds, [easy, other, easy, unless, ambiguous, None, None]);
        assert_eq!(Cuts::of_kinds(&points, &kinds), Some(cuts));
        assert_eq!(Cuts::of_kinds(&points, &[None; 7]), None);
        let all_low = Cuts::new(&points, Quantiles { validation: 1.0, training: 1.0 }).expect("maxima");
        assert!(points[..5].iter().all(|&point| all_low.and_then(|cuts| cuts.kind(point)) == easy));
    }

    #[test]
    fn without_both_depths_there_are_no_cuts() {
        assert_eq!(Cuts::new(&[[1.0, f64::NAN]], Quantiles::default()).expect("a quantile"), None);
        for wrong in [-0.1, 1.1, f64::NAN] {
            assert!(Cuts::new(&[], Quantiles { training: wrong, ..Quantiles::default() }).is_err(), "{wrong}");
        }
    }
}
