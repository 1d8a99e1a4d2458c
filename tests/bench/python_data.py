"""The layers of a network that scikit-learn trains, so that nothing here needs torch."""

import hashlib
import pathlib
import warnings

import numpy
from environment import cache
from fashion import TRAIN, fashion_mnist

HIDDEN = (256,) * 7
EPOCHS = 8


def activations():
    """Returns a folder for `pdepth bench depth`: an MLP of seven hidden layers with 256 units, on Fashion-MNIST."""
    import sklearn

    version = hashlib.sha256(pathlib.Path(__file__).read_bytes() + sklearn.__version__.encode()).hexdigest()[:12]
    folder = cache() / f"bench-data-{version}" / "sklearn-mlp-7x256"
    if not (folder / "complete").exists():
        from sklearn.neural_network import MLPClassifier

        images, labels = fashion_mnist()
        network = MLPClassifier(HIDDEN, batch_size=128, learning_rate_init=1e-3, max_iter=EPOCHS, random_state=0)
        warnings.simplefilter("ignore")  # it warns that it may train longer
        network.fit(images[:TRAIN], labels[:TRAIN])
        for split, rows in [("train", slice(0, TRAIN)), ("validation", slice(TRAIN, None))]:
            write(folder / split, network, images[rows], labels[rows])
        (folder / "complete").touch()
    return folder


def write(folder, network, values, labels):
    folder.mkdir(parents=True, exist_ok=True)
    numpy.save(folder / "layer0.npy", values)
    numpy.save(folder / "labels.npy", labels)
    for place, (weights, biases) in enumerate(zip(network.coefs_, network.intercepts_), 1):
        values = values @ weights + biases
        if place == len(network.coefs_):
            numpy.save(folder / "predictions.npy", values.argmax(axis=1))
            values = numpy.exp(values - values.max(axis=1, keepdims=True))
            values /= values.sum(axis=1, keepdims=True)
        else:
            values = numpy.maximum(values, 0)
        numpy.save(folder / f"layer{place}.npy", values.astype(numpy.float32))
