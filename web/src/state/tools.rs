//! The tools of the editor.

use super::change::Change;
use super::desk::{Brush, Desk};
use super::edit::{Edits, Stroke};
use super::sliders::Slider;

/// One use of a tool.
pub enum Tool {
    /// Moves a slider.
    Slide(&'static Slider, f32),
    /// Selects the example to blend with.
    Other(usize),
    /// Selects a neighbour to blend with.
    Pick(usize),
    /// Starts or ends the selection of a neighbour.
    TogglePicking,
    /// Chooses between drawing and erasing.
    Erase(bool),
    /// Begins a stroke.
    Press([f32; 2]),
    /// Moves the brush to a point; continues the stroke if `draws`.
    Move {
        /// The new position.
        to: [f32; 2],
        /// Whether the last stroke continues.
        draws: bool,
    },
    /// Moves the brush by pixels within the image; if `draws`, with a stroke from its old position.
    Nudge {
        /// Pixels to the right and down.
        by: [f32; 2],
        /// Whether it draws.
        draws: bool,
    },
    /// Draws other noise, with the next seed.
    NextNoise,
    /// Removes the last stroke.
    UndoStroke,
    /// Removes all edits.
    Reset,
    /// Opens or closes the editor.
    Toggle,
}

impl Brush {
    fn stroke(&self, path: Vec<[f32; 2]>) -> Stroke {
        Stroke { path, radius: 0.5 * self.size, value: if self.erases { 0 } else { 255 } }
    }
}

impl Desk {
    /// Applies a tool to an image of this shape, `[channels, height, width]`.
    pub fn apply(&mut self, tool: Tool, shape: [usize; 3]) -> Change {
        let altered = Change::EDITS | Change::TOOLS;
        match tool {
            Tool::Slide(slider, value) => (slider.set)(self, value),
            Tool::Other(other) => {
                self.other = other;
                return Change::EDITS; // keeps the field that the user types in
            }
            Tool::Pick(example) => {
                (self.other, self.picking) = (example, false);
                self.edits.blend = if self.edits.blend > 0.0 { self.edits.blend } else { 0.5 };
            }
            Tool::Press(at) => {
                self.brush.at = at;
                self.edits.strokes.push(self.brush.stroke(vec![at]));
            }
            Tool::Move { to, draws } => {
                self.brush.at = to;
                if let Some(stroke) = self.edits.strokes.last_mut().filter(|_| draws) {
                    stroke.path.push(to);
                }
                return if draws { altered } else { Change::TOOLS };
            }
            Tool::Nudge { by, draws } => {
                let from = self.brush.at;
                let limit = |axis: usize, side: usize| (from[axis] + by[axis]).clamp(0.5, side as f32 - 0.5);
                self.brush.at = [limit(0, shape[2]), limit(1, shape[1])];
                if !draws {
                    return Change::TOOLS;
                }
                self.edits.strokes.push(self.brush.stroke(vec![from, self.brush.at]));
            }
            Tool::NextNoise => self.edits.seed = self.edits.seed.wrapping_add(1),
            Tool::UndoStroke => drop(self.edits.strokes.pop()),
            Tool::Reset => (self.edits, self.picking) = (Edits::default(), false),
            Tool::TogglePicking => {
                self.picking = !self.picking;
                return Change::TOOLS;
            }
            Tool::Erase(erases) => {
                self.brush.erases = erases;
                return Change::TOOLS;
            }
            Tool::Toggle => {
                (self.open, self.picking) = (!self.open, false);
                return Change::TOOLS | Change::EDITOR;
            }
        }
        altered
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
    fn strokes_follow_the_brush() {
        let mut desk = desk();
        assert_eq!(desk.apply(Tool::Move { to: [1.0, 2.0], draws: false }, SHAPE), Change::TOOLS);
        assert_eq!(desk.apply(Tool::Press([3.0, 4.0]), SHAPE), Change::EDITS | Change::TOOLS);
        desk.apply(Tool::Move { to: [5.0, 4.0], draws: true }, SHAPE);
        desk.apply(Tool::Nudge { by: [0.0, -9.0], draws: true }, SHAPE);
        let paths: Vec<_> = desk.edits.strokes.iter().map(|stroke| stroke.path.clone()).collect();
        assert_eq!(paths, [vec![[3.0, 4.0], [5.0, 4.0]], vec![[5.0, 4.0], [5.0, 0.5]]]);
        desk.apply(Tool::UndoStroke, SHAPE);
        assert_eq!(desk.edits.strokes.len(), 1);
        assert_eq!(desk.to_url(Some(7)).as_deref(), Some("draw:1.5:3:4:5:4"));
        assert_eq!(desk.to_url(Some(8)), None);
    }

    #[test]
    fn a_picked_neighbour_is_blended_in() {
        let mut desk = desk();
        desk.apply(Tool::TogglePicking, SHAPE);
        assert!(desk.picking);
        desk.apply(Tool::Pick(20), SHAPE);
        assert_eq!((desk.picking, desk.other, desk.edits.blend), (false, 20, 0.5));
        desk.apply(Tool::Reset, SHAPE);
        assert_eq!(desk.edits, Edits::default());
    }
}
