//! Edits in a URL:
//! `blend:0.5,with:123,rotation:-15,right:1,down:2,draw:1.5:10.5:3.5:11.5:3.5,blur:1.2,noise:0.1,seed:3`. A stroke is
//! its radius, then x and y of each point, in pixels.

use super::edit::{Edits, Stroke};

/// Maximum number of points read from a URL, so that no URL can block a page.
const POINTS: usize = 2000;

/// Formats the edits and the example to blend with; empty without edits. Numbers keep two decimals, which is precise
/// enough for drawing by hand.
pub fn written(edits: &Edits, other: usize) -> String {
    let mut parts = Vec::new();
    let mut number = |name: &str, value: f32| {
        if value != 0.0 {
            parts.push(format!("{name}:{}", short(value)));
        }
    };
    number("blend", edits.blend);
    number("rotation", edits.rotation);
    number("right", edits.shift[0]);
    number("down", edits.shift[1]);
    number("blur", edits.blur);
    number("noise", edits.noise);
    if edits.blend != 0.0 {
        parts.push(format!("with:{other}"));
    }
    if edits.seed != 0 {
        parts.push(format!("seed:{}", edits.seed));
    }
    for stroke in &edits.strokes {
        let name = if stroke.value == 0 { "erase" } else { "draw" };
        let numbers = std::iter::once(stroke.radius).chain(stroke.path.iter().flatten().copied());
        parts.push(std::iter::once(name.to_owned()).chain(numbers.map(short)).collect::<Vec<_>>().join(":"));
    }
    parts.join(",")
}

/// Parses the edits, and the example to blend with if one is named. Ignores unknown parts, and values outside a
/// slider's range.
pub fn read(text: &str) -> (Edits, Option<usize>) {
    let (mut edits, mut other, mut points) = (Edits::default(), None, 0);
    for part in text.split(',') {
        let (name, values) = part.split_once(':').unwrap_or((part, ""));
        let within = |low: f32, high: f32| values.parse().ok().filter(|value| (low..=high).contains(value));
        match name {
            "blend" => edits.blend = within(0.0, 1.0).unwrap_or_default(),
            "rotation" => edits.rotation = within(-180.0, 180.0).unwrap_or_default(),
            "right" => edits.shift[0] = within(-100.0, 100.0).unwrap_or_default(),
            "down" => edits.shift[1] = within(-100.0, 100.0).unwrap_or_default(),
            "blur" => edits.blur = within(0.0, 10.0).unwrap_or_default(),
            "noise" => edits.noise = within(0.0, 10.0).unwrap_or_default(),
            "with" => other = values.parse().ok(),
            "seed" => edits.seed = values.parse().unwrap_or_default(),
            "draw" | "erase" => {
                let stroke = stroke(values, if name == "draw" { 255 } else { 0 });
                points += stroke.as_ref().map_or(0, |stroke| stroke.path.len());
                edits.strokes.extend(stroke.filter(|_| points <= POINTS));
            }
            _ => {}
        }
    }
    (edits, other)
}

fn stroke(values: &str, value: u8) -> Option<Stroke> {
    let numbers: Option<Vec<f32>> = values.split(':').map(|number| number.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.iter().all(|number| number.abs() <= 10_000.0))?;
    let (&radius, path) = numbers.split_first()?;
    let (path, rest) = path.as_chunks();
    (radius > 0.0 && rest.is_empty() && !path.is_empty()).then(|| Stroke { path: path.to_vec(), radius, value })
}

/// Formats without zeros at the end.
fn short(value: f32) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_come_back_from_their_line() {
        let edits = Edits {
            blend: 0.25,
            rotation: -15.0,
            shift: [1.5, 0.0],
            strokes: vec![
                Stroke { path: vec![[10.5, 3.25], [11.0, 3.0]], radius: 1.5, value: 255 },
                Stroke { path: vec![[0.5, 0.5]], radius: 3.0, value: 0 },
            ],
            blur: 1.2,
            noise: 0.1,
            seed: 7,
        };
        let line = written(&edits, 12);
        assert_eq!(
            line,
            "blend:0.25,rotation:-15,right:1.5,blur:1.2,noise:0.1,with:12,seed:7,draw:1.5:10.5:3.25:11:3,erase:3:0.5:0.5"
        );
        assert_eq!(read(&line), (edits, Some(12)));
        assert_eq!(written(&Edits::default(), 12), "");
        assert_eq!(read(""), (Edits::default(), None));
    }

    #[test]
    fn what_no_hand_could_do_is_ignored() {
        let wild = "blur:1e9,noise:NaN,rotation:inf,blend:2,right:-1000,draw:1:2,draw:0:1:1,draw:x:1:1,erase:1:1e9:1,colour:3,,:";
        assert_eq!(read(wild), (Edits::default(), None));
        let endless = format!("draw:1{}", ":1:2".repeat(POINTS + 1));
        assert_eq!(read(&endless), (Edits::default(), None));
    }
}
