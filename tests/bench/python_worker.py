"""One contestant of `python.py`, in a process of its own that keeps its data in memory.

    python3 python_worker.py CONTESTANT FOLDER K OUT

For each line on stdin it computes once and prints one JSON object: milliseconds, and by how many MiB the resident memory
has grown at most since the data were there and the libraries were loaded. At the end it writes its last result to OUT.

FOLDER holds support.npy and perhaps queries.npy, or a network's layers as `pdepth bench depth` reads them."""

import json
import pathlib
import sys
import time

import numpy

import oracle
import peers

SEARCHES = {"scikit-learn": peers.with_sklearn, "faiss": peers.with_faiss, "torch": peers.with_torch}
WARM = 200  # rows of the search that loads the libraries and starts their threads
SPLITS = ["train", "validation"]


def ours(support, queries, k):
    import prediction_depth

    distances, indices = prediction_depth.kneighbors(support, queries, k, device="cpu")
    return indices, distances


def our_depths(layers, labels, predictions, k):
    import prediction_depth

    train, held_out = ({f"layer{place}": values for place, values in enumerate(of)} for of in zip(*layers))
    held_out = {"validation": prediction_depth.Split(held_out, labels[1], predictions[1])}
    m = prediction_depth.measure(train, labels[0], predictions[0], held_out=held_out, k=k, device="cpu")
    return numpy.concatenate([m["train"].depth, m["validation"].depth])


def classifier(train, validation, labels, k):
    """Returns the votes of one layer by scikit-learn's classifier. Without rows, it leaves each training row out itself."""
    from sklearn.neighbors import KNeighborsClassifier

    fitted = KNeighborsClassifier(n_neighbors=k, algorithm="brute").fit(train, labels)
    return [fitted.predict(None), fitted.predict(validation)]


def depths(votes):
    """Returns a function like `our_depths`, for a peer that votes at one layer."""

    def of(layers, labels, predictions, k):
        probes = [votes(train, validation, labels[0], k) for train, validation in layers]
        found = [oracle.depths(numpy.array([of[split] for of in probes]), predictions[split]) for split in range(2)]
        return numpy.concatenate(found)

    return of


def voting(search):
    return lambda train, validation, labels, k: [
        oracle.majority(labels, search(train, queries, k)[0]) for queries in (None, validation)
    ]


def job(contestant, folder, k):
    """Returns functions without arguments: a small run that loads the libraries, and the run that is timed."""
    if (folder / "support.npy").exists():
        search = SEARCHES.get(contestant, ours)
        support = numpy.load(folder / "support.npy")
        queries = numpy.load(folder / "queries.npy") if (folder / "queries.npy").exists() else None
        asked = None if queries is None else queries[:WARM]
        return lambda: search(support[:WARM], asked, k), lambda: search(support, queries, k)
    measure = our_depths
    if contestant != "ours":
        measure = depths(classifier if contestant == "scikit-learn" else voting(SEARCHES[contestant]))
    read = lambda name: [numpy.load(folder / split / f"{name}.npy") for split in SPLITS]
    layers = [read(f"layer{place}") for place in range(len(list((folder / "train").glob("layer*.npy"))))]
    labels, predictions = read("labels"), read("predictions")
    part = lambda pairs: [[values[:WARM] for values in pair] for pair in pairs]
    small = (part(layers), *part([labels, predictions]))
    return lambda: measure(*small, k), lambda: measure(layers, labels, predictions, k)


def resident(name):
    """Returns VmRSS, or VmHWM, its peak, in bytes, as Linux keeps them."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main():
    contestant, folder, k, out = sys.argv[1:]
    warm, run = job(contestant, pathlib.Path(folder), int(k))
    warm()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, found = resident("VmRSS"), None
    for _ in sys.stdin:
        del found
        start = time.perf_counter()
        found = run()
        ms = 1000 * (time.perf_counter() - start)
        print(json.dumps({"ms": ms, "mib": (resident("VmHWM") - before) / 2**20}), flush=True)
    if found is not None:
        with open(out, "wb") as file:
            numpy.savez(file, *(found if isinstance(found, tuple) else [found]))


if __name__ == "__main__":
    main()
