//! Tests of `pdepth depth --neighbors`: graphs that were made elsewhere vote as a search does.

use std::fs;
use std::path::Path;

use prediction_depth::search::Exclude;
use prediction_depth_tests::{TypedArray, integers, neighbors, npz, pdepth, text, write_files};
use tempfile::TempDir;

const TRAIN: usize = 30;
const TEST: usize = 8;
const K: usize = 4;
const LAYERS: [&str; 2] = ["layer0", "layer1"];

/// A graph as scipy writes it: its rows are pairs of neighbour and distance.
fn graph(rows: &[Vec<(u32, f64)>], columns: usize) -> Vec<(&'static str, TypedArray)> {
    let all: Vec<(u32, f64)> = rows.concat();
    let starts = rows.iter().scan(0, |end, row| {
        *end += row.len() as u32;
        Some(*end)
    });
    let starts: Vec<u32> = [0].into_iter().chain(starts).collect();
    let distances: Vec<f64> = all.iter().map(|pair| pair.1).collect();
    vec![
        ("indices", TypedArray::numbers(&all.iter().map(|pair| pair.0).collect::<Vec<_>>())),
        ("indptr", TypedArray::numbers(&starts)),
        ("format", TypedArray { descr: "|S3".into(), fortran: false, shape: Vec::new(), bytes: b"csr".to_vec() }),
        ("shape", TypedArray::numbers(&[rows.len() as u32, columns as u32])),
        ("data", TypedArray::new(&distances, &[distances.len()], "<f8", false)),
    ]
}

/// Rows of the graph of a layer: K neighbours, and in the training split the example itself among them.
fn rows(layer: u64, split: &str) -> Vec<Vec<(u32, f64)>> {
    let support = integers(TRAIN, 3, layer);
    let (queries, k) = if split == "train" { (support.clone(), K + 1) } else { (integers(TEST, 3, 10 + layer), K) };
    let found = neighbors(&support, &queries, k, Exclude::Nothing);
    let row = |query| {
        let near = found.of(query).iter().zip(found.distances_of(query));
        let mut near: Vec<(u32, f64)> = near.map(|(&row, &distance)| (row, distance.sqrt())).collect();
        // Where duplicates fill the list, an example does not list itself.
        if split == "train" && near.iter().all(|pair| pair.0 != query as u32) {
            near.truncate(K);
        }
        near
    };
    (0..queries.rows()).map(row).collect()
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (split, examples, seed) in [("train", TRAIN, 0), ("test", TEST, 10)] {
        let classes =
            |seed| integers(examples, 1, seed).values().iter().map(|value| (value + 3.0) as u32 % 3).collect();
        let lists: [Vec<u32>; 2] = [classes(20 + seed), classes(21 + seed)];
        let mut files: Vec<(String, Vec<u8>)> = ["labels.npy", "predictions.npy"]
            .into_iter()
            .zip(&lists)
            .map(|(name, list)| (name.to_owned(), TypedArray::numbers(list).npy()))
            .collect();
        write_files(&folder.path().join("alone").join(split), &files);
        for (name, layer) in LAYERS.into_iter().zip(0..) {
            let values = integers(examples, 3, seed + layer);
            files.push((format!("{name}.npy"), TypedArray::floats(values.values(), &[examples, 3]).npy()));
            let graph = npz(&graph(&rows(layer, split), TRAIN), layer == 1);
            write_files(&folder.path().join("graphs").join(split), &[(format!("{name}.npz"), graph)]);
        }
        write_files(&folder.path().join("acts").join(split), &files);
    }
    folder
}

fn measure(folder: &Path, activations: &str, more: &[&str]) -> Result<String, String> {
    let (train, test) = (format!("{activations}/train"), format!("test={activations}/test"));
    let output =
        pdepth(folder, &[&["depth", "--train", &train, "--held-out", &test, "--k", "4", "--quiet"], more].concat());
    match output.status.code() {
        Some(0) => Ok(text(&output.stdout)),
        Some(1) => Err(text(&output.stderr)),
        other => panic!("{other:?}: {}", text(&output.stderr)),
    }
}

#[test]
fn graphs_vote_as_a_search_does() {
    let folder = folder();
    let table = |run: &str| fs::read_to_string(folder.path().join(run).join("depth.csv")).expect("a table");
    for more in [&[][..], &["--ties", "nearest"]] {
        let name = more.len().to_string();
        let (searched, voted) = (format!("searched{name}"), format!("voted{name}"));
        measure(folder.path(), "acts", &[&["--out", &searched], more].concat()).expect("a run");
        let graphs = ["--neighbors", "graphs", "--out", &voted];
        let said = measure(folder.path(), "alone", &[&graphs, more].concat()).expect("a run");
        assert!(said.contains("Neighbours from graphs\n"), "{said}");
        assert!(
            said.contains("No layers: the neighbours were found elsewhere\n") && !said.contains("0 layers"),
            "{said}"
        );
        let report = fs::read_to_string(folder.path().join(&voted).join("report.html")).expect("a report");
        assert!(report.contains("no layers, since the neighbours were found elsewhere"), "the report says it");
        assert_eq!(table(&searched), table(&voted));
        let again = pdepth(folder.path(), &["issues", &voted]);
        assert!(again.status.success(), "{}", text(&again.stderr));
    }
    assert_ne!(table("searched0"), table("searched2"), "ties are frequent");
    measure(folder.path(), "acts", &["--include-self", "--out", "searched"]).expect("a run");
    measure(folder.path(), "acts", &["--include-self", "--neighbors", "graphs", "--out", "voted"]).expect("a run");
    assert_eq!(table("searched"), table("voted"));
}

/// What is done to the first row of a graph, and what the message says.
type Case = (&'static str, fn(&mut Vec<(u32, f64)>), &'static str);

const WRONG: [Case; 5] = [
    ("unsorted", |row| row.reverse(), "layer0.npz, row 0: its distances are not sorted"),
    ("NaN", |row| row[1].1 = f64::NAN, "layer0.npz, row 0: its distances are not sorted"),
    ("twice", |row| row[2].0 = row[1].0, "twice"),
    ("out of range", |row| row[1].0 = 30, "layer0.npz, row 0: it names the training example 30 of 30"),
    ("too few", |row| row.truncate(3), "layer0.npz, row 0: it lists"),
];

#[test]
fn graphs_that_are_wrong_are_refused() {
    let folder = folder();
    let graphs = folder.path().join("graphs");
    let run =
        || measure(folder.path(), "alone", &["--neighbors", "graphs", "--out", "run"]).expect_err("a wrong graph");
    let place = graphs.join("train/layer0.npz");
    for (case, change, words) in WRONG {
        let mut rows = rows(0, "train");
        change(&mut rows[0]);
        fs::write(&place, npz(&graph(&rows, TRAIN), false)).expect("a file");
        let message = run();
        assert!(message.contains(words) && message.lines().count() == 1, "{case}: {message}");
    }
    let right = graph(&rows(0, "train"), TRAIN);
    let changed = |name: &str, array: Option<TypedArray>| {
        let others = right.iter().filter(|(other, _)| *other != name).cloned();
        let arrays: Vec<_> = others.chain(array.map(|array| ("x", array))).collect();
        let arrays: Vec<_> =
            arrays.iter().map(|(other, array)| (if *other == "x" { name } else { other }, array.clone())).collect();
        fs::write(&place, npz(&arrays, false)).expect("a file");
        run()
    };
    let words =
        |bytes: &[u8]| TypedArray { descr: "|S3".into(), fortran: false, shape: Vec::new(), bytes: bytes.to_vec() };
    for (name, array, said) in [
        ("format", Some(words(b"csc")), "\"csc\": write it as csr"),
        ("format", None, "no array `format`"),
        ("shape", Some(TypedArray::numbers(&[30, 31])), "[30, 31], but there are 30 examples"),
        ("indptr", Some(TypedArray::numbers(&[0; 30])), "indptr: is [30], not [31]"),
        ("indptr", Some(TypedArray::numbers(&[0; 31])), "does not end at"),
        ("indptr", Some(TypedArray::numbers(&[9; 31])), "does not end at"),
        ("data", Some(TypedArray::new(&[0.0], &[1], "<f8", false)), "data: is [1], not ["),
    ] {
        let message = changed(name, array);
        assert!(message.contains("graphs/train/layer0.npz") && message.contains(said), "{said}: {message}");
    }
    fs::remove_file(&place).expect("a file");
    assert!(run().contains("there is no layer0"));
    fs::remove_file(graphs.join("train/layer1.npz")).expect("a file");
    fs::rename(graphs.join("test/layer0.npz"), &place).expect("a file");
    assert!(run().contains("graphs/test: there is no layer0"));
    fs::remove_dir_all(graphs.join("test")).expect("a folder");
    assert!(run().contains("--neighbors"));
    let usage =
        pdepth(folder.path(), &["depth", "--train", "alone/train", "--neighbors", "graphs", "--representations"]);
    assert_eq!(usage.status.code(), Some(2));
}
