"""The program's networks in PyTorch, for images of 28 x 28, and where they are probed."""

import torch
from torch import nn


class Standardised(nn.Conv2d):
    """A convolution whose kernels have mean 0 and variance 1."""

    def forward(self, values):
        flat = self.weight.flatten(1)
        mean, variance = flat.mean(1), flat.var(1, unbiased=False)
        kernels = (self.weight - mean[:, None, None, None]) / (variance + 1e-10).sqrt()[:, None, None, None]
        return nn.functional.conv2d(values, kernels, stride=self.stride, padding=self.padding)


def normed(inputs, maps, side, stride):
    convolution = Standardised(inputs, maps, side, stride=stride, padding=side // 2, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(min(32, maps // 2), maps))


class Block(nn.Module):
    def __init__(self, inputs, maps, stride):
        super().__init__()
        self.first, self.second = normed(inputs, maps, 3, stride), normed(maps, maps, 3, 1)
        self.shortcut = normed(inputs, maps, 1, stride) if stride > 1 or inputs != maps else nn.Identity()

    def forward(self, values):
        values = values.relu()
        return self.second(self.first(values).relu()) + self.shortcut(values)


def mlp():
    widths = [784, 64, 64, 64, 64, 64]
    hidden = [part for inputs, units in zip(widths, widths[1:]) for part in (nn.Linear(inputs, units), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, 10))


def vgg_small():
    parts = []
    for inputs, maps, pools in [(1, 16, True), (16, 32, True), (32, 64, False), (64, 64, True)]:
        parts += [nn.Conv2d(inputs, maps, 3, padding=1), nn.ReLU()] + ([nn.MaxPool2d(2)] if pools else [])
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(576, 10))


def resnet_small():
    blocks = [Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)]
    pooled = [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(normed(1, 16, 3, 1), *blocks, *pooled)


NETWORKS = {"mlp": mlp, "vgg-small": vgg_small, "resnet-small": resnet_small}


def layers(network, images):
    """Returns the representations [images, dims] where the program probes, and the logits. It probes the stem and the
    blocks of a ResNet, and the ReLUs of the others."""
    tapped = (nn.Sequential, Block) if isinstance(network[0], nn.Sequential) else nn.ReLU
    found, values = [], images
    for part in network:
        values = part(values)
        if isinstance(part, tapped):
            found.append(values.flatten(1))
    return found, values
