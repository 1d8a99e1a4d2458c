"""Compares training steps per second with PyTorch on this machine's CPU, with equal network, data, batch, optimiser and threads.
Runs of pdepth and of PyTorch alternate; the medians are compared.

    python3 tests/bench/train.py [--net NAME] [--runs N] [--threads N] [--json]"""

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

EXAMPLES, BATCH = 2000, 128
# Epochs that take one or two seconds, and the required ratio of steps per second.
NETS = {"mlp": (40, 0.8), "vgg-small": (2, 0.35), "resnet-small": (2, 0.35)}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--net", action="append", choices=NETS, help="may be repeated [default: all]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for both [default: every core]")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each side, after one that is not")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def theirs(torch, network, images, labels, epochs):
    """Returns the seconds of PyTorch's training."""
    optimiser = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    start = time.perf_counter()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimiser.step()
    return time.perf_counter() - start


def ours(program, net, epochs, threads):
    """Returns the seconds of the program's training, and the number of images it trained on."""
    with tempfile.TemporaryDirectory() as folder:
        fixed = ["--json", "--quiet", "--device", "cpu", "--examples", EXAMPLES, "--batch", BATCH, "--k", 1, "--depth-only"]
        command = [program, "run", "--net", net, "--epochs", epochs, *fixed, "--out", pathlib.Path(folder) / "run"]
        environ = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        output = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, env=environ).stdout
    result = json.loads(output)
    return result["seconds"]["train"], result["train"]["examples"]


def main():
    arguments = options()
    environment.enter(arguments.threads)
    program = environment.pdepth()
    import torch

    from networks import NETWORKS

    torch.set_num_threads(arguments.threads)
    images = torch.rand(9 * EXAMPLES // 10, 1, 28, 28)
    labels = torch.randint(0, 10, (len(images),))
    for net, (epochs, bar) in NETS.items():
        if arguments.net and net not in arguments.net:
            continue
        network = NETWORKS[net]()
        times = [], []
        for _ in range(arguments.runs + 1):
            seconds, examples = ours(program, net, epochs, arguments.threads)
            times[0].append(seconds)
            times[1].append(theirs(torch, network, images, labels, epochs))
        if examples != len(images):
            sys.exit(f"train.py: {examples} images on one side, {len(images)} on the other")
        steps = epochs * -(-examples // BATCH)
        rates = [steps / statistics.median(side[1:]) for side in times]
        figures = {"net": net, "steps_per_s": round(rates[0], 1), "pytorch": round(rates[1], 1), "ratio": round(rates[0] / rates[1], 2), "bar": bar}
        if arguments.json:
            print(json.dumps(figures), flush=True)
        else:
            print(f"{net:14} {rates[0]:8.1f} steps/s, PyTorch {rates[1]:8.1f}: {figures['ratio']:.2f} (at least {bar})", flush=True)


main()
