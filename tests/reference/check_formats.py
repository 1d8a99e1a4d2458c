"""Data written by pyarrow, safetensors, NumPy and Python, the formats' own libraries: the program must read the same.

Run by `tests/run --only python` in a venv of requirements.txt, with PDEPTH naming the program."""

import csv
import json
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile

import numpy
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import safetensors.numpy

import study
from parquet_cases import COUNT, TRAINING, encoded, grey, hub_table, labels, parquet_files, parquet_folders, random

# Sides of which one alone can be the channels.
tall = random.integers(0, 256, (COUNT, 1, 6, 5), dtype=numpy.uint8)
painted = random.integers(0, 256, (COUNT, 3, 6, 5), dtype=numpy.uint8)


def number_types():
    """Yields images and labels in every number type, and what they must be read as."""
    last = painted.transpose(0, 2, 3, 1)
    for kind in ("u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        yield kind, painted.astype(kind), labels.astype(kind), painted
        yield f"{kind}-last", last.astype(kind), labels.astype(kind)[:, None], painted
    fractions = (tall / 255).astype(numpy.float16)
    seen = numpy.floor(fractions.astype(numpy.float64) * 255 + 0.5).astype(numpy.uint8)
    yield "f2", fractions, labels.astype("i1"), seen
    yield "fractions", (tall / 255)[:, 0], labels.astype("f8"), tall
    yield "one-hot", tall, numpy.eye(3, dtype="f4")[labels], tall
    yield "bool", tall > 127, labels, (tall > 127).astype(numpy.uint8) * 255


def tensors(folder):
    """Yields every number type."""
    for name, images, numbers, seen in number_types():
        path = folder / f"{name}.safetensors"
        arrays = {"images": numpy.ascontiguousarray(images), "labels": numpy.ascontiguousarray(numbers)}
        safetensors.numpy.save_file(arrays, path, {"made by": "safetensors"})
        yield path, seen, labels, ["0", "1", "2"]


def archives(folder):
    """Yields NumPy's archives, plain and compressed, in both orders of bytes and of dimensions, and single arrays."""
    for at, (name, images, numbers, seen) in enumerate(number_types()):
        save = [numpy.savez, numpy.savez_compressed][at % 2]
        images = numpy.asfortranarray(images) if at % 3 == 0 else images
        images = images.astype(images.dtype.newbyteorder(">")) if at % 5 < 2 else images
        save(folder / f"{name}.npz", x_train=images, y_train=numbers)
        yield folder / f"{name}.npz", seen, labels, ["0", "1", "2"]
    words = numpy.array(["cat", "\u00e9t\u00e9", "dog"])[labels]
    number = numpy.array([0, 2, 1])[labels]
    for name, texts in (("texts", words), ("bytes", numpy.char.encode(words, "utf-8")), ("big", words.astype(">U9"))):
        numpy.savez(folder / f"{name}.npz", tall, texts)
        yield folder / f"{name}.npz", tall, number, ["cat", "dog", "\u00e9t\u00e9"]
    huge = numpy.array([0, 2**53 + 1, 2**64 - 1], numpy.uint64)
    numpy.savez(folder / "huge.npz", images=tall, labels=huge[labels])
    yield folder / "huge.npz", tall, labels, [str(number) for number in huge]
    single = folder / "single"
    single.mkdir()
    parts = {"train": slice(30), "val": slice(30, 45), "test": slice(45, None)}
    for part, which in parts.items():
        numpy.save(single / f"X_{part}.npy", painted[which])
        numpy.save(single / f"y_{part}.npy", labels[which])
    yield single, painted, labels, ["0", "1", "2"]
    named = {f"{part}_{what}": array[which] for part, which in parts.items() for what, array in (("images", painted), ("labels", labels[:, None]))}
    numpy.savez(folder / "parts.npz", **named)
    yield folder / "parts.npz", painted, labels, ["0", "1", "2"]


def pickles(folder):
    """Yields dictionaries in each protocol, and CIFAR-10 and CIFAR-100 as the publisher pickled them."""
    for protocol in (2, 3, 4, 5):
        data = {"images": painted, "labels": labels.tolist(), "class_names": ["ship", "cat", "dog"]}
        path = folder / f"protocol-{protocol}.pkl"
        path.write_bytes(pickle.dumps(data, protocol))
        yield path, painted, labels, ["ship", "cat", "dog"]
    rows = random.integers(0, 256, (COUNT, 3072), dtype=numpy.uint8)
    cifar10 = folder / "cifar-10-batches-py"
    cifar10.mkdir()
    names = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]
    for at, name in enumerate(names):
        part = slice(at * 10, at * 10 + 10)
        batch = {b"batch_label": b"a batch", b"labels": labels[part].tolist(), b"data": rows[part], b"filenames": [b"a.png"] * 10}
        (cifar10 / name).write_bytes(pickle.dumps(batch, 2))
    (cifar10 / "batches.meta").write_bytes(pickle.dumps({b"label_names": [b"ship", b"cat", b"dog"], b"num_vis": 3072}, 2))
    yield cifar10, rows.reshape(-1, 3, 32, 32), labels, ["ship", "cat", "dog"]
    cifar100 = folder / "cifar-100-python"
    cifar100.mkdir()
    for name, part in (("train", slice(TRAINING)), ("test", slice(TRAINING, None))):
        batch = {b"fine_labels": labels[part].tolist(), b"coarse_labels": [0] * len(labels[part]), b"data": rows[part]}
        (cifar100 / name).write_bytes(pickle.dumps(batch, 2))
    (cifar100 / "meta").write_bytes(pickle.dumps({b"fine_label_names": [b"ship", b"cat", b"dog"], b"coarse_label_names": [b"all"]}, 2))
    yield cifar100, rows.reshape(-1, 3, 32, 32), labels, ["ship", "cat", "dog"]


def features(folder):
    """Yields tables of features, which are scaled over the training rows."""
    columns = [random.normal(size=COUNT), random.normal(size=COUNT) * 1e9, random.integers(-5, 5, COUNT), numpy.full(COUNT, 2.5)]
    columns += [1.7e308 * random.uniform(-1, 1, COUNT)]
    values = numpy.stack(columns, 1)
    test = numpy.arange(COUNT) % 4 == 3
    words = numpy.array(["cat", "dog", "a bird"])[labels]
    for name, training in (("features", ~test | test), ("split", ~test)):
        known = values[training] / 2
        low, high = known.min(0), known.max(0)
        with numpy.errstate(invalid="ignore"):
            steps = numpy.where(high > low, numpy.floor(255 * ((values / 2 - low) / (high - low)) + 0.5), 0)
        steps = numpy.clip(steps, 0, 255).astype(numpy.uint8)
        order = numpy.argsort(~training, kind="stable")
        table = {f"x{at}": values[:, at] for at in range(2)} | {"label": words}
        table |= {} if training.all() else {"split": numpy.where(training, "train", "test")}
        table |= {f"x{at}": values[:, at] for at in range(2, 5)}
        pyarrow.csv.write_csv(pyarrow.table(table), folder / f"{name}.csv")
        numbers = numpy.array([1, 2, 0])[labels]
        yield folder / f"{name}.csv", steps[order][:, None, None], numbers[order], ["a bird", "cat", "dog"]


def tables(folder):
    """Yields the same features as text, as arrays, and in columns and lists of Parquet."""
    values = numpy.stack([random.normal(size=COUNT), random.integers(0, 256, COUNT), numpy.arange(COUNT) % 2 * 1e6], 1)
    low, high = values.min(0), values.max(0)
    steps = numpy.floor(255 * ((values / 2 - low / 2) / (high / 2 - low / 2)) + 0.5).astype(numpy.uint8)[:, None, None]
    columns = {"a": values[:, 0], "b": values[:, 1], "c": values[:, 2]}
    numbers = ["0", "1", "2"]
    pyarrow.csv.write_csv(pyarrow.table(columns | {"label": labels}), folder / "table.csv")
    numpy.savez(folder / "table.npz", x=values, y=labels)
    safetensors.numpy.save_file({"x": values, "y": labels}, folder / "table.safetensors")
    typed = {"id": labels * COUNT + numpy.arange(COUNT)} | columns
    typed |= {"b": values[:, 1].astype(numpy.int16), "label": labels.astype(float)}
    pyarrow.parquet.write_table(pyarrow.table(typed), folder / "table.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"x": list(values), "label": labels}), folder / "lists.parquet")
    fixed = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(values.ravel()), 3)
    pyarrow.parquet.write_table(pyarrow.table({"label": labels, "x": fixed}), folder / "fixed.parquet")
    for name in ("table.csv", "table.npz", "table.safetensors", "table.parquet", "lists.parquet", "fixed.parquet"):
        yield folder / name, steps, labels, numbers
    words = pyarrow.array(numpy.array(["dog", "cat", "ant"])[labels]).dictionary_encode()
    frame = pyarrow.table(columns | {"label": words, "__index_level_0__": numpy.arange(COUNT)})
    pyarrow.parquet.write_table(frame, folder / "words.parquet")
    yield folder / "words.parquet", steps, 2 - labels, ["ant", "cat", "dog"]
    parts = folder / "parts"
    parts.mkdir()
    for name, rows in (("train", slice(None)), ("test", slice(5))):
        part = {key: column[rows] for key, column in columns.items()} | {"label": labels[rows]}
        pyarrow.parquet.write_table(pyarrow.table(part), parts / f"{name}.parquet")
    yield parts, numpy.concatenate([steps, steps[:5]]), numpy.concatenate([labels, labels[:5]]), numbers


def names_differ(folder):
    """Returns how many tables give the examples other names than their columns hold."""
    keys = [f"k{at % 50}" for at in range(COUNT)]
    plain = {"image": [encoded(image) for image in grey], "label": labels, "size": numpy.arange(COUNT)}
    tables = {
        "hub": (hub_table(grey, labels), [f"{at}.png" for at in range(COUNT)], "image.path"),
        "key": (pyarrow.table(plain | {"key": keys}), keys, None),
        "dictionary": (pyarrow.table(plain | {"id": pyarrow.array(keys).dictionary_encode()}), keys, None),
        "large": (pyarrow.table(plain | {"__key__": pyarrow.array(keys, pyarrow.large_string())}), keys, None),
        "whole": (pyarrow.table(plain | {"id": numpy.arange(COUNT, dtype=numpy.uint16) + 65000}), [str(65000 + at) for at in range(COUNT)], None),
        "chosen": (pyarrow.table(plain | {"id": keys}), [str(at) for at in range(COUNT)], "size"),
        "features": (pyarrow.table({"x": grey[:, 0, 0, 0], "z": grey[:, 0, 1, 1], "label": labels, "id": keys}), keys, None),
    }
    wrong = 0
    for name, (table, expected, column) in tables.items():
        pyarrow.parquet.write_table(table, folder / f"names-{name}.parquet")
        options = ["--id-column", column] if column else []
        _, found = study.of(folder / f"names-{name}.parquet", pathlib.Path(tempfile.mkdtemp(dir=folder)) / "run", *options)
        ends = found["ids_offsets"]
        names = [found["ids"].tobytes()[start:end].decode() for start, end in zip(ends, ends[1:])]
        print(f"  names-{name}.parquet: {len(names)} names, {'same' if names == expected else 'DIFFERENT'}")
        wrong += names != expected
    return wrong


def refusals(folder):
    """Yields files that must be refused, and words of the error message."""
    damaged = [encoded(image) for image in grey]
    damaged[-1] = damaged[-1][:-20]
    unlabelled = numpy.where(numpy.arange(COUNT) == 9, -1, labels)
    paths = pyarrow.table({"image": [f"{at}.png" for at in range(COUNT)], "label": labels})
    tables = {
        "damaged": (pyarrow.table({"image": damaged, "label": labels}), ("row 60", "--skip-unreadable")),
        "unlabelled": (hub_table(grey, unlabelled), ("row 10", "-1", "4 classes")),
        "paths": (paths, ("row 1", "no bytes")),
        "columns": (hub_table(grey, labels, "picture"), ("picture", "image or img")),
    }
    for name, (table, words) in tables.items():
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        yield folder / f"{name}.parquet", words
    holes = [None if at == 4 else at / 2 for at in range(COUNT)]
    pyarrow.parquet.write_table(pyarrow.table({"label": labels, "x": holes}), folder / "holes.parquet")
    yield folder / "holes.parquet", ("row 5", "`x`", "missing")
    ragged = [[1.0] * (2 if at == 7 else 3) for at in range(COUNT)]
    pyarrow.parquet.write_table(pyarrow.table({"label": labels, "x": ragged}), folder / "ragged.parquet")
    yield folder / "ragged.parquet", ("row 8", "`x`", "2", "3")
    whole = (folder / "damaged.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[:-100])
    yield folder / "cut.parquet", ("cut.parquet", "Parquet")
    gaps = pyarrow.table({"label": labels, "x": pyarrow.array([None if at == 4 else at / 2 for at in range(COUNT)])})
    pyarrow.csv.write_csv(gaps, folder / "gaps.csv")
    yield folder / "gaps.csv", ("row 5", "`x`", "missing")


def differs(folder, path, images, expected, names):
    """Returns whether the program reads something else."""
    metadata, found = study.of(path, pathlib.Path(tempfile.mkdtemp(dir=folder)) / "run")
    same = found["images"].shape == images.shape and (found["images"] == images).all()
    same = same and (found["labels"] == expected).all() and json.loads(metadata["classes"]) == names
    print(f"  {path.name}: {images.shape}, {'same' if same else 'DIFFERENT'}")
    return not same


def accepted(path, words):
    """Returns whether the program fails to refuse a file with these words."""
    command = [os.environ["PDEPTH"], "run", "--quiet", "--data", path, "--out", path.with_suffix(".run")]
    ran = subprocess.run(command, capture_output=True, text=True)
    refused = ran.returncode == 1 and all(word in ran.stderr for word in words)
    print(f"  {path.name}: {'refused' if refused else 'NOT REFUSED: ' + ran.stderr}")
    return not refused


def tables_differ(folder):
    """Returns whether an ensemble's table differs between Parquet and CSV."""
    subprocess.run([pathlib.Path(os.environ["PDEPTH"]).with_name("metrics"), folder], check=True, stdout=subprocess.DEVNULL)
    table = pyarrow.parquet.read_table(folder / "examples.parquet").to_pydict()
    rows = list(csv.DictReader(open(folder / "examples.csv", newline="")))

    def cells(name):
        read = str if name in ("kind", "name") or name.endswith("_name") else float
        return [read(row[name]) if row[name] else None for row in rows]

    order = ["id", "name", "label_name", "label", "given_label", "consensus"]
    order += ["given_label_name", "consensus_name", "consistency", "c_score", "kind"]
    same = sorted(table) == sorted(rows[0]) and list(table)[: len(order)] == order
    same = same and len(rows) > 100 and all(cells(name) == table[name] for name in table)
    holes = sum(cell is None for cell in table["depth_validation"])
    print(f"  examples.parquet: {len(rows)} rows, {len(table)} columns, {holes} empty depths, {'same' if same else 'DIFFERENT'} as in CSV")
    return not same or holes == 0 or cells("depth_train") == table["depth_validation"]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = 0
        for kind in (parquet_files, parquet_folders, tensors, archives, pickles, features, tables):
            for case in kind(folder):
                wrong += differs(folder, *case)
        wrong += tables_differ(folder)
        wrong += names_differ(folder)
        for case in refusals(folder):
            wrong += accepted(*case)
        print("images in another order, which must differ:")
        path, images, expected, names = next(parquet_files(folder))
        wrong += not differs(folder, path, numpy.roll(images, 1, 0), expected, names)
    sys.exit(wrong > 0)


main()
