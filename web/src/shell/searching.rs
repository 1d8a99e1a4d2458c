//! `window.pdepth.search`: the neighbour search for scripts, on their own arrays.

use js_sys::{Float32Array, Reflect};
use prediction_depth::Matrix;
use prediction_depth::search::{DeviceChoice, NeighborSearch, Query, SearchDevice};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};

use super::js_api::Pdepth;
use crate::backend::MEMORY;
use crate::dom::now;

/// Default number of neighbours.
const K: usize = 30;

/// Neighbours of each query, nearest first; ties go to the lower index.
#[wasm_bindgen(getter_with_clone)]
pub struct SearchResult {
    /// Rows of the support, `[queries * k]`.
    pub indices: Vec<u32>,
    /// Squared Euclidean distances, `[queries * k]`.
    pub distances: Vec<f64>,
    /// Duration of the search in milliseconds, without opening the device and copying the arrays.
    pub ms: f64,
    /// Description of the device.
    pub device: String,
}

#[wasm_bindgen]
impl Pdepth {
    /// Searches exact nearest neighbours by squared Euclidean distance. `options`:
    /// - `support`: Float32Array, row after row, `[rows * dims]`; `dims`: number of values per row;
    /// - `queries`: Float32Array, `[queries * dims]`, or `leaveOneOut: true`: the rows of the support, each without
    ///   itself;
    /// - `k`: number of neighbours, 30 by default; `device`: `auto` (default), `gpu` or `cpu`.
    ///
    /// On the CPU, the page does not respond during the search.
    ///
    /// # Errors
    /// An Error that names the wrong option, or the reason from the search.
    pub async fn search(&self, options: JsValue) -> Result<SearchResult, JsError> {
        let dims = whole(&options, "dims")?.ok_or_else(|| wanted("dims", "a whole number above 0"))?;
        let k = whole(&options, "k")?.unwrap_or(K);
        let support = rows(&options, "support", dims)?.ok_or_else(|| wanted("support", "a Float32Array"))?;
        let queries = rows(&options, "queries", dims)?;
        let leave_one_out = get(&options, "leaveOneOut").is_some_and(|value| value.is_truthy());
        if leave_one_out == queries.is_some() {
            return Err(JsError::new("either `queries` or `leaveOneOut: true` is needed"));
        }
        let (device, name) = SearchDevice::open(choice(&options)?, MEMORY).await?;
        let start = now();
        let found = match &queries {
            Some(queries) => device.search(Query::new(&support, queries, k), &()).await?,
            None => device.search(Query::leave_one_out(&support, k), &()).await?,
        };
        Ok(SearchResult { indices: found.indices, distances: found.distances, ms: now() - start, device: name })
    }
}

/// Returns an option, if it is defined.
fn get(options: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(options, &name.into()).ok().filter(|value| !value.is_null() && !value.is_undefined())
}

fn whole(options: &JsValue, name: &str) -> Result<Option<usize>, JsError> {
    let Some(value) = get(options, name) else { return Ok(None) };
    let number = value.as_f64().filter(|number| *number >= 1.0 && number.fract() == 0.0);
    number.map(|number| Some(number as usize)).ok_or_else(|| wanted(name, "a whole number above 0"))
}

fn rows(options: &JsValue, name: &str, dims: usize) -> Result<Option<Matrix>, JsError> {
    let Some(value) = get(options, name) else { return Ok(None) };
    let values = value.dyn_into::<Float32Array>().map_err(|_| wanted(name, "a Float32Array"))?.to_vec();
    if values.is_empty() || values.len() % dims != 0 {
        return Err(wanted(name, &format!("a number of values that {dims} divides, not {}", values.len())));
    }
    let count = values.len() / dims;
    Ok(Some(Matrix::new(values, count, dims)?))
}

fn choice(options: &JsValue) -> Result<DeviceChoice, JsError> {
    match get(options, "device").map(|value| value.as_string().unwrap_or_default()).as_deref() {
        None | Some("auto") => Ok(DeviceChoice::Auto),
        Some("gpu") => Ok(DeviceChoice::Gpu),
        Some("cpu") => Ok(DeviceChoice::Cpu),
        Some(_) => Err(wanted("device", "`auto`, `gpu` or `cpu`")),
    }
}

fn wanted(name: &str, what: &str) -> JsError {
    JsError::new(&format!("{name}: needs {what}"))
}
