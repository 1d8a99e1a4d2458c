//! The claims of the course about the embedded study, as numbers, and the static figures of the lessons.

use std::collections::BTreeMap;

use prediction_depth::Class;
use prediction_depth::data::Split;
use prediction_depth::difficulty::Kind;
use prediction_depth::plot::{
    Series, WIDTH, accuracy_by_depth, depth_histogram, difficulty_map, learned_by_depth, probe_accuracy, probe_strip,
};
use prediction_depth::study::Study;

use crate::sheet::sheet;

/// The figures follow the reader's colour scheme, since images cannot use the style of the page around them.
const STYLE: &str = "<style>:root{color-scheme:light dark;--ink:light-dark(#1b1b1b,#e8e8e6);\
    --muted:light-dark(#595959,#a6a8aa);--grid:light-dark(#dcdcd8,#32363c)}</style>";
/// Images per row of a sheet.
const ROW: usize = 12;

/// A study with the columns of an ensemble, as used by the lessons.
pub struct Course {
    /// The study.
    pub study: Study,
    /// The depth of each example, `[examples]`.
    pub depths: Vec<usize>,
}

impl Course {
    /// Reads the embedded study.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn embedded() -> Self {
        let bytes = include_bytes!("../../core/assets/study.safetensors.gz");
        Self::from_study(Study::from_bytes(bytes).expect("the embedded study"))
    }

    /// Computes the depths of a study.
    pub fn from_study(study: Study) -> Self {
        Self { depths: study.measured.depths(), study }
    }

    /// Returns the examples of a split, in data set order.
    pub fn examples(&self, split: Split) -> Vec<usize> {
        self.study.examples(split)
    }

    /// Returns whether this example's label was changed.
    pub fn is_flipped(&self, example: usize) -> bool {
        self.study.is_flipped(example)
    }

    /// Returns the training examples with wrong labels, or those with the data set's labels.
    pub fn training(&self, flipped: bool) -> Vec<usize> {
        self.examples(Split::Train).into_iter().filter(|&example| self.is_flipped(example) == flipped).collect()
    }

    /// Returns the fraction of examples for which `holds` is true.
    pub fn share(&self, examples: &[usize], holds: impl Fn(usize) -> bool) -> f64 {
        examples.iter().filter(|&&example| holds(example)).count() as f64 / examples.len() as f64
    }

    /// Returns the fraction of these labels that each layer's probe predicts, `[layers]`.
    pub fn probes_say(&self, examples: &[usize], labels: &[Class]) -> Vec<f64> {
        let probes = self.study.measured.probes.iter();
        probes.map(|probe| self.share(examples, |example| probe[example] == labels[example])).collect()
    }

    /// Returns the number of examples at each depth, `[layers + 1]`.
    pub fn histogram(&self, examples: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.study.layers.len() + 1];
        examples.iter().for_each(|&example| counts[self.depths[example]] += 1);
        counts
    }

    /// Returns the mean depth of these examples.
    pub fn mean_depth(&self, examples: &[usize]) -> f64 {
        examples.iter().map(|&example| self.depths[example] as f64).sum::<f64>() / examples.len() as f64
    }

    /// Returns a column of the ensemble.
    ///
    /// # Panics
    /// If the study does not have it.
    pub fn column(&self, name: &str) -> &[f32] {
        self.study.column(name).unwrap_or_else(|| panic!("the study lacks ensemble/{name}"))
    }

    /// Returns the mean of a column over the examples whose mean depth, in the column `depths`, rounds to each depth,
    /// `[layers + 1]`.
    pub fn by_depth(&self, depths: &str, column: &str) -> Vec<Option<f64>> {
        let mut found = BTreeMap::<usize, Vec<f64>>::new();
        for (&depth, &value) in self.column(depths).iter().zip(self.column(column)) {
            if !depth.is_nan() && !value.is_nan() {
                found.entry(depth.round() as usize).or_default().push(f64::from(value));
            }
        }
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        (0..=self.study.layers.len()).map(|depth| found.get(&depth).map(mean)).collect()
    }

    /// Returns the examples of a kind of difficulty.
    ///
    /// # Panics
    /// If the study has no kinds.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        let kinds = self.study.kinds().expect("an ensemble's study");
        (0..kinds.len()).filter(|&example| kinds[example] == Some(kind)).collect()
    }

    /// Returns the lessons' figures, `(file name, SVG)`.
    pub fn figures(&self) -> Vec<(&'static str, String)> {
        let figures = [
            ("1-probes.svg", self.probes()),
            ("2-depth.svg", self.strip()),
            ("3-easy-and-hard.svg", self.accuracy()),
            ("3-images.svg", self.extremes()),
            ("4-training.svg", self.learned()),
            ("5-wrong-labels.svg", self.flipped_depths()),
            ("5-early-layers.svg", self.flipped_probes()),
            ("6-kinds.svg", self.map()),
            ("6-images.svg", self.kinds()),
            ("7-use.svg", self.deepest()),
        ];
        figures.into_iter().map(|(name, svg)| (name, svg.replacen('>', &format!(">{STYLE}"), 1))).collect()
    }

    fn probes(&self) -> String {
        let values = [("training", Split::Train), ("test", Split::Test)].map(|(name, split)| {
            let shares = self.probes_say(&self.examples(split), &self.study.given_labels);
            (name, shares.into_iter().map(Some).collect::<Vec<_>>())
        });
        probe_accuracy(WIDTH, &self.study.layers, &values.each_ref().map(|(name, values)| Series { name, values }))
    }

    fn strip(&self) -> String {
        let mut order = self.examples(Split::Train);
        order.sort_by_key(|&example| (self.depths[example], self.study.measured.predictions[example]));
        let Study { layers, classes, measured, .. } = &self.study;
        probe_strip(1.5 * WIDTH, layers, classes, measured, &order)
    }

    /// Returns the network's accuracy on the examples of a split at each depth, `[layers + 1]`.
    pub fn accuracy_by_depth(&self, split: Split) -> Vec<Option<f64>> {
        let right = |example: usize| self.study.measured.predictions[example] == self.study.given_labels[example];
        (0..=self.study.layers.len())
            .map(|depth| {
                let here: Vec<usize> =
                    self.examples(split).into_iter().filter(|&example| self.depths[example] == depth).collect();
                (!here.is_empty()).then(|| self.share(&here, right))
            })
            .collect()
    }

    fn accuracy(&self) -> String {
        let values = self.accuracy_by_depth(Split::Test);
        accuracy_by_depth(WIDTH, &self.study.layers, &[Series { name: "test", values: &values }])
    }

    fn extremes(&self) -> String {
        let hardest = self.study.hardest_first(Split::Test);
        let easiest: Vec<usize> = hardest.iter().rev().take(2 * ROW).copied().collect();
        sheet(&self.study, &[("The shallowest test examples", easiest), ("The deepest", hardest[..2 * ROW].to_vec())])
    }

    fn learned(&self) -> String {
        let last = self.column("iteration_learned_train").iter().copied().fold(1.0, f32::max);
        let share = |values: Vec<Option<f64>>| -> Vec<_> {
            values.into_iter().map(|value| value.map(|value| value / f64::from(last))).collect()
        };
        let [training, held_out] = [
            share(self.by_depth("depth_train", "iteration_learned_train")),
            share(self.by_depth("depth_validation", "iteration_learned_validation")),
        ];
        let series = [Series { name: "training", values: &training }, Series { name: "held out", values: &held_out }];
        learned_by_depth(WIDTH, &self.study.layers, &series)
    }

    fn flipped_depths(&self) -> String {
        let [right, wrong] = [false, true].map(|flipped| self.histogram(&self.training(flipped)));
        let series = [Series { name: "right labels", values: &right }, Series { name: "wrong labels", values: &wrong }];
        depth_histogram(WIDTH, &self.study.layers, &series)
    }

    fn flipped_probes(&self) -> String {
        let flipped = self.training(true);
        let [true_label, given] = [&self.study.labels, &self.study.given_labels]
            .map(|labels| self.probes_say(&flipped, labels).into_iter().map(Some).collect::<Vec<_>>());
        let series = [
            Series { name: "the true label", values: &true_label },
            Series { name: "the wrong label", values: &given },
        ];
        probe_accuracy(WIDTH, &self.study.layers, &series)
            .replace(
                "Accuracy of the k-NN probe at each layer",
                "What the probe of each layer says of examples with a wrong label",
            )
            .replace(">probe accuracy<", ">share of the probes<")
    }

    fn map(&self) -> String {
        let points = self.study.both_depths().expect("an ensemble's study");
        difficulty_map(WIDTH, self.study.layers.len(), &points, self.study.cuts())
    }

    fn kinds(&self) -> String {
        let row = |kind: Kind| (kind.name(), self.of_kind(kind).into_iter().take(ROW).collect());
        sheet(&self.study, &Kind::ALL.map(row))
    }

    fn deepest(&self) -> String {
        let deepest = self.study.hardest_first(Split::Train)[..3 * ROW].to_vec();
        sheet(&self.study, &[("The deepest training examples; a corner marks a label that is wrong", deepest)])
    }
}
