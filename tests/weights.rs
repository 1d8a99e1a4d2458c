//! Tests of weights written by PyTorch and safetensors.

use prediction_depth::nets::{Device, Net, read_weights};
use prediction_depth::study::{Architecture, Study, Weight};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// A file that `fixtures/make.py` wrote with PyTorch.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("fixtures/", $name))
    };
}

/// Weights with values that count up in eighths from -1, over all tensors in the order of `fixtures/make.py`; sorted by
/// name.
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
fn the_batches_that_were_seen_are_no_weight() {
    assert_eq!(read(fixture!("batches.pth")), counted());
    let seen = TensorView::new(Dtype::I64, vec![], &[7, 0, 0, 0, 0, 0, 0, 0]).expect("a tensor");
    let file = safetensors::serialize([("norm1.num_batches_tracked", seen)], None).expect("a file");
    assert_eq!(read(&file), []);
}

#[test]
fn a_tensor_may_lie_in_any_order() {
    let logits: Vec<Weight> = counted().into_iter().filter(|weight| weight.name == "logits.weight").collect();
    assert_eq!(read(fixture!("turned.pth")), logits);
}

#[test]
fn those_of_an_onnx_file_are_read() {
    assert_eq!(read(fixture!("network.onnx")), counted());
    let words = refused(&fixture!("network.onnx")[..300]);
    assert!(words.contains("ONNX"), "{words}");
}

#[test]
fn safetensors_are_read_the_same() {
    assert_eq!(read(&Study::weights_to_bytes(&counted()).expect("bytes")), counted());
    assert_eq!(read(&doubles("", false)), counted());
    assert_eq!(read(&doubles("weights/", true)), counted(), "those of a study, beside its images");
    let words = refused(&doubles("", true));
    assert!(words.contains("`images` holds U8"), "{words}");
}

/// Returns a safetensors file of these weights in double precision, with `prefix` before the names; with `images`, also
/// an array of images.
fn doubles(prefix: &str, images: bool) -> Vec<u8> {
    let bytes = |weight: Weight| {
        let bytes = weight.values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect();
        (format!("{prefix}{}", weight.name), Dtype::F64, weight.shape, bytes)
    };
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = counted().into_iter().map(bytes).collect();
    tensors.extend(images.then(|| ("images".into(), Dtype::U8, vec![2], vec![1, 2])));
    let views = tensors
        .iter()
        .map(|(name, kind, shape, bytes)| (name, TensorView::new(*kind, shape.clone(), bytes).expect("a tensor")));
    safetensors::serialize(views, None).expect("a file")
}

#[test]
fn names_that_wrappers_of_pytorch_made_longer_are_read() {
    for wrapper in ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."] {
        assert_eq!(read(&doubles(wrapper, false)), counted(), "{wrapper}");
    }
    let names: Vec<String> = read(&doubles("encoder.", false)).into_iter().map(|weight| weight.name).collect();
    assert!(names.iter().all(|name| name.starts_with("encoder.")), "{names:?}");
}

#[test]
fn weights_of_another_network_are_named_beside_those_that_are_wanted() {
    let network = |hidden: &[usize]| Net::new(&Architecture::mlp(hidden.to_vec()), [1, 2, 2], 3, 0, &Device::Cpu);
    let weights = |hidden: &[usize]| Study::weights_of(&network(hidden).expect("a network")).expect("its weights");
    let with = |hidden: &[usize], weights: &[Weight]| {
        Net::with_weights(&Architecture::mlp(hidden.to_vec()), [1, 2, 2], 3, weights, &Device::Cpu).map(drop)
    };
    assert!(with(&[5, 4], &weights(&[5, 4])).is_ok());
    let words = with(&[5], &weights(&[5, 4])).expect_err("a layer more").to_string();
    assert!(
        words.contains("it lacks logits.weight [3, 5]") && words.contains("there is hidden2.weight [4, 5]"),
        "{words}"
    );
    let words = with(&[5, 4], &weights(&[5])).expect_err("a layer less").to_string();
    assert!(
        words.contains("hidden2.weight [4, 5], hidden2.bias [4]") && words.contains("logits.weight [3, 5]"),
        "{words}"
    );
    let more = [weights(&[5]), vec![Weight { name: "extra".into(), shape: vec![1], values: vec![0.0] }]].concat();
    let words = with(&[5], &more).expect_err("a weight more").to_string();
    assert!(words.contains("it lacks nothing; there is extra [1]"), "{words}");
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

#[test]
fn an_archive_that_inflates_too_far_is_refused() {
    let archive = |bytes: &[u8]| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file("model/data.pkl", zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut archive, bytes).expect("bytes");
        archive.finish().expect("an archive").into_inner()
    };
    let words = read_weights(&archive(&vec![0; 80 << 20])).expect_err("a bomb").to_string();
    assert!(words.contains("model/data.pkl") && words.contains("83886080 bytes, more than"), "{words}");
    // The directory states a size that is too small, or far too large.
    for size in [3_u32, 1 << 20] {
        let mut bytes = archive(b"none, but longer");
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
        bytes[directory + 24..directory + 28].copy_from_slice(&size.to_le_bytes());
        assert!(read_weights(&bytes).is_err(), "{size}");
    }
}
