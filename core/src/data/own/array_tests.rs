//! Arrays as users have them, from the file to the data set.

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::*;

/// A name, a type, a shape and the bytes.
type Tensor<'a> = (&'a str, Dtype, &'a [usize], Vec<u8>);

fn open(tensors: &[Tensor], options: &ReadOptions) -> Result<Dataset> {
    let view = |(name, dtype, shape, bytes): &Tensor<'_>| (name.to_string(), *dtype, shape.to_vec(), bytes.clone());
    let owned: Vec<_> = tensors.iter().map(view).collect();
    let views = owned.iter().map(|(name, dtype, shape, bytes)| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).expect("a tensor"))
    });
    let file = safetensors::serialize(views, None).expect("a file");
    read_own(&[("a.safetensors", file)], options)
}

fn read(tensors: &[Tensor]) -> Dataset {
    open(tensors, &ReadOptions::default()).expect("a data set")
}

fn refused(tensors: &[Tensor]) -> String {
    open(tensors, &ReadOptions::default()).expect_err("refused").to_string()
}

fn bytes<'a>(name: &'a str, shape: &'a [usize], values: &[u8]) -> Tensor<'a> {
    (name, Dtype::U8, shape, values.to_vec())
}

fn floats<'a>(name: &'a str, shape: &'a [usize], values: &[f32]) -> Tensor<'a> {
    (name, Dtype::F32, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

#[test]
fn parts_are_joined_in_their_order_and_keep_their_names() {
    let ids = |name, first: u8| bytes(name, &[2], &[first, first + 1]);
    let data = read(&[
        bytes("x_test", &[1, 1, 2], &[50, 60]),
        bytes("y_test", &[1], &[7]),
        bytes("x_val", &[2, 1, 2], &[30, 31, 40, 41]),
        bytes("y_val", &[2], &[7, 9]),
        bytes("x_train", &[2, 1, 2], &[10, 11, 20, 21]),
        bytes("y_train", &[2], &[9, 7]),
        ids("ids_train", 100),
        ids("ids_val", 200),
        bytes("weights", &[3], &[0; 3]),
    ]);
    assert_eq!(data.images.pixels(), [10, 11, 20, 21, 30, 31, 40, 41, 50, 60]);
    assert_eq!((data.training, data.validation, &data.labels[..]), (2, 2, &[1, 0, 0, 1, 0][..]));
    assert_eq!(data.names, ["100", "101", "200", "201", ""]);
    assert_eq!((data.report.skipped.len(), data.report.skipped[0].name.as_str()), (1, "weights"));
}

#[test]
fn the_best_names_are_taken_and_the_others_said() {
    let tensors = [
        bytes("x", &[2, 1, 2], &[10, 11, 20, 21]),
        bytes("y", &[2], &[0, 1]),
        bytes("names", &[2], &[5, 5]),
        bytes("ids", &[2], &[100, 101]),
        bytes("stem", &[2], &[7, 8]),
    ];
    let data = read(&tensors);
    assert_eq!(data.names, ["100", "101"]);
    let skipped = |data: &Dataset, name: &str| {
        data.report.skipped.iter().find(|one| one.name == name).map(|one| one.reason.clone())
    };
    assert!(skipped(&data, "names").expect("skipped").contains("--id-column"), "{:?}", data.report);
    let chosen = |name: &str| open(&tensors, &ReadOptions { id_column: Some(name.into()), ..Default::default() });
    assert_eq!(chosen("stem").expect("a data set").names, ["7", "8"]);
    let shared = chosen("names").expect("a data set");
    assert_eq!((&shared.names[..], skipped(&shared, "ids").is_some()), (&["5", "5"].map(String::from)[..], true));
    assert!(
        shared.report.notes.iter().any(|note| note.contains("2 of 2 examples share theirs")),
        "{:?}",
        shared.report
    );
    assert!(chosen("stems").expect_err("no such array").to_string().contains("--id-column stems"));
}

#[test]
fn train_and_test_are_scaled_together() {
    let labels = [bytes("y_train", &[2], &[0, 1]), bytes("y_test", &[1], &[0])];
    let images = [floats("x_train", &[2, 1, 2], &[0.0, 1.0, 0.5, 0.25]), floats("x_test", &[1, 1, 2], &[1.0, 0.0])];
    let data = read(&[&labels[..], &images].concat());
    assert_eq!(data.images.pixels(), [0, 255, 128, 64, 255, 0]);
    assert!(data.report.notes[0].contains("multiplied by 255"), "{:?}", data.report);
    let other = floats("x_test", &[1, 1, 2], &[200.0, 0.0]);
    let words = refused(&[&labels[..], &[images[0].clone(), other]].concat());
    assert!(words.contains("0.5 (`x_train`[1, 0, 0])") && words.contains("200 (`x_test`[0, 0, 0])"), "{words}");
    let whole = [floats("x_train", &[2, 1, 2], &[0.0, 1.0, 1.0, 0.0]), floats("x_test", &[1, 1, 2], &[2.0, 0.0])];
    assert_eq!(read(&[&labels[..], &whole].concat()).images.pixels(), [0, 1, 1, 0, 2, 0], "not black and white");
}

#[test]
fn rows_are_features_unless_the_user_says_images() {
    let pixels: Vec<u8> = (0..128).collect();
    let tensors = [bytes("x", &[2, 64], &pixels), bytes("y", &[2], &[0, 1])];
    let data = read(&tensors);
    assert_eq!((data.features, data.images.shape()), (true, [1, 1, 64]));
    assert_eq!(data.images.image(1), [255; 64], "each column has its own range");
    assert!(data.report.notes.iter().any(|note| note.contains("--layout 8x8")), "{:?}", data.report);
    let options = ReadOptions { layout: Some(Layout::RowsChw([1, 8, 8])), ..ReadOptions::default() };
    let data = open(&tensors, &options).expect("images");
    assert_eq!((data.features, data.images.shape(), data.images.pixels()), (false, [1, 8, 8], &pixels[..]));
    let few = read(&[bytes("x", &[2, 4], &[0; 8]), bytes("y", &[2], &[0, 1])]);
    assert!(!few.report.notes.iter().any(|note| note.contains("--layout")), "too small for a picture");
}

#[test]
fn opacity_shows_the_background() {
    let rgba = [200, 100, 0, 255, 200, 100, 0, 0];
    let tensors = [bytes("x", &[1, 1, 2, 4], &rgba), bytes("y", &[1], &[0])];
    let refusal = refused(&tensors);
    assert!(refusal.contains("--layout nchw"), "1 channel of 2 x 4, or 4 of 1 x 2: {refusal}");
    for (background, behind) in [(Background::White, 255), (Background::Black, 0)] {
        let options = ReadOptions { layout: Some(Layout::Nhwc), background, ..ReadOptions::default() };
        let data = open(&tensors, &options).expect("images");
        assert_eq!(
            (data.images.shape(), data.images.pixels()),
            ([3, 1, 2], &[200, behind, 100, behind, 0, behind][..])
        );
        assert!(data.report.notes[0].contains("1 transparent"), "{:?}", data.report);
    }
}

#[test]
fn any_number_of_channels_is_read_where_the_user_says_which_they_are() {
    let tensors = [bytes("x", &[1, 2, 1, 3], &[0, 1, 2, 3, 4, 5]), bytes("y", &[1], &[0])];
    let options = ReadOptions { layout: Some(Layout::Nchw), ..ReadOptions::default() };
    let data = open(&tensors, &options).expect("two channels");
    assert_eq!((data.images.shape(), data.images.pixels()), ([2, 1, 3], &[0, 1, 2, 3, 4, 5][..]));
    assert!(data.report.notes[0].contains("2 channels"), "{:?}", data.report);
    let data = read(&tensors);
    assert_eq!((data.images.shape(), data.images.pixels()), ([3, 2, 1], &[0, 3, 1, 4, 2, 5][..]), "channels last");
}

#[test]
fn classes_may_be_named() {
    let images = bytes("images", &[3, 1, 1], &[0, 9, 5]);
    let names =
        ("class_names", Dtype::I64, &[3][..], [10_i64, 20, 30].iter().flat_map(|name| name.to_le_bytes()).collect());
    let data = read(&[images.clone(), bytes("labels", &[3], &[2, 0, 2]), names.clone()]);
    assert_eq!((data.classes, data.labels), (vec!["10".to_owned(), "20".into(), "30".into()], vec![2, 0, 2]));
    let data = read(&[images.clone(), bytes("labels", &[3], &[30, 10, 30]), names.clone()]);
    assert_eq!((data.classes.len(), data.labels), (3, vec![2, 0, 2]), "labels that are names");
    let words = refused(&[images, bytes("labels", &[3], &[2, 3, 2]), names]);
    assert!(words.contains("`class_names` names 3 classes, 0 to 2") && words.contains("label 3"), "{words}");
}

#[test]
fn parts_must_be_alike_and_have_examples() {
    let training = [bytes("x_train", &[2, 2, 2], &[0; 8]), bytes("y_train", &[2], &[0, 1])];
    let with = |x: Tensor, y: Tensor| open(&[&training[..], &[x, y]].concat(), &ReadOptions::default());
    let words = with(bytes("x_test", &[1, 1, 4], &[0; 4]), bytes("y_test", &[1], &[0])).expect_err("other sides");
    assert!(words.to_string().contains("[1, 1, 4]") && words.to_string().contains("[2, 2, 2]"), "{words}");
    let none = with(bytes("x_test", &[0, 2, 2], &[]), bytes("y_test", &[0], &[])).expect("no test part");
    assert_eq!((none.images.len(), none.report.skipped[0].name.as_str()), (2, "x_test"));
    let words = with(bytes("x_val", &[1, 2, 2], &[0; 4]), bytes("y_val", &[2], &[0, 0])).expect_err("labels");
    assert!(words.to_string().contains("`y_val`") && words.to_string().contains("expected 1, found 2"), "{words}");
    let three = [bytes("x_train", &[1, 2, 2], &[0; 4]), bytes("y_train", &[1, 3], &[1, 0, 0])];
    let words = refused(
        &[&three[..], &[bytes("x_test", &[1, 2, 2], &[0; 4]), bytes("y_test", &[1, 4], &[1, 0, 0, 0])]].concat(),
    );
    assert!(words.contains("`y_train` has 3 columns and `y_test` 4"), "{words}");
    let huge = 1 << 40;
    assert!(refused(&[bytes("x", &[0, huge, huge], &[]), bytes("y", &[0], &[])]).contains("training images is empty"));
    assert!(refused(&[bytes("x", &[0, 2, 2], &[]), bytes("y", &[0], &[])]).contains("training images is empty"));
}
