//! Map of validation depth against training depth, which separates the kinds of difficulty.

use super::palette::Color;
use super::svg::{Attribute, Svg, round};
use super::text::{LINE, count, counted};
use crate::difficulty::{Cuts, Kind};

/// Cells per layer, along either axis.
const FINE: usize = 2;
/// Width at the left for tick labels and the axis's title.
const LEFT: f64 = 48.0;
/// Minimum side of a square, as a fraction of its cell's side.
const LEAST: f64 = 0.22;

/// Positions of the map's cells, so that a page can map the pointer to a cell. Cell 0 is centred at depth 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map {
    /// Number of cells along either axis.
    pub cells: usize,
    /// Width of the viewBox.
    pub width: f64,
    /// Left and upper end of all cells.
    pub corner: [f64; 2],
    /// Width and height of a cell.
    pub cell: [f64; 2],
}

impl Map {
    /// Computes the map that [`difficulty_map`] draws at this width, for this number of layers.
    pub fn new(width: f64, layers: usize) -> Self {
        let width = super::at_least(width);
        let cells = FINE * layers + 1;
        let side = (width - LEFT - 6.0) / cells as f64;
        let height = (0.6 * (width - LEFT - 6.0)).clamp(180.0, 340.0) / cells as f64;
        Self { cells, width, corner: [LEFT, 2.0 * LINE + 10.0], cell: [side, height] }
    }

    /// Returns the cell of a mean depth; `None` for NaN.
    pub fn cell_of(&self, depth: f64) -> Option<usize> {
        (depth >= 0.0).then(|| ((depth * FINE as f64).round() as usize).min(self.cells - 1))
    }

    /// Returns the cell nearest to a point of the viewBox, `[across, up]`.
    pub fn cell_at(&self, [x, y]: [f64; 2]) -> [usize; 2] {
        let place = |along: f64| (along.max(0.0) as usize).min(self.cells - 1);
        let down = place((y - self.corner[1]) / self.cell[1]);
        [place((x - self.corner[0]) / self.cell[0]), self.cells - 1 - down]
    }

    /// Returns the first cell above each cut, `[across, up]`. A cell at a cut counts as low.
    pub fn beyond(&self, cuts: Cuts) -> [usize; 2] {
        [cuts.validation, cuts.training].map(|cut| self.cell_of(cut).map_or(self.cells, |cell| cell + 1))
    }

    fn bottom(&self) -> f64 {
        self.corner[1] + self.cells as f64 * self.cell[1]
    }
}

/// Draws how many examples have each pair of mean depths.
///
/// - `points`: `[validation, training]` for each example: its mean depth over the models that did not train on it
///   (across) and over those that did (up). Examples with only one of the two are left out.
/// - `cuts`: where given, two lines separate low from high, and the description counts the kinds of difficulty.
/// - `width`: see [`WIDTH`](super::WIDTH).
///
/// A cell is `<g class="cell" data-across="3" data-up="0">`; the area of its square grows with the number of its
/// examples.
pub fn difficulty_map(width: f64, layers: usize, points: &[[f64; 2]], cuts: Option<Cuts>) -> String {
    let map = Map::new(width, layers);
    let mut counts = vec![vec![0_usize; map.cells]; map.cells];
    for &[validation, training] in points {
        if let (Some(across), Some(up)) = (map.cell_of(validation), map.cell_of(training)) {
            counts[up][across] += 1;
        }
    }
    let shown: usize = counts.iter().flatten().sum();
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let size = [map.width, map.bottom() + 3.0 * LINE + 8.0];
    let summary = match cuts {
        Some(cuts) => by_kind(points, cuts, shown),
        None => format!("{} with both depths.", counted(shown, "example")),
    };
    Svg::figure(size, "Validation depth and training depth", &summary, |svg| {
        svg.colored(&Color::grid(), |svg| frame(svg, &map, layers));
        if let Some(cuts) = cuts {
            svg.colored(&Color::muted(), |svg| lines(svg, &map, cuts));
        }
        svg.colored(&Color::muted(), |svg| svg.group(&[("fill", &"currentColor")], |svg| words(svg, &map, layers)));
        svg.colored(&Color::series(0), |svg| {
            for (up, row) in counts.iter().enumerate() {
                for (across, &here) in row.iter().enumerate().filter(|(_, here)| **here > 0) {
                    let share = (here as f64 / most as f64).sqrt();
                    cell(svg, &map, [across, up], here, LEAST + (0.94 - LEAST) * share);
                }
            }
        });
    })
}

fn cell(svg: &mut Svg, map: &Map, [across, up]: [usize; 2], here: usize, share: f64) {
    let [wide, high] = map.cell.map(|side| share * side);
    let middle = [map.corner[0] + (across as f64 + 0.5) * map.cell[0], map.bottom() - (up as f64 + 0.5) * map.cell[1]];
    let attributes: [Attribute; 3] = [("class", &"cell"), ("data-across", &across), ("data-up", &up)];
    svg.group(&attributes, |svg| {
        let depth = |cell: usize| cell as f64 / FINE as f64;
        let (validation, training) = (depth(across), depth(up));
        svg.words(
            "title",
            &[],
            &format!(
                "validation depth about {validation}, training depth about {training}: {}",
                counted(here, "example")
            ),
        );
        let place = [round(middle[0] - 0.5 * wide), round(middle[1] - 0.5 * high)];
        let sides = [round(wide), round(high)];
        svg.leaf(
            "rect",
            &[
                ("x", &place[0]),
                ("y", &place[1]),
                ("width", &sides[0]),
                ("height", &sides[1]),
                ("fill", &"currentColor"),
            ],
        );
    });
}

fn frame(svg: &mut Svg, map: &Map, layers: usize) {
    let [left, top] = map.corner;
    let (right, bottom) = (left + map.cells as f64 * map.cell[0], map.bottom());
    let mut path = format!("M{} {}H{}V{}H{}Z", round(left), round(top), round(right), round(bottom), round(left));
    for depth in 0..=layers {
        let along = (FINE * depth) as f64 + 0.5;
        path += &format!("M{} {}v5", round(left + along * map.cell[0]), round(bottom));
        path += &format!("M{} {}h-5", round(left), round(bottom - along * map.cell[1]));
    }
    svg.leaf("path", &[("d", &path), ("stroke", &"currentColor"), ("fill", &"none")]);
}

fn words(svg: &mut Svg, map: &Map, layers: usize) {
    let [left, top] = map.corner;
    let (right, bottom) = (left + map.cells as f64 * map.cell[0], map.bottom());
    let mut at = |x: f64, y: f64, anchor: &str, words: &str| {
        svg.words("text", &[("x", &round(x)), ("y", &round(y)), ("text-anchor", &anchor)], words);
    };
    at(2.0, 12.0, "start", "training depth (mean)");
    for depth in 0..=layers {
        let along = (FINE * depth) as f64 + 0.5;
        at(left + along * map.cell[0], bottom + 18.0, "middle", &depth.to_string());
        at(left - 8.0, bottom - along * map.cell[1] + 4.5, "end", &depth.to_string());
    }
    let [easy, other, labeled, ambiguous] = Kind::ALL.map(Kind::name);
    at(left, top - 6.0, "start", other);
    at(right, top - 6.0, "end", ambiguous);
    at(left, bottom + 18.0 + LINE, "start", easy);
    at(right, bottom + 18.0 + LINE, "end", labeled);
    at(0.5 * (left + right), bottom + 18.0 + 2.0 * LINE, "middle", "validation depth (mean)");
}

/// Draws the lines at the cuts.
fn lines(svg: &mut Svg, map: &Map, cuts: Cuts) {
    let [across, up] = map.beyond(cuts);
    let [left, top] = map.corner;
    let (right, bottom) = (left + map.cells as f64 * map.cell[0], map.bottom());
    let x = round(left + across as f64 * map.cell[0]);
    let y = round(bottom - up as f64 * map.cell[1]);
    let path = format!("M{x} {}V{}M{} {y}H{}", round(top), round(bottom), round(left), round(right));
    svg.leaf(
        "path",
        &[
            ("class", &"cuts"),
            ("d", &path),
            ("stroke", &"currentColor"),
            ("stroke-dasharray", &"4 3"),
            ("fill", &"none"),
        ],
    );
}

/// Counts the examples of each kind, in words.
fn by_kind(points: &[[f64; 2]], cuts: Cuts, shown: usize) -> String {
    let of_kind = |kind: Kind| points.iter().filter(|&&point| cuts.kind(point) == Some(kind)).count();
    let Cuts { validation, training } = cuts;
    let (shown, kinds) = (counted(shown, "example"), by_name(of_kind));
    format!(
        "{shown} with both depths. High are validation depths above {validation:.2} and training depths above {training:.2}: {kinds}."
    )
}

fn by_name(of_kind: impl Fn(Kind) -> usize) -> String {
    Kind::ALL.map(|kind| format!("{} {}", kind.name(), count(of_kind(kind)))).join(", ")
}
