//! Tests that a crate's files and folders have no circular dependencies.

use std::collections::BTreeMap;
use std::path::Path;

use prediction_depth_tests::{Circle, ModuleGraph};

fn graph(folder: &str) -> ModuleGraph {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    ModuleGraph::read(&root.join(folder)).expect("a folder of Rust")
}

fn words(circles: Vec<Circle>) -> String {
    circles.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn core_has_no_circle() {
    let graph = graph("core/src");
    assert!(graph.files().len() > 100, "{:?}", graph.files());
    let circles = graph.circles();
    assert!(circles.is_empty(), "{}", words(circles));
}

#[test]
fn the_page_has_no_circle() {
    let graph = graph("web/src");
    assert!(graph.files().len() > 50, "{:?}", graph.files());
    let circles = graph.circles();
    assert!(circles.is_empty(), "{}", words(circles));
}

/// What several views are made of.
const SHARED_BY_VIEWS: [&str; 5] = ["figure.rs", "picture.rs", "thumbnail.rs", "virtual_list.rs", "words.rs"];

/// The part of the page that a file belongs to; of a view, that view.
fn part(file: &str) -> &str {
    match file.strip_prefix("view/") {
        Some(view) if SHARED_BY_VIEWS.contains(&view) => "shared by views",
        Some(view) => view.split(['/', '.']).next().unwrap_or(view),
        None => file.split('/').next().unwrap_or(file),
    }
}

#[test]
fn the_state_knows_no_document_and_no_view_another() {
    let graph = graph("web/src");
    let mut views = 0;
    for file in graph.files() {
        for (to, names) in graph.dependencies(file) {
            let (from_part, to_part) = (part(file), part(to));
            let allowed: &[&str] = match from_part {
                "state" => &["state", "text.rs"],
                _ if file.starts_with("view/") => &[from_part, "shared by views", "state", "text.rs", "dom.rs"],
                _ => continue,
            };
            views += usize::from(file.starts_with("view/"));
            assert!(allowed.contains(&to_part), "{file} takes {names:?} from {to}");
        }
    }
    assert!(views > 50, "{views} names that views take");
}

#[test]
fn names_are_followed_to_where_they_are_defined() {
    let graph = graph("tests/fixtures/modules/line");
    let expected = BTreeMap::from([("shape/mod.rs", vec!["Shape"]), ("shape/round.rs", vec!["Round"])]);
    assert_eq!(graph.dependencies("area.rs"), expected);
    assert_eq!(graph.dependencies("shape/round.rs"), BTreeMap::from([("shape/mod.rs", vec!["Shape"])]));
    assert_eq!(graph.dependencies("lib.rs"), BTreeMap::new(), "a re-export alone is no use");
    assert_eq!(graph.files().len(), 4, "tests do not count");
}

#[test]
fn what_only_looks_like_a_circle_is_none() {
    let circles = graph("tests/fixtures/modules/line").circles();
    assert!(circles.is_empty(), "{}", words(circles));
}

#[test]
fn a_circle_is_found_and_named() {
    let expected = "\
a circle of area.rs, shape/line.rs, shape/mod.rs:
  area.rs -> shape/mod.rs: Shape
  shape/line.rs -> area.rs: area

a circle of shape/line.rs, shape/mod.rs, shape/round.rs:
  shape/mod.rs -> shape/round.rs: Round
  shape/line.rs -> shape/mod.rs: Shape
  shape/round.rs -> shape/mod.rs: Shape
  shape/round.rs -> shape/line.rs: twice
";
    assert_eq!(words(graph("tests/fixtures/modules/circle").circles()), expected);
}
