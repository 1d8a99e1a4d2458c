//! The cases of `tests/conformance`: on every device, core gives the depths that the files say for what core can be told.

use std::fs;
use std::path::Path;

use pollster::block_on;
use prediction_depth::depth::{PredictionDepth, settled_at};
use prediction_depth::measurement::{Probing, measure};
use prediction_depth::metric::Metric;
use prediction_depth::probe::Ties;
use prediction_depth::representations::Recorded;
use prediction_depth::{Class, Error, Matrix};
use prediction_depth_tests::{Named, devices};
use serde_json::{Value, json};

/// How core is told a reading: its name in the files, the matrices, how many layers are skipped, and the options.
struct Told {
    reading: &'static str,
    matrices: &'static str,
    skipped: usize,
    probing: fn(usize) -> Probing,
}

/// The readings that are options of core, or other matrices.
const TOLD: [Told; 7] = [
    Told { reading: "ours", matrices: "layers", skipped: 0, probing: plain },
    Told {
        reading: "include_self",
        matrices: "layers",
        skipped: 0,
        probing: |k| Probing { include_self: true, ..plain(k) },
    },
    Told {
        reading: "ties_nearest",
        matrices: "layers",
        skipped: 0,
        probing: |k| Probing { ties: Ties::Nearest, ..plain(k) },
    },
    Told {
        reading: "l1",
        matrices: "layers",
        skipped: 0,
        probing: |k| Probing { metric: Metric::Manhattan, ..plain(k) },
    },
    Told {
        reading: "cosine",
        matrices: "layers",
        skipped: 0,
        probing: |k| Probing { metric: Metric::Cosine, ..plain(k) },
    },
    Told { reading: "without_input", matrices: "layers", skipped: 1, probing: plain },
    Told { reading: "before_relu", matrices: "layers_before_relu", skipped: 0, probing: plain },
];

/// The readings that follow from our probes.
const FOLLOWING: [(&str, Follow); 6] = [
    ("compared_with_last_probe", |_, of| json!(of.settled(*of.probes.last().expect("a layer")))),
    ("compared_with_label", |label, of| json!(of.settled(label))),
    ("first_agreement", |_, of| json!(of.probes.iter().position(|&one| one == of.network).unwrap_or(of.probes.len()))),
    ("depth_over_probes", |_, of| json!(of.settled(of.network) as f64 / of.probes.len() as f64)),
    ("counted_from_one", |_, of| json!(of.settled(of.network).max(1))),
    ("undetermined_as_null", |_, of| {
        let depth = of.settled(of.network);
        if depth == of.probes.len() { Value::Null } else { json!(depth) }
    }),
];

/// Returns the depth under a reading, from an example's label and answers.
type Follow = fn(Class, &Answers) -> Value;

/// What the probes and the network say about one example.
struct Answers {
    probes: Vec<Class>,
    network: Class,
}

impl Answers {
    fn settled(&self, target: Class) -> usize {
        settled_at(self.probes.iter().copied(), target)
    }
}

fn plain(k: usize) -> Probing {
    Probing { k, ..Probing::default() }
}

fn cases() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases");
    let paths = fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path());
    let cases: Vec<Value> =
        paths.map(|path| serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")).collect();
    assert!(cases.len() >= 20, "{}", cases.len());
    cases
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn classes(value: &Value) -> Vec<Class> {
    list(value).iter().map(|class| class.as_u64().expect("a class") as Class).collect()
}

fn matrix(rows: &Value) -> Matrix {
    let rows = list(rows);
    let value = |value: &Value| value.as_f64().expect("a number") as f32;
    let values = rows.iter().flat_map(|row| list(row).iter().map(value)).collect();
    Matrix::new(values, rows.len(), list(&rows[0]).len()).expect("rows of equal length")
}

/// The splits that a case has, the training split first.
fn splits(case: &Value) -> Vec<&'static str> {
    ["train", "held_out"].into_iter().filter(|split| case.get(split).is_some()).collect()
}

fn recorded(split: &Value, told: &Told) -> Option<Recorded> {
    let matrices: Vec<Matrix> = list(split.get(told.matrices)?).iter().skip(told.skipped).map(matrix).collect();
    let names = (0..matrices.len()).map(|layer| format!("layer{layer}")).collect();
    Some(Recorded::new(names, matrices, classes(&split["predictions"])).expect("they fit"))
}

/// Measures every split of a case; `None` if it does not have the matrices.
fn measured(case: &Value, told: &Told, tested: &Named) -> Option<Vec<PredictionDepth>> {
    let all: Option<Vec<Recorded>> = splits(case).into_iter().map(|split| recorded(&case[split], told)).collect();
    let all = all?;
    let (labels, k) = (classes(&case["train"]["labels"]), case["k"].as_u64().expect("a number") as usize);
    let held_out: Vec<&Recorded> = all[1..].iter().collect();
    let measured = block_on(measure(&all[0], &labels, &held_out, (told.probing)(k), &tested.device, &()));
    if matches!(measured, Err(Error::NoDirection { .. })) {
        return None; // the files have no depths then
    }
    Some(measured.unwrap_or_else(|error| panic!("{} on {}: {error}", case["name"], tested.name)))
}

/// Returns what a device finds, beside where the file says it: (place in the file, found).
fn found(case: &Value, tested: &Named) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for told in &TOLD {
        let Some(measured) = measured(case, told, tested) else { continue };
        for (split, depth) in splits(case).into_iter().zip(measured) {
            found.push((format!("/depths/{}/{split}", told.reading), json!(depth.depths())));
            if told.reading == "ours" {
                found.extend(following(case, split, &depth));
            }
        }
    }
    found
}

/// Returns what follows from our probes.
fn following(case: &Value, split: &str, depth: &PredictionDepth) -> Vec<(String, Value)> {
    let labels = classes(&case[split]["labels"]);
    let answers = (0..labels.len()).map(|example| Answers {
        probes: depth.probes.iter().map(|layer| layer[example]).collect(),
        network: depth.predictions[example],
    });
    let answers: Vec<Answers> = answers.collect();
    let undetermined: Vec<bool> = depth.depths().iter().map(|&depth| depth == answers[0].probes.len()).collect();
    let mut found = vec![
        (format!("/probes/{split}"), json!(depth.probes)),
        (format!("/undetermined/{split}"), json!(undetermined)),
    ];
    for (reading, follow) in FOLLOWING {
        let depths: Vec<Value> = labels.iter().zip(&answers).map(|(&label, of)| follow(label, of)).collect();
        found.push((format!("/depths/{reading}/{split}"), json!(depths)));
    }
    found
}

/// Returns where a device finds what the file does not say.
fn differences(case: &Value, tested: &Named) -> Vec<String> {
    let differs = |(place, found): &(String, Value)| case.pointer(place) != Some(found);
    let wrong = found(case, tested).into_iter().filter(differs);
    wrong.map(|(place, found)| format!("{}{place}: {found} on {}", case["name"], tested.name)).collect()
}

#[test]
fn core_gives_the_depths_of_the_files() {
    let (cases, devices) = (cases(), devices());
    for case in &cases {
        for tested in &devices {
            assert_eq!(differences(case, tested), [""; 0]);
        }
    }
    for told in &TOLD {
        let given = cases.iter().filter(|case| case["depths"].get(told.reading).is_some()).count();
        assert!(given > 0, "no case has the reading {}", told.reading);
    }
}

/// Returns the readings that a case should separate from ours, and does not.
fn not_separated(case: &Value) -> Vec<&str> {
    let names = list(&case["separates"]).iter().map(|name| name.as_str().expect("a name"));
    let depths = &case["depths"];
    names.filter(|&name| depths.get(name).is_none_or(|depth| *depth == depths["ours"])).collect()
}

#[test]
fn the_readings_of_each_case_differ() {
    for case in cases() {
        assert!(!list(&case["separates"]).is_empty(), "{}", case["name"]);
        assert_eq!(not_separated(&case), [""; 0], "{}", case["name"]);
    }
}

#[test]
fn a_wrong_depth_and_a_reading_that_does_not_differ_are_noticed() {
    let tested = devices().remove(0);
    let mut case = cases().remove(0);
    assert_eq!(differences(&case, &tested), [""; 0]);
    case["depths"]["include_self"]["train"][0] = json!(99);
    assert_eq!(differences(&case, &tested).len(), 1);
    case["separates"] = json!(["ours", "unheard_of"]);
    assert_eq!(not_separated(&case), ["ours", "unheard_of"]);
}
