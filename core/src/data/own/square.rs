//! Rows of numbers that may be square images.

/// Smallest number of values for which a picture is thought of (our choice: 8 x 8).
const PICTURE: usize = 64;

/// Returns the side of a square of this many pixels.
pub(super) fn side(pixels: usize) -> Option<usize> {
    Some(pixels.isqrt()).filter(|side| side * side == pixels)
}

/// Returns the side of a square of pixels that have this many values together, three each.
pub(super) fn color_side(values: usize) -> Option<usize> {
    values.is_multiple_of(3).then(|| side(values / 3)).flatten()
}

/// Returns what `--layout` may say of rows that are square images, grey or in colour; nothing for rows of other lengths.
pub(super) fn layouts(columns: usize) -> Option<String> {
    if columns < PICTURE {
        return None;
    }
    let grey = side(columns).map(|side| format!("{side}x{side}"));
    grey.or_else(|| color_side(columns).map(|side| format!("3x{side}x{side} or {side}x{side}x3")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_thought_of() {
        assert_eq!((side(784), side(785), color_side(3072), color_side(784)), (Some(28), None, Some(32), None));
        assert_eq!(layouts(64).as_deref(), Some("8x8"));
        assert_eq!(layouts(75).as_deref(), Some("3x5x5 or 5x5x3"));
        assert_eq!((layouts(49), layouts(65)), (None, None), "too small, and no square");
    }
}
