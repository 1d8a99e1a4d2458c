"""The result of a measurement."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from . import _core, _show
from ._show import Selection


class Figure(str):
    """A figure as SVG text, which notebooks show."""

    def _repr_html_(self) -> str:
        return str(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the figure as an ``.svg`` file; replaces one of this name."""
        if Path(path).suffix.lower() != ".svg":
            raise ValueError(f"{os.fspath(path)}: a figure is an SVG file; give it a name that ends with .svg")
        _write(path, self.encode())


class SplitMeasurement:
    """The depths of one split. Arrays are in the order of its examples."""

    def __init__(self, core: _core.Study, name: str) -> None:
        self._core = core
        self.name = name

    @property
    def depth(self) -> np.ndarray:
        """Prediction depth, int64 ``[n]``; the number of layers where it is undetermined."""
        return self._core.depth(self.name)

    @property
    def undetermined(self) -> np.ndarray:
        """Whether the last layer's probe differs from the network, bool ``[n]``."""
        return self._core.undetermined(self.name)

    @property
    def probes(self) -> np.ndarray:
        """The class that each layer's probe predicts, int64 ``[layers, n]``."""
        return self._core.probes(self.name)

    @property
    def tied(self) -> np.ndarray:
        """Whether another class had as many votes, bool ``[layers, n]``."""
        return self._core.tied(self.name)

    @property
    def output_margin(self) -> np.ndarray:
        """Largest logit minus second largest, float32 ``[n]``; NaN without logits."""
        return self._core.output_margin(self.name)

    @property
    def predictions(self) -> np.ndarray:
        """The network's class, int64 ``[n]``."""
        return self._core.predictions(self.name)

    @property
    def labels(self) -> np.ndarray:
        """The label, int64 ``[n]``; -1 where it is not known."""
        return self._core.labels(self.name)

    @property
    def ids(self) -> list[str]:
        """The user's names of the examples; empty if there are none."""
        return self._core.ids(self.name)

    @property
    def probe_accuracy(self) -> np.ndarray:
        """The fraction of labels that each layer's probe predicts, ``[layers]``; NaN without labels."""
        return np.array([np.nan if one is None else one for one in self.statistics()["probe_accuracy"]], float)

    def statistics(self) -> dict[str, Any]:
        """Returns the statistics of the split: those of ``pdepth --json``."""
        found: dict[str, Any] = json.loads(self._core.statistics(self.name))
        return found

    def __len__(self) -> int:
        return len(self.depth)

    def __repr__(self) -> str:
        return f"<split {self.name!r}: {len(self)} examples, mean depth {self.depth.mean():.2f}>"


class Measurement(SplitMeasurement):
    """Depths of all splits. ``m.depth`` and so on are those of the first split, which is the training split unless there
    is none; ``m["test"]`` is another."""

    def __init__(self, core: _core.Study) -> None:
        super().__init__(core, core.splits[0])
        self._selection: Selection | None = None
        self._is_plain = False

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_bytes, (self._core.to_bytes(),)

    @property
    def splits(self) -> list[str]:
        """Names of the splits."""
        return self._core.splits

    @property
    def layers(self) -> list[str]:
        """Names of the layers, first to last."""
        return self._core.layers

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of their numbers."""
        return self._core.classes

    def __getitem__(self, split: str) -> SplitMeasurement:
        if split not in self.splits:
            raise KeyError(f"there is no split {split!r}; there are {', '.join(self.splits)}")
        return SplitMeasurement(self._core, split)

    def __iter__(self) -> Iterator[str]:
        return iter(self.splits)

    def __repr__(self) -> str:
        parts = ", ".join(f"{split}: {len(self[split])} examples" for split in self.splits)
        return f"<prediction depth of {len(self.layers)} layers; {parts}; mean depth {self.depth.mean():.2f}>"

    def summary(self) -> str:
        """Returns the result as the program prints it."""
        return self._core.summary()

    def columns(self) -> dict[str, list[Any]]:
        """Returns the columns of ``depth.csv``, a row for each example; ``None`` where a cell is empty."""
        rows = list(csv.reader(io.StringIO(self._core.csv().decode())))
        return {name: [_typed(name, row[place]) for row in rows[1:]] for place, name in enumerate(rows[0])}

    def to_pandas(self) -> Any:
        """Returns the rows of ``depth.csv`` as a DataFrame of pandas."""
        import pandas

        return pandas.DataFrame(self.columns())

    def to_polars(self) -> Any:
        """Returns the rows of ``depth.csv`` as a DataFrame of polars."""
        import polars

        return polars.DataFrame(self.columns(), strict=False)

    def plot(self, figure: str = "strip") -> Figure:
        """Returns a figure: ``"strip"``, ``"histogram"``, ``"probe_accuracy"`` or ``"accuracy_by_depth"``."""
        return Figure(self._core.figure(figure))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the study file, which :func:`load`, the program and the page open; replaces one of this name."""
        _write(path, self._core.to_bytes())

    def report(self, path: str | os.PathLike[str]) -> None:
        """Writes the report, one HTML file that works offline; replaces one of this name."""
        _write(path, self._core.report().encode())

    def show(self, *, height: int = 800, live: bool | None = None, page: str | os.PathLike[str] | None = None) -> None:
        """Opens the page inside a notebook, with this measurement in it. It needs no network.

        Parameters
        ----------
        height:
            Of the frame, in pixels.
        live:
            Whether :attr:`selection` follows the page, which needs the package anywidget; ``None``: if it is installed.
            A frame that is not live still works when the notebook is opened again without Python.
        page:
            The page in one file, as ``pdepth export --page`` writes it; by default the package's own.

        Raises :class:`FileNotFoundError` if the package was built without the page, :class:`ImportError` without
        anywidget where it is needed, and :class:`RuntimeError` outside a notebook.
        """
        self._is_plain = not _show.display(self._core.page(_show.read_page(page)), height, live, self._select)

    @property
    def selection(self) -> Selection | None:
        """What is selected on the page that :meth:`show` opened; ``None`` before anything is.

        Raises :class:`RuntimeError` if the page in the cell is a plain frame, which cannot tell.
        """
        if self._is_plain:
            raise RuntimeError(
                "the page in the cell is a plain frame, which cannot tell what is selected: install anywidget, and call "
                "show() again"
            )
        return self._selection

    def _select(self, selected: dict[str, Any]) -> None:
        row = {int(example): row for row, example in enumerate(self._core.examples(selected["split"]))}
        rows = np.array(sorted(row[example] for example in selected["examples"]), np.int64)
        shown = selected["example"]
        self._selection = Selection(selected["split"], rows, None if shown is None else row.get(shown))

    def _repr_html_(self) -> str:
        rows = []
        for split in self.splits:
            of = self[split].statistics()
            accuracy = "-" if of["accuracy"] is None else f"{100 * of['accuracy']:.1f} %"
            cells = (split, of["examples"], accuracy, f"{of['mean_depth']:.2f}", of["undetermined"])
            rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
        head = "".join(f"<th>{name}</th>" for name in ("split", "examples", "accuracy", "mean depth", "undetermined"))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return (
            f"<div><div style='max-width:60rem'>{self.plot('strip')}</div>"
            f"<div style='max-width:34rem'>{self.plot('histogram')}</div>{table}</div>"
        )


def _of_bytes(content: bytes) -> Measurement:
    return Measurement(_core.Study.from_bytes(content))


def load(path: str | os.PathLike[str]) -> Measurement:
    """Opens a study file: of :meth:`Measurement.save`, or ``study.safetensors`` of a run of the program.

    Raises :class:`ValueError` for another file, with its path.
    """
    content = Path(path).read_bytes()
    try:
        return Measurement(_core.Study.from_bytes(content))
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from None


_TEXTS = {"split", "name", "label_name", "given_label_name", "predicted_name"}


def _typed(column: str, cell: str) -> Any:
    if column in _TEXTS:
        return cell
    if cell == "":
        return None
    if column == "undetermined":
        return cell == "true"
    if column == "output_margin" or column.startswith("distance_"):
        return float(cell)
    return int(cell)


def _write(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file whole, or not at all."""
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"{target}: it is a folder; name a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target}: there is no folder {target.parent}")
    handle, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(part, 0o666 & ~mask)  # as any new file, not as a temporary one
        os.replace(part, target)
    except BaseException:
        os.unlink(part)
        raise
