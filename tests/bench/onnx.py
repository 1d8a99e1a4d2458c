"""Compares forward passes of ONNX files with ONNX Runtime: all activations of ResNet-18 (32 x 32) and of a small vision
transformer, the logits included, on the same threads. Both sides take turns.

    PDEPTH_FORWARD=target/release/onnx_forward python3 tests/bench/onnx.py FOLDER [--threads 2] [--rounds 5]

FOLDER holds resnet18.onnx and vit.onnx, which `/usr/bin/python3 tests/bench/onnx_models.py FOLDER` makes. Needs onnx and
onnxruntime (tests/reference/requirements.txt). Prints seconds, and how much faster ours is: below 1 it is slower."""

import argparse
import os
import pathlib
import statistics
import subprocess
import time

import numpy
import onnx
import onnxruntime

EXAMPLES = 256


def theirs(path, threads, names):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    model = onnx.load(path)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    values = numpy.arange(EXAMPLES * 3 * 32 * 32) * 31 % 255 / numpy.float32(255)
    inputs = {session.get_inputs()[0].name: values.reshape(EXAMPLES, 3, 32, 32).astype(numpy.float32)}

    def timed():
        start = time.perf_counter()
        session.run(None, inputs)
        return time.perf_counter() - start

    return timed


def ours(path, threads, taps, rounds):
    command = [os.environ["PDEPTH_FORWARD"], path, EXAMPLES, 3, 32, 32, taps, rounds]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def timed():
        process.stdin.write("\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    return timed


def joined(path):
    """The sums that join two branches: what `--taps auto` takes of these networks."""
    graph = onnx.load(path).graph
    stored = {tensor.name for tensor in graph.initializer} | {node.output[0] for node in graph.node if node.op_type == "Constant"}
    return [node.output[0] for node in graph.node if node.op_type == "Add" and not stored & set(node.input)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    for name in "resnet18", "vit":
        path = arguments.folder / f"{name}.onnx"
        names = joined(path)
        sides = ours(path, arguments.threads, "auto", arguments.rounds + 1), theirs(path, arguments.threads, names)
        for side in sides:
            side()  # the first round reads the weights
        times = [[side() for side in sides] for _ in range(arguments.rounds)]
        one, other = (statistics.median(column) for column in zip(*times))
        print(f"{name}, {len(names)} sums: ours {one:.3f} s, ONNX Runtime {other:.3f} s, ratio {other / one:.2f}")


if __name__ == "__main__":
    main()
