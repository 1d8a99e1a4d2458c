//! Benchmark on random normal numbers, with the sizes of typical layers.

use comfy_table::{CellAlignment, Table, presets};
use prediction_depth::search::Kernel;
use prediction_depth::{Class, Matrix};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde_json::json;

use super::files::Search;
use super::timing::repeated;
use super::{gflops, open, peak};
use crate::cli::SearchArgs;
use crate::progress::Bar;

const CLASSES: usize = 10;

/// A row of the table.
struct Case {
    queries: usize,
    support: usize,
    dims: usize,
    task: Task,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    Neighbors,
    LeaveOneOut,
    Votes,
}

impl Case {
    const fn new(queries: usize, support: usize, dims: usize, task: Task) -> Self {
        Self { queries, support, dims, task }
    }

    fn name(&self) -> String {
        let Self { queries, support, dims, task } = self;
        match task {
            Task::Neighbors => format!("{queries}x{support}x{dims}"),
            Task::LeaveOneOut => format!("leave-one-out {support}x{dims}"),
            Task::Votes => format!("votes {queries}x{support}x{dims}"),
        }
    }

    fn search(&self, k: usize) -> anyhow::Result<Search> {
        let queries = self.task != Task::LeaveOneOut;
        let labels = (0..self.support).map(|row| (row % CLASSES) as Class).collect();
        Ok(Search {
            support: normals(self.support, self.dims, 0)?,
            queries: queries.then(|| normals(self.queries, self.dims, 1)).transpose()?,
            labels: (self.task == Task::Votes).then_some(labels),
            k,
        })
    }
}

const CASES: [Case; 8] = [
    Case::new(2000, 10_000, 64, Task::Neighbors),
    Case::new(2000, 10_000, 784, Task::Neighbors),
    Case::new(10_000, 10_000, 512, Task::Neighbors),
    Case::new(2000, 10_000, 3072, Task::Neighbors),
    Case::new(2000, 10_000, 16_384, Task::Neighbors),
    Case::new(10_000, 10_000, 512, Task::LeaveOneOut),
    Case::new(10_000, 10_000, 3072, Task::LeaveOneOut),
    Case::new(2000, 10_000, 784, Task::Votes),
];

const QUICK: [Case; 4] = [
    Case::new(500, 2000, 64, Task::Neighbors),
    Case::new(500, 2000, 784, Task::Neighbors),
    Case::new(2000, 2000, 512, Task::LeaveOneOut),
    Case::new(500, 2000, 784, Task::Votes),
];

/// Times every case and prints the table.
pub async fn time(arguments: &SearchArgs) -> anyhow::Result<()> {
    let (device, name) = open(&arguments.common, &arguments.timing).await?;
    let cases = if arguments.quick { &QUICK[..] } else { &CASES[..] };
    let timing = &arguments.timing;
    let peak = peak::gflops(timing.kernel.unwrap_or_else(Kernel::best));
    let bar = Bar::new("timing", "cases", arguments.common.quiet);
    let (mut table, mut rows) = (header(), Vec::new());
    for (done, case) in cases.iter().enumerate() {
        bar.show(done, cases.len(), &case.name());
        let search = case.search(timing.k)?;
        let ms = repeated(timing.runs, async || search.run(&device).await).await?.ms;
        let rate = gflops(case.queries, case.support, case.dims, ms);
        rows.push(json!({"case": case.name(), "ms": ms, "gflops": rate}));
        table.add_row([case.name(), format!("{ms:.1}"), format!("{rate:.0}"), format!("{:.0} %", 100.0 * rate / peak)]);
    }
    drop(bar);
    if arguments.common.json {
        let report =
            json!({"device": name, "k": timing.k, "runs": timing.runs, "cpu_peak_gflops": peak, "cases": rows});
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    println!(
        "{name}\nqueries x support x dims, random normal numbers, k = {}, medians of {} runs",
        timing.k, timing.runs
    );
    println!("{table}");
    println!(
        "GF/s counts 2 for each query, support row and dim, also where a search gets by with less. The processor's \
         registers give at most {peak:.0} GF/s in float32."
    );
    Ok(())
}

fn header() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["case", "ms", "GF/s", "of the CPU's peak"]);
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Returns normal numbers, [rows, dims], the same for every call.
fn normals(rows: usize, dims: usize, seed: u64) -> anyhow::Result<Matrix> {
    let mut values = vec![0.0_f32; rows * dims];
    values.par_chunks_mut(dims).enumerate().for_each(|(row, values)| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(row as u64);
        values.fill_with(|| StandardNormal.sample(&mut random));
    });
    Ok(Matrix::new(values, rows, dims)?)
}
