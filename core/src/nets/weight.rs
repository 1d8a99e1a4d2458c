//! A named tensor of weights, as stored in files.

use candle_core::{Device, Tensor};

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
    /// Returns the weight with this name and shape, whose values are all finite.
    pub(crate) fn find<'a>(weights: &'a [Self], name: &str, shape: &[usize]) -> Result<&'a Self> {
        let missing = || Error::Mismatch { what: format!("weights {name} of shape {shape:?}"), expected: 1, found: 0 };
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
    /// [`Error::Mismatch`] if a weight is missing or has another shape, [`Error::Unusable`] if one is NaN or infinite.
    pub fn with_weights(
        architecture: &Architecture,
        shape: [usize; 3],
        classes: usize,
        weights: &[Weight],
        device: &Device,
    ) -> Result<Self> {
        let weight = |name: &str, shape: &[usize]| {
            Ok(Tensor::from_slice(&Weight::find(weights, name, shape)?.values, shape, device)?)
        };
        Self::build(architecture, shape, classes, weight)
    }
}
