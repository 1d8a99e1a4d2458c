//! Tests of recorded activations: labels, predictions, logits, and what is shown of the examples.

use prediction_depth::Result;
use prediction_depth::activations::Recordings;
use prediction_depth::data::{Inputs, Split};
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::measurement::Probing;
use prediction_depth::search::Cpu;
use prediction_depth_tests::{
    InMemory, NamedFiles, SomeNetwork, TypedArray, file_of, folder_of, halves, npz, safetensors,
};

/// Returns the splits of one folder of `layer0` and these other files.
fn alone(files: &[(&str, Vec<u8>)]) -> Result<Recordings> {
    let mut all: NamedFiles = vec![("layer0.npy".into(), halves(4, 2, &[(0, 1.0)]))];
    all.extend(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())));
    Recordings::new(folder_of("train", &all)?, Vec::new())
}

#[test]
fn classes_are_numbers_or_names() {
    let numbers = |classes: &[u32]| TypedArray::numbers(classes).npy();
    let lines = |text: &str| text.replace(' ', "\n").into_bytes();
    let study = |files: &[(&str, Vec<u8>)]| {
        let recordings = alone(files).expect("a split");
        let options = MeasureOptions { probing: Probing { k: 2, ..Probing::default() }, ..MeasureOptions::default() };
        let found = pollster::block_on(recordings.measure(options, u64::MAX, &InMemory, &Cpu::default(), &()));
        let notes = recordings.summary().notes;
        let study = recordings.into_study("mine".into(), found.expect("depths")).expect("a study");
        (study.classes.join(" "), study.labels.clone(), study.measured.predictions.clone(), notes.join("\n"))
    };
    let (classes, labels, predicted, notes) =
        study(&[("labels.npy", numbers(&[2, 0, 2, 0])), ("predictions.txt", lines("0 2 2 1"))]);
    assert_eq!((classes.as_str(), labels, predicted), ("0 1 2", vec![2, 0, 2, 0], vec![0, 2, 2, 1]));
    assert!(notes.contains("no training example has a label of 1 classes: `1`"), "{notes}");
    let (classes, labels, predicted, notes) =
        study(&[("labels.txt", lines("owl ant owl ant")), ("predictions.txt", lines("ant ant owl owl"))]);
    assert_eq!((classes.as_str(), labels, predicted), ("ant owl", vec![1, 0, 1, 0], vec![0, 0, 1, 1]));
    assert!(notes.is_empty(), "{notes}");
    let names = [("labels.txt", lines("owl ant owl ant")), ("predictions.npy", numbers(&[0, 1, 1, 0]))];
    let (_, _, predicted, notes) = study(&names);
    assert_eq!(predicted, [0, 1, 1, 0]);
    assert!(notes.contains("sorted order, `ant`, `owl`") && notes.contains("classes.txt"), "{notes}");
    let (classes, labels, predicted, notes) = study(&[names.as_slice(), &[("classes.txt", lines("owl ant"))]].concat());
    assert_eq!((classes.as_str(), labels, predicted), ("owl ant", vec![0, 1, 0, 1], vec![0, 1, 1, 0]));
    assert!(notes.is_empty(), "{notes}");
    let (classes, labels, ..) = study(&[
        ("labels.npy", TypedArray::texts(&["10", "9", "10", "9"]).npy()),
        ("predictions.npy", TypedArray::texts(&["10", "9", "10", "9"]).npy()),
    ]);
    assert_eq!((classes.as_str(), labels), ("9 10", vec![1, 0, 1, 0]));
}

#[test]
fn logits_give_the_class_and_the_margin() {
    let logits = [0.0, 1.0, 1.0, 3.0, -1.0, 2.5, -2.0, -1.0, -4.0, 7.0, 7.0, 7.0];
    for (descr, fortran) in [("<f4", false), (">f8", true), ("<f2", true)] {
        let array = TypedArray::new(&logits, &[4, 3], descr, fortran).npy();
        let files = [("labels.npy", TypedArray::numbers(&[0, 1, 2, 0]).npy()), ("logits.npy", array)];
        // Where logits are tied, the file of predictions decides.
        for predictions in [None, Some([2, 0, 1, 1])] {
            let predictions = predictions.map(|classes| ("predictions.npy", TypedArray::numbers(&classes).npy()));
            let recordings =
                alone(&files.iter().cloned().chain(predictions.clone()).collect::<Vec<_>>()).expect("a split");
            let options =
                MeasureOptions { probing: Probing { k: 2, ..Probing::default() }, ..MeasureOptions::default() };
            let found =
                pollster::block_on(recordings.measure(options, 0, &InMemory, &Cpu::default(), &())).expect("depths");
            assert_eq!(found.output_margins, [0.0, 0.5, 1.0, 0.0], "{descr}");
            let expected = if predictions.is_some() { [2, 0, 1, 1] } else { [1, 0, 1, 0] };
            assert_eq!(found.depth.predictions, expected, "{descr}");
        }
    }
}

#[test]
fn what_is_shown_and_splits_of_any_name_come_into_the_study() {
    let labels = ("labels.npy", TypedArray::numbers(&[0, 1, 0, 1]).npy());
    let predictions = ("predictions.npy", TypedArray::numbers(&[0, 1, 0, 1]).npy());
    let images = |shape: &[usize], fortran| {
        let values: Vec<f64> = (0..shape.iter().product::<usize>()).map(|value| value as f64).collect();
        TypedArray::new(&values, shape, "|u1", fortran).npy()
    };
    let inputs = |shown: (&str, Vec<u8>)| {
        let files = [labels.clone(), predictions.clone(), shown];
        let all = |place: &str| {
            let mut all: NamedFiles = vec![("layer0.npy".into(), halves(4, 2, &[(0, 1.0)]))];
            all.extend(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())));
            folder_of(place, &all)
        };
        let held_out = ["mine", "test", "yours"].map(|name| Ok((name.to_owned(), all(name)?)));
        let recordings = Recordings::new(all("train")?, held_out.into_iter().collect::<Result<_>>()?)?;
        let options = MeasureOptions { probing: Probing { k: 2, ..Probing::default() }, ..MeasureOptions::default() };
        let found = pollster::block_on(recordings.measure(options, 0, &InMemory, &Cpu::default(), &()))?;
        recordings.into_study("mine".into(), found)
    };
    let study = inputs(("texts.txt", "a\u{e9}\r\n\r\n  b \nlast".into())).expect("a study");
    assert_eq!(
        study.inputs,
        Inputs::Texts(["a\u{e9}", "", "  b ", "last"].repeat(4).into_iter().map(String::from).collect())
    );
    assert_eq!(study.held_out, ["mine", "yours"]);
    assert_eq!(
        study.splits().into_iter().map(|split| study.split_name(split)).collect::<Vec<_>>(),
        ["train", "test", "mine", "yours"]
    );
    assert_eq!(study.splits[4], Split::HeldOut(0));
    assert!(study.output_margins.iter().all(|margin| margin.is_nan()));
    let texts = TypedArray::texts(&["a\nb", " c", "", "d"]).npy();
    let study = inputs(("texts.npy", texts)).expect("a study");
    assert_eq!(study.inputs.text(0).as_deref(), Some("a\nb"));
    let study = inputs(("table.csv", b"age,size\n1,2.5\n3,\n-4,1e3\n0,0\n".to_vec())).expect("a study");
    assert_eq!(study.inputs.text(2).as_deref(), Some("age -4, size 1000"));
    let study = inputs(("ids.txt", b"a.png\nb.png\n\nc.png".to_vec())).expect("a study");
    assert_eq!((study.name(1), study.name(2), study.name(15)), (Some("b.png"), None, Some("c.png")));
    for (shape, fortran, sides) in [
        (&[4, 2, 3][..], false, [1, 2, 3]),
        (&[4, 3, 2, 2], false, [3, 2, 2]),
        (&[4, 2, 2, 3], false, [3, 2, 2]),
        (&[4, 2, 2, 1], true, [1, 2, 2]),
    ] {
        let study = inputs(("images.npy", images(shape, fortran))).expect("a study");
        let pictures = study.images().expect("images");
        assert_eq!((pictures.len(), pictures.shape()), (16, sides));
        let second: Vec<u8> = match (shape.len(), shape[shape.len() - 1]) {
            (4, 3) => vec![12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23],
            _ => (0..sides.iter().product::<usize>() as u8)
                .map(|at| at + sides.iter().product::<usize>() as u8)
                .collect(),
        };
        assert_eq!(pictures.image(1), second, "{shape:?}");
    }
    for (name, content, words) in [
        ("images.npy", images(&[4, 3, 2, 3], false), "one side only"),
        ("images.npy", images(&[3, 2, 2], false), "it has 3 examples"),
        ("images.npy", halves(4, 2, &[]), "uint8"),
        ("texts.txt", b"a\nb\n".to_vec(), "it has 2 entries"),
        ("ids.txt", b"a\nb\n".to_vec(), "it has 2 entries"),
    ] {
        let message = inputs((name, content)).expect_err(words).to_string();
        assert!(message.contains(words) && message.contains(name), "{message}");
    }
    let twice = |names: &[&str]| {
        let held_out = names.iter().map(|name| {
            ((*name).to_owned(), folder_of("x", &SomeNetwork::new(4, 0).folder("<f4", false)).expect("a split"))
        });
        Recordings::new(
            folder_of("x", &SomeNetwork::new(4, 0).folder("<f4", false)).expect("a split"),
            held_out.collect(),
        )
        .map(|_| ())
        .map_err(|error| error.to_string())
    };
    assert!(twice(&["a", "test", "validation"]).is_ok());
    for names in [&["train"][..], &["a", "a"], &["test", "test"], &[" "]] {
        assert!(twice(names).expect_err("a name").contains("held-out"), "{names:?}");
    }
}

#[test]
fn one_file_holds_lists_too() {
    let layers = || {
        let layer = |value: f32| TypedArray::floats(&[value, 0.0, 1.0, 2.0], &[4]);
        [("conv", layer(0.5)), ("a/fc", layer(3.0))]
    };
    let texts = |texts: &[&str]| serde_json::to_string(texts).expect("JSON");
    let metadata = [
        ("layers", texts(&["conv", "a/fc"])),
        ("labels", texts(&["yes", "no", "yes", "no"])),
        ("predictions", texts(&["no", "no", "yes", "no"])),
        ("ids", texts(&["i", "j", "k", "l"])),
        ("texts", texts(&["so", "it", "goes", "on"])),
        ("format", "pt".into()),
    ];
    let list = |texts: &[&str]| TypedArray::texts(texts);
    let mut arrays = layers().to_vec();
    arrays.extend([
        ("order", list(&["conv", "a/fc"])),
        ("labels", list(&["yes", "no", "yes", "no"])),
        ("predictions", list(&["no", "no", "yes", "no"])),
        ("ids", list(&["i", "j", "k", "l"])),
        ("texts", list(&["so", "it", "goes", "on"])),
    ]);
    for recording in
        [file_of("all.safetensors", safetensors(&layers(), &metadata)), file_of("all.npz", npz(&arrays, true))]
    {
        let recordings = Recordings::new(recording.expect("a split"), Vec::new()).expect("splits");
        assert_eq!(
            (recordings.layers(), recordings.names().join(" ")),
            (&["conv".into(), "a/fc".into()][..], "i j k l".into())
        );
        assert_eq!(recordings.labels(), [1, 0, 1, 0]);
        assert_eq!(recordings.summary().inputs, "text");
    }
    let message = file_of("all.safetensors", safetensors(&layers(), &metadata[1..])).map(|_| ()).expect_err("no order");
    assert!(message.to_string().contains("the metadata `layers`"), "{message}");
    let wrong = [("layers", "conv, fc".to_owned())];
    let message = file_of("all.safetensors", safetensors(&layers(), &wrong)).map(|_| ()).expect_err("no JSON");
    assert!(message.to_string().contains("all.safetensors: metadata layers"), "{message}");
    let message = file_of("all.npy", layers()[0].1.npy()).map(|_| ()).expect_err("one array");
    assert!(message.to_string().contains("all.npy: choose a folder"), "{message}");
}
