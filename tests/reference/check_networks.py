"""Every tap of the networks against PyTorch, with the same weights.

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


def convolved(values, weights, name, stride):
    """Computes a block's convolution, with standardised kernels if group normalisation follows."""
    kernels = weights[f"{name}.conv.weight"]
    if f"{name}.norm.mean" not in weights:
        flat = kernels.flatten(1)
        mean, variance = flat.mean(1), flat.var(1, unbiased=False)
        kernels = (kernels - mean[:, None, None, None]) / (variance + 1e-10).sqrt()[:, None, None, None]
    return functional.conv2d(values, kernels, stride=stride, padding=kernels.shape[2] // 2)


def normed(values, weights, name):
    """Computes batch normalisation in evaluation mode if there are running statistics, else group normalisation."""
    scale, shift = weights[f"{name}.norm.weight"], weights[f"{name}.norm.bias"]
    if f"{name}.norm.mean" in weights:
        return functional.batch_norm(values, weights[f"{name}.norm.mean"], weights[f"{name}.norm.variance"], scale, shift)
    maps = values.shape[1]
    groups = max(groups for groups in range(1, min(32, max(maps // 2, 1)) + 1) if maps % groups == 0)
    return functional.group_norm(values, groups, scale, shift)


def taps(network, weights, images):
    """Returns the values at each tap, by name."""
    values, named = images, {"input": images}
    usual = "before-relu" if network["architecture"] == "resnet" else "after-relu"
    probed = (lambda maps: maps) if network.get("taps", usual) == "before-relu" else torch.relu
    if network["architecture"] == "mlp":
        values = values.flatten(1)
        for number in range(1, len(network["hidden"]) + 1):
            values = functional.linear(values, weights[f"hidden{number}.weight"], weights[f"hidden{number}.bias"])
            named[f"hidden{number}"] = probed(values)
            values = values.relu()
    if network["architecture"] == "vgg":
        number = 0
        for stage in network["stages"]:
            for _ in stage:
                number += 1
                values = functional.conv2d(values, weights[f"conv{number}.weight"], weights.get(f"conv{number}.bias"), padding=1)
                values = normed(values, weights, f"conv{number}") if network.get("batch_norm") else values
                named[f"conv{number}"] = probed(values)
                values = values.relu()
            if min(values.shape[2:]) >= 2:
                values = functional.max_pool2d(values, 2)
    if network["architecture"] == "resnet":
        layer = lambda values, name, stride: normed(convolved(values, weights, name, stride), weights, name)
        values = layer(values, "stem", 1)
        named["stem"] = probed(values)
        number = 0
        for stage, (_, blocks) in enumerate(network["stages"]):
            for block in range(blocks):
                number += 1
                name, stride, inside = f"block{number}", 2 if stage > 0 and block == 0 else 1, values.relu()
                maps = layer(layer(inside, f"{name}.first", stride).relu(), f"{name}.second", 1)
                changed = f"{name}.shortcut.conv.weight" in weights
                values = maps + (layer(inside, f"{name}.shortcut", stride) if changed else inside)
                named[name] = probed(values)
        values = values.relu().mean((2, 3))
    logits = functional.linear(values.flatten(1), weights["logits.weight"], weights["logits.bias"])
    named["softmax"] = logits.softmax(1)
    return named


def moved(statistics):
    """Returns whether none of them is 0 or 1, their values before training."""
    return not bool(((statistics == 0) | (statistics == 1)).any())


def colours(folder):
    """Writes a file of 120 random images of 32 x 32 pixels with three channels."""
    random = numpy.random.default_rng(0)
    images, labels = random.integers(0, 256, (120, 32, 32, 3), dtype=numpy.uint8), random.integers(0, 4, 120)
    path = os.path.join(folder, "colours.npz")
    numpy.savez(path, images=images, labels=labels)
    return path


def check(folder, name, *options):
    """Returns whether every tap of a network equals PyTorch's."""
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
    if not all(moved(weights[key]) for key in weights if key.endswith(("norm.mean", "norm.variance"))):
        print(f"  {name}: running statistics are as they were at the start")
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
        coloured = ["--data", colours(folder)]
        before, after, batch = ["--taps", "before-relu"], ["--taps", "after-relu"], ["--norm", "batch"]
        right = [
            check(folder, "mlp", "--net", "mlp", "--hidden", "64,48"),
            check(folder, "mlp before ReLU", "--net", "mlp", "--hidden", "64,48", *before),
            check(folder, "vgg-small", "--net", "vgg-small"),
            check(folder, "vgg-small before ReLU, wide", "--net", "vgg-small", "--width", "1.3", *before),
            check(folder, "vgg-small with BatchNorm", "--net", "vgg-small", *batch),
            check(folder, "vgg-small with BatchNorm before ReLU, colours", "--net", "vgg-small", *batch, *before, *coloured),
            check(folder, "vgg16", "--net", "vgg16", "--width", "0.125"),
            check(folder, "vgg16 with BatchNorm, colours", "--net", "vgg16", "--width", "0.125", *batch, *coloured),
            check(folder, "resnet-small", "--net", "resnet-small"),
            check(folder, "resnet-small after ReLU, narrow, colours", "--net", "resnet-small", "--width", "0.4", *after, *coloured),
            check(folder, "resnet-small with BatchNorm", "--net", "resnet-small", *batch),
            check(folder, "resnet-small with BatchNorm after ReLU, wide", "--net", "resnet-small", "--width", "1.3", *batch, *after),
            check(folder, "resnet18", "--net", "resnet18", "--width", "0.125"),
            check(folder, "resnet18 with BatchNorm, colours", "--net", "resnet18", "--width", "0.125", *batch, *coloured),
        ]
    sys.exit(0 if all(right) else 1)


main()
