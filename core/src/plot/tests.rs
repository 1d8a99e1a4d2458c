//! Every figure, on ordinary and on difficult input.

use super::*;
use crate::class::Class;
use crate::depth::PredictionDepth;
use crate::difficulty::Cuts;

pub(super) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn measured(probes: &[Vec<Class>], predictions: &[Class]) -> PredictionDepth {
    PredictionDepth { probes: probes.to_vec(), predictions: predictions.to_vec(), ..PredictionDepth::default() }
}

/// Returns whether every element closes and every attribute is quoted.
fn well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return false;
        }
        let Some(end) = rest.find('>') else { return false };
        let tag = &rest[start + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            if tag.contains('<') || tag.matches('"').count() % 2 == 1 {
                return false;
            }
            if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap_or(tag));
            }
        }
        rest = &rest[end + 1..];
    }
    open.is_empty() && rest.is_empty()
}

pub(super) fn check(svg: &str) {
    assert!(well_formed(svg), "{svg}");
    for word in ["NaN", "inf ", "inf\"", "null"] {
        assert!(!svg.contains(word), "{word} in {svg}");
    }
    for word in ["<svg ", "viewBox=\"0 0 ", "role=\"img\"", "<title>", "<desc>"] {
        assert!(svg.contains(word), "no {word} in {svg}");
    }
    assert!(!svg.contains(" id="));
    // Every `&` begins an escape.
    for after in svg.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|escape| after.starts_with(escape)), "&{after}");
    }
}

/// All four figures.
fn figures(width: f64, layers: &[String], name: &str, counts: &[usize], classes: &[String]) -> [String; 4] {
    let shares: Vec<Option<f64>> = counts.iter().map(|&count| Some(count as f64 / 10.0)).collect();
    let some: Vec<Option<f64>> = shares.iter().map(|share| share.filter(|&share| share > 0.0)).collect();
    let probes: Vec<Vec<Class>> = layers.iter().map(|_| vec![0; 3]).collect();
    [
        depth_histogram(width, layers, &[Series { name, values: counts }]),
        probe_accuracy(width, layers, &[Series { name, values: &shares }]),
        accuracy_by_depth(width, layers, &[Series { name, values: &some }]),
        probe_strip(width, layers, classes, &measured(&probes, &[0; 3]), &[2, 0, 1]),
    ]
}

#[test]
fn the_checker_tells_bad_from_good() {
    assert!(well_formed("<a x=\"1\"><b/>text</a>"));
    for bad in ["<a>", "<a></b>", "<a x=\"1></a>", "<a>1 > 0</a>", "</a>", "<a/>text <"] {
        assert!(!well_formed(bad), "{bad}");
    }
}

#[test]
fn plain_figures_are_sound() {
    let layers = names(&["input", "hidden1", "softmax"]);
    figures(WIDTH, &layers, "training", &[7, 2, 0, 1], &names(&["cat"])).iter().for_each(|svg| check(svg));
}

#[test]
fn awkward_names_are_escaped() {
    let bad = "<b>&\"'\u{1}";
    for svg in figures(WIDTH, &names(&[bad, "softmax"]), bad, &[1, 1, 1], &names(&[bad])) {
        check(&svg);
        assert!(svg.contains("&lt;b&gt;&amp;&quot;'\u{fffd}"), "{svg}");
    }
}

#[test]
fn awkward_sizes_are_drawn() {
    for width in [WIDTH, 0.0, -1.0, f64::NAN, f64::INFINITY, 5000.0] {
        for layers in [vec![], names(&["input"]), vec!["a rather long layer's name".to_owned(); 40]] {
            for counts in [&[][..], &[0, 0], &[1], &[0, 10]] {
                figures(width, &layers, "", counts, &[]).iter().for_each(|svg| check(svg));
            }
            check(&depth_histogram(width, &layers, &[]));
            check(&probe_accuracy(width, &layers, &[Series { name: "a", values: &[Some(f64::NAN), None] }]));
            check(&given_accuracy(width, &layers, &[Series { name: "a", values: &[Some(0.5), None] }]));
            check(&accuracy_by_depth(width, &layers, &[Series { name: "a", values: &[None, None] }]));
            check(&probe_strip(width, &layers, &[], &measured(&[], &[]), &[]));
            check(&probe_strip(width, &layers, &[], &measured(&[vec![3]], &[1_000_000]), &[0, 5]));
        }
    }
}

#[test]
fn a_histogram_says_its_counts() {
    let layers = names(&["input", "hidden1", "softmax"]);
    let series = [
        Series { name: "training", values: &[1500, 200, 90, 10] },
        Series { name: "validation", values: &[3, 1, 0, 0] },
    ];
    let svg = depth_histogram(WIDTH, &layers, &series);
    check(&svg);
    assert!(svg.contains("<title>training, depth 1 (hidden1): 200 of 1,800 examples (11.1 %)</title>"), "{svg}");
    assert!(svg.contains("undetermined 10 (0.6 %)"));
    assert!(svg.contains("class=\"bar\" data-depth=\"3\" data-series=\"training\""));
    assert_eq!(svg.matches("class=\"bar\"").count(), 8);
}

#[test]
fn no_line_crosses_a_gap_or_leads_to_the_undetermined() {
    let layers = names(&["input", "a", "b", "softmax"]);
    let values = [Some(1.0), Some(0.5), None, Some(0.5), Some(0.0)];
    let svg = accuracy_by_depth(WIDTH, &layers, &[Series { name: "training", values: &values }]);
    check(&svg);
    let path = svg.split("d=\"").find(|path| path.contains('L')).unwrap().split('"').next().unwrap();
    assert_eq!(path.matches('M').count(), 2, "{path}");
    assert_eq!(path.matches('L').count(), 1, "{path}");
    assert_eq!(svg.matches("class=\"point\"").count(), 4);
    assert!(svg.contains("depth 2 (b) no value"));
}

/// Returns pseudo-random classes for 2,000 examples and 7 layers, with the examples sorted by depth.
fn random_study() -> (Vec<Vec<Class>>, Vec<Class>, Vec<usize>) {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % 10
    };
    let probes: Vec<Vec<Class>> = (0..7).map(|_| (0..2000).map(|_| random()).collect()).collect();
    let predictions: Vec<Class> = (0..2000).map(|_| random()).collect();
    let depth = |example: usize| (0..7).filter(|&layer| probes[layer][example] != predictions[example]).max();
    let mut order: Vec<usize> = (0..2000).collect();
    order.sort_by_key(|&example| (predictions[example], depth(example)));
    (probes, predictions, order)
}

#[test]
fn a_strip_of_random_classes_stays_small() {
    let (probes, predictions, order) = random_study();
    let layers: Vec<String> = (0..7).map(|layer| format!("hidden{layer}")).collect();
    let svg = probe_strip(WIDTH, &layers, &vec!["class".to_owned(); 10], &measured(&probes, &predictions), &order);
    check(&svg);
    assert!(svg.len() < 150_000, "{} bytes", svg.len());
}

#[test]
fn the_depths_have_an_outline_where_it_can_be_read() {
    let layers = names(&["input", "softmax"]);
    let draw = |says: &dyn Fn(usize) -> Class| {
        let probes = [(0..400).map(says).collect(), vec![0; 400]];
        let order: Vec<usize> = (0..400).collect();
        probe_strip(WIDTH, &layers, &names(&["cat", "dog"]), &measured(&probes, &[0; 400]), &order)
    };
    let sorted = draw(&|example| Class::from(example >= 200));
    let at = StripGeometry::new(WIDTH, &layers, 400);
    let [left, middle, right] = [0, 200, 400].map(|column| at.column_left(column));
    let path = format!("M{left} {}H{middle}V{}H{right}", at.top, at.top + at.row_height);
    assert!(sorted.contains(&path), "no {path} in {sorted}");
    let mixed = draw(&|example| Class::from(example % 2 == 1));
    assert!(!mixed.contains("settled\""));
    check(&sorted);
    check(&mixed);
}

#[test]
fn a_strip_tells_agreement_from_disagreement() {
    let layers = names(&["input", "softmax"]);
    let probes = [vec![0, 0, 1, 1], vec![0, 0, 0, 1]];
    let svg = probe_strip(WIDTH, &layers, &names(&["cat", "dog"]), &measured(&probes, &[0, 0, 0, 1]), &[0, 1, 2, 3]);
    check(&svg);
    for run in ["m0 0h2m-2 1h3", "m2 0h1\"", "m3 0h1m-1 1h1", "m0 0h3"] {
        assert!(svg.contains(run), "no {run} in {svg}");
    }
    assert!(svg.contains("layer 0 (input) 75.0 %, layer 1 (softmax) 100.0 %"), "{svg}");
    assert!(svg.contains("Settled at the input, with every later probe: 3 of 4."));
    assert!(svg.contains(">cat<") && svg.contains(">dog<"));
}

#[test]
fn the_map_has_a_cell_for_each_pair_of_depths_that_occurs() {
    let points = [[0.0, 0.0], [0.2, 0.1], [4.0, 3.9], [f64::NAN, 1.0], [9.0, 0.0]];
    let svg = difficulty_map(WIDTH, 4, &points, None);
    check(&svg);
    assert_eq!(svg.matches("class=\"cell\"").count(), 3);
    assert!(svg.contains(
        "data-across=\"0\" data-up=\"0\"><title>validation depth about 0, training depth about 0: 2 examples"
    ));
    assert!(svg.contains("4 examples with both depths.") && !svg.contains("class=\"cuts\""));
    check(&difficulty_map(0.0, 1, &[], None));
    let map = Map::new(WIDTH, 4);
    for cell in 0..map.cells {
        let x = map.corner[0] + (cell as f64 + 0.5) * map.cell[0];
        let y = map.corner[1] + (cell as f64 + 0.5) * map.cell[1];
        assert_eq!(map.cell_at([x, y]), [cell, map.cells - 1 - cell]);
    }
    assert_eq!(map.cell_at([-5.0, 1e9]), [0, 0]);
}

#[test]
fn cuts_are_drawn_and_counted() {
    let points = [[0.0, 0.0], [0.2, 0.1], [4.0, 3.9], [f64::NAN, 1.0], [4.0, 0.0]];
    let cuts = Cuts { validation: 0.1, training: 0.0 };
    let svg = difficulty_map(WIDTH, 4, &points, Some(cuts));
    check(&svg);
    assert_eq!(svg.matches("class=\"cuts\"").count(), 1);
    assert!(svg.contains("validation depths above 0.10 and training depths above 0.00: easy 1, looks"), "{svg}");
    assert!(svg.contains("looks like a different class 0, ambiguous unless labelled 1, ambiguous 2."), "{svg}");
    // Depth 0 is the first of nine cells, and low.
    let map = Map::new(WIDTH, 4);
    assert_eq!(map.beyond(cuts), [1, 1]);
    let line = format!("M{:.2}", map.corner[0] + map.cell[0]);
    assert!(svg.contains(line.trim_end_matches('0')), "no {line} in {svg}");
}

#[test]
fn when_examples_were_learned_is_drawn_by_depth() {
    let layers = names(&["input", "softmax"]);
    let svg = learned_by_depth(WIDTH, &layers, &[Series { name: "training", values: &[Some(0.5), None, Some(1.0)] }]);
    check(&svg);
    assert_eq!(svg.matches("class=\"point\"").count(), 2);
}
