//! Examples in words, where a study has no images: a text, the row of a table, a name, or the number alone.

use prediction_depth::study::Study;
use web_sys::HtmlElement;

use crate::dom::{add, hold, make, say, set};
use crate::text;

/// Number of characters on a button, and of a text that is shown at once in the inspector.
const ON_BUTTON: usize = 90;
const SHORT: usize = 240;

/// Returns what stands on the button of an example.
pub fn on_button(study: &Study, example: usize) -> String {
    match (study.inputs.text(example), study.name(example)) {
        (Some(words), _) => text::shortened(&words, ON_BUTTON),
        (None, Some(name)) => text::shortened(&format!("{example} {name}"), ON_BUTTON),
        (None, None) => format!("example {example}"),
    }
}

/// Returns an example as the inspector shows it; a long text is cut and can be opened.
pub fn whole(study: &Study, example: usize) -> HtmlElement {
    let Some(words) = study.inputs.text(example) else {
        return say("p", "hint", "The study holds nothing to show of its examples.");
    };
    let shown = if words.chars().count() > SHORT {
        hold("details", "", [&say("summary", "", &text::shortened(&words, SHORT)), &say("p", "", &words)])
    } else {
        say("p", "", &words)
    };
    let place = make("div", "words");
    set(&place, "id", "words");
    add(&place, [&shown]);
    place
}
