//! Benchmark of one search, on arrays from files.

use std::path::{Path, PathBuf};

use anyhow::Context;
use prediction_depth::metric::Metric;
use prediction_depth::probe::{KnnProbe, Ties};
use prediction_depth::search::{Exclude, NeighborSearch, Neighbors, Query, SearchDevice};
use prediction_depth::{Class, Matrix, Rows};
use serde_json::json;

use super::timing::{on_demand, repeated};
use super::{gflops, open};
use crate::cli::SearchArgs;
use crate::npy;
use crate::own_files::OwnFiles;

/// A search to time.
pub struct Search {
    pub support: Matrix,
    /// `None`: leave-one-out over the support's rows.
    pub queries: Option<Matrix>,
    /// Labels of the support, if only votes are computed.
    pub labels: Option<Vec<Class>>,
    pub k: usize,
}

/// The result of a search.
pub enum SearchResult {
    Neighbors(Neighbors),
    Classes(Vec<Class>),
}

/// Times the search that the options describe.
pub async fn time(arguments: &SearchArgs, support: &Path) -> anyhow::Result<()> {
    if let Some(out) = &arguments.out {
        let votes = arguments.votes.is_some();
        OwnFiles::open(out, if votes { &["classes.npy"] } else { &["indices.npy", "distances.npy"] })?;
    }
    let search = Search {
        support: npy::matrix(support)?,
        queries: arguments.queries.as_deref().map(npy::matrix).transpose()?,
        labels: arguments.votes.as_deref().map(npy::classes).transpose()?,
        k: arguments.timing.k,
    };
    let (device, name) = open(&arguments.common, &arguments.timing).await?;
    let files: Vec<_> = [arguments.queries.as_ref(), arguments.votes.as_ref()]
        .into_iter()
        .flatten()
        .map(|file| file.display())
        .collect();
    let files: String = files.iter().map(|file| format!(" and {file}")).collect();
    let once = async || search.run(&device).await.with_context(|| format!("{}{files}", support.display()));
    if arguments.timing.each_line {
        let found = on_demand(once).await?;
        return found.map_or(Ok(()), |found| search.write(&found, arguments.out.as_ref()));
    }
    let timed = repeated(arguments.timing.runs, once).await?;
    let ([queries, support, dims], runs) = (search.sizes(), arguments.timing.runs);
    let rate = gflops(queries, support, dims, timed.ms);
    if arguments.common.json {
        let sizes = json!({"queries": queries, "support": support, "dims": dims, "k": search.k});
        println!("{}", json!({"ms": timed.ms, "gflops": rate, "runs": runs, "sizes": sizes, "device": name}));
    } else {
        println!("{:.1} ms, the median of {runs} ({queries} x {support} x {dims}: {rate:.0} GF/s), {name}", timed.ms);
    }
    search.write(&timed.found, arguments.out.as_ref())
}

impl Search {
    /// Runs the search once.
    pub async fn run(&self, device: &SearchDevice) -> anyhow::Result<SearchResult> {
        let (queries, exclude) = match &self.queries {
            Some(queries) => (queries, Exclude::Nothing),
            None => (&self.support, Exclude::Itself),
        };
        let Some(labels) = &self.labels else {
            let query = Query { support: &self.support, queries, k: self.k, exclude };
            return Ok(SearchResult::Neighbors(device.search(query, &()).await?));
        };
        let probe =
            KnnProbe { support: &self.support, labels, k: self.k, ties: Ties::Lowest, metric: Metric::Euclidean };
        let decisions = probe.classify(queries, exclude, device, &()).await?;
        Ok(SearchResult::Classes(decisions.iter().map(|decision| decision.class).collect()))
    }

    /// Returns the numbers of queries, support rows and dimensions.
    pub fn sizes(&self) -> [usize; 3] {
        let [support, dims] = self.support.shape();
        [self.queries.as_ref().map_or(support, |queries| queries.shape()[0]), support, dims]
    }

    fn write(&self, found: &SearchResult, out: Option<&PathBuf>) -> anyhow::Result<()> {
        let Some(out) = out else { return Ok(()) };
        let [queries, ..] = self.sizes();
        let files = match found {
            SearchResult::Neighbors(neighbors) => vec![
                ("indices.npy", npy::to_bytes(&neighbors.indices, &[queries, self.k])?),
                ("distances.npy", npy::to_bytes(&neighbors.distances, &[queries, self.k])?),
            ],
            SearchResult::Classes(classes) => vec![("classes.npy", npy::to_bytes(classes, &[queries])?)],
        };
        OwnFiles::open(out, &[])?.write(&files)
    }
}
