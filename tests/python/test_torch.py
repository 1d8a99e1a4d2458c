"""``prediction_depth.torch.measure`` on networks as people write them."""

import contextlib
import copy
import unittest

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

import oracle
from prediction_depth.torch import measure
from torch_checks import K, Check, examples, loader, mlp, probes_of


class Hooks(Check):
    def values(self, model, x):
        model = copy.deepcopy(model).eval()
        with torch.no_grad():
            hidden = model[1](model[0](x).clone())
            logits = model[2](hidden)
        return [x, hidden, torch.softmax(logits.double(), 1).float()]

    def test_activations(self):
        model, (x, _) = mlp(nn.ReLU()), examples()
        m = self.check(model, self.values(model, x), names=["input", "1", "softmax"])
        self.assertEqual(m.predictions.tolist(), model(x).argmax(1).tolist())
        top = torch.topk(model(x).detach().double(), 2).values
        np.testing.assert_allclose(m.output_margin, top[:, 0] - top[:, 1], rtol=1e-4, atol=1e-6)

    def test_a_relu_in_place_does_not_change_what_was_recorded(self):
        model, (x, _) = mlp(nn.ReLU(inplace=True)), examples()
        before = copy.deepcopy(model)[0](x)
        hidden, last = self.values(model, x)[1:]
        names = ["input", "0", "1", "softmax"]
        self.check(model, [x, before, hidden, last], layers=["0", "1"], names=names)

    def test_modes_are_those_before(self):
        model, (x, _) = mlp(nn.Dropout(0.5)), examples()
        model.train()
        model[0].eval()
        self.check(model, self.values(model, x), layers="1")

    def test_shared_modules_and_second_calls(self):
        class Twice(nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.first, self.middle, self.last = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)
                self.act = nn.ReLU()
                self.same = self.act

            def forward(self, x):
                return self.last(self.same(self.middle(self.act(self.first(x)))))

        model, (x, _) = Twice(), examples()
        one = torch.relu(model.first(x))
        two = torch.relu(model.middle(one))
        last = torch.softmax(model.last(two).double(), 1).float()
        self.check(model, [x, one, two, last], names=["input", "act", "act#2", "softmax"])

    def test_tuples_and_outputs_with_names(self):
        class Pair(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = nn.Linear(6, 8)

            def forward(self, x):
                return self.inner(x), "more"

        class Output(dict):
            def __getattr__(self, name):
                try:
                    return self[name]
                except KeyError:
                    raise AttributeError(name) from None

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.pair, self.head = Pair(), nn.Linear(8, 3)

            def forward(self, values):
                return Output(logits=self.head(self.pair(values)[0]))

        model, (x, y) = Model(), examples()
        hidden = model.pair.inner(x)
        last = torch.softmax(model.head(hidden).double(), 1).float()
        batches = [{"values": x[at : at + 20], "labels": y[at : at + 20]} for at in (0, 20, 40)]
        self.check(model, [hidden, last], batches, layers="pair", names=["pair", "softmax"])

    def test_half_precision(self):
        model, (x, y) = mlp(nn.Identity()).bfloat16(), examples()
        x = x.bfloat16()
        values = self.values(model, x)
        batches = [(x[at : at + 15], y[at : at + 15]) for at in range(0, 60, 15)]
        with torch.no_grad():
            logits = torch.cat([model(batch[0]) for batch in batches])
        values[2] = torch.softmax(logits.double(), 1).float()
        self.check(model, values, batches, layers=["1"], names=["input", "1", "softmax"])

    def test_data_parallel(self):
        model, (x, _) = mlp(nn.ReLU()), examples()
        self.check(nn.DataParallel(model), self.values(model, x), names=["input", "1", "softmax"])

    def test_an_attention_mask_says_which_positions_are_pooled(self):
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.words, self.act, self.head = nn.Embedding(20, 6), nn.Tanh(), nn.Linear(6, 3)

            def forward(self, words, attention_mask):
                return self.head(self.act(self.words(words))[:, 0])

        model, (_, y) = Model(), examples()
        words = torch.randint(20, (60, 5))
        mask = (torch.arange(5) < torch.randint(1, 6, (60, 1))).long()
        batches = [
            {"words": words[rows], "attention_mask": mask[rows], "labels": y[rows]} for rows in torch.arange(60).split(20)
        ]
        values = torch.tanh(model.words(words))
        last = torch.softmax(model.head(values[:, 0]).double(), 1).float()
        count = mask.sum(1)
        for pool, pooled in [
            ("first", values[:, 0]),
            ("last", values[torch.arange(60), count - 1]),
            ("mean", (values * mask[..., None]).sum(1) / count[:, None]),
        ]:
            self.check(model, [pooled, last], batches, names=["act", "softmax"], pool=pool)

    def test_layers_by_expression_and_function(self):
        model, (x, _) = mlp(nn.ReLU()), examples()
        values = self.values(model, x)
        self.check(model, values, layers="[1]", names=["input", "1", "softmax"])
        self.check(model, values, layers=lambda name, module: isinstance(module, nn.ReLU))
        linear = [x, model[0](x), model[2](values[1]), values[2]]
        self.check(model, linear, layers=lambda name, module: isinstance(module, nn.Linear))

    def test_held_out_splits_ids_and_a_small_memory(self):
        model = mlp(nn.ReLU())
        (x, y), (x_t, y_t) = examples(), examples(25, 7)
        batches = [(x_t[at : at + 9], y_t[at : at + 9], [f"t{row}" for row in range(at, min(at + 9, 25))]) for at in (0, 9, 18)]
        found = [
            measure(model, loader(), held_out={"test": batches}, k=K, device="cpu", memory=memory)
            for memory in ("1GiB", 5000)
        ]
        values = [values.numpy() for values in self.values(model, x)]
        values_t = [values.numpy() for values in self.values(model, x_t)]
        expected = [oracle.votes(a, y.numpy(), b, K)[0] for a, b in zip(values, values_t)]
        for m in found:
            np.testing.assert_array_equal(m["test"].probes, expected)
            self.assertEqual(m["test"].ids, [f"t{row}" for row in range(25)])
            np.testing.assert_array_equal(m["test"].labels, y_t)

    def test_probabilities_are_asked_for(self):
        model, (x, _) = nn.Sequential(mlp(nn.ReLU()), nn.Softmax(1)), examples()
        with self.assertRaisesRegex(ValueError, 'output="probabilities"'):
            measure(model, loader(), k=K)
        values = [x, *self.values(model[0], x)[1:]]
        m = measure(model, loader(), k=K, device="cpu", output="probabilities")
        np.testing.assert_array_equal(m.probes[:2], probes_of([value.numpy() for value in values[:2]], examples()[1].numpy()))
        np.testing.assert_array_equal(m.predictions, model(x).argmax(1))


class Refusals(unittest.TestCase):
    @contextlib.contextmanager
    def refused(self, words, kind=ValueError):
        with self.assertRaisesRegex(kind, words):
            yield

    def test_a_module_that_raises_leaves_no_hook(self):
        class Raises(nn.Module):
            calls = 0

            def forward(self, x):
                self.calls += 1
                if self.calls > 3:
                    raise RuntimeError("in the middle")
                return x

        model = mlp(nn.ReLU(), Raises()).train()
        with self.refused("in the middle", RuntimeError):
            measure(model, loader(), k=K)
        for module in model.modules():
            self.assertEqual((module.training, len(module._forward_hooks)), (True, 0))

    def test_a_loader_that_shuffles_needs_ids(self):
        model, (x, y) = mlp(nn.ReLU()), examples()
        with self.refused("the loader of 'train' shuffles"):
            measure(model, loader(shuffle=True), k=K)
        named = DataLoader(list(zip(x, y, range(60))), batch_size=16, shuffle=True)
        m = measure(model, named, k=K, device="cpu")
        order = np.argsort([int(name) for name in m.ids])
        ordered = measure(model, loader(), k=K, device="cpu")
        np.testing.assert_array_equal(m.predictions[order], ordered.predictions)
        np.testing.assert_array_equal(m.probes[1:, order], ordered.probes[1:])

    def test_what_cannot_be_measured_is_said(self):
        model, (x, y) = mlp(nn.ReLU()), examples()
        with self.refused("no module that runs is chosen; there are Linear, ReLU"):
            measure(model, loader(), layers="block.*")
        with self.refused("'9' is no module; those that run are 0, 1, 2"):
            measure(model, loader(), layers=["9"])
        with self.refused("is an iterator"):
            measure(model, iter(loader()))
        with self.refused("yields no batch"):
            measure(model, [])
        with self.refused("batch 0 of 'train' has no labels"):
            measure(model, [{"input": x}])
        with self.refused(r"yield \(x, y\)"):
            measure(model, [x])
        with self.refused(r"not \[60, classes\]"):
            measure(nn.Sequential(model, nn.Unflatten(1, (1, 3))), [(x, y)])
        with self.refused("whose first dimension is the example"):
            measure(nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (60, 6)), model), [(x, y)], layers=["0"])
        with self.refused("pad all batches"):
            torch.manual_seed(0)
            free = nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool1d(6), nn.Flatten(), mlp(nn.ReLU()))
            measure(free, [(x[:9, None], y[:9]), (x[9:18, None, :5], y[9:18])], layers=["0"])


if __name__ == "__main__":
    unittest.main()
