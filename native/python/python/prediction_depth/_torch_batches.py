"""Batches of a loader, as users write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

_LABELS = ("labels", "label", "y", "target")
_IDS = ("ids", "id")


@dataclass(frozen=True)
class Batch:
    """The examples of a batch."""

    inputs: Any
    """A tensor, or the named arguments of the model."""
    labels: list[Any]
    ids: list[str] | None

    @property
    def mask(self) -> np.ndarray | None:
        """``[batch, positions]``: 1 where a position of a sequence is no padding; ``None`` if the batch does not say."""
        mask = self.inputs.get("attention_mask") if isinstance(self.inputs, dict) else None
        if not isinstance(mask, torch.Tensor) or mask.shape[:1] != (len(self.labels),) or mask.ndim != 2:
            return None
        return mask.cpu().to(torch.uint8).numpy()


def batches(loader: Iterable[Any], split: str) -> Iterator[Batch]:
    """Yields the batches of a loader."""
    for place, entry in enumerate(loader):
        where = f"batch {place} of {split!r}"
        if isinstance(entry, Mapping):
            inputs = dict(entry)
            key = next((name for name in _LABELS if name in inputs), None)
            if key is None:
                raise ValueError(f"{where} has no labels: name them `labels`; its entries are {', '.join(inputs)}")
            labels = inputs.pop(key)
            ids = next((inputs.pop(name) for name in _IDS if name in inputs), None)
        elif isinstance(entry, (tuple, list)) and len(entry) in (2, 3):
            inputs, labels = entry[0], entry[1]
            ids = entry[2] if len(entry) == 3 else None
        else:
            raise ValueError(f"{where} is a {type(entry).__name__}: yield (x, y), (x, y, ids) or a mapping with `labels`")
        known = _list(labels)
        names = None if ids is None else [str(one) for one in _list(ids)]
        if names is not None and len(names) != len(known):
            raise ValueError(f"{where}: it has {len(known)} labels, but {len(names)} ids")
        yield Batch(inputs, known, names)


def _list(values: Any) -> list[Any]:
    if isinstance(values, torch.Tensor):
        return list(values.tolist())
    return list(values)


def refuse_shuffling(loader: Iterable[Any], split: str, has_ids: bool) -> None:
    """Refuses a loader in whose order no example could be found again."""
    samplers = [getattr(loader, "sampler", None), getattr(getattr(loader, "batch_sampler", None), "sampler", None)]
    data = torch.utils.data
    random = (data.RandomSampler, data.SubsetRandomSampler, data.WeightedRandomSampler)
    if not has_ids and any(isinstance(sampler, random) for sampler in samplers):
        raise ValueError(
            f"the loader of {split!r} shuffles, so rows of the result could not be matched with examples: use "
            "shuffle=False, or yield (x, y, ids)"
        )


def to_device(value: Any, device: torch.device) -> Any:
    """Moves tensors to a device, whatever holds them."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, Mapping):
        return {name: to_device(entry, device) for name, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(to_device(entry, device) for entry in value)
    return value
