//! The order of the layers. It is never guessed: by name, `layer10` would come before `layer2`.

use std::collections::BTreeMap;

use super::words::Words;
use crate::error::{Error, Result};
use crate::listed::quoted;

/// Number of names in a message.
const NAMED: usize = 6;

/// Returns the places of the layers in order. `names` are those of the arrays that may be layers, `place` is their folder
/// or file, `order` the user's list of names.
///
/// # Errors
/// [`Error::Activations`] if the order is not clear.
pub(super) fn order(place: &str, names: &[&str], order: Option<&Words>) -> Result<Vec<usize>> {
    let wrong = |problem: String| Err(Error::activations(place, problem));
    match order {
        Some(order) => listed(names, order),
        None if names.is_empty() => wrong(
            "there is no layer: write layer0.npy, layer1.npy, ..., [examples, ...] each, first to last layer".into(),
        ),
        None => {
            let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                let Some(number) = number(name) else { return wrong(unordered(names)) };
                if let Some(other) = numbers.insert(number, at) {
                    return wrong(format!("`{}` and `{name}` are the same layer: leave one out", names[other]));
                }
            }
            match (0..).zip(numbers.keys()).find(|(expected, found)| expected != *found) {
                Some((expected, _)) => wrong(format!(
                    "there is no layer{expected}, but {}: number the layers from 0 without a gap, or name their order in \
                     {}",
                    quoted(names, NAMED),
                    remedy(place)
                )),
                None => Ok(numbers.into_values().collect()),
            }
        }
    }
}

/// Returns the number of a name such as `layer3`.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("layer")?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn remedy(place: &str) -> &'static str {
    match place.to_ascii_lowercase() {
        place if place.ends_with(".safetensors") => "the metadata `layers`, a JSON list",
        place if place.ends_with(".npz") => "an array `order` of texts",
        _ => "order.txt, a line each",
    }
}

fn unordered(names: &[&str]) -> String {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    format!(
        "the order of {} is not known: call the layers layer0, layer1, ..., or write the names, first to last layer, into \
         order.txt, a line each (in one file: an array `order` of texts in .npz, the metadata `layers` in .safetensors)",
        quoted(sorted, NAMED)
    )
}

/// Follows the user's list, which must name every layer once.
fn listed(names: &[&str], order: &Words) -> Result<Vec<usize>> {
    let mut places: Vec<usize> = Vec::new();
    let lines = order.texts.iter().enumerate().filter(|(_, name)| !name.trim().is_empty());
    for (line, wanted) in lines {
        let wanted = wanted.trim();
        let stem = ["npy", "npz", "safetensors"].iter().find_map(|ending| wanted.strip_suffix(&format!(".{ending}")));
        let place = names.iter().position(|name| *name == wanted || Some(*name) == stem);
        let Some(place) = place else {
            let problem = format!("there is no layer {wanted:?}: the arrays are {}", quoted(names, NAMED));
            return Err(order.wrong(line, problem));
        };
        if places.contains(&place) {
            return Err(order.wrong(line, format!("it names {wanted:?} again: name each layer once")));
        }
        places.push(place);
    }
    let left: Vec<&&str> =
        (0..names.len()).filter(|place| !places.contains(place)).map(|place| &names[place]).collect();
    if !left.is_empty() {
        let problem = format!("it does not name {}: add them, or take them out of the folder", quoted(left, NAMED));
        return Err(Error::activations(&order.place, problem));
    }
    match places.is_empty() {
        true => Err(Error::activations(&order.place, "it names no layer")),
        false => Ok(places),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> Words {
        let texts = texts.iter().map(ToString::to_string).collect();
        Words { place: "order.txt".into(), texts, numbers: false }
    }

    fn refused(names: &[&str], list: Option<&[&str]>) -> String {
        order("acts", names, list.map(words).as_ref()).expect_err("no order").to_string()
    }

    #[test]
    fn numbers_count_as_numbers() {
        let names = ["layer10", "layer2", "layer1", "layer0", "layer9", "layer3"];
        assert!(refused(&names, None).contains("there is no layer4"));
        assert_eq!(order("acts", &["layer1", "layer02", "layer0"], None).expect("an order"), [2, 0, 1]);
        assert!(refused(&["layer1", "layer2"], None).contains("there is no layer0"));
        assert!(refused(&["layer0", "layer00"], None).contains("`layer0` and `layer00`"));
        assert!(refused(&[], None).contains("there is no layer: write"));
    }

    #[test]
    fn other_names_want_a_list() {
        for names in [&["fc", "conv"][..], &["layer0", "head"], &["layer", "layer0"], &["layer-1"], &["layer1.5"]] {
            let words = refused(names, None);
            assert!(words.contains("order.txt") && words.contains(&format!("`{}`", names[0])), "{words}");
        }
        let names = ["fc", "conv", "head"];
        let list = ["conv", " fc.npy ", "", "head"];
        assert_eq!(order("acts", &names, Some(&words(&list))).expect("an order"), [1, 0, 2]);
        assert!(refused(&names, Some(&["conv", "fx"])).contains("line 2: there is no layer \"fx\""));
        assert!(refused(&names, Some(&["conv", "conv"])).contains("again"));
        assert!(refused(&names, Some(&["conv", "fc"])).contains("does not name `head`"));
        assert!(refused(&[], Some(&[])).contains("names no layer"));
    }
}
