//! The editor's desk: the example on it, what is done to that, and the tools.

use prediction_depth::study::Study;

use super::change::Change;
use super::edit::Edits;
use super::edits_url;
use super::probe_image::Probed;

/// What lies on the desk.
#[derive(Default)]
pub struct Desk {
    /// Whether the editor is open.
    pub open: bool,
    /// The example that is edited.
    pub example: Option<usize>,
    /// What is done to it.
    pub edits: Edits,
    /// The example that is blended in.
    pub other: usize,
    /// Whether a click on a neighbour makes it the other example.
    pub picking: bool,
    /// What paints.
    pub brush: Brush,
    /// What is known of the edited image; none where it is the example as it is.
    pub shown: Option<Shown>,
}

/// A brush and the point, in pixels, over which it is held.
pub struct Brush {
    /// To the right and down.
    pub at: [f32; 2],
    /// Its width, in pixels.
    pub size: f32,
    /// Whether it paints black.
    pub erases: bool,
}

/// An edited image, and what network and probes say of it.
pub struct Shown {
    /// `[channels, height, width]`
    pub image: Vec<u8>,
    /// Depth and votes.
    pub probed: Probed,
    /// Milliseconds from the edit to the page.
    pub ms: f64,
}

impl Default for Brush {
    fn default() -> Self {
        Self { at: [0.0; 2], size: 3.0, erases: false }
    }
}

impl Desk {
    /// Puts an example onto the desk, with `other` to blend in and the brush over its middle; an example that lies
    /// there edited stays as it is. `shape` is that of the images, `[channels, height, width]`.
    pub fn put(&mut self, example: usize, other: usize, shape: [usize; 3]) {
        if self.example == Some(example) && self.edits != Edits::default() {
            return;
        }
        let at = [shape[2], shape[1]].map(|side| (side / 2) as f32 + 0.5);
        let brush = Brush { at, size: self.brush.size, erases: self.brush.erases };
        *self = Self { open: self.open, example: Some(example), other, brush, ..Self::default() };
    }

    /// Takes over the edits that an address names, with the example that is blended in; opens the editor for them.
    pub fn load(&mut self, edits: Edits, other: Option<usize>) -> Change {
        if self.edits == edits {
            return Change::NOTHING;
        }
        self.open |= edits != Edits::default();
        self.other = other.unwrap_or(self.other);
        self.edits = edits;
        Change::EDITS | Change::LOADED_EDITS
    }

    /// The edits as an address says them; none where there are none, or they are of another example.
    pub fn to_url(&self, example: Option<usize>) -> Option<String> {
        let written = edits_url::written(&self.edits, self.other);
        Some(written).filter(|written| !written.is_empty() && self.example == example)
    }

    /// The image as it is edited now, `[channels, height, width]`; empty where no example lies here.
    pub fn image(&self, study: &Study) -> Vec<u8> {
        let Some(example) = self.example else { return Vec::new() };
        let images = &study.images;
        self.edits.apply(images.image(example), images.shape(), images.image(self.other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [1, 28, 28];

    fn desk() -> Desk {
        let mut desk = Desk::default();
        desk.put(7, 3, SHAPE);
        desk
    }

    #[test]
    fn an_edited_example_stays_on_the_desk() {
        let mut desk = desk();
        assert_eq!((desk.example, desk.other, desk.brush.at), (Some(7), 3, [14.5, 14.5]));
        desk.edits.seed = 1;
        desk.put(7, 4, SHAPE);
        assert_eq!((desk.other, desk.edits.seed), (3, 1));
        desk.put(8, 4, SHAPE);
        assert_eq!((desk.example, desk.other, desk.edits.seed), (Some(8), 4, 0));
    }

    #[test]
    fn edits_of_an_address_open_the_editor() {
        let mut desk = desk();
        assert_eq!(desk.load(Edits::default(), Some(5)), Change::NOTHING);
        let change = desk.load(Edits { blur: 1.0, ..Edits::default() }, Some(5));
        assert!(change.touches(Change::EDITS) && desk.open && desk.other == 5);
    }
}
