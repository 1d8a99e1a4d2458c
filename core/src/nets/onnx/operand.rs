//! What is known of the inputs of a node.

/// Largest kernel, stride, dilation or padding (our choice): what is larger only costs time.
pub(super) const LARGEST: i64 = 1 << 16;

/// An input of a node.
pub(super) struct Operand {
    pub shape: Vec<usize>,
    /// Its values, if they are whole numbers and few.
    pub wholes: Option<Vec<i64>>,
    /// Its values, if they are fractions and few.
    pub floats: Option<Vec<f32>>,
}

impl Operand {
    pub fn size(&self) -> u128 {
        product(&self.shape)
    }
}

pub(super) fn product(sides: &[usize]) -> u128 {
    sides.iter().fold(1, |all, &side| all.saturating_mul(side as u128))
}
