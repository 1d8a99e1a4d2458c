//! What the address says about the page itself: `?hide=strip,training&theme=dark&embed=1`.

use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, UrlSearchParams};

use super::dom::{document, set, window};

/// What is hidden in somebody else's page.
const FRAME: &str = "header,footer,study,training,selection";

pub fn obey() {
    let query = window().location().search().unwrap_or_default();
    let Ok(query) = UrlSearchParams::new_with_str(&query) else { return };
    if let (Some(root), Some(theme)) = (document().document_element(), query.get("theme")) {
        set(&root, "data-theme", theme);
    }
    let mut hidden = query.get("hide").unwrap_or_default();
    if query.get("embed").is_some_and(|embed| embed != "0") {
        hidden = format!("{FRAME},{hidden}");
    }
    hidden.split(',').filter(|name| is_name(name)).for_each(hide);
}

/// Whether it can be the name of a part of the page, and nothing else that a style sheet understands.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Hides the element of this id, the sections of this class, or the header or the footer.
fn hide(name: &str) {
    let element = if ["header", "footer"].contains(&name) { format!("body > {name}, ") } else { String::new() };
    let rule = format!("{element}#{name}, section.{name} {{ display: none !important; }}");
    let sheets = document().style_sheets();
    let sheet = sheets.get(0).and_then(|sheet| sheet.dyn_into::<CssStyleSheet>().ok());
    if let Some(sheet) = sheet {
        let _ = sheet.insert_rule(&rule);
    }
}
