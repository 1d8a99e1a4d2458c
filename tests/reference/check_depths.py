"""The depths of a whole run against scikit-learn, and the network's outputs against numpy.

Run by `tests/run --only python`, with PDEPTH naming the program."""

import json
import os
import subprocess
import sys
import tempfile

import numpy
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

import study

TRAIN = 0
UNPROBED = 2**32 - 1
SPARE = 8  # extra neighbours beyond k, so that ties at the k-th can be ordered


def probe(layer, labels, train, queries, k, leave_out):
    """Returns the classes of `queries` by the k nearest of `train`, both indices of rows of `layer`."""
    support = layer[train].astype(numpy.float64)
    if not leave_out:
        classifier = KNeighborsClassifier(k, algorithm="kd_tree").fit(support, labels[train])
        return classifier.predict(layer[queries].astype(numpy.float64))
    tree = NearestNeighbors(n_neighbors=min(k + 1 + SPARE, len(train)), algorithm="kd_tree").fit(support)
    distances, indices = tree.kneighbors(layer[queries].astype(numpy.float64))
    classes = []
    for query, (near, rows) in enumerate(zip(distances, indices)):
        others = [(distance, row) for distance, row in zip(near, rows) if row != query]
        voters = [row for _, row in sorted(others)[:k]]
        classes.append(numpy.bincount(labels[train][voters]).argmax())
    return numpy.array(classes)


def depths_of(probes, predicted):
    """Returns 1 + the last layer whose probe differs from the prediction; 0 if none does."""
    wrong = probes != predicted
    last = len(probes) - numpy.argmax(wrong[::-1], axis=0)
    return numpy.where(wrong.any(axis=0), last, 0)


def check_depths(metadata, tensors):
    """Returns how many probes and depths differ from the program's, over all splits."""
    layers = json.loads(metadata["layers"])
    labels, splits = tensors["given_label"].astype(int), tensors["split"]
    train = numpy.flatnonzero(splits == TRAIN)
    probes = numpy.zeros((len(layers), len(labels)), int)
    for number, name in enumerate(layers):
        layer = tensors["representations/" + name]
        for split in numpy.unique(splits):
            queries = numpy.flatnonzero(splits == split)
            probes[number, queries] = probe(layer, labels, train, queries, int(metadata["k"]), split == TRAIN)
    depths = depths_of(probes, tensors["predicted"])
    return int((probes != tensors["probe"]).sum()), int((depths != tensors["depth"]).sum())


def check_depths_only(tensors, only):
    """Returns how many depths and probes of `--depth-only` differ, and how many probes it evaluated."""
    asked = only["probe"] != UNPROBED
    probes = int((tensors["probe"] != only["probe"])[asked].sum())
    return int((tensors["depth"] != only["depth"]).sum()), probes, int(asked.sum())


def check_network(metadata, tensors):
    """Returns the largest differences to a float64 forward pass, and how many predictions differ."""
    seen = json.loads(metadata["preprocessing"])
    pixels = tensors["images"].reshape(len(tensors["images"]), -1) / 255.0
    values = (pixels - seen["mean"][0]) / seen["std"][0]
    for number in range(len(json.loads(metadata["network"])["hidden"])):
        weight, bias = (tensors[f"weights/hidden{number + 1}.{part}"].astype(float) for part in ("weight", "bias"))
        values = numpy.maximum(values @ weight.T + bias, 0)
    logits = values @ tensors["weights/logits.weight"].astype(float).T + tensors["weights/logits.bias"]
    softmax = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    softmax /= softmax.sum(axis=1, keepdims=True)
    margins = numpy.sort(logits, axis=1)[:, -1] - numpy.sort(logits, axis=1)[:, -2]
    return (
        numpy.abs(softmax - tensors["representations/softmax"]).max(),
        numpy.abs(margins - tensors["output_margin"]).max(),
        int((logits.argmax(axis=1) != tensors["predicted"]).sum()),
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        options = ["--label-noise", "0.05", "--representations", "--quiet", "--json", "--device", "cpu", "--out", out]
        subprocess.run([os.environ["PDEPTH"], "run", *options], check=True, stdout=subprocess.DEVNULL)
        metadata, tensors = study.read(os.path.join(out, "study.safetensors"))
        options = [*options[:2], "--depth-only", "--quiet", "--json", "--device", "cpu", "--out", out + "2"]
        subprocess.run([os.environ["PDEPTH"], "run", *options], check=True, stdout=subprocess.DEVNULL)
        marked, only = study.read(os.path.join(out + "2", "study.safetensors"))
    probes, depths = check_depths(metadata, tensors)
    softmax, margins, predictions = check_network(metadata, tensors)
    print(f"of {tensors['probe'].size} probes {probes} differ from scikit-learn's, of {tensors['depth'].size} depths {depths}")
    print(f"softmax within {softmax:.1e} of a float64 forward pass, margins within {margins:.1e}, {predictions} predictions differ")
    other_depths, other_probes, asked = check_depths_only(tensors, only)
    print(f"--depth-only asked {asked} of {only['probe'].size} probes: {other_probes} and {other_depths} depths differ")
    alone = other_depths == 0 and other_probes == 0 and asked < only["probe"].size
    alone = alone and marked["unprobed"] == str(UNPROBED) and "unprobed" not in metadata
    # The comparison must detect a fault: with shifted labels, depths must differ.
    broken = {**tensors, "given_label": numpy.roll(tensors["given_label"], 1)}
    seen = check_depths(metadata, broken)[1] > 0
    print("a fault put in on purpose", "is seen" if seen else "IS NOT SEEN")
    right = probes == 0 and depths == 0 and softmax < 1e-4 and margins < 1e-3 and predictions == 0 and seen and alone
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
