//! Graphs that run: their taps, their inputs, their outputs.

use candle_core::{Device, Tensor};
use rten_onnx::onnx::{DataLocation, StringStringEntryProto};

use super::*;
use crate::nets::Network;

const ROW: [usize; 3] = [1, 1, 4];

fn rows(count: usize, size: usize) -> Tensor {
    let values: Vec<f32> = (0..count * size).map(|at| (at * 7 % 11) as f32 - 5.0).collect();
    Tensor::from_vec(values, (count, size), &Device::Cpu).expect("a tensor")
}

/// Returns all taps of these examples, flattened.
fn all(network: &OnnxNetwork, inputs: &Tensor) -> Vec<Vec<f32>> {
    let mut found = Vec::new();
    let mut keep = |place: usize, values: Tensor| {
        assert_eq!((place, values.dims().len()), (found.len(), 2));
        found.push(values.flatten_all()?.to_vec1()?);
        Ok(())
    };
    network.pass(inputs, 0..network.taps().len(), &mut keep).expect("a pass");
    found
}

fn close(found: &[f32], expected: &[f32]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-5)
}

#[test]
fn a_perceptron_runs_as_its_file_says() {
    let network = perceptron().network("auto", ROW).expect("a network");
    assert_eq!(network.taps(), ["x", "hidden", "softmax"]);
    assert_eq!((network.classes(), network.batch(), network.fixed_batch()), (3, 512, None));
    let (inputs, weight) = (rows(3, 4), |at: usize| [0.1_f32, 0.2, 0.3, -0.1, 0.0, 0.1][at % 6]);
    let found = all(&network, &inputs);
    let values: Vec<f32> = inputs.flatten_all().and_then(|inputs| inputs.to_vec1()).expect("values");
    assert_eq!(found[0], values);
    let product = |values: &[f32], inner: usize, outer: usize| -> Vec<f32> {
        let cell = |row: &[f32], column: usize| (0..inner).map(|at| row[at] * weight(at * outer + column)).sum::<f32>();
        values.chunks(inner).flat_map(|row| (0..outer).map(|column| cell(row, column)).collect::<Vec<_>>()).collect()
    };
    let hidden: Vec<f32> = product(&values, 4, 5).into_iter().map(|value| value.max(0.0)).collect();
    assert!(close(&found[1], &hidden), "{found:?}");
    let logits: Vec<f32> =
        network.logits(&inputs).and_then(|logits| Ok(logits.flatten_all()?.to_vec1()?)).expect("logits");
    assert!(close(&logits, &product(&hidden, 5, 3)));
    assert!(!close(&logits, &product(&values, 4, 3)), "other values must fail");
    assert!((found[2].iter().sum::<f32>() - 3.0).abs() < 1e-5);
}

#[test]
fn taps_by_name_by_pattern_and_all() {
    let taps = |taps: &str| perceptron().network(taps, ROW).map(|network| network.taps()[1..].to_vec());
    assert_eq!(taps("product").expect("a name"), ["product", "softmax"]);
    assert_eq!(taps("hidden, product").expect("names"), ["product", "hidden", "softmax"], "in the graph's order");
    assert_eq!(taps("re:^p|d{2}").expect("a pattern"), ["product", "hidden", "softmax"]);
    assert_eq!(taps("re:d{2}").expect("a pattern"), ["hidden", "softmax"]);
    assert_eq!(taps("all").expect("all"), ["product", "hidden", "softmax"]);
    let refused = |text: &str| taps(text).expect_err("no tap").to_string();
    assert!(refused("middle").contains("`product`") && refused("middle").contains("--taps middle"));
    assert!(refused("scores").contains("these are the logits"));
    assert!(refused("re:^z").contains("finds no value") && refused("re:(").contains("no regular expression"));
    assert!(refused("product,").contains("empty"));
}

#[test]
fn without_activations_products_are_probed_and_with_three_blocks_their_sums() {
    let linear = Made::default()
        .input("x", &[-1, 4])
        .weights("w1", &[4, 5])
        .node("MatMul", "x w1", "product")
        .weights("b1", &[5])
        .node("Add", "product b1", "biased")
        .weights("w2", &[5, 3])
        .node("MatMul", "biased w2", "scores")
        .output("scores");
    assert_eq!(linear.network("auto", ROW).expect("linear").taps(), ["x", "biased", "softmax"]);
    let mut made = Made::default().input("x", &[-1, 4]).weights("w", &[4, 4]).node("Relu", "x", "sum0");
    for block in 0..3 {
        let (before, inner, sum) = (format!("sum{block}"), format!("inner{block}"), format!("sum{}", block + 1));
        made = made.node("MatMul", &format!("{before} w"), &inner).node("Add", &format!("{inner} {before}"), &sum);
    }
    let network = made.output("sum3").network("auto", ROW).expect("blocks");
    // The last sum is the output here, so that two are left.
    assert_eq!(network.taps(), ["x", "sum0", "softmax"], "two sums are no residual network");
    let mut made = Made::default().input("x", &[-1, 4]).weights("w", &[4, 4]).node("Relu", "x", "sum0");
    for block in 0..3 {
        let (before, inner, sum) = (format!("sum{block}"), format!("inner{block}"), format!("sum{}", block + 1));
        made = made.node("MatMul", &format!("{before} w"), &inner).node("Add", &format!("{before} {inner}"), &sum);
    }
    let network = made.node("MatMul", "sum3 w", "scores").output("scores").network("auto", ROW).expect("blocks");
    assert_eq!(network.taps(), ["x", "sum1", "sum2", "sum3", "softmax"]);
}

#[test]
fn a_fixed_batch_is_filled_up() {
    let fixed = |batch| {
        let mut made = perceptron();
        made.0.input.clear();
        made.input("x", &[batch, 4]).network("all", ROW).expect("a network")
    };
    let (free, inputs) = (fixed(-1), rows(8, 4));
    for batch in [1, 3, 8, 20] {
        let network = fixed(batch);
        assert_eq!((network.batch(), network.fixed_batch()), (batch as usize, Some(batch as usize)));
        let pairs = all(&network, &inputs).into_iter().zip(all(&free, &inputs));
        assert!(pairs.into_iter().all(|(one, other)| close(&one, &other)), "batch {batch}");
    }
}

#[test]
fn channels_last_are_told_by_the_dimensions() {
    let made = |dims: &[i64]| {
        let made = Made::default().input("x", dims).wholes("flat", &[-1, 24]).node("Reshape", "x flat", "row");
        made.weights("w", &[24, 3]).node("MatMul", "row w", "scores").output("scores")
    };
    let network = |dims: &[i64], channels| {
        let options = OnnxOptions { channels, taps: TapChoice::All, ..OnnxOptions::default() };
        made(dims).file().expect("a file").network(&options, [3, 2, 4])
    };
    let last = network(&[-1, 2, 4, 3], None).expect("channels last");
    assert_eq!(last.channels(), ChannelPlace::Last);
    let inputs = rows(2, 24);
    let (values, found) = (all(&last, &inputs)[0].clone(), all(&last, &inputs)[1].clone());
    let turned: Vec<f32> = (0..48).map(|at| values[at / 24 * 24 + at % 3 * 8 + at % 24 / 3]).collect();
    assert!(close(&found, &turned) && !close(&found, &values));
    let first = network(&[-1, 3, 2, 4], None).expect("channels first");
    assert!(first.channels() == ChannelPlace::First && close(&all(&first, &inputs)[1], &values));
    let free = network(&[-1, -1, -1, -1], None).err().expect("either").to_string();
    assert!(free.contains("--channels first or last"), "{free}");
    assert!(network(&[-1, -1, -1, -1], Some(ChannelPlace::Last)).is_ok());
    let other = network(&[-1, 3, 5, 5], None).err().expect("another size").to_string();
    assert!(other.contains("[free, 3, 5, 5]") && other.contains("3 x 2 x 4"), "{other}");
}

#[test]
fn a_softmax_of_the_file_is_the_last_tap() {
    let mut made = perceptron();
    made.0.output.clear();
    let network = made.node("Softmax", "scores", "chances").output("chances").network("auto", ROW).expect("a network");
    assert_eq!(network.taps(), ["x", "hidden", "chances"]);
    let plain = perceptron().network("auto", ROW).expect("a network");
    assert!(all(&network, &rows(5, 4)).iter().zip(&all(&plain, &rows(5, 4))).all(|(one, other)| close(one, other)));
}

#[test]
fn token_ids_are_looked_up() {
    let made = Made::default()
        .typed_input("ids", &[-1, 4], DataType::INT64)
        .weights("table", &[256, 6])
        .node("Gather", "table ids", "embedded")
        .node("Relu", "embedded", "hidden")
        .node_with("Flatten", "hidden", "flat", vec![number("axis", 1)])
        .weights("w", &[24, 3])
        .node("MatMul", "flat w", "scores")
        .output("scores");
    let network = made.network("auto", ROW).expect("a network");
    assert!(network.takes_whole_numbers());
    let ids = Tensor::from_vec(vec![3.0_f32, 255.0, 0.0, 7.0], (1, 4), &Device::Cpu).expect("ids");
    let hidden = &all(&network, &ids)[1];
    assert!(close(&hidden[..3], &[0.1, 0.2, 0.3]), "row 3 begins at value 18, the first of six: {hidden:?}");
    let unknown = Tensor::from_vec(vec![3.0_f32, 256.0, 0.0, 7.0], (1, 4), &Device::Cpu).expect("ids");
    assert!(network.logits(&unknown).expect_err("no such row").to_string().contains("cannot run on these examples"));
}

#[test]
fn weights_may_lie_beside_the_file() {
    let mut proto = perceptron().proto();
    let tensor = &mut proto.graph.as_mut().expect("a graph").initializer[0];
    let bytes = tensor.raw_data.take().expect("bytes").into_inner();
    tensor.data_location = Some(DataLocation::EXTERNAL);
    let entry = |key: &str, value: &str| StringStringEntryProto { key: Some(key.into()), value: Some(value.into()) };
    tensor.external_data = vec![entry("location", "w.data"), entry("offset", "16"), entry("length", "80")];
    let file = proto.write_buf().expect("bytes");
    let read = |beside: Vec<u8>| {
        OnnxFile::read(&file, |name| if name == "w.data" { Ok(beside.clone()) } else { panic!("{name}") })
    };
    let network = read([vec![0; 16], bytes.clone()].concat()).expect("a file").network(&OnnxOptions::default(), ROW);
    let (network, plain) = (network.expect("a network"), perceptron().network("auto", ROW).expect("a network"));
    assert_eq!(all(&network, &rows(5, 4)), all(&plain, &rows(5, 4)));
    let short = read(bytes).err().expect("too short").to_string();
    assert!(short.contains("\"w1\"") && short.contains("w.data ends before"), "{short}");
}

#[test]
fn what_a_file_says_of_its_input_is_read() {
    let says = |entries: &[(&str, &str)]| {
        let mut proto = perceptron().proto();
        let entry = |(key, value): &(&str, &str)| StringStringEntryProto {
            key: Some((*key).into()),
            value: Some((*value).into()),
        };
        proto.metadata_props = entries.iter().map(entry).collect();
        OnnxFile::read(&proto.write_buf().expect("bytes"), |_| Ok(Vec::new())).expect("a file").scale()
    };
    assert_eq!(says(&[("author", "ann")]).expect("metadata"), None);
    let scale = says(&[("mean", "[0.1, 0.2]"), ("std", "0.5"), ("scale", "1")]).expect("metadata").expect("a scale");
    assert_eq!((scale.scale, &scale.mean[..], &scale.std[..]), (1.0, &[0.1, 0.2][..], &[0.5][..]));
    let range = says(&[("Image.NominalPixelRange", "Normalized_1_1")]).expect("metadata").expect("a scale");
    let of_one = range.of_channels(1).expect("one channel");
    assert_eq!((of_one.mean, of_one.std), (vec![0.5], vec![0.5]));
    assert!(says(&[("mean", "blue")]).expect_err("no number").to_string().contains("give --mean"));
    assert!(says(&[("Image.BitmapPixelFormat", "Bgr8")]).is_err());
    assert!(scale.of_channels(3).expect_err("three channels").to_string().contains("2 values"));
}
