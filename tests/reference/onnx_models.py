"""Trains small networks with PyTorch, and exports them as ONNX files by its exporter: `onnx_models.py FOLDER`.

Writes for each network NAME.onnx, NAME.npz with the data for `pdepth run --data`, and NAME.json with the options."""

import json
import sys
import warnings
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional

TRAIN, TEST, CLASSES = 300, 100, 4
STEPS = 250


class Residual(nn.Module):
    """A block of a ResNet, with batch normalisation."""

    def __init__(self, maps, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(maps, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(maps, outputs, 1, stride) if stride > 1 or maps != outputs else nn.Identity()

    def forward(self, values):
        inner = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(values)))))
        return torch.relu(inner + self.shortcut(values))


class Inverted(nn.Module):
    """A block of a MobileNet: expand, convolve each map, project."""

    def __init__(self, maps, activation):
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv2d(maps, 3 * maps, 1, bias=False), nn.BatchNorm2d(3 * maps), activation(),
            nn.Conv2d(3 * maps, 3 * maps, 3, 1, 1, groups=3 * maps, bias=False), nn.BatchNorm2d(3 * maps), activation(),
            nn.Conv2d(3 * maps, maps, 1, bias=False), nn.BatchNorm2d(maps))

    def forward(self, values):
        return values + self.inner(values)


class Attention(nn.Module):
    """A block of a transformer, normalised before its parts."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.parts, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, values):
        examples, positions, width = values.shape
        parts = self.parts(self.norm1(values)).reshape(examples, positions, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        weights = (query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5).softmax(-1)
        mixed = (weights @ value).transpose(1, 2).reshape(examples, positions, width)
        values = values + self.out(mixed)
        return values + self.mlp(self.norm2(values))


class Vision(nn.Module):
    """A vision transformer with a class token."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.token, self.places = nn.Parameter(torch.randn(1, 1, 16) * 0.1), nn.Parameter(torch.randn(1, 10, 16) * 0.1)
        self.blocks, self.norm = nn.Sequential(Attention(16, 2), Attention(16, 2)), nn.LayerNorm(16)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, images):
        patches = self.patches(images).flatten(2).transpose(1, 2)
        values = torch.cat([self.token.expand(patches.shape[0], -1, -1), patches], 1) + self.places
        return self.head(self.norm(self.blocks(values))[:, 0])


class Text(nn.Module):
    """A transformer on token ids, with the mean over the positions."""

    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(64, 16), nn.Parameter(torch.randn(1, 12, 16) * 0.1)
        self.blocks, self.head = nn.Sequential(Attention(16, 2), Attention(16, 4)), nn.Linear(16, CLASSES)

    def forward(self, tokens):
        return self.head(self.blocks(self.tokens(tokens) + self.places).mean(1))


class Last(nn.Module):
    """A network with its channels last, squeeze-and-excitation, SiLU, and a softmax."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 8, 3, 1, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 2, 1), nn.SiLU(), nn.Conv2d(2, 8, 1), nn.Sigmoid())
        self.head = nn.Linear(8, CLASSES)

    def forward(self, images):
        values = functional.silu(self.conv1(images.permute(0, 3, 1, 2)))
        values = functional.silu(self.conv2(values * self.squeeze(values)))
        return self.head(values.mean((2, 3))).softmax(1)


def images(maps, side, seed):
    """Patterns of the classes in noise, [n, maps, side, side], 0 to 255, and their classes."""
    random = numpy.random.default_rng(seed)
    patterns = random.uniform(60, 200, (CLASSES, maps, side, side))
    labels = random.integers(CLASSES, size=TRAIN + TEST)
    noisy = patterns[labels] * 0.6 + random.normal(60, 55, (TRAIN + TEST, maps, side, side))
    return noisy.clip(0, 255).astype(numpy.uint8), labels


def texts(seed):
    """Token ids [n, 1, 12], each text with some tokens of its class, and the classes."""
    random = numpy.random.default_rng(seed)
    labels = random.integers(CLASSES, size=TRAIN + TEST)
    ids = random.integers(64, size=(TRAIN + TEST, 1, 12))
    own = random.random(ids.shape) < 0.25
    ids[own] = (random.integers(8, size=ids.shape) + 8 * labels[:, None, None])[own]
    return ids.astype(numpy.uint8), labels


def networks():
    """Name, network, data, dimensions of an example of the network, whether the batch is free, and its options."""
    flat, channels = nn.Flatten(), [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    mlp = nn.Sequential(flat, nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 16), nn.Tanh(),
                        nn.Linear(16, CLASSES))
    vgg = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Conv2d(8, 16, 3, 1, 1), nn.LeakyReLU(0.1), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2),
                        nn.Linear(144, 20), nn.ELU(), nn.Linear(20, CLASSES))
    resnet = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), Residual(8, 8, 1),
                           Residual(8, 12, 2), Residual(12, 12, 1), *channels, nn.Linear(12, CLASSES))
    mobile = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.Hardswish(), Inverted(6, nn.ReLU6), Inverted(6, nn.ReLU6),
                           Inverted(6, nn.Hardswish), *channels, nn.Linear(6, CLASSES))
    normed = ["--mean", "0.4,0.45,0.5", "--std", "0.3,0.25,0.2"]
    return [
        ("mlp", mlp, images(1, 8, 1), (1, 8, 8), True, ["--scale", "1/255"]),
        ("vgg", vgg, images(3, 12, 2), (3, 12, 12), True, normed),
        ("resnet", resnet, images(3, 12, 3), (3, 12, 12), True, normed),
        ("mobilenet", mobile, images(3, 12, 4), (3, 12, 12), False, normed),
        ("vision-transformer", Vision(), images(3, 12, 5), (3, 12, 12), True, ["--scale", "1/255"]),
        ("text-transformer", Text(), texts(6), (12,), True, []),
        ("channels-last", Last(), images(3, 12, 7), (12, 12, 3), False, ["--scale", "1/255"]),
    ]


def given(name, data, shape, options):
    """What the network gets for these data."""
    if name == "text-transformer":
        return torch.from_numpy(data.reshape(len(data), *shape).astype(numpy.int64))
    values = data / numpy.float32(255)
    if "--mean" in options:
        mean, std = (numpy.array(options[place].split(","), numpy.float32)[:, None, None] for place in (1, 3))
        values = (values - mean) / std
    values = values.transpose(0, 2, 3, 1) if shape[-1] == 3 and len(shape) == 3 and shape[0] != 3 else values
    return torch.from_numpy(numpy.ascontiguousarray(values.reshape(len(data), *shape), numpy.float32))


def main(folder):
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for name, network, (data, labels), shape, free, options in networks():
        inputs, wanted = given(name, data, shape, options), torch.from_numpy(labels)
        optimiser = torch.optim.Adam(network.parameters(), 0.003 if "transformer" in name else 0.01)
        for step in range(STEPS):
            rows = torch.randint(TRAIN, (64,))
            optimiser.zero_grad()
            scores = network(inputs[rows])
            scores = scores.clamp_min(1e-9).log() if name == "channels-last" else scores
            functional.cross_entropy(scores, wanted[rows]).backward()
            optimiser.step()
        network.eval()
        axes = {"examples": {0: "n"}, "scores": {0: "n"}} if free else None
        torch.onnx.export(network, inputs[:7], str(folder / f"{name}.onnx"), input_names=["examples"],
                          output_names=["scores"], dynamic_axes=axes, opset_version=14)
        with torch.no_grad():
            scores = network(inputs)
        numpy.savez(folder / f"{name}.npz", x_train=data[:TRAIN], y_train=labels[:TRAIN], x_test=data[TRAIN:],
                    y_test=labels[TRAIN:])
        numpy.savez(folder / f"{name}.expected.npz", inputs=inputs.numpy(), scores=scores.numpy())
        (folder / f"{name}.json").write_text(json.dumps({"options": options}))
        print(f"{name}: accuracy {(scores.argmax(1) == wanted).float().mean():.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
