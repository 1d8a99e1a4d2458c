//! Parameters of the URL that set up the page: `?hide=strip,training&theme=dark&embed=1`, or
//! `?embed=1&show=map,images&seed=3`.

use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, HtmlInputElement, UrlSearchParams};

use crate::dom::{by_id, document, set, window};

/// Parts that are hidden in an embedding page.
const FRAME: [&str; 6] = ["header", "footer", "study", "training", "selection", "embedding"];
/// Parts that `show` can name.
const PARTS: [&str; 9] =
    ["study", "strip", "inspector", "histogram", "accuracy", "map", "images", "selection", "training"];
/// Numbers of the training form, by their names in the URL.
const PLAN: [(&str, &str); 8] = [
    ("layers", "plan-depth"),
    ("width", "plan-width"),
    ("epochs", "plan-epochs"),
    ("rate", "plan-rate"),
    ("noise", "plan-noise"),
    ("noise-seed", "plan-noise-seed"),
    ("k", "plan-k"),
    ("seed", "plan-seed"),
];

/// Returns the query of the URL. A page that is the text of a frame has no URL: `data-query` stands for it.
pub fn query() -> Option<UrlSearchParams> {
    let of_url = window().location().search().ok().filter(|query| !query.is_empty());
    let within = || document().document_element().and_then(|root| root.get_attribute("data-query"));
    UrlSearchParams::new_with_str(&of_url.or_else(within).unwrap_or_default()).ok()
}

/// Returns the value of `device=`.
pub fn device() -> Option<String> {
    query().and_then(|query| query.get("device"))
}

pub fn obey() {
    let (Some(query), Some(root)) = (query(), document().document_element()) else { return };
    if let Some(theme) = query.get("theme") {
        set(&root, "data-theme", theme);
    }
    let shown = query.get("show");
    let shown: Vec<&str> = shown.iter().flat_map(|names| names.split(',')).collect();
    if query.get("embed").is_some_and(|embed| embed != "0") {
        set(&root, "data-embed", "");
        FRAME.iter().filter(|part| !shown.contains(part)).for_each(|part| hide(part));
    }
    if !shown.is_empty() {
        PARTS.iter().filter(|part| !shown.contains(part)).for_each(|part| hide(part));
    }
    let hidden = query.get("hide").unwrap_or_default();
    hidden.split(',').filter(|name| is_name(name)).for_each(hide);
    for (name, id) in PLAN {
        if let Some(number) = query.get(name).filter(|text| text.parse::<f64>().is_ok()) {
            by_id::<HtmlInputElement>(id).set_value(&number);
        }
    }
}

/// Returns whether the name can be that of a part of the page, without special characters of style sheets.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Hides the element of this id and its label, the sections of this class, or the header or the footer.
fn hide(name: &str) {
    let element = if ["header", "footer"].contains(&name) { format!("body > {name}, ") } else { String::new() };
    let rule = format!("{element}#{name}, label:has(> #{name}), section.{name} {{ display: none !important; }}");
    let sheets = document().style_sheets();
    let sheet = sheets.get(0).and_then(|sheet| sheet.dyn_into::<CssStyleSheet>().ok());
    if let Some(sheet) = sheet {
        let _ = sheet.insert_rule(&rule);
    }
}
