"""All cases with their required ratios, as names and functions, so that data are generated only for selected cases."""

from functools import partial

import numpy

import cases
import data
from fashion import normals

# queries, support, dims. Leave-one-out has no separate queries.
SIZES = [
    (2000, 10_000, 64),
    (2000, 10_000, 784),
    (10_000, 10_000, 512),
    (2000, 10_000, 3072),
    (2000, 10_000, 16_384),
    (None, 10_000, 512),
    (None, 10_000, 3072),
]
# Required ratios to faiss.knn; of whole depths, to scikit-learn.
AT_LEAST = {
    "avx2": {
        "2000x10000x64": 1.5,
        "2000x10000x784": 1.3,
        "10000x10000x512": 1.3,
        "2000x10000x3072": 1.2,
        "2000x10000x16384": 1.1,
        "leave-one-out 10000x512": 2.2,
        "leave-one-out 10000x3072": 2.0,
        "votes 2000x10000x784": 1.6,
        "cnn conv1": 1.2,
        "cnn conv2": 1.2,
        "depth mlp 7x256": 5,
        "depth cnn": 5,
    },
    "avx512": {
        "2000x10000x64": 1.5,
        "2000x10000x784": 1.4,
        "10000x10000x512": 1.4,
        "2000x10000x3072": 1.1,
        "2000x10000x16384": 1.1,
        "leave-one-out 10000x512": 2.2,
        "leave-one-out 10000x3072": 2.0,
        "votes 2000x10000x784": 1.8,
        "depth mlp 7x256": 5,
        "depth cnn": 5,
    },
}
QUICK = 5  # factor by which --quick reduces queries and support


def listing(quick):
    """Yields (name, make); `make` takes a folder for its files."""
    shrink = QUICK if quick else 1
    for queries, support, dims in SIZES:
        queries, support = queries and queries // shrink, support // shrink
        name = f"{queries}x{support}x{dims}" if queries else f"leave-one-out {support}x{dims}"
        yield name, partial(random_numbers, name, queries, support, dims)
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
    numpy.save(folder / "support.npy", normals(support, dims, 0))
    if queries is None:
        return folder / "support.npy", None
    numpy.save(folder / "queries.npy", normals(queries, dims, 1))
    return folder / "support.npy", folder / "queries.npy"


def random_numbers(name, queries, support, dims, folder):
    return cases.Neighbors(name, *random_files(queries, support, dims, folder))


def random_votes(name, queries, support, dims, folder):
    """The hardest case: labels that are independent of the distances."""
    files = random_files(queries, support, dims, folder)
    numpy.save(folder / "labels.npy", numpy.random.default_rng(2).integers(0, 10, support))
    return cases.Votes(name, *files, folder / "labels.npy")


def fashion_votes(name, _):
    folder, _ = data.activations("mlp 7x256")
    train, validation = folder / "train", folder / "validation"
    return cases.Votes(name, train / "layer0.npy", validation / "layer0.npy", train / "labels.npy")


def depth(network, _):
    folder, layers = data.activations(network)
    return cases.Depth(f"depth {network}", folder, len(layers))


def cnn_layer(name, layer, leave_out, _):
    folder, layers = data.activations("cnn")
    file = f"layer{layers.index(layer)}.npy"
    return cases.Neighbors(name, folder / "train" / file, None if leave_out else folder / "validation" / file)
