//! The Markdown files: lines that fit, links that lead somewhere, and files of ours that exist.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest line, in characters; tables, pictures and the long lines of code blocks cannot be broken.
const WIDTH: usize = 100;
/// Folders with files that are not ours.
const FOREIGN: [&str; 6] = ["target", "dist", "node_modules", "runs", "shared", "__pycache__"];
/// Folders of ours, as code spans name them.
const OURS: [&str; 5] = ["core/", "native/", "web/", "tests/", "docs/"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Markdown file below a folder.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
            found.extend(documents(&path));
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    found
}

/// The lines of a text outside of code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        (!fence && !fenced && !line.starts_with("    ")).then_some((index + 1, line))
    })
}

/// Lines that are too long.
fn too_long(text: &str) -> Vec<usize> {
    let breakable = |line: &str| !line.starts_with('|') && line.trim_start().contains(' ');
    prose(text).filter(|(_, line)| breakable(line) && line.chars().count() > WIDTH).map(|(number, _)| number).collect()
}

/// The targets of the links and pictures in a text.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<&str> = prose(text).map(|(_, line)| line).collect();
    let prose = prose.join("\n");
    // Code spans are the odd pieces between backticks; a link may stand around one.
    let plain: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("code");
    let targets = plain.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(String::from).collect()
}

/// The files and folders of ours that a text names in code spans, such as `core/src/lib.rs`.
fn named(text: &str) -> Vec<String> {
    let prose: Vec<&str> = prose(text).map(|(_, line)| line).collect();
    let prose = prose.join("\n");
    let spans = prose.split('`').skip(1).step_by(2).filter_map(|span| span.split_whitespace().next());
    let ours = |span: &&str| OURS.iter().any(|folder| span.starts_with(folder)) && !span.contains(['{', '*', '<']);
    spans.filter(ours).map(String::from).collect()
}

/// What a heading is called in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|&sign| sign.is_alphanumeric() || sign == '-' || sign == '_').collect()
}

fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter_map(|(_, line)| line.strip_prefix('#'));
    headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
}

/// Links that lead to no file or heading; `files` has the text of each document.
fn dead(document: &Path, files: &HashMap<PathBuf, String>) -> Vec<String> {
    let folder = document.parent().expect("a folder");
    let leads = |target: &String| {
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = if file.is_empty() { document.to_owned() } else { folder.join(file) };
        let known = || path.canonicalize().ok().and_then(|path| files.get(&path));
        path.exists() && (heading.is_empty() || known().is_some_and(|text| anchors(text).contains(&heading.to_owned())))
    };
    let local = links(&files[document]).into_iter().filter(|target| !target.contains("://"));
    local.filter(|target| !leads(target)).collect()
}

fn read(paths: &[PathBuf]) -> HashMap<PathBuf, String> {
    let text = |path: &PathBuf| (path.canonicalize().expect("a path"), fs::read_to_string(path).expect("text"));
    paths.iter().map(text).collect()
}

#[test]
fn lines_fit() {
    let paths = documents(&root());
    assert!(paths.len() >= 10, "{paths:?}");
    // The book's source shows authors how a page is written: a paragraph and an element are a line each.
    for (path, text) in read(&paths).into_iter().filter(|(path, _)| !path.ends_with("book/src/demos.md")) {
        assert_eq!(too_long(&text), [0; 0], "{}: lines of more than {WIDTH} characters", path.display());
    }
}

#[test]
fn links_lead_somewhere() {
    let files = read(&documents(&root()));
    for path in files.keys() {
        assert_eq!(dead(path, &files), [""; 0], "{}", path.display());
    }
}

#[test]
fn files_that_are_named_exist() {
    for (path, text) in read(&documents(&root())) {
        let gone: Vec<String> = named(&text).into_iter().filter(|name| !root().join(name).exists()).collect();
        assert_eq!(gone, [""; 0], "{}", path.display());
    }
}

#[test]
fn a_file_that_is_gone_is_noticed() {
    let text = "`core/src/lib.rs`, `core/src/nowhere.rs` and `tests/run --setup`\n```\n`core/no.rs`\n```\n";
    let names = named(text);
    assert_eq!(names, ["core/src/lib.rs", "core/src/nowhere.rs", "tests/run"]);
    assert_eq!(names.iter().filter(|name| !root().join(name).exists()).count(), 1);
}

#[test]
fn a_long_line_and_a_dead_link_are_noticed() {
    let long = "word ".repeat(21);
    assert_eq!(too_long(&format!("short\n{long}\n| {long} |\n```\n{long}\n```\n    {long}\n")), [2]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.md");
    let text = "# The `page`, here\n[here](page.md) [`code`](page.md#the-page-here) [there](nowhere.md)\n\
                [missing](#nothing) `[no](link)` [far](https://example.org)\n";
    fs::write(&path, text).expect("writable");
    let files = read(&[path]);
    let path = files.keys().next().expect("one");
    assert_eq!(dead(path, &files), ["nowhere.md", "#nothing"]);
}
