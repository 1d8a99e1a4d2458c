"""Parquet files of images as the library `datasets` and its converter write them, for check_formats.py."""

import io
import json

import numpy
import pyarrow
import pyarrow.parquet
from PIL import Image

COUNT = 60
TRAINING = 45
NAMES = ["ship", "cat", "dog", "unused"]
random = numpy.random.default_rng(0)
grey = random.integers(0, 256, (COUNT, 1, 5, 4), dtype=numpy.uint8)
colour = random.integers(0, 256, (COUNT, 3, 5, 4), dtype=numpy.uint8)
labels = random.integers(0, 3, COUNT)


def encoded(image):
    """Returns the bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(file, "PNG")
    return file.getvalue()


def hub_table(images, numbers, column="image", label="label", names=NAMES):
    """Returns a table as the library `datasets` writes it: structs of bytes and path, and metadata."""
    structs = [{"bytes": encoded(image), "path": f"{at}.png"} for at, image in enumerate(images)]
    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    table = pyarrow.table({"id": numpy.arange(len(numbers)), column: pyarrow.array(structs, kind), label: numbers})
    features = {column: {"_type": "Image"}, label: {"_type": "ClassLabel", "names": names}}
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def parquet_files(folder):
    """Yields a single file in each compression and layout."""
    for packing in ("none", "snappy", "zstd", "gzip"):
        path = folder / f"{packing}.parquet"
        pyarrow.parquet.write_table(hub_table(grey, labels), path, compression=packing, row_group_size=17)
        yield path, grey, labels, NAMES
    table = hub_table(colour, labels.astype(numpy.int32), "img", "fine_label")
    path = folder / "pages.parquet"
    options = {"data_page_version": "2.0", "data_page_size": 300, "use_dictionary": False}
    pyarrow.parquet.write_table(table, path, **options)
    yield path, colour, labels, NAMES
    plain = pyarrow.table({"labels": labels.astype(numpy.uint8), "image": [encoded(image) for image in grey]})
    pyarrow.parquet.write_table(plain, folder / "plain.parquet")
    yield folder / "plain.parquet", grey, labels, ["0", "1", "2"]


def parquet_folders(folder):
    """Yields folders of shards, in the layouts of the hub's repositories and of its converter."""
    shards = {"data/train-00000-of-00002": slice(20), "data/train-00001-of-00002": slice(20, TRAINING)}
    shards |= {"data/test-00000-of-00001": slice(TRAINING, None), "data/validation-00000-of-00001": slice(7)}
    converted = {"default/train/0000": slice(20), "default/train/0001": slice(20, TRAINING), "default/test/0000": slice(TRAINING, None)}
    order = [*range(TRAINING), *range(7), *range(TRAINING, COUNT)]  # a validation split follows the training rows
    for name, files, order in (("shards", shards, order), ("converted", converted, range(COUNT))):
        for file, which in files.items():
            path = folder / name / f"{file}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pyarrow.parquet.write_table(hub_table(grey[which], labels[which]), path)
        yield folder / name, grey[list(order)], labels[list(order)], NAMES
