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
