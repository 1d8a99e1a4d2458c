//! The name of the format in errors.

pub(super) const FORMAT: &str = "table";
