//! The report of an ensemble: a self-contained HTML file.

use anyhow::Context;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::data::Dataset;
use prediction_depth::difficulty::Kind;
use prediction_depth::ensemble::Examples;
use prediction_depth::plot::{self, Series};

use super::findings::Findings;
use super::plan::Plan;
use super::summary::cuts;
use crate::report::{STYLE, read_section};
use crate::shown::image;

/// Number of images shown of each kind.
const CORNER: usize = 12;

/// Renders the report.
pub fn report(plan: &Plan, dataset: &Dataset, table: &Examples, findings: &Findings) -> anyhow::Result<String> {
    let (layers, points) = (&findings.layers, table.both_depths());
    let corners = Kind::ALL.into_iter().map(|kind| corner(dataset, table, &points, kind));
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", include_str!("report.html"))?;
    let text = environment.get_template("report")?.render(context! {
        style => STYLE,
        title => plan.models.first.title(),
        source => &dataset.source,
        plan => plan.to_json()?,
        version => env!("CARGO_PKG_VERSION"),
        cuts => cuts(findings),
        read => read_section(&findings.seen.read)?,
        same_split => findings.seen.same_split(),
        map => plot::difficulty_map(plot::WIDTH, layers.len(), &points, findings.cuts),
        accuracy => by_depth(findings),
        probe_accuracy => probe_accuracy(findings),
        kinds => by_kind(findings),
        corners => corners.collect::<anyhow::Result<Vec<_>>>()?,
        findings => Value::from(Serde(findings)),
    });
    text.context("report.html")
}

fn by_depth(findings: &Findings) -> String {
    let accuracy: Vec<_> = findings.validation_by_depth.iter().map(|at| at.accuracy).collect();
    let consistency: Vec<_> = findings.validation_by_depth.iter().map(|at| at.consistency).collect();
    let series = [Series { name: "accuracy", values: &accuracy }, Series { name: "consistency", values: &consistency }];
    plot::accuracy_by_depth(plot::WIDTH, &findings.layers, &series)
}

fn probe_accuracy(findings: &Findings) -> String {
    let probes = &findings.probe_accuracy;
    let mut series = vec![
        Series { name: "training, given labels", values: &probes.train_given },
        Series { name: "unseen, given labels", values: &probes.validation_given },
    ];
    if findings.label_noise.is_some() {
        series.push(Series { name: "training, right labels", values: &probes.train_own });
        series.push(Series { name: "unseen, right labels", values: &probes.validation_own });
    }
    plot::probe_accuracy(plot::WIDTH, &findings.layers, &series)
}

fn by_kind(findings: &Findings) -> String {
    let series = findings.kinds.iter().map(|kind| Series { name: kind.kind, values: &kind.probe_accuracy });
    plot::probe_accuracy(plot::WIDTH, &findings.layers, &series.collect::<Vec<_>>())
}

/// Returns the images of a kind with the most extreme depths.
fn corner(dataset: &Dataset, table: &Examples, points: &[[f64; 2]], kind: Kind) -> anyhow::Result<Value> {
    let away = |example: usize| -> f64 {
        let signed = points[example].into_iter().zip(kind.corner());
        signed.map(|(depth, high)| if high { depth } else { -depth }).sum()
    };
    let mut examples = table.of_kind(kind);
    examples.sort_by(|&a, &b| away(b).total_cmp(&away(a)).then(a.cmp(&b)));
    let class = |class: u32| &dataset.classes[class as usize];
    let card = |&id: &usize| -> anyhow::Result<Value> {
        let consensus = table.consensus[id].as_ref().map(|consensus| consensus.class);
        let [validation, training] = points[id];
        Ok(context! {
            id, validation, training,
            name => table.name(id),
            image => image(&dataset.images, id)?,
            given => class(table.given_labels[id]),
            flipped_from => table.is_flipped(id).then(|| class(table.labels[id])),
            consensus => consensus.map(class),
            wrong => consensus.is_some_and(|consensus| consensus != table.given_labels[id]),
        })
    };
    let cards = examples.iter().take(CORNER).map(card).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(context! { name => kind.name(), count => examples.len(), cards })
}
