//! Options of an architecture besides its layers.

use candle_core::Tensor;

use super::ops::tapped;
use crate::error::Result;

/// Normalisation after a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Norm {
    /// Group normalisation (Wu and He, 2018), with weight standardisation.
    Group,
    /// Batch normalisation (Ioffe and Szegedy, 2015).
    Batch,
    /// No normalisation.
    None,
}

/// Where a layer is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Taps {
    /// Before its ReLU.
    BeforeRelu,
    /// After its ReLU.
    AfterRelu,
}

impl Taps {
    /// Returns the values [n, channels * height * width] of maps [n, height, width, channels] before their ReLU.
    pub(super) fn of_maps(self, maps: &Tensor) -> Result<Tensor> {
        Ok(tapped(maps, self == Self::AfterRelu)?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::nets::{Architecture, Net, Network};

    fn inputs(seed: u64) -> Tensor {
        use rand::RngExt;
        let mut rng = crate::random::generator(seed, crate::random::Stream::Weights);
        let values: Vec<f32> = (0..6 * 64).map(|_| 2.0 * rng.random::<f32>() + 1.0).collect();
        Tensor::from_vec(values, (6, 64), &Device::Cpu).expect("images")
    }

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("values")
    }

    fn close(a: &Tensor, b: &Tensor) -> bool {
        a.dims() == b.dims() && flat(a).iter().zip(flat(b)).all(|(a, b)| (a - b).abs() < 1e-4)
    }

    fn net(architecture: &Architecture) -> Net {
        Net::new(architecture, [1, 8, 8], 3, 1, &Device::Cpu).expect("a network")
    }

    #[test]
    fn what_is_as_usual_is_not_written_and_what_is_not_comes_back() {
        let json = |architecture: &Architecture| serde_json::to_string(architecture).expect("json");
        let vgg = Architecture::vgg_small(0.5).expect("a VGG");
        let resnet = Architecture::resnet_small(0.5).expect("a ResNet");
        assert_eq!(json(&vgg), r#"{"architecture":"vgg","stages":[[8],[16],[32,32]]}"#);
        let usual = vgg.clone().with_norm(Norm::None).expect("a VGG").with_taps(Taps::AfterRelu);
        assert_eq!((usual, vgg.to_string()), (vgg.clone(), "VGG 8 16 32-32".into()));
        let usual = resnet.clone().with_norm(Norm::Group).expect("a ResNet").with_taps(Taps::BeforeRelu);
        assert_eq!(usual, resnet);
        let other = resnet.clone().with_norm(Norm::Batch).expect("a ResNet").with_taps(Taps::AfterRelu);
        assert_eq!(
            json(&other),
            r#"{"architecture":"resnet","stages":[[8,1],[16,1],[32,1]],"batch_norm":true,"taps":"after-relu"}"#
        );
        assert_eq!(other.to_string(), "ResNet 8x1 16x1 32x1, BatchNorm, probed after ReLU");
        assert_eq!(serde_json::from_str::<Architecture>(&json(&other)).expect("an architecture"), other);
        let mlp = Architecture::mlp(vec![4]);
        assert!(mlp.clone().with_norm(Norm::None).is_ok());
        let refused = [(&mlp, Norm::Batch), (&mlp, Norm::Group), (&vgg, Norm::Group), (&resnet, Norm::None)];
        assert!(refused.into_iter().all(|(network, norm)| network.clone().with_norm(norm).is_err()));
    }

    #[test]
    fn after_is_the_relu_of_before() {
        let all = [
            Architecture::mlp(vec![6, 5]),
            Architecture::vgg_small(0.25).expect("a VGG"),
            Architecture::resnet_small(0.25).expect("a ResNet"),
        ];
        for architecture in all {
            let [before, after] =
                [Taps::BeforeRelu, Taps::AfterRelu].map(|taps| net(&architecture.clone().with_taps(taps)));
            let last = before.taps().len() - 1;
            for tap in 1..last {
                let [before, after] = [&before, &after].map(|net| net.tap(&inputs(1), tap).expect("a tap"));
                assert!(flat(&before).iter().any(|&value| value < 0.0), "{architecture} {tap}");
                assert!(close(&before.relu().expect("a ReLU"), &after), "{architecture} {tap}");
            }
            for tap in [0, last] {
                let [before, after] = [&before, &after].map(|net| net.tap(&inputs(1), tap).expect("a tap"));
                assert_eq!(flat(&before), flat(&after), "{architecture} {tap}");
            }
        }
    }

    #[test]
    fn running_statistics_become_those_of_a_batch_that_is_seen_often() {
        let architectures = [Architecture::vgg_small(0.25), Architecture::resnet_small(0.25)];
        for architecture in architectures {
            let network = net(&architecture.expect("a network").with_norm(Norm::Batch).expect("batch"));
            let (here, other) = (inputs(1), inputs(2));
            let training = network.training_logits(&here).expect("logits");
            assert!(!close(&training, &network.logits(&here).expect("logits")), "they have hardly moved yet");
            for _ in 0..200 {
                network.training_logits(&here).expect("logits");
            }
            // The running variance is the unbiased one: at most 24/23 of the biased, for 6 x 2 x 2 values.
            let (training, running) = (flat(&training), flat(&network.logits(&here).expect("logits")));
            let largest = training.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            assert!(
                training.iter().zip(&running).all(|(a, b)| (a - b).abs() < 0.1 * largest),
                "{training:?} {running:?}"
            );
            let kept: Vec<Vec<f32>> = network.variables().iter().map(|(_, variable)| flat(variable)).collect();
            network.logits(&other).expect("logits");
            let after: Vec<Vec<f32>> = network.variables().iter().map(|(_, variable)| flat(variable)).collect();
            assert_eq!(kept, after, "evaluation moves nothing");
            let gradients = network.training_logits(&other).and_then(|out| Ok(out.sqr()?.sum_all()?.backward()?));
            let gradients = gradients.expect("gradients");
            for (name, variable) in network.variables() {
                let running = name.ends_with("norm.mean") || name.ends_with("norm.variance");
                assert_eq!(gradients.get(variable).is_none(), running, "{name}");
            }
        }
    }
}
