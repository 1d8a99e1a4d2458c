//! Tests of `pdepth export`: studies for the page, and the page as one file. The browser tests open such a page.

use std::fs;

use prediction_depth::study::Study;
use prediction_depth_tests::{entries, pdepth, run_small, text};

#[test]
fn a_run_becomes_a_study_for_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(run_small(folder.path(), &["--out", "run"]).status.success());
    let output = pdepth(folder.path(), &["export", "run"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("study.safetensors.gz: "));
    let exported = fs::read(folder.path().join("study.safetensors.gz")).expect("a file");
    assert!(exported.starts_with(&[0x1f, 0x8b]));
    let study = fs::read(folder.path().join("run/study.safetensors")).expect("a study");
    let [there, here] = [&exported, &study].map(|bytes| Study::from_bytes(bytes).expect("a study"));
    assert_eq!((there.measured, there.inputs), (here.measured, here.inputs));
    // The same run again is the same file; another run does not replace it.
    assert!(pdepth(folder.path(), &["export", "run"]).status.success());
    assert!(run_small(folder.path(), &["--out", "other", "--seed", "1"]).status.success());
    let output = pdepth(folder.path(), &["export", "other"]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("study.safetensors.gz: the study of another run is in the way; delete it"), "{message}");
    assert!(exported == fs::read(folder.path().join("study.safetensors.gz")).expect("a file"));
    assert!(pdepth(folder.path(), &["export", "other", "--out", "other.gz"]).status.success());
}

#[test]
fn what_cannot_be_exported_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("dist")).expect("a folder");
    fs::write(folder.path().join("dist/index.html"), "<p>mine</p>").expect("writable");
    fs::write(folder.path().join("none.gz"), "none").expect("writable");
    for (arguments, words) in [
        (&["export"][..], "name a run"),
        (&["export", "nowhere"], "nowhere"),
        (&["export", "none.gz"], "none.gz"),
        (&["export", "--page", "nowhere"], "trunk build --release"),
        (&["export", "--page", "dist"], "not a page that trunk built"),
    ] {
        let output = pdepth(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    assert_eq!(entries(folder.path()), ["dist", "dist/index.html", "none.gz"]);
}

#[test]
fn a_page_holds_all_its_parts() {
    let folder = tempfile::tempdir().expect("a folder");
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).expect("a folder");
    let index = r#"<head><link rel="icon" href="data:,"><link rel="stylesheet" href="./a.css" integrity="x"/>
<link rel="stylesheet" href="./b.css" integrity="x"/>
<script type="module">
import init, * as bindings from './a.js';
const wasm = await init({ module_or_path: './a_bg.wasm' });
</script><link rel="modulepreload" href="./a.js"></head><body>mine<script>here();</script></body>"#;
    for (name, text) in [
        ("index.html", index),
        ("a.css", "p { color: red }"),
        ("b.css", "p { margin: 0 }"),
        ("a.js", "export"),
        ("a_bg.wasm", "asm"),
        ("study.safetensors.gz", "mine"),
    ] {
        fs::write(dist.join(name), text).expect("writable");
    }
    let output = pdepth(folder.path(), &["export", "--page", "dist", "--out", "one.html"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(folder.path().join("one.html")).expect("a page");
    assert!(page.contains("p { color: red }\np { margin: 0 }"), "both style sheets");
    assert!(page.contains("<script>here();</script>") && page.contains("data:,"));
    assert!(page.contains(r#"id="part-study">bWluZQ=="#), "the study as base64");
    // The page is replaced by one with the same study, not by one with another.
    let export = || pdepth(folder.path(), &["export", "--page", "dist", "--out", "one.html"]);
    fs::write(dist.join("a.css"), "p { color: blue }").expect("writable");
    assert!(export().status.success());
    fs::write(dist.join("study.safetensors.gz"), "other").expect("writable");
    let message = text(&export().stderr);
    assert!(message.contains("one.html: a page with another study is in the way; delete it"), "{message}");
    let page = fs::read_to_string(folder.path().join("one.html")).expect("a page");
    assert!(page.contains("color: blue") && page.contains("bWluZQ=="));
    assert!(!page.contains("./a") && !page.contains("bindings from") && page.matches("<link ").count() == 1, "{page}");
}
