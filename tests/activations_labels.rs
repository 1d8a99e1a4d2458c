//! Tests of recorded activations: labels, predictions and what is shown are refused with their file, their place and a
//! remedy if they are wrong.

use prediction_depth_tests::{TypedArray, WrongCase, add, halves, refuses, remove, replace};

const WRONG: [WrongCase; 22] = [
    (
        "fewer labels",
        |train, _| replace(train, "labels.npy", TypedArray::numbers(&[0; 39]).npy()),
        &["train/labels.npy: it has 39 entries, but there are 40 examples"],
    ),
    (
        "labels of two sides",
        |train, _| replace(train, "labels.npy", TypedArray::floats(&[0.0; 80], &[40, 2]).npy()),
        &["train/labels.npy: is [40, 2], not [n]"],
    ),
    (
        "half a label",
        |train, _| replace(train, "labels.npy", TypedArray::floats(&[0.5; 40], &[40]).npy()),
        &["train/labels.npy", "0.5"],
    ),
    (
        "no label",
        |train, _| replace(train, "labels.npy", TypedArray::floats(&[f32::NAN; 40], &[40]).npy()),
        &["train/labels.npy[0]: it is empty"],
    ),
    (
        "a negative label",
        |train, _| replace(train, "labels.npy", TypedArray::floats(&[-1.0; 40], &[40]).npy()),
        &["train/labels.npy[0]: it is -1", "count from 0"],
    ),
    (
        "a huge label",
        |train, _| replace(train, "labels.npy", TypedArray::numbers(&[4_000_000_000; 40]).npy()),
        &["train/labels.npy[39]", "4000000000", "write the labels as texts"],
    ),
    (
        "an unknown held-out class",
        |_, test| replace(test, "labels.npy", TypedArray::numbers(&[0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]).npy()),
        &["test/labels.npy[3]: it is 3, but the classes are 0 to 2"],
    ),
    (
        "a held-out class without training",
        |train, test| {
            replace(train, "labels.npy", TypedArray::numbers(&[[0, 2], [2, 0]].concat().repeat(10)).npy());
            replace(test, "labels.npy", TypedArray::numbers(&[1; 12]).npy());
        },
        &["test/labels.npy[0]: no training example has the class `1`"],
    ),
    (
        "a prediction out of range",
        |_, test| replace(test, "predictions.npy", TypedArray::numbers(&[7; 12]).npy()),
        &["test/predictions.npy[0]: it is 7, but the classes are 0 to 2", "classes.txt"],
    ),
    (
        "a prediction that is no name",
        |_, test| replace(test, "predictions.txt", "cat\n".repeat(12).into_bytes()),
        &["test/predictions.txt, line 1: it is \"cat\""],
    ),
    (
        "other logits",
        |_, test| {
            replace(test, "predictions.npy", TypedArray::numbers(&[1; 12]).npy());
            add(test, "logits.npy", halves(12, 3, &[(0, 9.0), (1, 1.0)]));
        },
        &["test/predictions.npy[0]: it is `1`, but the largest logit in test/logits.npy is that of `0`"],
    ),
    (
        "logits with NaN",
        |_, test| add(test, "logits.npy", halves(12, 3, &[(4, f32::NAN)])),
        &["test/logits.npy[1, 1]: it is NaN"],
    ),
    (
        "more logits",
        |train, test| {
            add(train, "logits.npy", halves(40, 3, &[]));
            add(test, "logits.npy", halves(12, 5, &[]));
        },
        &["test/logits.npy: it has 5 columns, but there are 3 classes"],
    ),
    (
        "fewer logits",
        |_, test| add(test, "logits.npy", halves(11, 3, &[])),
        &["test/logits.npy: it has 11 rows, but there are 12"],
    ),
    (
        "other layers",
        |_, test| {
            remove(test, "layer2.npy");
        },
        &["test: its layers are `layer0`, `layer1`, but those of train are"],
    ),
    (
        "other dims",
        |_, test| replace(test, "layer1.npy", halves(12, 5, &[])),
        &["test/layer1.npy", "5 values", "train/layer1.npy"],
    ),
    (
        "other classes",
        |train, test| {
            add(train, "classes.txt", b"a\nb\nc".to_vec());
            add(test, "classes.txt", b"a\nc\nb".to_vec());
        },
        &["test/classes.txt", "train/classes.txt"],
    ),
    ("a class twice", |train, _| add(train, "classes.txt", b"a\nb\na\n".to_vec()), &["train/classes.txt, line 3"]),
    ("no UTF-8", |train, _| add(train, "ids.txt", vec![0xff; 40]), &["train/ids.txt", "text"]),
    (
        "texts here only",
        |train, _| add(train, "texts.txt", "so\n".repeat(40).into_bytes()),
        &["test", "shows none", "train/texts.txt"],
    ),
    (
        "two things to show",
        |train, _| {
            add(train, "texts.txt", b"a".to_vec());
            add(train, "table.csv", b"a\n1\n".to_vec());
        },
        &["train/texts.txt: train/table.csv is shown, too"],
    ),
    (
        "a table of words",
        |train, _| add(train, "table.csv", b"age,name\n1,Ann\n".to_vec()),
        &["train/table.csv: row 1, column `name`", "texts.txt"],
    ),
];

#[test]
fn what_is_wrong_is_refused_by_name() {
    refuses(&WRONG);
}
