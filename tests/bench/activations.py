"""Compares `pdepth depth` on activations in files with numpy and FAISS on the same files: seconds and peak of memory.

Writes activations (activations_data.py says of what kind) into a temporary folder, and lets both sides take turns, each in a
process of its own that reads the files, which are then in the system's cache. Our time is that of the whole process, with
hashes of the files, report and study; the peer's is without starting Python and loading its libraries. A peak is that of the
resident memory, as the kernel keeps it. See docs/performance.md.

    python3 tests/bench/activations.py [--memory SIZE] [--in-blocks] [--only-avx2] [--small] [--json]

Exits with 1 if a probe differs from the peer's, and a float64 reference does not say that ours is right."""

import argparse
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import environment

K = 30
AT_LEAST, AT_MOST = 1.5, 1 / 3  # the ratio of the times, and our share of the peer's memory
SAMPLE = 50  # differing probes of a layer that are compared with the reference, and equal ones
HERE = pathlib.Path(__file__).resolve().parent


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--train", type=int, default=50_000, help="training examples [default: 50000]")
    parser.add_argument("--test", type=int, default=10_000, help="held-out examples [default: 10000]")
    parser.add_argument("--dims", type=int, default=2048, help="values of an example at a layer [default: 2048]")
    parser.add_argument("--layers", type=int, default=6, help="[default: 6]")
    parser.add_argument("--memory", default="512MiB", help="ours: --memory of pdepth depth [default: 512MiB]")
    parser.add_argument("--in-blocks", action="store_true", help="the peer reads and asks in blocks, to save memory")
    parser.add_argument("--only-avx2", action="store_true", help="hold the peer to AVX2; ours is the program that PDEPTH names")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for both [default: every core]")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each side [default: 3]")
    parser.add_argument("--dir", help="where the temporary folder is made [default: the cache of the benchmarks]")
    parser.add_argument("--small", action="store_true", help="5,000 and 1,000 examples of 256 values, three layers, one run")
    parser.add_argument("--json", action="store_true", help="one object")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.train, arguments.test, arguments.dims, arguments.layers, arguments.runs = 5000, 1000, 256, 3, 1
    return arguments


def call(command):
    """Runs a command. Returns its output, seconds, processor seconds and the peak of its resident memory in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"activations.py: {command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    run = {"seconds": time.perf_counter() - start, "cpu": usage.ru_utime + usage.ru_stime, "peak": 1024 * usage.ru_maxrss}
    return output, run


def ours(program, folder, arguments):
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    splits = ["--train", folder / "train", "--held-out", f"test={folder / 'test'}", "--out", out]
    command = [program, "depth", *splits, "--k", K, "--memory", arguments.memory, "--device", "cpu", "--quiet", "--json"]
    output, run = call(command)
    return run | {"device": json.loads(output)["device"]}


def theirs(folder, arguments):
    more = ["--in-blocks"] if arguments.in_blocks else []
    script = [sys.executable, HERE / "activations_peer.py", folder]
    output, _ = call([*script, arguments.layers, K, arguments.threads, folder / "peer.npz", *more])
    return json.loads(output)


def take_turns(sides, runs):
    """Returns the runs of each side by name, each with the load of the machine before it."""
    done = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            load = os.getloadavg()[0]
            run = side() | {"load": load}
            print(f"{name}: {run['seconds']:.1f} s (processor {run['cpu']:.1f}), {run['peak'] >> 20} MiB, load {load:.1f}", file=sys.stderr, flush=True)
            done[name].append(run)
    return done


def our_result(folder, layers):
    """Returns our probes, [layers, examples], and depths."""
    import numpy

    with open(folder / "run" / "depth.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    probes = [[int(row[f"probe_layer{layer}"]) for row in rows] for layer in range(layers)]
    return numpy.array(probes), numpy.array([int(row["depth"]) for row in rows])


def compare(folder, arguments):
    """Compares probes and depths with the peer's. Returns how many differ, and how many of ours are wrong by the reference,
    among those that differ and a sample of the others."""
    import numpy

    import oracle

    peer = numpy.load(folder / "peer.npz")
    probes, depths = our_result(folder, arguments.layers)
    differ, wrong, asked, seen = probes != peer["probes"], 0, 0, False
    labels = numpy.load(folder / "train" / "labels.npy")
    for layer in range(arguments.layers):
        train, test = (numpy.load(folder / split / f"layer{layer}.npy", mmap_mode="r") for split in ("train", "test"))
        for first, rows in [(0, train), (len(train), test)]:
            here = differ[layer, first : first + len(rows)]
            equal = numpy.linspace(0, len(rows) - 1, SAMPLE // 5).astype(int)
            some = numpy.union1d(numpy.flatnonzero(here)[:SAMPLE], equal)
            near, _ = oracle.neighbors(train, rows[some], K, some if first == 0 else None)
            right = oracle.majority(labels, near)
            wrong += int((probes[layer, first + some] != right).sum())
            seen |= bool((probes[layer, first + some] != numpy.roll(right, 1)).any())
            asked += len(some)
    if not seen:
        sys.exit("activations.py: the check does not see a fault put in on purpose")
    return {
        "probes_differ": int(differ.sum()),
        "probes": probes.size,
        "depths_differ": int((depths != peer["depths"]).sum()),
        "depths": depths.size,
        "compared_with_reference": asked,
        "wrong": wrong,
    }


def median(runs, key, digits=2):
    return round(statistics.median(run[key] for run in runs), digits)


def figures(arguments, mine, peers, compared):
    mib = lambda runs: round(max(run["peak"] for run in runs) / 2**20)
    ratio = statistics.median(run["seconds"] for run in peers) / statistics.median(run["seconds"] for run in mine)
    share = mib(mine) / mib(peers)
    required = not (arguments.small or arguments.in_blocks)
    return {
        "train": arguments.train,
        "test": arguments.test,
        "dims": arguments.dims,
        "layers": arguments.layers,
        "memory": arguments.memory,
        "threads": arguments.threads,
        "runs": arguments.runs,
        "ours_s": median(mine, "seconds"),
        "peer_s": median(peers, "seconds"),
        "ratio": round(ratio, 2),
        "at_least": AT_LEAST if required else None,
        "ours_cpu_s": median(mine, "cpu"),
        "peer_cpu_s": median(peers, "cpu"),
        "ours_mib": mib(mine),
        "peer_mib": mib(peers),
        "share": round(share, 2),
        "at_most": round(AT_MOST, 2) if required else None,
        "load": [round(min(loads), 1), round(max(loads), 1)] if (loads := [run["load"] for run in mine + peers]) else None,
        "ours": mine[0]["device"],
        "peer": peers[0]["instructions"] + (", in blocks" if arguments.in_blocks else ""),
        "missed": required and not (ratio >= AT_LEAST and share <= AT_MOST),
    } | compared


def main():
    arguments = options()
    environment.enter(arguments.threads, "requirements-activations.txt", arguments.only_avx2)
    program = environment.pdepth()
    sizes = [arguments.train, arguments.test, arguments.dims, arguments.layers]
    needed = 2 * (arguments.train + arguments.test) * arguments.dims * arguments.layers
    place = pathlib.Path(arguments.dir or environment.cache())
    if (free := shutil.disk_usage(place).free) < 2 * needed:
        sys.exit(f"activations.py: {place} has {free >> 20} MiB left; the files take {needed >> 20}: choose --dir")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as folder:
        folder = pathlib.Path(folder)
        # In a process of its own: the peak of a child counts from that of its parent.
        call([sys.executable, HERE / "activations_data.py", folder, *sizes])
        sides = {"ours": lambda: ours(program, folder, arguments), "peer": lambda: theirs(folder, arguments)}
        done = take_turns(sides, arguments.runs)
        found = figures(arguments, done["ours"], done["peer"], compare(folder, arguments))
    print(json.dumps(found) if arguments.json else "\n".join(f"{name:24} {value}" for name, value in found.items()))
    if found["wrong"]:
        sys.exit("activations.py: ours is not exact: see `wrong`")


if __name__ == "__main__":
    main()
