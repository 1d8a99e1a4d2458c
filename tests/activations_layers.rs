//! Tests of recorded activations: layers that are wrong are refused with their file, their place and a remedy.

use prediction_depth::activations::Recordings;
use prediction_depth_tests::{
    SomeNetwork, TEST_EXAMPLES, TRAIN_EXAMPLES, TypedArray, WrongCase, add, file_of, folder_of, halves, measured, npz,
    refuses, remove, replace, safetensors,
};

const WRONG: [WrongCase; 26] = [
    (
        "no layer",
        |train, _| train.retain(|(name, _)| !name.starts_with("layer")),
        &["train: there is no layer", "layer0.npy"],
    ),
    ("no labels", |train, _| remove(train, "labels.npy"), &["train: there are no labels", "labels.npy or labels.txt"]),
    ("no predictions", |_, test| remove(test, "predictions.npy"), &["test: there are neither", "logits.npy"]),
    ("a gap", |train, _| remove(train, "layer1.npy"), &["train: there is no layer1", "order.txt"]),
    ("another name", |train, _| add(train, "pool.npy", halves(TRAIN_EXAMPLES, 2, &[])), &["`pool`", "order.txt"]),
    (
        "a list without a name",
        |train, _| add(train, "order.txt", b"layer0\nlayer1\n".to_vec()),
        &["train/order.txt: it does not name `layer2`"],
    ),
    (
        "a list with another",
        |train, _| add(train, "order.txt", b"layer0\nlayer9\n".to_vec()),
        &["train/order.txt, line 2", "\"layer9\""],
    ),
    (
        "a list with one twice",
        |train, _| add(train, "order.txt", b"layer0\nlayer0\n".to_vec()),
        &["train/order.txt, line 2", "again"],
    ),
    (
        "a layer twice",
        |train, _| add(train, "layer0.npz", npz(&[("layer0", TypedArray::floats(&[0.0], &[1, 1]))], false)),
        &["train/layer0.npy: so is train/layer0.npz", "leave one"],
    ),
    ("labels twice", |train, _| add(train, "labels.txt", b"1".to_vec()), &["train/labels.npy: so is train/labels.txt"]),
    (
        "no array",
        |train, _| replace(train, "layer1.npy", b"nothing of the kind".to_vec()),
        &["train/layer1.npy", "NUMPY"],
    ),
    (
        "cut off",
        |train, _| {
            train.iter_mut().for_each(|(name, bytes)| bytes.truncate(bytes.len() - usize::from(name == "layer1.npy")));
        },
        &["train/layer1.npy", "[40, 2, 3]", "cut off"],
    ),
    (
        "too long",
        |train, _| train.iter_mut().for_each(|(name, bytes)| bytes.extend((name == "layer1.npy").then_some(0))),
        &["train/layer1.npy", "save it again"],
    ),
    (
        "a huge claim",
        |train, _| {
            replace(
                train,
                "layer1.npy",
                TypedArray { shape: vec![TRAIN_EXAMPLES, 1 << 40], ..TypedArray::floats(&[], &[0]) }.npy(),
            );
        },
        &["train/layer1.npy", "[40, 1099511627776]"],
    ),
    (
        "beyond the machine",
        |train, _| {
            replace(
                train,
                "layer1.npy",
                TypedArray { shape: vec![TRAIN_EXAMPLES, 1 << 40, 1 << 40], ..TypedArray::floats(&[], &[0]) }.npy(),
            );
        },
        &["train/layer1.npy", "more than this machine can address"],
    ),
    (
        "a header without end",
        |train, _| replace(train, "layer1.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{".to_vec()),
        &["train/layer1.npy", "4294967295 bytes"],
    ),
    (
        "objects",
        |train, _| {
            replace(
                train,
                "layer1.npy",
                TypedArray { descr: "|O".into(), ..TypedArray::floats(&[0.0; 80], &[40, 1]) }.npy(),
            );
        },
        &["train/layer1.npy", "holds object"],
    ),
    (
        "texts",
        |train, _| replace(train, "layer1.npy", TypedArray::texts(&["a"; TRAIN_EXAMPLES]).npy()),
        &["train/layer1.npy", "U1", "float16"],
    ),
    ("no zip", |train, _| replace(train, "layer1.npz", b"PK\x03\x04".to_vec()), &["train/layer1.npz", "numpy.savez"]),
    (
        "two arrays",
        |train, _| {
            replace(
                train,
                "layer1.npz",
                npz(&[("a", TypedArray::numbers(&[1])), ("b", TypedArray::numbers(&[1]))], false),
            );
        },
        &["train/layer1.npz", "2 arrays", "name the file itself"],
    ),
    (
        "a bomb",
        |train, _| {
            replace(
                train,
                "layer1.npz",
                npz(&[("layer1", TypedArray::floats(&vec![0.0; 40 << 19], &[40, 1 << 19]))], true),
            );
        },
        &["train/layer1.npz: layer1", "does not compress"],
    ),
    (
        "no tensors",
        |train, _| replace(train, "layer1.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\xff{}".to_vec()),
        &["train/layer1.safetensors", "claims 18446744073709551615 bytes"],
    ),
    (
        "cut tensors",
        |train, _| {
            let mut bytes = safetensors(&[("layer1", TypedArray::floats(&[0.5; 80], &[40, 2]))], &[]);
            bytes.pop();
            replace(train, "layer1.safetensors", bytes);
        },
        &["train/layer1.safetensors", "names 320 bytes"],
    ),
    (
        "other tensors",
        |train, _| replace(train, "layer1.safetensors", b"\x09\0\0\0\0\0\0\0{\"a\":{} }".to_vec()),
        &["train/layer1.safetensors: a"],
    ),
    (
        "another length",
        |train, _| replace(train, "layer1.npy", halves(39, 6, &[])),
        &["train/layer1.npy: it has 39 examples", "train/layer0.npy has 40"],
    ),
    ("no values", |train, _| replace(train, "layer1.npy", halves(40, 0, &[])), &["train/layer1.npy: is [40, 0]"]),
];

#[test]
fn what_is_wrong_is_refused_by_name() {
    refuses(&WRONG);
}

#[test]
fn a_value_that_is_no_number_is_found_where_it_stands() {
    let (training, test) = (SomeNetwork::new(TRAIN_EXAMPLES, 0), SomeNetwork::new(TEST_EXAMPLES, 100));
    for (value, words) in [(f64::NAN, "NaN"), (f64::NEG_INFINITY, "-inf"), (1e300, "beyond float32")] {
        for fortran in [false, true] {
            let (mut values, shape) = (vec![0.0; TEST_EXAMPLES * 6], [TEST_EXAMPLES, 2, 3]);
            values[7 * 6 + 5] = value;
            let layer = TypedArray::new(&values, &shape, "<f8", fortran);
            let files = |kind: &str| match kind {
                "npy" => ("layer1.npy".to_owned(), layer.npy()),
                _ => ("layer1.npz".to_owned(), npz(&[("layer1", layer.clone())], true)),
            };
            for (kind, bytes) in [("npy", u64::MAX), ("npy", 0), ("npz", u64::MAX), ("npz", 0)] {
                let mut held_out = test.folder("<f4", false);
                let (name, content) = files(kind);
                replace(&mut held_out, &name, content);
                let train = folder_of("train", &training.folder("<f4", false)).expect("a split");
                let test = folder_of("test", &held_out).expect("its headers are right");
                let recordings = Recordings::new(train, vec![("test".into(), test)]).expect("splits");
                let message = measured(&recordings, bytes).expect_err("no number").to_string();
                let place = format!("test/{name}[7, 1, 2]: it is");
                assert!(message.starts_with(&place) && message.contains(words), "{message}");
            }
        }
    }
}

#[test]
fn damaged_archives_are_found_before_or_while_they_are_read() {
    let training = SomeNetwork::new(TRAIN_EXAMPLES, 0);
    for compressed in [false, true] {
        let mut bytes = npz(&training.arrays("<f4", false), compressed);
        // A byte of the values of the first layer, which begin after two headers.
        bytes[400] ^= 1;
        let found = file_of("all.npz", bytes).and_then(|training| Recordings::new(training, Vec::new()));
        let message = found.and_then(|found| measured(&found, u64::MAX)).map(|_| ()).expect_err("damaged").to_string();
        assert!(
            message.contains("all.npz") && ["damaged", "corrupt"].iter().any(|word| message.contains(word)),
            "{compressed}: {message}"
        );
    }
}
