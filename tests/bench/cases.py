"""The benchmark cases. Each has the command of `pdepth`, the equivalent call of a peer, and a comparison of their results."""

from functools import cached_property

import numpy

import oracle

K = 30
SAMPLE = 50  # queries per case that are compared with the reference


def sample(queries):
    return numpy.linspace(0, queries - 1, min(SAMPLE, queries)).astype(int)


class Neighbors:
    """Neighbours of `queries` in `support`, both .npy files. Without `queries`: leave-one-out."""

    unit = "sets"

    def __init__(self, name, support, queries):
        self.name = name
        self.files = {"--support": support} | ({"--queries": queries} if queries else {})
        self.support = numpy.load(support)
        self.queries = numpy.load(queries) if queries else None
        self.asked = len(self.support if queries is None else self.queries)
        self.operations = 2 * self.asked * self.support.size

    def command(self, out):
        files = [part for pair in self.files.items() for part in pair]
        return ["search", *files, *([] if self.queries is not None else ["--leave-one-out"]), "--k", K, "--out", out]

    def with_peer(self, search):
        return search(self.support, self.queries, K)

    def ours(self, out):
        return numpy.load(out / "indices.npy").astype(int), numpy.load(out / "distances.npy")

    def differ(self, ours, theirs):
        """Returns the number of queries whose sets of neighbours differ."""
        return int((numpy.sort(ours[0], axis=1) != numpy.sort(theirs[0], axis=1)).any(axis=1).sum())

    def wrong(self, ours):
        """Returns the number of sampled queries with a wrong index, order, or bit of a distance."""
        some = sample(self.asked)
        indices, distances = self.exact
        return int(((ours[0][some] != indices) | (ours[1][some] != distances)).any(axis=1).sum())

    @cached_property
    def exact(self):
        """Indices and distances of the sampled queries, by the reference."""
        some = sample(self.asked)
        if self.queries is None:
            return oracle.neighbors(self.support, self.support[some], K, some)
        return oracle.neighbors(self.support, self.queries[some], K)

    def spoiled(self, ours):
        """Returns wrong results: each query gets the neighbours of the previous one. `wrong` must detect it."""
        return tuple(numpy.roll(part, 1, axis=0) for part in ours)


class Votes(Neighbors):
    """Only the class of each query is computed. A peer finds the neighbours and counts votes."""

    unit = "votes"

    def __init__(self, name, support, queries, labels):
        super().__init__(name, support, queries)
        self.files["--votes"] = labels
        self.labels = numpy.load(labels)

    def with_peer(self, search):
        return oracle.majority(self.labels, super().with_peer(search)[0])

    def ours(self, out):
        return numpy.load(out / "classes.npy")

    def differ(self, ours, theirs):
        return int((ours != theirs).sum())

    def wrong(self, ours):
        return self.differ(ours[sample(self.asked)], oracle.majority(self.labels, self.exact[0]))

    def spoiled(self, ours):
        return numpy.roll(ours, 1)


class Depth:
    """A whole measurement: the probes of every layer for the training and the validation split."""

    unit = "depths"

    def __init__(self, name, folder, layers):
        self.name, self.folder = name, folder
        self.splits = ["train", "validation"]
        read = lambda split, name: numpy.load(folder / split / f"{name}.npy")
        self.layers = [[read(split, f"layer{layer}") for split in self.splits] for layer in range(layers)]
        self.predictions = [read(split, "predictions") for split in self.splits]
        self.labels = read("train", "labels")
        self.asked = sum(map(len, self.predictions))
        self.operations = sum(2 * self.asked * train.size for train, _ in self.layers)

    def command(self, out):
        return ["depth", "--activations", self.folder, "--k", K, "--out", out]

    def with_peer(self, search):
        probes = [[], []]
        for train, validation in self.layers:
            for split, queries in enumerate([None, validation]):
                probes[split].append(oracle.majority(self.labels, search(train, queries, K)[0]))
        return self.depths(probes, [slice(None)] * 2)

    def depths(self, probes, some):
        found = [oracle.depths(numpy.array(probes[split]), self.predictions[split][some[split]]) for split in range(2)]
        return numpy.concatenate(found)

    def ours(self, out):
        return numpy.concatenate([numpy.load(out / f"{split}.npy") for split in self.splits])

    def differ(self, ours, theirs):
        return int((ours != theirs).sum())

    def wrong(self, ours):
        some = [sample(len(predictions)) for predictions in self.predictions]
        places = numpy.concatenate([some[0], len(self.predictions[0]) + some[1]])
        return self.differ(ours[places], self.exact)

    @cached_property
    def exact(self):
        """Depths of both samples, by the reference."""
        some = [sample(len(predictions)) for predictions in self.predictions]
        probes = [[], []]
        for layers in self.layers:
            for split, own in enumerate([some[0], None]):
                indices, _ = oracle.neighbors(layers[0], layers[split][some[split]], K, own)
                probes[split].append(oracle.majority(self.labels, indices))
        return self.depths(probes, some)

    def spoiled(self, ours):
        return numpy.roll(ours, 1)
