"""Which modules of a network are its layers, and the hooks on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

Choice = str | Iterable[str] | Callable[[str, nn.Module], bool]

# Residual blocks of torchvision, timm and transformers end so: BasicBlock, Bottleneck, Block, BertLayer, ViTLayer, ...
_BLOCK = re.compile(r"(?!FFN).*(Block|Bottleneck|InvertedResidual|MBConv|[A-Za-z0-9]Layer)([12]d)?")
_WEIGHTED = (nn.Linear, nn.modules.conv._ConvNd)
_NO_ACTIVATIONS = (nn.MultiheadAttention, nn.Softmax, nn.LogSoftmax, nn.Softmax2d, nn.Softmin)


def choose(model: nn.Module, run: Callable[[], Any], layers: Choice) -> dict[str, nn.Module]:
    """Returns the modules that are layers, in the order in which they first run. ``run`` runs the model once."""
    names: dict[str, nn.Module] = {}
    seen: set[nn.Module] = set()
    for name, module in model.named_modules():  # a shared module once, by its first name
        if name and module not in seen:
            seen.add(module)
            names[name] = module
    order: list[str] = []

    def note(name: str, _: Any) -> None:
        order.append(name.partition("#")[0])

    with watched_modules(names, note):
        run()
    calls = Counter(order)
    ran = {name: names[name] for name in calls}
    automatic = isinstance(layers, str) and layers == "auto"
    chosen = _automatic(ran, calls) if automatic else _asked(model, names, ran, layers)
    if not chosen:
        kinds = ", ".join(sorted({type(module).__name__ for module in ran.values()})) or "none"
        raise ValueError(f"layers = {layers!r}: no module that runs is chosen; there are {kinds}: name modules")
    return chosen


def _automatic(ran: dict[str, nn.Module], calls: Counter[str]) -> dict[str, nn.Module]:
    blocks = _blocks(ran)
    if sum(calls[name] for name in blocks) > 1:  # one block of shared weights may be called often
        return blocks
    activations = {
        name: module
        for name, module in ran.items()
        if type(module).__module__ == "torch.nn.modules.activation" and not isinstance(module, _NO_ACTIVATIONS)
    }
    return activations or {name: module for name, module in ran.items() if isinstance(module, _WEIGHTED)}


def _blocks(ran: dict[str, nn.Module]) -> dict[str, nn.Module]:
    """Returns the residual blocks. Of a block that holds several others, those; of one that holds one other, itself."""

    def is_block(module: nn.Module) -> bool:
        weights = (parameter for parameter in module.parameters() if parameter.ndim > 1)
        return bool(_BLOCK.fullmatch(type(module).__name__)) and len(list(weights)) > 1

    blocks = {name for name, module in ran.items() if is_block(module)}
    for name in sorted(blocks, key=len, reverse=True):  # what is inside has a longer name
        inside = {other for other in blocks if other.startswith(f"{name}.")}
        blocks -= inside if len(inside) == 1 else {name} if inside else set()
    return {name: module for name, module in ran.items() if name in blocks}


def _asked(
    model: nn.Module, names: dict[str, nn.Module], ran: dict[str, nn.Module], layers: Choice
) -> dict[str, nn.Module]:
    if callable(layers):
        return {name: module for name, module in ran.items() if layers(name, module)}
    if isinstance(layers, str):
        try:
            pattern = re.compile(layers)
        except re.error as error:
            raise ValueError(f"layers = {layers!r}: no regular expression: {error}") from None
        return {name: module for name, module in ran.items() if pattern.fullmatch(name)}
    wanted = list(layers)
    for name in wanted:
        if name not in ran:
            what = "does not run" if name in dict(model.named_modules()) else "is no module"
            if name in dict(model.named_modules()) and name not in names:
                what = "is another name of a shared module"
            raise ValueError(f"layers: {name!r} {what}; those that run are {', '.join(ran)}")
    return {name: module for name, module in ran.items() if name in wanted}


@contextmanager
def watched_modules(modules: dict[str, nn.Module], on_output: Callable[[str, Any], None]) -> Iterator[None]:
    """Calls ``on_output`` with the name and the output of each call of these modules; a second call is ``name#2``."""
    calls: Counter[str] = Counter()
    handles = []

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def listen(_module: nn.Module, _inputs: Any, output: Any) -> None:
            calls[name] += 1
            on_output(name if calls[name] == 1 else f"{name}#{calls[name]}", output)

        return listen

    try:
        for name, module in modules.items():
            handles.append(module.register_forward_hook(hook(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()
