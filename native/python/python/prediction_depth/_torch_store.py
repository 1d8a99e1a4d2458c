"""What layers said: in memory as long as that is enough, then in files without names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np


class Store:
    """The layers of all splits, within this many bytes of memory."""

    def __init__(self, memory: int, scratch: str | None) -> None:
        self.memory = memory
        self.scratch = scratch
        self.held = 0
        self.spilled = False
        self.splits: dict[str, dict[str, Layer]] = {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        for layers in self.splits.values():
            for layer in layers.values():
                layer.close()

    def append(self, split: str, found: list[tuple[str, np.ndarray]], where: str) -> None:
        """Adds the rows of one batch: the same layers in every batch."""
        names = [name for name, _ in found]
        if split not in self.splits:
            self.splits[split] = {name: Layer(rows.shape[1:]) for name, rows in found}
        layers = self.splits[split]
        if names != list(layers):
            raise ValueError(
                f"{where}: the layers that ran are {', '.join(names)}, but in the batches before {', '.join(layers)}: "
                "choose layers that run for every example, in the same order"
            )
        for name, rows in found:
            if rows.shape[1:] != layers[name].shape:
                raise ValueError(
                    f"{where}: an example of layer {name!r} is {list(rows.shape[1:])}, but in the batches before "
                    f"{list(layers[name].shape)}: pad all batches to one length"
                )
            layers[name].append(rows)
            self.held += rows.nbytes
        if self.spilled or self.held > self.memory:
            self.spilled = True
            for of in self.splits.values():
                for layer in of.values():
                    layer.spill(self.scratch)

    def layers(self, split: str) -> Iterator[tuple[str, np.ndarray]]:
        """Yields the layers of a split; frees each one when the next is asked for."""
        layers = self.splits[split]
        for name in list(layers):
            layer = layers.pop(name)
            yield name, layer.rows()
            layer.close()


class Layer:
    """One layer of one split."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.examples = 0
        self.batches: list[np.ndarray] = []
        self.file: Any = None

    def append(self, rows: np.ndarray) -> None:
        self.batches.append(rows)
        self.examples += len(rows)

    def spill(self, scratch: str | None) -> None:
        """Moves what is in memory to a file, which the system removes however the program ends."""
        if self.file is None:
            self.file = tempfile.TemporaryFile(dir=scratch)
        for rows in self.batches:
            self.file.write(rows.data.cast("B") if rows.size else b"")
        self.batches = []

    def rows(self) -> np.ndarray:
        shape = (self.examples, *self.shape)
        if self.file is not None:
            self.file.flush()
            return np.memmap(self.file, np.float32, "r", shape=shape)
        batches, self.batches = self.batches, []
        return batches[0] if len(batches) == 1 else np.concatenate(batches)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
