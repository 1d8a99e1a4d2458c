//! The size of a network, computed before anything is allocated.

use super::Architecture;
use crate::error::{Error, Result};

/// Most parameters of a network (our choice): 8 GiB of weights.
pub const MOST_PARAMETERS: u128 = 1 << 31;
/// Most layers of a network (our choice): the backward pass follows them one inside the other.
pub const MOST_LAYERS: usize = 1000;

impl Architecture {
    /// Returns the number of parameters, running statistics included, of a network for images of `shape` [channels,
    /// height, width]; the largest number if there are more.
    pub fn parameters(&self, shape: [usize; 3], classes: usize) -> u128 {
        let [channels, height, width] = shape.map(|side| side as u128);
        let linear = |inputs: u128, outputs: usize| inputs.saturating_add(1).saturating_mul(outputs as u128);
        // A convolution with `each` further parameters for each map.
        let convolution = |inputs: u128, outputs: usize, side: u128, each: u128| {
            (side * side).saturating_mul(inputs).saturating_add(each).saturating_mul(outputs as u128)
        };
        let mut total = 0_u128;
        let mut add = |more: u128| total = total.saturating_add(more);
        match self {
            Self::Mlp { hidden, .. } => {
                let mut inputs = channels.saturating_mul(height).saturating_mul(width);
                for &units in hidden {
                    add(linear(inputs, units));
                    inputs = units as u128;
                }
                add(linear(inputs, classes));
            }
            Self::Vgg { stages, batch_norm, .. } => {
                let (mut inputs, mut sides, each) = (channels, [height, width], if *batch_norm { 4 } else { 1 });
                for stage in stages {
                    for &maps in stage {
                        add(convolution(inputs, maps, 3, each));
                        inputs = maps as u128;
                    }
                    if sides.iter().all(|&side| side > 1) {
                        sides = sides.map(|side| side / 2);
                    }
                }
                add(linear(inputs.saturating_mul(sides[0]).saturating_mul(sides[1]), classes));
            }
            Self::ResNet { stages, batch_norm, .. } => {
                let each = if *batch_norm { 4 } else { 2 };
                let mut maps = stages.first().map_or(0, |&(maps, _)| maps);
                add(convolution(channels, maps, 3, each));
                for (stage, &(outputs, blocks)) in stages.iter().enumerate() {
                    let [before, after] = [maps, outputs].map(|maps| maps as u128);
                    let further = convolution(after, outputs, 3, each);
                    add(convolution(before, outputs, 3, each));
                    add(further.saturating_mul((2 * blocks as u128).saturating_sub(1)));
                    if stage > 0 || before != after {
                        add(convolution(before, outputs, 1, each));
                    }
                    maps = outputs;
                }
                add(linear(maps as u128, classes));
            }
        }
        total
    }

    /// Returns the number of layers between input and softmax.
    pub fn layers(&self) -> usize {
        match self {
            Self::Mlp { hidden, .. } => hidden.len(),
            Self::Vgg { stages, .. } => stages.iter().map(Vec::len).sum(),
            Self::ResNet { stages, .. } => stages.iter().fold(1, |all, &(_, blocks)| all.saturating_add(blocks)),
        }
    }

    /// Checks that a network for these images and classes has at most [`MOST_LAYERS`] layers and [`MOST_PARAMETERS`]
    /// parameters.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check_size(&self, shape: [usize; 3], classes: usize) -> Result<()> {
        let (layers, parameters) = (self.layers(), self.parameters(shape, classes));
        let refuse = |value: String, remedy: String| Err(Error::Setting { name: "network", value, remedy });
        if layers > MOST_LAYERS {
            return refuse(format!("{layers} layers"), format!("at most {MOST_LAYERS} are possible"));
        }
        if parameters > MOST_PARAMETERS {
            let value = if parameters == u128::MAX { "too many".into() } else { parameters.to_string() };
            return refuse(
                format!("{value} parameters"),
                format!("at most {MOST_PARAMETERS} are possible: choose fewer or narrower layers"),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::nets::{Net, Network, Norm};

    #[test]
    fn parameters_are_counted_as_networks_have_them() {
        let (vgg, resnet) = (Architecture::vgg_small(0.25), Architecture::resnet_small(0.25));
        let (vgg, resnet) = (vgg.expect("a VGG"), resnet.expect("a ResNet"));
        let deep = Architecture::ResNet { stages: vec![(4, 2), (6, 3)], batch_norm: false, taps: None };
        let batch = |network: &Architecture| network.clone().with_norm(Norm::Batch).expect("batch");
        let mlps = [Architecture::mlp(vec![]), Architecture::mlp(vec![7, 5])];
        let all = [batch(&vgg), vgg, batch(&resnet), resnet, batch(&deep), deep].into_iter().chain(mlps);
        for architecture in all {
            for shape in [[1, 28, 28], [3, 5, 9], [2, 1, 1]] {
                let network = Net::new(&architecture, shape, 3, 0, &Device::Cpu).expect("a network");
                let counted: usize = network.variables().iter().map(|(_, variable)| variable.elem_count()).sum();
                assert_eq!(architecture.parameters(shape, 3), counted as u128, "{architecture} {shape:?}");
            }
        }
    }

    #[test]
    fn a_network_that_is_too_large_is_refused_before_it_is_made() {
        let most = usize::MAX;
        let vgg = |maps| Architecture::Vgg { stages: vec![vec![maps; 3]], batch_norm: true, taps: None };
        let resnet =
            |blocks| Architecture::ResNet { stages: vec![(4, 1), (most, blocks)], batch_norm: true, taps: None };
        let huge = [
            Architecture::mlp(vec![1_000_000_000]),
            Architecture::mlp(vec![most, most, most]),
            Architecture::mlp(vec![1; 10_000]),
            vgg(most),
            resnet(1),
            resnet(most),
        ];
        for architecture in huge {
            let error = Net::new(&architecture, [1, 28, 28], 10, 0, &Device::Cpu).err().expect("refused").to_string();
            assert!(error.contains("at most"), "{error}");
        }
        let mlp = Architecture::mlp(vec![8]);
        assert!(mlp.check_size([most, most, most], 10).is_err() && mlp.check_size([1, 28, 28], most).is_err());
        assert!(Architecture::mlp(vec![1; MOST_LAYERS]).check_size([1, 28, 28], 10).is_ok());
    }
}
