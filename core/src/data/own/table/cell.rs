//! One value of a table, before its meaning is known.

use std::borrow::Cow;

use super::number::{Reading, number_text, read_number};

/// A value of a text table, or of a typed one.
#[derive(Clone, Copy)]
pub(in crate::data::own) enum Cell<'a> {
    Text(&'a str),
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only typed tables have them"))]
    Number(f64),
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only typed tables have them"))]
    Whole(i128),
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only typed tables have them"))]
    Bool(bool),
    /// Anything else, by the name of its type.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "only typed tables have them"))]
    Other(&'static str),
    Missing,
}

impl<'a> Cell<'a> {
    /// Returns the cell as a number, if it is one.
    pub(super) fn number(self) -> Reading {
        match self {
            Self::Text(text) => read_number(text),
            Self::Number(number) if number.is_finite() => Reading::Number(number),
            Self::Number(number) if number.is_nan() => Reading::Missing,
            Self::Number(_) => Reading::Infinite,
            Self::Whole(number) => Reading::Number(number as f64),
            Self::Bool(yes) => Reading::Bool(yes),
            Self::Other(_) => Reading::Text,
            Self::Missing => Reading::Missing,
        }
    }

    /// Returns the cell as a word, without spaces around it; a missing one is empty.
    pub(super) fn word(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text.trim().into(),
            Self::Number(number) if number.is_nan() => "".into(),
            Self::Number(number) => number_text(number).into(),
            Self::Whole(number) => number.to_string().into(),
            Self::Bool(yes) => if yes { "True" } else { "False" }.into(),
            Self::Other(name) => name.into(),
            Self::Missing => "".into(),
        }
    }
}
