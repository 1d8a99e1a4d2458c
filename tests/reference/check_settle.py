"""The depths of `pdepth settle` against scipy's jensenshannon and plain loops.

The predictions are those of a logit lens on a small random transformer, written with numpy in several types and kinds of
files. Run by `tests/run --only python`, with PDEPTH naming the program."""

import json
import os
import subprocess
import sys
import tempfile

import numpy
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax

import study

LAYERS, EXAMPLES, CLASSES, WIDTH = 9, 400, 60, 24


def lens(generator):
    """Returns the logits of each layer, [LAYERS, EXAMPLES, CLASSES], as if each were the last, and the final ones."""
    stream = generator.normal(size=(EXAMPLES, WIDTH))
    head = generator.normal(size=(WIDTH, CLASSES))
    logits = []
    for layer in range(LAYERS):
        weights = generator.normal(size=(WIDTH, WIDTH)) * (1.5 - layer / LAYERS) / WIDTH**0.5
        stream = stream + numpy.tanh(stream @ weights)
        normal = stream / numpy.linalg.norm(stream, axis=1, keepdims=True) * WIDTH**0.5
        logits.append(0.6 * normal @ head)
    return numpy.array(logits), logits[-1] + 0.05 * generator.normal(size=(EXAMPLES, CLASSES))


def depths_of(agrees):
    """Returns 1 + the last layer that does not agree, for each example; 0 if all do."""
    depths = []
    for example in range(agrees.shape[1]):
        depth = 0
        for layer in range(agrees.shape[0]):
            if not agrees[layer, example]:
                depth = layer + 1
        depths.append(depth)
    return numpy.array(depths)


def distances_of(layers, final):
    """Returns scipy's distances, [layers, examples]."""
    rows = [[jensenshannon(p, q, base=2) for p, q in zip(layer, final)] for layer in layers.astype(numpy.float64)]
    return numpy.nan_to_num(numpy.array(rows)) # scipy gives NaN where rounding makes a divergence negative


def settled(folder, layers, final, *more):
    """Runs the program. Returns its study's tensors, and its JSON."""
    out = os.path.join(folder, "run" + str(len(os.listdir(folder))))
    command = [os.environ["PDEPTH"], "settle", "--layers", layers, "--final", final, "--out", out, "--quiet", "--json"]
    result = subprocess.run([*command, *more], check=True, capture_output=True, text=True)
    return study.read(os.path.join(out, "study.safetensors"))[1], json.loads(result.stdout)


def refused(folder, layers, final, *more):
    """Returns whether the program refuses, with a message."""
    command = [os.environ["PDEPTH"], "settle", "--layers", layers, "--final", final, "--out", os.path.join(folder, "no")]
    result = subprocess.run([*command, *more], capture_output=True, text=True)
    return result.returncode == 1 and "softmax" in result.stderr and not os.path.exists(os.path.join(folder, "no"))


def main():
    generator = numpy.random.default_rng(0)
    logits, final_logits = lens(generator)
    labels = final_logits.argmax(axis=1)
    labels[::7] = 0
    right = True
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        numpy.save(path("logits.npy"), logits)
        numpy.save(path("final-logits.npy"), final_logits.astype(numpy.float32))
        numpy.save(path("classes.npy"), logits.argmax(axis=2))
        numpy.save(path("final-classes.npy"), final_logits.argmax(axis=1).astype(numpy.uint8))
        numpy.save(path("labels.npy"), labels)
        predicted = final_logits.argmax(axis=1)
        by_class = depths_of(logits.argmax(axis=2) == predicted)
        # By classes, from logits and from classes, with and without labels.
        for layers, final in [("logits.npy", "final-logits.npy"), ("classes.npy", "final-classes.npy")]:
            found, result = settled(folder, path(layers), path(final), "--labels", path("labels.npy"))
            accuracy = abs(result["test"]["accuracy"] - (predicted == labels).mean()) < 1e-12
            wrong = int((found["depth"] != by_class).sum())
            print(f"{layers}: of {EXAMPLES} depths {wrong} differ, accuracy {'right' if accuracy else 'WRONG'}")
            right &= wrong == 0 and accuracy
        # By distances, in several types and files.
        for dtype in ["float64", "float32", "float16"]:
            layers = softmax(logits, axis=-1).astype(dtype)
            final = softmax(final_logits, axis=-1).astype(dtype)
            numpy.save(path(f"{dtype}.npy"), layers if dtype == "float64" else numpy.asfortranarray(layers))
            numpy.savez_compressed(path(f"{dtype}.npz"), layers=layers)
            numpy.savez(path(f"final-{dtype}.npz"), final=final)
            expected = distances_of(layers, final.astype(numpy.float64))
            for until in [0.02, 0.2, 0.45]:
                near = numpy.abs(expected - until).min()
                by_distance = depths_of(expected <= until)
                for file in [f"{dtype}.npy", f"{dtype}.npz"]:
                    found, result = settled(
                        folder, path(file), path(f"final-{dtype}.npz"), "--until-distance", str(until)
                    )
                    far = numpy.abs(found["distance"] - expected).max()
                    wrong = int((found["depth"] != by_distance).sum())
                    unknown = result["test"]["accuracy"] is None and "labels" not in found
                    print(f"{file} until {until}: {wrong} depths differ, distances by at most {far:.1e}; nearest {near:.1e}")
                    right &= wrong == 0 and far < 1e-7 and unknown and len(set(by_distance)) > 1
            right &= (depths_of(expected <= 0.2) != by_class).any()
        logits_refused = refused(folder, path("logits.npy"), path("final-logits.npy"), "--until-distance", "0.2")
        print("logits", "are refused" if logits_refused else "ARE NOT REFUSED", "where distances are asked for")
        # The comparison must detect a fault: with the layers in reverse order, depths must differ.
        broken = depths_of(logits[::-1].argmax(axis=2) == predicted)
        seen = (broken != by_class).any()
        print("a fault put in on purpose", "is seen" if seen else "IS NOT SEEN")
    sys.exit(0 if right and logits_refused and seen else 1)


if __name__ == "__main__":
    main()
