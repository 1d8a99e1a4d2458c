//! Tests of the summary of what was read, and of the examples that a sample keeps.

use prediction_depth::Class;
use prediction_depth::data::{
    DataSummary, Dataset, Images, Labeled, Noise, NoiseSettings, Parts, Split, flip_labels, split,
};

/// Returns examples of 1 x 2 pixels.
fn examples(images: &[[u8; 2]], labels: &[Class]) -> Labeled {
    let images = Images::new(images.concat(), [1, 1, 2]).expect("whole images");
    Labeled::new(images, labels.to_vec(), 3).expect("a label for each")
}

fn classes() -> Vec<String> {
    ["ant", "bee", "cat"].map(String::from).to_vec()
}

/// Ten training images, of which the last equals the first, two validation images and two test images.
fn small() -> Dataset {
    let mut images: Vec<[u8; 2]> = (1..=9).map(|value| [value, 100]).collect();
    images.push([1, 100]);
    let training = examples(&images, &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let names = (0..10).map(|id| format!("train/{id}.png")).collect();
    let parts = Parts {
        training: training.named(names).expect("a name for each"),
        validation: Some(examples(&[[3, 100], [200, 1]], &[0, 1])),
        test: Some(examples(&[[3, 100], [7, 7]], &[1, 2])),
    };
    Dataset::new("small", "made up", parts, classes()).expect("a data set")
}

fn summary(dataset: &Dataset) -> DataSummary {
    dataset.summary(Some(5)).expect("a split")
}

#[test]
fn sizes_classes_and_splits_are_told() {
    let read = summary(&small());
    assert_eq!((read.shape, read.features), ([1, 1, 2], false));
    let counts: Vec<_> = read.classes.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counts, [("ant", 6), ("bee", 7), ("cat", 1)]);
    let splits: Vec<_> = read.splits.iter().map(|split| (split.split, split.examples, &split.classes[..])).collect();
    let expected: [(Split, usize, &[usize]); 3] =
        [(Split::Train, 10, &[5, 5, 0]), (Split::Validation, 2, &[1, 1, 0]), (Split::Test, 2, &[0, 1, 1])];
    assert_eq!(splits, expected);
    assert!(read.splits[1..].iter().all(|split| split.from == "the data set's own"), "{read:?}");

    let drawn = summary(&Dataset { validation: 0, training: 12, ..small() });
    assert_eq!(drawn.splits.iter().map(|split| split.examples).collect::<Vec<_>>(), [11, 1, 2]);
    assert_eq!(drawn.splits[1].from, "drawn at random, seed 5");
    let many = Dataset { validation: 0, training: 12, ..small() }.summary(None).expect("no split is drawn");
    assert_eq!(many.splits.iter().map(|split| split.examples).collect::<Vec<_>>(), [12, 2]);
    assert!(many.splits[0].from.contains("its own seed"), "{many:?}");
    let same = small().summary(None).expect("no split is drawn");
    assert!(same.splits[0].from.contains("the same for each model"), "{same:?}");
}

#[test]
fn equal_images_are_counted_across_splits_and_labels() {
    let found = summary(&small()).duplicates;
    let pair = |one: &str, other: &str| vec![[one.to_owned(), other.to_owned()]];
    assert_eq!(
        (found.within_training.count, found.within_training.pairs),
        (1, pair("train/9.png (id 9)", "train/0.png (id 0)"))
    );
    assert_eq!(
        (found.validation_in_training.count, found.validation_in_training.pairs),
        (1, pair("id 10", "train/2.png (id 2)"))
    );
    assert_eq!((found.test_in_training.count, found.test_in_training.pairs), (1, pair("id 12", "train/2.png (id 2)")));
    // Training example 9 is a bee like the ant 0, and the test example a bee like the ant 2.
    assert_eq!(found.labelled_differently.count, 2);
    let other = Dataset { labels: vec![0; 14], ..small() };
    assert_eq!(summary(&other).duplicates.labelled_differently.count, 0);
}

#[test]
fn what_can_spoil_a_result_is_a_warning() {
    let mut dataset = small();
    for name in ["a/.x", "a/.y", "b/.z", "c/.u"] {
        dataset.report.skip(name, "hidden file");
    }
    dataset.report.skip("row 3", "no label");
    dataset.report.note("images were resized");
    let read = summary(&dataset);
    assert_eq!(read.notes, ["images were resized"]);
    let warnings = read.warnings();
    assert_eq!(
        warnings,
        [
            "4 left out (hidden file): a/.x, a/.y, b/.z and 1 more",
            "1 left out (no label): row 3",
            "1 of 2 validation examples is in the training split, too: id 10 and train/2.png (id 2)",
            "1 of 2 test examples is in the training split, too: id 12 and train/2.png (id 2)",
            "2 examples have the same image as another one, but another label, such as train/9.png (id 9) and train/0.png \
             (id 0)",
            "1 image has one value everywhere: id 13",
            "1 class has fewer than 2 training examples: cat",
        ]
    );
    let sound: Vec<[u8; 2]> = (1..=20).map(|value| [value, 100]).collect();
    let labels: Vec<Class> = (0..20).map(|example| example % 3).collect();
    let parts = Parts { training: examples(&sound, &labels), validation: None, test: None };
    let sound = Dataset::new("sound", "made up", parts, classes()).expect("a data set");
    assert_eq!(summary(&sound).warnings(), Vec::<String>::new());
}

#[test]
fn rows_of_a_table_may_be_constant() {
    let table = Dataset { features: true, ..small() };
    assert_eq!((summary(&table).constant.count, summary(&small()).constant.count), (0, 1));
}

#[test]
fn the_summary_comes_back_from_json() {
    let read = summary(&small());
    let json = serde_json::to_value(&read).expect("JSON");
    assert_eq!(json["classes"], serde_json::json!({"ant": 6, "bee": 7, "cat": 1}));
    assert_eq!(serde_json::from_value::<DataSummary>(json).expect("a summary"), read);
}

#[test]
fn examples_without_names_are_empty_beside_named_ones() {
    let parts = |named: [bool; 2]| {
        let part = |value: u8, named: bool| {
            let part = examples(&[[value, 1], [value, 2]], &[0, 1]);
            if named { part.named(vec!["a".into(), "b".into()]).expect("two names") } else { part }
        };
        Parts { training: part(1, named[0]), validation: None, test: Some(part(2, named[1])) }
    };
    let names = |named| Dataset::new("small", "made up", parts(named), classes()).expect("a data set").names;
    assert_eq!(names([true, false]), ["a", "b", "", ""]);
    assert_eq!(names([false, true]), ["", "", "a", "b"]);
    assert_eq!(names([false, false]), [""; 0]);
}

#[test]
fn two_classes_of_one_name_are_refused() {
    let parts = Parts { training: examples(&[[1, 2]], &[0]), validation: None, test: None };
    let names = ["ant", "bee", "ant"].map(String::from).to_vec();
    let error = Dataset::new("twice", "made up", parts, names).expect_err("two ants");
    assert!(error.to_string().contains("ant"), "{error}");
}

/// Examples in the order of their classes, of which there are 500, 300 and 201.
fn in_order_of_classes() -> Dataset {
    let labels = [vec![0; 500], vec![1; 300], vec![2; 201]].concat();
    let images: Vec<[u8; 2]> = (0..1001_u16).map(u16::to_le_bytes).collect();
    let parts = Parts { training: examples(&images, &labels), validation: None, test: None };
    Dataset::new("ordered", "made up", parts, classes()).expect("a data set")
}

fn counts(dataset: &Dataset) -> [usize; 3] {
    [0, 1, 2].map(|class| dataset.labels.iter().filter(|&&label| label == class).count())
}

/// Returns the ids that the images of a sample had.
fn kept(dataset: &Dataset) -> Vec<usize> {
    let id = |example| dataset.images.image(example).try_into().map(u16::from_le_bytes);
    (0..dataset.labels.len()).map(|example| usize::from(id(example).expect("two bytes"))).collect()
}

#[test]
fn a_sample_keeps_the_shares_of_the_classes() {
    let sample = |count: usize, seed: u64| in_order_of_classes().sample(count, seed).expect("some examples");
    // 100 of 1001 are 49.95, 29.97 and 20.08: the two missing ones go to the largest remainders.
    assert_eq!(counts(&sample(100, 0)), [50, 30, 20]);
    assert_eq!(counts(&sample(10, 0)), [5, 3, 2]);
    assert_eq!(counts(&sample(3, 0)), [1, 1, 1], "1.50, 0.90, 0.60");
    assert_eq!(counts(&sample(1001, 0)), [500, 300, 201]);
    let (one, other) = (kept(&sample(100, 0)), kept(&sample(100, 1)));
    assert_eq!(one, kept(&sample(100, 0)));
    assert!(one != other && one.is_sorted(), "the seed draws, the order stays");
    assert!(in_order_of_classes().sample(1002, 0).is_err() && in_order_of_classes().sample(0, 0).is_err());
    let told = sample(100, 4).report.notes;
    assert_eq!(told, ["100 of the 1001 training examples were drawn, by class, sample seed 4"]);
    assert!(sample(1001, 4).report.notes.is_empty(), "nothing was drawn");
}

#[test]
fn seeds_of_sample_split_and_noise_are_independent() {
    let labels = vec![0; 1000];
    let images: Vec<[u8; 2]> = (0..1000_u16).map(u16::to_le_bytes).collect();
    let parts = Parts { training: examples(&images, &labels), validation: None, test: None };
    let dataset = Dataset::new("one class", "made up", parts, classes()).expect("a data set");
    let splits = split(&dataset, 7).expect("a split");
    let sample = kept(&dataset.clone().sample(900, 7).expect("a sample"));
    let noise = NoiseSettings { label_noise: 0.1, noise: Noise::Other, noise_seed: 7 };
    let flipped = flip_labels(&labels, noise.noise, noise.label_noise, 3, noise.noise_seed).expect("labels");
    let left_out = |id: &usize| !sample.contains(id);
    let held_out = |id: &usize| splits[*id] == Split::Validation;
    let changed = |id: &usize| flipped[*id] != 0;
    let both = |one: &dyn Fn(&usize) -> bool, other: &dyn Fn(&usize) -> bool| {
        (0..1000).filter(|id| one(id) && other(id)).count()
    };
    // A hundred each: chance lets ten be in both, standard deviation 3.
    for (one, other) in [
        (&left_out as &dyn Fn(&usize) -> bool, &held_out as &dyn Fn(&usize) -> bool),
        (&left_out, &changed),
        (&held_out, &changed),
    ] {
        assert_eq!((both(one, one), both(other, other)), (100, 100));
        assert!(both(one, other) < 25, "{}", both(one, other));
    }
}
