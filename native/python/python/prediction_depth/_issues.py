"""Labels that are probably wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._measure import Layers, measure
from ._measurement import Measurement


class LabelIssues:
    """All examples, the most suspicious label first. Arrays are ``[n]``, in this order."""

    def __init__(self, measured: Measurement) -> None:
        found = measured._core.label_issues()
        names = {
            int(example): (split, row, ids[row] if (ids := measured[split].ids) else "")
            for split in measured.splits
            for row, example in enumerate(measured._core.examples(split))
        }
        places = [names[issue[0]] for issue in found]
        self.measurement = measured
        #: The split of each example, and its row there.
        self.split = [place[0] for place in places]
        self.row = np.array([place[1] for place in places], np.int64)
        #: The user's names of the examples; empty texts if there are none.
        self.id = [place[2] for place in places]
        #: Higher is more likely wrong.
        self.score = np.array([issue[1] for issue in found], np.float64)
        #: Class numbers: the given label, and what the early probes predict.
        self.given = np.array([issue[2] for issue in found], np.int64)
        self.suggested = np.array([issue[3] for issue in found], np.int64)
        #: The fraction of the early probes that predict the suggested class.
        self.agreement = np.array([issue[4] for issue in found], np.float64)

    def __len__(self) -> int:
        return len(self.score)

    def columns(self) -> dict[str, list[Any]]:
        """Returns the columns of a table."""
        classes = self.measurement.classes
        return {
            "split": self.split,
            "row": self.row.tolist(),
            "id": self.id,
            "score": self.score.tolist(),
            "given": [classes[label] for label in self.given],
            "suggested": [classes[label] for label in self.suggested],
            "agreement": self.agreement.tolist(),
        }

    def to_pandas(self) -> Any:
        """Returns the table as a DataFrame of pandas."""
        import pandas

        return pandas.DataFrame(self.columns())

    def to_polars(self) -> Any:
        """Returns the table as a DataFrame of polars."""
        import polars

        return polars.DataFrame(self.columns())


def label_issues(measured: Measurement | Layers, y: Any = None, predictions: Any = None, **options: Any) -> LabelIssues:
    """Ranks all examples by how probably their label is wrong, with a suggested class.

    Takes the result of :func:`prediction_depth.measure`, or its arguments. The score is the fraction of the probes of the
    first half of the layers that predict another class than the label, minus the fraction that predicts it; training
    examples add depth divided by the number of layers.
    """
    if not isinstance(measured, Measurement):
        if y is None or predictions is None:
            raise ValueError("label_issues: give the result of measure(), or layers, y and predictions")
        measured = measure(measured, y, predictions, **options)
    elif y is not None or predictions is not None or options:
        raise ValueError("label_issues: it was given the result of measure(); leave the other arguments out")
    return LabelIssues(measured)
