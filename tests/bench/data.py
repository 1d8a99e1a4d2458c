"""Benchmark data: the representations of Fashion-MNIST in two small networks."""

import hashlib
import pathlib

import numpy
import torch

from environment import cache
from fashion import TRAIN, fashion_mnist

EPOCHS = 8


def mlp():
    """Returns a network of seven hidden layers with 256 units. Each stage is one layer."""
    hidden = [torch.nn.Sequential(torch.nn.Linear(784 if layer == 0 else 256, 256), torch.nn.ReLU()) for layer in range(7)]
    names = [f"hidden{layer + 1}" for layer in range(7)]
    return names, torch.nn.ModuleList([*hidden, torch.nn.Linear(256, 10)])


def cnn():
    def convolution(channels, filters):
        layer = torch.nn.Conv2d(channels, filters, 3, padding=1)
        return torch.nn.Sequential(layer, torch.nn.ReLU(), torch.nn.MaxPool2d(2))

    images = torch.nn.Sequential(torch.nn.Unflatten(1, (1, 28, 28)), convolution(1, 16))
    full = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32 * 7 * 7, 128), torch.nn.ReLU())
    return ["conv1", "conv2", "fc"], torch.nn.ModuleList([images, convolution(16, 32), full, torch.nn.Linear(128, 10)])


NETWORKS = {"mlp 7x256": mlp, "cnn": cnn}


def activations(network):
    """Returns a folder with the network's layers for `pdepth bench depth`, and their names. Trains it if necessary."""
    torch.manual_seed(0)
    names, stages = NETWORKS[network]()
    names = ["input", *names, "softmax"]
    version = hashlib.sha256(pathlib.Path(__file__).read_bytes() + torch.__version__.encode()).hexdigest()[:12]
    folder = cache() / f"bench-data-{version}" / network.replace(" ", "-")
    if not (folder / "complete").exists():
        inputs, labels = fashion_mnist()
        train(stages, torch.from_numpy(inputs[:TRAIN]), torch.from_numpy(labels[:TRAIN]))
        write(folder / "train", stages, inputs[:TRAIN], labels[:TRAIN])
        write(folder / "validation", stages, inputs[TRAIN:], labels[TRAIN:])
        (folder / "complete").touch()
    return folder, names


def train(stages, inputs, labels):
    optimizer = torch.optim.Adam(stages.parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(128):
            values = inputs[batch]
            for stage in stages:
                values = stage(values)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(values, labels[batch]).backward()
            optimizer.step()


def write(folder, stages, inputs, labels):
    folder.mkdir(parents=True, exist_ok=True)
    numpy.save(folder / "layer0.npy", inputs)
    numpy.save(folder / "labels.npy", labels)
    with torch.inference_mode():
        values = torch.from_numpy(inputs)
        for number, stage in enumerate(stages, 1):
            values = stage(values)
            if number == len(stages):
                numpy.save(folder / "predictions.npy", values.argmax(1).numpy())
                values = values.softmax(1)
            numpy.save(folder / f"layer{number}.npy", values.flatten(1).numpy())
