//! `pdepth depth --shard`: measures one shard, and writes it to a file of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use prediction_depth::Error;
use prediction_depth::activations::{DepthShard, Recordings, RecordingsSummary, ShardRows};
use serde_json::{Map, Value, json};

use crate::cli::ActivationsArgs;
use crate::depth_settings::DepthSettings;
use crate::files::{MadeFolders, folder_of, stage, write_whole};
use crate::finish_run::ComputeContext;
use crate::progress::Bar;

/// Ending of the files.
const ENDING: &str = "safetensors";

/// Measures a shard, unless its file is there already; `read` is the summary of the recordings.
pub async fn shard(
    arguments: &ActivationsArgs,
    recordings: Recordings,
    read: RecordingsSummary,
    rows: ShardRows,
    settings: DepthSettings,
    context: ComputeContext<'_>,
    start: Instant,
) -> anyhow::Result<()> {
    let (out, identity) = (place(arguments.out.as_deref(), &rows), serde_json::to_value(&settings)?);
    if let Some(there) = already(&out, &rows, &identity)? {
        return print(&there, &out, arguments.common.json, json!({"total": start.elapsed().as_secs_f64()}), true);
    }
    let _made = make_writable(&out)?;
    let read_seconds = start.elapsed().as_secs_f64();
    let (measuring_start, bar) = (Instant::now(), Bar::new("measuring", "probes", arguments.common.quiet));
    let (memory, options) = (&context.memory, settings.measuring);
    let measured = recordings.measure_shard(rows, options, memory.of_layers(), memory, &context.device, &bar).await;
    drop(bar);
    let device = context.searches_on(options.probing.metric).to_owned();
    let shard = DepthShard::new(recordings, measured?, settings.title, identity, read, device)?;
    let _made = make_writable(&out)?; // another shard that failed may have removed the folder while it was empty
    write_whole(&out, &shard.to_bytes()?)?;
    let seconds = json!({
        "read": read_seconds,
        "measure": measuring_start.elapsed().as_secs_f64(),
        "total": start.elapsed().as_secs_f64(),
    });
    print(&shard, &out, arguments.common.json, seconds, false)
}

/// Reads the file of a shard.
pub fn read(path: &Path) -> anyhow::Result<DepthShard> {
    let context = || path.display().to_string();
    if path.is_dir() {
        bail!("{}: it is a folder; name the shards in it: {}", context(), path.join(format!("*.{ENDING}")).display());
    }
    DepthShard::from_bytes(&fs::read(path).with_context(context)?).with_context(context)
}

/// Returns the file of a shard: the one that is named, or one in the folder that is named.
fn place(out: Option<&Path>, rows: &ShardRows) -> PathBuf {
    let out = out.unwrap_or(Path::new("."));
    if out.extension().is_some_and(|ending| ending == ENDING) && !out.is_dir() {
        return out.to_owned();
    }
    out.join(format!("shard-{}-of-{}.{ENDING}", rows.shard, rows.shards))
}

/// Returns the shard if its file is there; refuses any other file.
fn already(out: &Path, rows: &ShardRows, settings: &Value) -> anyhow::Result<Option<DepthShard>> {
    if !out.exists() {
        return Ok(None);
    }
    let (name, remedy) = (out.display(), "delete it, or choose another name");
    let there = read(out).with_context(|| format!("--out {name}: a file is in the way; {remedy}"))?;
    match there.check_same(rows.shards, settings) {
        Err(Error::OtherMeasurement { what, expected, found }) => bail!(
            "--out {name}: a shard of another measurement is in the way, whose {what} is {found}, not {expected}; \
             {remedy}"
        ),
        other => other?,
    }
    if there.rows != *rows {
        bail!("--out {name}: shard {}/{} is in the way; {remedy}", there.rows.shard, there.rows.shards);
    }
    Ok(Some(there))
}

/// Makes the folder of a file and tries to write there: not only after a long measurement.
fn make_writable(out: &Path) -> anyhow::Result<MadeFolders> {
    let (folder, context) = (folder_of(out), || format!("--out {}", out.display()));
    let made = MadeFolders::new(folder).with_context(context)?;
    stage(folder, &[]).map(|_| made).with_context(context)
}

fn print(shard: &DepthShard, out: &Path, json: bool, seconds: Value, kept: bool) -> anyhow::Result<()> {
    let (rows, out) = (&shard.rows, out.display().to_string());
    let number = format!("{}/{}", rows.shard, rows.shards);
    let each = || shard.read.splits.iter().zip(&rows.rows);
    if json {
        let rows: Map<String, Value> =
            each().map(|(split, rows)| (split.split.clone(), json!([rows.start, rows.end]))).collect();
        let result = json!({
            "out": out,
            "shard": number,
            "rows": rows,
            "k": shard.study.probing.k,
            "device": shard.device,
            "kept": kept,
            "seconds": seconds,
        });
        println!("{}", serde_json::to_string_pretty(&result)?);
        return Ok(());
    }
    let rows: Vec<String> = each()
        .map(|(split, rows)| format!("{} rows {} to {} of {}", split.split, rows.start, rows.end, split.examples))
        .collect();
    let did = match kept {
        true => "it was there already".into(),
        false => format!("{:.1} s", seconds["total"].as_f64().unwrap_or_default()),
    };
    println!("{out}: shard {number}, {}; {did}", rows.join(", "));
    Ok(())
}
