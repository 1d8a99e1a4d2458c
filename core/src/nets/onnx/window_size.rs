//! How large the outputs of convolutions and pools can be at most.

use rten_onnx::onnx::NodeProto;

use super::nodes::{attribute, op, whole, wholes};
use super::operand::{LARGEST, Operand, product};

/// Returns the most places of a window of at least one value, times examples and channels.
pub(super) fn windows(node: &NodeProto, input: &Operand, grown: &[usize]) -> Option<u128> {
    let (before, positions) = input.shape.split_at_checked(2)?;
    let pads = wholes(node, "pads");
    let same = if attribute(node, "auto_pad").is_some() { LARGEST as u128 } else { 0 };
    let stride = |place: usize| wholes(node, "strides").get(place).map_or(1, |&stride| stride.max(1) as u128);
    let side = |(place, &side): (usize, &usize)| {
        let pad = |place: usize| pads.get(place).map_or(0, |&pad| pad.max(0) as u128);
        let side = side as u128;
        match grown.get(place) {
            Some(&kernel) => {
                let dilation = wholes(node, "dilations").get(place).map_or(1, |&dilation| dilation.max(1) as u128);
                let extra = wholes(node, "output_padding").get(place).map_or(0, |&extra| extra.max(0) as u128);
                let asked = wholes(node, "output_shape").get(place).map_or(0, |&asked| asked.max(0) as u128);
                (side * stride(place) + dilation.saturating_mul(kernel as u128) + extra).max(asked)
            }
            None if same > 0 => side,
            None => (side + pad(place) + pad(positions.len() + place)).div_ceil(stride(place)),
        }
    };
    let places = positions.iter().enumerate().map(side).fold(1, u128::saturating_mul);
    Some(product(before).saturating_mul(places))
}

pub(super) fn convolved(node: &NodeProto, input: &Operand, kernel: &Operand) -> Option<u128> {
    let transposed = op(node) == "ConvTranspose";
    let grown = if transposed { kernel.shape.get(2..)? } else { &[] };
    let groups = u128::try_from(whole(node, "group", 1)).ok()?;
    let maps = if transposed {
        (*kernel.shape.get(1)? as u128).saturating_mul(groups)
    } else {
        *kernel.shape.first()? as u128
    };
    let channels = (*input.shape.get(1)? as u128).max(1);
    Some((windows(node, input, grown)? / channels).saturating_mul(maps))
}
