//! The sides of a convolution, and where its pixels lie. Channels lie side by side: [images, height, width, channels].

use candle_core::{Result, bail};

use super::microkernel::{Grid, Patches, Segment};

/// The sides of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub images: usize,
    pub input: [usize; 2],
    pub channels: usize,
    pub output: [usize; 2],
    pub outputs: usize,
    pub side: usize,
    pub stride: usize,
    pub padding: usize,
}

/// The input's pixels of one place in a square of `stride` x `stride`: those that the same places of a kernel reach.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// In the padded gradient of the outputs.
    pub patches: Patches,
    /// In the input.
    pub to: Grid,
    /// The places [row, column] in a kernel of each segment.
    pub places: Vec<[usize; 2]>,
}

impl Size {
    pub fn new(
        (images, height, width, channels): (usize, usize, usize, usize),
        kernels: (usize, usize, usize, usize),
        stride: usize,
        padding: usize,
    ) -> Result<Self> {
        let (outputs, of, side, other) = kernels;
        let padded = [height, width].map(|length| length + 2 * padding);
        if of != channels || side != other || side == 0 || stride == 0 || padded.iter().any(|&length| length < side) {
            let inputs = (images, height, width, channels);
            bail!("inputs {inputs:?} do not fit kernels {kernels:?}, stride {stride}, padding {padding}");
        }
        let output = padded.map(|length| (length - side) / stride + 1);
        Ok(Self { images, input: [height, width], channels, output, outputs, side, stride, padding })
    }

    /// Values of an image.
    pub fn image(&self) -> usize {
        self.input[0] * self.input[1] * self.channels
    }

    /// Pixels of a map.
    pub fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Values of an image's maps.
    pub fn maps(&self) -> usize {
        self.pixels() * self.outputs
    }

    /// Values of a kernel.
    pub fn patch(&self) -> usize {
        self.channels * self.side * self.side
    }

    /// The padded image, [height, width].
    fn padded(&self) -> [usize; 2] {
        self.input.map(|length| length + 2 * self.padding)
    }

    /// Values of the padded image.
    pub fn padded_image(&self) -> usize {
        let [height, width] = self.padded();
        height * width * self.channels
    }

    /// The image in the padded image.
    pub fn inner(&self) -> Grid {
        let row = self.padded()[1] * self.channels;
        Grid { first: self.padding * (row + self.channels), row, pixel: self.channels }
    }

    /// The patches of the padded image, a row of kernels' places after another.
    pub fn patches(&self) -> Patches {
        let row = self.padded()[1] * self.channels;
        let segment = |place| Segment { start: place * row, values: self.side * self.channels };
        let grid = Grid { first: 0, row: self.stride * row, pixel: self.stride * self.channels };
        Patches { segments: (0..self.side).map(segment).collect(), count: self.output, grid }
    }

    /// The maps of an image, dense.
    pub fn dense(&self) -> Grid {
        Grid { first: 0, row: self.output[1] * self.outputs, pixel: self.outputs }
    }

    /// How many pixels of padding the gradient of the outputs gets above and at the left.
    fn margin(&self) -> usize {
        (self.side - 1) / self.stride
    }

    /// The padded gradient, [height, width]: as far as any pixel of the input reaches.
    fn spread(&self) -> [usize; 2] {
        let reach = |axis: usize| (self.padding + self.input[axis] - 1) / self.stride + 1;
        [0, 1].map(|axis| self.margin() + reach(axis).max(self.output[axis]))
    }

    /// Values of the padded gradient, `wide` for each pixel.
    pub fn padded_gradient(&self, wide: usize) -> usize {
        let [height, width] = self.spread();
        height * width * wide
    }

    /// The gradient in the padded gradient.
    pub fn inner_gradient(&self, wide: usize) -> Grid {
        let row = self.spread()[1] * wide;
        Grid { first: self.margin() * (row + wide), row, pixel: wide }
    }

    /// From the padded gradient to the input's; pixels that no kernel reaches are left out.
    pub fn phases(&self, wide: usize) -> Vec<Phase> {
        let each = (0..self.stride).flat_map(|row| (0..self.stride).map(move |column| [row, column]));
        each.filter_map(|offsets| self.phase(offsets, wide)).collect()
    }

    fn phase(&self, offsets: [usize; 2], wide: usize) -> Option<Phase> {
        // In the padded input: row = stride * first + offset is the first row of the input itself.
        let firsts = offsets.map(|offset| self.padding.saturating_sub(offset).div_ceil(self.stride));
        let within = [0, 1].map(|axis| firsts[axis] * self.stride + offsets[axis] - self.padding);
        let reached = offsets.map(|offset| self.side.saturating_sub(offset).div_ceil(self.stride));
        if reached.contains(&0) || within[0] >= self.input[0] || within[1] >= self.input[1] {
            return None;
        }
        let count = [0, 1].map(|axis| (self.input[axis] - within[axis]).div_ceil(self.stride));
        let row = self.spread()[1] * wide;
        let (mut segments, mut places) = (Vec::new(), Vec::new());
        for (down, right) in
            (0..reached[0]).rev().flat_map(|down| (0..reached[1]).rev().map(move |right| (down, right)))
        {
            let start = (self.margin() - down) * row + (self.margin() - right) * wide;
            segments.push(Segment { start, values: self.outputs });
            places.push([down * self.stride + offsets[0], right * self.stride + offsets[1]]);
        }
        let grid = Grid { first: firsts[0] * row + firsts[1] * wide, row, pixel: wide };
        let line = self.input[1] * self.channels;
        let to = Grid {
            first: within[0] * line + within[1] * self.channels,
            row: self.stride * line,
            pixel: self.stride * self.channels,
        };
        Some(Phase { patches: Patches { segments, count, grid }, to, places })
    }
}
