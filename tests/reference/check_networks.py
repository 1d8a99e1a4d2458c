"""Networks at every tap against PyTorch, with the same weights.

Run by `tests/run --only python`, with PDEPTH naming the program."""

import json
import os
import subprocess
import sys
import tempfile

import numpy
import torch
from torch.nn import functional

import study

MOST = 1e-4  # of a tap's largest value


def taps(network, weights, images):
    """The values at each tap, by name."""
    values, named = images, {"input": images}
    if network["architecture"] == "mlp":
        values = values.flatten(1)
        for number in range(1, len(network["hidden"]) + 1):
            values = functional.linear(values, weights[f"hidden{number}.weight"], weights[f"hidden{number}.bias"]).relu()
            named[f"hidden{number}"] = values
    if network["architecture"] == "vgg":
        number = 0
        for stage in network["stages"]:
            for _ in stage:
                number += 1
                values = functional.conv2d(values, weights[f"conv{number}.weight"], weights[f"conv{number}.bias"], padding=1).relu()
                named[f"conv{number}"] = values
            if min(values.shape[2:]) >= 2:
                values = functional.max_pool2d(values, 2)
    logits = functional.linear(values.flatten(1), weights["logits.weight"], weights["logits.bias"])
    named["softmax"] = logits.softmax(1)
    return named


def check(folder, name, *options):
    """Whether every tap of a network is PyTorch's."""
    out = os.path.join(folder, name)
    fixed = ["--representations", "--quiet", "--device", "cpu", "--examples", "100", "--k", "5", "--epochs", "2", "--out", out]
    subprocess.run([os.environ["PDEPTH"], "run", *options, *fixed], check=True, stdout=subprocess.DEVNULL)
    metadata, tensors = study.read(os.path.join(out, "study.safetensors"))
    weights = {key[len("weights/"):]: torch.tensor(value) for key, value in tensors.items() if key.startswith("weights/")}
    seen = json.loads(metadata["preprocessing"])
    mean, std = (torch.tensor(seen[key])[:, None, None] for key in ("mean", "std"))
    images = (torch.tensor(tensors["images"]) / 255.0 - mean) / std
    network = json.loads(metadata["network"])
    with torch.no_grad():
        expected = taps(network, weights, images.float())
    if list(expected) != json.loads(metadata["layers"]):
        print(f"  {name}: taps are {metadata['layers']}, expected {list(expected)}")
        return False
    worst = 0.0
    for tap, values in expected.items():
        values = values.flatten(1).numpy()
        found = tensors["representations/" + tap]
        worst = max(worst, float(numpy.abs(found - values).max() / numpy.abs(values).max()))
    print(f"  {name}: {len(expected)} taps, at most {worst:.1e} of a tap's largest value apart")
    return worst <= MOST


def main():
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        right = [
            check(folder, "mlp", "--net", "mlp", "--hidden", "64,48"),
            check(folder, "vgg-small", "--net", "vgg-small"),
            check(folder, "vgg16", "--net", "vgg16", "--width", "0.125"),
        ]
    sys.exit(0 if all(right) else 1)


main()
