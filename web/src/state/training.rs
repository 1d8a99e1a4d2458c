//! A network that is trained in the page, on the examples of the open study.

use prediction_depth::data::{Dataset, Noise, NoiseSettings, Split};
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::measurement::Probing;
use prediction_depth::study::{Architecture, Study};
use prediction_depth::train::{Length, Recipe};
use prediction_depth::{Class, Error, Result};
use serde::{Deserialize, Serialize};

/// Maximum number of pixels for training in a tab: as float32 and packed rows they take eight bytes each.
const MOST_VALUES: usize = 150_000_000;

/// Settings of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingPlan {
    /// Number of hidden layers.
    pub depth: usize,
    /// Units per hidden layer.
    pub width: usize,
    /// Seed of weights, split and order.
    pub seed: u64,
    /// Step size.
    pub learning_rate: f64,
    /// Number of passes over the training split.
    pub epochs: usize,
    /// Number of neighbours that vote.
    pub k: usize,
    /// Fraction of training images with changed labels.
    pub label_noise: f64,
    /// Seed that selects which labels are changed.
    pub noise_seed: u64,
    /// Classes of the study that take part, in order.
    pub classes: Vec<Class>,
}

/// Returns a study of examples alone, for a [`TrainingPlan`]: without layers, and without a network to measure.
///
/// # Errors
/// [`Error::Setting`] if the examples need more memory than a tab has.
pub fn untrained(dataset: Dataset) -> Result<Study> {
    let values = dataset.images.pixels().len();
    if values > MOST_VALUES {
        let remedy = format!(
            "a tab holds {MOST_VALUES} values; train with `pdepth run --data {}` and open its study",
            dataset.name
        );
        return Err(Error::Setting { name: "data", value: format!("{values} pixels"), remedy });
    }
    Ok(Study::untrained(dataset))
}

impl TrainingPlan {
    /// Returns the recipe of `pdepth run`, with these settings.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            length: Length::Epochs(self.epochs),
            learning_rate: self.learning_rate,
            seed: self.seed,
            ..Recipe::default()
        }
    }

    /// Returns the architecture of the network.
    pub fn architecture(&self) -> Architecture {
        Architecture::mlp(vec![self.width; self.depth])
    }

    /// Returns the options of the measurement; `study` is the one whose examples are used.
    pub fn options(&self, study: &Study) -> MeasureOptions {
        MeasureOptions { probing: Probing { k: self.k, ..study.probing }, ..MeasureOptions::default() }
    }

    /// Returns the experiment of this plan on the examples of a study: that of `pdepth run` with the same settings.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings without a valid split or noise; [`Error::BadK`].
    pub fn experiment(&self, study: &Study) -> Result<Experiment> {
        let noise = NoiseSettings { label_noise: self.label_noise, noise: Noise::Other, noise_seed: self.noise_seed };
        let experiment = Experiment::new(self.dataset(study)?, &noise, self.seed)?;
        experiment.check_probing(&self.options(study).probing)?;
        Ok(experiment)
    }

    /// Returns the title of the network's study.
    pub fn title(&self) -> String {
        let noise = match self.label_noise {
            0.0 => String::new(),
            noise => format!(", {:.0} % of labels flipped", 100.0 * noise),
        };
        format!("An MLP {}x{}, seed {}, trained in this page{noise}", self.depth, self.width, self.seed)
    }

    /// Returns the examples of the chosen classes as a data set: training images first, then those of its own validation
    /// split, if it has one, then test images.
    fn dataset(&self, study: &Study) -> Result<Dataset> {
        if self.classes.len() < 2 {
            let remedy = "choose at least two".into();
            return Err(Error::Setting { name: "classes", value: self.classes.len().to_string(), remedy });
        }
        let Some(images) = study.images().filter(|_| study.has_labels()) else {
            let remedy = "this study has no images with labels to train on; open data of your own".into();
            return Err(Error::Setting { name: "examples", value: study.inputs.kind().into(), remedy });
        };
        let place = |label: Class| self.classes.iter().position(|&class| class == label);
        let chosen = |splits: &[Split]| -> Vec<usize> {
            let of_splits = |example: &usize| splits.contains(&study.splits[*example]);
            let of_class = |example: &usize| place(study.labels[*example]).is_some();
            (0..study.labels.len()).filter(of_splits).filter(of_class).collect()
        };
        let [training, validation] = match study.own_validation {
            true => [chosen(&[Split::Train]), chosen(&[Split::Validation])],
            false => [chosen(&[Split::Train, Split::Validation]), Vec::new()],
        };
        if study.own_validation && validation.is_empty() {
            let remedy = "no validation example is of them; choose others".into();
            return Err(Error::Setting { name: "classes", value: self.classes.len().to_string(), remedy });
        }
        let counts = [training.len(), validation.len()];
        let ids = [training, validation, chosen(&[Split::Test])].concat();
        let labels = ids.iter().filter_map(|&id| place(study.labels[id])).map(|place| place as Class).collect();
        let classes = self.classes.iter().filter_map(|&class| study.classes.get(class as usize).cloned()).collect();
        let names = if study.names.is_empty() { &[][..] } else { &ids };
        Ok(Dataset {
            name: study.title.clone(),
            source: study.source.clone(),
            images: images.select(&ids)?,
            labels,
            training: counts[0],
            validation: counts[1],
            classes,
            names: names.iter().map(|&id| study.names[id].clone()).collect(),
            ..Dataset::default()
        })
    }
}

/// Returns the mean of `learned / step` over the examples of each depth, `[layers + 1]`; `None` for a depth without
/// examples.
pub fn learned_by_depth(
    examples: &[usize],
    depths: &[usize],
    learned: &[u32],
    step: usize,
    layers: usize,
) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_usize); layers + 1];
    for &example in examples {
        let (sum, count) = &mut sums[depths[example]];
        *sum += f64::from(learned[example]);
        *count += 1;
    }
    sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / (count * step.max(1)) as f64)).collect()
}

#[cfg(test)]
mod tests {
    use prediction_depth::nets::{Device, Network};

    use super::*;

    fn plan() -> TrainingPlan {
        TrainingPlan {
            depth: 2,
            width: 16,
            seed: 3,
            learning_rate: 0.02,
            epochs: 1,
            k: 30,
            label_noise: 0.1,
            noise_seed: 0,
            classes: vec![1, 4, 9],
        }
    }

    fn embedded() -> Study {
        Study::from_bytes(include_bytes!("../../../core/assets/study.safetensors.gz")).expect("the embedded study")
    }

    #[test]
    fn the_chosen_classes_take_part_and_no_others() {
        let (of, plan) = (embedded(), plan());
        let experiment = plan.experiment(&of).expect("an experiment");
        let network = experiment.network(&plan.architecture(), plan.seed, &Device::Cpu).expect("a network");
        assert_eq!(network.taps(), ["input", "hidden1", "hidden2", "softmax"]);
        assert_eq!(experiment.dataset.classes, [1, 4, 9].map(|class: usize| of.classes[class].clone()));
        let there = of.labels.iter().filter(|label| plan.classes.contains(label)).count();
        let labels = &experiment.dataset.labels;
        assert_eq!(labels.len(), there);
        let test = of
            .labels
            .iter()
            .zip(&of.splits)
            .filter(|(label, split)| **split == Split::Test && plan.classes.contains(label));
        assert_eq!(experiment.examples(Split::Test).len(), test.count());
        let training = there - experiment.examples(Split::Test).len();
        let flipped = labels.iter().zip(&experiment.given_labels).filter(|(label, given)| label != given).count();
        assert_eq!(flipped, (0.1 * training as f64).round() as usize);
        // The first image of the plan is the first one of the study with one of these labels.
        let first = (0..of.labels.len()).find(|&id| plan.classes.contains(&of.labels[id])).expect("one");
        assert_eq!(experiment.dataset.images.image(0), of.images().expect("images").image(first));
    }

    #[test]
    fn an_own_validation_split_and_the_names_stay() {
        let mut of = embedded();
        of.own_validation = true;
        of.names = (0..of.labels.len()).map(|id| format!("{id}.png")).collect();
        let of = Study::from_bytes(&of.to_bytes().expect("a study")).expect("the same study");
        let held_out = |study: &Study, wanted: &dyn Fn(usize) -> bool| -> Vec<String> {
            let all = study.examples(Split::Validation);
            all.into_iter().filter(|&id| wanted(id)).map(|id| study.names[id].clone()).collect()
        };
        let wanted = held_out(&of, &|id| plan().classes.contains(&of.labels[id]));
        for seed in [3, 4] {
            let experiment = TrainingPlan { seed, ..plan() }.experiment(&of).expect("an experiment");
            let validation = experiment.examples(Split::Validation);
            let names: Vec<_> = validation.iter().map(|&id| experiment.dataset.names[id].clone()).collect();
            assert_eq!(names, wanted, "the same examples whatever the seed");
        }
        let mut without = of.clone();
        for (split, label) in without.splits.iter_mut().zip(&of.labels) {
            if *split == Split::Validation && plan().classes.contains(label) {
                *split = Split::Test;
            }
        }
        let error = plan().experiment(&without).expect_err("no validation example");
        assert!(error.to_string().contains("validation"), "{error}");
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        let of = embedded();
        for wrong in [
            TrainingPlan { classes: vec![1], ..plan() },
            TrainingPlan { width: 0, ..plan() },
            TrainingPlan { k: 0, ..plan() },
            TrainingPlan { k: 100_000, ..plan() },
            TrainingPlan { label_noise: 1.5, ..plan() },
        ] {
            let made = wrong
                .experiment(&of)
                .and_then(|experiment| experiment.network(&wrong.architecture(), wrong.seed, &Device::Cpu).map(drop));
            assert!(made.is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn examples_alone_become_a_study_to_train_on() {
        let of = embedded();
        let dataset = Dataset {
            name: "mine.csv".into(),
            source: "here".into(),
            images: of.images().expect("images").clone(),
            labels: of.labels.clone(),
            training: of.labels.len(),
            classes: of.classes.clone(),
            ..Dataset::default()
        };
        let bytes = untrained(dataset).and_then(|study| study.to_bytes()).expect("a study");
        let study = Study::from_bytes(&bytes).expect("the same study");
        assert_eq!(study.examples(Split::Train).len(), of.labels.len());
        let begun = plan().experiment(&study).expect("an experiment");
        assert!(begun.examples(Split::Test).is_empty() && !begun.examples(Split::Validation).is_empty());
    }

    #[test]
    fn the_means_are_by_depth() {
        let means = learned_by_depth(&[0, 1, 2], &[0, 2, 2], &[0, 10, 20], 20, 2);
        assert_eq!(means, [Some(0.0), None, Some(0.75)]);
    }
}
