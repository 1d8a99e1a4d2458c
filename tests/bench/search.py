"""Compares the neighbour search and the depth measurement with FAISS, scikit-learn and torch on this machine's CPU (or GPU,
with --device gpu). Runs of pdepth and of a peer alternate; the medians are compared. See docs/performance.md.

    python3 tests/bench/search.py [--case TEXT] [--peer NAME] [--quick] [--json]

Exits with 1 if pdepth is not exact, by a float64 reference on a sample of each case's queries."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import environment

PAUSE = 0.05  # seconds between runs, for the threads of the last one to become idle


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--case", action="append", default=[], help="only cases whose name contains this; may be repeated")
    parser.add_argument("--peer", action="append", default=[], help="faiss, scikit-learn or torch; may be repeated")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu", help="what ours computes on")
    parser.add_argument("--kernel", help="ours: avx2, avx2-vnni, ...; with avx2 or avx2-vnni, peers have AVX2 only [default: the fastest]")
    parser.add_argument("--format", help="ours: f32, int16 or int8 [default: by trial]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for all [default: every core]")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each side, after one that is not")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, random numbers only, no bars")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def take_turns(ours, theirs, runs):
    """Returns the median milliseconds of both, and the peer's result. The first run of each is not counted."""
    times = [], []
    for _ in range(runs + 1):
        time.sleep(PAUSE)
        times[0].append(ours.run())
        time.sleep(PAUSE)
        start = time.perf_counter()
        found = theirs()
        times[1].append(1000 * (time.perf_counter() - start))
    return *(statistics.median(side[1:]) for side in times), found


def measure(case, searches, program, arguments, folder):
    """Returns one result per peer."""
    out = folder / "out"
    device = ["--device", arguments.device, "--threads", arguments.threads]
    forced = [part for name in ("kernel", "format") if (value := getattr(arguments, name)) for part in (f"--{name}", value)]
    ours = environment.Ours(program, *case.command(out), *device, *forced)
    timed = {}
    for peer, search in searches.items():
        timed[peer] = take_turns(ours, lambda: case.with_peer(search), arguments.runs)
    ours.end()
    found = case.ours(out)
    wrong = case.wrong(found)
    if not case.wrong(case.spoiled(found)):
        sys.exit(f"search.py: {case.name}: the check does not see a fault put in on purpose")
    judge = "faiss" if case.unit != "depths" else "scikit-learn"
    return [
        {
            "case": case.name,
            "peer": peer,
            "ours_ms": round(ours_ms, 2),
            "peer_ms": round(peer_ms, 2),
            "ratio": round(peer_ms / ours_ms, 3),
            "at_least": bars(arguments).get(case.name) if peer == judge else None,
            "gflops": round(case.operations / ours_ms / 1e6, 1),
            "peer_gflops": round(case.operations / peer_ms / 1e6, 1),
            "differ": case.differ(found, theirs),
            "of": case.asked,
            "unit": case.unit,
            "wrong": wrong,
            "threads": arguments.threads,
            "device": arguments.device,
        }
        for peer, (ours_ms, peer_ms, theirs) in timed.items()
    ]


def only_avx2(arguments):
    return (arguments.kernel or "").startswith("avx2")


def bars(arguments):
    """Returns the required ratios for this kind of processor."""
    from listing import AT_LEAST

    if arguments.device != "cpu" or arguments.quick or arguments.format:
        return {}
    features = environment.processor()
    if only_avx2(arguments) or (not arguments.kernel and "avx2" in features and "avx512f" not in features):
        return AT_LEAST["avx2"]
    return AT_LEAST["avx512"] if not arguments.kernel and "avx512_vnni" in features else {}


# Title, width (negative: left-aligned) and text of each column.
COLUMNS = [
    ("case", -27, lambda result, peak: result["case"]),
    ("peer", -12, lambda result, peak: result["peer"]),
    ("ours ms", 8, lambda result, peak: f"{result['ours_ms']:.1f}"),
    ("peer ms", 8, lambda result, peak: f"{result['peer_ms']:.1f}"),
    ("ratio", 6, lambda result, peak: f"{result['ratio']:.2f}"),
    ("at least", -13, lambda result, peak: bar(result)),
    ("GF/s", 5, lambda result, peak: f"{result['gflops']:.0f}"),
    ("of peak", 7, lambda result, peak: f"{100 * result['gflops'] / peak:.0f} %"),
    ("peer differs in", 22, lambda result, peak: f"{result['differ']} of {result['of']} {result['unit']}"),
    ("wrong", 5, lambda result, peak: str(result["wrong"])),
]


def bar(result):
    at_least = result["at_least"]
    return "" if at_least is None else f"{at_least} {'reached' if result['ratio'] >= at_least else 'MISSED'}"


def row(texts):
    widths = [width for _, width, _ in COLUMNS]
    return "  ".join(text.ljust(-width) if width < 0 else text.rjust(width) for text, width in zip(texts, widths)).rstrip()


def main():
    arguments = options()
    environment.enter(arguments.threads, only_avx2=only_avx2(arguments))
    from listing import listing
    from peers import instructions, peers

    searches = peers(arguments.threads, arguments.device)
    if arguments.peer:
        searches = {name: search for name, search in searches.items() if name in arguments.peer}
    wanted = [make for name, make in listing(arguments.quick) if any(text in name for text in arguments.case or [""])]
    if not wanted or not searches:
        sys.exit("search.py: no such case, or no such peer")
    program = environment.pdepth()
    command = [program, "bench", "peak", "--json", "--threads", str(arguments.threads)]
    command += ["--kernel", arguments.kernel] if arguments.kernel else []
    peak = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["gflops"]
    about = f"ours {arguments.kernel or 'the fastest'} in {arguments.format or 'the format by trial'}; {instructions(only_avx2(arguments))}"
    print(about, file=sys.stderr if arguments.json else sys.stdout)
    if not arguments.json:
        print(f"{arguments.threads} threads, medians of {arguments.runs} runs in turn; float32 peak {peak:.0f} GF/s")
        print(row([title for title, _, _ in COLUMNS]))
    wrong = 0
    for make in wanted:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=environment.cache()) as folder:
            folder = pathlib.Path(folder)
            for result in measure(make(folder), searches, program, arguments, folder):
                wrong += result["wrong"]
                table = row([text(result, peak) for _, _, text in COLUMNS])
                print(json.dumps(result | {"peak_gflops": round(peak, 1)}) if arguments.json else table, flush=True)
    if wrong:
        sys.exit("search.py: ours is not exact: see `wrong`")


if __name__ == "__main__":
    main()
