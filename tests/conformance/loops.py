"""Probes and depths of a case under a reading, by plain loops in float64."""

import math
import struct


def pooled(rows, channels):
    """Returns the mean over the positions of each channel. A row holds all positions of channel 0, then of channel 1, ..."""
    means = []
    for row in rows:
        positions = len(row) // channels
        means.append([sum(row[at * positions : (at + 1) * positions]) / positions for at in range(channels)])
    return means


def values_of(case, split, reading):
    """Returns the matrices that the reading probes, [layers][examples][dims]; None if the case does not have them."""
    if reading.values == "pooled":
        if "channels" not in case:
            return None
        layers = [pooled(rows, channels) for rows, channels in zip(split["layers"], case["channels"])]
    else:
        layers = split.get(reading.values)
        if layers is None:
            return None
    return layers[1:] if reading.layers == "without the first" else layers


def support_of(case, reading):
    """Returns the rows of the training split that may vote; None if the case does not say which."""
    rows = list(range(len(case["train"]["labels"])))
    if reading.support == "last batch":
        return rows[-case["batch"] :] if "batch" in case else None
    if reading.support == "balanced":
        of_class = {}
        for row in rows:
            of_class.setdefault(case["train"]["labels"][row], []).append(row)
        smallest = min(len(members) for members in of_class.values())
        return sorted(row for members in of_class.values() for row in members[:smallest])
    return rows


def unit(row):
    """Returns the row scaled to unit length, each value rounded to float32; None for a row of zeros."""
    norm = math.sqrt(sum(value * value for value in row))
    if norm == 0:
        return None
    return [struct.unpack("<f", struct.pack("<f", value / norm))[0] for value in row]


def distance(a, b, metric):
    """Returns the squared Euclidean or the Manhattan distance; for cosine, the first of rows of unit length."""
    if metric == "manhattan":
        return sum(abs(x - y) for x, y in zip(a, b))
    return sum((x - y) * (x - y) for x, y in zip(a, b))


def voters(query, row_of_query, rows, support, k, reading):
    """Returns (distance, row) of the rows that vote, in the order of their ranks; None if there are too few rows, or no vote
    is left. `row_of_query` is None for held-out queries."""
    ranked = []
    for row in support:
        if row == row_of_query and reading.itself == "left out":
            continue
        ranked.append((distance(query, rows[row], reading.metric), row))
    by_distance = -1 if reading.order == "farthest" else 1
    by_index = -1 if reading.equal_distances == "highest index" else 1
    ranked.sort(key=lambda one: (by_distance * one[0], by_index * one[1]))
    if row_of_query is None:
        dropped = 1 if reading.held_out == "first rank dropped" else 0
    else:
        dropped = 1 if reading.itself in ("first rank dropped", "first of k dropped") else 0
    last = k if reading.itself == "first of k dropped" and row_of_query is not None else k + dropped
    return ranked[dropped:last] if dropped < last <= len(ranked) else None


def weights(distances, votes):
    """Returns the weight of each vote."""
    if votes == "inverse distance":  # as in scikit-learn: rows at distance 0 outvote all others
        if 0 in distances:
            return [1.0 if at == 0 else 0.0 for at in distances]
        return [1 / math.sqrt(at) for at in distances]
    if votes == "exponential of the squared distance":  # up to a factor, which changes no vote
        return [math.exp(at - max(distances)) for at in distances]
    return [1.0 for _ in distances]


def probe(ranked, labels, reading):
    """Returns the class that the voters elect; None if the probe abstains."""
    scores = {}
    for (_, row), weight in zip(ranked, weights([at for at, _ in ranked], reading.votes)):
        scores[labels[row]] = scores.get(labels[row], 0.0) + weight
    most = max(scores.values())
    for score in scores.values():  # rounding must not decide
        assert score == most or most - score > 1e-6 * most, scores
    if most / sum(scores.values()) <= reading.abstains:
        return None
    tied = [label for label, score in scores.items() if score == most]  # in the order of their first ranks
    return tied[0] if reading.tied_votes == "class of the nearest" else min(tied)


def probes(case, split_name, reading):
    """Returns what each probe predicts, [layers][examples]; None if the reading does not apply to the case."""
    split, labels = case[split_name], case["train"]["labels"]
    support = support_of(case, reading)
    layers, queries = values_of(case, case["train"], reading), values_of(case, split, reading)
    if support is None or layers is None or queries is None or not layers:
        return None
    answers = []
    for rows, asked in zip(layers, queries):
        if reading.metric == "cosine":
            rows, asked = [unit(row) for row in rows], [unit(row) for row in asked]
            if None in rows or None in asked:
                return None  # a row of zeros has no direction
            check_clear(rows, asked)
        answers.append([])
        for at, query in enumerate(asked):
            own = at if split_name == "train" else None
            elect = voters(query, own, rows, support, case["k"], reading)
            if elect is None:
                return None
            answers[-1].append(probe(elect, labels, reading))
    return answers


def check_clear(rows, asked):
    """Refuses cosine distances that are nearly, not exactly, equal: rounding must not decide."""
    for query in asked:
        ranked = sorted(distance(query, row, "cosine") for row in rows)
        assert all(a == b or b - a > 1e-5 for a, b in zip(ranked, ranked[1:])), ranked


def settled_at(answers, target):
    """Returns 1 + the last layer whose probe does not predict the target; 0 if there is none."""
    depth = 0
    for layer, answer in enumerate(answers):
        if answer != target:
            depth = layer + 1
    return depth


def depth(answers, split, at, reading):
    """Returns the depth of example `at` of a split by its probes, `[layers]`."""
    targets = {"network": split["predictions"][at], "label": split["labels"][at], "last probe": answers[-1]}
    target = targets[reading.compared_with]
    found = settled_at(answers, target)
    if reading.settled == "at first":
        found = answers.index(target) if target in answers else len(answers)
    if reading.counted == "from one":
        return max(found, 1)
    if reading.counted == "over probes":
        return found / len(answers)
    if reading.counted == "undetermined as null" and found == len(answers):
        return None
    return found


def depths(case, split_name, reading):
    """Returns the depth of each example of a split; None if the reading does not apply to the case."""
    answers = probes(case, split_name, reading)
    if answers is None:
        return None
    examples = range(len(case[split_name]["labels"]))
    return [depth([layer[at] for layer in answers], case[split_name], at, reading) for at in examples]
