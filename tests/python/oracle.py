"""Depths by plain loops, which share no code with the package."""

import numpy as np


def neighbors(x, queries=None, k=30):
    """Returns indices and distances, by float64 loops; without queries leave-one-out, by index."""
    own = queries is None
    rows = np.asarray(x, np.float32).astype(np.float64).reshape(len(x), -1)
    asked = rows if own else np.asarray(queries, np.float32).astype(np.float64).reshape(len(queries), -1)
    indices, distances = [], []
    for place, query in enumerate(asked):
        far = ((rows - query) ** 2).sum(1)
        order = [row for row in np.lexsort((np.arange(len(rows)), far)) if not (own and row == place)][:k]
        indices.append(order)
        distances.append(np.sqrt(far[order]))
    return np.array(distances), np.array(indices)


def votes(x, y, queries=None, k=30):
    """Returns each query's class, the lowest of tied ones, and whether it was tied."""
    classes, tied = [], []
    for row in neighbors(x, queries, k)[1]:
        counts = np.bincount(np.asarray(y)[row])
        classes.append(counts.argmax())
        tied.append((counts == counts.max()).sum() > 1)
    return np.array(classes), np.array(tied)


def depth(probes, predictions):
    """Returns 1 + the last layer that differs from the network, or 0."""
    found = []
    for example, predicted in enumerate(predictions):
        differing = [layer for layer in range(len(probes)) if probes[layer][example] != predicted]
        found.append(differing[-1] + 1 if differing else 0)
    return np.array(found)


def network(n=80, seed=0, classes=3):
    """Returns layers of some network, its labels and its logits: values are few, so that votes and distances tie."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    signal = np.eye(classes)[y]
    layers = {
        name: np.round(2 * (strength * np.pad(signal, ((0, 0), (0, dims - classes))) + rng.normal(size=(n, dims)))) / 2
        for name, strength, dims in [("input", 0.5, 6), ("hidden", 1.5, 5), ("softmax", 3.0, 3)]
    }
    logits = 2.0 * signal + rng.normal(size=(n, classes))
    return {name: values.astype(np.float32) for name, values in layers.items()}, y, logits.astype(np.float32)
