//! A named tensor of weights, as stored in files.

use candle_core::{DType, Device, Tensor};

use super::{Architecture, Net};
use crate::archive::{self, Tensors};
use crate::error::{Error, Result};
use crate::finite::check_values;

/// A named tensor of weights.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Weight {
    /// The network's name for it.
    pub name: String,
    /// The tensor's shape.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: Vec<f32>,
}

impl Weight {
    /// Returns the weight with this name and shape, whose values must be finite.
    pub(crate) fn find<'a>(weights: &'a [Self], name: &str, shape: &[usize]) -> Result<&'a Self> {
        let missing = || Error::OtherWeights { missing: vec![described(name, shape)], unexpected: Vec::new() };
        let found = weights.iter().find(|weight| weight.name == name && weight.shape == shape);
        let found = found.ok_or_else(missing)?;
        check_values(name, &found.values)?;
        Ok(found)
    }

    /// Copies a tensor's values, which must be finite.
    pub(crate) fn from_tensor(name: &str, tensor: &Tensor) -> Result<Self> {
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        check_values(name, &values)?;
        Ok(Self { name: name.into(), shape: tensor.dims().to_vec(), values })
    }

    /// Converts to a tensor for a file, with `prefix` before the name.
    pub(crate) fn named(&self, prefix: &str) -> (String, archive::Tensor) {
        (format!("{prefix}{}", self.name), archive::Tensor::f32(&self.shape, &self.values))
    }

    /// Reads all weights of a file whose names begin with `prefix`, sorted by name. Their values must be finite.
    pub(crate) fn read_all(file: &Tensors, prefix: &str) -> Result<Vec<Self>> {
        let mut names: Vec<&str> = file.names().into_iter().filter_map(|name| name.strip_prefix(prefix)).collect();
        names.sort_unstable();
        let read = |name: &str| {
            let (shape, values) = file.f32(&format!("{prefix}{name}"))?;
            check_values(name, &values)?;
            Ok(Self { name: name.into(), shape, values })
        };
        names.into_iter().map(read).collect()
    }
}

impl Net {
    /// Creates a network with these weights on a device, for images of `shape` [channels, height, width].
    ///
    /// # Errors
    /// [`Error::OtherWeights`] if a weight is missing, has another shape, or belongs to no layer;
    /// [`Error::Unusable`] if one is NaN or infinite.
    pub fn with_weights(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        weights: &[Weight],
        device: &Device,
    ) -> Result<Self> {
        let (mut used, mut missing) = (Vec::new(), Vec::new());
        let weight = |name: &str, shape: &[usize]| match Weight::find(weights, name, shape) {
            Ok(weight) => {
                used.push(&weight.name);
                Ok(Tensor::from_slice(&weight.values, shape, device)?)
            }
            Err(Error::OtherWeights { missing: one, .. }) => {
                missing.extend(one); // goes on, to name all of them
                Ok(Tensor::zeros(shape, DType::F32, device)?)
            }
            Err(error) => Err(error),
        };
        let network = Self::build(architecture, shape, classes, weight)?;
        let unexpected = weights.iter().filter(|weight| !used.contains(&&weight.name));
        let unexpected: Vec<String> = unexpected.map(|weight| described(&weight.name, &weight.shape)).collect();
        if missing.is_empty() && unexpected.is_empty() {
            return Ok(network);
        }
        Err(Error::OtherWeights { missing, unexpected })
    }
}

/// Returns name and shape for a message.
fn described(name: &str, shape: &[usize]) -> String {
    format!("{name} {shape:?}")
}
