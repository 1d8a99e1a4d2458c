"""Benchmark data that need numpy alone: random normal numbers, and images of Fashion-MNIST."""

import gzip
import pathlib

import numpy

FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")  # Debian's dataset-fashion-mnist
TRAIN, VALIDATION = 10_000, 2_000


def normals(rows, dims, seed):
    return numpy.random.default_rng(seed).standard_normal((rows, dims), dtype=numpy.float32)


def fashion_mnist():
    """Returns training images, values from 0 to 1 [12000, 784], and labels. The last 2000 are held out."""
    count = TRAIN + VALIDATION
    with gzip.open(FASHION_MNIST / "train-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read(16 + count * 784), numpy.uint8, offset=16).reshape(count, 784)
    with gzip.open(FASHION_MNIST / "train-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(8 + count), numpy.uint8, offset=8)
    return (images / 255).astype(numpy.float32), labels.astype(numpy.int64)
