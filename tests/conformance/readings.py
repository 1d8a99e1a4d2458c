"""The readings of "prediction depth", computed on small cases with plain loops in float64.

    python3 tests/conformance/readings.py --check     do the files say what the loops give?
    python3 tests/conformance/readings.py --write     write what the loops give into the files

Needs the standard library only. README.md beside this file describes the cases, docs/readings.md who computes what."""

import sys

import case_files
from definitions import OURS, READINGS
from loops import depths, probes


def results(case):
    """Returns what a file says beside its case: our probes, what is undetermined, and the depths by reading."""
    splits = [name for name in ("train", "held_out") if name in case]
    found = {"probes": {}, "undetermined": {}, "depths": {}}
    for split in splits:
        found["probes"][split] = probes(case, split, OURS)
        found["undetermined"][split] = [at == len(case["train"]["layers"]) for at in depths(case, split, OURS)]
    for name, reading in READINGS.items():
        by_split = {split: depths(case, split, reading) for split in splits}
        if None not in by_split.values():
            found["depths"][name] = by_split
    return found


def faults(path, case):
    """Returns what is wrong with a file: its results differ, or a reading that it should separate does not."""
    expected = results(case)
    wrong = [f"{path}: {key} differ from the loops" for key in expected if case.get(key) != expected[key]]
    for name in case["separates"]:
        if name not in expected["depths"]:
            wrong.append(f"{path}: the reading {name} does not apply")
        elif expected["depths"][name] == expected["depths"]["ours"]:
            wrong.append(f"{path}: {name} gives what ours gives")
    if path.stem != case["name"]:
        wrong.append(f"{path}: the case is called {case['name']}")
    for split in ("train", "held_out"):
        wrong += [f"{path}: {value} is no multiple of 1/8" for value in values(case.get(split, {})) if value * 8 % 1]
    return wrong


def values(split):
    """Yields all values of a split's matrices."""
    for matrices in (split.get("layers", []), split.get("layers_before_relu", [])):
        for rows in matrices:
            for row in rows:
                yield from row


def check(cases):
    """Returns all faults: those of the files, and readings that no case separates from ours."""
    wrong = [fault for path, case in cases for fault in faults(path, case)]
    separated = {name for _, case in cases for name in case["separates"]}
    wrong += [f"no case separates {name} from ours" for name in READINGS if name != "ours" and name not in separated]
    wrong += [f"no reading is called {name}" for name in separated if name not in READINGS]
    return wrong


def check_of_the_check(cases):
    """A depth that is changed and a separation that is not there must be noticed."""
    path, case = cases[0]
    changed = case | {"depths": case["depths"] | {"ours": {}}}
    same = case | {"separates": ["ours"]}
    bad_cases = {"a changed depth": changed, "a reading that is not separated": same}
    return [f"the check overlooks {what}" for what, bad in bad_cases.items() if not faults(path, bad)]


def main(arguments):
    if arguments not in (["--check"], ["--write"]):
        sys.exit(__doc__)
    cases = case_files.read()
    if arguments == ["--write"]:
        for path, case in cases:
            case_files.write(path, case | results(case))
        return
    wrong = check(cases)
    wrong += check_of_the_check(cases) if not wrong else []
    print(*wrong, sep="\n", end="\n" if wrong else "")
    if wrong:
        sys.exit(1)
    print(f"{len(cases)} cases, {len(READINGS)} readings: all as the loops give")


if __name__ == "__main__":
    main(sys.argv[1:])
