"""Prints, as JSON, what a notebook receives to show the page: `static` is the HTML of an output cell, `page` and `module`
are what anywidget passes to the browser. Takes the page in one file."""

import json
import pathlib
import sys

import numpy as np
import prediction_depth as pdepth
from prediction_depth import _show

rng = np.random.default_rng(0)
y = rng.integers(0, 3, 200)
layers = {name: signal * np.eye(3)[y] + rng.normal(size=(200, 3)) for name, signal in {"input": 0.5, "hidden": 2, "softmax": 9}.items()}
held_out = {"test": pdepth.Split({name: values[:50] for name, values in layers.items()}, y[:50], layers["softmax"][:50])}
m = pdepth.measure(layers, y, layers["softmax"], held_out=held_out, k=10, device="cpu", title="from a notebook", representations=True)
page = m._core.page(pathlib.Path(sys.argv[1]).read_text())
static = _show.Frame(page, 700)._repr_html_()
print(json.dumps({"static": static, "page": page, "module": _show.ESM, "depth": m.depth.tolist()}))
