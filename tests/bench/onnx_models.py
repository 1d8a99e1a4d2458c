"""Exports ResNet-18 for images of 32 x 32 and a small vision transformer, untrained, for onnx.py beside it:
`/usr/bin/python3 tests/bench/onnx_models.py FOLDER`, with Debian's python3-torch."""

import sys
import warnings
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))
from onnx_models import Attention, Residual  # noqa: E402


class Vision(nn.Module):
    """Patches of 4 x 4, six blocks of width 192."""

    def __init__(self):
        super().__init__()
        self.patches, self.places = nn.Conv2d(3, 192, 4, 4), nn.Parameter(torch.randn(1, 64, 192) * 0.02)
        self.blocks, self.norm = nn.Sequential(*[Attention(192, 3) for _ in range(6)]), nn.LayerNorm(192)
        self.head = nn.Linear(192, 10)

    def forward(self, images):
        values = self.patches(images).flatten(2).transpose(1, 2) + self.places
        return self.head(self.norm(self.blocks(values)).mean(1))


def resnet18():
    blocks, maps = [], 64
    for outputs, stride in (64, 1), (128, 2), (256, 2), (512, 2):
        blocks += [Residual(maps, outputs, stride), Residual(outputs, outputs, 1)]
        maps = outputs
    stem = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


warnings.filterwarnings("ignore")
for name, network in ("resnet18", resnet18()), ("vit", Vision()):
    axes = {"images": {0: "n"}, "scores": {0: "n"}}
    torch.onnx.export(network.eval(), torch.zeros(2, 3, 32, 32), str(Path(sys.argv[1]) / f"{name}.onnx"),
                      input_names=["images"], output_names=["scores"], dynamic_axes=axes, opset_version=14)
