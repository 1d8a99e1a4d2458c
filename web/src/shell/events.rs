//! Events of figures and controls, translated to actions.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::difficulty::Kind;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlSelectElement, KeyboardEvent, MouseEvent};

use super::app::App;
use crate::dom::{by_id, document, listen, number_at, window};
use crate::state::action::{Accuracy, Action, Step};
use crate::state::glance::Pace;
use crate::state::selection::Selection;
use crate::state::view::{Order, View, split_of_key};
use crate::view::{strip, tables, training};

/// Columns per Page Up and Page Down.
const PAGE: usize = 25;

pub fn start(app: &Rc<App>) {
    strip_events(app);
    image_events(app);
    control_events(app);
    table_events(app);
    training_events(app);
    let wide = || document().document_element().map_or(0, |root| root.client_width());
    let width = Cell::new(wide());
    on(app, &window(), "resize", move |_, _: &Event| (width.replace(wide()) != wide()).then_some(Action::Resize));
}

/// Listens for an event and sends its action, if any.
pub fn on<E: JsCast + 'static>(
    app: &Rc<App>,
    target: &EventTarget,
    kind: &str,
    understand: impl Fn(&App, &E) -> Option<Action> + 'static,
) {
    let app = app.clone();
    listen(target, kind, move |event: E| {
        if let Some(action) = understand(&app, &event) {
            app.sender().send(action);
        }
    });
}

/// Returns an action that changes the view.
pub fn look(app: &App, step: Step, change: impl FnOnce(&mut View)) -> Option<Action> {
    let mut view = app.state().view;
    change(&mut view);
    Some(Action::Look(view, step))
}

/// Returns whether a modifier changes the meaning of a key.
pub fn is_modified(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.alt_key() || event.meta_key()
}

fn strip_events(app: &Rc<App>) {
    let strip = by_id::<HtmlElement>("strip");
    on(app, &strip, "click", |app, event: &MouseEvent| {
        let example = strip::example_at(&app.state(), &app.derived(), f64::from(event.client_x()))?;
        look(app, Step::New, |view| view.example = Some(example))
    });
    on(app, &strip, "keydown", |app, event: &KeyboardEvent| {
        let example = moved(app, &event.key()).filter(|_| !is_modified(event))?;
        event.prevent_default();
        look(app, Step::Same, |view| view.example = Some(example))
    });
}

/// Returns the example to which a key moves on the strip.
fn moved(app: &App, key: &str) -> Option<usize> {
    let (example, derived) = (app.state().view.example, app.derived());
    let columns = &derived.columns;
    let column = example.and_then(|example| columns.iter().position(|&one| one == example)).unwrap_or(0);
    let last = columns.len().checked_sub(1)?;
    let column = match key {
        "ArrowLeft" | "ArrowDown" => column.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => column + 1,
        "PageDown" => column.saturating_sub(PAGE),
        "PageUp" => column + PAGE,
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    columns.get(column.min(last)).copied()
}

fn image_events(app: &Rc<App>) {
    on(app, &document(), "click", |app, event: &MouseEvent| {
        let (_, example) = number_at(event, "data-example")?;
        look(app, Step::New, |view| view.example = Some(example))
    });
    let images = by_id::<HtmlElement>("images");
    on(app, &images, "scroll", |app, _: &Event| {
        app.views().scroll(&app.state(), &app.derived());
        None
    });
    on(app, &images, "keydown", |app, event: &KeyboardEvent| {
        let (_, from) = number_at(event, "data-example").filter(|_| !is_modified(event))?;
        if app.views().move_focus(&app.state(), &app.derived(), &event.key(), from) {
            event.prevent_default();
        }
        None
    });
}

/// Returns the value of a select element.
fn chosen(id: &str) -> String {
    by_id::<HtmlSelectElement>(id).value()
}

fn control_events(app: &Rc<App>) {
    let [split, order, class, accuracy] = ["split", "order", "class", "accuracy-of"].map(by_id::<HtmlElement>);
    on(app, &split, "change", |app, _: &Event| {
        let split = split_of_key(&chosen("split"))?;
        look(app, Step::New, |view| view.split = split)
    });
    on(app, &order, "change", |app, _: &Event| {
        look(app, Step::New, |view| view.order = Order::named(&chosen("order")).unwrap_or_default())
    });
    on(app, &class, "change", |app, _: &Event| {
        look(app, Step::New, |view| view.picked.class = chosen("class").parse().ok())
    });
    on(app, &accuracy, "change", |_, _: &Event| {
        let at_depths = chosen("accuracy-of") == "depths";
        Some(Action::Accuracy(if at_depths { Accuracy::AtDepths } else { Accuracy::OfProbes }))
    });
    let [clear, corners, save] = ["clear", "corners", "save"].map(by_id::<HtmlElement>);
    on(app, &clear, "click", |app, _: &Event| look(app, Step::New, |view| view.picked = Selection::default()));
    on(app, &corners, "click", |app, event: &MouseEvent| {
        let kind = Kind::ALL.get(number_at(event, "data-corner")?.1).copied();
        look(app, Step::New, |view| view.picked.kind = kind.filter(|_| view.picked.kind != kind))
    });
    on(app, &save, "click", |_, _: &Event| Some(Action::Save(chosen("save-what"))));
}

/// Fills tables when they are opened; the document stores whether they are open.
fn table_events(app: &Rc<App>) {
    for tables::Table { id, .. } in tables::TABLES {
        on(app, &by_id::<HtmlElement>(id), "toggle", |app, _: &Event| {
            tables::draw(&app.state(), &app.derived());
            None
        });
    }
    on(app, &by_id::<Element>("strip-table"), "click", |app, event: &MouseEvent| {
        let (_, next) = number_at(event, "data-more")?;
        tables::draw_more(&app.state(), &app.derived(), next);
        None
    });
}

fn training_events(app: &Rc<App>) {
    on(app, &by_id::<HtmlElement>("plan"), "submit", |_, event: &Event| {
        event.prevent_default();
        Some(Action::Train(training::plan()))
    });
    on(app, &by_id::<HtmlElement>("pause"), "click", |app, _: &Event| {
        Some(Action::Pace(if app.state().job.runs_on() { Pace::Pause } else { Pace::Run }))
    });
    let button = |id: &str, action: fn() -> Action| {
        on(app, &by_id::<HtmlElement>(id), "click", move |_, _: &Event| Some(action()));
    };
    button("epoch", || Action::Pace(Pace::Epoch));
    button("stop", || Action::Stop);
    button("cancel", || Action::Stop);
    button("compute", || Action::Measure);
    button("back", || Action::Back);
}
