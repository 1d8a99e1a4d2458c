//! A small ensemble, from training to tables.

use std::sync::LazyLock;

use prediction_depth::data::embedded;
use prediction_depth::difficulty::{Kind, Quantiles};
use prediction_depth::ensemble::{Ensemble, Examples, Record};
use prediction_depth::label_issues::{label_issues, other_scores};
use prediction_depth::ranking::auroc;
use prediction_depth_tests::SmallEnsemble;

const MODELS: u64 = 3;

fn ensemble() -> SmallEnsemble {
    let dataset = embedded().and_then(|dataset| dataset.sample(300, 0)).expect("embedded data");
    let ensemble = SmallEnsemble::new(dataset, 0.1, &[24, 24], 30);
    SmallEnsemble { every: 6, thorough: true, ..ensemble }
}

static RECORDS: LazyLock<Vec<Record>> =
    LazyLock::new(|| (0..MODELS).map(|seed| ensemble().record(seed).expect("a model")).collect());

fn merged(records: &[Record]) -> Ensemble {
    let mut merge = ensemble().merge(&records[0]).expect("labels");
    records.iter().for_each(|record| merge.add(record).expect("it fits"));
    merge
}

fn table(merge: &Ensemble) -> Examples {
    merge.examples(Quantiles { validation: 0.5, training: 0.5 }).expect("a table")
}

#[test]
fn the_table_does_not_depend_on_files_or_threads() {
    let through_files: Vec<Record> = RECORDS
        .iter()
        .map(|record| record.to_bytes().and_then(|bytes| Record::from_bytes(&bytes)).expect("there and back"))
        .collect();
    let csv = |records: &[Record]| table(&merged(records)).to_csv().expect("a table");
    assert!(csv(&RECORDS) == csv(&through_files));
    assert!(csv(&RECORDS) != csv(&RECORDS[..2]), "the comparison sees a model that is missing");
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let again: Vec<Record> =
        alone.install(|| (0..MODELS).map(|seed| ensemble().record(seed).expect("a model")).collect());
    let bytes = |record: &Record| record.to_bytes().expect("a record");
    assert!(RECORDS.iter().zip(&again).all(|(one, other)| bytes(one) == bytes(other)));
    assert!(bytes(&RECORDS[0]) != bytes(&RECORDS[1]));
}

#[test]
fn every_example_counts_once_for_each_model() {
    let (merge, ensemble) = (merged(&RECORDS), ensemble());
    let table = table(&merge);
    for example in 0..table.labels.len() {
        let [seen, unseen] = [merge.train(), merge.held_out()].map(|side| side.models(example));
        assert_eq!(seen + unseen, MODELS as usize);
        assert_eq!(seen == 0, example >= ensemble.dataset.training || unseen == MODELS as usize);
        assert_eq!(table.kinds[example].is_some(), seen > 0 && unseen > 0);
    }
    let total: u64 = merge.train().by_depth().iter().map(|by| by.predictions).sum();
    assert_eq!(total, 270 * MODELS, "300 images, of which 30 are held out");
    assert!(Kind::ALL.iter().map(|&kind| table.of_kind(kind).len()).sum::<usize>() > 50);
}

#[test]
fn measures_of_trained_networks_are_what_they_must_be() {
    let merge = merged(&RECORDS);
    let table = table(&merge);
    let of = |name: &str| -> Vec<f64> { table.measure(name).expect(name).iter().flatten().copied().collect() };
    assert!(of("confidence_train").iter().all(|value| (0.1..=1.0).contains(value)));
    assert!(of("entropy_validation").iter().all(|value| (0.0..=10.0_f64.ln()).contains(value)));
    assert!(of("input_margin_train").iter().chain(&of("output_margin_train")).all(|&margin| margin >= 0.0));
    assert!(of("el2n_train").iter().all(|value| (0.0..=2.0_f64.sqrt()).contains(value)));
    assert!(of("data_map_variability_train").iter().all(|value| (0.0..=0.5).contains(value)));
    let learned = of("iteration_learned_train");
    assert!(learned.iter().all(|step| (0.0..=90.0).contains(step)), "30 epochs of 3 steps");
    assert!(
        learned.iter().any(|&step| step < 20.0) && learned.iter().any(|&step| step > 40.0),
        "early ones and late ones"
    );
    // The input does not change during training, and the last layer follows the network.
    let examples: Vec<usize> = (0..300).filter(|&example| merge.train().models(example) > 0).collect();
    let settled = merge.train().probe_iteration_learned(&examples);
    assert_eq!(settled[0], Some(0.0), "{settled:?}");
    assert!(settled[1..].iter().all(|step| *step > Some(1.0)), "{settled:?}");
}

#[test]
fn flipped_labels_are_found() {
    let merge = merged(&RECORDS);
    let table = table(&merge);
    let issues = label_issues(&table, merge.train(), merge.held_out());
    let training: Vec<_> = issues.iter().filter(|issue| issue.example < 300).collect();
    let flipped = |example: usize| table.is_flipped(example);
    let is_positive: Vec<bool> = training.iter().map(|issue| flipped(issue.example)).collect();
    let scores: Vec<f64> = training.iter().map(|issue| issue.score).collect();
    let found = auroc(&scores, &is_positive).expect("some are flipped");
    assert!(found > 0.8, "{found}");
    let held_out = |example: usize| table.consensus[example].is_some();
    let right = training.iter().filter(|issue| flipped(issue.example) && held_out(issue.example));
    let (right, all) = right.fold((0, 0), |(right, all), issue| {
        (right + usize::from(issue.suggested == table.labels[issue.example]), all + 1)
    });
    assert!(2 * right > all, "{right} of {all} are given their own class back");
    assert_eq!(issues.len(), table.labels.len(), "those that every model trained on, and test images, are ranked too");
    assert!(training.windows(2).all(|pair| pair[0].score >= pair[1].score));
    for (name, scores) in other_scores(&table) {
        let known: Vec<usize> = (0..300).filter(|&example| scores[example].is_some()).collect();
        let is_positive: Vec<bool> = known.iter().map(|&example| flipped(example)).collect();
        let found = auroc(&known.iter().filter_map(|&example| scores[example]).collect::<Vec<_>>(), &is_positive);
        assert!(found > Some(0.6), "{name}: {found:?}");
    }
}
