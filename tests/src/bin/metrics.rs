//! Writes inputs and results of the measures as files for `tests/reference/check_metrics.py`: `metrics DIR`.

use std::path::Path;

use pollster::block_on;
use prediction_depth::data::{Preprocessing, embedded};
use prediction_depth::difficulty::{Cuts, Quantiles};
use prediction_depth::logits::output_margin;
use prediction_depth::metrics::{
    ClassCounts, Consensus, InputMargin, Trajectory, confidence, el2n, entropy, input_margins, softmax,
};
use prediction_depth::nets::{Architecture, Device, Net};
use prediction_depth::ranking::{auroc, average_precision};
use prediction_depth::study::Study;
use prediction_depth::{Class, Matrix};
use prediction_depth_tests::{SmallEnsemble, normals};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

const EXAMPLES: usize = 200;
const CLASSES: usize = 7;
const MODELS: u64 = 4;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("usage: metrics DIR")?;
    let folder = Path::new(&folder);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let all = json!({
        "rows": rows(&mut rng)?, "votes": votes(&mut rng), "rankings": rankings(&mut rng), "cuts": cuts(&mut rng)?,
        "margins": margins(folder)?,
    });
    std::fs::write(folder.join("measures.json"), serde_json::to_vec(&all)?)?;
    ensemble(folder)
}

/// Logits at checkpoints, and the measures computed from them.
fn rows(rng: &mut ChaCha8Rng) -> Result<Value, Failure> {
    let given: Vec<Class> = (0..EXAMPLES).map(|_| rng.random_range(0..CLASSES as Class)).collect();
    let steps: [u32; 6] = [0, 5, 10, 20, 40, 80];
    let mut trajectory = Trajectory::new(&given, 10);
    let mut checkpoints = Vec::new();
    for (seed, &step) in steps.iter().enumerate() {
        let noise = normals(EXAMPLES, CLASSES, seed as u64);
        // During training, the given label's logit grows; some examples are never learned.
        let value = |place: usize, value: f32| {
            let (example, class) = (place / CLASSES, place % CLASSES);
            let own = class == given[example] as usize && example % 9 != 0;
            value + if own { 0.03 * step as f32 } else { 0.0 }
        };
        let values = noise.values().iter().enumerate().map(|(place, &noise)| value(place, noise)).collect();
        let logits = Matrix::new(values, EXAMPLES, CLASSES)?;
        trajectory.note(step, &logits)?;
        checkpoints.push(logits);
    }
    let last = &checkpoints[steps.len() - 1];
    let shares: Vec<Vec<f64>> = (0..EXAMPLES).map(|example| softmax(last.row(example))).collect();
    let found = trajectory.dynamics();
    let lengths = shares.iter().zip(&given).map(|(row, &label)| el2n(row, label as usize));
    Ok(json!({
        "given": given, "steps": steps, "logits": checkpoints.iter().map(Matrix::values).collect::<Vec<_>>(),
        "confidence": shares.iter().map(|row| confidence(row)).collect::<Vec<_>>(),
        "entropy": shares.iter().map(|row| entropy(row)).collect::<Vec<_>>(),
        "last_el2n": lengths.collect::<Vec<_>>(),
        "output_margin": (0..EXAMPLES).map(|example| output_margin(last.row(example))).collect::<Vec<_>>(),
        "iteration_learned": found.iteration_learned, "forgetting": found.forgetting, "el2n": found.el2n,
        "aum": found.aum, "data_map_confidence": found.data_map_confidence,
        "data_map_variability": found.data_map_variability,
    }))
}

/// Predictions of models, [models, examples], and their consensus.
fn votes(rng: &mut ChaCha8Rng) -> Value {
    let mut votes = ClassCounts::new(EXAMPLES, CLASSES);
    let predictions: Vec<Vec<Class>> =
        (0..6).map(|_| (0..EXAMPLES).map(|_| rng.random_range(0..4)).collect()).collect();
    for model in &predictions {
        model.iter().enumerate().for_each(|(example, &class)| votes.add(example, class));
    }
    let consensus: Vec<Consensus> =
        (0..EXAMPLES).filter_map(|example| Consensus::from_counts(votes.of(example))).collect();
    json!({
        "predictions": predictions,
        "consensus": consensus.iter().map(|consensus| consensus.class).collect::<Vec<_>>(),
        "consistency": consensus.iter().map(|consensus| consensus.consistency).collect::<Vec<_>>(),
        "share_of_2": (0..EXAMPLES).map(|example| votes.share(example, 2)).collect::<Vec<_>>(),
    })
}

/// Scores with many ties, and without ties.
fn rankings(rng: &mut ChaCha8Rng) -> Vec<Value> {
    let ranking = |levels: u32| {
        let is_positive: Vec<bool> = (0..EXAMPLES).map(|_| rng.random_range(0..5) == 0).collect();
        let score =
            |&is_positive: &bool| f64::from(rng.random_range(0..levels)) / 7.0 + if is_positive { 0.3 } else { 0.0 };
        let scores: Vec<f64> = is_positive.iter().map(score).collect();
        json!({
            "scores": scores, "meant": is_positive, "auroc": auroc(&scores, &is_positive),
            "average_precision": average_precision(&scores, &is_positive),
        })
    };
    [2, 5, 1_000_000].map(ranking).to_vec()
}

fn cuts(rng: &mut ChaCha8Rng) -> Result<Vec<Value>, Failure> {
    let points: Vec<[f64; 2]> =
        (0..EXAMPLES).map(|_| [0, 1].map(|_| f64::from(rng.random_range(0..40)) / 9.0)).collect();
    let of = |quantile: f64| {
        let cuts = Cuts::new(&points, Quantiles { validation: quantile, training: 1.0 - quantile })?;
        let kinds: Vec<_> = points.iter().map(|&point| Some(cuts?.kind(point)? as u8)).collect();
        let cuts = cuts.ok_or("every example has both depths")?;
        Ok(json!({"quantile": quantile, "points": points, "cuts": [cuts.validation, cuts.training], "kinds": kinds}))
    };
    [0.0, 0.25, 0.5, 0.83].map(of).into_iter().collect()
}

/// Input margins of a network with random weights, and the network in the format of a study.
fn margins(folder: &Path) -> Result<Value, Failure> {
    let images = embedded()?.images.select(&(0..60).collect::<Vec<_>>())?;
    let seen = Preprocessing::from_images(&images);
    let network = Net::new(&Architecture::mlp(vec![32, 16]), images.shape(), 10, 3, &Device::Cpu)?;
    std::fs::write(folder.join("network.safetensors"), Study::weights_to_bytes(&Study::weights_of(&network)?)?)?;
    let of = |kind| block_on(input_margins(&network, &seen, &images, kind, &()));
    Ok(
        json!({"inputs": seen.apply(&images)?, "linear": of(InputMargin::Linear)?, "deepfool": of(InputMargin::DeepFool)?}),
    )
}

/// Records of a small ensemble, its labels, and its table.
fn ensemble(folder: &Path) -> Result<(), Failure> {
    let ensemble = SmallEnsemble::new(embedded()?.sample(200, 0)?, 0.1, &[16], 8);
    let ensemble = SmallEnsemble { thorough: true, ..ensemble };
    let records = (0..MODELS).map(|seed| ensemble.record(seed)).collect::<Result<Vec<_>, _>>()?;
    let mut merge = ensemble.merge(&records[0])?;
    for record in &records {
        merge.add(record)?;
        std::fs::write(folder.join(format!("record{}.safetensors", record.seed)), record.to_bytes()?)?;
    }
    let table = merge.examples(Quantiles { validation: 0.5, training: 0.5 })?;
    let classes = (0..10).map(|class| format!("class {class}")).collect::<Vec<_>>();
    let name = |id: usize| match id % 6 {
        0 => format!("a/{id}.png"),
        1 => format!("\"quoted\", {id}"),
        2 => format!("two\nlines {id}"),
        3 => format!("=1+{id}"),
        4 => String::new(),
        _ => format!("ä;\t{id} "),
    };
    let names: Vec<String> = (0..table.labels.len()).map(name).collect();
    let table = table.with_names(&names, &classes)?;
    std::fs::write(folder.join("examples.csv"), table.to_csv()?)?;
    std::fs::write(folder.join("examples.parquet"), table.to_parquet()?)?;
    Ok(())
}
