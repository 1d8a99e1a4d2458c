"""The programs that ours is timed against, each as a function

    search(support, queries, k) -> (indices, squared distances), [queries, k] each

of float32 arrays [support, dims] and [queries, dims]; `queries` None is leave-one-out: the support's own rows, each left
out of its own neighbours, by index."""

import faiss
import numpy
import torch
from sklearn.neighbors import NearestNeighbors


def with_faiss(support, queries, k):
    """Flat L2. It knows no leave-one-out: one neighbour more, and the row itself dropped."""
    if queries is not None:
        distances, indices = faiss.knn(queries, support, k)
        return indices, distances
    distances, indices = faiss.knn(support, support, k + 1)
    others = indices != numpy.arange(len(support))[:, None]
    others[others.all(axis=1), -1] = False  # where duplicates took the row's own place
    return indices[others].reshape(-1, k), distances[others].reshape(-1, k)


def with_sklearn(support, queries, k):
    """Brute force; without queries it leaves each row out itself."""
    distances, indices = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(support).kneighbors(queries)
    return indices, distances**2


def with_torch(support, queries, k, device="cpu"):
    """One matrix product and topk. On a GPU the way there and back is counted, as it is for ours."""
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
    """Those that can be had, by name."""
    faiss.omp_set_num_threads(threads)
    torch.set_num_threads(threads)
    place = "cuda" if device == "gpu" and torch.cuda.is_available() else "cpu"
    on_torch = lambda support, queries, k: with_torch(support, queries, k, place)
    return {"faiss": with_faiss, "scikit-learn": with_sklearn, "torch" if place == "cpu" else "torch-cuda": on_torch}
