//! Depth and votes of an image that is not in the study, such as an edited one.

use std::cell::OnceCell;
use std::rc::Rc;

use prediction_depth::data::{Images, Split};
use prediction_depth::depth::settled_at;
use prediction_depth::measurement::Probing;
use prediction_depth::nets::Net;
use prediction_depth::probe::KnnProbe;
use prediction_depth::representations::{Forward, Representations};
use prediction_depth::search::{Cpu, Exclude};
use prediction_depth::study::Study;
use prediction_depth::{Class, Error, Matrix, Result};

use super::measured::Measured;
use super::voters::Voter;

/// Classes of the network and of each layer's probe for one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// Class of the network.
    pub prediction: Class,
    /// Largest logit minus second largest.
    pub output_margin: f32,
    /// Softmax, `[classes]`; empty if unknown.
    pub confidences: Vec<f32>,
    /// Votes of each layer, `[layers]`.
    pub votes: Vec<Vote>,
}

/// Result of the probe of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// Class with the most votes.
    pub class: Class,
    /// Whether the layer agrees with the network.
    pub agrees: bool,
    /// Distance to the network's distribution, if that decides whether they agree.
    pub distance: Option<f64>,
    /// Whether another class has as many votes.
    pub tied: bool,
    /// Voters, nearest first; empty if unknown.
    pub voters: Vec<Voter>,
}

impl Probed {
    /// Returns the result for an example of the study; without voters before it is measured here.
    pub fn measured(study: &Study, measured: Option<&Measured>, example: usize) -> Self {
        let vote = |layer: usize| Vote {
            class: study.measured.probes[layer][example],
            agrees: study.measured.agrees(layer, example),
            distance: study.measured.distances.as_ref().map(|distances| distances.values[layer][example]),
            tied: study.measured.tied[layer][example],
            voters: measured.map(|measured| measured.voters.of(layer, example)).unwrap_or_default(),
        };
        Self {
            prediction: study.measured.predictions[example],
            output_margin: study.output_margins[example],
            confidences: Vec::new(),
            votes: (0..study.layers.len()).map(vote).collect(),
        }
    }

    /// Returns the depth: the layer from which every probe agrees with the network; the number of layers if the last
    /// probe disagrees.
    pub fn depth(&self) -> usize {
        settled_at(self.votes.iter().map(|vote| vote.agrees), true)
    }
}

/// A study's network and the representations of the training examples that vote.
pub struct ProbeImage {
    study: Rc<Study>,
    network: Net,
    /// The training examples that vote.
    training: Vec<usize>,
    /// Their given labels.
    labels: Vec<Class>,
    /// Representations of the training split, `[layers]` of [training, dims]. Computed when first needed: they take
    /// some time, and the memory of the whole training split.
    support: OnceCell<Vec<Matrix>>,
}

impl ProbeImage {
    /// Prepares the probes, without computing anything.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the study has no weights.
    pub fn new(study: &Rc<Study>) -> Result<Self> {
        let network = study.network()?;
        let mut training = study.examples(Split::Train);
        let mut labels: Vec<Class> = training.iter().map(|&example| study.given_labels[example]).collect();
        if let Some(voting) = study.probing.support.rows(&labels)? {
            training = voting.iter().map(|&row| training[row as usize]).collect();
            labels = training.iter().map(|&example| study.given_labels[example]).collect();
        }
        Ok(Self { study: study.clone(), network, training, labels, support: OnceCell::new() })
    }

    /// Returns the softmax of an example, `[classes]`.
    ///
    /// # Errors
    /// Those of the network.
    pub fn confidences(&self, example: usize) -> Result<Vec<f32>> {
        let forward = self.forward(self.images()?.select(&[example])?)?;
        let softmax = forward.layers().len() - 1;
        Ok(forward.held(softmax..softmax + 1)?[0].row(0).to_vec())
    }

    /// Measures an image, `[channels, height, width]` as in the study, that does not belong to its training split: no
    /// training example is excluded.
    ///
    /// # Errors
    /// Those of the network and of the search.
    pub async fn probe(&self, image: Vec<u8>) -> Result<Probed> {
        let forward = self.forward(Images::new(image, self.images()?.shape())?)?;
        let Probing { k, ties, metric, .. } = self.study.probing;
        let (prediction, output_margin) = (forward.predictions()[0], forward.output_margins()[0]);
        let (mut votes, mut confidences) = (Vec::new(), Vec::new());
        let queries = forward.held(0..forward.layers().len())?;
        for (support, query) in self.support()?.iter().zip(&queries) {
            let probe = KnnProbe { support, labels: &self.labels, k, ties, metric };
            let found = probe.predict(query, Exclude::Nothing, &Cpu::default(), &()).await?;
            let pairs = found.neighbors.of(0).iter().zip(found.neighbors.distances_of(0));
            let voters = pairs.map(|(&row, &distance)| Voter { example: self.training[row as usize], distance });
            let (class, tied) = (found.classes[0], found.tied[0]);
            votes.push(Vote { class, agrees: class == prediction, distance: None, tied, voters: voters.collect() });
            confidences = query.row(0).to_vec();
        }
        Ok(Probed { prediction, output_margin, confidences, votes })
    }

    fn images(&self) -> Result<&Images> {
        self.study.images().ok_or(Error::NoNetwork)
    }

    fn forward(&self, images: Images) -> Result<Forward<'_, Net>> {
        Forward::new(&self.network, &self.study.preprocessing, images)
    }

    /// Returns the training split's representations: those in the study, otherwise those of its network, as in
    /// [`Measured`]. A call before the first image saves time then.
    ///
    /// # Errors
    /// Those of the network.
    pub fn support(&self) -> Result<&[Matrix]> {
        if self.support.get().is_none() {
            let support = if self.study.representations.is_empty() {
                let forward = self.forward(self.images()?.select(&self.training)?)?;
                forward.held(0..forward.layers().len())?
            } else {
                self.study.representations.iter().map(|layer| layer.select(&self.training)).collect()
            };
            let _ = self.support.set(support); // it was empty
        }
        Ok(self.support.get().map(Vec::as_slice).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded() -> Rc<Study> {
        let bytes = include_bytes!("../../../core/assets/study.safetensors.gz");
        Rc::new(Study::from_bytes(bytes).expect("the embedded study"))
    }

    fn images(study: &Study) -> &Images {
        study.images().expect("its images")
    }

    #[test]
    fn an_image_as_it_is_has_the_votes_that_were_measured() {
        let study = embedded();
        let live = ProbeImage::new(&study).expect("a network");
        let measured = pollster::block_on(Measured::new(&study, &Cpu::default(), &())).expect("a measurement");
        let examples = [study.examples(Split::Validation), study.examples(Split::Test)].concat();
        let (mut same, mut probes) = (0, 0);
        for &example in examples.iter().step_by(16) {
            let probed = pollster::block_on(live.probe(images(&study).image(example).to_vec())).expect("a probe");
            let known = Probed::measured(&study, Some(&measured), example);
            assert_eq!(probed.prediction, measured.depth.predictions[example]);
            assert_eq!(probed.confidences, live.confidences(example).expect("a softmax"));
            assert!((probed.confidences.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!((probed.output_margin - measured.output_margins[example]).abs() < 1e-3);
            // The input is not computed by products, so that even its last bits are equal.
            assert_eq!(probed.votes[0], known.votes[0]);
            for (vote, known) in probed.votes.iter().zip(&known.votes) {
                for (here, there) in vote.voters.iter().zip(&known.voters) {
                    let off = (here.distance.sqrt() - there.distance.sqrt()).abs();
                    assert!(off <= 1e-4 * there.distance.sqrt() + 1e-5, "{here:?}, {there:?}");
                }
                probes += 1;
                same += usize::from(vote.class == known.class && vote.tied == known.tied);
            }
            assert_eq!(probed.depth(), measured.depth.depth(example), "example {example}");
        }
        assert_eq!(same, probes);
    }

    #[test]
    fn another_image_has_other_votes() {
        let study = embedded();
        let live = ProbeImage::new(&study).expect("a network");
        let of = |image: &[u8]| pollster::block_on(live.probe(image.to_vec())).expect("a probe");
        let image = images(&study).image(3);
        let inverse: Vec<u8> = image.iter().map(|value| 255 - value).collect();
        assert_ne!(of(image).votes[0].voters, of(&inverse).votes[0].voters);
        // No example is excluded: a training image is its own neighbour.
        let example = study.examples(Split::Train)[0];
        assert_eq!(of(images(&study).image(example)).votes[0].voters[0], Voter { example, distance: 0.0 });
    }

    #[test]
    fn a_study_without_its_weights_has_no_live_depth() {
        let mut study = Rc::unwrap_or_clone(embedded());
        study.weights.pop();
        let error = ProbeImage::new(&Rc::new(study)).map(|_| ()).expect_err("no network");
        assert!(error.to_string().contains("weights"), "{error}");
    }
}
