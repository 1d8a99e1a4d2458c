//! Dimensions and memory layout of a convolution. Tensors are [images, height, width, channels].

use candle_core::{Result, bail};

use super::microkernel::{Grid, Patches, Segment};

/// Dimensions of a convolution's inputs, outputs and kernels.
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

/// The input pixels at one offset within squares of `stride` x `stride`. The same kernel positions reach all of them.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// Patches of the padded gradient of the outputs.
    pub patches: Patches,
    /// Pixels of the input.
    pub to: Grid,
    /// Position [row, column] in the kernel of each segment.
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

    /// Returns the number of values of an image.
    pub fn image(&self) -> usize {
        self.input[0] * self.input[1] * self.channels
    }

    /// Returns the number of pixels of a map.
    pub fn pixels(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Returns the number of values of an image's maps.
    pub fn maps(&self) -> usize {
        self.pixels() * self.outputs
    }

    /// Returns the number of values of a kernel.
    pub fn patch(&self) -> usize {
        self.channels * self.side * self.side
    }

    /// Returns the size of the padded image, [height, width].
    fn padded(&self) -> [usize; 2] {
        self.input.map(|length| length + 2 * self.padding)
    }

    /// Returns the number of values of the padded image.
    pub fn padded_image(&self) -> usize {
        let [height, width] = self.padded();
        height * width * self.channels
    }

    /// Returns the layout of the image within the padded image.
    pub fn inner(&self) -> Grid {
        let row = self.padded()[1] * self.channels;
        Grid { first: self.padding * (row + self.channels), row, pixel: self.channels }
    }

    /// Returns the patches of the padded image; each row of a kernel is one segment.
    pub fn patches(&self) -> Patches {
        let row = self.padded()[1] * self.channels;
        let segment = |place| Segment { start: place * row, values: self.side * self.channels };
        let grid = Grid { first: 0, row: self.stride * row, pixel: self.stride * self.channels };
        Patches { segments: (0..self.side).map(segment).collect(), count: self.output, grid }
    }

    /// Returns the layout of an image's maps, without padding.
    pub fn dense(&self) -> Grid {
        Grid { first: 0, row: self.output[1] * self.outputs, pixel: self.outputs }
    }

    /// Returns the padding of the outputs' gradient above and at the left, in pixels.
    fn margin(&self) -> usize {
        (self.side - 1) / self.stride
    }

    /// Returns the size of the padded gradient, [height, width], which covers every input pixel's patch.
    fn spread(&self) -> [usize; 2] {
        let reach = |axis: usize| (self.padding + self.input[axis] - 1) / self.stride + 1;
        [0, 1].map(|axis| self.margin() + reach(axis).max(self.output[axis]))
    }

    /// Returns the number of values of the padded gradient, with `wide` values per pixel.
    pub fn padded_gradient(&self, wide: usize) -> usize {
        let [height, width] = self.spread();
        height * width * wide
    }

    /// Returns the layout of the gradient within the padded gradient.
    pub fn inner_gradient(&self, wide: usize) -> Grid {
        let row = self.spread()[1] * wide;
        Grid { first: self.margin() * (row + wide), row, pixel: wide }
    }

    /// Returns the phases that compute the inputs' gradient from the padded gradient. Phases that no kernel position
    /// reaches are omitted.
    pub fn phases(&self, wide: usize) -> Vec<Phase> {
        let each = (0..self.stride).flat_map(|row| (0..self.stride).map(move |column| [row, column]));
        each.filter_map(|offsets| self.phase(offsets, wide)).collect()
    }

    fn phase(&self, offsets: [usize; 2], wide: usize) -> Option<Phase> {
        // In the padded input, row = stride * first + offset is the first row of the unpadded input.
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
