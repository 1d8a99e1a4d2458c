//! Tests of data formats, noise and splits, and of the embedded files.

use std::path::Path;

use prediction_depth::Error;
use prediction_depth::data::{
    Images, Labeled, Noise, Preprocessing, Split, embedded, embedded_files, flip_labels, read_images, read_labels,
    split, write_images, write_labels,
};
use prediction_depth_tests::embedded_data;

/// Folder of Debian's dataset-fashion-mnist, which tests/run installs.
const SOURCE: &str = "/usr/share/datasets/fashion-mnist";

#[test]
fn embedded_files_are_made_from_the_published_ones() {
    if !Path::new(SOURCE).is_dir() {
        println!("NOT CHECKED: {SOURCE} is not there");
        return;
    }
    let made = embedded_data(Path::new(SOURCE)).expect("the published files");
    for ((name, bytes), (embedded_name, embedded_bytes)) in made.iter().zip(embedded_files()) {
        assert_eq!(name, embedded_name);
        assert!(
            bytes == embedded_bytes,
            "{name} differs from the asset: make the assets again (core/assets/README.md)"
        );
    }
}

#[test]
fn the_embedded_data() {
    let dataset = embedded().expect("sound assets");
    assert_eq!((dataset.images.len(), dataset.training, dataset.images.shape()), (2500, 2000, [1, 28, 28]));
    assert_eq!(dataset.classes[dataset.labels[0] as usize], "ankle boot");
    let few = dataset.sample(100, 0).expect("100 of 2,000");
    assert_eq!((few.images.len(), few.training, few.labels.len()), (600, 100, 600));
    assert!(matches!(few.sample(101, 0), Err(Error::Setting { .. })));
}

#[test]
fn idx_there_and_back() {
    let images = Images::new((0..24).collect(), [1, 2, 3]).expect("four images");
    assert_eq!(read_images(&write_images(&images).expect("one channel")).expect("what was written"), images);
    assert_eq!(read_labels(&write_labels(&[3, 0, 255]).expect("bytes")).expect("what was written"), [3, 0, 255]);
    assert!(write_labels(&[256]).is_err());
}

/// Returns the message of the error for these bytes.
fn refusal(bytes: &[u8]) -> String {
    read_images(bytes).expect_err("damaged").to_string()
}

#[test]
fn damaged_idx_files_are_refused_with_the_place() {
    let good = [&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2][..], &[1, 2, 3, 4]].concat();
    assert!(read_images(&good).is_ok());
    assert!(refusal(&good[..3]).contains("at byte 3"));
    assert!(refusal(&good[..9]).contains("ends within its header of 16 bytes"));
    assert!(refusal(&good[..19]).contains("3 bytes follow the header, which promises 4 [1, 2, 2]"));
    assert!(refusal(&[&good[..], &[0]].concat()).contains("5 bytes follow"));
    assert!(refusal(&[&[0x89, b'P', b'N', b'G'][..], &good[4..]].concat()).contains("begins with 89 50 4e"));
    assert!(refusal(&[&[0, 0, 8, 1][..], &good[4..]].concat()).contains("1 sides where 3 are expected"));
    assert!(refusal(&[0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]).contains("promises"));
    let packed = embedded_files()[0].1;
    assert!(refusal(&packed[..packed.len() / 2]).contains("gzip"), "{}", refusal(&packed[..packed.len() / 2]));
}

#[test]
fn labels_must_fit() {
    let images = || Images::new(vec![0; 8], [1, 2, 2]).expect("two images");
    assert!(matches!(Labeled::new(images(), vec![0, 3], 3), Err(Error::BadLabel { example: 1, label: 3, classes: 3 })));
    assert!(matches!(Labeled::new(images(), vec![0], 3), Err(Error::Mismatch { expected: 2, found: 1, .. })));
}

#[test]
fn noise_moves_exactly_so_many_labels_to_another_class() {
    let labels: Vec<u32> = (0..1000).map(|example| example % 10).collect();
    let flipped = flip_labels(&labels, Noise::Other, 0.0495, 10, 3).expect("a fraction");
    let changed: Vec<usize> = (0..1000).filter(|&example| labels[example] != flipped[example]).collect();
    assert_eq!(changed.len(), 50, "round(49.5)");
    assert!(flipped.iter().all(|&label| label < 10));
    assert_eq!(flipped, flip_labels(&labels, Noise::Other, 0.0495, 10, 3).expect("the same again"));
    assert_ne!(flipped, flip_labels(&labels, Noise::Other, 0.0495, 10, 4).expect("another seed"));
    let all = flip_labels(&labels, Noise::Other, 1.0, 10, 0).expect("all of them");
    let mut counts = [[0; 10]; 10];
    all.iter().zip(&labels).for_each(|(&to, &from)| counts[from as usize][to as usize] += 1);
    for (from, row) in counts.iter().enumerate() {
        assert_eq!(row[from], 0, "never its own class");
        assert!(row.iter().enumerate().all(|(to, &count)| to == from || count > 0), "every other class: {row:?}");
    }
    assert!(flip_labels(&labels, Noise::Other, 1.5, 10, 0).is_err());
    assert!(flip_labels(&[0, 0], Noise::Other, 0.5, 1, 0).is_err());
}

#[test]
fn splits_are_ninety_to_ten_and_do_not_follow_the_noise() {
    let dataset = embedded().expect("sound assets");
    let splits = split(&dataset, 0).expect("enough");
    let count = |wanted| splits.iter().filter(|&&split| split == wanted).count();
    assert_eq!([Split::Train, Split::Validation, Split::Test].map(count), [1800, 200, 500]);
    assert!(splits[2000..].iter().all(|&split| split == Split::Test));
    assert_ne!(splits, split(&dataset, 1).expect("enough"));
    let flipped = flip_labels(&dataset.labels[..2000], Noise::Other, 0.1, 10, 0).expect("a fraction");
    let held_out = (0..2000).filter(|&id| flipped[id] != dataset.labels[id] && splits[id] == Split::Validation).count();
    assert!((5..=40).contains(&held_out), "equal seeds, yet {held_out} of 200 flipped labels are in validation");
}

#[test]
fn preprocessing_centres_each_channel() {
    let images = Images::new(vec![0, 255, 10, 10, 255, 0, 10, 10], [2, 1, 2]).expect("two images, two channels");
    let preprocessing = Preprocessing::from_images(&images);
    assert!((preprocessing.mean[0] - 0.5).abs() < 1e-6 && (preprocessing.std[0] - 0.5).abs() < 1e-6);
    assert!((preprocessing.std[1] - 1.0).abs() < 1e-6, "a constant channel");
    let seen = preprocessing.apply(&images).expect("its own images");
    let expected = [-1.0, 1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0];
    assert!(seen.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{seen:?}");
    let gray = Images::new(vec![0; 4], [1, 2, 2]).expect("one image");
    assert!(matches!(preprocessing.apply(&gray), Err(Error::Mismatch { expected: 2, found: 1, .. })));
}
