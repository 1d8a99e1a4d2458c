"""Writes activations of a network that does not exist, for `activations.py`: clusters that part from layer to layer.

    python3 activations_data.py FOLDER TRAIN TEST DIMS LAYERS

An example is a point of LATENT dims: the centre of its class, which grows from layer to layer, and normal noise, which is
the same in all layers. A layer projects the points by random weights, adds noise to each value, and takes the ReLU, as a
network does. Noise alone would have no near neighbours, and no filter could leave rows out. Values are float16 [examples, dims]
in .npy files. 5 in 100 labels are wrong, and 5 in 100 predictions."""

import pathlib
import sys

import numpy

CLASSES, LATENT, BLOCK = 100, 64, 5000
GROWTH = 0.15  # of the centres, from layer to layer
NOISE = 0.3  # of each value; the projection has a standard deviation of at least 1


def some_wrong(classes, random):
    """Returns the classes with 5 in 100 drawn anew."""
    return numpy.where(random.random(len(classes)) < 0.05, random.integers(0, CLASSES, len(classes)), classes)


def write(folder, examples, dims, layers, seed):
    """Writes a split, a block of examples at a time."""
    folder.mkdir(parents=True)
    common, random = numpy.random.default_rng(0), numpy.random.default_rng(seed)
    centres = common.standard_normal((CLASSES, LATENT), dtype=numpy.float32)
    classes = random.integers(0, CLASSES, examples)
    own = random.standard_normal((examples, LATENT), dtype=numpy.float32)
    for layer in range(layers):
        weights = common.standard_normal((LATENT, dims), dtype=numpy.float32) / numpy.float32(LATENT**0.5)
        file = folder / f"layer{layer}.npy"
        values = numpy.lib.format.open_memmap(file, "w+", numpy.float16, (examples, dims))
        for start in range(0, examples, BLOCK):
            some = slice(start, min(start + BLOCK, examples))
            points = centres[classes[some]] * numpy.float32(GROWTH * (layer + 1)) + own[some]
            noise = random.standard_normal((len(points), dims), dtype=numpy.float32) * numpy.float32(NOISE)
            values[some] = numpy.maximum(points @ weights + noise, 0)
        del values
    numpy.save(folder / "labels.npy", some_wrong(classes, random))
    numpy.save(folder / "predictions.npy", some_wrong(classes, random))


def main():
    folder = pathlib.Path(sys.argv[1])
    train, test, dims, layers = map(int, sys.argv[2:])
    write(folder / "train", train, dims, layers, 1)
    write(folder / "test", test, dims, layers, 2)


if __name__ == "__main__":
    main()
