//! Graphs that are made here, by the types of the reader.

mod faults;
mod runs;

use std::cell::RefCell;

use rten_onnx::onnx::{
    AttributeProto, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

use super::*;
use crate::error::Result;

/// A file under construction.
#[derive(Default)]
struct Made(GraphProto);

impl Made {
    /// Adds an input of float32; a dimension below 0 is free.
    fn input(self, name: &str, dims: &[i64]) -> Self {
        self.typed_input(name, dims, DataType::FLOAT)
    }

    fn typed_input(mut self, name: &str, dims: &[i64], kind: DataType) -> Self {
        let dim = |&side: &i64| Dimension {
            dim_value: (side >= 0).then_some(side),
            dim_param: (side < 0).then(|| "n".to_owned()),
        };
        let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
        let tensor_type = Some(TypeProtoTensor { elem_type: Some(kind), shape });
        let r#type = Some(TypeProto { tensor_type, ..TypeProto::default() });
        self.0.input.push(ValueInfoProto { name: Some(name.into()), r#type });
        self
    }

    fn output(mut self, name: &str) -> Self {
        self.0.output.push(ValueInfoProto { name: Some(name.into()), ..ValueInfoProto::default() });
        self
    }

    /// Adds float32 values, which repeat 1, 2, 3, 0, -1, -2 by tenths.
    fn weights(mut self, name: &str, dims: &[i64]) -> Self {
        let count: i64 = dims.iter().product();
        let values =
            (0..count).flat_map(|at| ((at % 6 + 1 - if at % 6 > 2 { 5 } else { 0 }) as f32 * 0.1).to_le_bytes());
        let raw_data = Some(RefCell::new(values.collect()));
        self.0.initializer.push(TensorProto { raw_data, ..tensor(name, dims, DataType::FLOAT) });
        self
    }

    fn wholes(mut self, name: &str, values: &[i64]) -> Self {
        let of = tensor(name, &[values.len() as i64], DataType::INT64);
        self.0.initializer.push(TensorProto { int64_data: values.into(), ..of });
        self
    }

    fn node(self, op: &str, inputs: &str, output: &str) -> Self {
        self.node_with(op, inputs, output, Vec::new())
    }

    /// Adds a node; `inputs` are separated by spaces.
    fn node_with(mut self, op: &str, inputs: &str, output: &str, attribute: Vec<AttributeProto>) -> Self {
        self.0.node.push(NodeProto {
            name: Some(format!("the {output}")),
            op_type: Some(op.into()),
            input: inputs.split(' ').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            output: vec![output.into()],
            attribute,
            domain: None,
        });
        self
    }

    fn proto(self) -> ModelProto {
        let opset = OperatorSetIdProto { domain: Some(String::new()), version: Some(17) };
        ModelProto { ir_version: Some(8), graph: Some(self.0), opset_import: vec![opset], ..ModelProto::default() }
    }

    fn bytes(self) -> Vec<u8> {
        self.proto().write_buf().expect("bytes")
    }

    fn file(self) -> Result<OnnxFile> {
        OnnxFile::read(&self.bytes(), |name| panic!("{name} is not beside it"))
    }

    /// Returns the network for examples of `shape` with these taps.
    fn network(self, taps: &str, shape: [usize; 3]) -> Result<OnnxNetwork> {
        self.file()?.network(&OnnxOptions { taps: TapChoice::parse(taps)?, ..OnnxOptions::default() }, shape)
    }

    fn refused(self) -> String {
        match self.network("auto", [1, 1, 4]) {
            Ok(network) => panic!("it runs: {:?}", network.values()),
            Err(error) => error.to_string(),
        }
    }
}

fn tensor(name: &str, dims: &[i64], kind: DataType) -> TensorProto {
    TensorProto { name: Some(name.into()), dims: dims.into(), data_type: Some(kind), ..TensorProto::default() }
}

fn number(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: Some(name.into()), i: Some(value), ..AttributeProto::default() }
}

/// A perceptron with one hidden layer, for rows of 4, with a free number of examples.
fn perceptron() -> Made {
    Made::default()
        .input("x", &[-1, 4])
        .weights("w1", &[4, 5])
        .node("MatMul", "x w1", "product")
        .node("Relu", "product", "hidden")
        .weights("w2", &[5, 3])
        .node("MatMul", "hidden w2", "scores")
        .output("scores")
}
