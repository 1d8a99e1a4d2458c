"""The libraries that pdepth is compared with, each as a function

    search(support, queries, k) -> (indices, squared distances), [queries, k] each

of float32 arrays [support, dims] and [queries, dims]. Without `queries`: leave-one-out, in which the queries are the
support's rows, and each row is excluded from its own neighbours by index."""

import importlib.util
import pathlib
import sys

import numpy


def with_faiss(support, queries, k):
    """Flat L2 search. For leave-one-out, searches for k + 1 neighbours and drops the row itself."""
    import faiss

    if queries is not None:
        distances, indices = faiss.knn(queries, support, k)
        return indices, distances
    distances, indices = faiss.knn(support, support, k + 1)
    others = indices != numpy.arange(len(support))[:, None]
    others[others.all(axis=1), -1] = False  # if duplicates displaced the row itself
    return indices[others].reshape(-1, k), distances[others].reshape(-1, k)


def with_sklearn(support, queries, k):
    """Brute force. Without queries, scikit-learn excludes each row itself."""
    from sklearn.neighbors import NearestNeighbors

    distances, indices = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(support).kneighbors(queries)
    return indices, distances**2


def with_torch(support, queries, k, device="cpu"):
    """One matrix product and topk. On a GPU, the time includes transfers, as for pdepth."""
    import torch

    with torch.inference_mode():
        rows = torch.from_numpy(support).to(device)
        asked = rows if queries is None else torch.from_numpy(queries).to(device)
        keys = torch.addmm((rows * rows).sum(1), asked, rows.T, alpha=-2)
        if queries is None:
            keys.fill_diagonal_(torch.inf)
        nearest, indices = keys.topk(k, largest=False)
        distances = nearest + (asked * asked).sum(1, keepdim=True)
        return indices.cpu().numpy(), distances.cpu().numpy()


def peers(threads, device):
    """Returns the available peers by name."""
    import faiss
    import torch

    faiss.omp_set_num_threads(threads)
    torch.set_num_threads(threads)
    place = "cuda" if device == "gpu" and torch.cuda.is_available() else "cpu"
    on_torch = lambda support, queries, k: with_torch(support, queries, k, place)
    return {"faiss": with_faiss, "scikit-learn": with_sklearn, "torch" if place == "cpu" else "torch-cuda": on_torch}


def instructions(only_avx2):
    """Describes the instructions that the installed peers use. Ends the script if they use more than AVX2 and must not."""
    import faiss
    import sklearn.neighbors  # noqa: F401, its libraries are asked, too
    import threadpoolctl

    blas = {
        pathlib.PurePath(library["filepath"]).parts[-2]: library["architecture"]
        for library in threadpoolctl.threadpool_info()
        if library["internal_api"] == "openblas"
    }
    used = {
        "FAISS": faiss.SIMDConfig.get_level_name(),
        **{f"OpenBLAS of {folder}": architecture for folder, architecture in blas.items()},
    }
    if importlib.util.find_spec("torch"):
        import torch

        used["torch"] = torch.backends.cpu.get_cpu_capability()
    beyond = [name for name, level in used.items() if level.upper() not in ("AVX2", "HASWELL", "ZEN")]
    if only_avx2 and beyond:
        sys.exit(f"peers.py: more than AVX2 is used by {', '.join(beyond)}")
    return ", ".join(f"{name} {level}" for name, level in used.items())
