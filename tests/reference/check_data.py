"""Data written by numpy, scipy, PIL and csv: the program must read the same images and labels.

Run by `tests/run --only python`, with PDEPTH naming the program."""

import csv
import gzip
import pathlib
import sys
import tempfile

import numpy
import scipy.io
from PIL import Image

import study

COUNT = 60
random = numpy.random.default_rng(0)
grey = random.integers(0, 256, (COUNT, 5, 6), dtype=numpy.uint8)
colour = random.integers(0, 256, (COUNT, 3, 5, 6), dtype=numpy.uint8)
labels = random.integers(0, 3, COUNT)
ones = grey > 127


def fractions(dtype):
    """Returns numbers from 0 to 1 of this type, and the pixel values that they stand for."""
    values = (grey / 255).astype(dtype)
    return values, numpy.floor(values.astype(numpy.float64) * 255 + 0.5).astype(numpy.uint8)[:, None]


def scaled(rows):
    """Returns rows of features as the program stores them: each column from 0 to 255."""
    low, high = rows.min(0).astype(float), rows.max(0).astype(float)
    return numpy.floor(255 * ((rows - low) / (high - low)) + 0.5).astype(numpy.uint8)[:, None, None]


def seen(data, folder):
    """Returns images and labels of the study that the program makes of the data."""
    _, tensors = study.of(data, folder / "run", "--data-dir", folder.parent)
    return tensors["images"], tensors["labels"]


def archives(folder):
    """Yields every kind of archive, with its images and labels."""
    first = grey[:, None]
    turned = numpy.ascontiguousarray(colour.transpose(0, 2, 3, 1))
    kinds = {
        "plain": (numpy.savez, {"images": grey, "labels": labels}, first),
        "packed": (numpy.savez_compressed, {"x_train": grey, "y_train": labels.astype(numpy.uint8)}, first),
        "fortran": (numpy.savez, {"X": numpy.asfortranarray(colour), "y": labels.astype(">i4")}, colour),
        "last": (numpy.savez, {"train_images": turned, "train_labels": labels[:, None]}, colour),
        "fortran-last": (numpy.savez, {"images": numpy.asfortranarray(turned), "labels": labels}, colour),
        "wide": (numpy.savez, {"data": grey.reshape(COUNT, 30).astype(">i8"), "target": labels.astype("<u2")}, scaled(grey.reshape(COUNT, 30))),
        "bool": (numpy.savez, {"images": ones, "labels": labels}, 255 * ones[:, None].astype(numpy.uint8)),
        "whole": (numpy.savez, {"images": grey.astype(numpy.float32), "labels": labels.astype(numpy.float64)}, first),
    }
    for dtype in ("<f2", "<f4", ">f8"):
        values, stand_for = fractions(dtype)
        kinds[dtype.strip("<>")] = (numpy.savez, {"images": values, "labels": labels}, stand_for)
    for name, (save, arrays, images) in kinds.items():
        path = folder / f"{name}.npz"
        save(path, **arrays)
        yield path, images, labels


def sets(folder):
    """Yields an archive with its own test set."""
    path = folder / "tested.npz"
    numpy.savez(path, x_train=grey[:50], y_train=labels[:50], x_test=grey[50:], y_test=labels[50:])
    yield path, grey[:, None], labels


def table(folder):
    """Yields a table with its labels in the last column."""
    path = folder / "table.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"pixel_{at // 6}_{at % 6}" for at in range(30)), "label"])
        writer.writerows([*image.ravel(), f"class \"{label}\""] for image, label in zip(grey, labels))
    yield path, grey.reshape(COUNT, 1, 5, 6), labels


def images_in_folders(folder):
    """Yields folders of grey and of coloured PNG files, one folder per class."""
    for name, images in (("grey", grey[:, None]), ("colour", colour)):
        for at, (image, label) in enumerate(zip(images, labels)):
            path = folder / name / f"class{label}" / f"{at:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(path)
        order = sorted(range(COUNT), key=lambda at: (labels[at], at))
        yield folder / name, images[order], labels[order]


def cifar(folder):
    """Yields both CIFARs in the publisher's binary format; the second is gzipped and opened by its name."""
    images = random.integers(0, 256, (COUNT, 3, 32, 32), dtype=numpy.uint8)
    rows = images.reshape(COUNT, -1)
    ten, hundred = folder / "ten", folder / "cifar100"
    ten.mkdir()
    hundred.mkdir()
    records = numpy.hstack([labels[:, None].astype(numpy.uint8), rows])
    names = [*(f"data_batch_{at}.bin" for at in range(1, 6)), "test_batch.bin"]
    for name, part in zip(names, numpy.split(records, 6)):
        part.tofile(ten / name)
    yield ten, images, labels
    fine = random.integers(0, 100, COUNT)
    records = numpy.hstack([numpy.full((COUNT, 1), 7, numpy.uint8), fine[:, None].astype(numpy.uint8), rows])
    for name, part in (("train.bin.gz", records[:50]), ("test.bin.gz", records[50:])):
        with gzip.open(hundred / name, "wb") as file:
            file.write(part.tobytes())
    yield "cifar100", images, fine


def svhn(folder):
    """Yields Matlab files of scipy, compressed and not; label 10 means 0."""
    images = random.integers(0, 256, (COUNT, 3, 32, 30), dtype=numpy.uint8)
    digits = random.integers(0, 10, COUNT)
    written = numpy.where(digits == 0, 10, digits).astype(numpy.uint8)[:, None]
    for name, packed in (("svhn", False), ("packed", True)):
        (folder / name).mkdir()
        for part, which in (("train", slice(50)), ("test", slice(50, None))):
            arrays = {"X": images[which].transpose(2, 3, 1, 0), "y": written[which]}
            scipy.io.savemat(folder / name / f"{part}_32x32.mat", arrays, do_compression=packed)
        yield ("svhn" if name == "svhn" else folder / name), images, digits


def jpeg(folder):
    """Checks JPEG, which is not exact: other decoders may round differently."""
    for at in range(COUNT):
        path = folder / "jpeg" / str(labels[at]) / f"{at:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(numpy.kron(grey[at], numpy.ones((4, 4), numpy.uint8))).save(path, quality=95)
    order = sorted(range(COUNT), key=lambda at: (labels[at], at))
    decoded = [numpy.asarray(Image.open(folder / "jpeg" / str(labels[at]) / f"{at:03}.jpg")) for at in order]
    images, found = seen(folder / "jpeg", pathlib.Path(tempfile.mkdtemp(dir=folder)))
    away = numpy.abs(images[:, 0].astype(int) - numpy.array(decoded).astype(int)).max()
    assert away <= 2 and (found == labels[order]).all(), f"JPEG: {away} grey levels apart"
    print(f"  jpeg: at most {away} of 255 apart")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = 0
        for kind in (archives, sets, table, images_in_folders, cifar, svhn):
            for path, images, expected in kind(folder):
                found = seen(path, pathlib.Path(tempfile.mkdtemp(dir=folder)))
                same = found[0].shape == images.shape and (found[0] == images).all() and (found[1] == expected).all()
                print(f"  {pathlib.Path(path).name}: {images.shape}, {'same' if same else 'DIFFERENT'}")
                wrong += not same
        jpeg(folder)
    sys.exit(wrong > 0)


main()
