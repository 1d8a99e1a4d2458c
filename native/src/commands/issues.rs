//! `pdepth issues`: ranks likely label errors and suggests labels.

use std::path::Path;

use anyhow::Context;
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::data::Split;
use prediction_depth::difficulty::Quantiles;
use prediction_depth::label_issues::{LabelIssue, label_issues};
use prediction_depth::study::Study;
use serde_json::{Value, json};

use crate::cli::IssuesArgs;
use crate::ensemble::{Merged, Plan, Store, merged};
use crate::finished_run::{FinishedRun, is_run, read_study};
use crate::own_files::OwnFiles;
use crate::report::STYLE;
use crate::shown;
use crate::table::{NAME, plain, shortened, warnings};

/// Version of the JSON object.
const JSON_VERSION: u32 = 1;
/// Number of rows on the terminal.
const SHOWN: usize = 20;

/// The files that the command writes.
const FILES: [&str; 2] = ["issues.csv", "issues.html"];

/// A ranking and its study.
struct Ranked {
    study: Study,
    issues: Vec<LabelIssue>,
    /// Description of the source of the scores.
    by: String,
    /// Warnings about the networks.
    warnings: Vec<String>,
}

pub fn issues(arguments: &IssuesArgs) -> anyhow::Result<()> {
    let folder = if arguments.run.is_dir() { &arguments.run } else { Path::new(".") };
    let out = arguments.out.clone().unwrap_or_else(|| folder.to_owned());
    let own_files = OwnFiles::open(&out, &FILES)?;
    let ranked = ranked(&arguments.run)?;
    let top = &ranked.issues[..arguments.top.min(ranked.issues.len())];
    let [csv, page] = FILES.map(|name| out.join(name));
    own_files.write(&[(FILES[0], ranked.csv()?), (FILES[1], ranked.html(top)?.into_bytes())])?;
    if arguments.json {
        let rows: Vec<Value> = top.iter().map(|issue| ranked.row(issue)).collect();
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({
                "version": JSON_VERSION,
                "by": ranked.by,
                "warnings": ranked.warnings,
                "issues": rows,
            }))?
        );
        return Ok(());
    }
    println!("{}\n{}", ranked.study.title, ranked.by);
    print!("{}", warnings(&ranked.warnings));
    let mut header = vec!["score", "id", "split", "given label", "suggested", "agreement"];
    header.extend((!ranked.study.names.is_empty()).then_some("name"));
    let mut table = plain(&header);
    for issue in top.iter().take(SHOWN) {
        let (given, suggested) = (ranked.study.class_name(issue.given), ranked.study.class_name(issue.suggested));
        let (score, agreement) = (format!("{:.2}", issue.score), format!("{:.0} %", 100.0 * issue.agreement));
        let id = issue.example;
        let mut row = vec![score, id.to_string(), ranked.split(id).into(), given.into(), suggested.into(), agreement];
        row.extend(ranked.study.name(id).map(|name| shortened(name, NAME)));
        table.add_row(row);
    }
    println!("{table}\n\nAll examples: {}", csv.display());
    println!("The first {} to look at: {}", top.len(), page.display());
    Ok(())
}

/// Ranks the examples of an ensemble's folder, a run's folder, or a study file.
fn ranked(run: &Path) -> anyhow::Result<Ranked> {
    let plan = run.join("plan.json");
    if !plan.exists() {
        let (study, warnings) = one_model(run)?;
        let issues = study.label_issues().with_context(|| run.display().to_string())?;
        let by = "One model: ranked by how many early probes disagree with the label, and by depth; an ensemble ranks better".into();
        return Ok(Ranked { study, issues, by, warnings });
    }
    let plan = Plan::read(&plan)?;
    let store = Store::new(run, &plan)?;
    store.check()?;
    let dataset = plan.dataset()?;
    let Merged { ensemble: merge, first, warnings, .. } = merged(&plan, &store, &dataset, store.missing()?, true)?;
    let warnings = [dataset.summary(None)?.warnings(), warnings].concat();
    let issues = label_issues(&merge.examples(Quantiles::default())?, merge.train(), merge.held_out());
    let first = first.map(|record| store.first_study(&record)).transpose()?;
    let study = first.flatten().context("the first model of the plan is missing")?;
    let by = format!(
        "{} models: ranked by low margin (AUM) and high training depth; a middle layer's probe suggests the class",
        merge.models()
    );
    Ok(Ranked { study, issues, by, warnings })
}

/// Reads a study and its warnings: those in the folder of a run, which also tell about its data, or those of a study alone.
fn one_model(run: &Path) -> anyhow::Result<(Study, Vec<String>)> {
    let (study, recorded) = if is_run(run) {
        let run = FinishedRun::open(run)?;
        (run.study()?, run.warnings()?)
    } else {
        (read_study(run)?, None)
    };
    let warnings = recorded.unwrap_or_else(|| study.warnings());
    Ok((study, warnings))
}

impl Ranked {
    fn split(&self, example: usize) -> &str {
        match self.study.splits[example] {
            split @ (Split::Test | Split::HeldOut(_)) => self.study.split_name(split),
            Split::Validation if self.study.own_validation => "validation",
            _ => "training", // a drawn validation split differs from model to model
        }
    }

    fn row(&self, issue: &LabelIssue) -> Value {
        json!({
            "id": issue.example,
            "name": self.study.name(issue.example),
            "images": self.split(issue.example),
            "score": issue.score,
            "given_label": issue.given,
            "given": self.study.class_name(issue.given),
            "suggested_label": issue.suggested,
            "suggested": self.study.class_name(issue.suggested),
            "agreement": issue.agreement,
        })
    }

    /// Writes all examples, the most suspicious first.
    fn csv(&self) -> anyhow::Result<Vec<u8>> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        for (rank, issue) in self.issues.iter().enumerate() {
            let Value::Object(row) = self.row(issue) else { continue };
            if rank == 0 {
                csv.write_record(["rank"].into_iter().chain(row.keys().map(String::as_str)))?;
            }
            let cell = |value: &Value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            csv.write_record([(rank + 1).to_string()].into_iter().chain(row.values().map(cell)))?;
        }
        Ok(csv.into_inner()?)
    }

    fn html(&self, top: &[LabelIssue]) -> anyhow::Result<String> {
        let card = |issue: &LabelIssue| -> anyhow::Result<_> {
            Ok(context! {
                id => issue.example,
                name => self.study.name(issue.example),
                shown => shown::html(&self.study, issue.example)?,
                given => self.study.class_name(issue.given),
                suggested => self.study.class_name(issue.suggested),
                score => format!("{:.2}", issue.score),
                agreement => format!("{:.0} %", 100.0 * issue.agreement),
                same => issue.given == issue.suggested,
                flipped => self.study.is_flipped(issue.example),
            })
        };
        let cards = top.iter().map(card).collect::<anyhow::Result<Vec<_>>>()?;
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("issues", include_str!("issues.html"))?;
        let context =
            context! { style => STYLE, title => &self.study.title, by => &self.by, warnings => &self.warnings, cards };
        environment.get_template("issues")?.render(context).context("issues.html")
    }
}
