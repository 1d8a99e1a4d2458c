"""Compares the Python package with scikit-learn, FAISS, torch and `pdepth bench`, from arrays of numpy: time, and by how
much the memory grows. See docs/performance.md.

    python3 tests/bench/python.py [--case TEXT] [--peer NAME] [--wheel FILE] [--torch PYTHON] [--quick] [--json]

Each contestant is a process of its own, with the same threads; all take turns. Exits with 1 if ours is not exact, by a
float64 reference on a sample of each case's queries."""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
from functools import cached_property

import environment

HERE = pathlib.Path(__file__).resolve().parent
K = 30
PAUSE = 0.05  # seconds between runs, for the threads of the last one to become idle
# queries, support, dims. Leave-one-out has no separate queries.
SIZES = [(2000, 10_000, 64), (2000, 10_000, 784), (10_000, 10_000, 512), (2000, 10_000, 3072), (2000, 10_000, 16_384)]
SIZES += [(None, 10_000, dims) for dims in (64, 784, 512, 3072, 16_384)]
QUICK = 5  # factor by which --quick reduces queries and support
MEASURE = "measure mlp 7x256"
# Required ratios of times, and of memory. Of `pdepth bench` at most 5 % more time than its own.
AT_LEAST = {"scikit-learn": 5, "faiss": 1.3, "pdepth": 0.952}
AT_MOST = {"scikit-learn": 0.25}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--case", action="append", default=[], help="only cases whose name contains this; may be repeated")
    parser.add_argument("--peer", action="append", default=[], help="scikit-learn, faiss, torch or pdepth; may be repeated")
    parser.add_argument("--wheel", type=pathlib.Path, help="the package under test [default: one that is built now]")
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has torch and numpy, such as /usr/bin/python3")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for all [default: every core]")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each, after one that is not")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, no network, no bars")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def listing(quick):
    """Yields (name, make); `make` takes a folder, and returns the folder with the case's files, and the case."""
    shrink = QUICK if quick else 1
    for queries, support, dims in SIZES:
        queries, support = queries and queries // shrink, support // shrink
        name = f"{queries}x{support}x{dims}" if queries else f"leave-one-out {support}x{dims}"
        yield name, lambda folder, name=name, size=(queries, support, dims): neighbors(name, size, folder)
    if not quick:
        yield MEASURE, lambda folder: network()


def neighbors(name, size, folder):
    import cases
    import numpy
    from fashion import normals

    class Distances(cases.Neighbors):
        """Distances that are not squared."""

        @cached_property
        def exact(self):
            indices, squared = super().exact
            return indices, numpy.sqrt(squared)

    queries, support, dims = size
    numpy.save(folder / "support.npy", normals(support, dims, 0))
    if queries:
        numpy.save(folder / "queries.npy", normals(queries, dims, 1))
    return folder, Distances(name, folder / "support.npy", folder / "queries.npy" if queries else None)


def network():
    import cases
    import python_data

    folder = python_data.activations()
    return folder, cases.Depth(MEASURE, folder, len(python_data.HIDDEN) + 2)


def contestants(folder, case, out, arguments):
    """Returns the processes by name, ours first."""
    wanted = ["ours", *(arguments.peer or ["pdepth", "scikit-learn", "faiss", *(["torch"] if arguments.torch else [])])]
    made = {}
    for name in wanted:
        if name == "pdepth":
            program = os.environ.get("PDEPTH") or pathlib.Path(sys.prefix) / "bin" / "pdepth"
            device = ["--device", "cpu", "--threads", arguments.threads]
            made[name] = environment.Ours(program, *case.command(out / name), *device)
        else:
            python = arguments.torch if name == "torch" else sys.executable
            made[name] = environment.EachLine(python, HERE / "python_worker.py", name, folder, K, out / f"{name}.npz")
    return made


def take_turns(sides, runs):
    """Returns the medians of the milliseconds, and of those of all processors, without the first run; and the growth of memory,
    if a side says it."""
    said = {name: [] for name in sides}
    for _ in range(runs + 1):
        for name, side in sides.items():
            time.sleep(PAUSE)
            before = side.processor_ms()
            one = side.ask()
            said[name].append(one | {"cpu_ms": side.processor_ms() - before})
    median = lambda key: {name: statistics.median(one[key] for one in of[1:]) for name, of in said.items()}
    return median("ms"), median("cpu_ms"), {name: of[-1].get("mib") for name, of in said.items()}


def result(case, file):
    """Returns what a contestant wrote: indices and distances, or depths."""
    import numpy

    with numpy.load(file) as arrays:
        found = tuple(arrays[name] for name in arrays.files)
    return found if case.unit == "sets" else found[0]


def measure(name, make, arguments, folder):
    """Returns one result per peer."""
    out = folder / "out"
    out.mkdir()
    (folder / "data").mkdir()
    files, case = make(folder / "data")
    sides = contestants(files, case, out, arguments)
    ms, cpu, mib = take_turns(sides, arguments.runs)
    for side in sides.values():
        side.end()
    found = result(case, out / "ours.npz")
    wrong = case.wrong(found)
    if not case.wrong(case.spoiled(found)):
        sys.exit(f"python.py: {name}: the check does not see a fault put in on purpose")
    rows = []
    for peer in list(sides)[1:]:
        theirs = case.ours(out / peer) if peer == "pdepth" else result(case, out / f"{peer}.npz")
        share = mib["ours"] / mib[peer] if mib[peer] else None
        rows.append(
            {
                "case": name,
                "peer": peer,
                "ours_ms": round(ms["ours"], 2),
                "peer_ms": round(ms[peer], 2),
                "ratio": round(ms[peer] / ms["ours"], 3),
                "at_least": None if arguments.quick else AT_LEAST.get(peer),
                "ours_cpu_ms": round(cpu["ours"], 2),
                "peer_cpu_ms": round(cpu[peer], 2),
                "ours_mib": round(mib["ours"], 1),
                "peer_mib": mib[peer] and round(mib[peer], 1),
                "share": share and round(share, 3),
                "at_most": None if arguments.quick else AT_MOST.get(peer),
                "differ": case.differ(found, theirs),
                "of": case.asked,
                "unit": case.unit,
                "wrong": wrong,
                "threads": arguments.threads,
                "runs": arguments.runs,
            }
        )
    return rows


def row(texts):
    widths = [-25, -12, 8, 8, 6, -13, 8, 8, 6, -12, 18, 5]
    return "  ".join(text.ljust(-width) if width < 0 else text.rjust(width) for text, width in zip(texts, widths)).rstrip()


def texts(result):
    bar = lambda wanted, good: "" if wanted is None else f"{wanted} {'reached' if good else 'MISSED'}"
    number = lambda value, digits: "" if value is None else f"{value:.{digits}f}"
    at_least, at_most, share = (result[name] for name in ("at_least", "at_most", "share"))
    times = [number(result["ours_ms"], 1), number(result["peer_ms"], 1), number(result["ratio"], 2)]
    memory = [number(result["ours_mib"], 0), number(result["peer_mib"], 0), number(share, 2)]
    return [
        result["case"],
        result["peer"],
        *times,
        bar(at_least, at_least is not None and result["ratio"] >= at_least),
        *memory,
        bar(at_most, share is not None and at_most is not None and share <= at_most),
        f"{result['differ']} of {result['of']} {result['unit']}",
        str(result["wrong"]),
    ]


TITLES = ["case", "peer", "ours ms", "peer ms", "ratio", "at least", "ours MiB", "peer MiB", "share", "at most"]
TITLES += ["peer differs in", "wrong"]


def main():
    arguments = options()
    environment.enter(arguments.threads, "requirements-python.txt")
    if "torch" in arguments.peer and not arguments.torch:
        sys.exit("python.py: --peer torch wants --torch PYTHON")
    wanted = [of for of in listing(arguments.quick) if any(text in of[0] for text in arguments.case or [""])]
    if not wanted:
        sys.exit("python.py: no such case")
    environment.install(arguments.wheel)
    from peers import instructions

    print(instructions(False), file=sys.stderr if arguments.json else sys.stdout)
    if not arguments.json:
        print(f"{arguments.threads} threads, medians of {arguments.runs} runs in turn\n{row(TITLES)}")
    wrong = 0
    for name, make in wanted:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=environment.cache()) as folder:
            for found in measure(name, make, arguments, pathlib.Path(folder)):
                wrong += found["wrong"]
                print(json.dumps(found) if arguments.json else row(texts(found)), flush=True)
    if wrong:
        sys.exit("python.py: ours is not exact: see `wrong`")


if __name__ == "__main__":
    main()
