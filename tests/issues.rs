//! Tests of `pdepth issues`: it finds changed labels and suggests the original ones.

use std::fs;

use prediction_depth_tests::{pdepth, run_small, text};
use serde_json::Value;

const MODEL: [&str; 8] = ["--examples", "1000", "--hidden", "64,64", "--epochs", "40", "--label-noise", "0.1"];

/// Counts the changed labels among the first hundred training images of the ranking, and how many of them have the
/// original label suggested.
fn found(json: &Value, table: &str) -> [usize; 2] {
    let labels: Vec<(&str, &str)> =
        table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()).map(|row| (row[0], row[1])).collect();
    let label = |issue: &Value| labels[issue["id"].as_u64().expect("an id") as usize].1.parse().ok();
    let issues = json["issues"].as_array().expect("a list");
    assert_eq!(issues.len(), 100);
    let training = issues.iter().filter(|issue| issue["images"] == "training");
    let wrong: Vec<&Value> = training.filter(|issue| label(issue) != issue["given_label"].as_u64()).collect();
    let right = wrong.iter().filter(|issue| label(issue) == issue["suggested_label"].as_u64());
    [wrong.len(), right.count()]
}

/// Returns the columns `id,label` of a table.
fn ids_and_labels(csv: &str) -> String {
    let header: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let (id, label) = (place("id"), place("label"));
    let mut rows: Vec<(usize, String)> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|row| (row[id].parse().expect("an id"), format!("{},{}\n", row[id], row[label])))
        .collect();
    rows.sort();
    "id,label\n".to_owned() + &rows.into_iter().map(|(_, row)| row).collect::<String>()
}

#[test]
fn one_run_and_an_ensemble_find_wrong_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let done = |arguments: &[&str]| {
        let output = pdepth(folder, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output.stdout
    };
    done(&[&["run", "--out", "run", "--quiet"][..], &MODEL].concat());
    let json: Value = serde_json::from_slice(&done(&["issues", "run", "--json"])).expect("JSON");
    let table = fs::read_to_string(folder.join("run/depth.csv")).expect("a table");
    // A tenth of the labels is changed. Chance finds about seven in a hundred, since a third of the images are test
    // images.
    let [wrong, right] = found(&json, &ids_and_labels(&table));
    assert!(wrong >= 40 && right * 10 >= wrong * 7, "one run: {wrong} wrong, {right} suggested");

    let plan = done(&[&["ensemble", "plan", "--runs", "10", "--margin-examples", "0"][..], &MODEL].concat());
    fs::write(folder.join("plan.json"), plan).expect("writable");
    done(&["ensemble", "run", "--plan", "plan.json", "--out", "e", "--quiet"]);
    done(&["ensemble", "merge", "--plan", "plan.json", "--out", "e"]);
    let json: Value = serde_json::from_slice(&done(&["issues", "e", "--json"])).expect("JSON");
    let table = fs::read_to_string(folder.join("e/examples.csv")).expect("a table");
    let [wrong, right] = found(&json, &ids_and_labels(&table));
    assert!(wrong >= 70 && right * 10 >= wrong * 7, "an ensemble: {wrong} wrong, {right} suggested");
    let page = fs::read_to_string(folder.join("e/issues.html")).expect("a page");
    assert_eq!(page.matches("<img").count(), 100);
    assert!(page.contains("made wrong on purpose"));
    let rows = fs::read_to_string(folder.join("e/issues.csv")).expect("a table");
    assert!(
        rows.starts_with("rank,id,name,images,score,given_label,given,suggested_label,suggested,agreement\n1,"),
        "{rows}"
    );

    let nothing = pdepth(folder, &["issues", "nowhere"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("nowhere"), "{}", text(&nothing.stderr));
}

#[test]
fn a_run_of_depths_alone_is_not_ranked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert!(run_small(folder, &["--depth-only", "--out", "run"]).status.success());
    for run in ["run", "run/study.safetensors"] {
        let output = pdepth(folder, &["issues", run, "--out", "issues"]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        for words in [run, "only its depths were measured", "measure it again without --depth-only"] {
            assert!(message.contains(words), "{words:?} is not in {message:?}");
        }
    }
    assert!(!folder.join("issues").exists());
}
