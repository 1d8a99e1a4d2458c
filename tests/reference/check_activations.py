"""The depths of somebody else's network, a transformer on texts, against scikit-learn.

The network is made with PyTorch and trained for a moment; its activations are written with numpy, in several types of
numbers and kinds of files. Run by `tests/run --only python`, with PDEPTH naming the program."""

import json
import os
import subprocess
import sys
import tempfile

import numpy
import scipy.sparse
import torch
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

import study

WORDS = "ant bee cow dog eel fox gnu hen ibis jay kite lynx mole newt owl pig ram seal toad wasp".split()
CLASSES = ["few", "many", "none", "some"]
LENGTH, WIDTH, K = 10, 24, 15


class Transformer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(len(WORDS), WIDTH)
        self.places = torch.nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.1)
        block = lambda: torch.nn.TransformerEncoderLayer(WIDTH, 4, 48, dropout=0.0, batch_first=True)
        self.blocks = torch.nn.ModuleList([block(), block()])
        self.head = torch.nn.Linear(WIDTH, len(CLASSES))

    def forward(self, tokens):
        """Returns the activations by name, in order, and the logits."""
        values = self.words(tokens) + self.places
        layers = {"embedding": values}
        for number, block in enumerate(self.blocks):
            values = block(values)
            layers[f"block{number}"] = values
        logits = self.head(values.mean(dim=1))
        layers["softmax"] = logits.softmax(dim=1)
        return layers, logits


def texts_of(count, generator):
    """Returns tokens, [count, LENGTH], and classes: how often the first five words occur. A tenth is labelled wrong."""
    tokens = torch.randint(len(WORDS), (count, LENGTH), generator=generator)
    often = (tokens < 5).sum(dim=1)
    classes = torch.bucketize(often, torch.tensor([1, 3, 5]), right=True)
    classes = torch.tensor([2, 0, 3, 1])[classes]
    wrong = torch.rand(count, generator=generator) < 0.1
    return tokens, torch.where(wrong, torch.randint(len(CLASSES), (count,), generator=generator), classes)


def trained(tokens, classes):
    network = Transformer()
    steps = torch.optim.Adam(network.parameters(), lr=3e-3)
    for step in range(150):
        part = slice(step * 64 % 512, step * 64 % 512 + 64)
        loss = torch.nn.functional.cross_entropy(network(tokens[part])[1], classes[part])
        steps.zero_grad()
        loss.backward()
        steps.step()
    return network.eval()


def write(folder, network, tokens, classes):
    """Writes a split. Returns its layers as the program should see them, and the predictions."""
    os.makedirs(folder)
    with torch.no_grad():
        layers, logits = network(tokens)
    layers = {name: values.numpy() for name, values in layers.items()}
    stored = {
        "embedding": layers["embedding"].astype("<f2"),
        "block0": numpy.asfortranarray(layers["block0"].astype(">f4")),
        "block1": layers["block1"].astype("<f8"),
        "softmax": layers["softmax"].astype("<f4"),
    }
    numpy.savez_compressed(os.path.join(folder, "block1.npz"), block1=stored["block1"])
    for name in ["embedding", "block0", "softmax"]:
        numpy.save(os.path.join(folder, name + ".npy"), stored[name])
    numpy.save(os.path.join(folder, "labels.npy"), numpy.array(CLASSES)[classes])
    numpy.save(os.path.join(folder, "logits.npy"), logits.numpy())
    for file, lines in {
        "order.txt": stored,
        "classes.txt": CLASSES,
        "texts.txt": [" ".join(WORDS[word] for word in row) for row in tokens],
        "ids.txt": [f"line {number}" for number in range(len(tokens))],
    }.items():
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines)
    seen = [values.astype(numpy.float32).reshape(len(tokens), -1).astype(numpy.float64) for values in stored.values()]
    return seen, logits.numpy().argmax(axis=1)


def probes_of(train, labels, held_out):
    """Returns the classes of each layer's probe, of the training split and of the held-out split."""
    of_train, of_held_out = [], []
    for layer, queries in zip(train, held_out):
        _, near = NearestNeighbors(n_neighbors=K + 1, algorithm="brute").fit(layer).kneighbors(layer)
        others = [[row for row in rows if row != query][:K] for query, rows in enumerate(near)]
        of_train.append([numpy.bincount(labels[rows]).argmax() for rows in others])
        of_held_out.append(KNeighborsClassifier(K, algorithm="brute").fit(layer, labels).predict(queries))
    return numpy.array(of_train), numpy.array(of_held_out)


def depths_of(probes, predicted):
    """Returns 1 + the last layer whose probe differs from the prediction; 0 if none does."""
    wrong = probes != predicted
    last = len(probes) - numpy.argmax(wrong[::-1], axis=0)
    return numpy.where(wrong.any(axis=0), last, 0)


def write_graphs(folder, layers, held_out):
    """Writes scikit-learn's graphs of neighbours for both splits."""
    for split in ["train", "robust"]:
        os.makedirs(os.path.join(folder, split))
        with open(os.path.join(folder, split, "order.txt"), "w", encoding="utf-8") as out:
            out.write("embedding\nblock0\nblock1\nsoftmax\n")
    for name, layer, queries in zip(["embedding", "block0", "block1", "softmax"], layers, held_out):
        near = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(layer)
        scipy.sparse.save_npz(os.path.join(folder, "train", name), near.kneighbors_graph(mode="distance"))
        scipy.sparse.save_npz(os.path.join(folder, "robust", name), near.kneighbors_graph(queries, mode="distance"))


def measured(folder, *more):
    """Runs the program. Returns its study's metadata and tensors, and its report."""
    out = os.path.join(folder, "run" + str(len(os.listdir(folder))))
    held_out = "robust=" + os.path.join(folder, "robust")
    options = ["--train", os.path.join(folder, "train"), "--held-out", held_out, "--k", str(K), "--out", out]
    subprocess.run([os.environ["PDEPTH"], "depth", *options, "--quiet", "--json", *more], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "report.html"), encoding="utf-8") as report:
        return *study.read(os.path.join(out, "study.safetensors")), report.read()


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    tokens, classes = texts_of(512, generator)
    other_tokens, other_classes = texts_of(200, generator)
    network = trained(tokens, classes)
    with tempfile.TemporaryDirectory() as folder:
        train, predicted = write(os.path.join(folder, "train"), network, tokens, classes)
        held_out, other_predicted = write(os.path.join(folder, "robust"), network, other_tokens, other_classes)
        write_graphs(os.path.join(folder, "graphs"), train, held_out)
        metadata, tensors, report = measured(folder)
        _, in_blocks, _ = measured(folder, "--memory", "200KB")
        graphs = os.path.join(folder, "graphs")
        _, by_graphs, _ = measured(folder, "--neighbors", graphs)
    probes = numpy.concatenate(probes_of(train, classes.numpy(), held_out), axis=1)
    predictions = numpy.concatenate([predicted, other_predicted])
    depths = depths_of(probes, predictions)
    wrong = int((depths != tensors["depth"]).sum())
    accuracy = (predicted == classes.numpy()).mean()
    print(f"a transformer with accuracy {accuracy:.2f}, mean depth {depths.mean():.2f}")
    print(f"of {depths.size} depths {wrong} differ from scikit-learn's, of {probes.size} probes {(probes != tensors['probe']).sum()}")
    same = all((tensors[name] == in_blocks[name]).all() for name in ["depth", "probe", "output_margin"])
    print("in blocks", "the same" if same else "NOT THE SAME")
    voted = int((by_graphs["depth"] != tensors["depth"]).sum())
    print(f"by scikit-learn's graphs {voted} depths differ")
    first = " ".join(WORDS[word] for word in tokens[int(numpy.argsort(-depths[:512], kind="stable")[0])])
    shown = json.loads(metadata["layers"]) == ["embedding", "block0", "block1", "softmax"] and report.count(first) > 0
    print("the report", "shows" if shown else "DOES NOT SHOW", "the texts")
    # The comparison must detect a fault: with shifted labels, depths must differ.
    broken = numpy.concatenate(probes_of(train, numpy.roll(classes.numpy(), 1), held_out), axis=1)
    seen = (depths_of(broken, predictions) != tensors["depth"]).any() and len(set(depths)) > 2
    print("a fault put in on purpose", "is seen" if seen else "IS NOT SEEN")
    right = wrong == 0 and same and voted == 0 and shown and seen
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
