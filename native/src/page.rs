//! The page as a single HTML file, with program, style and study embedded.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, context};

/// Replaces trunk's script: unpacks the embedded parts and starts the program.
const LOADER: &str = include_str!("page.html");

/// What stands after an embedded part.
const PART_END: &str = "</script>";

/// Embeds the files of the built page in this folder into one. `study` (gzipped), if given, replaces the page's own
/// study.
pub fn in_one_file(folder: &Path, study: Option<Vec<u8>>) -> anyhow::Result<String> {
    let index = folder.join("index.html");
    let page = String::from_utf8(read(&index)?).with_context(|| index.display().to_string())?;
    let built = || format!("{}: not a page that trunk built", index.display());
    let sheets: Vec<&str> =
        page.split(r#"rel="stylesheet" href="./"#).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    if sheets.is_empty() {
        bail!(built());
    }
    let script = between(&page, "bindings from './", "'").with_context(built)?;
    let program = between(&page, "module_or_path: './", "'").with_context(built)?;
    let study = study.map_or_else(|| read(&folder.join("study.safetensors.gz")), Ok)?;
    let sheet = |name: &&str| -> anyhow::Result<String> { Ok(String::from_utf8(read(&folder.join(name))?)?) };
    let style = sheets.iter().map(sheet).collect::<anyhow::Result<Vec<_>>>()?.join("\n");
    let parts =
        [("script", read(&folder.join(script))?), ("program", gzip(&read(&folder.join(program))?)?), ("study", study)]
            .map(|(name, bytes)| context! { name, bytes => STANDARD.encode(bytes) });
    let loader = Environment::new().render_str(LOADER, context! { style, parts })?;
    // Remove what trunk put into the head: style, preloads and script.
    let [before, after] = ["<script type=\"module\">", "</script>"];
    let start = page.find(before).with_context(built)?;
    let end = start + page[start..].find(after).with_context(built)? + after.len();
    let rest: String = [&page[..start], &loader, &page[end..]].concat();
    Ok(without_links(&rest))
}

/// Returns a page that [`in_one_file`] made, with this study (gzipped) in place of its own. `query` stands for the query
/// of its address, where it has none: in a frame without an address.
pub fn with_study(page: &str, study: &[u8], query: &str) -> anyhow::Result<String> {
    let part =
        range_between(page, &start_of("study"), PART_END).context("not a page that `pdepth export --page` wrote")?;
    let root = format!("<html data-query=\"{query}\"");
    Ok([&page[..part.start].replacen("<html", &root, 1), &STANDARD.encode(study), &page[part.end..]].concat())
}

/// Returns the study, gzipped, in a page that [`in_one_file`] made; `None` for another file.
pub fn study_in(page: &[u8]) -> Option<Vec<u8>> {
    let page = str::from_utf8(page).ok()?;
    let part = |name: &str| between(page, &start_of(name), PART_END);
    (part("script").is_some() && part("program").is_some()).then(|| STANDARD.decode(part("study")?).ok())?
}

/// Removes the page's links to other files.
fn without_links(page: &str) -> String {
    let mut parts = page.split("<link ");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (attributes, rest) = part.split_once('>').unwrap_or((part, ""));
        if attributes.contains("rel=\"icon\"") {
            kept += &format!("<link {attributes}>");
        }
        kept += rest;
    }
    kept
}

/// Returns what stands before an embedded part of this name.
fn start_of(part: &str) -> String {
    format!("id=\"part-{part}\">")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    range_between(text, before, after).map(|range| &text[range])
}

fn range_between(text: &str, before: &str, after: &str) -> Option<Range<usize>> {
    let start = text.find(before)? + before.len();
    Some(start..start + text[start..].find(after)?)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} (build the page first: trunk build --release)", path.display()))
}

/// Compresses with the highest level of gzip.
pub fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packed = Vec::new();
    std::io::copy(&mut flate2::read::GzEncoder::new(bytes, flate2::Compression::best()), &mut packed)?;
    Ok(packed)
}
