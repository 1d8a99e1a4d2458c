//! `docs/options.md`: every command and option, written from the command line's own definition.
//!
//! The tests compare the file with the program. To write it anew:
//! `PDEPTH_UPDATE=1 cargo test --workspace --lib options_page`.

use std::fs;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use super::Cli;

/// Longest line of the page.
const WIDTH: usize = 100;
const UPDATE: &str = "PDEPTH_UPDATE=1 cargo test --workspace --lib options_page";

/// A group of options under one heading, as text.
type Group = (String, String);

/// The whole page.
fn page(mut root: Command) -> String {
    root.build();
    let mut page = format!(
        "# Options of `pdepth`\n\n{}\n\n{}\n\n",
        wrapped(
            "Every command and option, as `pdepth COMMAND --help` shows them. A test compares this page with the program.",
            0
        ),
        wrapped(&format!("Written by `{UPDATE}`; do not edit."), 0)
    );
    page += "| command | |\n|---|---|\n";
    let mut commands = Vec::new();
    collect(&mut root, &mut commands);
    for command in &commands {
        let path = path_of(command);
        page += &format!("| [`{path}`](#{}) | {} |\n", path.replace(' ', "-"), text(command.get_about()));
    }
    let mut written: Vec<(Group, String)> = Vec::new();
    for (place, command) in commands.iter_mut().enumerate() {
        page += &section(command, place == 0, &mut written);
    }
    page
}

/// A command and all below it, in the order of `--help`.
fn collect(command: &mut Command, all: &mut Vec<Command>) {
    all.push(command.clone());
    for below in command.get_subcommands_mut().filter(|below| below.get_name() != "help") {
        collect(below, all);
    }
}

/// One command. A group that an earlier command has, word for word, is a link to that command.
fn section(command: &mut Command, root: bool, written: &mut Vec<(Group, String)>) -> String {
    let path = path_of(command).to_owned();
    let about = text(command.get_long_about().or(command.get_about()));
    let usage = command.render_usage().to_string().replace("Usage: ", "").replace("\n       ", "\n");
    let mut section = format!("\n## `{path}`\n\n{}\n\n```\n{}\n```\n", wrapped(&about, 0), usage.trim());
    if root {
        return section + "\nWithout a command, the options are those of [`pdepth run`](#pdepth-run).\n";
    }
    for group in groups(command) {
        let earlier = written.iter().find(|(earlier, _)| *earlier == group);
        section += &match earlier {
            Some((_, path)) => {
                format!("\n**{}**: as [`{path}`](#{})\n", group.0, path.replace(' ', "-"))
            }
            None => format!("\n**{}**\n\n{}", group.0, group.1),
        };
        if earlier.is_none() {
            written.push((group, path.clone()));
        }
    }
    section
}

/// The words that call a command.
fn path_of(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

/// The arguments by heading, in the order of `--help`.
fn groups(command: &Command) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let shown =
        |argument: &&Arg| !argument.is_hide_set() && argument.get_id() != "help" && argument.get_id() != "version";
    let heading = |argument: &Arg| match argument.get_help_heading() {
        Some(heading) => heading.to_owned(),
        None if argument.is_positional() => "Arguments".into(),
        None => "Options".into(),
    };
    let mut arguments: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    arguments.sort_by_key(|argument| (argument.get_help_heading().is_some(), !argument.is_positional()));
    for argument in arguments {
        let (heading, entry) = (heading(argument), entry(argument));
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, text)) => *text += &entry,
            None => groups.push((heading, entry)),
        }
    }
    groups
}

/// One argument, with its values and what holds where it is not given.
fn entry(argument: &Arg) -> String {
    let takes = argument.get_action().takes_values();
    let values = if takes { argument.get_value_names().unwrap_or_default().join(" ") } else { String::new() };
    let name = match argument.get_long() {
        Some(long) => format!("--{long} {values}"),
        None if argument.is_required_set() => format!("<{values}>"),
        None => format!("[{values}]"),
    };
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = match takes && !defaults.is_empty() {
        true => format!(" (default `{}`)", defaults.join(",")),
        false if argument.is_required_set() => " (required)".into(),
        false => String::new(),
    };
    let help = text(argument.get_long_help().or(argument.get_help()));
    let mut entry = format!("- {}\n", wrapped(&format!("`{}`{default}: {help}", name.trim()), 2));
    let values: Vec<_> =
        argument.get_possible_values().into_iter().filter(|value| takes && !value.is_hide_set()).collect();
    if !values.is_empty() {
        entry += "\n";
    }
    for value in values {
        let help = value.get_help().map(|help| format!(": {help}")).unwrap_or_default();
        entry += &format!("  - {}\n", wrapped(&format!("`{}`{help}", value.get_name()), 4));
    }
    entry
}

fn text(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

/// Paragraphs in lines of at most [`WIDTH`], all but the first line indented.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && indent + line.len() + 1 + word.len() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            line = if line.is_empty() { word.into() } else { line + " " + word };
        }
        lines.extend([line, String::new()]);
    }
    lines.pop();
    let pad = |line: &String| if line.is_empty() { String::new() } else { " ".repeat(indent) + line };
    lines.iter().map(pad).collect::<Vec<_>>().join("\n").trim_start().to_owned()
}

/// The first line in which two texts differ: its number, what there is, what there should be.
fn difference(found: &str, expected: &str) -> Option<String> {
    let (mut found, mut expected) = (found.lines(), expected.lines());
    for number in 1.. {
        match (found.next(), expected.next()) {
            (None, None) => return None,
            (found, expected) if found == expected => {}
            (found, expected) => return Some(format!("line {number}: {found:?} should be {expected:?}")),
        }
    }
    None
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/options.md")
}

#[test]
fn the_page_of_options_is_that_of_the_program() {
    let page = page(Cli::command());
    if std::env::var_os("PDEPTH_UPDATE").is_some() {
        fs::write(path(), &page).expect("docs is writable");
    }
    let found = fs::read_to_string(path()).expect("docs/options.md");
    let differs = difference(&found, &page);
    assert!(differs.is_none(), "docs/options.md, {}\nTo write it anew: {UPDATE}", differs.unwrap_or_default());
}

#[test]
fn a_text_and_a_default_that_changed_are_noticed() {
    let changed = |change: fn(Arg) -> Arg| {
        page(Cli::command().mut_subcommands(|command| match command.get_name() {
            "run" => command.mut_args(|argument| if argument.get_id() == "k" { change(argument) } else { argument }),
            _ => command,
        }))
    };
    let found = page(Cli::command());
    assert_eq!(difference(&found, &changed(|k| k)), None);
    let text = difference(&found, &changed(|k| k.help("Other words"))).expect("a difference");
    assert!(text.contains("Other words"), "{text}");
    let default = difference(&found, &changed(|k| k.default_value("31"))).expect("a difference");
    assert!(default.contains("31"), "{default}");
}

#[test]
fn lines_fit_and_every_option_says_what_it_is() {
    let page = page(Cli::command());
    for line in page.lines().filter(|line| !line.starts_with('|')) {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
    let mut commands = Vec::new();
    collect(&mut Cli::command(), &mut commands);
    for command in commands {
        for argument in command.get_arguments() {
            assert!(!text(argument.get_help()).is_empty(), "{} {}", command.get_name(), argument.get_id());
        }
    }
}
