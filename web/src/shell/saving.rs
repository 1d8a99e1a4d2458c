//! Saves the selection, the study, or a figure.

use js_sys::{Array, Uint8Array};
use prediction_depth::Class;
use prediction_depth::study::Study;
use serde_json::json;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, Element, HtmlAnchorElement, HtmlCanvasElement};
use web_sys::{HtmlImageElement, Url};

use super::sender::Sender;
use crate::dom::{document, make, set, told};
use crate::state::action::Action;
use crate::state::derived::Derived;
use crate::state::opened::Opened;
use crate::text;

/// Pixels of a saved PNG per pixel on the page, so that it is sharp in print.
const SCALE: f64 = 2.0;

/// Saves `csv`, `json` or `study`, or a figure: `strip.svg`, `strip.png`.
pub fn save(opened: &Opened, derived: &Derived, what: &str, sender: &Sender) {
    let failed = |words: String| sender.send(Action::Alert(words));
    let written = match what {
        "csv" => opened.shown.depth_csv(&derived.selected).map(|bytes| ("selection.csv", "text/csv", bytes)),
        "json" => Ok(("selection.json", "application/json", rows(opened, derived).into_bytes())),
        "study" => opened.stored.to_bytes().map(|bytes| ("study.safetensors", "", bytes)),
        figure => return save_figure(figure.to_owned(), sender.clone()),
    };
    match written.map(|(name, kind, bytes)| (name, blob(kind, &Uint8Array::from(&bytes[..])))) {
        Ok((name, Some(blob))) => download(name, &blob),
        Ok((name, None)) => failed(format!("{name} cannot be saved")),
        Err(error) => failed(format!("{what} cannot be saved: {error}")),
    }
}

fn save_figure(name: String, sender: Sender) {
    let failed = move |words: String| sender.send(Action::Alert(words));
    let figure = name.split('.').next().unwrap_or_default();
    let found = document().query_selector(&format!("#{figure} svg")).ok().flatten();
    let Some(svg) = found.filter(|svg| svg.client_width() > 0) else {
        return failed(format!("{name} cannot be saved: the page does not show it"));
    };
    let as_picture = name.ends_with(".png");
    spawn_local(async move {
        let vector = drawing(&svg);
        let file = match vector {
            Some(vector) if as_picture => picture(&vector, &svg).await,
            other => Ok(other),
        };
        match file {
            Ok(Some(file)) => download(&name, &file),
            Ok(None) => failed(format!("{name} cannot be saved")),
            Err(error) => failed(format!("{name} cannot be saved: {}", told(&error))),
        }
    });
}

/// Returns the figure as an SVG file, in the same size as on the page.
fn drawing(svg: &Element) -> Option<Blob> {
    let copy = svg.clone_node_with_deep(true).ok()?.unchecked_into::<Element>();
    set(&copy, "width", svg.client_width());
    set(&copy, "height", svg.client_height());
    blob("image/svg+xml", &JsValue::from(copy.outer_html()))
}

/// Renders the figure on white, as PNG.
async fn picture(drawing: &Blob, svg: &Element) -> Result<Option<Blob>, JsValue> {
    let address = Url::create_object_url_with_blob(drawing)?;
    let image = HtmlImageElement::new()?;
    image.set_src(&address);
    let decoded = JsFuture::from(image.decode()).await;
    let _ = Url::revoke_object_url(&address);
    decoded?;
    let [width, height] = [svg.client_width(), svg.client_height()].map(|side| f64::from(side) * SCALE);
    let canvas: HtmlCanvasElement = make("canvas", "").unchecked_into();
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let promise = js_sys::Promise::new(&mut |then, _| {
        let ready = Closure::once_into_js(move |blob: JsValue| drop(then.call1(&JsValue::NULL, &blob)));
        let _ = canvas.to_blob(ready.unchecked_ref());
    });
    Ok(JsFuture::from(promise).await?.dyn_into().ok())
}

/// Returns the distances that decide the depth of an example, `[layers]`, if it is not decided by classes.
fn distances(study: &Study, example: usize) -> Option<Vec<f64>> {
    Some(study.measured.distances.as_ref()?.values.iter().map(|layer| layer[example]).collect())
}

/// Returns the table's columns as JSON, with the probes as one list, [layers]; null without a probe, a label or
/// distances.
fn rows(opened: &Opened, derived: &Derived) -> String {
    let study: &Study = &opened.shown;
    let label = |class: Class| study.has_labels().then_some(class);
    let name = |class: Class| label(class).map(|class| study.class_name(class));
    let row = |&example: &usize| {
        let probes: Vec<_> = study.measured.probes.iter().map(|layer| text::asked(layer[example])).collect();
        json!({
            "split": study.split_name(study.splits[example]),
            "id": example,
            "name": study.name(example),
            "label_name": name(study.labels[example]),
            "label": label(study.labels[example]),
            "given_label": label(study.given_labels[example]),
            "predicted": study.measured.predictions[example],
            "given_label_name": name(study.given_labels[example]),
            "predicted_name": study.class_name(study.measured.predictions[example]),
            "depth": derived.depths[example],
            "undetermined": derived.depths[example] == study.layers.len(),
            "output_margin": study.output_margins[example],
            "probes": probes,
            "distances": distances(study, example),
        })
    };
    json!(derived.selected.iter().map(row).collect::<Vec<_>>()).to_string()
}

/// Returns a file of this type.
fn blob(kind: &str, content: &JsValue) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(content), &options).ok()
}

/// Downloads a file in the browser.
fn download(name: &str, file: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(file) else { return };
    let link: HtmlAnchorElement = make("a", "").unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    let _ = Url::revoke_object_url(&address);
}
