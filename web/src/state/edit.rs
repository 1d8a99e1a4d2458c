//! Edits of an image. The edited image is a function of the image and its [`Edits`]; nothing else is stored.
//!
//! Images are values 0 to 255 of shape [channels, height, width].

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// The edits of an image, applied in this order: blend, rotation and shift, strokes, blur, noise. (Strokes stay where
/// they were drawn, so they follow rotation and shift. Blur and noise affect everything.)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// Weight of the other image, 0 to 1.
    pub blend: f32,
    /// Rotation in degrees, clockwise, about the middle.
    pub rotation: f32,
    /// Shift in pixels, to the right and down.
    pub shift: [f32; 2],
    /// Strokes of the brush, first to last.
    pub strokes: Vec<Stroke>,
    /// Standard deviation of the Gaussian, in pixels.
    pub blur: f32,
    /// Standard deviation of the noise, where black to white is 1.
    pub noise: f32,
    /// Seed of the noise.
    pub seed: u32,
}

/// A stroke of the brush.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Points of the stroke, x and y in pixels; the middle of the first pixel is [0.5, 0.5].
    pub path: Vec<[f32; 2]>,
    /// Radius of the brush, in pixels.
    pub radius: f32,
    /// Brightness of the paint: 255 draws, 0 erases.
    pub value: u8,
}

impl Edits {
    /// Returns the edited image; `other`, of the same size, is blended in.
    pub fn apply(&self, image: &[u8], shape: [usize; 3], other: &[u8]) -> Vec<u8> {
        let [_, height, width] = shape;
        let mut values: Vec<f32> = image.iter().map(|&value| f32::from(value)).collect();
        for (value, &other) in values.iter_mut().zip(other) {
            *value += self.blend * (f32::from(other) - *value);
        }
        for plane in values.chunks_exact_mut(height * width) {
            if self.rotation != 0.0 || self.shift != [0.0; 2] {
                plane.copy_from_slice(&moved(plane, width, self.rotation, self.shift));
            }
            for stroke in &self.strokes {
                stroke.paint(plane, width);
            }
            if self.blur > 0.0 {
                blur(plane, width, self.blur);
            }
        }
        if self.noise > 0.0 {
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed.into());
            for value in &mut values {
                let drawn: f32 = StandardNormal.sample(&mut rng);
                *value += 255.0 * self.noise * drawn;
            }
        }
        values.into_iter().map(|value| value.round().clamp(0.0, 255.0) as u8).collect()
    }
}

/// Rotates and shifts: interpolates each pixel between the four nearest pixels at its original position; black outside.
fn moved(plane: &[f32], width: usize, rotation: f32, shift: [f32; 2]) -> Vec<f32> {
    let height = plane.len() / width;
    let middle = [width, height].map(|side| 0.5 * (side as f32 - 1.0));
    let (sin, cos) = rotation.to_radians().sin_cos();
    let at = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
        if inside { plane[y as usize * width + x as usize] } else { 0.0 }
    };
    let place = |index: usize| [(index % width) as f32, (index / width) as f32];
    let value = |index: usize| {
        let [x, y] = place(index);
        let [dx, dy] = [x - middle[0] - shift[0], y - middle[1] - shift[1]];
        let [x, y] = [cos * dx + sin * dy + middle[0], cos * dy - sin * dx + middle[1]];
        let [left, top] = [x.floor(), y.floor()];
        let [right, down] = [x - left, y - top];
        let upper = (1.0 - right) * at(left, top) + right * at(left + 1.0, top);
        let lower = (1.0 - right) * at(left, top + 1.0) + right * at(left + 1.0, top + 1.0);
        (1.0 - down) * upper + down * lower
    };
    (0..plane.len()).map(value).collect()
}

/// Gaussian blur, cut off at three standard deviations. At its borders the image is mirrored, which keeps the mean.
fn blur(plane: &mut [f32], width: usize, deviation: f32) {
    let height = plane.len() / width;
    let radius = (3.0 * deviation).ceil() as usize;
    let weight = |offset: usize| (-0.5 * (offset as f32 / deviation).powi(2)).exp();
    let weights: Vec<f32> = (0..=2 * radius).map(|at| weight(at.abs_diff(radius))).collect();
    let total: f32 = weights.iter().sum();
    for (count, step, lines, stride) in [(width, 1, height, width), (height, width, width, 1)] {
        for line in 0..lines {
            let before: Vec<f32> = (0..count).map(|at| plane[line * stride + at * step]).collect();
            for at in 0..count {
                let seen = |(tap, weight): (usize, &f32)| weight * before[mirrored(at + tap, radius, count)];
                plane[line * stride + at * step] = weights.iter().enumerate().map(seen).sum::<f32>() / total;
            }
        }
    }
}

/// Returns the index for position `at - radius` of a line that is mirrored at both ends.
fn mirrored(at: usize, radius: usize, count: usize) -> usize {
    let period = 2 * count;
    let place = (at + radius * (period - 1)) % period;
    place.min(period - 1 - place)
}

impl Stroke {
    /// Paints pixels in proportion to their approximate coverage by the brush.
    fn paint(&self, plane: &mut [f32], width: usize) {
        for (index, value) in plane.iter_mut().enumerate() {
            let pixel = [(index % width) as f32 + 0.5, (index / width) as f32 + 0.5];
            let cover = (self.radius + 0.5 - self.distance(pixel)).clamp(0.0, 1.0);
            *value += cover * (f32::from(self.value) - *value);
        }
    }

    /// Returns the distance from the path to a point; infinite without a path.
    fn distance(&self, point: [f32; 2]) -> f32 {
        let ends = self.path.iter().zip(self.path.iter().skip(1).chain(self.path.last()));
        ends.map(|(&from, &to)| to_segment(point, from, to)).fold(f32::INFINITY, f32::min)
    }
}

fn to_segment(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let away = [point[0] - from[0], point[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 { (away[0] * along[0] + away[1] * along[1]) / length } else { 0.0 }.clamp(0.0, 1.0);
    (away[0] - share * along[0]).hypot(away[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: [u8; 9] = [10, 20, 30, 40, 50, 60, 70, 80, 90];

    fn of_nine(edits: &Edits) -> Vec<u8> {
        edits.apply(&NINE, [1, 3, 3], &[])
    }

    fn bytes(values: &[f32]) -> Vec<u8> {
        values.iter().map(|value| value.round() as u8).collect()
    }

    #[test]
    fn no_edit_changes_nothing() {
        assert_eq!(Edits::default().apply(&NINE, [1, 3, 3], &[255; 9]), NINE);
        assert_eq!(Edits { seed: 7, ..Edits::default() }.apply(&NINE, [1, 3, 3], &[255; 9]), NINE);
    }

    #[test]
    fn a_shift_moves_pixels_and_goes_between_them() {
        let right = Edits { shift: [1.0, 0.0], ..Edits::default() };
        assert_eq!(of_nine(&right), [0, 10, 20, 0, 40, 50, 0, 70, 80]);
        let up = Edits { shift: [0.0, -1.0], ..Edits::default() };
        assert_eq!(of_nine(&up), [40, 50, 60, 70, 80, 90, 0, 0, 0]);
        let half = Edits { shift: [0.5, 0.0], ..Edits::default() };
        assert_eq!(of_nine(&half), [5, 15, 25, 20, 45, 55, 35, 75, 85]);
    }

    #[test]
    fn a_rotation_is_clockwise_about_the_middle() {
        let quarter = Edits { rotation: 90.0, ..Edits::default() };
        assert_eq!(of_nine(&quarter), [70, 40, 10, 80, 50, 20, 90, 60, 30]);
        // Before a rotation by 45 degrees, the pixel right of the middle was up to the right: at (0.7071, -0.7071).
        let [near, far] = [1.0 - std::f32::consts::FRAC_1_SQRT_2, std::f32::consts::FRAC_1_SQRT_2];
        let expected = near * near * 50.0 + near * far * (60.0 + 20.0) + far * far * 30.0;
        let eighth = of_nine(&Edits { rotation: 45.0, ..Edits::default() });
        assert_eq!([eighth[4], eighth[5]], [50, expected.round() as u8]);
    }

    #[test]
    fn channels_are_moved_each_for_itself() {
        let edits = Edits { shift: [1.0, 0.0], ..Edits::default() };
        assert_eq!(edits.apply(&[1, 2, 3, 4], [2, 1, 2], &[]), [0, 1, 0, 3]);
    }

    #[test]
    fn a_blend_goes_from_one_image_to_the_other() {
        let of = |blend| Edits { blend, ..Edits::default() }.apply(&[0, 100, 200], [1, 1, 3], &[100, 100, 0]);
        assert_eq!([of(0.25), of(1.0)], [[25, 100, 150], [100, 100, 0]]);
    }

    #[test]
    fn a_blur_has_the_gaussian_weights_and_keeps_the_mean() {
        let mut line = vec![0.0, 0.0, 0.0, 0.0, 255.0, 0.0, 0.0, 0.0, 0.0];
        blur(&mut line, 9, 1.0);
        // exp(0), exp(-1/2), exp(-2), exp(-9/2) over the sum of all seven
        let weights = [1.0, 0.606_530_7, 0.135_335_3, 0.011_108_997];
        let total = 1.0 + 2.0 * (weights[1] + weights[2] + weights[3]);
        for (offset, weight) in weights.iter().enumerate() {
            assert!((line[4 + offset] - 255.0 * weight / total).abs() < 1e-3, "{line:?}");
            assert_eq!(line[4 + offset], line[4 - offset]);
        }
        for deviation in [0.3, 1.0, 5.0] {
            let mut plane: Vec<f32> = NINE.iter().map(|&value| value.into()).collect();
            plane[0] = 255.0;
            let before: f32 = plane.iter().sum();
            blur(&mut plane, 3, deviation);
            assert!((plane.iter().sum::<f32>() - before).abs() < 1e-2, "{plane:?}");
        }
    }

    #[test]
    fn noise_is_that_of_its_seed_and_as_strong_as_asked() {
        let grey = vec![128; 4096];
        let of = |noise, seed| Edits { noise, seed, ..Edits::default() }.apply(&grey, [1, 64, 64], &[]);
        assert_eq!(of(0.1, 1), of(0.1, 1));
        assert_ne!(of(0.1, 1), of(0.1, 2));
        let away: f32 = of(0.1, 1).iter().map(|&value| (f32::from(value) - 128.0).powi(2)).sum();
        let deviation = (away / 4096.0).sqrt();
        assert!((deviation - 25.5).abs() < 1.0, "{deviation}");
    }

    #[test]
    fn a_stroke_covers_what_it_passes_and_erasing_makes_it_black() {
        let middle = |value| Stroke { path: vec![[1.5, 1.5]], radius: 0.5, value };
        let drawn = Edits { strokes: vec![middle(255)], ..Edits::default() };
        assert_eq!(of_nine(&drawn), [10, 20, 30, 40, 255, 60, 70, 80, 90]);
        let erased = Edits { strokes: vec![middle(255), middle(0)], ..Edits::default() };
        assert_eq!(of_nine(&erased), [10, 20, 30, 40, 0, 60, 70, 80, 90]);
        let row = Stroke { path: vec![[0.5, 0.5], [2.5, 0.5]], radius: 1.0, value: 255 };
        let mut plane = NINE.map(f32::from);
        row.paint(&mut plane, 3);
        // The distance of the second row is one pixel: half covered.
        assert_eq!(bytes(&plane), bytes(&[255.0, 255.0, 255.0, 147.5, 152.5, 157.5, 70.0, 80.0, 90.0]));
    }

    #[test]
    fn paint_stays_where_it_is_put_and_is_blurred() {
        let stroke = Stroke { path: vec![[0.5, 0.5]], radius: 0.5, value: 255 };
        let shifted = Edits { shift: [1.0, 0.0], strokes: vec![stroke.clone()], ..Edits::default() };
        assert_eq!(of_nine(&shifted)[..2], [255, 10]);
        let blurred = Edits { strokes: vec![stroke], blur: 1.0, ..Edits::default() };
        assert!(of_nine(&blurred)[0] < 255 && of_nine(&blurred)[1] > 20);
    }
}
