//! Options and files that ask for more than a machine has: refused before memory is taken, and nothing stays behind.

use std::fs;

use prediction_depth::study::{Study, Weight};
use prediction_depth_tests::{entries, pdepth, text};

/// The largest number of 64 bits.
const HUGE: &str = "18446744073709551615";

#[test]
fn options_that_no_machine_can_follow_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let huge = "1152921504606846976"; // 2^60
    let deep = vec!["1"; 10_000].join(",");
    for (more, word) in [
        (&["--hidden", "1000000000"][..], "at most 2147483648"),
        (&["--hidden", "18446744073709551615,18446744073709551615"], "at most 2147483648"),
        (&["--hidden", &deep], "at most 1000"),
        (&["--width", "1e300"], "parameters"),
        (&["--width", "1e-9"], "--width"),
        (&["--net", "vgg-small", "--width", "1e300"], "parameters"),
        (&["--net", "resnet18", "--width", "1e-9"], "width"),
        (&["--net", "vgg16", "--width", "1000"], "parameters"),
        (&["--batch", "18446744073709551615"], "batch"),
        (&["--epochs", huge], "at most 4294967295 steps"),
        (&["--steps", huge], "at most 4294967295 steps"),
        (&["--k", huge], "choose k from 1"),
        (&["--crop", huge], "crop"),
        (&["--drops", "nan"], "--drops"),
        (&["--memory", "0"], "--memory 0"),
        (&["--examples", huge], "choose from 1 to 2000"),
    ] {
        let output = pdepth(folder.path(), &[&["run", "--quiet", "--device", "cpu"], more].concat());
        let message = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{more:?}: {:?} {message}", output.status);
        assert!(message.contains(word), "{more:?}: {message}");
        assert!(entries(folder.path()).iter().all(|name| !name.contains("pdepth-partial")), "{more:?}");
    }
    for (more, word) in [
        (["--runs", "18446744073709551615"], "1 to 1000000"),
        (["--seed", "18446744073709551615"], "choose a smaller one"),
    ] {
        let output = pdepth(folder.path(), &[&["ensemble", "plan", "--runs", "2"][..], &more].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{more:?}: {message}");
        assert!(message.contains(word) && output.stdout.is_empty(), "{more:?}: {message}");
    }
}

#[test]
fn the_logits_of_many_classes_count_as_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<String> = (0..4000).map(|row| format!("c{},{}", row / 2, row % 7)).collect();
    fs::write(folder.path().join("many.csv"), format!("label,x\n{}\n", rows.join("\n"))).expect("a table");
    let run = ["run", "--data", "many.csv", "--steps", "1", "--hidden", "4", "--quiet", "--device", "cpu", "--k", "3"];
    let output = pdepth(folder.path(), &[&run[..], &["--memory", "40MB"]].concat());
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("the logits of 4000 examples and 2000 classes take 32000000 bytes"), "{message}");
    let output = pdepth(folder.path(), &[&run[..], &["--memory", "64MB"]].concat());
    assert!(output.status.success(), "what the message asks for is enough: {}", text(&output.stderr));
}

#[test]
fn weights_whose_header_claims_too_much_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let trained = pdepth(
        folder.path(),
        &["train", "--examples", "100", "--steps", "1", "--hidden", "4", "--quiet", "--out", "run"],
    );
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let shape =
        format!("{{\"hidden1.weight\":{{\"dtype\":\"F32\",\"shape\":[{0},{0}],\"data_offsets\":[0,4]}}}}", 1_u64 << 60);
    let lying = [&(shape.len() as u64).to_le_bytes()[..], shape.as_bytes(), &[0; 4]].concat();
    let whole = Weight { name: "hidden1.weight".into(), shape: vec![1], values: vec![0.0] };
    let whole = Study::weights_to_bytes(&[whole]).expect("a file");
    let long = [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat();
    for (name, bytes) in
        [("lying", lying), ("long", long), ("cut", whole[..whole.len() - 2].to_vec()), ("empty", Vec::new())]
    {
        let file = format!("{name}.safetensors");
        fs::write(folder.path().join(&file), bytes).expect("a file");
        let output = pdepth(folder.path(), &["measure", "run", "--weights", &file, "--out", "x", "--quiet"]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {message}");
        assert!(message.contains(&file) && message.lines().count() == 1, "{name}: {message}");
        assert!(!folder.path().join("x").exists());
    }
}

#[test]
fn ensembles_that_nobody_can_make_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = ["ensemble", "plan", "--examples", "100", "--steps", "2", "--hidden", "8", "--k", "3"];
    for (case, word) in [
        (&["--runs", HUGE][..], "--runs"),
        (&["--runs", "1000001"], "--runs"),
        (&["--runs", "2", "--steps", "1152921504606846976"], "steps"),
        (&["--runs", "2", "--hidden", "1000000000"], "parameters"),
    ] {
        let output = pdepth(folder.path(), &[&plan[..], case].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{case:?}: {message}");
        assert!(message.contains(word) && output.stdout.is_empty(), "{case:?}: {message}");
    }
    let margins =
        pdepth(folder.path(), &[&plan[..], &["--runs", "2", "--margin-examples", "9223372036854775807"]].concat());
    assert!(margins.status.success(), "there are no more than all examples: {}", text(&margins.stderr));
    let edited = text(&margins.stdout).replace("\"runs\": 2", "\"runs\": 18446744073709551615");
    fs::write(folder.path().join("plan.json"), edited).expect("writable");
    let status = pdepth(folder.path(), &["ensemble", "status", "--plan", "plan.json", "--out", "e"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(text(&status.stderr).contains("1 to 1000000 models"), "{}", text(&status.stderr));
}

#[test]
fn a_search_takes_no_memory_that_its_file_does_not_justify() {
    let folder = tempfile::tempdir().expect("a folder");
    let beyond_64_bits =
        ["18446744073709551615, 4", "9223372036854775808, 9223372036854775808", "4294967296, 4294967296, 5"];
    for shape in ["1152921504606846976, 4", "1099511627776, 1"].into_iter().chain(beyond_64_bits) {
        let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}");
        header = format!("{header:<117}\n");
        let bytes = [&b"\x93NUMPY\x01\0\x76\0"[..], header.as_bytes()].concat();
        fs::write(folder.path().join("huge.npy"), bytes).expect("writable");
        for command in [&["search", "shard", "--out", "out"][..], &["bench", "search"]] {
            let more = ["--support", "huge.npy", "--leave-one-out", "--device", "cpu"];
            let output = pdepth(folder.path(), &[command, &more].concat());
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{shape}: {message}");
            let why = ["more than the file holds", "more than this machine can address"];
            assert!(why.iter().any(|why| message.contains(why)), "{shape}: {message}");
            assert!(message.contains("huge.npy") && message.lines().count() == 1, "{shape}: {message}");
        }
    }
    let threads = pdepth(folder.path(), &["bench", "peak", "--threads", "1000000000"]);
    assert_eq!(threads.status.code(), Some(2), "{}", text(&threads.stderr));
}
