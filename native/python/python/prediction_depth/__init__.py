"""Prediction depth: how hard an example is for a neural network, layer by layer.

The depth of an example is the first layer at which its k nearest training examples predict the class
that the network predicts, there and at all later layers (Baldock, Maennel and Neyshabur, 2021).

>>> import numpy as np
>>> import prediction_depth as pdepth
>>> rng = np.random.default_rng(0)
>>> y = np.arange(60) % 3
>>> late = np.eye(3, dtype=np.float32)[y] + 0.1 * rng.standard_normal((60, 3), dtype=np.float32)
>>> m = pdepth.measure({"input": rng.standard_normal((60, 5)), "softmax": late}, y, y, k=5)
>>> m.layers
['input', 'softmax']
>>> m.probe_accuracy[1]
1.0
>>> m.depth.shape, int(m.depth.max())
((60,), 1)
"""

from importlib.metadata import PackageNotFoundError, version

from ._issues import LabelIssues, label_issues
from ._measure import Split, measure
from ._measurement import Figure, Measurement, SplitMeasurement, load
from ._neighbors import kneighbors, kneighbors_graph
from ._settle import settle
from ._show import Selection

try:
    #: The version of the package.
    __version__ = version("prediction-depth")
except PackageNotFoundError:  # its files without an installation
    __version__ = "unknown"

__all__ = [
    "Figure",
    "LabelIssues",
    "Measurement",
    "Selection",
    "Split",
    "SplitMeasurement",
    "kneighbors",
    "kneighbors_graph",
    "label_issues",
    "load",
    "measure",
    "settle",
]
