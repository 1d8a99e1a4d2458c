"""Exact nearest neighbours of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._arrays import bytes_of, matrix_of
from ._measure import _whole
from ._progress import Progress, Reports


def kneighbors(
    x: Any,
    queries: Any = None,
    k: int = 30,
    *,
    device: str = "auto",
    memory: int | str = "2GiB",
    progress: Progress = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns distances, float64, and indices, int64, of the k nearest rows of ``x``, ``[queries, k]`` each.

    Distances are Euclidean and exact; the nearest row comes first, and of equally near rows that of the lower index.
    Without ``queries`` they are the rows of ``x`` themselves, and no row is its own neighbour: leave-one-out by index, so
    that duplicates stay.

    Parameters
    ----------
    x, queries:
        Rows ``[n, dims]``. C-contiguous float32 is used as it is, anything else is converted once.

    Raises
    ------
    ValueError
        For NaN and infinity, other dims, and a k that has too few candidates.

    >>> import numpy as np
    >>> from prediction_depth import kneighbors
    >>> distances, indices = kneighbors(np.array([[0.0], [1.0], [5.0]]), k=1)
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 4.0])
    """
    support = matrix_of(x, "x")
    asked = None if queries is None else matrix_of(queries, "queries")
    if asked is not None and asked.shape[1] != support.shape[1]:
        raise ValueError(f"queries: a row has {asked.shape[1]} values, but a row of x {support.shape[1]}: give as many")
    budget = max(1, bytes_of(memory, "memory") // 2)
    with Reports(progress, "searching", len(support if asked is None else asked)) as reports:
        return _core.kneighbors(support, asked, _whole(k, "k"), device, budget, reports.part())


def kneighbors_graph(
    x: Any,
    k: int = 30,
    *,
    mode: str = "distance",
    device: str = "auto",
    memory: int | str = "2GiB",
    progress: Progress = None,
) -> Any:
    """Returns the graph of the k nearest other rows of each row, a CSR matrix of scipy, ``[n, n]``.

    Rows are sorted by distance, as cleanlab's ``knn_graph`` and UMAP's ``precomputed_knn`` want them. Duplicates have a
    stored distance of 0. With ``mode="connectivity"`` all values are 1.
    """
    from scipy.sparse import csr_matrix

    if mode not in ("distance", "connectivity"):
        raise ValueError(f'mode = {mode!r}: choose "distance" or "connectivity"')
    distances, indices = kneighbors(x, k=k, device=device, memory=memory, progress=progress)
    count = len(distances)
    values = distances.ravel() if mode == "distance" else np.ones(count * k)
    return csr_matrix((values, indices.ravel(), np.arange(0, count * k + 1, k)), shape=(count, count))
