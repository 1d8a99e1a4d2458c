"""The depths of activations in files by numpy and FAISS: the peer of `activations.py`, in a process of its own.

    python3 activations_peer.py FOLDER LAYERS K THREADS OUT [--in-blocks]

Saves probes, [layers, examples], and depths, and prints one JSON object: seconds without imports, processor seconds, and
the peak of the resident memory. By itself it loads a split's layer as one array of float32, as a script would; with
--in-blocks a few thousand rows at a time, so that only the index holds a layer."""

import json
import pathlib
import sys
import time

import faiss
import numpy
import threadpoolctl

import oracle

BLOCK = 5000


class Blocks:
    """The rows of a file as float32, a block at a time."""

    def __init__(self, file):
        self.file = file

    def __iter__(self):
        rows = numpy.load(self.file, mmap_mode="r")
        return (rows[start : start + BLOCK].astype(numpy.float32) for start in range(0, len(rows), BLOCK))


def whole(file):
    return [numpy.load(file, mmap_mode="r").astype(numpy.float32)]


def without_itself(found, first):
    """Returns k of k + 1 neighbours of the rows from `first` on: without the row, or the last if duplicates displaced it."""
    others = found != numpy.arange(first, first + len(found))[:, None]
    others[others.all(axis=1), -1] = False
    return found[others].reshape(len(found), -1)


def probe(folder, layer, labels, k, read):
    """Returns the classes of the probe at one layer, of the training split and of the test split."""
    train, test = (read(folder / split / f"layer{layer}.npy") for split in ("train", "test"))
    index, classes, first = None, [], 0
    for rows in train:
        index = index or faiss.IndexFlatL2(rows.shape[1])
        index.add(rows)
    for rows in train:
        found = without_itself(index.search(rows, k + 1)[1], first)
        classes.append(oracle.majority(labels, found))
        first += len(rows)
    for rows in test:
        classes.append(oracle.majority(labels, index.search(rows, k)[1]))
    return numpy.concatenate(classes)


def peak():
    """Returns the peak of this process's resident memory in bytes, as Linux keeps it."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def instructions():
    """Describes the instructions of FAISS and of its OpenBLAS."""
    blas = [library.get("architecture") for library in threadpoolctl.threadpool_info() if "faiss" in library["filepath"]]
    return f"FAISS {faiss.__version__} {faiss.SIMDConfig.get_level_name()}, its OpenBLAS {' '.join(filter(None, blas))}"


def main():
    folder, layers, k, threads, out, *more = sys.argv[1:]
    folder, read = pathlib.Path(folder), Blocks if "--in-blocks" in more else whole
    faiss.omp_set_num_threads(int(threads))
    start, before = time.perf_counter(), time.process_time()
    labels = numpy.load(folder / "train" / "labels.npy")
    predictions = numpy.concatenate([numpy.load(folder / split / "predictions.npy") for split in ("train", "test")])
    probes = numpy.array([probe(folder, layer, labels, int(k), read) for layer in range(int(layers))])
    depths = oracle.depths(probes, predictions)
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    numpy.savez(out, probes=probes, depths=depths)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak(), "instructions": instructions()}))


if __name__ == "__main__":
    main()
