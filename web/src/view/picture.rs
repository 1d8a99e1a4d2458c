//! Images as CSS backgrounds of elements. Images that are first shown at the same time share one picture, of which each
//! element shows its part. Of sixty thousand images only the visible ones are painted; one picture per image would make
//! scrolling three times as slow.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use prediction_depth::data::Images;
use prediction_depth::study::Study;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData, Url};

use super::words;
use crate::dom::{make, style};

/// The pictures of a study.
pub struct Pictures {
    study: Rc<Study>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Picture and position in it of each image that was ever shown.
    places: BTreeMap<usize, [usize; 2]>,
    pictures: Vec<Picture>,
    /// Images of the next picture.
    gathered: Vec<usize>,
    /// Elements that wait for an image.
    waiting: Vec<(HtmlElement, usize)>,
}

struct Picture {
    columns: usize,
    /// URL of the picture, once it is encoded.
    address: Option<String>,
}

impl Drop for Pictures {
    fn drop(&mut self) {
        for address in self.state.get_mut().pictures.drain(..).filter_map(|picture| picture.address) {
            let _ = Url::revoke_object_url(&address);
        }
    }
}

impl Pictures {
    /// Creates an empty collection for a study.
    pub fn new(study: &Rc<Study>) -> Rc<Self> {
        Rc::new(Self { study: study.clone(), state: RefCell::default() })
    }

    /// Shows an image as the background of an element, now or soon. A study without images has its words there.
    pub fn show(self: &Rc<Self>, element: &HtmlElement, image: usize) {
        if self.study.images().is_none() {
            let _ = element.class_list().add_1("in-words");
            return element.set_text_content(Some(&words::on_button(&self.study, image)));
        }
        let mut state = self.state.borrow_mut();
        let State { places, pictures, gathered, .. } = &mut *state;
        let place = *places.entry(image).or_insert_with(|| {
            if gathered.is_empty() {
                let this = self.clone();
                spawn_local(async move { this.paint() }); // after all images of this drawing were requested
            }
            gathered.push(image);
            [pictures.len(), gathered.len() - 1]
        });
        if !state.dress(element, place) {
            state.waiting.push((element.clone(), image));
        }
    }

    /// Paints the collected images as one picture.
    fn paint(self: &Rc<Self>) {
        let Some(images) = self.study.images() else { return };
        let [_, height, width] = images.shape();
        let mut state = self.state.borrow_mut();
        let gathered = std::mem::take(&mut state.gathered);
        let columns = (gathered.len() as f64).sqrt().ceil() as usize;
        let number = state.pictures.len();
        state.pictures.push(Picture { columns, address: None });
        let canvas: HtmlCanvasElement = make("canvas", "").unchecked_into();
        canvas.set_width((columns * width) as u32);
        canvas.set_height((gathered.len().div_ceil(columns) * height) as u32);
        for (place, &image) in gathered.iter().enumerate() {
            paint(&canvas, images, image, [place % columns * width, place / columns * height]);
        }
        let this = Rc::downgrade(self);
        let ready = Closure::once_into_js(move |blob: Option<Blob>| drawn(&this, number, blob));
        let _ = canvas.to_blob(ready.unchecked_ref());
    }
}

/// Shows a picture that is encoded now; the study may have been closed meanwhile.
fn drawn(pictures: &Weak<Pictures>, number: usize, blob: Option<Blob>) {
    let (Some(pictures), Some(blob)) = (pictures.upgrade(), blob) else { return };
    let mut state = pictures.state.borrow_mut();
    state.pictures[number].address = Url::create_object_url_with_blob(&blob).ok();
    let waiting = std::mem::take(&mut state.waiting);
    let undressed = |(element, image): &(HtmlElement, usize)| !state.dress(element, state.places[image]);
    state.waiting = waiting.into_iter().filter(undressed).collect();
}

impl State {
    /// Sets the background of an element; returns whether the picture was available.
    fn dress(&self, element: &HtmlElement, [picture, place]: [usize; 2]) -> bool {
        let Some(Picture { columns, address: Some(address) }) = self.pictures.get(picture) else { return false };
        let (x, y) = (place % columns, place / columns);
        for (name, value) in [("--columns", *columns), ("--x", x), ("--y", y)] {
            style(element, name, value);
        }
        style(element, "background-image", format!("url({address})"));
        true
    }
}

/// Paints an image on a canvas: one channel in grey, three in colour; of others the first channel.
pub fn paint(canvas: &HtmlCanvasElement, images: &Images, image: usize, [left, top]: [usize; 2]) {
    let [channels, height, width] = images.shape();
    let (bytes, plane) = (images.image(image), height * width);
    let color = |pixel: usize| {
        if channels == 3 { [0, 1, 2].map(|channel| bytes[channel * plane + pixel]) } else { [bytes[pixel]; 3] }
    };
    let pixels: Vec<u8> = (0..plane).map(color).flat_map(|[red, green, blue]| [red, green, blue, 255]).collect();
    let context = canvas.get_context("2d").ok().flatten();
    let data = ImageData::new_with_u8_clamped_array(Clamped(&pixels), width as u32);
    // Without a canvas no pictures are shown, only texts.
    if let (Some(context), Ok(data)) = (context, data) {
        let context = context.unchecked_into::<CanvasRenderingContext2d>();
        let _ = context.put_image_data(&data, left as f64, top as f64);
    }
}
