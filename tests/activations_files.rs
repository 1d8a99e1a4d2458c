//! Tests of recorded activations: the same numbers give the same depths, whatever their type and their file.

use prediction_depth::activations::{Recording, Recordings};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::measurement::{Probing, measure_blocking};
use prediction_depth::search::Cpu;
use prediction_depth::{Class, Result};
use prediction_depth_tests::{
    NEIGHBORS, SomeNetwork, TEST_EXAMPLES, TRAIN_EXAMPLES, file_of, folder_of, measured, npz, safetensors,
};

fn expected(training: &SomeNetwork, test: &SomeNetwork) -> PredictionDepth {
    let probing = Probing { k: NEIGHBORS, ..Probing::default() };
    let found = measure_blocking(&training.recorded(), &training.labels, &[&test.recorded()], probing, &Cpu::default());
    let [one, other] = &found.expect("a measurement")[..] else { panic!("two splits") };
    let both = |one: &[Vec<Class>], other: &[Vec<Class>]| {
        one.iter().zip(other).map(|(one, other)| [&one[..], other].concat()).collect::<Vec<_>>()
    };
    let tied = one.tied.iter().zip(&other.tied).map(|(one, other)| [&one[..], other].concat()).collect();
    let predictions = [&one.predictions[..], &other.predictions].concat();
    PredictionDepth { probes: both(&one.probes, &other.probes), tied, predictions, distances: None }
}

#[test]
fn the_same_numbers_give_the_same_depths_in_every_file() {
    let (training, test) = (SomeNetwork::new(TRAIN_EXAMPLES, 0), SomeNetwork::new(TEST_EXAMPLES, 100));
    let expected = expected(&training, &test);
    assert!(expected.depths().iter().any(|&depth| depth > 0) && expected.depths().contains(&0));
    let mut tried = 0;
    let mut check = |what: &str, training: Result<Recording>, test: Result<Recording>| {
        let (training, test) = (training.expect(what), test.expect(what));
        let recordings = Recordings::new(training, vec![("test".into(), test)]).expect(what);
        for bytes in [u64::MAX, (TRAIN_EXAMPLES + TEST_EXAMPLES) as u64 * 6 * 4 - 1, 0] {
            assert_eq!(measured(&recordings, bytes).expect(what), expected, "{what} within {bytes} bytes");
        }
        tried += 1;
    };
    for descr in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i4", ">i8"] {
        for fortran in [false, true] {
            let of = |place: &str, network: &SomeNetwork| folder_of(place, &network.folder(descr, fortran));
            check(&format!("{descr} {fortran}"), of("train", &training), of("test", &test));
            for compressed in [false, true] {
                let of = |network: &SomeNetwork| file_of("all.npz", npz(&network.arrays(descr, fortran), compressed));
                check(&format!("npz {descr} {fortran} {compressed}"), of(&training), of(&test));
            }
        }
    }
    for descr in ["<f2", "bf16", "<f4", "<f8"] {
        let of = |network: &SomeNetwork| file_of("all.safetensors", safetensors(&network.arrays(descr, false), &[]));
        check(&format!("safetensors {descr}"), of(&training), of(&test));
    }
    // NamedFiles of one array each, of every kind, in one folder.
    let of = |network: &SomeNetwork| {
        let mut files = network.folder("<f4", false);
        files[0] = ("layer0.npz".into(), npz(&[("arr_0", network.layer(0, "<f2", false))], true));
        files[1] = ("layer1.safetensors".into(), safetensors(&[("x", network.layer(1, "bf16", false))], &[]));
        files.push(("README.md".into(), b"mine".to_vec()));
        folder_of("mixed", &files)
    };
    check("mixed", of(&training), of(&test));
    assert_eq!(tried, 9 * 2 * 3 + 4 + 1);
    // The comparison fails for other numbers.
    let other = SomeNetwork::new(TRAIN_EXAMPLES, 1);
    let recordings = Recordings::new(
        folder_of("train", &other.folder("<f4", false)).expect("a split"),
        vec![("test".into(), folder_of("test", &test.folder("<f4", false)).expect("a split"))],
    );
    assert_ne!(measured(&recordings.expect("splits"), u64::MAX).expect("depths"), expected);
}
