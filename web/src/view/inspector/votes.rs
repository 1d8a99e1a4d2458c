//! A layer of the inspector: the class of its probe, and the voters.

use std::rc::Rc;

use prediction_depth::Class;
use prediction_depth::UNPROBED;
use prediction_depth::logits::output_margin;
use prediction_depth::study::Study;
use web_sys::HtmlElement;

use crate::dom::{add, hold, make, say, set, style};
use crate::state::derived::Derived;
use crate::state::measured::tally;
use crate::state::opened::Opened;
use crate::state::probe_image::{Probed, Vote};
use crate::state::voters::Voter;
use crate::text;
use crate::view::picture::Pictures;
use crate::view::thumbnail::thumbnail;

/// Returns one layer's row.
pub fn row(opened: &Opened, derived: &Derived, pictures: &Rc<Pictures>, probed: &Probed, layer: usize) -> HtmlElement {
    let (study, vote) = (&opened.shown, &probed.votes[layer]);
    let settles = layer == probed.depth();
    let row = make("li", if settles { "settles" } else { "" });
    let (class, sign, words) = match vote.class {
        UNPROBED => ("mark", "·", "not probed"),
        _ if vote.agrees => ("mark agrees", "✓", "agrees with the network"),
        _ => ("mark differs", "✗", "disagrees with the network"),
    };
    let mark = say("span", class, sign);
    set(&mark, "role", "img");
    set(&mark, "aria-label", words);
    let name = say("b", "", &format!("{layer} {}", study.layers[layer]));
    let head = hold("p", "says", [&mark, &name]);
    add(&row, [&head]);
    if vote.voters.is_empty() {
        let far = vote.distance.map_or_else(String::new, |distance| format!(", distance {distance:.3}"));
        add(&head, [&say("span", "", &format!("{}{far}", text::probe(study, vote.class)))]);
    } else {
        add(&head, [&counts(opened, vote)]);
        let group = voters(vote, study, layer);
        for (rank, voter) in vote.voters.iter().enumerate() {
            let class = if study.given_labels[voter.example] == vote.class { "thumb voter won" } else { "thumb voter" };
            let button = thumbnail(opened, derived, pictures, voter.example, class);
            let example = text::example(study, &derived.depths, voter.example);
            let name = format!(
                "neighbour {}: {example}, distance {:.3}",
                rank + 1,
                study.probing.metric.distance(voter.distance)
            );
            set(&button, "title", &name);
            set(&button, "aria-label", &name);
            if rank == 0 {
                set(&button, "tabindex", 0);
            }
            add(&group, [&button]);
        }
        add(&row, [&share(opened, vote, probed.prediction), &group, &ranges(opened, vote)]);
    }
    if settles {
        add(&head, [&say("span", "note", "settled")]);
    }
    row
}

/// Returns the votes of each class, those of the winner first.
fn tallied(opened: &Opened, vote: &Vote) -> Vec<(Class, usize)> {
    let mut counts = tally(vote.voters.iter().map(|voter| opened.shown.given_labels[voter.example]));
    counts.sort_by_key(|&(class, _)| class != vote.class);
    counts
}

fn counts(opened: &Opened, vote: &Vote) -> HtmlElement {
    let (study, counts) = (&opened.shown, tallied(opened, vote));
    let tied = if vote.tied { " (a tie)" } else { "" };
    let votes = say("span", "votes", &format!("{}{tied}", text::votes(study, &counts, 3)));
    set(&votes, "title", text::votes(study, &counts, counts.len()));
    votes
}

/// Returns a bar whose length is the share of votes for the network's class.
fn share(opened: &Opened, vote: &Vote, predicted: Class) -> HtmlElement {
    let agreeing = vote.voters.iter().filter(|voter| opened.shown.given_labels[voter.example] == predicted).count();
    let share = make("span", "share");
    style(&share, "--share", agreeing as f64 / vote.voters.len() as f64);
    share
}

/// Returns the group of the neighbours.
fn voters(vote: &Vote, study: &Study, layer: usize) -> HtmlElement {
    let group = make("div", "voters");
    set(&group, "data-rove", "");
    set(&group, "role", "group");
    set(&group, "aria-label", format!("{} at {}", text::counted(vote.voters.len(), "neighbour"), study.layers[layer]));
    group
}

/// Returns the distances of the neighbours, and the lead of the winner in votes.
fn ranges(opened: &Opened, vote: &Vote) -> HtmlElement {
    let metric = opened.shown.probing.metric;
    let distance = |voter: Option<&Voter>| voter.map_or(0.0, |voter| metric.distance(voter.distance));
    let votes: Vec<f32> = tallied(opened, vote).iter().map(|&(_, count)| count as f32).collect();
    let lead = if votes.len() > 1 { output_margin(&votes) } else { vote.voters.len() as f32 };
    let [nearest, farthest] = [distance(vote.voters.first()), distance(vote.voters.last())];
    say("p", "hint", &format!("distances {nearest:.3} to {farthest:.3} · vote margin {lead} of {}", vote.voters.len()))
}
