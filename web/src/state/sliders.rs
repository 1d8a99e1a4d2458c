//! The sliders of the editor.

use super::desk::Desk;

/// A value of the editor with its range.
pub struct Slider {
    /// Name in the `id` of its element.
    pub name: &'static str,
    /// Displayed label.
    pub label: &'static str,
    /// Minimum and maximum.
    pub range: [f32; 2],
    /// Difference between neighbouring values.
    pub step: f32,
    /// Unit after the number.
    pub unit: &'static str,
    /// Reads the value.
    pub get: fn(&Desk) -> f32,
    /// Sets the value.
    pub set: fn(&mut Desk, f32),
}

/// All sliders, top to bottom.
pub static SLIDERS: [Slider; 7] = [
    Slider {
        name: "brush",
        label: "brush",
        range: [1.0, 12.0],
        step: 1.0,
        unit: " px",
        get: |desk| desk.brush.size,
        set: |desk, value| desk.brush.size = value,
    },
    Slider {
        name: "rotation",
        label: "rotate",
        range: [-180.0, 180.0],
        step: 1.0,
        unit: "°",
        get: |desk| desk.edits.rotation,
        set: |desk, value| desk.edits.rotation = value,
    },
    Slider {
        name: "right",
        label: "right",
        range: [-14.0, 14.0],
        step: 0.5,
        unit: " px",
        get: |desk| desk.edits.shift[0],
        set: |desk, value| desk.edits.shift[0] = value,
    },
    Slider {
        name: "down",
        label: "down",
        range: [-14.0, 14.0],
        step: 0.5,
        unit: " px",
        get: |desk| desk.edits.shift[1],
        set: |desk, value| desk.edits.shift[1] = value,
    },
    Slider {
        name: "blur",
        label: "blur",
        range: [0.0, 5.0],
        step: 0.1,
        unit: " px",
        get: |desk| desk.edits.blur,
        set: |desk, value| desk.edits.blur = value,
    },
    Slider {
        name: "noise",
        label: "noise",
        range: [0.0, 0.5],
        step: 0.01,
        unit: "",
        get: |desk| desk.edits.noise,
        set: |desk, value| desk.edits.noise = value,
    },
    Slider {
        name: "blend",
        label: "blend",
        range: [0.0, 1.0],
        step: 0.05,
        unit: "",
        get: |desk| desk.edits.blend,
        set: |desk, value| desk.edits.blend = value,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slider_reads_what_it_set_and_no_other_number() {
        for slider in &SLIDERS {
            let mut desk = Desk::default();
            let before: Vec<f32> = SLIDERS.iter().map(|slider| (slider.get)(&desk)).collect();
            (slider.set)(&mut desk, slider.range[1]);
            for (other, before) in SLIDERS.iter().zip(before) {
                let expected = if other.name == slider.name { slider.range[1] } else { before };
                assert_eq!((other.get)(&desk), expected, "{} after {}", other.name, slider.name);
            }
        }
    }
}
