"""Finding wrong labels: scores of pdepth against cleanlab, AUM and Data Maps, all from the same networks.

Labels of a subset of Fashion-MNIST are changed, uniformly or by class. One ensemble gives all scores: pdepth's from its probes
and depths, cleanlab's from the mean softmax of the models that held an image out. Reports AUROC and average precision over the
images for which every score is defined. Models are kept in the folder, so that an interrupted benchmark can continue.

The formula of `pdepth issues` was chosen on ensembles of the first 10,000 images, so these are skipped.

    python3 tests/bench/label_issues.py [--examples N] [--skip N] [--models N] [--folder DIR] [--json]"""

import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys

import environment

SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")
FRACTIONS, KINDS = (0.05, 0.1, 0.4), {"uniform": "other", "by class": "next"}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--examples", type=int, default=5000, help="so many training images")
    parser.add_argument("--skip", type=int, default=10000, help="without the first N")
    parser.add_argument("--models", type=int, default=20, help="of each ensemble")
    parser.add_argument("--hidden", default="128,128,128", help="of each model")
    parser.add_argument("--folder", type=pathlib.Path, help="where models go [default: in the cache]")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def subset(path, skip, count):
    """Writes a subset of the training images to a file, without test images."""
    import numpy

    def idx(name, head):
        return numpy.frombuffer(gzip.open(SOURCE / f"{name}.gz").read(), numpy.uint8, offset=head)

    images = idx("train-images-idx3-ubyte", 16).reshape(-1, 28, 28)[skip : skip + count]
    numpy.savez_compressed(path, x=images, y=idx("train-labels-idx1-ubyte", 8)[skip : skip + count])


def ensemble(program, data, folder, fraction, noise, arguments):
    """Runs the models that are missing; returns the merged result."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, out = folder / "plan.json", folder / "ensemble"
    model = ["--data", data, "--hidden", arguments.hidden, "--label-noise", fraction, "--noise", noise, "--margin-examples", 0]
    command = [program, "ensemble", "plan", "--runs", arguments.models, *model]
    plan.write_bytes(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)
    for what in (["run", "--device", "cpu"], ["merge"]):
        command = [program, "ensemble", what[0], "--plan", plan, "--out", out, *what[1:]]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([program, "issues", out], check=True, stdout=subprocess.DEVNULL)
    return out


def record(path):
    """Returns a record's splits and logits."""
    import numpy

    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])

    def tensor(name, kind):
        first, last = header[name]["data_offsets"]
        return numpy.frombuffer(data[8 + size + first : 8 + size + last], kind).reshape(header[name]["shape"])

    return tensor("split", numpy.uint8), tensor("logits", "<f4")


def held_out_probabilities(out):
    """Returns the mean softmax of the models that held an image out, [images, classes]; NaN if none did."""
    import numpy

    total = count = 0
    for path in sorted((out / "models").glob("seed-*.safetensors")):
        splits, logits = record(path)
        shares = numpy.exp(logits.astype(float) - logits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        unseen = (splits != 0)[:, None]
        total, count = total + unseen * shares, count + unseen
    with numpy.errstate(invalid="ignore"):
        return total / count


def scores(out):
    """Returns which labels are wrong, and all scores by name; higher is more suspicious."""
    import numpy
    from cleanlab.rank import get_label_quality_scores

    rows = list(csv.DictReader(open(out / "examples.csv")))
    column = lambda name: numpy.array([float(row[name] or "nan") for row in rows])
    given, wrong = column("given_label").astype(int), column("label") != column("given_label")
    probabilities = held_out_probabilities(out)
    known = ~numpy.isnan(probabilities).any(1)
    issues = {int(row["id"]): float(row["score"]) for row in csv.DictReader(open(out / "issues.csv"))}
    found = {
        "ours (pdepth issues)": numpy.array([issues.get(id, numpy.nan) for id in range(len(rows))]),
        "training depth": column("depth_train"),
        "training - validation depth": column("depth_train") - column("depth_validation"),
        "AUM": -column("aum_train"),
        "Data Maps confidence": -column("data_map_confidence_train"),
        "EL2N": column("el2n_train"),
    }
    for method in ("self_confidence", "normalized_margin"):
        quality = numpy.full(len(rows), numpy.nan)
        quality[known] = get_label_quality_scores(given[known], probabilities[known], method=method)
        found[f"cleanlab {method}"] = -quality
    rank = lambda values: values.argsort().argsort() / len(values)
    known &= ~numpy.isnan(list(found.values())).any(0)
    known_only = {name: values[known] for name, values in found.items()}
    best = "cleanlab self_confidence"
    for one, other in (("ours (pdepth issues)", best), ("ours (pdepth issues)", "AUM"), ("training depth", "AUM"), (best, "AUM")):
        known_only[f"{one} + {other} (mean rank)"] = rank(known_only[one]) + rank(known_only[other])
    return wrong[known], known_only


def main():
    arguments = options()
    environment.enter(len(os.sched_getaffinity(0)), "requirements-labels.txt")
    from sklearn.metrics import average_precision_score, roc_auc_score

    if not SOURCE.is_dir():
        sys.exit(f"label_issues.py: {SOURCE} is not there: install Debian's dataset-fashion-mnist")
    program = environment.pdepth()
    folder = arguments.folder or environment.cache() / "label-issues"
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / f"fashion-mnist-{arguments.skip}-{arguments.examples}.npz"
    if not data.exists():
        subset(data, arguments.skip, arguments.examples)
    for kind, noise in KINDS.items():
        for fraction in FRACTIONS:
            name = f"{noise}-{fraction}-{arguments.skip}-{arguments.examples}-{arguments.models}-{arguments.hidden}"
            out = ensemble(program, data, folder / name, fraction, noise, arguments)
            wrong, found = scores(out)
            rows = [(name, roc_auc_score(wrong, values), average_precision_score(wrong, values)) for name, values in found.items()]
            if arguments.json:
                for score, auroc, precision in rows:
                    figures = {"noise": kind, "fraction": fraction, "images": len(wrong), "wrong": int(wrong.sum()), "score": score}
                    print(json.dumps({**figures, "auroc": round(auroc, 4), "average_precision": round(precision, 4)}), flush=True)
                continue
            print(f"\n{100 * fraction:.0f} % {kind}: {wrong.sum()} wrong of {len(wrong)} images", flush=True)
            for score, auroc, precision in sorted(rows, key=lambda row: -row[2]):
                print(f"  {score:32} AUROC {auroc:.3f}  average precision {precision:.3f}", flush=True)


if __name__ == "__main__":
    main()
