//! Lists of names in messages.

use std::fmt::Display;

/// Joins names by commas. Of more than `most` it says how many are left out: "a, b and 3 more".
pub(crate) fn listed(names: impl IntoIterator<Item = impl Display>, most: usize) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(most).map(|name| name.to_string()).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The same with each name between backticks.
pub(crate) fn quoted(names: impl IntoIterator<Item = impl Display>, most: usize) -> String {
    listed(names.into_iter().map(|name| format!("`{name}`")), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(listed(["a", "b", "c"], 3), "a, b, c");
        assert_eq!(listed(["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(quoted(["a", "b"], 1), "`a` and 1 more");
        assert_eq!(listed([""; 0], 2), "");
    }
}
