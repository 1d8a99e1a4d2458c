//! Tests of the way back from every row to the user's file: names of examples and classes in tables and reports.

use std::fs;
use std::path::Path;

use prediction_depth::data::{Dataset, Images, Labeled, Parts, Split};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::study::Study;
use prediction_depth_tests::{pdepth, text};

const NAMES: [&str; 4] = ["cats/ä.png", "=cmd|' /C calc'!A0", "a, \"quoted\"\nname", ""];

/// Four examples of classes that the user calls 1 and 12, one of them with a wrong label.
fn named() -> Study {
    let images = Images::new(vec![1, 2, 3, 4], [1, 1, 1]).expect("four images");
    let training = Labeled::new(images, vec![0, 1, 0, 1], 2).expect("a label for each");
    let training = training.named(NAMES.map(String::from).to_vec()).expect("a name for each");
    let parts = Parts { training, validation: None, test: None };
    let classes = ["1", "12"].map(String::from).to_vec();
    let dataset = Dataset::new("named", "made up", parts, classes).expect("a data set");
    let measured = PredictionDepth {
        probes: vec![vec![0, 1, 1, 1], vec![0, 1, 1, 0]],
        tied: vec![vec![false; 4]; 2],
        predictions: vec![0, 1, 1, 1],
        distances: None,
    };
    Study {
        layers: vec!["input".into(), "softmax".into()],
        given_labels: vec![0, 1, 1, 1],
        splits: vec![Split::Train, Split::Validation, Split::Train, Split::Train],
        measured,
        output_margins: vec![0.5, 1.5, 2.5, 3.5],
        ..Study::untrained(dataset)
    }
}

/// Writes a table whose rows have names, of which two are the same: as training and as test rows.
fn table_with_ids(folder: &Path) {
    let row = |row: usize| {
        let name = if row == 9 { "patient, 7".to_owned() } else { format!("patient, {row}") };
        let split = if row % 5 == 4 { "test" } else { "train" };
        format!("\"{name}\",{split},{},{},{}\n", row * 7 % 11, row * row % 13, ["ant", "bee"][row % 2])
    };
    let rows: String = (0..40).map(row).collect();
    fs::write(folder.join("mine.csv"), format!("id,split,a,b,label\n{rows}")).expect("writable");
}

/// Returns the name of each example of [`table_with_ids`]: training rows first.
fn names_of_rows() -> Vec<String> {
    let (test, train): (Vec<usize>, Vec<usize>) = (0..40).partition(|row| row % 5 == 4);
    [train, test].concat().into_iter().map(|row| format!("patient, {}", if row == 9 { 7 } else { row })).collect()
}

/// Asserts that each row of a table has the name of its id.
#[track_caller]
fn has_names(table: &str) -> usize {
    let (rows, names) = (rows(table), names_of_rows());
    let at = |wanted: &str| rows[0].iter().position(|name| name == wanted).expect("a column");
    let (id, name) = (at("id"), at("name"));
    for row in &rows[1..] {
        assert_eq!(row[name], names[row[id].parse::<usize>().expect("an id")]);
    }
    rows.len() - 1
}

/// The smallest training.
const SMALL: [&str; 8] = ["--data", "mine.csv", "--hidden", "4", "--steps", "2", "--k", "3"];

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pdepth(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_ids_of_a_table_stand_in_all_that_a_run_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    table_with_ids(folder);
    let shown = done(folder, &[&["run", "--quiet", "--out", "run"][..], &SMALL].concat());
    assert!(shown.contains("column `id` names the examples"), "{shown}");
    assert!(shown.contains("2 of 40 examples share theirs, such as \"patient, 7\" (ids 6 and 33)"), "{shown}");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("text");
    assert_eq!(has_names(&read("run/depth.csv")), 40);
    let study = Study::from_bytes(&fs::read(folder.join("run/study.safetensors")).expect("a file")).expect("a study");
    assert_eq!(study.names, names_of_rows());
    let report = read("run/report.html");
    for (id, name) in names_of_rows().iter().enumerate().take(3) {
        for words in [format!("title=\"{name}\""), format!(">id {id}<"), format!("alt=\"example {id}, {name}\"")] {
            assert!(report.contains(&words), "{words}");
        }
    }
    done(folder, &["issues", "run"]);
    assert!(has_names(&read("run/issues.csv")) > 0);
}

#[test]
fn the_ids_of_a_table_stand_in_all_that_an_ensemble_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    table_with_ids(folder);
    let plan = done(folder, &[&["ensemble", "plan", "--runs", "3"][..], &SMALL].concat());
    fs::write(folder.join("plan.json"), plan).expect("writable");
    let of = ["--plan", "plan.json", "--out", "ensemble"];
    done(folder, &[&["ensemble", "run", "--quiet"][..], &of].concat());
    done(folder, &[&["ensemble", "merge"][..], &of].concat());
    let read = |name: &str| fs::read_to_string(folder.join("ensemble").join(name)).expect("text");
    assert_eq!(has_names(&read("examples.csv")), 40);
    for (line, name) in read("examples.jsonl").lines().zip(names_of_rows()) {
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).expect("JSON")["name"], name);
    }
    let study = fs::read(folder.join("ensemble/study.safetensors")).expect("a file");
    assert_eq!(Study::from_bytes(&study).expect("a study").names, names_of_rows());
    let report = read("report.html");
    assert!(report.contains("share theirs, such as"), "the note is in the report");
    let words: Vec<&str> = report.split("alt=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!words.is_empty(), "{report}");
    for words in words {
        let (id, name) = words.strip_prefix("example ").and_then(|words| words.split_once(", ")).expect("id and name");
        assert_eq!(name, names_of_rows()[id.parse::<usize>().expect("an id")]);
    }
    done(folder, &["issues", "ensemble"]);
    assert!(has_names(&read("issues.csv")) > 0);
    let page = read("issues.html");
    for words in ["title=\"patient, ", "· id ", ", patient, "] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
#[should_panic(expected = "patient, 1")]
fn a_table_with_the_names_of_other_rows_is_found() {
    has_names("id,name\n0,\"patient, 0\"\n2,\"patient, 1\"\n");
}

/// Reads a CSV table, in which cells may be quoted.
fn rows(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = table.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            letter => cell.push(letter),
        }
    }
    rows
}

#[test]
fn the_table_of_depths_names_examples_and_classes() {
    let table = named().depth_csv(&[0, 1, 2, 3]).expect("a table");
    let rows = rows(&String::from_utf8(table).expect("text"));
    let header = "split,id,name,label_name,label,given_label,predicted,given_label_name,predicted_name,depth,\
                  undetermined,output_margin,probe_input,probe_softmax";
    assert_eq!(rows[0].join(","), header);
    assert_eq!(rows[1].join("|"), "train|0|cats/ä.png|1|0|0|0|1|1|0|false|0.5|0|0");
    assert_eq!(rows[3][3..9], ["1", "0", "1", "1", "12", "12"], "the given label is wrong");
    let names: Vec<&str> = rows[1..].iter().map(|row| row[2].as_str()).collect();
    assert_eq!(names, NAMES, "also what a spreadsheet would calculate, and what a table must quote");
}

/// Runs `issues` on a study file in a folder.
fn issues(folder: &Path, more: &[&str]) -> String {
    fs::write(folder.join("named.safetensors"), named().to_bytes().expect("a study")).expect("writable");
    let output = pdepth(folder, &[&["issues", "named.safetensors"], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn likely_label_errors_name_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = issues(folder.path(), &[]);
    assert!(shown.contains("agreement  name") && shown.contains("cats/ä.png"), "{shown}");
    assert!(shown.contains("a, \"quoted\" name"), "one line an example: {shown}");
    let table = rows(&fs::read_to_string(folder.path().join("issues.csv")).expect("a table"));
    assert_eq!(table[0][..5], ["rank", "id", "name", "images", "score"]);
    for row in &table[1..] {
        assert_eq!(row[2], NAMES[row[1].parse::<usize>().expect("an id")]);
    }
    let page = fs::read_to_string(folder.path().join("issues.html")).expect("a page");
    assert!(page.contains("title=\"cats&#x2f;ä.png\"") || page.contains("title=\"cats/ä.png\""), "{page}");
    let json: serde_json::Value = serde_json::from_str(&issues(folder.path(), &["--json"])).expect("JSON");
    for issue in json["issues"].as_array().expect("issues") {
        let name = NAMES[issue["id"].as_u64().expect("an id") as usize];
        assert_eq!(issue["name"].as_str(), Some(name).filter(|name| !name.is_empty()));
    }
}
