//! How large the outputs of a node can be at most, known before it runs: files can ask for any size.

use rten_onnx::onnx::NodeProto;

use super::nodes::{attribute, op, whole, wholes};
use super::operand::{LARGEST, Operand, product};
use super::window_size::{convolved, windows};

/// Returns the most values that all outputs of a node can have; `None` if that is not known, since the operator cannot be
/// run.
pub(super) fn most_values(node: &NodeProto, inputs: &[Option<&Operand>]) -> Option<u128> {
    let input = |place: usize| inputs.get(place).copied().flatten();
    let first = || input(0);
    let all = || inputs.iter().flatten().map(|input| input.size()).fold(0, u128::saturating_add);
    if !domain_is_known(node) || !attributes_are_small(node) {
        return None;
    }
    Some(match op(node) {
        // Outputs are no larger than what goes in.
        "Abs"
        | "Acos"
        | "Acosh"
        | "ArgMax"
        | "ArgMin"
        | "Asin"
        | "Asinh"
        | "Atan"
        | "Atanh"
        | "BatchNormalization"
        | "Cast"
        | "CastLike"
        | "Ceil"
        | "Clip"
        | "Concat"
        | "Cos"
        | "Cosh"
        | "CumSum"
        | "DepthToSpace"
        | "DequantizeLinear"
        | "Elu"
        | "Erf"
        | "Exp"
        | "Flatten"
        | "Floor"
        | "Gelu"
        | "GlobalAveragePool"
        | "GlobalMaxPool"
        | "HardSigmoid"
        | "HardSwish"
        | "Identity"
        | "InstanceNormalization"
        | "IsInf"
        | "IsNaN"
        | "LayerNormalization"
        | "LeakyRelu"
        | "Log"
        | "LogSoftmax"
        | "LpNormalization"
        | "Neg"
        | "Not"
        | "QuantizeLinear"
        | "RMSNormalization"
        | "Reciprocal"
        | "ReduceL1"
        | "ReduceL2"
        | "ReduceLogSum"
        | "ReduceLogSumExp"
        | "ReduceMax"
        | "ReduceMean"
        | "ReduceMin"
        | "ReduceProd"
        | "ReduceSum"
        | "ReduceSumSquare"
        | "Relu"
        | "Reshape"
        | "Round"
        | "Scatter"
        | "ScatterElements"
        | "ScatterND"
        | "Shape"
        | "Sigmoid"
        | "Sign"
        | "Sin"
        | "Sinh"
        | "Size"
        | "Slice"
        | "Softmax"
        | "Softplus"
        | "Softsign"
        | "Split"
        | "Sqrt"
        | "Squeeze"
        | "Swish"
        | "Tan"
        | "Tanh"
        | "Transpose"
        | "Trilu"
        | "Unsqueeze" => all() + 64,
        "DynamicQuantizeLinear" | "TopK" => all().saturating_mul(2) + 64,
        "Add" | "And" | "Div" | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Max" | "Mean"
        | "Min" | "Mod" | "Mul" | "Or" | "PRelu" | "Pow" | "Sub" | "Sum" | "Where" | "Xor" => {
            broadcast(inputs.iter().flatten().map(|input| input.shape.clone()))
        }
        "ConstantOfShape" => wanted(first()?.wholes.as_ref()?),
        "EyeLike" | "GatherElements" => all(),
        "Expand" => broadcast([first()?.shape.clone(), sides(input(1)?.wholes.as_ref()?)].into_iter()),
        "Tile" => first()?.size().saturating_mul(wanted(input(1)?.wholes.as_ref()?)),
        "Range" => range(inputs)?,
        "OneHot" => first()?.size().saturating_mul(wanted(input(1)?.wholes.as_ref()?)),
        "Pad" => padded(node, inputs)?,
        "Resize" | "Upsample" => resized(node, inputs)?,
        "Gather" => {
            let rank = first()?.shape.len() as i64;
            let axis = usize::try_from(whole(node, "axis", 0).rem_euclid(rank.max(1))).ok()?;
            let row = first()?.size() / (*first()?.shape.get(axis)? as u128).max(1);
            row.saturating_mul(input(1)?.size())
        }
        "GatherND" => {
            let (of, rows) = (first()?, input(1)?);
            let (given, rows) = rows.shape.split_last()?;
            let before = usize::try_from(whole(node, "batch_dims", 0)).ok()?;
            product(rows).saturating_mul(product(of.shape.get(before.checked_add(*given)?..)?))
        }
        "MatMul" | "MatMulInteger" => matrix_product(&first()?.shape, &input(1)?.shape),
        "Gemm" => {
            let side = |operand: &Operand, name: &str, place: usize| {
                let place = if whole(node, name, 0) == 0 { place } else { 1 - place };
                operand.shape.get(place).map(|&side| side as u128)
            };
            side(first()?, "transA", 0)?.saturating_mul(side(input(1)?, "transB", 1)?)
        }
        "Conv" | "ConvInteger" | "ConvTranspose" => convolved(node, first()?, input(1)?)?,
        "AveragePool" | "MaxPool" => windows(node, first()?, &[])?.saturating_mul(2),
        "Einsum" => einsum(node, inputs)?,
        "GRU" | "LSTM" => {
            let units = u128::try_from(whole(node, "hidden_size", 0)).ok()?;
            let rows = product(first()?.shape.get(..2)?);
            (rows + 2 * *first()?.shape.get(1)? as u128).saturating_mul(2).saturating_mul(units)
        }
        _ => return None,
    })
}

/// Returns whether the operators of a node's domain are those of ONNX.
fn domain_is_known(node: &NodeProto) -> bool {
    matches!(node.domain.as_deref().unwrap_or_default(), "" | "ai.onnx")
}

fn attributes_are_small(node: &NodeProto) -> bool {
    let all = ["kernel_shape", "strides", "dilations", "pads", "output_padding", "output_shape"];
    let group = op(node).starts_with("Conv") && whole(node, "group", 1) < 1;
    let stride = ["strides", "dilations"].iter().any(|name| wholes(node, name).contains(&0));
    !group && !stride && all.iter().all(|name| wholes(node, name).iter().all(|size| (0..=LARGEST).contains(size)))
}

fn sides(wanted: &[i64]) -> Vec<usize> {
    wanted.iter().map(|&side| usize::try_from(side).unwrap_or(1)).collect()
}

fn wanted(of: &[i64]) -> u128 {
    product(&sides(of))
}

fn broadcast(shapes: impl Iterator<Item = Vec<usize>>) -> u128 {
    let mut sides: Vec<usize> = Vec::new();
    for shape in shapes {
        sides.resize(sides.len().max(shape.len()), 1);
        sides.iter_mut().zip(shape.iter().rev()).for_each(|(side, &other)| *side = (*side).max(other));
    }
    product(&sides)
}

fn range(inputs: &[Option<&Operand>]) -> Option<u128> {
    let number = |place: usize| {
        let operand = (*inputs.get(place)?)?;
        let whole = || operand.wholes.as_ref()?.first().map(|&number| number as f64);
        operand.floats.as_ref().and_then(|floats| floats.first().map(|&number| f64::from(number))).or_else(whole)
    };
    let count = ((number(1)? - number(0)?) / number(2)?).ceil();
    Some(if count.is_nan() { u128::MAX } else { count.max(0.0) as u128 })
}

fn padded(node: &NodeProto, inputs: &[Option<&Operand>]) -> Option<u128> {
    let input = (*inputs.first()?)?;
    let given = inputs.get(1).copied().flatten();
    let pads = given.map_or(Some(wholes(node, "pads")), |given| given.wholes.as_deref())?;
    // With axes, any dimension may be the padded one.
    let largest = |pads: &[i64]| pads.iter().map(|&pad| u128::try_from(pad).unwrap_or(0)).max().unwrap_or(0);
    let rank = input.shape.len();
    let at = |place: usize| {
        if pads.len() == 2 * rank {
            u128::try_from(pads[place] + pads[rank + place]).unwrap_or(0)
        } else {
            2 * largest(pads)
        }
    };
    let sides = input.shape.iter().enumerate().map(|(place, &side)| (side as u128).saturating_add(at(place)));
    Some(sides.fold(1, u128::saturating_mul))
}

fn resized(node: &NodeProto, inputs: &[Option<&Operand>]) -> Option<u128> {
    let input = (*inputs.first()?)?;
    let factors = |scales: &[f32]| {
        let factor = scales.iter().map(|&scale| f64::from(scale)).product::<f64>();
        if factor.is_finite() { (factor.max(0.0) * input.size() as f64).ceil() as u128 } else { u128::MAX }
    };
    let scales =
        inputs.iter().skip(1).flatten().filter_map(|input| input.floats.as_deref()).rfind(|all| !all.is_empty());
    let sizes =
        inputs.iter().skip(1).flatten().filter_map(|input| input.wholes.as_deref()).rfind(|all| !all.is_empty());
    match (sizes, scales, attribute(node, "scales")) {
        // With axes, the other dimensions stay.
        (Some(sizes), ..) if sizes.len() < input.shape.len() => Some(wanted(sizes).saturating_mul(input.size())),
        (Some(sizes), ..) => Some(wanted(sizes)),
        (None, Some(scales), _) => Some(factors(scales)),
        (None, None, Some(scales)) => Some(factors(&scales.floats)),
        _ => None,
    }
}

fn matrix_product(one: &[usize], other: &[usize]) -> u128 {
    let split = |shape: &[usize], rows: bool| match *shape {
        [] => (Vec::new(), 1),
        [_] => (Vec::new(), 1),
        [ref before @ .., row, column] => (before.to_vec(), if rows { row } else { column }),
    };
    let ((one, rows), (other, columns)) = (split(one, true), split(other, false));
    broadcast([one, other].into_iter()).saturating_mul(rows as u128).saturating_mul(columns as u128)
}

fn einsum(node: &NodeProto, inputs: &[Option<&Operand>]) -> Option<u128> {
    let equation: String = attribute(node, "equation")?.s.as_ref()?.chars().filter(|sign| *sign != ' ').collect();
    let terms = equation.split("->").next()?.split(',');
    let mut sizes = std::collections::HashMap::new();
    let mut rest = 1_u128;
    for (term, input) in terms.zip(inputs) {
        let input = (*input)?;
        if term.contains("...") || term.chars().count() != input.shape.len() {
            rest = rest.saturating_mul(input.size());
            continue;
        }
        for (letter, &side) in term.chars().zip(&input.shape) {
            let size = sizes.entry(letter).or_insert(side);
            *size = side.max(*size);
        }
    }
    let output = equation.split("->").nth(1);
    let kept = sizes.iter().filter(|(letter, _)| output.is_none_or(|output| output.contains(**letter)));
    Some(kept.fold(rest, |all, (_, &side)| all.saturating_mul(side as u128)))
}
