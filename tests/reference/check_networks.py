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


def normed(values, weights, name, stride):
    """Convolution with standardised kernels, then group normalisation."""
    kernels = weights[f"{name}.conv.weight"]
    flat = kernels.flatten(1)
    mean, variance = flat.mean(1), flat.var(1, unbiased=False)
    kernels = (kernels - mean[:, None, None, None]) / (variance + 1e-10).sqrt()[:, None, None, None]
    values = functional.conv2d(values, kernels, stride=stride, padding=kernels.shape[2] // 2)
    maps = values.shape[1]
    groups = max(groups for groups in range(1, min(32, max(maps // 2, 1)) + 1) if maps % groups == 0)
    return functional.group_norm(values, groups, weights[f"{name}.norm.weight"], weights[f"{name}.norm.bias"])


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
    if network["architecture"] == "resnet":
        values = named["stem"] = normed(values, weights, "stem", 1)
        number = 0
        for stage, (_, blocks) in enumerate(network["stages"]):
            for block in range(blocks):
                number += 1
                name, stride, inside = f"block{number}", 2 if stage > 0 and block == 0 else 1, values.relu()
                maps = normed(inside, weights, f"{name}.first", stride).relu()
                maps = normed(maps, weights, f"{name}.second", 1)
                changed = f"{name}.shortcut.conv.weight" in weights
                values = named[name] = maps + (normed(inside, weights, f"{name}.shortcut", stride) if changed else inside)
        values = values.relu().mean((2, 3))
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
            check(folder, "resnet-small", "--net", "resnet-small"),
            check(folder, "resnet18", "--net", "resnet18", "--width", "0.125"),
        ]
    sys.exit(0 if all(right) else 1)


main()
