//! `pdepth search`: a neighbour search in shards.

use std::borrow::Cow;
use std::fs;
use std::time::Instant;

use anyhow::{Context, bail};
use prediction_depth::search::{Shard, ShardMerge, ShardedSearch};
use prediction_depth::{Matrix, Rows};
use serde_json::json;

use crate::cli::{SearchParts, ShardArgs, ShardMergeArgs};
use crate::device;
use crate::files::{InTheWay, refuse_others, sha256, write_whole};
use crate::interrupt;
use crate::npy;
use crate::progress::Bar;

pub async fn search(what: &SearchParts) -> anyhow::Result<()> {
    match what {
        SearchParts::Shard(arguments) => shard(arguments).await,
        SearchParts::Merge(arguments) => merge(arguments),
    }
}

async fn shard(arguments: &ShardArgs) -> anyhow::Result<()> {
    let start = Instant::now();
    interrupt::listen()?;
    refuse_others(&arguments.out, |there| in_the_way(there, None))?; // before anything is read
    let queries_path = arguments.queries.as_ref().unwrap_or(&arguments.support);
    let (support_sha256, queries_sha256) = (sha256(&arguments.support)?, sha256(queries_path)?);
    if arguments.leave_one_out && support_sha256 != queries_sha256 {
        let (queries, support) = (queries_path.display(), arguments.support.display());
        bail!("{queries}: with --leave-one-out the queries must equal {support}; leave out --queries");
    }
    let queries = npy::matrix(queries_path)?;
    let search = ShardedSearch {
        shards: arguments.shard.of,
        k: arguments.k,
        support: npy::shape(&arguments.support)?,
        queries: queries.shape()[0],
        leave_one_out: arguments.leave_one_out,
        support_sha256,
        queries_sha256,
    };
    refuse_others(&arguments.out, |there| in_the_way(there, Some((&search, arguments.shard.index))))?;
    let rows = search.rows(arguments.shard.index);
    let support: Cow<Matrix> = match arguments.leave_one_out && search.shards == 1 {
        true => Cow::Borrowed(&queries),
        false => Cow::Owned(npy::rows(&arguments.support, rows.clone())?),
    };
    let memory = usize::try_from(arguments.memory.as_u64()).unwrap_or(usize::MAX);
    let (device, device_text) = device::open(arguments.common.device.into(), memory, arguments.common.quiet).await?;
    let bar = Bar::new("searching", "queries", arguments.common.quiet);
    let found = search.search(arguments.shard.index, support.as_ref(), &queries, &device, &bar).await;
    drop(bar);
    let found = found.with_context(|| match queries_path == &arguments.support {
        true => arguments.support.display().to_string(),
        false => format!("{} and {}", arguments.support.display(), queries_path.display()),
    })?;
    write_whole(&arguments.out, &found.to_bytes()?)?;
    let (seconds, out) = (start.elapsed().as_secs_f64(), arguments.out.display().to_string());
    if arguments.common.json {
        let shard = format!("{}/{}", found.index, search.shards);
        let sizes = (search.queries, found.neighbors.k);
        println!(
            "{}",
            json!({
                "out": out,
                "shard": shard,
                "rows": [rows.start, rows.end],
                "queries": sizes.0,
                "k": search.k,
                "neighbors": sizes.1,
                "device": device_text,
                "seconds": seconds,
            })
        );
    } else {
        println!("{out}: rows {} to {} of {}, {seconds:.1} s", rows.start, rows.end, search.support[0]);
    }
    Ok(())
}

fn merge(arguments: &ShardMergeArgs) -> anyhow::Result<()> {
    let mut merge: Option<ShardMerge> = None;
    for path in &arguments.files {
        let context = || path.display().to_string();
        let shard = Shard::from_bytes(&fs::read(path).with_context(context)?).with_context(context)?;
        merge.get_or_insert_with(|| ShardMerge::new(&shard.search)).add(&shard).with_context(context)?;
    }
    let found = merge.context("no shard is named")?.finish()?;
    refuse_others(&arguments.out, |there| in_the_way(there, Some((&found.search, 0))))?;
    write_whole(&arguments.out, &found.to_bytes()?)?;
    let (search, out, shards) = (&found.search, arguments.out.display().to_string(), arguments.files.len());
    if arguments.json {
        println!("{}", json!({"out": out, "shards": shards, "queries": search.queries, "k": search.k}));
    } else {
        println!("{out}: the {} nearest rows of {} queries, from {shards} shards", search.k, search.queries);
    }
    Ok(())
}

/// Judges a file in the way of a shard of this search; `None` if the search is not known yet.
fn in_the_way(bytes: &[u8], new: Option<(&ShardedSearch, usize)>) -> InTheWay {
    match (Shard::from_bytes(bytes), new) {
        (Err(_), _) => InTheWay::Foreign,
        (Ok(there), Some((search, index))) if there.search != *search || there.index != index => {
            InTheWay::Other("the result of another search, or another shard,")
        }
        (Ok(_), _) => InTheWay::Same,
    }
}
