//! Tests of `pdepth search shard` and `merge`: for any number of shards, the result is bit-identical to the reference.

use std::fs;
use std::ops::Range;
use std::path::Path;

use candle_core::{Device, Tensor};
use prediction_depth::search::{Exclude, Shard};
use prediction_depth::{Matrix, Rows};
use prediction_depth_tests::{integers, matrix, neighbors, normals, pdepth, same_neighbors, text, without_checksum};
use serde_json::Value;
use tempfile::TempDir;

const K: usize = 12;

/// Writes support.npy and queries.npy.
fn files(support: &Matrix, queries: &Matrix) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, rows) in [("support.npy", support), ("queries.npy", queries)] {
        write(&folder.path().join(name), rows);
    }
    folder
}

fn write(path: &Path, rows: &Matrix) {
    let tensor = Tensor::from_slice(rows.values(), &rows.shape()[..], &Device::Cpu).expect("as many values");
    tensor.write_npy(path).expect("writable");
}

/// Runs one shard with `more` options. The shard of another search would be in its way.
fn shard(folder: &Path, asked: &[&str], index: usize, of: usize, more: &[&str]) -> std::process::Output {
    let (shard, out) = (format!("{index}/{of}"), format!("{index}-{of}.safetensors"));
    let (k, start) = (K.to_string(), ["search", "shard", "--support", "support.npy", "--device", "cpu", "--quiet"]);
    let options = ["--k", &k, "--shard", &shard, "--out", &out];
    let _ = fs::remove_file(folder.join(&out));
    pdepth(folder, &[&start[..], &options, asked, more].concat())
}

/// Runs all shards, merges them in a different order, and returns the bytes of the result.
fn merged(folder: &Path, asked: &[&str], of: usize) -> Vec<u8> {
    let mut names = vec![];
    for index in 0..of {
        let output = shard(folder, asked, index, of, &[]);
        assert!(output.status.success(), "{index}/{of}: {}", text(&output.stderr));
        names.insert(index / 2, format!("{index}-{of}.safetensors"));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let _ = fs::remove_file(folder.join("merged.safetensors"));
    let output = pdepth(folder, &[&["search", "merge", "--out", "merged.safetensors"], &names[..]].concat());
    assert!(output.status.success(), "{of} shards: {}", text(&output.stderr));
    fs::read(folder.join("merged.safetensors")).expect("it was written")
}

const QUERIES: [&str; 2] = ["--queries", "queries.npy"];
const ITSELF: [&str; 1] = ["--leave-one-out"];

/// Checks that the result equals the reference, and does not depend on the number of shards.
fn agree(what: &str, support: &Matrix, queries: &Matrix) {
    let folder = files(support, queries);
    let cases = [
        (&QUERIES[..], neighbors(support, queries, K, Exclude::Nothing)),
        (&ITSELF[..], { neighbors(support, support, K, Exclude::Itself) }),
    ];
    for (asked, expected) in cases {
        let whole = merged(folder.path(), asked, 1);
        assert!(
            whole == fs::read(folder.path().join("0-1.safetensors")).expect("a shard"),
            "{what} {asked:?}: one shard"
        );
        for shards in [1, 2, 3, 7] {
            let bytes = merged(folder.path(), asked, shards);
            let found = Shard::from_bytes(&bytes).expect("sound").neighbors;
            same_neighbors(&expected, &found).unwrap_or_else(|error| panic!("{what} {asked:?} {shards}: {error}"));
            assert!(bytes == whole, "{what} {asked:?}: the bytes of {shards} shards");
        }
    }
}

#[test]
fn small_integers_with_many_ties() {
    agree("integers", &integers(400, 3, 1), &integers(60, 3, 2));
}

#[test]
fn random_reals_far_from_the_origin() {
    let shifted = |rows, seed| matrix(rows, 19, seed, |rng| 1000.0 + rand::RngExt::random::<f32>(rng));
    agree("reals", &shifted(300, 3), &shifted(40, 4));
}

#[test]
fn duplicates_in_every_shard() {
    agree("all rows equal", &matrix(90, 5, 5, |_| 0.25), &matrix(20, 5, 6, |_| 0.25));
}

#[test]
fn k_is_more_than_a_shard_has() {
    // Seven shards of 2 or 3 rows. Each returns all of its rows, or one less for queries that exclude a row.
    agree("few rows", &normals(17, 4, 7), &normals(9, 4, 8));
}

#[test]
fn a_shard_of_one_row_and_no_more_shards_than_rows() {
    let support = integers(14, 2, 9);
    let folder = files(&support, &integers(5, 2, 10));
    for asked in [&QUERIES[..], &ITSELF] {
        assert_eq!(merged(folder.path(), asked, 14), merged(folder.path(), asked, 1), "{asked:?}");
        refused(&shard(folder.path(), asked, 3, 15, &[]), &["support.npy", "shards = 15", "from 1 to 14"]);
    }
}

#[test]
fn a_shard_tells_its_rows() {
    let folder = files(&normals(50, 4, 11), &normals(9, 4, 12));
    let told = |index, of| -> Range<u64> {
        let output = shard(folder.path(), &QUERIES, index, of, &["--json"]);
        let told: Value = serde_json::from_slice(&output.stdout).expect("one object");
        assert_eq!((&told["shard"], &told["queries"]), (&format!("{index}/{of}").into(), &9.into()));
        told["rows"][0].as_u64().expect("a row")..told["rows"][1].as_u64().expect("a row")
    };
    assert_eq!([told(0, 3), told(1, 3), told(2, 3)], [0..16, 16..33, 33..50]);
    let output = pdepth(
        folder.path(),
        &["search", "merge", "0-3.safetensors", "1-3.safetensors", "2-3.safetensors", "--out", "m", "--json"],
    );
    let told: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!((&told["shards"], &told["queries"], &told["k"]), (&3.into(), &9.into(), &K.into()));
}

fn refused(output: &std::process::Output, words: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {message}");
    assert!(output.stdout.is_empty(), "{words:?} printed a result");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[test]
fn missing_doubled_and_mixed_shards_are_refused_by_name() {
    let folder = files(&normals(50, 4, 13), &normals(9, 4, 14));
    let folder = folder.path();
    merged(folder, &QUERIES, 3);
    let merge =
        |files: &[&str]| pdepth(folder, &[&["search", "merge", "--out", "refused.safetensors"], files].concat());
    refused(&merge(&["1-3.safetensors"]), &["of 3 shards", "missing: 0, 2"]);
    let twice = ["0-3.safetensors", "1-3.safetensors", "2-3.safetensors", "1-3.safetensors"];
    refused(&merge(&twice), &["1-3.safetensors", "1/3 is there twice"]);

    // Like shard 1/3, but of other searches.
    let other = |name: &str, what: &str| {
        fs::rename(folder.join("1-3.safetensors"), folder.join(name)).expect("a shard");
        refused(&merge(&["0-3.safetensors", name, "2-3.safetensors"]), &[name, "another search", what]);
    };
    for (name, asked, more, what) in [
        ("k.safetensors", &QUERIES[..], &["--k", "13"][..], "whose k is 13, not 12"),
        ("itself.safetensors", &ITSELF, &[], "leave-one-out is true, not false"),
        ("queries.safetensors", &["--queries", "other.npy"], &[], "queries' sha256"),
        ("support.safetensors", &QUERIES, &["--support", "other-support.npy"], "support's sha256"),
    ] {
        write(&folder.join("other.npy"), &normals(9, 4, 15));
        write(&folder.join("other-support.npy"), &normals(50, 4, 16));
        let output = shard(folder, asked, 1, 3, more);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        other(name, what);
    }
    merged(folder, &QUERIES, 4);
    refused(&merge(&["0-3.safetensors", "1-4.safetensors"]), &["1-4.safetensors", "number of shards is 4, not 3"]);

    let bytes = fs::read(folder.join("0-3.safetensors")).expect("a shard");
    fs::write(folder.join("cut.safetensors"), &bytes[..bytes.len() - 8]).expect("writable");
    refused(&merge(&["cut.safetensors"]), &["cut.safetensors", "not a valid search shard"]);
    fs::write(folder.join("no.safetensors"), "no").expect("writable");
    refused(&merge(&["no.safetensors"]), &["no.safetensors", "not a valid search shard"]);
    // Set the last distance, the largest of its query, to 0.
    let mut out_of_order = without_checksum(bytes);
    let distances = 9 * K * 8;
    let start = out_of_order.len() - 9 * K * 4 - 8;
    assert!(distances < start);
    out_of_order[start..start + 8].fill(0);
    fs::write(folder.join("order.safetensors"), out_of_order).expect("writable");
    refused(&merge(&["order.safetensors"]), &["order.safetensors", "the neighbours of query 8"]);
    assert!(!folder.join("refused.safetensors").exists());
}

#[test]
fn bad_questions_are_refused_by_name() {
    let mut values = normals(30, 4, 17).values().to_vec();
    values[4 * 21 + 2] = f32::NAN;
    let folder = files(&Matrix::new(values, 30, 4).expect("as many"), &normals(9, 4, 18));
    let folder = folder.path();
    // Row numbers in errors refer to the whole support. Only the shard that reads the row refuses it.
    refused(&shard(folder, &QUERIES, 2, 3, &[]), &["support.npy", "NaN in the support, row 21, column 2"]);
    assert!(shard(folder, &QUERIES, 0, 3, &[]).status.success());
    refused(&shard(folder, &ITSELF, 2, 3, &[]), &["support.npy", "the support, row 21, column 2"]);
    refused(&shard(folder, &ITSELF, 0, 3, &[]), &["support.npy", "the queries, row 21, column 2"]);
    refused(&shard(folder, &QUERIES, 0, 3, &["--k", "31"]), &["k = 31", "30 candidates"]);
    refused(&shard(folder, &ITSELF, 0, 3, &["--k", "30"]), &["k = 30", "29 candidates"]);
    refused(
        &shard(folder, &["--leave-one-out", "--queries", "queries.npy"], 0, 3, &[]),
        &["queries.npy", "leave-one-out"],
    );
    write(&folder.join("wide.npy"), &normals(9, 5, 19));
    refused(&shard(folder, &["--queries", "wide.npy"], 0, 3, &[]), &["wide.npy", "expected 4, found 5"]);
    refused(&shard(folder, &["--queries", "absent.npy"], 0, 3, &[]), &["absent.npy"]);
    let doubles = Tensor::zeros((9, 4), candle_core::DType::F64, &Device::Cpu).expect("small");
    doubles.write_npy(folder.join("doubles.npy")).expect("writable");
    refused(&shard(folder, &QUERIES, 0, 3, &["--support", "doubles.npy"]), &["doubles.npy", "float32", "float64"]);
    fs::write(folder.join("no.npy"), "no").expect("writable");
    refused(&shard(folder, &QUERIES, 0, 3, &["--support", "no.npy"]), &["no.npy"]);
    for usage in [&["--shard", "3/3"][..], &["--shard", "1"], &["--k", "0"]] {
        assert_eq!(shard(folder, &QUERIES, 0, 3, usage).status.code(), Some(2), "{usage:?}");
    }
    assert_eq!(shard(folder, &[], 0, 3, &[]).status.code(), Some(2), "neither queries nor leave-one-out");
}

#[test]
fn the_result_of_another_search_is_not_replaced() {
    let folder = files(&normals(50, 4, 20), &normals(9, 4, 21));
    let folder = folder.path();
    merged(folder, &QUERIES, 2);
    let command = |k: &str, shard: &str| {
        let start = ["search", "shard", "--support", "support.npy", "--queries", "queries.npy", "--device", "cpu"];
        pdepth(folder, &[&start[..], &["--quiet", "--k", k, "--shard", shard, "--out", "0-2.safetensors"]].concat())
    };
    let before = fs::read(folder.join("0-2.safetensors")).expect("a shard");
    for (k, shard) in [("3", "0/2"), ("12", "1/2"), ("12", "0/3")] {
        refused(&command(k, shard), &["0-2.safetensors", "another search, or another shard, is in the way"]);
    }
    assert!(command("12", "0/2").status.success(), "the same again");
    assert!(before == fs::read(folder.join("0-2.safetensors")).expect("a shard"));
    let merge = |out: &str| pdepth(folder, &["search", "merge", "0-2.safetensors", "1-2.safetensors", "--out", out]);
    assert!(merge("merged.safetensors").status.success(), "the same again");
    refused(&merge("0-2.safetensors"), &["is in the way; delete it"]);
    assert!(before == fs::read(folder.join("0-2.safetensors")).expect("a shard"));
}
