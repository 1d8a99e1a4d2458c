//! The images as pictures of many each, of which thumbnails show their part: a few pictures are quicker than thousands.
//! A picture is painted when the first of its images is shown.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use prediction_depth::data::Images;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData, Url};

use super::dom::{document, make, style};

/// Pixels along a picture's side, about.
const SIDE: usize = 1024;

thread_local! {
    /// Tells the pictures of one study from those of another.
    static SHEETS: Cell<usize> = const { Cell::new(0) };
}

/// The pictures of a study's images.
pub struct Sheet {
    /// Its number among all that were made.
    number: usize,
    /// Images that a picture has across and down.
    columns: usize,
    rows: usize,
    aspect: f64,
    painted: RefCell<BTreeSet<usize>>,
    addresses: Rc<Addresses>,
}

/// The addresses of pictures, given back with them. Drawing a picture takes a moment.
#[derive(Default)]
struct Addresses(RefCell<Vec<(String, String)>>);

impl Drop for Addresses {
    fn drop(&mut self) {
        for (variable, address) in self.0.take() {
            if let Some(root) = root() {
                let _ = root.style().remove_property(&variable);
            }
            let _ = Url::revoke_object_url(&address);
        }
    }
}

impl Sheet {
    /// Of images of this shape; nothing is painted yet.
    pub fn of(images: &Images) -> Self {
        let [_, height, width] = images.shape();
        let number = SHEETS.replace(SHEETS.get() + 1);
        let across = (SIDE / width).max(1).min((images.len() as f64).sqrt().ceil().max(1.0) as usize);
        let down = (SIDE / height).max(1);
        let aspect = height as f64 / width as f64;
        Self { number, columns: across, rows: down, aspect, painted: RefCell::default(), addresses: Rc::default() }
    }

    /// Says to all thumbnails how large the pictures are.
    pub fn put(&self) {
        if let Some(root) = root() {
            style(&root, "--sheet-columns", self.columns);
            style(&root, "--aspect", self.aspect);
        }
    }

    /// The style of an element that shows an image; style.css does the rest.
    pub fn place(&self, images: &Images, image: usize) -> String {
        let (picture, at) = (image / (self.columns * self.rows), image % (self.columns * self.rows));
        if self.painted.borrow_mut().insert(picture) {
            // Without a canvas there are no thumbnails; words are left.
            let _ = self.paint(images, picture);
        }
        format!("--x:{};--y:{};--sheet:var({})", at % self.columns, at / self.columns, self.variable(picture))
    }

    /// The custom property that holds a picture's address.
    fn variable(&self, picture: usize) -> String {
        format!("--sheet-{}-{picture}", self.number)
    }

    fn paint(&self, images: &Images, picture: usize) -> Result<(), JsValue> {
        let [_, height, width] = images.shape();
        let first = picture * self.columns * self.rows;
        let count = (images.len() - first).min(self.columns * self.rows);
        let size = [self.columns * width, count.div_ceil(self.columns) * height];
        let canvas: HtmlCanvasElement = make("canvas", "").unchecked_into();
        canvas.set_width(size[0] as u32);
        canvas.set_height(size[1] as u32);
        let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
        let mut pixels = vec![0; 4 * size[0] * size[1]];
        for at in 0..count {
            copy(images, first + at, &mut pixels, [at % self.columns * width, at / self.columns * height], size[0]);
        }
        let data = ImageData::new_with_u8_clamped_array(Clamped(&pixels), size[0] as u32)?;
        context.put_image_data(&data, 0.0, 0.0)?;
        let (kept, variable) = (Rc::downgrade(&self.addresses), self.variable(picture));
        let ready = Closure::once_into_js(move |blob: Option<Blob>| {
            // The study may have been closed while the picture was drawn.
            let (Some(kept), Some(root)) = (kept.upgrade(), root()) else { return };
            let Some(address) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) else { return };
            style(&root, &variable, format!("url({address})"));
            kept.0.borrow_mut().push((variable, address));
        });
        canvas.to_blob(ready.unchecked_ref())
    }
}

fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

/// Copies one image into RGBA pixels: of one channel in grey, of three in colour; of others the first channel.
pub fn copy(images: &Images, image: usize, pixels: &mut [u8], corner: [usize; 2], row: usize) {
    let [channels, height, width] = images.shape();
    let bytes = images.image(image);
    let plane = height * width;
    for y in 0..height {
        for x in 0..width {
            let from = y * width + x;
            let colour =
                if channels == 3 { [0, 1, 2].map(|channel| bytes[channel * plane + from]) } else { [bytes[from]; 3] };
            let to = 4 * ((corner[1] + y) * row + corner[0] + x);
            pixels[to..to + 3].copy_from_slice(&colour);
            pixels[to + 3] = 255;
        }
    }
}
