//! The number of values of a shape.

/// Returns the product of the sides; `None` for more than this machine can address. Sides come from files and options,
/// which may hold any number.
pub(crate) fn product(sides: &[usize]) -> Option<usize> {
    sides.iter().try_fold(1_usize, |product, &side| product.checked_mul(side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_can_address_is_none() {
        assert_eq!(product(&[3, 4, 5]), Some(60));
        assert_eq!((product(&[]), product(&[7, 0])), (Some(1), Some(0)));
        assert_eq!((product(&[usize::MAX, 1]), product(&[usize::MAX, 2])), (Some(usize::MAX), None));
    }
}
