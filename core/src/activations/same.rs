//! What all splits of a recording must have alike.

use super::recording::Recording;
use crate::data::Inputs;
use crate::error::{Error, Result};
use crate::listed::quoted;
use crate::pooling::Pool;

/// Number of names in a message.
const NAMED: usize = 6;

/// Refuses a mask of some splits only: the others would be pooled with their padding.
pub(super) fn same_masks(recordings: &[Recording]) -> Result<()> {
    let with = recordings.iter().find_map(|recording| recording.mask.as_ref());
    match (with, recordings.iter().find(|recording| recording.mask.is_none())) {
        (Some(mask), Some(without)) => {
            let problem = format!("it has no mask, but there is {}: write one for each split", mask.place);
            Err(Error::activations(&without.place, problem))
        }
        _ => Ok(()),
    }
}

/// Refuses other layers than those of the training split, or other sizes of them.
pub(super) fn same_layers(
    (first, pools): (&Recording, &[Pool]),
    (other, other_pools): (&Recording, &[Pool]),
) -> Result<()> {
    let [names, expected] = [other, first]
        .map(|recording| recording.layers.iter().map(|layer| layer.name().to_owned()).collect::<Vec<_>>());
    if names != expected {
        let problem = format!(
            "its layers are {}, but those of {} are {}: all splits have the same layers in the same order",
            quoted(names, NAMED),
            first.place,
            quoted(expected, NAMED)
        );
        return Err(Error::activations(&other.place, problem));
    }
    let both = other.layers.iter().zip(other_pools).zip(first.layers.iter().zip(pools));
    for ((layer, pool), (expected, expected_pool)) in both {
        let whole = pool.is_whole() && expected_pool.is_whole();
        if pool.dims() != expected_pool.dims() || (whole && layer.example_shape() != expected.example_shape()) {
            return Err(layer.wrong(format_args!(
                "an example has {:?}, {} values, but in {} {:?}, {}: a layer has the same in all splits; \
                 sequences of other lengths can be pooled (--pool mean)",
                layer.example_shape(),
                pool.dims(),
                expected.place(),
                expected.example_shape(),
                expected_pool.dims()
            )));
        }
    }
    Ok(())
}

/// Refuses to show other things than of the training split.
pub(super) fn same_shown(first: &Recording, other: &Recording) -> Result<()> {
    let problem = match (&first.shown.inputs, &other.shown.inputs) {
        (Inputs::Images(one), Inputs::Images(other)) if one.shape() != other.shape() => {
            format!("its images are {:?} [channels, height, width], but those of", other.shape())
        }
        (Inputs::Table(one), Inputs::Table(other)) if one.features() != other.features() => {
            "its features are not those of".into()
        }
        (one, other) if one.kind() != other.kind() => {
            format!("it shows {}, and not what is shown of", other.kind())
        }
        _ => return Ok(()),
    };
    let remedy = "show the same of all splits, or nothing";
    Err(Error::activations(&other.shown.place, format_args!("{problem} {}: {remedy}", first.shown.place)))
}
