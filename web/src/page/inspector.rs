//! One example: what it is, and at each layer its neighbours and their votes.

use prediction_depth::Class;
use prediction_depth::depth::UNPROBED;
use web_sys::HtmlElement;

use super::app::Opened;
use super::dom::{add, by_id, document, hold, make, say, set, style};
use super::grid::thumbnail;
use crate::measured::{Measured, Voter, tally};
use crate::view::View;
use crate::words;

pub fn draw(opened: &Opened, view: View) {
    let place = by_id::<HtmlElement>("inspector");
    let focused = place.contains(document().active_element().as_deref());
    place.set_inner_html("");
    let Some(example) = view.example else { return };
    let heading = say("h2", "", &format!("Example {example}"));
    set(&heading, "id", "example-heading");
    set(&heading, "tabindex", -1);
    let picture = make("div", "thumb picture");
    set(&picture, "style", opened.sheet.place(example));
    set(&picture, "role", "img");
    set(&picture, "aria-label", words::example(&opened.shown, &opened.depths, example));
    let about = hold("div", "about", [&picture, &facts(opened, example)]);
    let layers = make("ol", "layers");
    for layer in 0..opened.shown.layers.len() {
        add(&layers, [&row(opened, layer, example)]);
    }
    add(&place, [&heading, &about, &layers]);
    if focused {
        // What had the focus is gone; from the heading on a screen reader says what is shown now.
        let _ = heading.focus();
    }
}

/// The example in words.
fn facts(opened: &Opened, example: usize) -> HtmlElement {
    let study = &opened.shown;
    let predicted = study.measured.predictions[example];
    let flipped = words::is_flipped(study, example);
    let label = words::class(study, study.given_labels[example]);
    let label = if flipped {
        format!("{label} (flipped from {})", words::class(study, study.labels[example]))
    } else {
        label.to_owned()
    };
    let right = if predicted == study.given_labels[example] { "as labelled" } else { "not as labelled" };
    let depth = opened.depths[example];
    let settled = match study.layers.get(depth) {
        Some(layer) => format!("{depth}, settled from {layer} on"),
        None => "undetermined: the last probe disagrees".into(),
    };
    let facts = make("dl", "");
    for (term, words) in [
        ("split", words::split(study.splits[example]).to_owned()),
        ("label", label),
        ("network", format!("{}, {right}", words::class(study, predicted))),
        ("depth", settled),
        ("margin", format!("{:.2}", study.output_margins[example])),
    ] {
        let class = if flipped && term == "label" { "marked" } else { "" };
        add(&facts, [&say("dt", "", term), &say("dd", class, &words)]);
    }
    facts
}

/// What one layer's probe says, and who voted.
fn row(opened: &Opened, layer: usize, example: usize) -> HtmlElement {
    let study = &opened.shown;
    let (says, predicted) = (study.measured.probes[layer][example], study.measured.predictions[example]);
    let settles = layer == opened.depths[example];
    let row = make("li", if settles { "settles" } else { "" });
    let (class, sign, words) = match says {
        UNPROBED => ("mark", "·", "not probed"),
        _ if says == predicted => ("mark agrees", "✓", "agrees with the network"),
        _ => ("mark differs", "✗", "disagrees with the network"),
    };
    let mark = say("span", class, sign);
    set(&mark, "role", "img");
    set(&mark, "aria-label", words);
    let name = say("b", "", &format!("{layer} {}", study.layers[layer]));
    let head = hold("p", "says", [&mark, &name]);
    add(&row, [&head]);
    match &opened.measured {
        Some(measured) => votes(opened, measured, &row, &head, layer, example),
        None => add(&head, [&say("span", "", words::probe(study, says))]),
    }
    if settles {
        add(&head, [&say("span", "note", "settled")]);
    }
    row
}

fn votes(opened: &Opened, measured: &Measured, row: &HtmlElement, head: &HtmlElement, layer: usize, example: usize) {
    let study = &opened.shown;
    let voters = measured.voters(layer, example);
    let label = |voter: &Voter| -> Class { study.given_labels[voter.example] };
    let (says, predicted) = (study.measured.probes[layer][example], study.measured.predictions[example]);
    let mut counts = tally(voters.iter().map(label));
    counts.sort_by_key(|&(class, _)| class != says); // of a tie the winner comes first
    let tied = if measured.depth.tied[layer][example] { " (a tie)" } else { "" };
    let votes = say("span", "votes", &format!("{}{tied}", words::votes(study, &counts, 3)));
    set(&votes, "title", words::votes(study, &counts, counts.len()));
    add(head, [&votes]);

    let agreeing = voters.iter().filter(|voter| label(voter) == predicted).count();
    let share = make("span", "share");
    style(&share, "--share", agreeing as f64 / voters.len().max(1) as f64);
    let group = make("div", "voters");
    set(&group, "data-rove", "");
    set(&group, "role", "group");
    set(&group, "aria-label", format!("{} at {}", words::counted(voters.len(), "neighbour"), study.layers[layer]));
    for (rank, voter) in voters.iter().enumerate() {
        let class = if label(voter) == says { "thumb voter won" } else { "thumb voter" };
        let button = thumbnail(opened, voter.example, class);
        let name = format!(
            "neighbour {}: {}, distance {:.3}",
            rank + 1,
            words::example(study, &opened.depths, voter.example),
            voter.distance.sqrt()
        );
        set(&button, "title", &name);
        set(&button, "aria-label", &name);
        if rank == 0 {
            set(&button, "tabindex", 0);
        }
        add(&group, [&button]);
    }
    add(row, [&share, &group]);
}
