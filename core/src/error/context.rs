//! What an error tells of itself, and how callers add where it happened.

use std::error::Error as Cause;
use std::fmt::Display;

use super::Error;

impl Error {
    /// Returns whether a network is none: its loss, weights, logits or representations are not numbers. Another learning
    /// rate may help; the same computation fails again.
    pub fn is_divergence(&self) -> bool {
        matches!(self, Self::Diverged { .. } | Self::Unusable { .. } | Self::NotFinite { .. })
    }

    /// Returns whether bytes are not what was written: cut off, changed, or inconsistent.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Format { .. }
                | Self::Mismatch { .. }
                | Self::BadLabel { .. }
                | Self::Empty { .. }
                | Self::TooLarge { .. }
        )
    }

    /// Adds the step of the training to an [`Unusable`](Self::Unusable) error; does not change other errors.
    #[must_use]
    pub fn at_step(self, step: usize) -> Self {
        match self {
            Self::Unusable { tensor, place, value, .. } => Self::Unusable { tensor, place, value, step: Some(step) },
            other => other,
        }
    }

    /// Creates an [`Activations`](Self::Activations) error.
    pub(crate) fn activations(place: impl Display, problem: impl Display) -> Self {
        Self::Activations { place: place.to_string(), problem: problem.to_string() }
    }

    /// Creates a [`Format`](Self::Format) error.
    pub(crate) fn format(format: &'static str, problem: impl Display) -> Self {
        Self::Format { format, byte: None, problem: problem.to_string(), source: None }
    }

    /// Creates a [`Format`](Self::Format) error from a library's error.
    pub(crate) fn unreadable(format: &'static str, source: impl Cause + Send + Sync + 'static) -> Self {
        Self::Format { format, byte: None, problem: source.to_string(), source: Some(Box::new(source)) }
    }

    /// Sets the byte of a [`Format`](Self::Format) error; does not change other errors.
    pub(crate) fn at_byte(self, at: impl Into<Option<usize>>) -> Self {
        match self {
            Self::Format { format, problem, source, .. } => Self::Format { format, byte: at.into(), problem, source },
            other => other,
        }
    }

    /// Prefixes a [`Format`](Self::Format) error with a part of the file; does not change other errors.
    pub(crate) fn within(self, part: impl Display) -> Self {
        match self {
            Self::Format { format, byte, problem, source } => {
                Self::Format { format, byte, problem: format!("{part}: {problem}"), source }
            }
            other => other,
        }
    }

    /// Appends advice to a [`Format`](Self::Format) error; does not change other errors.
    pub(crate) fn remedied(self, remedy: impl Display) -> Self {
        match self {
            Self::Format { format, byte, problem, source } => {
                Self::Format { format, byte, problem: format!("{problem}; {remedy}"), source }
            }
            other => other,
        }
    }
}
