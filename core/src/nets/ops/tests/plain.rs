//! A layer by its definition, in plain loops and float64.

use super::Convolution;

/// Inputs, kernels, then a bias, or scale, shift and optionally a residual.
pub type Values = Vec<Vec<f32>>;

/// A layer: with group normalisation if `groups` > 0, else with bias and pooling.
pub struct Case {
    /// [n, height, width, channels]
    pub inputs: [usize; 4],
    pub outputs: usize,
    pub side: usize,
    pub how: Convolution,
    pub pool: usize,
    pub groups: usize,
    /// Whether a ReLU is applied to the residual, if there is one.
    pub residual: Option<bool>,
}

pub fn product4([a, b, c, d]: [usize; 4]) -> impl Iterator<Item = [usize; 4]> {
    (0..a * b * c * d).map(move |at| [at / (b * c * d), at / (c * d) % b, at / d % c, at % d])
}

impl Case {
    /// Returns height and width of the convolution's maps.
    pub fn sides(&self) -> [usize; 2] {
        [self.inputs[1], self.inputs[2]].map(|length| (length + 2 * self.how.padding - self.side) / self.how.stride + 1)
    }

    fn maps(&self) -> [usize; 4] {
        let [height, width] = self.sides();
        [self.inputs[0], height, width, self.outputs]
    }

    /// Returns the number of values of each part.
    pub fn counts(&self) -> Vec<usize> {
        let kernels = self.outputs * self.inputs[3] * self.side * self.side;
        let mut counts = vec![self.inputs.iter().product(), kernels, self.outputs];
        counts.extend((self.groups > 0).then_some(self.outputs));
        counts.extend(self.residual.map(|_| self.maps().iter().product::<usize>()));
        counts
    }

    pub fn output(&self, values: &Values) -> Vec<f64> {
        let exact: Vec<Vec<f64>> = values.iter().map(|part| part.iter().map(|&value| value.into()).collect()).collect();
        self.of(&exact)
    }

    pub fn of(&self, values: &[Vec<f64>]) -> Vec<f64> {
        match values {
            [inputs, kernels, bias] => {
                let mut maps = self.convolution(inputs, kernels);
                maps.iter_mut().enumerate().for_each(|(at, value)| *value += bias[at % self.outputs]);
                self.pooled(&maps)
            }
            [inputs, kernels, scale, shift, residual @ ..] => {
                let kernels = standardized(kernels, kernels.len() / self.outputs, 1e-10);
                let mut maps = self.grouped(&self.convolution(inputs, &kernels));
                for (at, value) in maps.iter_mut().enumerate() {
                    *value = *value * scale[at % self.outputs] + shift[at % self.outputs];
                    if let (Some(through), [residual]) = (self.residual, residual) {
                        *value += if through { residual[at].max(0.0) } else { residual[at] };
                    }
                }
                maps
            }
            _ => unreachable!(),
        }
    }

    fn convolution(&self, inputs: &[f64], kernels: &[f64]) -> Vec<f64> {
        let [_, height, width, channels] = self.inputs;
        let (side, padding) = (self.side, self.how.padding);
        let of_place = |[image, row, column, output]: [usize; 4]| {
            let mut sum = 0.0;
            for [channel, down, right, _] in product4([channels, side, side, 1]) {
                let (y, x) = (row * self.how.stride + down, column * self.how.stride + right);
                if y < padding || x < padding || y - padding >= height || x - padding >= width {
                    continue;
                }
                let value = inputs[((image * height + y - padding) * width + x - padding) * channels + channel];
                let value = if self.how.rectified { value.max(0.0) } else { value };
                sum += value * kernels[((output * channels + channel) * side + down) * side + right];
            }
            sum
        };
        product4(self.maps()).map(of_place).collect()
    }

    fn pooled(&self, maps: &[f64]) -> Vec<f64> {
        let ([height, width], pool) = (self.sides(), self.pool);
        let largest = |[image, row, column, map]: [usize; 4]| {
            let at = |place: usize| {
                let (y, x) = (row * pool + place / pool, column * pool + place % pool);
                maps[((image * height + y) * width + x) * self.outputs + map]
            };
            (0..pool * pool).map(at).fold(f64::NEG_INFINITY, f64::max)
        };
        product4([self.inputs[0], height / pool, width / pool, self.outputs]).map(largest).collect()
    }

    fn grouped(&self, maps: &[f64]) -> Vec<f64> {
        let [images, height, width, outputs] = self.maps();
        let (each, pixels) = (outputs / self.groups, height * width);
        let mut out = vec![0.0; maps.len()];
        for [image, group, _, _] in product4([images, self.groups, 1, 1]) {
            let places: Vec<usize> = (0..pixels * each)
                .map(|at| (image * pixels + at / each) * outputs + group * each + at % each)
                .collect();
            let values: Vec<f64> = places.iter().map(|&place| maps[place]).collect();
            let normal = standardized(&values, values.len(), 1e-5);
            places.into_iter().zip(normal).for_each(|(place, value)| out[place] = value);
        }
        out
    }
}

fn standardized(values: &[f64], each: usize, epsilon: f64) -> Vec<f64> {
    let row = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / each as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / each as f64;
        values.iter().map(|value| (value - mean) / (variance + epsilon).sqrt()).collect::<Vec<_>>()
    };
    values.chunks(each).flat_map(row).collect()
}
