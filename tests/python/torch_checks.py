"""Small networks, and the comparison of a measurement with own probes."""

import unittest

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import oracle
from prediction_depth.torch import measure

K = 5


def examples(n=60, seed=0, dims=6):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=(n, dims)) + 1.5 * np.eye(3, dims)[y]
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def loader(n=60, seed=0, **options):
    return DataLoader(TensorDataset(*examples(n, seed)), **{"batch_size": 16, **options})


def mlp(*middle):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), *middle, nn.Linear(8, 3))


def probes_of(values, y):
    return [oracle.votes(layer, y, k=K)[0] for layer in values]


class Check(unittest.TestCase):
    def check(self, model, values, batches=None, names=None, **options):
        """Measures, and compares with own probes on these values of each layer."""
        x, y = examples()
        before = [(module.training, len(module._forward_hooks)) for module in model.modules()]
        m = measure(model, batches or loader(), k=K, device="cpu", **options)
        after = [(module.training, len(module._forward_hooks)) for module in model.modules()]
        self.assertEqual(before, after, "modes and hooks are as they were")
        if names:
            self.assertEqual(m.layers, names)
        values = [np.asarray(value.detach().float()) for value in values]
        np.testing.assert_array_equal(m.probes, probes_of(values, y.numpy()))
        np.testing.assert_array_equal(m.depth, oracle.depth(m.probes, m.predictions))
        return m
