//! The settings of a convolution.

/// Stride, padding and input activation of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Step between output pixels, in input pixels.
    pub stride: usize,
    /// Zeros added on each side, in pixels.
    pub padding: usize,
    /// Whether a ReLU is applied to the inputs first.
    pub rectified: bool,
}
