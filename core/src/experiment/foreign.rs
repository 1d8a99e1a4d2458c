//! A network that was trained elsewhere: its splits, and the values that it expects.

use super::{Experiment, Measurement};
use crate::data::{Dataset, Preprocessing};
use crate::error::{Error, Result};
use crate::logits::argmax;
use crate::nets::onnx::{AskedScale, InputScale, OnnxNetwork};
use crate::representations::logits;
use crate::study::Study;

/// Most training images on which accuracy is measured before a measurement (our choice).
const TRIED: usize = 512;
/// Standard errors above chance below which a network is warned about (our choice).
const ERRORS: f64 = 3.0;

/// The values that a network expects, and how that is known.
#[derive(Clone, Debug)]
pub struct ForeignInput {
    /// Conversion of images into the network's input.
    pub preprocessing: Preprocessing,
    /// A sentence that says so, if it was guessed.
    pub note: Option<String>,
    /// What to look at, if the network is right about as often as chance.
    pub warning: Option<String>,
}

impl ForeignInput {
    /// Resolves what a network expects: as asked; else as its file says; else what makes it right most often on training
    /// images. Whole numbers, such as token ids, are given as they are.
    ///
    /// # Errors
    /// [`Error::Graph`] for data that do not suit the network, and for values that suit neither.
    pub fn new(network: &OnnxNetwork, dataset: &Dataset, asked: &AskedScale, said: Option<InputScale>) -> Result<Self> {
        let refused = |place: &str, problem: String| Err(Error::Graph { place: place.into(), problem });
        if dataset.features {
            let problem = "its rows are features, which are read as 256 steps, and a network was trained on other values: \
                           record its activations (`pdepth depth`), or if the rows are images, say so by --layout HxW";
            return refused("--data", problem.into());
        }
        let (outputs, classes) = (network.classes(), dataset.classes.len());
        if outputs != classes {
            let problem = format!(
                "the network has {outputs} classes, and the data {classes}: they must be the same, in the same order; \
                 classes.txt can name classes without examples"
            );
            return refused("--data", problem);
        }
        let tried = dataset.training.min(TRIED);
        let ids: Vec<usize> = (0..tried).map(|place| place * dataset.training / tried).collect();
        let sample = dataset.images.select(&ids)?;
        let right = |preprocessing: &Preprocessing| match logits(network, preprocessing, &sample) {
            Ok(scores) => {
                let predicted = (0..tried).map(|row| argmax(scores.row(row)));
                let right = predicted.zip(&ids).filter(|(class, id)| *class == dataset.labels[**id]).count();
                Ok(right as f64 / tried as f64)
            }
            Err(Error::Unusable { .. }) => Ok(0.0),
            Err(error) => Err(error),
        };
        let channels = dataset.images.shape()[0];
        let (preprocessing, accuracy, note) = if network.takes_whole_numbers() {
            if asked.is_some() {
                return refused(
                    "--mean, --std, --scale",
                    "the network takes whole numbers, as they are: leave them out".into(),
                );
            }
            let plain = InputScale { scale: 1.0, ..InputScale::fractions() }.of_channels(channels)?;
            let accuracy = right(&plain)?;
            (plain, accuracy, None)
        } else if let Some(scale) = asked.over(said) {
            let preprocessing = scale.of_channels(channels)?;
            let accuracy = right(&preprocessing)?;
            (preprocessing, accuracy, None)
        } else {
            let mut guesses = Vec::new();
            for (name, preprocessing) in candidates(dataset)? {
                guesses.push((right(&preprocessing)?, name, preprocessing));
            }
            guesses.sort_by(|one, other| other.0.total_cmp(&one.0)); // stable: the earlier of equal ones stays first
            let percent = |share: f64| format!("{:.1} %", 100.0 * share);
            let next = guesses
                .get(1)
                .map_or_else(String::new, |(share, name, _)| format!("; with {name}, {}", percent(*share)));
            let (accuracy, name, preprocessing) = guesses.swap_remove(0);
            let note = format!(
                "the file does not say which values its network expects. Guessed: {name}, since with them it is right on \
                 {} of {tried} training images{next}. --mean, --std and --scale decide it",
                percent(accuracy)
            );
            (preprocessing, accuracy, Some(note))
        };
        Ok(Self { preprocessing, note, warning: warning(dataset, accuracy, tried) })
    }
}

/// Returns what images are commonly turned into, each with its name.
fn candidates(dataset: &Dataset) -> Result<Vec<(&'static str, Preprocessing)>> {
    let channels = dataset.images.shape()[0];
    let (plain, unit) = (InputScale::fractions(), 1.0 / 255.0);
    let scaled = |mean: &[f64], std: &[f64]| InputScale { scale: unit, mean: mean.into(), std: std.into() };
    let of_one = [
        ("MNIST's mean and deviation (--mean 0.1307 --std 0.3081)", scaled(&[0.1307], &[0.3081])),
        ("Fashion-MNIST's mean and deviation (--mean 0.286 --std 0.353)", scaled(&[0.286], &[0.353])),
    ];
    let of_three = [
        (
            "ImageNet's mean and deviation (--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225)",
            scaled(&[0.485, 0.456, 0.406], &[0.229, 0.224, 0.225]),
        ),
        (
            "CIFAR-10's mean and deviation (--mean 0.4914,0.4822,0.4465 --std 0.247,0.2435,0.2616)",
            scaled(&[0.4914, 0.4822, 0.4465], &[0.247, 0.2435, 0.2616]),
        ),
    ];
    let all = [
        ("fractions from 0 to 1 (--scale 1/255)", plain.clone()),
        ("fractions from -1 to 1 (--mean 0.5 --std 0.5)", scaled(&[0.5], &[0.5])),
        ("pixels from 0 to 255 (--scale 1)", InputScale { scale: 1.0, ..plain }),
    ];
    let known = all.into_iter().chain(of_one.into_iter().filter(|_| channels == 1));
    let known = known.chain(of_three.into_iter().filter(|_| channels == 3));
    let mut candidates: Vec<_> =
        known.map(|(name, scale)| Ok((name, scale.of_channels(channels)?))).collect::<Result<_>>()?;
    let training: Vec<usize> = (0..dataset.training).collect();
    let own = Preprocessing::from_images(&dataset.images.select(&training)?);
    candidates.push(("each channel of the training images at mean 0 and deviation 1", own));
    Ok(candidates)
}

/// Warns if a network is right hardly more often than a constant class would be.
fn warning(dataset: &Dataset, accuracy: f64, tried: usize) -> Option<String> {
    let labels = &dataset.labels[..dataset.training];
    let count = |class: usize| labels.iter().filter(|&&label| label as usize == class).count();
    let commonest = (0..dataset.classes.len()).map(count).max().unwrap_or_default();
    let chance = commonest as f64 / labels.len().max(1) as f64;
    let error = (chance * (1.0 - chance) / tried.max(1) as f64).sqrt();
    (dataset.classes.len() > 1 && chance < 1.0 && accuracy <= chance + ERRORS * error).then(|| {
        format!(
            "the network is right on {:.1} % of {tried} training images, about as often as chance ({:.1} %): its depths say \
             little. Check --mean, --std and --scale, the colours (--channels), and that the data's classes are in the \
             order of the network's outputs",
            100.0 * accuracy,
            100.0 * chance
        )
    })
}

impl Experiment {
    /// Returns the experiment of a network that was trained elsewhere, on all training images: no validation split is
    /// drawn, and the labels are the data set's own.
    pub fn of_foreign(dataset: Dataset, preprocessing: Preprocessing) -> Self {
        let splits = dataset.own_splits();
        Self { given_labels: dataset.labels.clone(), splits, dataset, preprocessing }
    }

    /// Returns the study of a network that the study does not hold.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the measurement has other examples or classes.
    pub fn into_foreign_study(self, title: String, measurement: Measurement) -> Result<Study> {
        measurement.complete(Study { title, ..Study::untrained(self.dataset) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Split, embedded};

    #[test]
    fn chance_is_told() {
        let data = embedded().expect("data");
        assert!(warning(&data, 0.13, 512).is_some_and(|text| text.contains("about as often as chance (1")));
        assert!(warning(&data, 0.3, 512).is_none());
    }

    #[test]
    fn no_split_is_drawn() {
        let data = embedded().expect("data");
        let (training, plain) = (data.training, InputScale::fractions().of_channels(1).expect("one channel"));
        let experiment = Experiment::of_foreign(data, plain);
        assert_eq!(experiment.examples(Split::Train).len(), training);
        assert!(experiment.examples(Split::Validation).is_empty());
    }
}
