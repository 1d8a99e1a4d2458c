"""``measure``: depths from the layers of any network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _core
from ._arrays import bytes_of, categories_of, float32_of, list_of, npy_of, numpy_of
from ._measurement import Measurement
from ._progress import Progress, Reports

Layers = Mapping[str, Any] | Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class Split:
    """Held-out examples.

    Arguments are those of :func:`measure`, of the same layers in the same order.
    """

    layers: Layers
    y: Any
    predictions: Any
    ids: Any = None
    images: Any = None
    texts: Any = None
    mask: Any = None


def measure(
    layers: Layers,
    y: Any,
    predictions: Any,
    *,
    held_out: Mapping[str, Split] | None = None,
    ids: Any = None,
    images: Any = None,
    texts: Any = None,
    mask: Any = None,
    classes: Iterable[str] | None = None,
    k: int = 30,
    ties: str = "lowest",
    include_self: bool = False,
    metric: str = "euclidean",
    pool: str | None = None,
    channels: str | None = None,
    representations: bool = False,
    device: str = "auto",
    memory: int | str = "2GiB",
    progress: Progress = None,
    title: str = "measured in Python",
) -> Measurement:
    """Measures the prediction depth of every example.

    Parameters
    ----------
    layers:
        ``{name: [n, ...]}``, first layer to last, of the training examples. Or an iterable of ``(name, array)``, such as
        a generator: then one layer is alive at a time. C-contiguous float32 is used as it is; anything else of numpy,
        torch, JAX or DLPack is converted once. Do not change an array meanwhile. Dimensions beyond the first are
        flattened, or pooled.
    y:
        The label of each training example, ``[n]``: class numbers from 0, texts, or a pandas Categorical.
    predictions:
        The network's class of each example, ``[n]``, or its logits, ``[n, classes]``, which give output margins, too.
    held_out:
        Further splits by name. ``"validation"`` and ``"test"`` are those of the program.
    ids, images, texts:
        Names of the examples, ``[n]``, and what the page and the report show of them.
    mask:
        ``[n, positions]``: 1 where a position of a sequence counts, for ``pool``.
    classes:
        Names of the classes in the order of their numbers.
    k, ties, include_self, metric:
        The probe: the number of neighbours; ``"lowest"`` or ``"nearest"``; whether a training example votes on itself;
        ``"euclidean"``, ``"cosine"`` or ``"manhattan"``.
    pool, channels:
        ``"average:N"`` with channels ``"first"`` or ``"last"``; or ``"first"``, ``"last"`` or ``"mean"`` of a sequence.
    representations:
        Whether the result keeps the layers' values: with them :meth:`Measurement.show` and the page find the neighbours
        at each layer. They make a study file as large as the layers.
    device, memory:
        ``"auto"``, ``"gpu"`` or ``"cpu"``; the search takes at most half of ``memory`` beside the arrays.
    progress:
        ``None``: nothing; ``True``: a bar of tqdm, if it is installed; or a function that is called with the number of
        probes done, and of all (``None`` if the layers are not counted).

    Raises
    ------
    ValueError
        For input that cannot be used; it names the argument, the place and the remedy.
    """
    own = Split(layers, y, predictions, ids, images, texts, mask)
    if not isinstance(title, str):
        raise ValueError(f"title = {title!r}: give a text")
    splits = {"train": own, **_checked(held_out)}
    names = _class_names(splits, classes)
    files = [(name, _files(name, split, names)) for name, split in splits.items()]
    total = _count([split.layers for split in splits.values()])
    core = _core.Measuring(
        files,
        title=title,
        k=_whole(k, "k"),
        ties=ties,
        include_self=_choice(include_self, "include_self"),
        metric=metric,
        pool=pool,
        channels=channels,
        representations=_choice(representations, "representations"),
        device=device,
        memory=max(1, bytes_of(memory, "memory") // 2),
    )
    with Reports(progress, "measuring", None if total is None else total * core.examples()) as reports:
        for name, arrays in _in_turn({name: split.layers for name, split in splits.items()}):
            core.layer(name, arrays, reports.part())
            del arrays
    return Measurement(core.study())


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} = {value!r}: give a whole number, at least 1")
    return int(value)


def _choice(value: Any, name: str) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} = {value!r}: give True or False")
    return bool(value)


def _checked(held_out: Mapping[str, Split] | None) -> Mapping[str, Split]:
    if not isinstance(held_out, Mapping | None):
        raise ValueError('held_out: give a dict of names and splits, such as {"test": Split(layers, y, predictions)}')
    for name, split in (held_out or {}).items():
        if not isinstance(name, str):
            raise ValueError(f"held_out[{name!r}]: give the split a text as its name")
        if name == "train":
            raise ValueError('held_out["train"]: that is the name of the training split; choose another')
        if not isinstance(split, Split):
            raise ValueError(f"held_out[{name!r}]: it is a {type(split).__name__}; give Split(layers, y, predictions)")
    return held_out or {}


def _count(layers: Iterable[Layers]) -> int | None:
    counts = [len(of) for of in layers if hasattr(of, "__len__")]  # type: ignore[arg-type]
    return counts[0] if counts else None


def _class_names(splits: Mapping[str, Split], classes: Iterable[str] | None) -> list[str] | None:
    if isinstance(classes, (str, bytes)):
        raise ValueError(f"classes = {classes!r}: give a list of names")
    if classes is not None:
        return [str(name) for name in classes]
    return categories_of(splits["train"].y)


def _check_order(split: str, labels: np.ndarray, predictions: np.ndarray) -> None:
    """Refuses predictions whose classes are in an order that nobody told."""
    if labels.dtype.kind not in "US":
        return
    if predictions.ndim == 1 and predictions.dtype.kind in "iuf":
        raise ValueError(
            f"{_argument(split, 'predictions')}: they are numbers, and the labels texts: give texts, too, or the classes "
            "in the order of these numbers, classes=[...]"
        )
    names = np.unique(labels).tolist()
    numbers = [int(name) for name in names if re.fullmatch(r"[+-]?[0-9]+", str(name).strip())]
    if predictions.ndim == 2 and len(numbers) == len(names) and numbers != sorted(numbers):
        raise ValueError(
            f"{_argument(split, 'y')}: the labels are numbers written as texts, which are in another order as texts "
            f"({', '.join(map(str, names[:4]))}, ...): say which column of the logits is which, classes=[...], or give numbers"
        )


def _argument(split: str, name: str) -> str:
    return name if split == "train" else f"held_out[{split!r}].{name}"


def _files(split: str, given: Split, classes: list[str] | None) -> list[tuple[str, bytes]]:
    """Returns the lists of a split as files of a folder of activations, which core reads."""
    labels = list_of(_texts(given.y), _argument(split, "y"))
    if labels.ndim != 1:
        raise ValueError(f"{_argument(split, 'y')}: its shape is {list(labels.shape)}; give one label for each example")
    files = {"labels": labels}
    if given.predictions is None:
        raise ValueError(f"{_argument(split, 'predictions')}: give the network's classes, [n], or its logits, [n, classes]")
    said = _texts(given.predictions)
    predictions = numpy_of(said, _argument(split, "predictions"))
    if predictions.ndim == 2 and predictions.shape[1] == 1:
        raise ValueError(
            f"{_argument(split, 'predictions')}: its shape is {list(predictions.shape)}, logits of one class: give classes, "
            "[n], or logits of every class"
        )
    if classes is None:
        _check_order(split, labels, predictions)
    if predictions.ndim == 2 and predictions.dtype.kind in "fiu":
        exact = predictions.dtype in (np.float16, np.float32, np.float64)
        files["logits"] = predictions if exact else predictions.astype(np.float64)
    else:
        files["predictions"] = list_of(said, _argument(split, "predictions"))
    entries = len(files["predictions" if "predictions" in files else "logits"])
    if entries != len(labels):
        raise ValueError(
            f"{_argument(split, 'predictions')}: it has {entries} entries, but {_argument(split, 'y')} has "
            f"{len(labels)}: give one for each example"
        )
    for name in ("ids", "images", "texts", "mask"):
        values = getattr(given, name)
        if values is None:
            continue
        if name in ("ids", "texts"):
            if isinstance(values, (str, bytes)):
                raise ValueError(f"{_argument(split, name)}: it is one text; give one for each example")
            values = list(values)
            missing = next((place for place, value in enumerate(values) if value is None), None)
            if missing is not None:
                raise ValueError(f"{_argument(split, name)}[{missing}]: it is None; give a text for each example")
            values = [str(value) for value in values]
        array = numpy_of(values, _argument(split, name))
        if len(array) != len(labels):
            raise ValueError(
                f"{_argument(split, name)}: it has {len(array)} entries, but there are {len(labels)} examples: give one "
                "for each"
            )
        files[name] = array
    if classes is not None:
        files["classes"] = np.asarray(classes)
    return [(f"{name}.npy", npy_of(array)) for name, array in files.items()]


def _texts(values: Any) -> Any:
    """Returns a pandas Categorical as the texts of its categories."""
    names = categories_of(values)
    if names is None:
        return values
    codes = np.asarray(getattr(values, "cat", values).codes)
    return [names[code] if code >= 0 else None for code in codes]


def _in_turn(splits: Mapping[str, Layers]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Yields each layer's name and its arrays in all splits. Holds one layer at a time."""
    for split, of in splits.items():
        if not isinstance(of, (Mapping, Iterable)):
            problem = f"it is a {type(of).__name__}; give a dict of arrays, or pairs (name, array)"
            raise ValueError(f"{_argument(split, 'layers')}: {problem}")
    walks = {split: iter(of.items() if isinstance(of, Mapping) else of) for split, of in splits.items()}
    place = 0
    while True:
        names: list[tuple[str, str]] = []
        arrays: list[np.ndarray] = []
        ended = []
        for split, walk in walks.items():
            argument = _argument(split, "layers")
            try:
                entry = next(walk)
            except StopIteration:
                ended.append(split)
                continue
            try:
                name, array = entry
            except (TypeError, ValueError):
                raise ValueError(
                    f"{argument}: entry {place} is no pair; give a dict of arrays, or pairs (name, array)"
                ) from None
            if not isinstance(name, str):
                raise ValueError(f"{argument}: the name of layer {place} is {name!r}; give a text")
            arrays.append(float32_of(array, f"{argument}[{name!r}]"))
            names.append((split, name))
            del array, entry
        if not names:
            return
        if ended:
            raise ValueError(
                f"{_argument(ended[0], 'layers')}: it ends after {place} layers, but {_argument(names[0][0], 'layers')} "
                f"has {names[0][1]!r} next: give all splits the same layers in the same order"
            )
        (_, first), *others = names
        for split, name in others:
            if name != first:
                raise ValueError(
                    f"{_argument(split, 'layers')}: layer {place} is {name!r}, but in the training split {first!r}: give "
                    "all splits the same layers in the same order"
                )
        yield first, arrays
        del arrays
        place += 1
