"""Arrays of numpy, torch, JAX and whoever knows DLPack, as the arrays that are computed with."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)


def numpy_of(array: Any, name: str) -> np.ndarray:
    """Returns an array of any library as numpy's, without a copy where that is possible."""
    if isinstance(array, np.ndarray):
        return array
    if hasattr(array, "detach") and hasattr(array, "cpu"):  # torch: also on a GPU, with a gradient, or bfloat16
        array = array.detach().cpu().resolve_conj()
        return (array.float() if str(array.dtype) == "torch.bfloat16" else array).numpy()
    if hasattr(array, "to_numpy"):  # pandas, polars
        return np.asarray(array.to_numpy())
    if hasattr(array, "__array__"):  # JAX too, whose arrays may lie on a GPU
        return np.asarray(array)
    if hasattr(array, "__dlpack__"):
        return np.from_dlpack(array)
    try:
        return np.asarray(array)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}; give one array, with a row for each example") from None


def float32_of(array: Any, name: str) -> np.ndarray:
    """Returns C-contiguous float32: the array itself if it is, else one copy."""
    values = numpy_of(array, name)
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name}: it is a masked array; fill its gaps (x.filled(...)), or leave these examples out")
    if values.dtype.kind not in "fiub" and values.dtype.name != "bfloat16":
        raise ValueError(f"{name}: its type is {values.dtype}; distances need real numbers, such as float32")
    if values.ndim == 0:
        raise ValueError(f"{name}: it is one number; give an array [examples, ...]")
    with np.errstate(over="ignore"):
        return np.require(values, np.float32, ["C", "A"])


def matrix_of(array: Any, name: str) -> np.ndarray:
    """Returns rows [n, dims] as C-contiguous float32; more dimensions are flattened."""
    values = float32_of(array, name)
    if values.ndim < 2 or 0 in values.shape:
        raise ValueError(f"{name}: its shape is {list(values.shape)}; give rows, [n, dims], such as x.reshape(-1, 1)")
    return values if values.ndim == 2 else values.reshape(len(values), -1)


def npy_of(array: np.ndarray) -> bytes:
    """Returns the bytes of a ``.npy`` file."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def list_of(values: Any, name: str) -> np.ndarray:
    """Returns labels, predictions or names, ``[n]``: whole numbers or texts."""
    array = numpy_of(values, name)
    if array.dtype.kind == "O":
        entries = array.tolist()
        if all(isinstance(entry, (int, np.integer)) for entry in entries):
            return np.asarray(entries, dtype=np.int64)
        for place, entry in enumerate(entries):
            if not isinstance(entry, (str, bytes)):
                remedy = "give whole numbers or texts, or leave the example out"
                raise ValueError(f"{name}[{place}]: it is {entry!r}; {remedy}")
        return np.asarray([entry.decode() if isinstance(entry, bytes) else entry for entry in entries])
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        wrong = np.flatnonzero(~np.isfinite(array.ravel()) | (array.ravel() != np.floor(array.ravel())))
        if array.ndim == 1 and wrong.size:
            remedy = "give whole numbers or texts, or leave the example out"
            raise ValueError(f"{name}[{wrong[0]}]: it is {array[wrong[0]]}; {remedy}")
        return array.astype(np.int64) if array.ndim == 1 else array
    if array.dtype.kind not in "iuUS":
        raise ValueError(f"{name}: its type is {array.dtype}; give whole numbers or texts")
    return array


def categories_of(values: Any) -> list[str] | None:
    """Returns the classes of a pandas Categorical, in their order; ``None`` for anything else."""
    categorical = getattr(values, "cat", values)  # a Series of categories
    if hasattr(categorical, "categories") and hasattr(categorical, "codes"):
        return [str(name) for name in categorical.categories]
    return None


def bytes_of(size: int | str, name: str) -> int:
    """Returns the number of bytes of a size such as ``"2GiB"``."""
    if isinstance(size, (int, np.integer)) and not isinstance(size, bool) and size > 0:
        return int(size)
    found = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if found is None:
        raise ValueError(f'{name} = {size!r}: give a number of bytes, or a size such as "2GiB" or "500MB"')
    number, letter, binary = found.groups()
    return max(1, int(float(number) * (1024 if binary else 1000) ** " kmgt".index(letter.lower() or " ")))
