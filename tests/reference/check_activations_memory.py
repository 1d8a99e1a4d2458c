"""The memory of `pdepth depth` on layers that are larger than --memory: no layer is ever in memory as a whole, in its own
type or as float32, and none is copied on disk.

Run by `tests/run --only python`, with PDEPTH naming the program. Only Linux tells the peak."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

K, CLASSES, DIMS = 5, 4, 4096
TRAIN, TEST = 4096, 256
MEMORY = 32 << 20


def rows_of(count, seed):
    """Returns float16 rows around the centres of their classes, and the classes."""
    random = numpy.random.default_rng(seed)
    classes = random.integers(0, CLASSES, count)
    centres = numpy.random.default_rng(0).standard_normal((CLASSES, DIMS), numpy.float32)
    noise = random.standard_normal((count, DIMS), numpy.float32)
    return (centres[classes] + 3 * noise).astype(numpy.float16), classes


def write(folder, count, seed):
    """Writes a split: layers in C order, in Fortran order (slower to read, so smaller), and in a safetensors file."""
    os.makedirs(folder)
    rows, classes = rows_of(count, seed)
    numpy.save(folder / "layer0.npy", rows)
    numpy.save(folder / "layer1.npy", numpy.asfortranarray(rows[:, : DIMS // 2]))
    head = f'{{"layer2":{{"dtype":"F16","shape":[{count},{DIMS}],"data_offsets":[0,{rows.nbytes}]}}}}'.encode()
    with open(folder / "layer2.safetensors", "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        rows.tofile(file)
    numpy.save(folder / "labels.npy", classes)
    numpy.save(folder / "predictions.npy", numpy.roll(classes, 1))


def peak(folder, name, memory):
    """Measures; returns the peak of the program's resident memory in bytes, and its table of depths. There is no place for
    temporary files. The allocator gives freed blocks back at once: what glibc keeps by itself is not the program's."""
    out = folder / name
    splits = ["--train", folder / "train", "--held-out", f"test={folder / 'test'}", "--out", out]
    command = [os.environ["PDEPTH"], "depth", *splits, "--k", str(K), "--memory", str(memory), "--device", "cpu", "--quiet"]
    environment = {**os.environ, "TMPDIR": "/nowhere", "MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
    most = 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    # Not the peak that the system tells of a child that has ended, which counts from that of its parent.
    while process.poll() is None:
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
        most = max([most, *(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))])
        time.sleep(0.01)
    if process.returncode:
        sys.exit(f"pdepth depth ended with {process.returncode}")
    return most, (out / "depth.csv").read_bytes()


def main():
    if not sys.platform.startswith("linux"):
        print("only Linux tells the peak: nothing is checked")
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for split, count, seed in [("train", TRAIN, 1), ("test", TEST, 2)]:
            write(folder / "small" / split, count // 64 + K, seed)
            write(folder / "large" / split, count, seed)
        program, _ = peak(folder / "small", "run", MEMORY)
        in_blocks, depths = peak(folder / "large", "in-blocks", MEMORY)
        held, same = peak(folder / "large", "held", 16 * MEMORY)
    mib = lambda size: f"{size >> 20} MiB"
    print(f"small layers {mib(program)}; layers of {mib(4 * TRAIN * DIMS)} as float32: {mib(in_blocks)}, held {mib(held)}")
    within, seen = (taken - program <= MEMORY for taken in (in_blocks, held))
    print(f"{mib(in_blocks - program)} more than with small layers,", "within" if within else "ABOVE", f"--memory {mib(MEMORY)}")
    print("a layer that is held", "IS NOT SEEN" if seen else "is seen")
    print("depths", "the same" if depths == same else "NOT THE SAME")
    sys.exit(0 if within and not seen and depths == same else 1)


if __name__ == "__main__":
    main()
