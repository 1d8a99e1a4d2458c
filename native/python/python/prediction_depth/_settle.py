"""Depths from what each layer predicts already."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._arrays import float32_of, list_of, npy_of, numpy_of
from ._measurement import Measurement
from ._progress import Progress, Reports


def settle(
    layer_predictions: Any, final: Any, *, until_distance: float | None = None, progress: Progress = None
) -> np.ndarray:
    """Returns the first layer from which all layers predict what the network predicts, int64 ``[n]``.

    It is the number of layers where the last layer differs: undetermined. No neighbours are needed: the layers are a logit
    lens, early exits, or probes of your own.

    Parameters
    ----------
    layer_predictions:
        Classes ``[layers, n]``, whole numbers or texts; or logits or distributions ``[layers, n, classes]``.
    final:
        The network's classes ``[n]``, or its logits or distribution ``[n, classes]``.
    until_distance:
        A layer agrees up to this Jensen-Shannon distance, 0 to 1, of its distribution from the final one.

    >>> from prediction_depth import settle
    >>> settle([[0, 1, 1], [2, 1, 0], [2, 1, 0]], [2, 1, 1]).tolist()
    [1, 0, 3]
    """
    layers = _predicted(layer_predictions, "layer_predictions")
    if layers.ndim not in (2, 3):
        shape = list(layers.shape)
        raise ValueError(f"layer_predictions: its shape is {shape}; give [layers, n], or [layers, n, classes]")
    last = _predicted(final, "final")
    if layers.dtype.kind == "U" and last.dtype.kind == "U":  # depths do not depend on how classes are numbered
        numbers = np.unique(np.concatenate([layers.ravel(), last.ravel()]), return_inverse=True)[1].ravel()
        layers, last = numbers[: layers.size].reshape(layers.shape), numbers[layers.size :].reshape(last.shape)
    with Reports(progress, "comparing", layers.shape[0] * layers.shape[1]) as reports:
        study = _core.settle(
            npy_of(layers), npy_of(last), None, None, None, until_distance, "settled in Python", reports.part()
        )
    return Measurement(study).depth


def _predicted(values: Any, name: str) -> np.ndarray:
    array = numpy_of(values, name)
    if array.dtype.kind == "f" and array.ndim >= 2:
        return array if array.dtype in (np.float16, np.float32, np.float64) else float32_of(array, name)
    if array.dtype.kind == "O":
        return np.asarray([list_of(row, name) for row in array]) if array.ndim == 2 else list_of(array, name)
    return array
