//! Weights from ONNX files: the initializers of the graph. The graph itself is not executed.

use std::fmt::Display;

use candle_core::DType;
use rten_onnx::onnx::{DataLocation, DataType, ModelProto, TensorProto};

use super::values::floats;
use crate::error::{Error, Result};
use crate::nets::Weight;
use crate::nets::wire::check_wire;
use crate::product::product;

const FORMAT: &str = "ONNX file";

/// Reads weights by name; omits tensors that are not floating-point, such as shapes.
pub(super) fn weights(bytes: &[u8]) -> Result<Vec<Weight>> {
    check_wire(bytes)?;
    let graph = ModelProto::parse_buf(bytes)
        .map_err(|error| Error::unreadable(FORMAT, error))?
        .graph
        .ok_or_else(|| wrong("it holds no graph"))?;
    let tensors = graph.initializer.into_iter().filter_map(|tensor| Some((kind(&tensor)?, tensor)));
    tensors.map(|(kind, tensor)| weight(kind, tensor)).collect()
}

fn wrong(problem: impl Display) -> Error {
    Error::format(FORMAT, problem)
}

fn kind(tensor: &TensorProto) -> Option<DType> {
    match tensor.data_type? {
        DataType::FLOAT => Some(DType::F32),
        DataType::DOUBLE => Some(DType::F64),
        DataType::FLOAT16 => Some(DType::F16),
        DataType::BFLOAT16 => Some(DType::BF16),
        _ => None,
    }
}

fn weight(kind: DType, tensor: TensorProto) -> Result<Weight> {
    let name = tensor.name.clone().unwrap_or_default();
    if tensor.data_location == Some(DataLocation::EXTERNAL) {
        return Err(wrong(format!("`{name}` lies in another file: export the model into one")));
    }
    let shape: Option<Vec<usize>> = tensor.dims.iter().map(|&side| usize::try_from(side).ok()).collect();
    let shape = shape.ok_or_else(|| wrong(format!("`{name}` has the shape {:?}", tensor.dims)))?;
    let values = values(kind, tensor)?;
    if product(&shape) != Some(values.len()) {
        return Err(wrong(format!("`{name}` {shape:?} has {} values", values.len())));
    }
    Ok(Weight { name, shape, values })
}

/// Reads the values, which are stored as bytes or as numbers. In the second case, half-precision values are integers
/// with the same bits.
fn values(kind: DType, tensor: TensorProto) -> Result<Vec<f32>> {
    match (tensor.raw_data, kind) {
        (Some(bytes), _) => floats(&bytes.into_inner(), kind),
        (None, DType::F32) => Ok(tensor.float_data),
        (None, DType::F64) => Ok(tensor.double_data.into_iter().map(|value| value as f32).collect()),
        (None, _) => {
            let bytes: Vec<u8> = tensor.int32_data.into_iter().flat_map(|bits| (bits as u16).to_le_bytes()).collect();
            floats(&bytes, kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use rten_onnx::onnx::GraphProto;

    use super::*;

    fn file(initializer: Vec<TensorProto>) -> Vec<u8> {
        let graph = Some(GraphProto { initializer, ..GraphProto::default() });
        ModelProto { ir_version: Some(8), graph, ..ModelProto::default() }.write_buf().expect("bytes")
    }

    fn tensor(name: &str, data_type: DataType) -> TensorProto {
        TensorProto { name: Some(name.into()), dims: vec![1, 2], data_type: Some(data_type), ..TensorProto::default() }
    }

    fn refused(tensor: TensorProto) -> String {
        weights(&file(vec![tensor])).expect_err("a wrong tensor").to_string()
    }

    #[test]
    fn every_kind_of_float_is_read_as_bytes_and_as_numbers() {
        let bytes =
            |name, kind, bytes: Vec<u8>| TensorProto { raw_data: Some(RefCell::new(bytes)), ..tensor(name, kind) };
        let halves =
            |name, kind, bits: [u16; 2]| TensorProto { int32_data: bits.map(i32::from).into(), ..tensor(name, kind) };
        let float = [0.5_f32, -2.0];
        let found = weights(&file(vec![
            bytes("a", DataType::FLOAT, float.map(f32::to_le_bytes).concat()),
            bytes("b", DataType::DOUBLE, float.map(|value| f64::from(value).to_le_bytes()).concat()),
            bytes("c", DataType::FLOAT16, [0x3800_u16, 0xc000].map(u16::to_le_bytes).concat()),
            TensorProto { float_data: float.into(), ..tensor("d", DataType::FLOAT) },
            TensorProto { double_data: float.map(f64::from).into(), ..tensor("e", DataType::DOUBLE) },
            halves("f", DataType::FLOAT16, [0x3800, 0xc000]),
            halves("g", DataType::BFLOAT16, [0x3f00, 0xc000]),
            TensorProto { int64_data: vec![1, 2], ..tensor("shape", DataType::INT64) },
        ]));
        let found = found.expect("weights");
        assert_eq!(
            found.iter().map(|weight| &weight.name[..]).collect::<Vec<_>>(),
            ["a", "b", "c", "d", "e", "f", "g"]
        );
        assert!(found.iter().all(|weight| weight.shape == [1, 2] && weight.values == float), "{found:?}");
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let elsewhere = TensorProto { data_location: Some(DataLocation::EXTERNAL), ..tensor("a", DataType::FLOAT) };
        assert!(refused(elsewhere).contains("`a` lies in another file"));
        let short = TensorProto { float_data: vec![1.0], ..tensor("a", DataType::FLOAT) };
        assert!(refused(short).contains("`a` [1, 2] has 1 values"));
        let wrong = TensorProto { dims: vec![-1], ..tensor("a", DataType::FLOAT) };
        assert!(refused(wrong).contains("`a` has the shape [-1]"));
        assert!(weights(&[8, 1]).expect_err("no graph").to_string().contains("no graph"));
        assert!(weights(&[8]).is_err());
    }
}
