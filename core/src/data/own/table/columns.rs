//! What the columns of a table are, by their names and the user's answers.

use std::fmt::Display;

use super::format::FORMAT;
use super::number::{Reading, read_number};
use crate::data::own::ReadOptions;
use crate::data::own::id_columns::Fit;
use crate::error::{Error, Result};
use crate::listed::quoted;

/// Name of the column of labels, in any case.
const LABEL: &str = "label";

/// Other names of labels: beside `label`, they make a second reading. So does `y`, unless it is a coordinate beside `x`.
const OTHER_LABELS: [&str; 3] = ["labels", "class", "target"];

/// Name of the column of splits, in any case.
const SPLIT: &str = "split";

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Label,
    Split,
    /// The names of the examples.
    Name,
    /// A feature, or a pixel.
    Value,
    /// An empty name: nothing may be in it.
    Blank,
    /// Left out, and why.
    Left(&'static str),
}

/// The columns of a table: their names in the order of the training file, and their roles.
pub(in crate::data::own) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) roles: Vec<Role>,
    pub(super) label: usize,
    pub(super) split: Option<usize>,
    pub(super) name: Option<NameColumn>,
}

/// The column that names the examples.
pub(super) struct NameColumn {
    pub at: usize,
    /// How its own name says so; `None` if the user chose it.
    pub fit: Option<Fit>,
    /// Columns that could name the examples as well.
    pub others: Vec<usize>,
}

impl Columns {
    /// Understands the names of columns. `describe` tells about the columns, for the error if none holds labels.
    ///
    /// # Errors
    /// [`Error::Format`] where names have two readings or none.
    pub fn new(header: &[String], options: &ReadOptions, describe: impl FnOnce() -> String) -> Result<Self> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let label = label(&names, options)?.ok_or_else(|| no_label(&names, options, describe))?;
        check_distinct(&names)?;
        let mut roles: Vec<Role> = (0..names.len()).map(|at| role(&names, at)).collect();
        for dropped in &options.drop_columns {
            // A list in a Parquet file is as many columns: `name[0]`, `name[1]`, ...
            let list = format!("{}[", dropped.trim());
            let named = |at: &usize| names[*at] == dropped.trim() || names[*at].starts_with(&list);
            let found: Vec<usize> = (0..names.len()).filter(named).collect();
            if found.is_empty() {
                return Err(not_there("--drop-columns", dropped, &names));
            }
            if found.contains(&label) {
                return Err(wrong(format!("column `{dropped}` holds the labels, so it cannot be dropped")));
            }
            found.into_iter().for_each(|at| roles[at] = Role::Left("--drop-columns names it"));
        }
        roles[label] = Role::Label;
        let split = roles.iter().position(|&role| role == Role::Split);
        let name = name_column(&names, &mut roles, options)?;
        Ok(Self { names, roles, label, split, name })
    }

    /// Returns the columns of features or pixels.
    pub(super) fn values(&self) -> Vec<usize> {
        (0..self.names.len()).filter(|&at| self.roles[at] == Role::Value).collect()
    }

    /// Returns the position of each of these columns in another file, by name. Columns that are left out may be
    /// missing there.
    ///
    /// # Errors
    /// [`Error::Format`] with the names that only one of the files has.
    pub(super) fn order_in(&self, header: &[String]) -> Result<Vec<Option<usize>>> {
        let there: Vec<&str> = header.iter().map(|name| name.trim()).collect();
        if self.names == there {
            return Ok((0..there.len()).map(Some).collect());
        }
        // Several columns may lack a name; the first one may hold names of rows.
        let place = |at: usize| match self.names[at].as_str() {
            "" => (at == 0 && there.first() == Some(&"")).then_some(0),
            name => there.iter().position(|there| *there == name),
        };
        let order: Vec<Option<usize>> = (0..self.names.len()).map(place).collect();
        let needed = |role: Role| !matches!(role, Role::Left(_) | Role::Blank);
        let missing = (0..order.len()).filter(|&at| order[at].is_none() && needed(self.roles[at]));
        let missing: Vec<&str> = missing.map(|at| self.names[at].as_str()).collect();
        let more: Vec<&str> =
            there.iter().filter(|there| !self.names.iter().any(|name| name == *there)).copied().collect();
        let lists = [("lacks", missing), ("has besides", more)].map(|(verb, names)| match names[..] {
            [] => String::new(),
            _ => format!(" {verb} {}", listed(&names)),
        });
        if lists.iter().all(String::is_empty) {
            return Ok(order);
        }
        let problem = format!("its columns are not those of the training table: it{}", lists.join(" "));
        Err(wrong(problem).remedied("give all tables the same columns; their order may differ"))
    }
}

/// Returns the columns of labels and of values for a list in a message.
fn label(names: &[String], options: &ReadOptions) -> Result<Option<usize>> {
    if let Some(chosen) = &options.label_column {
        let found = names.iter().filter(|name| *name == chosen.trim()).count();
        if found > 1 {
            return Err(wrong(format!("{found} columns are called `{chosen}`")).remedied("give each its own name"));
        }
        return find(names, chosen).map(Some).ok_or_else(|| not_there("--label-column", chosen, names));
    }
    let called = |wanted: &[&str]| -> Vec<usize> {
        let same = |at: &usize| wanted.iter().any(|wanted| names[*at].eq_ignore_ascii_case(wanted));
        (0..names.len()).filter(same).collect()
    };
    let (mut labels, mut others) = (called(&[LABEL]), called(&OTHER_LABELS));
    if called(&["x"]).is_empty() {
        others.extend(called(&["y"]));
    }
    if labels.len() + others.len() > 1 {
        let stays = |at: &usize| !options.drop_columns.iter().any(|dropped| dropped.trim() == names[*at]);
        [&mut labels, &mut others].into_iter().for_each(|found| found.retain(stays));
    }
    match (&labels[..], &others[..]) {
        ([], _) => Ok(None),
        ([one], []) => Ok(Some(*one)),
        _ => {
            let both: Vec<&str> = labels.iter().chain(&others).map(|&at| names[at].as_str()).collect();
            let problem = format!("the labels may be in {}", listed(&both));
            Err(wrong(problem).remedied(format!("say --label-column {}, or --drop-columns with the others", both[0])))
        }
    }
}

fn no_label(names: &[String], options: &ReadOptions, describe: impl FnOnce() -> String) -> Error {
    let number = |name: &String| match read_number(name) {
        Reading::Number(number) => Some(number),
        _ => None,
    };
    let numbers: Vec<f64> = names.iter().filter_map(number).collect();
    let rows = numbers.len() == names.len() || numbers.iter().any(|number| number.fract() != 0.0);
    if options.label_column.is_none() && !names.is_empty() && rows {
        let first: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
        return wrong(format!("its first row ({}, ...) holds numbers instead of names", first.join(", ")))
            .remedied("put a row with a name for each column above it, `label` for the labels");
    }
    wrong(format!("no column of its first row is called `{LABEL}`; it has {}", describe()))
        .remedied("name the column of labels by --label-column NAME")
}

fn check_distinct(names: &[String]) -> Result<()> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            Err(wrong(format!("two columns are called `{}`", pair[0])).remedied("give each column its own name"))
        }
        None => Ok(()),
    }
}

/// Returns the role of a column by its name alone.
fn role(names: &[String], at: usize) -> Role {
    let name = names[at].to_ascii_lowercase();
    let unnamed = name.is_empty() || name.starts_with("unnamed: ");
    match name.as_str() {
        _ if unnamed && at == 0 => Role::Name,
        _ if unnamed && name.starts_with("unnamed: 0") => Role::Left(INDEX),
        _ if unnamed => Role::Blank,
        "index" | "__index_level_0__" => Role::Left(INDEX),
        SPLIT => Role::Split,
        _ if Fit::of(&names[at], at).is_some() => Role::Name,
        _ => Role::Value,
    }
}

/// Why an index is left out.
pub(super) const INDEX: &str = "an index, which is no feature";

/// Why a column that could name the examples is left out.
const ID: &str = "an id, which is no feature";

/// Chooses the column that names the examples: the user's, else the best by its own name, of equally good ones the
/// first. Others that could are left out, but for `key`, which then is a value like any other.
///
/// # Errors
/// [`Error::Format`] if the user's column is not there or has another use.
fn name_column(names: &[String], roles: &mut [Role], options: &ReadOptions) -> Result<Option<NameColumn>> {
    let mut fits: Vec<(Fit, usize)> = (0..names.len())
        .filter(|&at| roles[at] == Role::Name)
        .filter_map(|at| Some((Fit::of(&names[at], at)?, at)))
        .collect();
    fits.sort_unstable();
    let chosen = options.id_column.as_ref().map(|name| chosen(names, roles, name)).transpose()?;
    let Some(at) = chosen.or(fits.first().map(|&(_, at)| at)) else { return Ok(None) };
    let fit = if chosen.is_some() { None } else { fits.first().map(|&(fit, _)| fit) };
    roles[at] = Role::Name;
    fits.retain(|&(_, other)| other != at);
    for &(fit, other) in &fits {
        roles[other] = match fit {
            Fit::Known(_) | Fit::EndsInId => Role::Left(ID),
            Fit::Unnamed => Role::Left(INDEX),
            Fit::Key => Role::Value,
        };
    }
    let others = fits.iter().filter(|(fit, _)| *fit != Fit::Unnamed).map(|&(_, other)| other).collect();
    Ok(Some(NameColumn { at, fit, others }))
}

/// Returns the column that the user says names the examples.
fn chosen(names: &[String], roles: &[Role], name: &str) -> Result<usize> {
    let at = find(names, name).ok_or_else(|| not_there("--id-column", name, names))?;
    let use_of = match roles[at] {
        Role::Label => "holds the labels",
        Role::Split => "holds the splits",
        Role::Left(why) if why != INDEX => "is left out by --drop-columns",
        _ => return Ok(at),
    };
    Err(wrong(format!("--id-column {name}: this column {use_of}")).remedied("choose another one"))
}

fn find(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|there| there == name.trim())
}

fn not_there(option: &str, name: &str, names: &[String]) -> Error {
    wrong(format!("{option} {name}: there is no such column; it has {}", listed(names)))
}

fn wrong(problem: String) -> Error {
    Error::format(FORMAT, problem)
}

/// Number of names that a list in a message holds.
const LISTED: usize = 20;

/// Returns names for a message: `a`, `b` and 3 more.
pub(super) fn listed(names: &[impl Display]) -> String {
    quoted(names, LISTED)
}
