"""The measures, and an ensemble's table, against numpy, scipy, scikit-learn and PyTorch.

Run by `tests/run --only python`; the program `metrics`, beside the one that PDEPTH names, writes what is checked."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import scipy.special
import scipy.stats
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

import study

NEVER_LEARNED = 2**16 - 1
MODELS = 4
KINDS = ["easy", "looks like a different class", "ambiguous unless labelled", "ambiguous"]
wrong = []


def check(name, found, expected, most=1e-6):
    """Reports whether all values are within `most`, and whether the check would detect one that is not."""
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    numbers = numpy.flatnonzero(~numpy.isnan(found))
    spoilt = found.copy()
    place = numbers[len(numbers) // 2]
    spoilt.flat[place] += 10 * most * (1 + abs(spoilt.flat[place]))
    same, blind = near(found, expected, most), near(spoilt, expected, most)
    print(f"  {name}: {found.size} values {'same' if same else 'DIFFERENT'}{', A FAULT IS NOT SEEN' if blind else ''}")
    if not same or blind:
        wrong.append(name)


def near(found, expected, most):
    return found.shape == expected.shape and numpy.allclose(found, expected, rtol=most, atol=most, equal_nan=True)


def learned(steps, said):
    """Returns the step from which the last prediction holds, of [checkpoints, examples]."""
    differs = said != said[-1]
    after = len(said) - numpy.argmax(differs[::-1], axis=0)
    return numpy.asarray(steps)[numpy.where(differs.any(axis=0), after, 0)]


def forgetting(right):
    """Counts changes from right to wrong, of [checkpoints, examples]."""
    events = (right[:-1] & ~right[1:]).sum(axis=0)
    return numpy.where(right.any(axis=0), events, NEVER_LEARNED)


def check_rows(rows):
    given, steps = numpy.array(rows["given"]), rows["steps"]
    logits = numpy.array(rows["logits"]).reshape(len(steps), len(given), -1)
    shares = scipy.special.softmax(logits, axis=2)
    every = numpy.arange(len(given))
    errors = shares - numpy.eye(logits.shape[2])[given]
    ordered = numpy.sort(logits[-1], axis=1)
    check("confidence", rows["confidence"], shares[-1].max(axis=1))
    check("entropy", rows["entropy"], scipy.stats.entropy(shares[-1], axis=1))
    check("output margin", rows["output_margin"], ordered[:, -1] - ordered[:, -2])
    check("EL2N", rows["last_el2n"], numpy.linalg.norm(errors[-1], axis=1))
    check("EL2N at step 10", rows["el2n"], numpy.linalg.norm(errors[2], axis=1))
    said = logits.argmax(axis=2)
    check("iteration learned", rows["iteration_learned"], learned(steps, said))
    check("forgetting events", rows["forgetting"], forgetting(said[1:] == given))
    own = logits[1:, every, given]
    others = numpy.where(numpy.eye(logits.shape[2], dtype=bool)[given], -numpy.inf, logits[1:]).max(axis=2)
    check("AUM", rows["aum"], (own - others).mean(axis=0))
    check("Data Map confidence", rows["data_map_confidence"], shares[1:, every, given].mean(axis=0))
    check("Data Map variability", rows["data_map_variability"], shares[1:, every, given].std(axis=0))


def check_votes(votes):
    predictions = numpy.array(votes["predictions"])
    mode = scipy.stats.mode(predictions, axis=0, keepdims=True)  # the smallest of equals
    check("consensus", votes["consensus"], numpy.ravel(mode.mode))
    check("consistency", votes["consistency"], numpy.ravel(mode.count) / len(predictions))
    check("share of a class", votes["share_of_2"], (predictions == 2).mean(axis=0))


def check_rankings(rankings):
    for ranking in rankings:
        scores, meant = ranking["scores"], ranking["meant"]
        levels = len(set(scores))
        check(f"AUROC, {levels} scores", [ranking["auroc"]], [roc_auc_score(meant, scores)], 1e-12)
        expected = average_precision_score(meant, scores)
        check(f"average precision, {levels} scores", [ranking["average_precision"]], [expected], 1e-12)


def check_cuts(cuts):
    for cut in cuts:
        points, at = numpy.array(cut["points"]), cut["quantile"]
        expected = [numpy.quantile(points[:, axis], q, method="lower") for axis, q in ((0, at), (1, 1 - at))]
        check(f"cuts at {at}", cut["cuts"], expected, 1e-12)
        high = points > numpy.array(expected)
        check(f"kinds at {at}", cut["kinds"], 2 * high[:, 0] + high[:, 1])


def gradients(network, point):
    """Returns the logits, and the gradient of each with respect to the input, [classes, dims]."""
    point = point.clone().requires_grad_()
    logits = network(point)
    rows = [torch.autograd.grad(logit, point, retain_graph=True)[0] for logit in logits]
    return logits.detach(), torch.stack(rows)


def nearest(network, point, own):
    """Returns the smallest change according to the gradients, and the current class."""
    logits, rows = gradients(network, point)
    others = [label for label in range(len(logits)) if label != own]
    differences = rows[others] - rows[own]
    lengths = differences.norm(dim=1)
    distances = (logits[others] - logits[own]).abs() / lengths
    place = int(distances.argmin())
    return float(distances[place]), distances[place] / lengths[place] * differences[place], int(logits.argmax())


def deepfool(network, start):
    own = int(network(start).argmax())
    change = torch.zeros_like(start)
    for _ in range(50):
        change = change + nearest(network, start + 1.02 * change, own)[1]
        if int(network(start + 1.02 * change).argmax()) != own:
            return float(1.02 * change.norm())
    return float("nan")


def check_margins(margins, folder):
    _, weights = study.read(folder / "network.safetensors")
    weights = {name: torch.tensor(values.astype(numpy.float64)) for name, values in weights.items()}

    def network(point):
        for layer in ("hidden1", "hidden2"):
            point = torch.relu(weights[f"{layer}.weight"] @ point + weights[f"{layer}.bias"])
        return weights["logits.weight"] @ point + weights["logits.bias"]

    points = torch.tensor(margins["inputs"], dtype=torch.float64).reshape(len(margins["linear"]), -1)
    linear = [nearest(network, point, int(network(point).argmax()))[0] for point in points]
    check("linear input margin", margins["linear"], linear, 1e-3)
    check("DeepFool input margin", margins["deepfool"], [deepfool(network, point) for point in points], 1e-3)


def means(values, counts):
    """Returns means over the models that count and have a value, of [models, examples]."""
    counts = counts & ~numpy.isnan(values)
    with numpy.errstate(invalid="ignore"):
        return numpy.where(counts, values, 0).sum(axis=0) / counts.sum(axis=0)


def check_table(folder):
    """Checks every column, computed from the records alone."""
    records = [study.read(folder / f"record{seed}.safetensors") for seed in range(MODELS)]
    stack = {name: numpy.stack([tensors[name] for _, tensors in records]) for name in records[0][1]}
    with open(folder / "examples.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    number = lambda cell: float(cell) if cell else numpy.nan
    column = lambda name: [KINDS.index(row[name]) if row[name] in KINDS else number(row[name]) for row in rows]
    layers = len(json.loads(records[0][0]["layers"]))
    shares = scipy.special.softmax(stack["logits"].astype(float), axis=2)
    ordered = numpy.sort(stack["logits"].astype(float), axis=2)
    depth, events = stack["depth"].astype(float), stack["forgetting"].astype(float)
    wrong_probes = stack["probe"] != stack["predicted"][:, None]
    last = layers - numpy.argmax(wrong_probes[:, ::-1], axis=1)
    check("depths of the records", stack["depth"], numpy.where(wrong_probes.any(axis=1), last, 0))
    measures = {
        **{name: stack[name].astype(float) for name in ("iteration_learned", "input_margin", "el2n", "aum")},
        **{name: stack[name].astype(float) for name in ("data_map_confidence", "data_map_variability")},
        "depth": depth,
        "depth_determined": numpy.where(depth == layers, numpy.nan, depth),
        "undetermined": (depth == layers).astype(float),
        "output_margin": ordered[:, :, -1] - ordered[:, :, -2],
        "confidence": shares.max(axis=2),
        "entropy": scipy.stats.entropy(shares, axis=2),
        "forgetting": numpy.where(events == NEVER_LEARNED, numpy.nan, events),
        "never_learned": (events == NEVER_LEARNED).astype(float),
    }
    train = stack["split"] == 0
    checked = ["id", "label", "given_label"]
    for name in ("label", "given_label", "consensus"):
        named = [f"class {row[name]}" if row[name] else "" for row in rows]
        check(f"{name}_name", [row[f"{name}_name"] == text for row, text in zip(rows, named)], [True] * len(rows))
        checked.append(f"{name}_name")
    kinds = ("a/{}.png", '"quoted", {}', "two\nlines {}", "=1+{}", "", "ä;\t{} ")
    names = [kinds[id % 6].format(id) for id in range(len(rows))]
    check("name", [row["name"] == name for row, name in zip(rows, names)], [True] * len(rows))
    checked.append("name")
    both = {}
    for side, counts in (("train", train), ("validation", ~train)):
        check(f"n_{side}", column(f"n_{side}"), counts.sum(axis=0))
        for name, values in measures.items():
            both[f"{name}_{side}"] = means(values, counts)
        deviation = numpy.array([numpy.std(depth[counts[:, at], at], ddof=1) if counts[:, at].sum() > 1 else numpy.nan for at in range(len(rows))])
        with numpy.errstate(invalid="ignore", divide="ignore"):
            both[f"depth_se_{side}"] = deviation / numpy.sqrt(counts.sum(axis=0))
            mean = numpy.where(counts[:, :, None], shares, 0).sum(axis=0) / counts.sum(axis=0)[:, None]
        both[f"mean_softmax_confidence_{side}"] = mean.max(axis=1)
        both[f"mean_softmax_entropy_{side}"] = scipy.stats.entropy(mean, axis=1)
        checked.append(f"n_{side}")
    given = numpy.array(column("given_label"))
    held_out = numpy.where(~train, stack["predicted"], -1)
    classes = stack["logits"].shape[2]
    votes = numpy.stack([(held_out == label).sum(axis=0) for label in range(classes)], axis=1)
    some = votes.sum(axis=1) > 0
    with numpy.errstate(invalid="ignore"):
        both["consensus"] = numpy.where(some, votes.argmax(axis=1), numpy.nan)
        both["consistency"] = votes.max(axis=1) / votes.sum(axis=1)
        both["c_score"] = votes[numpy.arange(len(rows)), given.astype(int)] / votes.sum(axis=1)
    depths = numpy.stack([both["depth_validation"], both["depth_train"]], axis=1)
    known = ~numpy.isnan(depths).any(axis=1)
    high = depths > numpy.quantile(depths[known], 0.5, axis=0, method="lower")
    both["kind"] = numpy.where(known, 2 * high[:, 0] + high[:, 1], numpy.nan)
    for name, values in both.items():
        check(name, column(name), values, 1e-5)
    missing = set(rows[0]) - set(both) - set(checked)
    if missing:
        wrong.append(f"columns that were not checked: {missing}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([pathlib.Path(os.environ["PDEPTH"]).with_name("metrics"), folder], check=True)
        with open(folder / "measures.json") as file:
            found = json.load(file)
        check_rows(found["rows"])
        check_votes(found["votes"])
        check_rankings(found["rankings"])
        check_cuts(found["cuts"])
        check_margins(found["margins"], folder)
        check_table(folder)
    if wrong:
        sys.exit(f"wrong: {', '.join(wrong)}")


main()
