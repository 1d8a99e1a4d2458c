//! Classes: the type of labels and predictions.

/// A class, counted from 0.
pub type Class = u32;

/// Stands for a probe that was not evaluated, because the depth was known without it. No class has this number.
pub const UNPROBED: Class = Class::MAX;

/// Stands for a label that is not known. No class has this number.
pub const UNLABELED: Class = Class::MAX;
