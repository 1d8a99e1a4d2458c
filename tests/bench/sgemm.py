"""Compares whole searches in float32 with the matrix product alone, as numpy's and torch's BLAS compute it: each of them
multiplies all queries by all rows of the support, and does nothing else. See docs/performance.md.

    python3 tests/bench/sgemm.py [--kernel avx2] [--runs 5]

Runs of all sides take turns. Prints the rate of each, the share of ours in the faster product, and how many times as
fast a leave-one-out search is as a search for the same rows as queries."""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

import environment

K = 30
SIZES = [(2000, 10_000, 64), (2000, 10_000, 784), (10_000, 10_000, 512), (2000, 10_000, 3072), (2000, 10_000, 16_384)]
LEAVE_ONE_OUT = [512, 3072]  # dims of 10,000 rows


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kernel", help="ours: avx2, avx512, ...; with avx2 or avx2-vnni, both BLAS have AVX2 only [default: the fastest]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for all [default: every core]")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each side, after one that is not")
    return parser.parse_args()


def milliseconds(function):
    start = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - start)


def medians(sides, runs):
    """Returns the median milliseconds of each side; `sides` return the milliseconds of one run."""
    times = [[side() for side in sides] for _ in range(runs + 1)]
    return [statistics.median(times) for times in zip(*times[1:])]


def ours(arguments, support, queries, *forced):
    files = ["--support", support, *(["--queries", queries] if queries else ["--leave-one-out"])]
    kernel = ["--kernel", arguments.kernel] if arguments.kernel else []
    device = ["--device", "cpu", "--threads", arguments.threads, *kernel, *forced]
    return environment.Ours(environment.pdepth(), "search", *files, "--k", K, *device)


def products(arguments, folder, size):
    """Prints one row: the search in float32 and both matrix products."""
    import numpy
    import torch

    from fashion import normals

    queries, support, dims = size
    q, t = normals(queries, dims, 1), normals(support, dims, 0)
    numpy.save(folder / "queries.npy", q)
    numpy.save(folder / "support.npy", t)
    search = ours(arguments, folder / "support.npy", folder / "queries.npy", "--format", "f32")
    product, torch_q, torch_t = numpy.empty((queries, support), numpy.float32), torch.from_numpy(q), torch.from_numpy(t)
    torch_product = torch.empty(queries, support)
    by_numpy = lambda: milliseconds(lambda: numpy.matmul(q, t.T, out=product))
    by_torch = lambda: milliseconds(lambda: torch.mm(torch_q, torch_t.T, out=torch_product))
    times = medians([search.run, by_numpy, by_torch], arguments.runs)
    search.end()
    rates = [2 * queries * support * dims / ms / 1e6 for ms in times]
    share = 100 * rates[0] / max(rates[1:])
    print(f"{'x'.join(map(str, size)):18} {rates[0]:8.0f} {rates[1]:8.0f} {rates[2]:8.0f} {share:6.0f} %", flush=True)


def leave_one_out(arguments, folder, dims):
    """Prints one row: leave-one-out, and the same rows as queries, both in the format by trial."""
    import numpy

    from fashion import normals

    file = folder / "rows.npy"
    numpy.save(file, normals(10_000, dims, 0))
    sides = [ours(arguments, file, None), ours(arguments, file, file)]
    once, plain = medians([side.run for side in sides], arguments.runs)
    for side in sides:
        side.end()
    print(f"{f'10000x{dims}':18} {once:8.1f} {plain:8.1f} {plain / once:8.2f}", flush=True)


def main():
    arguments = options()
    only_avx2 = (arguments.kernel or "").startswith("avx2")
    environment.enter(arguments.threads, only_avx2=only_avx2)
    import peers
    import torch

    torch.set_num_threads(arguments.threads)
    print(f"ours {arguments.kernel or 'the fastest'} in f32; {peers.instructions(only_avx2)}; {arguments.threads} threads")
    print(f"{'GF/s':18} {'ours':>8} {'numpy':>8} {'torch':>8}  share of the faster")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=environment.cache()) as folder:
        for size in SIZES:
            products(arguments, pathlib.Path(folder), size)
        print(f"{'ms':18} {'once':>8} {'plain':>8} {'ratio':>8}")
        for dims in LEAVE_ONE_OUT:
            leave_one_out(arguments, pathlib.Path(folder), dims)


if __name__ == "__main__":
    main()
