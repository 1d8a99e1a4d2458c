use candle_core::{Device, Tensor};

use super::{Architecture, Net, Network, Norm, Taps};

fn bits(tensor: &Tensor) -> Vec<u32> {
    let values: Vec<f32> = tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("values");
    values.into_iter().map(f32::to_bits).collect()
}

#[test]
fn one_pass_gives_every_tap_to_the_bit() {
    let values: Vec<f32> = (0..5 * 144).map(|place| ((place * 37) % 101) as f32 / 50.0 - 1.0).collect();
    let inputs = Tensor::from_vec(values, (5, 144), &Device::Cpu).expect("images");
    let [vgg, resnet] = [Architecture::vgg_small(0.25), Architecture::resnet_small(0.25)].map(|all| all.expect("maps"));
    let batch = [&vgg, &resnet].map(|network| network.clone().with_norm(Norm::Batch).expect("batches"));
    for architecture in [Architecture::mlp(vec![6, 5]), vgg, resnet].into_iter().chain(batch) {
        for taps in [Taps::BeforeRelu, Taps::AfterRelu] {
            let architecture = architecture.clone().with_taps(taps);
            let network = Net::new(&architecture, [1, 12, 12], 3, 1, &Device::Cpu).expect("a network");
            let count = network.taps().len();
            let alone: Vec<_> = (0..count).map(|tap| bits(&network.tap(&inputs, tap).expect("a tap"))).collect();
            for asked in [0..count, 1..3, 2..count, count - 1..count, 0..1] {
                let mut found = Vec::new();
                let mut on_tap = |tap, values: Tensor| {
                    found.push((tap, bits(&values)));
                    Ok(())
                };
                network.pass(&inputs, asked.clone(), &mut on_tap).expect("a pass");
                assert!(found.iter().map(|(tap, _)| *tap).eq(asked.clone()), "{architecture} {asked:?}");
                assert!(found.iter().all(|(tap, values)| alone[*tap] == *values), "{architecture} {asked:?}");
            }
            let logits = network.logits(&inputs).expect("logits");
            let softmax = candle_nn::ops::softmax(&logits, 1).expect("shares");
            assert_eq!(bits(&softmax), alone[count - 1], "{architecture}");
        }
    }
}

#[test]
fn a_tap_that_is_not_there_is_refused() {
    let network = Net::new(&Architecture::mlp(vec![6]), [1, 2, 2], 3, 1, &Device::Cpu).expect("a network");
    let inputs = Tensor::zeros((1, 4), candle_core::DType::F32, &Device::Cpu).expect("an image");
    assert!(network.tap(&inputs, 3).is_err());
}
