"""Shows what takes the time of `pdepth run` on Fashion-MNIST, by Linux's `perf`.

At each sample, the main thread's functions show the phase: reading, training, forward passes, search, files. A phase lasts until
the main thread is seen in another, so waiting counts too. Within a phase, the samples of all threads show what the processors
computed: products (of matrices, and convolutions with what is fused into them) or anything else. The program is built with frame
pointers, in a folder of its own; PDEPTH may name one that was built so.

    python3 tests/bench/shares.py [--net NAME] [--examples N] [--functions N] [--json]"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import environment

# Epochs: the program's own number for the MLP, fewer for the others, so that a run takes a minute at most.
EPOCHS = {"mlp": 100, "vgg-small": 12, "resnet-small": 3, "vgg16": 2, "resnet18": 1}
WIDTHS = {"vgg16": 0.25, "resnet18": 0.25}
# The first that matches a function of the main thread names the phase.
PHASES = {
    "files": r"run_folder|to_bytes|depth_csv|report::html|table::summary|into_study|json_of|weights_of|Study::summary",
    "reading": r"data::chosen|Dataset::summary|Experiment::new",
    "training": r"pdepth::training|train::Trainer|Experiment::trainer",
    "forward passes": r"representations::|Images::select",
    "search": r"prediction_depth::(measurement|probe|search)",
}
PRODUCTS = r"^<?(gemm|pulp|prediction_depth::nets::ops::(microkernel|fused_conv|conv|plain|normalized|packed))"


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--net", action="append", choices=EPOCHS, help="may be repeated [default: all]")
    parser.add_argument("--examples", type=int, default=5000, help="training images; 10,000 test images come with them")
    parser.add_argument("--functions", type=int, default=0, help="also show so many functions of each phase")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def program():
    """Returns the program that PDEPTH names, or builds and returns one with frame pointers."""
    if named := os.environ.get("PDEPTH"):
        return named
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or environment.cache() / "target") / "frame-pointers"
    command = ["cargo", "build", "--workspace", "--bins", "--release", "--locked", "--quiet"]
    settings = {"CARGO_TARGET_DIR": str(target), "RUSTFLAGS": "-C force-frame-pointers=yes"}
    subprocess.run(command, cwd=environment.ROOT, check=True, stdout=sys.stderr, env={**os.environ, **settings})
    return target / "release" / "pdepth"


def samples(command, folder):
    """Runs the command, and returns each sample: seconds, whether it is of the main thread, and functions from the inside out."""
    recorded = pathlib.Path(folder) / "perf.data"
    record = ["perf", "record", "-q", "-F", "997", "--call-graph", "fp", "-o", recorded, "--", *command]
    subprocess.run(record, check=True, stdout=subprocess.DEVNULL)
    script = ["perf", "script", "-i", recorded, "-F", "pid,tid,time,ip,sym"]
    text = subprocess.run(script, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    for block in text.strip().split("\n\n"):
        head, *frames = block.splitlines()
        pid, tid, seconds = re.match(r"\s*(\d+)/(\d+)\s+([\d.]+):", head).groups()
        yield float(seconds), pid == tid, [frame.split(None, 1)[1] for frame in frames if " " in frame.strip()]


def phase_of(functions):
    """Returns the phase that the functions belong to, or None."""
    return next((phase for phase, names in PHASES.items() if any(re.search(names, name) for name in functions)), None)


def shares(of):
    """Returns the seconds of each phase, and the samples of each phase by function: of products or not."""
    seconds, functions = collections.Counter(), collections.defaultdict(collections.Counter)
    phase, last = "reading", None
    for now, is_main, stack in sorted(of, key=lambda sample: sample[0]):
        seconds[phase] += now - (now if last is None else last)
        last = now
        if is_main:
            phase = phase_of(stack) or phase
        functions[phase][stack[0] if stack else "?"] += 1
    return seconds, functions


def main():
    arguments = options()
    binary = program()
    for net in arguments.net or EPOCHS:
        chosen = ["--net", net, "--examples", arguments.examples, "--epochs", EPOCHS[net]]
        chosen += ["--width", WIDTHS[net]] if net in WIDTHS else []
        with tempfile.TemporaryDirectory() as folder:
            fixed = ["--data", "fashion-mnist", "--device", "cpu", "--quiet", "--out", pathlib.Path(folder) / "run"]
            command = [str(word) for word in (binary, "run", *chosen, *fixed)]
            seconds, functions = shares(samples(command, folder))
        total, percent = sum(seconds.values()), {}
        for phase in ("reading", "training", "forward passes", "search", "files"):
            share = 100 * seconds[phase] / total
            products = sum(count for name, count in functions[phase].items() if re.search(PRODUCTS, name))
            part = products / max(1, sum(functions[phase].values()))
            if phase in ("training", "forward passes"):
                percent |= {f"{phase}: products": share * part, f"{phase}: rest": share * (1 - part)}
            else:
                percent[phase] = share
        percent = {name: round(share, 1) for name, share in percent.items()}
        if arguments.json:
            print(json.dumps({"command": command[1:-2], "seconds": round(total, 1), "percent": percent}), flush=True)
            continue
        print(f"{' '.join(command[1:-2])}: {total:.1f} s", flush=True)
        for phase, share in percent.items():
            print(f"  {phase:24} {share:5.1f} %")
        for phase, found in functions.items():
            for name, count in found.most_common(arguments.functions):
                print(f"    {phase}: {100 * count / sum(found.values()):.1f} % {name}")


main()
