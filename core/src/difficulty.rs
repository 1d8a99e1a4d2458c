//! Kinds of difficulty: the corners of the plane of validation depth and training depth (paper, section 4).

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The kind of difficulty of an example. Studies store them as 0, 1, 2, 3 in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Low validation depth, low training depth.
    Easy,
    /// Low validation depth: early layers agree with the prediction. High training depth: only late layers fit the
    /// given label. Often mislabelled.
    LooksLikeADifferentClass,
    /// High validation depth, low training depth: hard to classify when unseen, but easy to fit.
    AmbiguousUnlessLabelled,
    /// High validation depth, high training depth.
    Ambiguous,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 4] =
        [Self::Easy, Self::LooksLikeADifferentClass, Self::AmbiguousUnlessLabelled, Self::Ambiguous];

    /// Returns the kind of a corner: whether validation depth is high, and whether training depth is.
    pub fn of_corner([validation, training]: [bool; 2]) -> Self {
        Self::ALL[2 * usize::from(validation) + usize::from(training)]
    }

    /// Returns the kind with this number in a study; `None` for NaN, which stands for no kind.
    pub fn of_number(number: f32) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| f32::from(kind as u8) == number)
    }

    /// Returns the corner: whether validation depth is high, and whether training depth is.
    pub fn corner(self) -> [bool; 2] {
        [self as usize >= 2, self as usize % 2 == 1]
    }

    /// Returns the name in figures and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::LooksLikeADifferentClass => "looks like a different class",
            Self::AmbiguousUnlessLabelled => "ambiguous unless labelled",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// The quantiles of the mean depths that separate low from high. The defaults are the upper quartiles (our choice: the
/// paper shows the corners but names no cuts; with easy data, more than half of the examples have depth 0 in every
/// model, so medians separate nothing).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Quantile of validation depth, from 0 to 1.
    pub validation: f64,
    /// Quantile of training depth, from 0 to 1.
    pub training: f64,
}

impl Default for Quantiles {
    fn default() -> Self {
        Self { validation: 0.75, training: 0.75 }
    }
}

/// The mean depths above which a depth counts as high. The cut itself is low, so that the many examples of depth 0
/// share a side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cuts {
    /// Cut of validation depth.
    pub validation: f64,
    /// Cut of training depth.
    pub training: f64,
}

impl Cuts {
    /// Computes the cuts from `points`, `[validation, training]` mean depths per example, NaN where there is none. Only
    /// examples with both count. A cut is the largest depth at or below the quantile (numpy's `lower`). Returns `None`
    /// if no example has both.
    ///
    /// # Errors
    /// [`Error::Setting`] if a quantile is not from 0 to 1.
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

    /// Recovers the cuts from the kinds of examples, `[examples]`: the largest of the low depths. Returns `None` if an
    /// axis has no low depth.
    pub fn of_kinds(points: &[[f64; 2]], kinds: &[Option<Kind>]) -> Option<Self> {
        let largest_low = |axis: usize| {
            let low = points.iter().zip(kinds).filter(|(_, kind)| kind.is_some_and(|kind| !kind.corner()[axis]));
            low.map(|(point, _)| point[axis]).max_by(f64::total_cmp)
        };
        Some(Self { validation: largest_low(0)?, training: largest_low(1)? })
    }

    /// Returns the kind of an example with these mean depths, `[validation, training]`; `None` if one is NaN.
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
