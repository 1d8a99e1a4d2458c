//! State of the editor: its example, edits and tools.

use prediction_depth::study::Study;

use super::change::Change;
use super::edit::Edits;
use super::edits_url;
use super::probe_image::Probed;

/// The editor.
#[derive(Default)]
pub struct Desk {
    /// Whether the editor is open.
    pub open: bool,
    /// The example that is edited.
    pub example: Option<usize>,
    /// The edits.
    pub edits: Edits,
    /// The example to blend with.
    pub other: usize,
    /// Whether a click on a neighbour selects it as the example to blend with.
    pub picking: bool,
    /// The brush.
    pub brush: Brush,
    /// The measurement of the edited image; `None` without edits.
    pub shown: Option<Shown>,
}

/// The brush and its position.
pub struct Brush {
    /// Position in pixels, to the right and down.
    pub at: [f32; 2],
    /// Diameter, in pixels.
    pub size: f32,
    /// Whether it paints black, to erase.
    pub erases: bool,
}

/// An edited image and its measurement.
pub struct Shown {
    /// Pixels, `[channels, height, width]`.
    pub image: Vec<u8>,
    /// Depth and votes.
    pub probed: Probed,
    /// Milliseconds from the edit until the page showed it.
    pub ms: f64,
}

impl Default for Brush {
    fn default() -> Self {
        Self { at: [0.0; 2], size: 3.0, erases: false }
    }
}

impl Desk {
    /// Starts to edit an example, with `other` to blend with and the brush in the middle. If this example is being
    /// edited already, keeps its edits. `shape`: that of the images, `[channels, height, width]`.
    pub fn put(&mut self, example: usize, other: usize, shape: [usize; 3]) {
        if self.example == Some(example) && self.edits != Edits::default() {
            return;
        }
        let at = [shape[2], shape[1]].map(|side| (side / 2) as f32 + 0.5);
        let brush = Brush { at, size: self.brush.size, erases: self.brush.erases };
        *self = Self { open: self.open, example: Some(example), other, brush, ..Self::default() };
    }

    /// Applies the edits of a URL, with the example to blend with; opens the editor for them.
    pub fn load(&mut self, edits: Edits, other: Option<usize>) -> Change {
        if self.edits == edits {
            return Change::NOTHING;
        }
        self.open |= edits != Edits::default();
        self.other = other.unwrap_or(self.other);
        self.edits = edits;
        Change::EDITS | Change::LOADED_EDITS
    }

    /// Returns the edits in the URL's format; `None` without edits, or if they belong to another example.
    pub fn to_url(&self, example: Option<usize>) -> Option<String> {
        let written = edits_url::written(&self.edits, self.other);
        Some(written).filter(|written| !written.is_empty() && self.example == example)
    }

    /// Returns the edited image, `[channels, height, width]`; empty without an example or without images.
    pub fn image(&self, study: &Study) -> Vec<u8> {
        let Some(example) = self.example else { return Vec::new() };
        let Some(images) = study.images() else { return Vec::new() };
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
