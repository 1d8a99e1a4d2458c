//! Class names and their counts as a JSON object, in the order of the classes.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

pub fn serialize<S: Serializer>(classes: &[(String, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(classes.iter().map(|(name, count)| (name, count)))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, usize)>, D::Error> {
    let count = |value: Value| value.as_u64().ok_or_else(|| D::Error::custom("a count is a whole number"));
    let classes = Map::deserialize(deserializer)?.into_iter();
    classes.map(|(name, value)| Ok((name, count(value)? as usize))).collect()
}
