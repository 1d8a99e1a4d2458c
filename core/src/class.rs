//! Classes, which everything here speaks of.

/// A class, counted from 0.
pub type Class = u32;

/// Stands where a probe was not asked, since the depth was known without it. No class has this number.
pub const UNPROBED: Class = Class::MAX;
