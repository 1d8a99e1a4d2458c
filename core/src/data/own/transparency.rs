//! Images whose pixels have an opacity.

use super::Background;

/// The channels of a transparent image: red, green, blue, opacity.
pub(super) const RGBA: usize = 4;

/// Puts images `[n, 4, height, width]` on a background. Returns their pixels, `[n, 3, height, width]`, and the number of
/// images that were not opaque.
pub(super) fn composited(pixels: &[u8], plane: usize, background: Background) -> (Vec<u8>, usize) {
    let mut transparent = 0;
    let mut opaque = Vec::with_capacity(pixels.len() / RGBA * (RGBA - 1));
    for image in pixels.chunks_exact((RGBA * plane).max(1)) {
        let (colors, opacity) = image.split_at((RGBA - 1) * plane);
        transparent += usize::from(opacity.iter().any(|&opacity| opacity < 255));
        opaque.extend(
            colors.iter().zip(opacity.iter().cycle()).map(|(&color, &opacity)| background.blended(color, opacity)),
        );
    }
    (opaque, transparent)
}

/// Returns the note about such images. `of` says whose channels they are, such as " of `x`".
pub(super) fn note(of: &str, transparent: usize, background: Background) -> String {
    format!(
        "the 4 channels{of} were read as red, green, blue and opacity: {transparent} transparent images are shown on {}",
        background.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_shows_the_background() {
        let pixels = [200, 200, 100, 100, 0, 0, 255, 0, 1, 2, 3, 4, 5, 6, 255, 255];
        let (white, count) = composited(&pixels, 2, Background::White);
        assert_eq!((white, count), (vec![200, 255, 100, 255, 0, 255, 1, 2, 3, 4, 5, 6], 1));
        assert_eq!(composited(&pixels[..8], 2, Background::Black).0, [200, 0, 100, 0, 0, 0]);
        assert_eq!(composited(&[100, 0, 0, 51], 1, Background::White).0, [224, 204, 204]);
    }
}
