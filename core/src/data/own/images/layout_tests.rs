//! What paths mean, and which layouts are refused.

use super::*;

/// Understands paths; returns split, class and name of each image, and what was reported.
fn understood(paths: &[&str]) -> Result<(Vec<String>, String)> {
    let mut report = ReadReport::default();
    let placed = layout(&paths.iter().copied().enumerate().collect::<Vec<_>>(), &mut report)?;
    let placed = placed.iter().map(|image| {
        assert!(paths[image.file].ends_with(&image.name), "{image:?}");
        format!("{} {} {}", image.split.name(), image.class, image.name)
    });
    let skipped = report.skipped.iter().map(|skipped| format!("{}: {}", skipped.name, skipped.reason));
    let placed = placed.collect();
    Ok((placed, skipped.chain(report.notes.iter().cloned()).collect::<Vec<_>>().join("\n")))
}

fn read(paths: &[&str]) -> Vec<String> {
    understood(paths).expect("a layout").0
}

fn refused(paths: &[&str]) -> String {
    understood(paths).expect_err("no layout").to_string()
}

#[test]
fn classes_are_folders() {
    let images = read(&["pets/dog/2.png", "pets/cat/1.png", "pets/dog/10.png"]);
    assert_eq!(images, ["train cat cat/1.png", "train dog dog/10.png", "train dog dog/2.png"]);
    assert_eq!(
        read(&["cat/1.png", "dog/1.png"]),
        ["train cat cat/1.png", "train dog dog/1.png"],
        "two dropped folders"
    );
    let (images, report) = understood(&["pets/data/all/dog/1.png", "pets/data/all/cat/1.png"]).expect("a layout");
    assert_eq!(images, ["train cat data/all/cat/1.png", "train dog data/all/dog/1.png"]);
    assert!(report.contains("`data` holds all images") && report.contains("`all` holds all"), "{report}");
}

#[test]
fn splits_are_known_in_any_case() {
    for [train, val, test] in [
        ["train", "val", "test"],
        ["Train", "Validation", "TEST"],
        ["training", "valid", "testing"],
        ["trainset", "Val_Set", "test_set"],
    ] {
        let paths = [train, val, test].map(|split| ["cat", "dog"].map(|class| format!("pets/{split}/{class}/1.png")));
        let paths: Vec<&str> = paths.iter().flatten().map(String::as_str).collect();
        let splits: Vec<String> =
            read(&paths).iter().map(|image| image.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(splits, ["train cat", "train dog", "validation cat", "validation dog", "test cat", "test dog"]);
    }
    let below = read(&["pets/cat/train/1.png", "pets/cat/test/2.png", "pets/dog/train/3.png", "pets/dog/Test/4.png"]);
    assert_eq!(below.iter().filter(|image| image.starts_with("test")).count(), 2, "{below:?}");
    assert_eq!(below[0], "train cat cat/train/1.png");
    let beside = read(&["pets/cat/1.png", "pets/dog/1.png", "pets/test/dog/2.png"]);
    assert_eq!(beside[2], "test dog test/dog/2.png", "without `train`, the other folders are its classes");
    let direct = read(&["train/cat/1.png", "train/dog/1.png"]);
    assert_eq!(direct, ["train cat cat/1.png", "train dog dog/1.png"], "the folder `train` was opened itself");
}

#[test]
fn what_has_no_class_is_skipped_and_said() {
    let (images, report) = understood(&["p/cat/1.png", "p/dog/1.png", "p/logo.png"]).expect("a layout");
    assert_eq!(images.len(), 2);
    assert_eq!(report, "logo.png: image beside the folders of the classes");
    let flat = ["p/train/cat/1.png", "p/train/dog/1.png", "p/test/7.png", "p/test/8.png", "p/extra/9.png", "p/x.png"];
    let (images, report) = understood(&flat).expect("a layout");
    assert_eq!(images.len(), 2);
    for words in [
        "test/7.png: in the test split without a folder",
        "extra/9.png: in `extra`",
        "x.png: image beside the folders of the splits",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let (images, report) = understood(&["p/cat/1.png", "p/cat/more/2.png", "p/dog/1.png"]).expect("a layout");
    assert_eq!(images[1], "train cat cat/more/2.png");
    assert!(report.contains("1 images lie in folders below"), "{report}");
    let (images, _) = understood(&["p/cat/images/1.png", "p/dog/images/2.png"]).expect("one folder in each class");
    assert_eq!(images[1], "train dog dog/images/2.png");
    assert!(understood(&["p/Dog/1.png", "p/dog/1.png"]).expect("a layout").1.contains("only their case differs"));
}

#[test]
fn two_readings_are_refused_with_both_named() {
    for (paths, words) in [
        (&["p/test/1.png", "p/control/1.png"][..], ["is a class as its neighbours are", "is a split"]),
        (&["p/train/cat/1.png", "p/train/dog/1.png", "p/cat/2.png"], ["more training images", "only the images in"]),
        (&["p/train/cat/1.png", "p/val/cat/1.png", "p/valid/cat/1.png"], ["all of `val`, `valid`", "only one"]),
        (&["p/animal/dog/1.png", "p/thing/car/1.png"], ["`animal`, `thing`", "`car`, `dog`"]),
        (&["p/cat/train/1.png", "p/cat/test/2.png", "p/dog/3.png"], ["a split of the class `cat`", "like any other"]),
    ] {
        let message = refused(paths);
        assert!(message.contains("two readings") && words.iter().all(|word| message.contains(word)), "{message}");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    for (paths, word) in [
        (&["p/1.png", "p/2.png"][..], "in no folder of their class"),
        (&["1.png"], "in no folder of their class"),
        (&["p/train/1.png", "p/test/2.png"], "in no folder of their class"),
        (&["p/test/cat/1.png", "p/val/dog/1.png"], "no training images"),
        (&["p/cat/1.png", "p/cat/2.png"], "`cat` is its only class"),
        (&["p/train/cat/1.png", "p/train/dog/1.png", "p/test/bird/1.png"], "no training images of `bird`"),
    ] {
        let message = refused(paths);
        assert!(message.contains(word), "{word}: {message}");
    }
}
