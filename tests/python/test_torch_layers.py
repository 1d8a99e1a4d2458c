"""Which modules ``layers="auto"`` takes."""

import unittest

import torch
from torch import nn

from torch_checks import Check, examples


class Automatic(Check):
    def test_residual_blocks_come_first(self):
        class BasicBlock(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.act, self.b = nn.Linear(6, 6), nn.ReLU(inplace=True), nn.Linear(6, 6)

            def forward(self, x):
                return self.act(x + self.b(self.act(self.a(x))))

        torch.manual_seed(0)
        model, (x, _) = nn.Sequential(BasicBlock(), BasicBlock(), nn.Linear(6, 3)), examples()
        one = model[0](x)
        two = model[1](one)
        last = torch.softmax(model[2](two).double(), 1).float()
        self.check(model, [x, one, two, last], names=["input", "0", "1", "softmax"])

    def test_blocks_are_found_by_their_names_and_weights(self):
        class Weight(nn.Module):
            """A linear layer that is no ``nn.Linear``, as GPT-2's."""

            def __init__(self):
                super().__init__()
                self.weight = nn.Parameter(torch.randn(6, 6))

            def forward(self, x):
                return torch.tanh(x @ self.weight)

        class MLPBlock(nn.Sequential):
            pass

        class ViTLayer(nn.Module):
            def __init__(self):
                super().__init__()
                self.attention, self.mlp = Weight(), MLPBlock(Weight(), Weight())

            def forward(self, x):
                return x + self.mlp(x + self.attention(x))

        class Stage2d(nn.Sequential):
            """Holds several blocks, so it is none."""

        Stage2d.__name__ = "StageBlock2d"
        torch.manual_seed(0)
        model, (x, _) = nn.Sequential(Stage2d(ViTLayer(), ViTLayer()), nn.Linear(6, 3)), examples()
        one = model[0][0](x)
        two = model[0][1](one)
        last = torch.softmax(model[1](two).double(), 1).float()
        self.check(model, [x, one, two, last], names=["input", "0.0", "0.1", "softmax"])

    def test_one_block_of_shared_weights_is_a_layer_at_each_call(self):
        class AlbertLayer(nn.Sequential):
            pass

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.block = AlbertLayer(nn.Linear(6, 6), nn.GELU(), nn.Linear(6, 6))
                self.pooler, self.head = nn.Tanh(), nn.Linear(6, 3)

            def forward(self, x):
                return self.head(self.pooler(self.block(self.block(x))))

        model, (x, _) = Model(), examples()
        one = model.block(x)
        two = model.block(one)
        last = torch.softmax(model.head(torch.tanh(two)).double(), 1).float()
        self.check(model, [x, one, two, last], names=["input", "block", "block#2", "softmax"])


if __name__ == "__main__":
    unittest.main()
