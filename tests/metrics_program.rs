//! Tests of `--metric`, `--support`, `--support-per-class` and `--pool`: what the program says and records.

use std::fs;
use std::path::Path;

use prediction_depth::measurement::Support;
use prediction_depth::metric::Metric;
use prediction_depth::pooling::{Channels, Pooling};
use prediction_depth::study::Study;
use prediction_depth_tests::{SomeNetwork, TRAIN_EXAMPLES, TypedArray, normals, pdepth, replace, text, write_files};
use tempfile::TempDir;

/// A folder `acts` with three layers, of which the first is a map [3, 4, 4].
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = SomeNetwork::new(TRAIN_EXAMPLES, 0).folder("<f4", false);
    let map = normals(TRAIN_EXAMPLES, 48, 5);
    replace(&mut files, "layer0.npy", TypedArray::floats(map.values(), &[TRAIN_EXAMPLES, 3, 4, 4]).npy());
    for (number, dims) in [(1, 6), (2, 2)] {
        let values = normals(TRAIN_EXAMPLES, dims, number);
        let array = TypedArray::floats(values.values(), &[TRAIN_EXAMPLES, dims]);
        replace(&mut files, &format!("layer{number}.npy"), array.npy());
    }
    write_files(&folder.path().join("acts"), &files);
    folder
}

fn study(run: &Path) -> Study {
    Study::from_bytes(&fs::read(run.join("study.safetensors")).expect("a study")).expect("a study")
}

#[test]
fn options_are_recorded_and_said() {
    let folder = folder();
    let options = ["--metric", "cosine", "--support-per-class", "7", "--support-seed", "3"];
    let pooling = ["--pool", "average:12", "--channels", "first"];
    let run = ["depth", "--train", "acts", "--k", "3", "--out", "run", "--quiet", "--device", "cpu"];
    let output = pdepth(folder.path(), &[&run[..], &options, &pooling].concat());
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let words = "k = 3; cosine distance; 7 training examples of each class vote, drawn by seed 3; layers are pooled \
                 (average:12, channels first)";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("layer0 [3, 4, 4] float32 pooled to 12"), "{said}");
    let run = folder.path().join("run");
    let report = fs::read_to_string(run.join("report.html")).expect("a report");
    assert!(report.contains(words) && report.contains("3 x 4 x 4, pooled to 12"), "{report}");
    let study = study(&run);
    assert_eq!(study.probing.metric, Metric::Cosine);
    assert_eq!(study.probing.support, Support::PerClass { examples: 7, seed: 3 });
    assert_eq!(study.pooling, Pooling::Average { values: 12, channels: Some(Channels::First) });
    let settings = fs::read_to_string(run.join("config.toml")).expect("settings");
    assert!(settings.contains("metric = \"cosine\"") && settings.contains("values = 12"), "{settings}");
    let bytes = fs::read(run.join("study.safetensors")).expect("a study");
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
    for (key, value) in [("metric", "cosine"), ("version", "3"), ("support", "{\\\"per-class\\\":")] {
        assert!(head.contains(&format!("\"{key}\":\"{value}")), "{key}: {head}");
    }
}

#[test]
fn a_network_trained_here_is_measured_with_them_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = ["run", "--examples", "200", "--epochs", "1", "--k", "5", "--quiet", "--device", "cpu", "--json"];
    let depths = |options: &[&str], out: &str| {
        let output = pdepth(folder.path(), &[&run[..], options, &["--out", out]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read_to_string(folder.path().join(out).join("depth.csv")).expect("a table")
    };
    let plain = depths(&[], "plain");
    for (options, out) in
        [(["--metric", "cosine"], "cosine"), (["--metric", "manhattan"], "manhattan"), (["--support", "90"], "support")]
    {
        assert_ne!(depths(&options, out), plain, "{out}");
        let depths_only = depths(&[&options[..], &["--depth-only"]].concat(), &format!("{out}-only"));
        let column = |table: &str| {
            let rows = table.lines().skip(1).map(|line| line.split(',').nth(7).unwrap_or_default().to_owned());
            rows.collect::<Vec<_>>()
        };
        assert_eq!(column(&depths_only), column(&depths(&options, &format!("{out}-again"))), "{out}");
    }
    assert_eq!(study(&folder.path().join("cosine")).how_measured(), "k = 5; cosine distance");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = folder();
    let run = ["depth", "--train", "acts", "--k", "3", "--out", "run", "--quiet"];
    for (options, words) in [
        (&["--support-per-class", "30"][..], "has only"),
        (&["--support", "41"], "the training split has only 40"),
        (&["--support", "3"], "choose k from 1 to 2, or let more vote"),
        (&["--support", "9", "--support-per-class", "2"], "cannot be used with"),
        (&["--support-seed", "4"], "--support"),
        (&["--pool", "average:12"], "--channels"),
        (&["--pool", "mean", "--channels", "last"], "only for --pool average"),
        (&["--pool", "max"], "average:N"),
        (&["--metric", "hamming"], "manhattan"),
        (&["--neighbors", "graphs", "--metric", "cosine"], "graphs"),
    ] {
        let output = pdepth(folder.path(), &[&run[..], options].concat());
        assert!(!output.status.success(), "{options:?}");
        let message = text(&output.stderr);
        assert!(message.contains(words), "{options:?}: {message}");
        assert!(!folder.path().join("run").exists(), "{options:?}");
    }
}
