"""All cases with their required ratios, as names and functions, so that data are generated only for selected cases."""

from functools import partial

import numpy

import cases
import data

# queries, support, dims, and the required ratio to faiss.knn. Leave-one-out has no separate queries.
SIZES = [
    (2000, 10_000, 64, 1.5),
    (2000, 10_000, 784, 1.4),
    (10_000, 10_000, 512, 1.4),
    (2000, 10_000, 3072, 1.1),
    (2000, 10_000, 16_384, 1.1),
    (None, 10_000, 512, 2.2),
    (None, 10_000, 3072, 2.0),
]
VOTES_AT_LEAST = 1.8
DEPTH_AT_LEAST = 5  # against scikit-learn
QUICK = 5  # factor by which --quick reduces queries and support


def listing(quick):
    """Yields (name, make); `make` takes a folder for its files."""
    shrink = QUICK if quick else 1
    for queries, support, dims, bar in SIZES:
        queries, support = queries and queries // shrink, support // shrink
        name = f"{queries}x{support}x{dims}" if queries else f"leave-one-out {support}x{dims}"
        yield name, partial(random_numbers, name, queries, support, dims, bar)
    queries, support = 2000 // shrink, 10_000 // shrink
    votes = f"votes {queries}x{support}x784"
    yield f"{votes} random", partial(random_votes, f"{votes} random", queries, support, 784)
    if quick:
        return
    yield votes, partial(fashion_votes, votes)
    for network in data.NETWORKS:
        yield f"depth {network}", partial(depth, network)
    for layer in ["conv1", "conv2", "fc", "softmax"]:
        for leave_out in [False, True]:
            name = f"cnn {layer}" + (" leave-one-out" if leave_out else "")
            yield name, partial(cnn_layer, name, layer, leave_out)


def random_files(queries, support, dims, folder):
    numpy.save(folder / "support.npy", data.normals(support, dims, 0))
    if queries is None:
        return folder / "support.npy", None
    numpy.save(folder / "queries.npy", data.normals(queries, dims, 1))
    return folder / "support.npy", folder / "queries.npy"


def random_numbers(name, queries, support, dims, bar, folder):
    return cases.Neighbors(name, *random_files(queries, support, dims, folder), bar)


def random_votes(name, queries, support, dims, folder):
    """The hardest case: labels that are independent of the distances."""
    files = random_files(queries, support, dims, folder)
    numpy.save(folder / "labels.npy", numpy.random.default_rng(2).integers(0, 10, support))
    return cases.Votes(name, *files, folder / "labels.npy")


def fashion_votes(name, _):
    folder, _ = data.activations("mlp 7x256")
    train, validation = folder / "train", folder / "validation"
    return cases.Votes(name, train / "layer0.npy", validation / "layer0.npy", train / "labels.npy", VOTES_AT_LEAST)


def depth(network, _):
    folder, layers = data.activations(network)
    return cases.Depth(f"depth {network}", folder, len(layers), DEPTH_AT_LEAST)


def cnn_layer(name, layer, leave_out, _):
    folder, layers = data.activations("cnn")
    file = f"layer{layers.index(layer)}.npy"
    return cases.Neighbors(name, folder / "train" / file, None if leave_out else folder / "validation" / file)
