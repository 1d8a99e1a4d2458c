//! Files that cannot run: each is an error that says where and why, without a panic or a large allocation.

use rand::RngExt;

use super::*;
use crate::random::{Stream, generator};

#[test]
fn names_must_lead_somewhere() {
    let circle = Made::default()
        .input("x", &[-1, 4])
        .node("Add", "x late", "early")
        .node("Relu", "early", "late")
        .node("Add", "late x", "scores")
        .output("scores")
        .refused();
    assert!(circle.contains("`early`, `late`") && circle.contains("circle"), "{circle}");
    let mut made = perceptron();
    made.0.initializer.remove(0);
    let missing = made.refused();
    assert!(missing.contains("node \"the product\" (MatMul)") && missing.contains("\"w1\""), "{missing}");
    assert!(perceptron().node("Relu", "x", "hidden").refused().contains("another value's name"));
    assert!(Made::default().input("x", &[-1, 4]).output("x").refused().contains("no nodes"));
    let two = perceptron().output("hidden").refused();
    assert!(two.contains("--output") && two.contains("`scores`, `hidden`"), "{two}");
    let mut other = perceptron().input("mask", &[-1, 4]);
    other.0.node[0].input[0] = "masked".into();
    let two = other.node("Mul", "x mask", "masked").refused();
    assert!(two.contains("2 inputs") && two.contains("`mask`"), "{two}");
    let mut none = perceptron();
    none.0.output.clear();
    assert!(none.refused().contains("no output"));
    let mut constant = Made::default().weights("w", &[2, 3]).node("Relu", "w", "scores").output("scores");
    constant.0.input.clear();
    assert!(constant.refused().contains("depends on no input"));
}

#[test]
fn operators_that_cannot_run_are_named() {
    let unknown = perceptron_after("Celestial").refused();
    assert!(unknown.contains("node \"the between\" (Celestial)"), "{unknown}");
    let wrong =
        Made::default().input("x", &[-1, 4]).weights("w", &[5, 3]).node("MatMul", "x w", "scores").output("scores");
    let wrong = wrong.refused();
    assert!(wrong.contains("node \"the scores\" (MatMul)") && wrong.contains("cannot run"), "{wrong}");
    let body =
        AttributeProto { name: Some("body".into()), g: Some(GraphProto::default()), ..AttributeProto::default() };
    let mut made = perceptron_after("Loop");
    made.0
        .node
        .iter_mut()
        .filter(|node| node.op_type.as_deref() == Some("Loop"))
        .for_each(|node| node.attribute.push(body.clone()));
    assert!(made.refused().contains("(Loop): it holds a graph of its own"));
}

/// The perceptron with a node of this operator before its output.
fn perceptron_after(op: &str) -> Made {
    let mut made = perceptron();
    made.0.output.clear();
    made.node(op, "scores", "between").node("Relu", "between", "end").output("end")
}

#[test]
fn outputs_must_be_scores_of_classes() {
    let mut whole = perceptron();
    whole.0.output.clear();
    let whole = whole.node_with("ArgMax", "scores", "best", vec![number("axis", 1)]).output("best").refused();
    assert!(whole.contains("\"best\"") && whole.contains("no fractions"), "{whole}");
    let one = Made::default().input("x", &[-1, 4]).weights("w", &[4, 1]).node("MatMul", "x w", "score").output("score");
    assert!(one.refused().contains("two classes or more"));
    let text = Made::default().typed_input("x", &[-1, 4], DataType::STRING).node("Relu", "x", "y").output("y");
    let text = text.refused();
    assert!(text.contains("input \"x\": its values are"), "{text}");
}

#[test]
fn sizes_are_bounded_before_anything_is_made() {
    let huge = 1 << 20;
    let with = |made: Made| made.node("Add", "large x", "scores").output("scores").refused();
    let start = || Made::default().input("x", &[-1, 4]);
    let constant = with(start().wholes("shape", &[huge, huge, 4]).node("ConstantOfShape", "shape", "large"));
    assert!(
        constant.contains("node \"the large\" (ConstantOfShape)") && constant.contains("would take up to"),
        "{constant}"
    );
    let column = start().wholes("one", &[1]).wholes("shape", &[huge, 1]);
    let all = [
        start().wholes("one", &[1]).wholes("shape", &[huge, huge]).node("Expand", "one shape", "large"),
        start().wholes("ones", &[1, 1]).wholes("times", &[i64::from(i32::MAX)]).node("Tile", "ones times", "large"),
        column.node("ConstantOfShape", "shape", "column").node("Transpose", "column", "row").node(
            "MatMul",
            "column row",
            "large",
        ),
        start()
            .weights("v", &[4096])
            .wholes("down", &[-1, 1, 1])
            .wholes("across", &[1, -1, 1])
            .node("Reshape", "v down", "a")
            .node("Reshape", "v across", "b")
            .node("Mul", "a b", "ab")
            .node("Mul", "ab v", "large"),
    ];
    for made in all {
        let refused = with(made);
        assert!(refused.contains("would take up to"), "{refused}");
    }
    let mut proto = perceptron().proto();
    proto.graph.as_mut().expect("a graph").initializer[0].dims = vec![1 << 40, 1 << 40];
    let bytes = proto.write_buf().expect("bytes");
    let refused = OnnxFile::read(&bytes, |_| Ok(Vec::new())).err().expect("refused").to_string();
    assert!(refused.contains("tensor \"w1\"") && refused.contains("impossible"), "{refused}");
}

#[test]
fn shapes_must_not_depend_on_the_data() {
    let start = || Made::default().input("x", &[-1, 4]);
    let found = start().node("NonZero", "x", "places");
    let to_float = vec![number("to", 1)];
    let found = found.node_with("Cast", "places", "scores", to_float).output("scores").refused();
    assert!(found.contains("node \"the places\" (NonZero)") && found.contains("depends on the data"), "{found}");
    let cast = vec![number("to", 7)];
    let shaped =
        start().node_with("Cast", "x", "shape", cast).node("Reshape", "x shape", "scores").output("scores").refused();
    assert!(shaped.contains("node \"the scores\" (Reshape)") && shaped.contains("depends on the data"), "{shaped}");
    // By the shape of the data it may.
    let fine = start().node("Shape", "x", "shape").node("Reshape", "x shape", "scores").output("scores");
    assert!(fine.network("all", [1, 1, 4]).is_ok());
}

#[test]
fn a_batch_that_is_written_into_the_graph_is_kept() {
    let made = Made::default().input("x", &[-1, 4]).wholes("one", &[1, 4]).node("Reshape", "x one", "row");
    let network =
        made.weights("w", &[4, 3]).node("MatMul", "row w", "scores").output("scores").network("all", [1, 1, 4]);
    let network = network.expect("one at a time");
    assert_eq!(crate::nets::Network::batch(&network), 1);
    assert!(network.notes()[0].contains("one example at a time"), "{:?}", network.notes());
}

/// A file with each kind of message and several operators.
fn rich() -> Vec<u8> {
    let kernel = AttributeProto { name: Some("kernel_shape".into()), ints: vec![3, 3], ..AttributeProto::default() };
    Made::default()
        .input("x", &[-1, 1, 6, 6])
        .weights("k", &[4, 1, 3, 3])
        .node_with("Conv", "x k", "maps", vec![kernel, number("group", 1)])
        .node("Relu", "maps", "rectified")
        .node("Shape", "rectified", "shape")
        .wholes("at", &[0])
        .node("Gather", "shape at", "examples")
        .wholes("rest", &[-1])
        .node_with("Concat", "examples rest", "wanted", vec![number("axis", 0)])
        .node("Reshape", "rectified wanted", "flat")
        .weights("w", &[64, 3])
        .node("MatMul", "flat w", "scores")
        .node_with("Softmax", "scores", "chances", vec![number("axis", -1)])
        .output("chances")
        .bytes()
}

/// Reads and runs what may be damaged. Only a panic or a crash is a failure.
fn survives(bytes: &[u8]) -> bool {
    let file = OnnxFile::read(bytes, |_| Ok(vec![0; 100]));
    let network =
        file.and_then(|file| file.network(&OnnxOptions { taps: TapChoice::All, ..OnnxOptions::default() }, [1, 6, 6]));
    let inputs = candle_core::Tensor::zeros((3, 36), candle_core::DType::F32, &candle_core::Device::Cpu);
    let inputs = inputs.expect("inputs");
    network.and_then(|network| crate::nets::Network::logits(&network, &inputs)).is_ok()
}

#[test]
fn files_that_are_cut_off_are_errors() {
    let bytes = rich();
    assert!(survives(&bytes));
    for end in 0..bytes.len() {
        let _ = survives(&bytes[..end]);
    }
}

#[test]
fn damaged_files_are_errors() {
    let (bytes, mut random) = (rich(), generator(0, Stream::Split));
    let mut survived = 0;
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..damaged.len());
            match random.random_range(0..3) {
                0 => damaged[at] = random.random_range(0..=255),
                1 => damaged[at] ^= 1 << random.random_range(0..8),
                _ => {
                    damaged.remove(at);
                }
            }
        }
        survived += usize::from(survives(&damaged));
    }
    assert!((10..290).contains(&survived), "{survived} of 300 run: some damage is in names and weights");
}
