//! Random cropping and mirroring of images, as the recipe sets it.

use candle_core::{Device, Tensor};
use rand::RngExt;

use super::Augmentation;
use crate::error::{Error, Result};
use crate::random::{Stream, generator_of};

impl Augmentation {
    /// Returns whether images stay unchanged.
    pub fn is_none(&self) -> bool {
        self.crop == 0 && !self.flip
    }

    /// Checks that each crop of an image of these sides, [height, width], shows a part of it.
    ///
    /// # Errors
    /// [`Error::Setting`] for too much padding.
    pub fn check(&self, sides: [usize; 2]) -> Result<()> {
        let least = sides.into_iter().min().unwrap_or_default();
        if self.crop == 0 || self.crop < least {
            return Ok(());
        }
        let [height, width] = sides;
        let remedy = format!("choose less than {least}: a crop of {height} x {width} pixels could miss the image");
        Err(Error::Setting { name: "crop", value: self.crop.to_string(), remedy })
    }

    /// Augments each image of a batch [n, channels, height, width]. The draws depend only on seed and step, so that a
    /// resumed training draws the same.
    pub(super) fn apply(&self, batch: &Tensor, seed: u64, step: usize) -> Result<Tensor> {
        let (images, channels, height, width) = batch.dims4()?;
        let values = batch.flatten_all()?.to_vec1::<f32>()?;
        let mut rng = generator_of(seed, Stream::Augmentation, step as u64);
        let mut changed = Vec::with_capacity(values.len());
        for image in values.chunks_exact((channels * height * width).max(1)) {
            let [down, right] = [(); 2].map(|()| rng.random_range(0..=2 * self.crop as u64) as isize);
            let mirrored = self.flip && rng.random_range(0..2_u64) == 1;
            let padding = self.crop as isize;
            let at = |plane: &[f32], row: usize, column: usize| {
                let column = if mirrored { width - 1 - column } else { column } as isize + right - padding;
                let row = row as isize + down - padding;
                let inside = (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
                if inside { plane[row as usize * width + column as usize] } else { 0.0 }
            };
            for plane in image.chunks_exact(height * width) {
                changed.extend((0..height * width).map(|place| at(plane, place / width, place % width)));
            }
        }
        Ok(Tensor::from_vec(changed, (images, channels, height, width), &Device::Cpu)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Tensor {
        let values: Vec<f32> = (1..=64 * 12).map(|value| value as f32).collect();
        Tensor::from_vec(values, (64, 1, 3, 4), &Device::Cpu).expect("a batch")
    }

    fn images(of: &Tensor) -> Vec<Vec<f32>> {
        of.flatten_from(1).and_then(|rows| rows.to_vec2()).expect("values")
    }

    #[test]
    fn mirroring_turns_about_half_of_the_images_and_nothing_else() {
        let flip = Augmentation { crop: 0, flip: true };
        let changed = images(&flip.apply(&batch(), 1, 1).expect("a batch"));
        let mirrored = |image: &[f32]| image.chunks(4).flat_map(|row| row.iter().rev().copied()).collect::<Vec<_>>();
        let turned = images(&batch())
            .iter()
            .zip(&changed)
            .filter(|(before, after)| {
                assert!(before == after || mirrored(before) == **after);
                before != after
            })
            .count();
        assert!((16..=48).contains(&turned), "{turned}");
    }

    #[test]
    fn cropping_shifts_by_at_most_the_padding_and_fills_with_zero() {
        let crop = Augmentation { crop: 1, flip: false };
        let changed = images(&crop.apply(&batch(), 2, 1).expect("a batch"));
        let mut shifts = std::collections::BTreeSet::new();
        for (before, after) in images(&batch()).iter().zip(&changed) {
            let shifted = |down: isize, right: isize| -> Vec<f32> {
                let at = |row: isize, column: isize| match (0..3).contains(&row) && (0..4).contains(&column) {
                    true => before[(row * 4 + column) as usize],
                    false => 0.0,
                };
                (0..12).map(|place| at(place / 4 + down, place % 4 + right)).collect()
            };
            let found = (0..9).find(|shift| shifted(shift / 3 - 1, shift % 3 - 1) == *after);
            shifts.insert(found.expect("it is a shift of the image"));
        }
        assert_eq!(shifts.len(), 9, "every shift is drawn");
    }

    #[test]
    fn the_same_seed_and_step_draw_the_same_and_others_do_not() {
        let both = Augmentation { crop: 1, flip: true };
        let drawn = |seed, step| images(&both.apply(&batch(), seed, step).expect("a batch"));
        assert_eq!(drawn(3, 4), drawn(3, 4));
        assert_ne!(drawn(3, 4), drawn(3, 5));
        assert_ne!(drawn(3, 4), drawn(4, 4));
    }
}
