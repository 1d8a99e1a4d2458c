//! Tests that the course is correct: each sentence under "What to see", and each answer, is computed from the embedded
//! study.

use std::fs;

use pollster::block_on;
use prediction_depth::correlation::spearman;
use prediction_depth::data::{NoiseSettings, Split};
use prediction_depth::difficulty::Kind;
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::metrics::IterationLearned;
use prediction_depth::nets::{Architecture, Device};
use prediction_depth::search::Cpu;
use prediction_depth::study::Study;
use prediction_depth::train::{Length, Recipe};
use prediction_depth::{Class, Result};
use prediction_depth_tests::{Course, Lesson, course_folder};

/// Returns the name of the layer with the smallest value.
fn least<'a>(names: &'a [String], values: &[f64]) -> &'a str {
    let (layer, _) = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).expect("layers");
    &names[layer]
}

#[test]
fn lesson_1_what_a_layer_sees() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("1-probes"));
    let [training, test] =
        [Split::Train, Split::Test].map(|split| course.probes_say(&course.examples(split), &course.study.given_labels));
    lesson.claims("right about more than seven test images in ten", test[0] > 0.7);
    lesson.claims("After the first hidden layer they are right about more of them", test[1] > test[0]);
    let last = test.len() - 1;
    lesson.claims(
        "On the training images the probes agree with the labels more and more, layer by layer. On images that the network \
         has not seen they soon get no better",
        training.is_sorted() && training[last] > 0.99 && test[2..].iter().all(|later| *later < test[1] + 0.02),
    );
    lesson.answers(least(&course.study.layers, &test));
    lesson.end();
}

#[test]
fn lesson_2_prediction_depth() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("2-depth"));
    let training = course.examples(Split::Train);
    lesson.claims(
        "More than half of the training examples settle at the input",
        course.share(&training, |example| course.depths[example] == 0) > 0.5,
    );
    lesson.claims(
        "Fewer than one in ten need more than three layers",
        course.share(&training, |example| course.depths[example] > 3) < 0.1,
    );
    let example = 217;
    lesson.claims("The demo begins with example 217", lesson.text.contains("selection=\"example=217\""));
    lesson.answers(&course.depths[example].to_string());
    let probes: Vec<&str> = (0..3).map(|layer| class(&course, course.study.measured.probes[layer][example])).collect();
    let own = class(&course, course.study.measured.predictions[example]);
    assert!(probes[0] != own && probes[1] == own && probes[2] != own && own == "sandal", "{probes:?} {own}");
    lesson.end();
}

fn class(course: &Course, class: Class) -> &str {
    course.study.class_name(class)
}

#[test]
fn lesson_3_easy_and_hard() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("3-easy-and-hard"));
    let right = |example: usize| course.study.measured.predictions[example] == course.study.given_labels[example];
    let (deep, shallow): (Vec<usize>, Vec<usize>) = course
        .examples(Split::Test)
        .into_iter()
        .filter(|&example| [0, 4, 5, 6].contains(&course.depths[example]))
        .partition(|&example| course.depths[example] > 0);
    lesson.claims(
        "Of the test images of depth 0 the network gets more than eight in ten right",
        course.share(&shallow, right) > 0.8,
    );
    assert!((course.share(&shallow, right) - 0.9).abs() < 0.05, "about nine in ten, says the answer");
    lesson.claims("Of those of depth 4 and more it gets fewer than half right", course.share(&deep, right) < 0.5);
    lesson.answers(if course.share(&deep, right) < 0.5 { "less" } else { "half" });
    lesson.end();
}

#[test]
fn lesson_4_training() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("4-training"));
    let sides = ["train", "validation"];
    let by_depth = sides.map(|side| course.by_depth(&format!("depth_{side}"), &format!("iteration_learned_{side}")));
    lesson.claims(
        "Examples of depth 0 are learned before all others",
        by_depth.iter().all(|means| means[1..].iter().flatten().all(|&later| later > means[0].unwrap_or(f64::NAN))),
    );
    lesson.claims(
        "The deeper an example, the later it is learned, in the training images and in those held out",
        sides.iter().all(|side| {
            let values = |name: &str| -> Vec<Option<f64>> {
                course.column(&format!("{name}_{side}")).iter().map(|&value| Some(f64::from(value))).collect()
            };
            spearman(&values("depth"), &values("iteration_learned")).is_some_and(|rank| rank > 0.4)
        }),
    );
    let settled = probes_settled(&course.study, 10).expect("a training");
    let [first, last] = [settled[1], settled[settled.len() - 2]];
    lesson.claims(
        "In training, the probe of the first hidden layer settles before that of the last",
        settled[0] == 0.0 && first < last,
    );
    lesson.answers("shallow");
    lesson.end();
}

/// Returns the mean step from which each layer's probe no longer changes, `[layers]`, for this many epochs of the
/// training that the page offers.
fn probes_settled(study: &Study, epochs: usize) -> Result<Vec<f64>> {
    let noise = NoiseSettings { label_noise: 0.05, ..NoiseSettings::default() };
    let experiment = Experiment::new(Experiment::from_study(study)?.dataset, &noise, 0)?;
    let network = experiment.network(&Architecture::mlp(vec![64; 5]), 0, &Device::Cpu)?;
    let recipe = Recipe { length: Length::Epochs(epochs), learning_rate: 0.02, ..Recipe::default() };
    let mut trainer = experiment.trainer(&network, recipe)?;
    let mut learned: Vec<IterationLearned> = Vec::new();
    for step in 0..=trainer.steps() {
        if step > 0 {
            trainer.step()?;
        }
        if step % (2 * trainer.steps_an_epoch()) == 0 {
            let source = |examples: &[usize]| experiment.forward(&network, examples);
            let options = MeasureOptions::default();
            let depth = block_on(experiment.measure(source, options, None, &Cpu::default(), &()))?.depth;
            learned.resize_with(depth.probes.len(), IterationLearned::default);
            for (layer, probe) in learned.iter_mut().zip(&depth.probes) {
                layer.note(step as u32, probe);
            }
        }
    }
    let mean = |since: &[u32]| since.iter().copied().map(f64::from).sum::<f64>() / since.len() as f64;
    Ok(learned.iter().map(|layer| mean(layer.since())).collect())
}

#[test]
fn lesson_5_wrong_labels() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("5-wrong-labels"));
    let [right, wrong] = [false, true].map(|flipped| course.training(flipped));
    lesson.claims(
        "Examples with a wrong label settle more than three layers later than the others, on average",
        course.mean_depth(&wrong) > course.mean_depth(&right) + 3.0,
    );
    let [true_label, given] =
        [&course.study.labels, &course.study.given_labels].map(|labels| course.probes_say(&wrong, labels));
    lesson.claims(
        "At the first hidden layer, the neighbours of more than six in ten vote for the true label, and of fewer than two in \
         ten for the wrong one",
        true_label[1] > 0.6 && given[1] < 0.2,
    );
    lesson.claims(
        "At the softmax it is the wrong label that wins, for more than nine in ten",
        given[given.len() - 1] > 0.9,
    );
    lesson.claims("it says of every training image what it was told", {
        let training = course.examples(Split::Train);
        course.share(&training, |example| {
            course.study.measured.predictions[example] == course.study.given_labels[example]
        }) >= 0.999
    });
    // A claim about the study, not the network: five in a hundred labels were changed.
    let changed = (0..course.study.labels.len()).filter(|&example| course.is_flipped(example)).count();
    lesson.claims("five in a hundred training labels were changed", changed == 100);
    lesson.answers(if true_label[1] > 0.5 { "true" } else { "wrong" });
    lesson.end();
}

#[test]
fn lesson_6_kinds() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("6-kinds"));
    let kinds = Kind::ALL.map(|kind| course.of_kind(kind));
    let flipped = |example: usize| course.is_flipped(example);
    let [easy, different, unless, ambiguous] = &kinds;
    let counts = kinds.each_ref().map(|kind| kind.iter().filter(|&&example| course.is_flipped(example)).count());
    lesson.claims(
        "Of the examples that look like a different class, one in three has a label that was changed. Three in four of all \
         changed labels are there",
        (0.3..0.4).contains(&course.share(different, flipped))
            && (0.7..0.8).contains(&(counts[1] as f64 / counts.iter().sum::<usize>() as f64)),
    );
    let mean = |name: &str, examples: &[usize]| {
        examples.iter().map(|&example| f64::from(course.column(name)[example])).sum::<f64>() / examples.len() as f64
    };
    lesson.claims(
        "The networks that did not see them agree with each other more than nine times in ten, and with the given label \
         less than three times in ten",
        mean("consistency", different) > 0.9 && mean("c_score", different) < 0.3,
    );
    lesson.claims("Of the easy examples, not one has a changed label", counts[0] == 0);
    lesson.claims(
        "Of the ambiguous ones, labelled or not, the networks that did not see them get about half right",
        [unless, ambiguous].into_iter().all(|kind| (0.45..0.6).contains(&mean("c_score", kind))),
    );
    lesson.claims(
        "The demo calls a mean depth high that is among the upper quarter",
        [easy, different].map(Vec::len).iter().sum::<usize>() * 4
            >= kinds.each_ref().map(Vec::len).iter().sum::<usize>() * 3,
    );
    let most = counts.iter().max().expect("kinds");
    let name =
        ["easy", "different", "ambiguous", "ambiguous"][counts.iter().position(|count| count == most).expect("it")];
    lesson.answers(name);
    lesson.end();
}

#[test]
fn lesson_7_use() {
    let (course, mut lesson) = (Course::embedded(), Lesson::open("7-use"));
    let hardest = course.study.hardest_first(Split::Train);
    let found = |first: usize| hardest[..first].iter().filter(|&&example| course.is_flipped(example)).count();
    let all = course.training(true).len();
    lesson.claims(
        "Of the hundred deepest training examples, more than half have a wrong label; by chance it would be five",
        found(100) > 50 && (4.5..5.5).contains(&(100.0 * all as f64 / hardest.len() as f64)),
    );
    lesson.claims("But more than one in five of the hundred are labelled right", found(100) < 80);
    lesson.claims(
        "And more than one wrong label in ten is not among the hundred",
        (found(100) as f64) < 0.9 * all as f64,
    );
    lesson.answers(match found(36) {
        0..10 => "few",
        10..=24 => "half",
        _ => "most",
    });
    lesson.end();
}

#[test]
fn a_claim_that_is_not_so_fails() {
    let mut spoilt = Course::embedded().study;
    // A network that learns the wrong labels immediately: then the claims of lesson 5 are false.
    let (given, layers) = (spoilt.given_labels.clone(), spoilt.layers.len());
    spoilt.measured.probes = vec![given.clone(); layers];
    spoilt.measured.predictions = given;
    let course = Course::from_study(spoilt);
    let [right, wrong] = [false, true].map(|flipped| course.mean_depth(&course.training(flipped)));
    assert!(wrong <= right + 3.0);
    let wrong = course.training(true);
    assert!(course.probes_say(&wrong, &course.study.labels)[1] < 0.6);
    let refused = std::panic::catch_unwind(|| Lesson::open("5-wrong-labels").claims("At the softmax", false));
    assert!(refused.is_err());
    let untested = std::panic::catch_unwind(|| Lesson::open("5-wrong-labels").end());
    assert!(untested.is_err());
}

#[test]
fn the_figures_are_those_that_the_program_draws() {
    let figures = Course::embedded().figures();
    let mut names: Vec<String> = figures.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, svg) in figures {
        let lies = fs::read_to_string(course_folder().join("figures").join(name)).expect("a figure");
        assert!(
            lies == svg,
            "{name}: draw it again with `cargo build --workspace --bins` and `course_figures web/course/figures`"
        );
    }
    names.sort();
    let mut there: Vec<String> = fs::read_dir(course_folder().join("figures"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    there.sort();
    assert_eq!(there, names);
}
