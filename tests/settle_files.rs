//! Depths from what layers predict already: the same in every file, and files of which one thing is wrong.

use prediction_depth::activations::Field;
use prediction_depth_tests::{
    NamedFile, PREDICTED, SomePredictions, TypedArray, class_array, npz, plain_distance, safetensors, settled, typed,
};

const UNTIL: [Option<f64>; 6] = [None, Some(0.0), Some(0.1), Some(0.3), Some(0.6), Some(1.0)];

#[test]
fn the_same_depths_as_plain_loops_in_every_file() {
    let some = SomePredictions::new(1);
    let [layers, examples, classes] = PREDICTED;
    let mut tried = 0;
    let mut check = |what: &str, files: &[NamedFile], last: NamedFile| {
        for until in UNTIL {
            let (read, depth) = settled(files, &last, &[], until).expect(what);
            assert_eq!(depth.depths(), some.depths(until), "{what} until {until:?}");
            let [said, predicted] = some.classes();
            assert_eq!((depth.probes.concat(), depth.predictions.clone()), (said, predicted), "{what}");
            assert_eq!(depth.distances.is_some(), until.is_some());
            for (layer, values) in depth.distances.iter().flat_map(|found| &found.values).enumerate() {
                for (example, &distance) in values.iter().enumerate() {
                    let expected = plain_distance(some.at(layer, example), some.last_of(example));
                    assert!((distance - expected).abs() < 1e-7, "{what}: {distance} {expected}");
                }
            }
            assert_eq!(read.examples(), examples);
        }
        tried += 1;
    };
    for descr in ["<f2", ">f4", "<f4", "<f8", ">f8"] {
        for fortran in [false, true] {
            let [stack, last] = some.arrays(descr, fortran);
            check(descr, &[("lens.npy", stack.npy())], ("final.npy", last.npy()));
            for compressed in [false, true] {
                let stack = npz(&[("anything", stack.clone())], compressed);
                let last = npz(&[("other", TypedArray::numbers(&[1])), ("final", last.clone())], compressed);
                check(&format!("npz {descr}"), &[("lens.npz", stack)], ("final.npz", last));
            }
        }
    }
    for descr in ["<f2", "bf16", "<f4", "<f8"] {
        let [stack, last] = some.arrays(descr, false);
        let names = ("layers", r#"["a", "b", "c", "d"]"#.to_owned());
        let files = [("lens.safetensors", safetensors(&[("x", stack)], &[names]))];
        check(&format!("safetensors {descr}"), &files, ("final.safetensors", safetensors(&[("logits", last)], &[])));
    }
    // A folder with a file for each layer, one of them compressed and one in Fortran order.
    let layer = |layer: usize| &some.layers[layer * examples * classes..][..examples * classes];
    let shape = [examples, classes];
    let mut folder = vec![
        ("lens/layer0.npz", npz(&[("arr_0", typed(layer(0), &shape, "<f4", false))], true)),
        ("lens/layer1.npy", typed(layer(1), &shape, "<f8", true).npy()),
        ("lens/layer2.npy", typed(layer(2), &shape, "<f2", false).npy()),
        ("lens/layer3.safetensors", safetensors(&[("x", typed(layer(3), &shape, "bf16", false))], &[])),
        ("lens/notes.md", b"mine".to_vec()),
    ];
    let [_, last] = some.arrays("<f8", false);
    check("folder", &folder, ("final.npy", last.npy()));
    folder.swap(0, 3);
    for (at, name) in [(3, "lens/first.npz"), (1, "lens/b.npy"), (2, "lens/a.npy"), (0, "lens/last.safetensors")] {
        folder[at].0 = name;
    }
    folder.push(("lens/order.txt", b"first\nb\na\nlast\n".to_vec()));
    check("order.txt", &folder, ("final.npy", last.npy()));
    assert_eq!((tried, layers), (5 * 2 * 3 + 4 + 2, 4));
    // The comparison fails for other predictions, and for another distance.
    assert_ne!(SomePredictions::new(2).depths(Some(0.3)), some.depths(Some(0.3)));
    let found: Vec<_> = UNTIL.map(|until| some.depths(until)).into_iter().collect();
    assert!(found.iter().enumerate().all(|(at, depths)| !found[..at].contains(depths)), "every reading differs");
}

#[test]
fn classes_are_read_in_every_type() {
    let some = SomePredictions::new(3);
    let ([layers, examples, _], [said, predicted]) = (PREDICTED, some.classes());
    let floats = |classes: &[u32]| classes.iter().map(|&class| f64::from(class)).collect::<Vec<_>>();
    let expected = some.depths(None);
    assert!(expected.contains(&0) && expected.iter().any(|&depth| depth > 0), "{expected:?}");
    for descr in ["|i1", "|u1", "<i4", ">i8"] {
        for fortran in [false, true] {
            let stack = typed(&floats(&said), &[layers, examples], descr, fortran).npy();
            let last = typed(&floats(&predicted), &[examples], descr, false).npy();
            let (_, depth) = settled(&[("lens.npy", stack)], &("final.npy", last), &[], None).expect(descr);
            assert_eq!(depth.depths(), expected, "{descr}");
        }
    }
    let lines: String = predicted.iter().map(|class| format!("{class}\n")).collect();
    let stack = class_array(&said, &[layers, examples]).npy();
    // Whatever the file is called.
    let (_, depth) =
        settled(&[("labels.npy", stack)], &("final.txt", lines.into_bytes()), &[], None).expect("lines of numbers");
    assert_eq!(depth.depths(), expected);
}

#[test]
fn the_lowest_class_wins_among_equals_and_this_is_counted() {
    let stack = TypedArray::new(&[0.5, 0.5, 0.0, 0.2, 0.4, 0.4], &[2, 1, 3], "<f4", false).npy();
    let last = TypedArray::new(&[0.4, 0.2, 0.4], &[1, 3], "<f4", false).npy();
    let (read, depth) = settled(&[("lens.npy", stack)], &("final.npy", last), &[], None).expect("predictions");
    assert_eq!((depth.probes.concat(), &depth.predictions[..]), (vec![0, 1], &[0][..]));
    let notes = read.summary(&depth).notes.join("\n");
    assert!(notes.contains("lowest class if several are largest: 2 times"), "{notes}");
    assert!(notes.contains("several are largest in 1 examples: the lowest class"), "{notes}");
    assert_eq!(read.output_margins(), [0.0]);
}

#[test]
fn margins_are_those_of_logits() {
    let layers = ("lens.npy", class_array(&[0, 0], &[1, 2]).npy());
    let margins = |values: &[f64]| {
        let last = ("final.npy", TypedArray::new(values, &[2, 2], "<f8", false).npy());
        settled(std::slice::from_ref(&layers), &last, &[], None).expect("predictions").0.output_margins()
    };
    let found = margins(&[0.8, 0.2, 1.0, 0.0]);
    assert!((f64::from(found[0]) - 4.0_f64.ln()).abs() < 1e-6 && found[1].is_nan(), "of distributions: {found:?}");
    assert_eq!(margins(&[3.0, -1.5, 1.0, 0.0]), [4.5, 1.0], "of logits");
}

/// What is wrong; the changed files; and what the message must say.
struct Case(&'static str, Option<f64>, fn(&mut Files), &'static [&'static str]);

/// Files that are right.
struct Files {
    layers: Vec<NamedFile<'static>>,
    last: NamedFile<'static>,
    fields: Vec<(Field, NamedFile<'static>)>,
}

const D: Option<f64> = Some(0.5);

fn right(until: Option<f64>) -> Files {
    let some = SomePredictions::new(1);
    let ([layers, examples, _], [said, predicted]) = (PREDICTED, some.classes());
    let [stack, last] = match until {
        Some(_) => some.arrays("<f4", false),
        None => [class_array(&said, &[layers, examples]), class_array(&predicted, &[examples])],
    };
    let labels = class_array(&predicted, &[examples]).npy();
    let (layers, last) = (vec![("lens.npy", stack.npy())], ("final.npy", last.npy()));
    Files { layers, last, fields: vec![(Field::Labels, ("labels.npy", labels))] }
}

/// The layers' distributions with changed values.
fn changed(changes: &[(usize, f64)]) -> Vec<u8> {
    let mut values = SomePredictions::new(1).layers;
    changes.iter().for_each(|&(at, value)| values[at] = value);
    TypedArray::new(&values, &PREDICTED, "<f8", false).npy()
}

fn last(changes: &[(usize, f64)]) -> Vec<u8> {
    let mut values = SomePredictions::new(1).last;
    changes.iter().for_each(|&(at, value)| values[at] = value);
    TypedArray::new(&values, &PREDICTED[1..], "<f8", false).npy()
}

fn zeros(shape: &[usize], descr: &str) -> Vec<u8> {
    TypedArray::new(&vec![0.0; shape.iter().product()], shape, descr, false).npy()
}

fn numbers(shape: &[usize], at: usize, value: f64) -> Vec<u8> {
    let mut values = vec![0.0; shape.iter().product()];
    values[at] = value;
    TypedArray::new(&values, shape, "<i8", false).npy()
}

/// Cases of classes.
const CLASSES: [Case; 15] = [
    Case(
        "fewer examples",
        None,
        |f| f.layers[0].1 = zeros(&[4, 29], "<i8"),
        &["lens.npy[0]: it has 29 examples", "30"],
    ),
    Case("no layer", None, |f| f.layers[0].1 = zeros(&[0, 30], "<i8"), &["lens.npy", "no values"]),
    Case(
        "float classes",
        None,
        |f| f.layers[0].1 = zeros(&[4, 30], "<f8"),
        &["lens.npy", "classes are integers", "float64"],
    ),
    Case("one layer", None, |f| f.layers[0].1 = zeros(&[30], "<i8"), &["lens.npy", "[layers, examples]"]),
    Case("negative", None, |f| f.layers[0].1 = numbers(&[4, 30], 35, -1.0), &["lens.npy[1, 5]: it is -1", "from 0"]),
    Case("huge", None, |f| f.layers[0].1 = numbers(&[4, 30], 35, 1e12), &["lens.npy[1, 5]: it is 1000000000000"]),
    Case(
        "out of range",
        None,
        |f| {
            f.layers[0].1 = numbers(&[4, 30], 65, 5.0);
            f.fields.push((Field::Classes, ("names.txt", b"a\nb\nc\nd\ne\n".to_vec())));
        },
        &["lens.npy[2, 5]: it is 5, but the classes are 0 to 4", "--classes"],
    ),
    Case("float final", None, |f| f.last.1 = zeros(&[30], "<f4"), &["final.npy", "float32 [30]", ".astype"]),
    Case("empty final", None, |f| f.last.1 = zeros(&[0], "<i8"), &["no examples"]),
    Case("final of text", None, |f| f.last = ("final.txt", b"cat\n".repeat(30)), &["final.txt, line 1", "\"cat\""]),
    Case(
        "final of three dimensions",
        None,
        |f| f.last.1 = zeros(&[30, 2, 2], "<f4"),
        &["final.npy", "[examples, classes]"],
    ),
    Case("labels", None, |f| f.fields[0].1.1 = zeros(&[31], "<i8"), &["labels.npy: it has 31 entries", "30 examples"]),
    Case("a label", None, |f| f.fields[0].1.1 = numbers(&[30], 3, -2.0), &["labels.npy[3]: it is -2"]),
    Case("ids", None, |f| f.fields.push((Field::Ids, ("ids.txt", b"a\n".to_vec()))), &["ids.txt: it has 1 entries"]),
    Case("texts", None, |f| f.fields.push((Field::Texts, ("t.txt", b"a\n".to_vec()))), &["t.txt: it has 1 entries"]),
];

/// Cases of distributions.
const DISTRIBUTIONS: [Case; 17] = [
    Case("NaN", D, |f| f.layers[0].1 = changed(&[(151, f64::NAN)]), &["lens.npy[1, 0, 1]: it is NaN"]),
    Case(
        "infinite",
        None,
        |f| {
            *f = right(D);
            f.layers[0].1 = changed(&[(2, f64::INFINITY)]);
        },
        &["lens.npy[0, 0, 2]: it is inf"],
    ),
    Case("negative", D, |f| f.layers[0].1 = changed(&[(155, -0.1)]), &["lens.npy[1, 1, 0]: it is -0.1", "softmax"]),
    Case("sum", D, |f| f.layers[0].1 = changed(&[(5, 3.0)]), &["lens.npy[0, 1]: its values sum to", "logits", "0.001"]),
    Case("zeros", D, |f| f.layers[0].1 = zeros(&PREDICTED, "<f4"), &["lens.npy[0, 0]: its values sum to 0"]),
    Case("final NaN", D, |f| f.last.1 = last(&[(7, f64::NAN)]), &["final.npy[1, 2]: it is NaN"]),
    Case("final NaN by class", None, |f| f.last.1 = last(&[(7, f64::NAN)]), &["final.npy[1, 2]: it is NaN"]),
    Case(
        "final logits",
        D,
        |f| f.last.1 = last(&[(11, -2.5)]),
        &["final.npy[2, 1]: it is -2.5", "look like logits", "softmax"],
    ),
    Case("final sum", D, |f| f.last.1 = last(&[(11, 2.0)]), &["final.npy[2]: its values sum to"]),
    Case("final classes", D, |f| f.last.1 = zeros(&[30], "<i8"), &["final.npy: it holds classes", "--until-distance"]),
    Case(
        "layers of classes",
        D,
        |f| f.layers[0].1 = zeros(&[4, 30], "<i8"),
        &["lens.npy: it holds classes", "--until-distance"],
    ),
    Case(
        "other classes",
        D,
        |f| f.layers[0].1 = zeros(&[4, 30, 6], "<f4"),
        &["lens.npy[0]: it has 6 classes, but final.npy has 5"],
    ),
    Case(
        "names",
        D,
        |f| f.fields.push((Field::Classes, ("names.txt", b"a\nb\n".to_vec()))),
        &["final.npy: it has 5 columns, but there are 2 classes", "--classes"],
    ),
    Case("below 0", Some(-0.1), |_| {}, &["until-distance = -0.1", "from 0"]),
    Case("above 1", Some(1.5), |_| {}, &["until-distance = 1.5"]),
    Case("no distance", Some(f64::NAN), |_| {}, &["until-distance = NaN"]),
    Case("cut off", D, |f| f.layers[0].1.truncate(900), &["lens.npy", "cut off"]),
];

#[test]
fn files_that_cannot_be_used_are_refused_by_name() {
    for Case(what, until, change, words) in CLASSES.iter().chain(&DISTRIBUTIONS) {
        let sound = right(*until);
        if until.is_none_or(|until| (0.0..=1.0).contains(&until)) {
            settled(&sound.layers, &sound.last, &sound.fields, *until).expect("files that are right");
        }
        let mut files = sound;
        change(&mut files);
        let found = settled(&files.layers, &files.last, &files.fields, *until);
        let message = found.map(|_| ()).expect_err(what).to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{what}: {message}");
    }
}

#[test]
fn layers_in_a_folder_must_fit_together() {
    let last = || ("final.npy", zeros(&[6], "<i8"));
    let refused = |files: &[NamedFile], words: &[&str]| {
        let message = settled(files, &last(), &[], None).map(|_| ()).expect_err("a folder").to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    };
    let layer = |name, shape: &[usize], descr: &str| (name, zeros(shape, descr));
    let first = || layer("lens/layer0.npy", &[6], "<i8");
    settled(&[first(), layer("lens/layer1.npy", &[6], "|u1")], &last(), &[], None).expect("two layers");
    refused(&[first(), layer("lens/layer2.npy", &[6], "<i8")], &["lens", "no layer1"]);
    refused(&[first(), layer("lens/layer1.npy", &[7], "<i8")], &["lens/layer1.npy: it has 7 examples"]);
    refused(&[first(), layer("lens/layer1.npy", &[6], "<f4")], &["lens/layer1.npy", "classes are integers"]);
    refused(
        &[first(), layer("lens/layer1.npy", &[6, 3], "<f4")],
        &["lens/layer1.npy", "type is not that of lens/layer0.npy"],
    );
    refused(&[first(), layer("lens/head.npy", &[6], "<i8")], &["order.txt"]);
    let labels = layer("lens/labels.npy", &[6], "<i8");
    let files = [first(), layer("lens/layer1.npy", &[6], "<i8"), labels];
    let beside = [(Field::Labels, layer("labels.npy", &[6], "<i8"))];
    let message = settled(&files, &last(), &beside, None).map(|_| ()).expect_err("labels twice").to_string();
    assert!(message.contains("labels.npy") && message.contains("leave one of the two out"), "{message}");
    let (read, depth) = settled(&files, &last(), &[], None).expect("labels in the folder");
    assert_eq!(read.summary(&depth).classes, [("0".to_owned(), Some(6))]);
}
