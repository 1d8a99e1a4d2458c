//! All images as one picture, of which thumbnails show their part: one picture is quicker than thousands.

use std::cell::Cell;
use std::rc::Rc;

use prediction_depth::data::Images;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData, Url};

use super::dom::{document, make, style};

/// The picture, and where in it the images are.
pub struct Sheet {
    columns: usize,
    rows: usize,
    aspect: f64,
    address: Rc<Address>,
}

/// The address of the picture, given back with it. Drawing the picture takes a moment.
#[derive(Default)]
struct Address(Cell<Option<String>>);

impl Drop for Address {
    fn drop(&mut self) {
        if let Some(address) = self.0.take() {
            let _ = Url::revoke_object_url(&address);
        }
    }
}

impl Sheet {
    /// Images of one channel in grey, of three in colour; of others the first channel.
    pub fn of(images: &Images) -> Self {
        let [_, height, width] = images.shape();
        let columns = (images.len() as f64).sqrt().ceil().max(1.0) as usize;
        let rows = images.len().div_ceil(columns).max(1);
        let sheet = Self { columns, rows, aspect: height as f64 / width as f64, address: Rc::default() };
        // Without a canvas there are no thumbnails; words are left.
        let _ = sheet.paint(images);
        sheet
    }

    fn paint(&self, images: &Images) -> Result<(), JsValue> {
        let [_, height, width] = images.shape();
        let size = [self.columns * width, self.rows * height];
        let canvas: HtmlCanvasElement = make("canvas", "").unchecked_into();
        canvas.set_width(size[0] as u32);
        canvas.set_height(size[1] as u32);
        let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
        let mut pixels = vec![0; 4 * size[0] * size[1]];
        for image in 0..images.len() {
            let corner = [image % self.columns * width, image / self.columns * height];
            copy(images, image, &mut pixels, corner, size[0]);
        }
        let data = ImageData::new_with_u8_clamped_array(Clamped(&pixels), size[0] as u32)?;
        context.put_image_data(&data, 0.0, 0.0)?;
        let kept = self.address.clone();
        let ready = Closure::once_into_js(move |blob: Option<Blob>| {
            // The study may have been closed while the picture was drawn.
            if Rc::strong_count(&kept) > 1 {
                kept.0.set(blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()));
                put_address(&kept);
            }
        });
        canvas.to_blob(ready.unchecked_ref())
    }

    /// Makes it the picture of all thumbnails.
    pub fn put(&self) {
        if let Some(root) = root() {
            style(&root, "--sheet-columns", self.columns);
            style(&root, "--aspect", self.aspect);
        }
        put_address(&self.address);
    }

    /// The style of an element that shows an image; style.css does the rest.
    pub fn place(&self, image: usize) -> String {
        format!("--x:{};--y:{}", image % self.columns, image / self.columns)
    }
}

fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

fn put_address(address: &Address) {
    let known = address.0.take();
    if let (Some(root), Some(known)) = (root(), &known) {
        style(&root, "--sheet", format!("url({known})"));
    }
    address.0.set(known);
}

/// Copies one image into RGBA pixels.
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
