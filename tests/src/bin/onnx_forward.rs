//! Times forward passes of an ONNX file, for `tests/bench/onnx.py`:
//! `onnx_forward MODEL EXAMPLES CHANNELS HEIGHT WIDTH TAPS ROUNDS` prints the seconds of each round, one a line. A round
//! begins with a line on stdin.

use std::io::{BufRead, stdin};
use std::time::Instant;

use candle_core::{Device, Tensor};
use prediction_depth::nets::Network;
use prediction_depth::nets::onnx::{OnnxFile, OnnxOptions, TapChoice};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [model, numbers @ .., taps, rounds] = &words[..] else { return Err("see the first line of the source".into()) };
    let numbers = numbers.iter().map(|word| word.parse()).collect::<Result<Vec<usize>, _>>()?;
    let [examples, channels, height, width] = numbers[..] else { return Err("four numbers are needed".into()) };
    let file = OnnxFile::read(&std::fs::read(model)?, |_| Ok(Vec::new()))?;
    let options = OnnxOptions { taps: TapChoice::parse(taps)?, ..OnnxOptions::default() };
    let network = file.network(&options, [channels, height, width])?;
    let size = channels * height * width;
    let values: Vec<f32> = (0..examples * size).map(|at| (at * 31 % 255) as f32 / 255.0).collect();
    let inputs = Tensor::from_vec(values, (examples, size), &Device::Cpu)?;
    let last = network.taps().len() - 1;
    eprintln!("{} layers, {} examples in a pass", last + 1, network.batch());
    for line in stdin().lock().lines().take(rounds.parse()?) {
        line?;
        let start = Instant::now();
        network.hidden(&inputs, 1..last, &mut |_, _| Ok(()))?;
        println!("{}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
