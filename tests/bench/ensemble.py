"""Compares an ensemble, from images to the mean depth of each, with the same in PyTorch and FAISS.

Both sides train each model on its own nine tenths of the same images, with equal network, batch, optimiser and steps. At steps
0, 1, 2, 3, 4, 6, 8, 12, ... they compute the logits of all images, and from them the training dynamics. At the end they search
for 30 neighbours at every layer, of the training images leave-one-out and of all others; these vote; depths follow, and means
over the models. Neither computes input margins. Our time is that of `ensemble run` and `ensemble merge`, with reading, files
and report. PyTorch's is without imports, reading and files.

PyTorch makes one model after another with all threads, or has a process of one thread for each core: a first round, which is not
counted, tries both, and the faster is the peer. Then both sides take turns, and the medians are compared. Seeds are the same in
every round, but draw other numbers on the other side; mean depth and accuracy of the test images show that both do the same.

    python3 tests/bench/ensemble.py [--net NAME] [--models N] [--runs N] [--threads N] [--json]"""

import argparse
import csv
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import environment

TRAIN, TEST, BATCH, K = 5000, 1000, 128, 30
EPOCHS = {"mlp": 20, "vgg-small": 4, "resnet-small": 2}
SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")  # Debian's dataset-fashion-mnist
FIRST = 2  # models of the first round, for each thread


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--net", default="mlp", choices=EPOCHS, help="[default: mlp]")
    parser.add_argument("--models", type=int, default=50, help="[default: 50]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for both [default: every core]")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each side [default: 3]")
    parser.add_argument("--json", action="store_true", help="one object")
    return parser.parse_args()


def fashion_mnist(numpy):
    """Returns TRAIN training images and TEST test images [28, 28], and their labels."""

    def read(name, head):
        with gzip.open(SOURCE / f"{name}.gz") as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=head)

    splits = [("train", TRAIN), ("t10k", TEST)]
    images = [read(f"{name}-images-idx3-ubyte", 16).reshape(-1, 28, 28)[:count] for name, count in splits]
    return images, [read(f"{name}-labels-idx1-ubyte", 8)[:count] for name, count in splits]


def ours(program, data, settings, models, threads):
    """Returns the seconds of the program's ensemble, and the mean depth and the accuracy of the test images."""
    environ = {**os.environ, "RAYON_NUM_THREADS": str(threads)}

    def call(*words):
        command = [str(word) for word in (program, "ensemble", *words)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ).stdout

    with tempfile.TemporaryDirectory() as folder:
        plan, out = pathlib.Path(folder) / "plan.json", pathlib.Path(folder) / "ensemble"
        chosen = [word for name, value in settings.items() for word in (f"--{name}", value)]
        plan.write_bytes(call("plan", "--runs", models, "--data", data, "--margin-examples", 0, *chosen))
        start = time.perf_counter()
        call("run", "--plan", plan, "--out", out, "--jobs", threads, "--device", "cpu", "--quiet")
        call("merge", "--plan", plan, "--out", out)
        seconds = time.perf_counter() - start
        with open(out / "examples.csv", newline="") as file:
            test = list(csv.DictReader(file))[TRAIN:]
    return seconds, *(statistics.mean(float(row[name]) for row in test) for name in ("depth_validation", "c_score"))


def main():
    arguments = options()
    environment.enter(arguments.threads)
    program = environment.pdepth()
    import numpy

    from ensemble_peer import Ensemble

    settings = {"net": arguments.net, "epochs": EPOCHS[arguments.net], "batch": BATCH, "k": K}
    images, labels = fashion_mnist(numpy)
    joined = numpy.concatenate(images), numpy.concatenate(labels)
    peers = {n: Ensemble(n, settings, *joined, TRAIN, arguments.threads) for n in {1, arguments.threads}}
    first = FIRST * arguments.threads
    each = {n: peer.run(first)[0] / first for n, peer in peers.items()}
    processes = min(each, key=each.get)
    rounds = [], []
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder) / "fashion-mnist.npz"
        numpy.savez(data, x_train=images[0], y_train=labels[0], x_test=images[1], y_test=labels[1])
        ours(program, data, settings, first, arguments.threads)
        for _ in range(arguments.runs):
            rounds[0].append(ours(program, data, settings, arguments.models, arguments.threads))
            rounds[1].append(peers[processes].run(arguments.models))
    seconds = [statistics.median(run[0] for run in side) for side in rounds]
    figures = {
        "net": arguments.net,
        "models": arguments.models,
        "threads": arguments.threads,
        "ours_s": round(seconds[0], 2),
        "pytorch_s": round(seconds[1], 2),
        "ratio": round(seconds[1] / seconds[0], 2),
        "pytorch_processes": processes,
        "pytorch_s_a_model": {f"processes {n}": round(value, 2) for n, value in each.items()},
        "test_depth": [round(float(side[-1][1]), 3) for side in rounds],
        "test_accuracy": [round(float(side[-1][2]), 3) for side in rounds],
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:18} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
