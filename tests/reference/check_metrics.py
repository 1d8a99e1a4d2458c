"""Metrics and pooling of `pdepth depth` on a transformer's activations, against scikit-learn and PyTorch.

Depths are computed here from rows that numpy and PyTorch pool, with scikit-learn's cosine and Manhattan distances. Run by
`tests/run --only python`, with PDEPTH naming the program."""

import os
import subprocess
import sys
import tempfile

import numpy
import torch
from sklearn.metrics import pairwise_distances

import check_activations as texts
import study

K = texts.K


def write(folder, network, tokens, classes):
    """Writes a split with the layers as they are, [examples, positions, dims]. Returns them, the mask, and the predictions."""
    os.makedirs(folder)
    with torch.no_grad():
        layers, logits = network(tokens)
    layers = [values.numpy() for values in layers.values()]
    mask = (tokens != 7).numpy()  # one of the words does not count
    mask[:, 3] = True
    for number, values in enumerate(layers):
        numpy.save(os.path.join(folder, f"layer{number}.npy"), values)
    numpy.save(os.path.join(folder, "mask.npy"), mask)
    numpy.save(os.path.join(folder, "labels.npy"), classes.numpy())
    numpy.save(os.path.join(folder, "logits.npy"), logits.numpy())
    return layers, mask, logits.numpy().argmax(axis=1)


def whole(values, mask):
    return values.reshape(len(values), -1)


def last(values, mask):
    if values.ndim == 2:
        return values
    at = mask.shape[1] - 1 - numpy.argmax(mask[:, ::-1], axis=1)
    return values[numpy.arange(len(values)), at]


def mean(values, mask):
    if values.ndim == 2:
        return values
    values = values.astype(numpy.float64) * mask[:, :, None]
    return (values.sum(axis=1) / mask.sum(axis=1)[:, None]).astype(numpy.float32)


def averages(values, mask):
    """At most 100 values: 4 of 10 positions, as PyTorch's adaptive average pooling makes them."""
    if values.ndim == 2:
        return values
    pooled = torch.nn.functional.adaptive_avg_pool1d(torch.from_numpy(values).double().transpose(1, 2), 4)
    return pooled.transpose(1, 2).float().numpy().reshape(len(values), -1)


def probes_of(train, labels, held_out, metric):
    """Returns the classes of one layer's probe for the training split and the held-out split."""
    # Examples with the same last word are equal in the first layer: equal distances are ordered by index, and rounding must
    # not order them otherwise.
    near = lambda queries: numpy.argsort(pairwise_distances(queries, train, metric=metric).round(10), axis=1, kind="stable")
    others = [[row for row in rows if row != query] for query, rows in enumerate(near(train))]
    return [numpy.bincount(labels[rows[:K]]).argmax() for rows in [*others, *near(held_out)]]


def measured(folder, *options):
    out = os.path.join(folder, "run" + str(len(os.listdir(folder))))
    where = ["--train", os.path.join(folder, "train"), "--held-out", "test=" + os.path.join(folder, "test"), "--out", out]
    subprocess.run([os.environ["PDEPTH"], "depth", *where, "--k", str(K), "--quiet", "--json", *options], check=True, stdout=subprocess.DEVNULL)
    return study.read(os.path.join(out, "study.safetensors"))[1]


CASES = {
    "euclidean": (whole, "euclidean", []),
    "cosine": (whole, "cosine", ["--metric", "cosine"]),
    "manhattan": (whole, "manhattan", ["--metric", "manhattan"]),
    "mean": (mean, "euclidean", ["--pool", "mean"]),
    "last, cosine": (last, "cosine", ["--pool", "last", "--metric", "cosine"]),
    "average": (averages, "euclidean", ["--pool", "average:100", "--channels", "last"]),
    "average, manhattan": (averages, "manhattan", ["--pool", "average:100", "--channels", "last", "--metric", "manhattan"]),
}


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    tokens, classes = texts.texts_of(512, generator)
    other_tokens, other_classes = texts.texts_of(200, generator)
    network = texts.trained(tokens, classes)
    right, seen = True, {}
    with tempfile.TemporaryDirectory() as folder:
        train, mask, predicted = write(os.path.join(folder, "train"), network, tokens, classes)
        test, other_mask, other_predicted = write(os.path.join(folder, "test"), network, other_tokens, other_classes)
        for name, (pool, metric, options) in CASES.items():
            found = measured(folder, *options)
            layers = zip(train, test)
            probes = [probes_of(pool(one, mask).astype(float), classes.numpy(), pool(other, other_mask).astype(float), metric) for one, other in layers]
            depths = texts.depths_of(numpy.array(probes), numpy.concatenate([predicted, other_predicted]))
            wrong = int((depths != found["depth"]).sum())
            print(f"{name}: of {depths.size} depths {wrong} differ from scikit-learn's, mean depth {depths.mean():.3f}")
            right &= wrong == 0
            seen[name] = depths
    different = all((seen[name] != seen["euclidean"]).any() for name in CASES if name != "euclidean")
    print("each option", "changes depths" if different else "DOES NOT CHANGE DEPTHS")
    sys.exit(0 if right and different else 1)


if __name__ == "__main__":
    main()
