//! Weights that PyTorch and safetensors wrote.

use std::collections::HashMap;

use prediction_depth::study::{Study, Weight, read_weights};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Made by `fixtures/make.py` with PyTorch.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name))
    };
}

/// Counted up in eighths from -1, over all tensors in the order of `fixtures/make.py`; here by name.
fn counted() -> Vec<Weight> {
    let shapes: [(&str, &[usize]); 4] =
        [("conv1.weight", &[2, 1, 3, 3]), ("conv1.bias", &[2]), ("logits.weight", &[3, 8]), ("logits.bias", &[3])];
    let mut next = (0..).map(|at| at as f32 / 8.0 - 1.0);
    let mut weights = shapes.map(|(name, shape)| {
        let values = next.by_ref().take(shape.iter().product()).collect();
        Weight { name: name.into(), shape: shape.to_vec(), values }
    });
    weights.sort_by(|a, b| a.name.cmp(&b.name));
    weights.into()
}

fn read(bytes: &[u8]) -> Vec<Weight> {
    read_weights(bytes).expect("weights")
}

fn refused(bytes: &[u8]) -> String {
    read_weights(bytes).expect_err("wrong bytes").to_string()
}

#[test]
fn a_state_dict_is_read() {
    assert_eq!(read(fixture!("state.pth")), counted());
    assert_eq!(read(fixture!("checkpoint.pt")), counted(), "in double precision, beside something else");
}

#[test]
fn a_tensor_may_lie_in_any_order() {
    let logits: Vec<Weight> = counted().into_iter().filter(|weight| weight.name == "logits.weight").collect();
    assert_eq!(read(fixture!("turned.pth")), logits);
}

#[test]
fn safetensors_are_read_the_same() {
    assert_eq!(read(&Study::weights_to_bytes(&counted()).expect("bytes")), counted());
    let doubles: Vec<(Weight, Vec<u8>)> = counted()
        .into_iter()
        .map(|weight| {
            let bytes = weight.values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect();
            (weight, bytes)
        })
        .collect();
    let view = |kind, shape: &[usize], bytes| TensorView::new(kind, shape.to_vec(), bytes).expect("a tensor");
    let tensors = |prefix: &str| -> HashMap<String, TensorView<'_>> {
        let tensor = |(weight, bytes): &'_ (Weight, Vec<u8>)| {
            (format!("{prefix}{}", weight.name), view(Dtype::F64, &weight.shape, bytes))
        };
        doubles.iter().map(tensor).collect()
    };
    assert_eq!(read(&safetensors::serialize(tensors(""), None).expect("bytes")), counted());
    let mut study = tensors("weights/");
    study.insert("images".into(), view(Dtype::U8, &[2], &[1, 2]));
    assert_eq!(read(&safetensors::serialize(study, None).expect("bytes")), counted(), "those of a study");
    let mut beside = tensors("");
    beside.insert("images".into(), view(Dtype::U8, &[2], &[1, 2]));
    let words = refused(&safetensors::serialize(beside, None).expect("bytes"));
    assert!(words.contains("`images` holds U8"), "{words}");
}

#[test]
fn what_holds_no_weights_is_refused() {
    let words = refused(fixture!("whole-numbers.pth"));
    assert!(words.contains("`steps` holds I64"), "{words}");
    let words = refused(fixture!("model.pth"));
    assert!(words.contains("whole model") && words.contains("torch.save(model.state_dict()"), "{words}");
    let words = refused(fixture!("old.pth"));
    assert!(words.contains("before PyTorch 1.6"), "{words}");
    let words = refused(b"none of them");
    assert!(words.contains("safetensors") && words.contains("PyTorch"), "{words}");
    let state = fixture!("state.pth");
    assert!(refused(&state[..state.len() / 2]).contains("PyTorch"));
    assert!(refused(b"").contains("safetensors"));
}
