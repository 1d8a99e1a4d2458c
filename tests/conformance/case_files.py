"""The files of the cases: JSON, one fact a line."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).parent / "cases"


def read():
    """Returns (path, case) of every file, by name."""
    paths = sorted(FOLDER.glob("*.json"))
    assert paths, f"{FOLDER} has no cases"
    return [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def lines(value, depth, levels):
    """Returns JSON with line breaks in the outer `levels` levels only."""
    if levels == 0 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value)
    indent, close = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {lines(part, depth + 1, levels - 1)}" for key, part in value.items()]
        return "{\n" + ",\n".join(indent + part for part in parts) + f"\n{close}}}"
    return "[\n" + ",\n".join(indent + lines(part, depth + 1, levels - 1) for part in value) + f"\n{close}]"


def write(path, case):
    """Writes a case: each layer and each reading is a line."""
    parts = []
    for key, value in case.items():
        if key in ("train", "held_out"):
            inner = [f"    {json.dumps(k)}: {lines(v, 2, 1 if k.startswith('layers') else 0)}" for k, v in value.items()]
            text = "{\n" + ",\n".join(inner) + "\n  }"
        else:
            text = lines(value, 1, 1 if key in ("probes", "undetermined", "depths") else 0)
        parts.append(f"  {json.dumps(key)}: {text}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
