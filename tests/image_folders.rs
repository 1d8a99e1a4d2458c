//! Folders of images, as people have them, read by the program.

use std::fs;
use std::path::Path;

use prediction_depth_tests::{pdepth, text};
use serde_json::Value;

/// Writes a grey image of 6 x 5 whose pixels depend on `seed`.
fn image(path: &Path, seed: u8) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    let pixels =
        image::GrayImage::from_fn(6, 5, |x, y| image::Luma([(seed ^ (x * 31 + y * 17) as u8).wrapping_mul(37)]));
    pixels.save_with_format(path, image::ImageFormat::Png).expect("an image");
}

/// Makes a folder `pets` with two classes and six images each.
fn pets(folder: &Path) {
    for seed in 0..6 {
        image(&folder.join(format!("pets/cat/{seed}.png")), seed);
        image(&folder.join(format!("pets/dog/{seed}.png")), seed + 100);
    }
}

/// Trains one step; returns what was read, or the message of the error.
fn read(folder: &Path, more: &[&str]) -> Result<Value, String> {
    let fixed = ["train", "--steps", "1", "--hidden", "4", "--json", "--data"];
    let output = pdepth(folder, &[&fixed[..], more].concat());
    match output.status.code() {
        Some(0) => Ok(serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["read"].clone()),
        _ => Err(text(&output.stderr)),
    }
}

#[test]
fn a_validation_folder_is_the_validation_split() {
    let folder = tempfile::tempdir().expect("a folder");
    pets(folder.path());
    let drawn = read(folder.path(), &["pets"]).expect("a data set");
    assert_eq!(drawn["splits"][1]["from"], "drawn at random, seed 0");
    for seed in 0..3 {
        image(&folder.path().join(format!("pets/Validation/dog/{seed}.png")), seed + 50);
        image(&folder.path().join(format!("pets/TEST/cat/{seed}.png")), seed + 60);
    }
    let own = read(folder.path(), &["pets"]).expect("a data set");
    let sizes: Vec<&Value> = own["splits"].as_array().expect("splits").iter().map(|split| &split["examples"]).collect();
    assert_eq!(sizes, [12, 3, 3]);
    assert_eq!(own["splits"][1]["from"], "the data set's own");
    assert_eq!((&own["shape"], &own["classes"]["cat"]), (&serde_json::json!([1, 5, 6]), &serde_json::json!(9)));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_names_that_are_no_text_stay_different() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().expect("a folder");
    pets(folder.path());
    let pets = folder.path().join("pets");
    image(&folder.path().join("elsewhere/bird/1.png"), 7);
    image(&folder.path().join("elsewhere/bird/2.png"), 8);
    symlink(folder.path().join("elsewhere/bird"), pets.join("bird")).expect("a link to a folder");
    symlink(pets.join("cat/0.png"), pets.join("dog/link.png")).expect("a link to a file");
    symlink("nowhere.png", pets.join("dog/broken.png")).expect("a link that leads nowhere");
    symlink(&pets, pets.join("dog/loop")).expect("a link to a folder above");
    for (byte, seed) in [(0xe4, 30), (0xf6, 40)] {
        image(&pets.join(OsStr::from_bytes(&[b'k', byte])).join("1.png"), seed);
    }
    let read = read(folder.path(), &["pets"]).expect("a data set");
    let classes: Vec<&String> = read["classes"].as_object().expect("classes").keys().collect();
    assert_eq!(classes, ["bird", "cat", "dog", r"k\xe4", r"k\xf6"]);
    assert_eq!((&read["classes"]["bird"], &read["classes"]["dog"]), (&2.into(), &7.into()));
    let skipped = read["skipped"].to_string();
    assert!(skipped.contains("link that leads nowhere") && skipped.contains("dog/broken.png"), "{skipped}");
    assert!(skipped.contains("link to a folder that holds it"), "{skipped}");
}

#[test]
fn two_kinds_of_data_in_a_folder_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    pets(folder.path());
    fs::write(folder.path().join("pets/all.npz"), b"PK").expect("a file");
    let message = read(folder.path(), &["pets"]).expect_err("two readings");
    assert!(message.contains("both arrays and images") && message.contains("pets/all.npz"), "{message}");
    fs::remove_file(folder.path().join("pets/all.npz")).expect("it was there");
    fs::write(folder.path().join("pets/labels.csv"), b"file,label\n").expect("a file");
    let skipped = read(folder.path(), &["pets"]).expect("images")["skipped"].to_string();
    assert!(skipped.contains("labels.csv") && skipped.contains("tables beside images are not read"), "{skipped}");
}

#[test]
fn options_reach_the_reader_and_are_kept_for_the_measurement() {
    let folder = tempfile::tempdir().expect("a folder");
    pets(folder.path());
    fs::write(folder.path().join("pets/cat/9.png"), b"none").expect("a file");
    let message = read(folder.path(), &["pets"]).expect_err("a damaged image");
    assert!(message.contains("cat/9.png") && message.contains("--skip-unreadable"), "{message}");
    let options = ["--skip-unreadable", "--image-size", "8x7", "--out", "run"];
    let read = read(folder.path(), &[&["pets"][..], &options].concat()).expect("the others");
    assert_eq!((&read["shape"], &read["skipped"][0]["count"]), (&serde_json::json!([1, 8, 7]), &1.into()));
    let output = pdepth(folder.path(), &["measure", "run", "--k", "3", "--quiet"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = fs::read_to_string(folder.path().join("run/depth.csv")).expect("a table");
    assert!(table.contains(",cat/0.png,cat,"), "{table}");
}

#[test]
fn folders_without_a_data_set_say_what_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    fs::create_dir(folder.path().join("notes")).expect("a folder");
    fs::write(folder.path().join("notes/a.txt"), "some text").expect("a file");
    image(&folder.path().join("flat/1.png"), 1);
    image(&folder.path().join("flat/2.png"), 2);
    for (data, word) in [
        ("empty", "empty"),
        ("notes", "notes"),
        ("flat", "in no folder of their class"),
        ("flat/1.png", "in no folder"),
    ] {
        let message = read(folder.path(), &[data]).expect_err("no data set");
        assert!(message.contains(word) && message.lines().count() == 1, "{data}: {message}");
    }
}
