"""Reads a study file with nothing but numpy: the format is a length, a JSON header, and the values."""

import json

import numpy

TYPES = {"F32": numpy.float32, "U32": numpy.uint32, "U16": numpy.uint16, "U8": numpy.uint8}


def read(path):
    """Metadata and tensors of a study."""
    with open(path, "rb") as file:
        bytes_ = file.read()
    size = int.from_bytes(bytes_[:8], "little")
    header = json.loads(bytes_[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(bytes_[8 + size + start : 8 + size + end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return metadata, tensors
