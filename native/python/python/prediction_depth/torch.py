"""``measure`` for any module of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from ._arrays import bytes_of
from ._measure import Split
from ._measure import measure as measure_layers
from ._measurement import Measurement
from ._progress import Progress
from ._torch_batches import Batch, batches, refuse_shuffling, to_device
from ._torch_layers import Choice, choose, watched_modules
from ._torch_store import Store

__all__ = ["measure"]


def measure(
    model: torch.nn.Module,
    train_loader: Iterable[Any],
    *,
    held_out: Mapping[str, Iterable[Any]] | None = None,
    layers: Choice = "auto",
    output: str | None = None,
    scratch: str | None = None,
    memory: int | str = "2GiB",
    progress: Progress = None,
    title: str | None = None,
    **options: Any,
) -> Measurement:
    """Measures the prediction depth of every example that the loaders yield.

    Each loader is read once, in evaluation mode, without gradients. Afterwards every module has its own mode again, and
    no hook is left, whatever happens.

    Parameters
    ----------
    model:
        Any module. Its output are logits ``[batch, classes]``, alone, first in a tuple, or ``.logits``.
    train_loader, held_out:
        Iterables of batches: ``(x, y)`` or ``(x, y, ids)``; or a mapping with ``labels`` and perhaps ``ids``, whose other
        entries are passed to the model by name. A loader that shuffles is refused unless it yields ids, since rows of the
        result could not be matched with examples.
    layers:
        ``"auto"``: the outputs of residual blocks where there are some, else of activations, else of linear layers and
        convolutions. Or names of modules, a regular expression that matches whole names, or a function of name and
        module. The input (if it holds real numbers) and the softmax are added. Layers are in the order in which they
        first run; the second call of a module is a layer of its own, ``name#2``.
    output:
        ``"logits"`` or ``"probabilities"``: needed only if the output could be both.
    memory, scratch:
        Layers take at most half of ``memory``; if they need more, all are written to files without names in ``scratch``
        (by default the system's folder for temporary files), and read from there.
    options:
        Those of :func:`prediction_depth.measure`: ``k``, ``ties``, ``metric``, ``pool``, ... With ``pool="first"``,
        ``"last"`` or ``"mean"``, an ``attention_mask`` in the batches says which positions of a sequence count, and an input
        of images is left as it is.

    Raises
    ------
    ValueError
        For batches, layers and outputs that cannot be used, with the remedy.
    """
    if output not in (None, "logits", "probabilities"):
        raise ValueError(f'output = {output!r}: choose "logits" or "probabilities"')
    if not isinstance(model, torch.nn.Module):
        raise ValueError(f"model: it is a {type(model).__name__}; give a module of PyTorch")
    if not isinstance(held_out, Mapping | None):
        raise ValueError('held_out: give a dict of names and loaders, such as {"test": test_loader}')
    loaders = {"train": train_loader, **(held_out or {})}
    if held_out and "train" in held_out:
        raise ValueError('held_out["train"]: that is the name of the training split; choose another')
    for name, loader in loaders.items():
        if isinstance(loader, Iterator):
            raise ValueError(f"the loader of {name!r} is an iterator, of which a part may be used up: give a DataLoader or a list")
    if isinstance(model, (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)):
        model = model.module  # replicas would run the hooks in threads, each on a part of a batch
    store = Store(bytes_of(memory, "memory") // 2, scratch)
    with store:
        known = {name: _record(model, name, loader, layers, output, store) for name, loader in loaders.items()}
        sequences = options.get("pool") in ("first", "last", "mean")
        splits = {
            name: Split(
                _flat_images(store.layers(name)) if sequences else store.layers(name),
                labels,
                logits,
                ids=ids,
                mask=mask if sequences else None,
            )
            for name, (labels, logits, ids, mask) in known.items()
        }
        own = splits.pop("train")
        return measure_layers(
            own.layers,
            own.y,
            own.predictions,
            ids=own.ids,
            mask=own.mask,
            held_out=splits,
            memory=memory,
            progress=progress,
            title=title or type(model).__name__,
            **options,
        )


Known = tuple[list[Any], np.ndarray, "list[str] | None", "np.ndarray | None"]


def _flat_images(layers: Iterator[tuple[str, np.ndarray]]) -> Iterator[tuple[str, np.ndarray]]:
    """Flattens an input of images, which is no sequence to pool: nobody but this module chose it as a layer."""
    for name, rows in layers:
        yield name, rows.reshape(len(rows), -1) if name == "input" and rows.ndim > 3 else rows
        del rows


def _record(
    model: torch.nn.Module, split: str, loader: Iterable[Any], layers: Choice, output: str | None, store: Store
) -> Known:
    """Runs the model on all batches of a loader, and stores what its layers say."""
    labels: list[Any] = []
    logits: list[np.ndarray] = []
    ids: list[str] = []
    masks: list[np.ndarray] = []
    modes = {module: module.training for module in model.modules()}
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    try:
        model.eval()
        with torch.no_grad():
            for place, batch in enumerate(batches(loader, split)):
                if place == 0:
                    refuse_shuffling(loader, split, batch.ids is not None)
                    chosen = choose(model, partial(_call, model, batch, device), layers)
                said = _run(model, batch, device, chosen, split, place, output, store)
                logits.append(said)
                labels.extend(batch.labels)
                if batch.mask is not None:
                    masks.append(batch.mask)
                if batch.ids is not None:
                    ids.extend(batch.ids)
                elif ids:
                    raise ValueError(f"batch {place} of {split!r} has no ids, but batches before it have: give all of them")
    finally:
        for module, training in modes.items():
            module.training = training
    if not labels:
        raise ValueError(f"the loader of {split!r} yields no batch")
    if ids and len(ids) != len(labels):
        raise ValueError(f"the loader of {split!r}: only some batches have ids: give all of them")
    one_length = len({mask.shape[1] for mask in masks}) == 1  # else no layer is a sequence: those would be refused
    return labels, np.concatenate(logits), ids or None, np.concatenate(masks) if one_length else None


def _call(model: torch.nn.Module, batch: Batch, device: torch.device) -> Any:
    inputs = to_device(batch.inputs, device)
    return model(**inputs) if isinstance(inputs, dict) else model(inputs)


def _run(
    model: torch.nn.Module,
    batch: Batch,
    device: torch.device,
    chosen: dict[str, torch.nn.Module],
    split: str,
    place: int,
    output: str | None,
    store: Store,
) -> np.ndarray:
    """Runs the model on one batch; returns its logits."""
    size = len(batch.labels)
    where = f"batch {place} of {split!r}"
    found: list[tuple[str, np.ndarray]] = []

    def keep_module(name: str, value: Any) -> None:
        keep(f"{name} (module)" if name in ("input", "softmax") else name, value)

    def keep(name: str, value: Any) -> None:
        tensor = tensor_of(value)
        if tensor is None:
            raise ValueError(f"layer {name!r}: its output is a {type(value).__name__} without a tensor: leave it out")
        if tensor.ndim == 0 or tensor.shape[0] != size:
            raise ValueError(
                f"layer {name!r}: its output is {list(tensor.shape)} in {where}, which has {size} examples: choose layers "
                "whose first dimension is the example"
            )
        found.append((name, _copy(tensor)))

    # What is recorded is a copy: later operations may change the tensor in its place.
    first = batch.inputs if isinstance(batch.inputs, torch.Tensor) else None
    if first is not None and first.is_floating_point():
        keep("input", first)
    with watched_modules(chosen, keep_module):
        said = _call(model, batch, device)
    raw = tensor_of(getattr(said, "logits", None) if hasattr(said, "logits") else said)
    if raw is None or raw.ndim != 2 or raw.shape[0] != size:
        shape = None if raw is None else list(raw.shape)
        raise ValueError(f"the model's output in {where} is {shape}, not [{size}, classes]: wrap the model so that it is")
    values = raw.detach().to("cpu", torch.float64)
    logits = values.log() if _are_probabilities(values, output, where) else values
    logits = logits.clamp(min=torch.finfo(torch.float64).min)  # the logarithm of 0
    found.append(("softmax", torch.softmax(logits, 1).to(torch.float32).numpy()))
    store.append(split, found, where)
    return logits.numpy()


def _are_probabilities(values: torch.Tensor, output: str | None, where: str) -> bool:
    """Says whether rows are probabilities; asks where they could be logits, too."""
    sums = bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < 1e-3).all())
    if output == "probabilities" and not sums:
        raise ValueError(f"output = 'probabilities', but rows of the model's output in {where} do not add up to 1")
    if output is None and sums:
        raise ValueError(
            f"rows of the model's output in {where} add up to 1: say whether they are output=\"probabilities\" or "
            'output="logits"'
        )
    return output == "probabilities"


def tensor_of(value: Any) -> torch.Tensor | None:
    """Returns the tensor of an output: itself, the first of a tuple, ``last_hidden_state``, or the first of a mapping."""
    if isinstance(value, torch.Tensor):
        return value
    hidden = getattr(value, "last_hidden_state", None)
    if isinstance(hidden, torch.Tensor):
        return hidden
    entries = value.values() if isinstance(value, Mapping) else value if isinstance(value, (tuple, list)) else ()
    return next((found for entry in entries if (found := tensor_of(entry)) is not None), None)


def _copy(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach()
    if not tensor.is_floating_point():
        raise ValueError(f"a layer holds {tensor.dtype}: choose layers of real numbers")
    return np.array(tensor.to("cpu", torch.float32).numpy(), np.float32, order="C", copy=True)


