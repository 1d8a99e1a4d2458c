"""Sequences in ``prediction_depth.torch.measure``: padding, and inputs that are none."""

import unittest

import numpy as np
import torch
from torch import nn

from prediction_depth.torch import measure
from torch_checks import K, probes_of


class Sequences(unittest.TestCase):
    """Batches of a text model, whose padding must not count."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(1)
            self.embedding = nn.Embedding(20, 4)
            self.act = nn.ReLU()
            self.head = nn.Linear(4, 3)

        def forward(self, input_ids, attention_mask):
            hidden = self.act(self.embedding(input_ids))
            weights = attention_mask.unsqueeze(2).float()
            return self.head((hidden * weights).sum(1) / weights.sum(1))

    def batches(self, lengths=(7, 7)):
        generator = torch.Generator().manual_seed(0)
        for length in lengths:
            tokens = torch.randint(0, 20, (30, length), generator=generator)
            ends = torch.randint(1, length + 1, (30,), generator=generator)
            mask = (torch.arange(length) < ends[:, None]).long()
            yield {"input_ids": tokens, "attention_mask": mask, "labels": tokens[:, 0] % 3}

    def test_an_input_of_images_is_not_pooled(self):
        class Tokens(nn.Module):
            def forward(self, x):
                return x.flatten(2).transpose(1, 2)

        class First(nn.Module):
            def forward(self, x):
                return x[:, 0]

        torch.manual_seed(2)
        model = nn.Sequential(Tokens(), nn.Linear(2, 3), nn.ReLU(), First())
        x, y = torch.randn(60, 2, 4, 4), torch.arange(60) % 3
        m = measure(model, [(x, y)], k=K, pool="first", device="cpu")
        hidden = model[:3](x).detach()[:, 0]
        softmax = torch.softmax(hidden.double(), 1).float()
        self.assertEqual(m.layers, ["input", "2", "softmax"])
        np.testing.assert_array_equal(m.probes, probes_of([x.numpy(), hidden.numpy(), softmax.numpy()], y.numpy()))

    def test_other_lengths_are_refused(self):
        with self.assertRaisesRegex(ValueError, "pad all batches to one length"):
            measure(self.Model(), list(self.batches((7, 9))), k=K, pool="mean")


if __name__ == "__main__":
    unittest.main()
