"""Every tap of networks from ONNX files against ONNX Runtime and PyTorch, and the depths of whole runs.

PyTorch exports the networks (onnx_models.py). ONNX Runtime computes every value that the program probes, on the program's
own input; the depths must be those of `pdepth depth` on these values. Run by `tests/run --only python`, with PDEPTH
naming the program."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnx
import onnxruntime

import study

HERE = Path(__file__).resolve().parent
MOST = 1e-4  # of a tap's largest value
K = 7
PLAIN = onnxruntime.SessionOptions()
PLAIN.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL


def run(*arguments):
    command = [os.environ["PDEPTH"], *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def computed(path, names, inputs):
    """The values of these names in ONNX Runtime: each becomes an output of the graph."""
    model = onnx.load(path)
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), PLAIN)
    (given,) = session.get_inputs()
    batch = given.shape[0] if isinstance(given.shape[0], int) else len(inputs)
    parts = []
    for start in range(0, len(inputs), batch):
        rows = inputs[start : start + batch]
        filled = numpy.concatenate([rows, numpy.repeat(rows[-1:], batch - len(rows), 0)])
        parts.append([values[: len(rows)] for values in session.run(names, {given.name: filled})])
    return [numpy.concatenate(values) for values in zip(*parts)]


def softmax(values):
    values = numpy.exp(values - values.max(1, keepdims=True))
    return values / values.sum(1, keepdims=True)


def depths(folder):
    with open(folder / "depth.csv", newline="") as file:
        return list(csv.DictReader(file))


def nearly_equal(layer, row, training, others):
    """Whether rounding can change who the neighbours of a row are, or the order of two."""
    distances = ((layer[training].astype(numpy.float64) - layer[row].astype(numpy.float64)) ** 2).sum(1)
    distances = numpy.sort(numpy.sqrt(distances[training != row] if others else distances))
    scale = numpy.abs(layer).max() * numpy.sqrt(layer.shape[1])
    return distances[K] - distances[K - 1] <= MOST * max(distances[K], scale * 1e-3)


def compare_depths(name, out, layers, folder, labels, scores):
    """Counts the probes that differ from `pdepth depth` on ONNX Runtime's values; near-equal neighbours may differ."""
    training = numpy.arange(study_rows := len(labels)) < TRAIN
    for split, rows in ("train", training), ("test", ~training):
        (folder / split).mkdir(parents=True)
        for place, values in enumerate(layers):
            numpy.save(folder / split / f"layer{place}.npy", values[rows])
        numpy.save(folder / split / "labels.npy", labels[rows])
        numpy.save(folder / split / "logits.npy", scores[rows])
    run("depth", "--train", folder / "train", "--held-out", f"test={folder / 'test'}", "--k", K, "--device", "cpu",
        "--quiet", "--out", folder / "out")
    ours, theirs = depths(out), depths(folder / "out")
    assert len(ours) == len(theirs) == study_rows
    probes = [column for column in ours[0] if column.startswith("probe_")]
    references = [column for column in theirs[0] if column.startswith("probe_")]
    assert len(probes) == len(references) == len(layers)
    trained, differ = numpy.flatnonzero(training), 0
    for row, (one, other) in enumerate(zip(ours, theirs)):
        assert one["predicted"] == other["predicted"], f"{name}: example {row} is {one['predicted']}, not {other['predicted']}"
        same = True
        for place, (probe, reference) in enumerate(zip(probes, references)):
            if one[probe] != other[reference]:
                same, differ = False, differ + 1
                assert nearly_equal(layers[place], row, trained, training[row]), f"{name}: {probe} of example {row} differs"
        assert not same or one["depth"] == other["depth"], f"{name}: example {row} has another depth"
    return differ


def check(name, folder):
    model, data = folder / f"{name}.onnx", folder / f"{name}.npz"
    options = json.loads((folder / f"{name}.json").read_text())["options"]
    expected, arrays = numpy.load(folder / f"{name}.expected.npz"), numpy.load(data)
    labels = numpy.concatenate([arrays["y_train"], arrays["y_test"]])
    counts = {}
    for taps in "auto", "all":
        out = folder / f"{name}-{taps}"
        result = json.loads(run("run", "--model", model, "--data", data, "--taps", taps, "--k", K, "--device", "cpu", "--json",
                                "--representations", "--out", out, *options))
        metadata, tensors = study.read(out / "study.safetensors")
        layers, inputs = result["layers"], expected["inputs"]
        hidden = computed(model, layers[1:-1], inputs) if len(layers) > 2 else []
        ended = layers[-1] == "scores"  # with a softmax
        # PyTorch's own output.
        last = expected["scores"] if ended else softmax(expected["scores"])
        references = [inputs, *hidden, last]
        found = [tensors[f"representations/{layer}"] for layer in layers]
        for layer, values, reference in zip(layers, found, references):
            reference = reference.reshape(len(reference), -1)
            if layer == layers[0] and name == "channels-last":
                reference = expected["inputs"].transpose(0, 3, 1, 2).reshape(len(reference), -1)
            error = numpy.abs(values - reference).max() / numpy.abs(reference).max()
            assert error <= MOST, f"{name}: {layer} differs by {error:.1e} of its largest value"
            worse = numpy.abs(values[::-1] - reference).max() / numpy.abs(reference).max()
            assert worse > MOST, f"{name}: {layer} agrees with other examples, too"
        counts[taps] = len(layers)
        scores = numpy.log(expected["scores"]) if ended else expected["scores"]
        flat = [numpy.ascontiguousarray(values.reshape(len(values), -1), numpy.float32) for values in references]
        differ = compare_depths(name, out, flat, folder / f"{name}-{taps}-reference", labels, scores)
        print(f"{name}, --taps {taps}: {len(layers)} layers; probes of near-equal neighbours that differ: {differ}")
    return counts


TRAIN = 300
WANTED = {"mlp": 5, "vgg": 6, "resnet": 5, "mobilenet": 5, "vision-transformer": 6, "text-transformer": 6,
          "channels-last": 6}  # layers of --taps auto


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run(["/usr/bin/python3", HERE / "onnx_models.py", folder], check=True)
        for name, layers in WANTED.items():
            counts = check(name, folder)
            assert counts["auto"] == layers, f"{name}: {counts['auto']} layers, not {layers}"
            assert counts["all"] >= counts["auto"]
    print("every tap and every depth agree")


if __name__ == "__main__":
    sys.exit(main())
