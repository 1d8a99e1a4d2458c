//! A study as a safetensors file, plain or gzipped; other programs rely on this format.
//!
//! Metadata that is not plain text is JSON. The order of layers is in the metadata, since tensors have no order.

use std::collections::{BTreeMap, BTreeSet};

use super::shown::{FEATURES, INPUTS};
use super::texts::NAMES;
use super::{Architecture, ProbeSource, Study, StudyExamples, Weight, shown};
use crate::archive::{Format, Metadata, Tensor, Tensors, write};
use crate::class::{Class, UNLABELED, UNPROBED};
use crate::data::{Inputs, Split};
use crate::depth::{Distances, PredictionDepth};
use crate::ensemble::Column;
use crate::error::{Result, same_length};
use crate::gzip::{gunzip, gzip};
use crate::matrix::{Matrix, Rows};
use crate::measurement::Probing;
use crate::pooling::Pooling;

/// Prefix of the names of weights.
const WEIGHTS: &str = "weights/";
/// Metadata that says that the validation split is the data set's own, not drawn from its training images.
const VALIDATION: &str = "validation";
const OWN: &str = "own";
/// Number of bytes of a file in which the name of the format is searched.
const HEAD: usize = 1 << 16;
/// Metadata: how layers were pooled.
const POOLING: &str = "tap_pooling";
/// Metadata: the names of the user's own held-out splits.
const HELD_OUT: &str = "held_out";
/// Metadata: where the classes of the probes are from; neighbours if it is missing.
const PROBES: &str = "probes";
/// Metadata: the largest distance at which a layer agrees with the network, if distances decide the depth.
const UNTIL_DISTANCE: &str = "until_distance";
/// The newest version of the format. A study is written in the oldest version that can hold it, so that programs from
/// before read it: since version 2 network and images may be missing, since version 3 also labels and neighbours.
pub const VERSION: u32 = 3;
const FORMAT: Format = Format { what: "study", name: "prediction-depth-study", version: VERSION, oldest: 1 };

impl Study {
    /// Returns the content of a study file, uncompressed.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the length of a list does not match its shape.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        write(&self.metadata()?, &self.tensors())
    }

    /// Returns the content of a study file, gzipped.
    ///
    /// # Errors
    /// Those of [`Study::to_bytes`].
    pub fn to_gzip(&self) -> Result<Vec<u8>> {
        gzip(&self.to_bytes()?)
    }

    /// Returns the weights alone as a safetensors file: a checkpoint.
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the number of values of a weight does not match its shape.
    pub fn weights_to_bytes(weights: &[Weight]) -> Result<Vec<u8>> {
        write(&BTreeMap::new(), &weights.iter().map(|weight| weight.named("")).collect())
    }

    /// Reads a study from the content of a file, plain or gzipped.
    ///
    /// # Errors
    /// [`Error::Version`](crate::Error::Version) for another version; [`Error::Format`](crate::Error::Format) names the
    /// part that is missing or damaged; [`Error::Mismatch`](crate::Error::Mismatch) and
    /// [`Error::BadLabel`](crate::Error::BadLabel) if its parts do not match;
    /// [`Error::Unusable`](crate::Error::Unusable) if a weight is NaN or infinite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let bytes = gunzip(bytes)?;
        let (metadata, file) = FORMAT.open(&bytes)?;
        let study = Self::read(&metadata, &file)?;
        study.check()?;
        Ok(study)
    }

    /// Returns whether this is the content of a study file, possibly damaged or of another version. Also returns `true`
    /// for gzipped data that cannot be decompressed, since its format is unknown.
    pub fn is_study(bytes: &[u8]) -> bool {
        let gunzipped = gunzip(bytes);
        let Ok(bytes) = gunzipped else { return true };
        bytes.windows(FORMAT.name.len()).take(HEAD).any(|window| window == FORMAT.name.as_bytes())
    }

    fn metadata(&self) -> Result<BTreeMap<&str, String>> {
        let entries = [
            ("format", FORMAT.name.into()),
            ("version", self.version().to_string()),
            ("title", self.title.clone()),
            ("source", self.source.clone()),
            ("classes", FORMAT.json(&self.classes)?),
            ("layers", FORMAT.json(&self.layers)?),
            ("network", FORMAT.json(&self.architecture)?),
            ("preprocessing", FORMAT.json(&self.preprocessing)?),
        ];
        let probing = match self.probe_source {
            ProbeSource::Neighbors => {
                [("k", self.probing.k.to_string()), ("probing", FORMAT.json(&self.probing)?)].into()
            }
            source @ ProbeSource::Given => vec![(PROBES, FORMAT.json(&source)?)],
        };
        let until = self.measured.distances.as_ref().map(|distances| (UNTIL_DISTANCE, distances.until.to_string()));
        let unprobed = (!self.measured.is_whole()).then(|| ("unprobed", UNPROBED.to_string()));
        let own_validation = self.own_validation.then(|| (VALIDATION, OWN.to_owned()));
        let mut metadata: BTreeMap<&str, String> =
            entries.into_iter().chain(probing).chain(until).chain(unprobed).chain(own_validation).collect();
        if self.version() > 1 {
            metadata.insert(INPUTS, self.inputs.kind().into());
            metadata.insert(HELD_OUT, FORMAT.json(&self.held_out)?);
        }
        if self.version() > 1 && self.probe_source == ProbeSource::Neighbors {
            // For other programs: ours reads metric and support from `probing`.
            metadata.insert("metric", self.probing.metric.name().into());
            metadata.insert("support", FORMAT.json(&self.probing.support)?);
            metadata.insert(POOLING, FORMAT.json(&self.pooling)?);
        }
        if let Inputs::Table(table) = &self.inputs {
            metadata.insert(FEATURES, FORMAT.json(&table.features())?);
        }
        Ok(metadata)
    }

    /// Returns the oldest version that can hold this study.
    fn version(&self) -> u32 {
        let given = !self.has_labels() || self.probe_source == ProbeSource::Given || self.measured.distances.is_some();
        // Readers of earlier versions would measure them again as if there were none.
        let options = !self.probing.metric.is_euclidean() || !self.probing.support.is_all() || !self.pooling.is_none();
        let shown = self.architecture.is_some() && self.images().is_some() && self.held_out.is_empty();
        match (given || options, shown) {
            (true, _) => VERSION,
            (false, true) => 1,
            (false, false) => 2,
        }
    }

    fn tensors(&self) -> BTreeMap<String, Tensor> {
        let (count, layers) = (self.labels.len(), self.layers.len());
        let splits = self.splits.iter().map(|&split| split.number()).collect();
        let depths = self.measured.depths().into_iter().map(|depth| depth as u32);
        let tied = self.measured.tied.concat().into_iter().map(u8::from).collect();
        let fixed = [
            ("split", Tensor::u8(&[count], splits)),
            ("predicted", Tensor::u32(&[count], self.measured.predictions.iter().copied())),
            ("probe", Tensor::u32(&[layers, count], self.measured.probes.concat())),
            ("tied", Tensor::u8(&[layers, count], tied)),
            ("depth", Tensor::u32(&[count], depths)),
            ("output_margin", Tensor::f32(&[count], &self.output_margins)),
        ];
        let labels = [("labels", &self.labels), ("given_label", &self.given_labels)].into_iter();
        let labels = labels.filter(|_| self.has_labels());
        let labels = labels.map(|(name, labels)| (name, Tensor::u32(&[count], labels.iter().copied())));
        let distances = self.measured.distances.iter();
        let distances = distances.map(|of| ("distance", Tensor::f64(&[layers, count], &of.values.concat())));
        let weights = self.weights.iter().map(|weight| weight.named(WEIGHTS));
        let representations = self.layers.iter().zip(&self.representations);
        let representations = representations
            .map(|(layer, matrix)| (format!("representations/{layer}"), Tensor::f32(&matrix.shape(), matrix.values())));
        let ensemble = self
            .ensemble
            .iter()
            .map(|column| (format!("ensemble/{}", column.name), Tensor::f32(&[count], &column.values)));
        let fixed = fixed.into_iter().chain(labels).chain(distances).map(|(name, tensor)| (name.to_owned(), tensor));
        let names = (!self.names.is_empty()).then(|| NAMES.to_tensors(&self.names)).into_iter().flatten();
        let inputs = shown::to_tensors(&self.inputs);
        fixed.chain(weights).chain(representations).chain(ensemble).chain(names).chain(inputs).collect()
    }

    fn read(metadata: &Metadata, file: &Tensors) -> Result<Self> {
        let layers: Vec<String> = metadata.json("layers")?;
        let held_out: Vec<String> = metadata.optional(HELD_OUT).map_or(Ok(Vec::new()), |_| metadata.json(HELD_OUT))?;
        let (_, splits) = file.u8("split")?;
        let (count, most) = (splits.len(), Split::ALL.len() + held_out.len());
        if let Some(number) = splits.iter().find(|&&number| usize::from(number) >= most) {
            return Err(FORMAT.wrong(format!("a split is {number}, but there are only {most} splits")));
        }
        let splits = splits.into_iter().map(Split::of_number).collect();
        let rows = |values: Vec<Class>| values.chunks_exact(count.max(1)).map(<[Class]>::to_vec).collect();
        let (_, tied) = file.u8("tied")?;
        let distances = metadata.optional(UNTIL_DISTANCE).map(|_| -> Result<_> {
            let values = file.f64("distance")?.chunks_exact(count.max(1)).map(<[f64]>::to_vec).collect();
            Ok(Distances { until: metadata.json(UNTIL_DISTANCE)?, values })
        });
        let measured = PredictionDepth {
            probes: rows(file.u32("probe")?),
            tied: tied.chunks_exact(count.max(1)).map(|layer| layer.iter().map(|&tied| tied != 0).collect()).collect(),
            predictions: file.u32("predicted")?,
            distances: distances.transpose()?,
        };
        let columns = file.names().into_iter().filter_map(|name| name.strip_prefix("ensemble/"));
        let ensemble = columns.collect::<BTreeSet<_>>().into_iter().map(|name| {
            let (_, values) = file.f32(&format!("ensemble/{name}"))?;
            Ok(Column { name: name.into(), values })
        });
        let recorded = layers.iter().filter(|layer| file.has(&format!("representations/{layer}")));
        let representations = recorded.map(|layer| match file.f32(&format!("representations/{layer}"))? {
            (shape, values) if shape.len() == 2 => Matrix::new(values, shape[0], shape[1]),
            (shape, _) => {
                Err(FORMAT.wrong(format!("representations/{layer} has the shape {shape:?}, not [examples, dims]")))
            }
        });
        let (title, source) = (metadata.text("title")?.into(), metadata.text("source")?.into());
        let classes = metadata.json("classes")?;
        let architecture = metadata.json::<Option<Architecture>>("network")?;
        let preprocessing = metadata.json("preprocessing")?;
        let probe_source = metadata.optional(PROBES).map_or(Ok(ProbeSource::default()), |_| metadata.json(PROBES))?;
        let probing = match probe_source {
            ProbeSource::Neighbors => metadata.json("probing")?,
            ProbeSource::Given => Probing::default(),
        };
        let unlabeled = metadata.text("version")? == VERSION.to_string() && !file.has("labels");
        let labels = |name: &str| if unlabeled { Ok(vec![UNLABELED; count]) } else { file.u32(name) };
        let (inputs, given_labels, labels) =
            (shown::read(&FORMAT, metadata, file)?, labels("given_label")?, labels("labels")?);
        let names = NAMES.read(file, |problem| FORMAT.wrong(problem))?;
        let examples = StudyExamples { title, source, classes, inputs, names, labels, splits, held_out };
        Ok(Self {
            architecture,
            preprocessing,
            probe_source,
            probing,
            pooling: metadata.optional(POOLING).map_or(Ok(Pooling::None), |_| metadata.json(POOLING))?,
            given_labels,
            own_validation: metadata.optional(VALIDATION) == Some(OWN),
            weights: Weight::read_all(file, WEIGHTS)?,
            measured,
            output_margins: file.f32("output_margin")?.1,
            representations: representations.collect::<Result<_>>()?,
            ensemble: ensemble.collect::<Result<_>>()?,
            layers,
            ..Self::unmeasured(examples)
        })
    }

    /// Checks that all parts have the same examples, layers and classes.
    pub(crate) fn check(&self) -> Result<()> {
        let (count, layers) = (self.labels.len(), self.layers.len());
        if let Some(shown) = self.inputs.len() {
            same_length("images, texts or rows, one for each label", count, shown)?;
        }
        for (what, found) in [
            ("given labels", self.given_labels.len()),
            ("splits", self.splits.len()),
            ("predictions", self.measured.predictions.len()),
            ("output margins", self.output_margins.len()),
        ] {
            same_length(&format!("{what}, one for each label"), count, found)?;
        }
        if !self.names.is_empty() {
            same_length("names, one for each label", count, self.names.len())?;
        }
        if !self.has_labels() && self.probe_source == ProbeSource::Neighbors {
            return Err(FORMAT.wrong("it has no labels, but neighbours vote with theirs"));
        }
        same_length("layers with probes", layers, self.measured.probes.len())?;
        same_length("layers with ties", layers, self.measured.tied.len())?;
        if let Some(distances) = &self.measured.distances {
            same_length("layers with distances", layers, distances.values.len())?;
            for layer in &distances.values {
                same_length("examples with distances", count, layer.len())?;
            }
        }
        if !self.representations.is_empty() {
            same_length("layers with representations", layers, self.representations.len())?;
        }
        for matrix in &self.representations {
            same_length("examples with representations", count, matrix.shape()[0])?;
        }
        for column in &self.ensemble {
            same_length(&format!("values of ensemble/{}", column.name), count, column.values.len())?;
        }
        let labels = [&self.labels, &self.given_labels].into_iter().filter(|_| self.has_labels());
        for classes in labels.chain([&self.measured.predictions]) {
            crate::data::check_labels(classes, self.classes.len())?;
        }
        for layer in &self.measured.probes {
            let said = layer.iter().zip(&self.measured.predictions);
            let said: Vec<Class> = said.map(|(&probe, &own)| if probe == UNPROBED { own } else { probe }).collect();
            crate::data::check_labels(&said, self.classes.len())?;
        }
        self.measured.gap().map_or(Ok(()), |(layer, example)| {
            Err(FORMAT.wrong(format!("example {example} has no probe at layer {layer}, but its depth depends on it")))
        })
    }
}
