"""Measures networks of torchvision, timm and transformers with `prediction_depth.torch.measure(layers="auto")`, and compares
probes and depths with an own computation: forward hooks on modules that are named here, and scikit-learn's votes.

    python3 tests/bench/torch_models.py [--model TEXT] [--wheel FILE] [--json]

Nothing is downloaded: weights are random, or trained for seconds on images and sentences that are drawn here. Exits with 1
if layers or depths differ, unless a float64 reference says that ours are right."""

import argparse
import json
import os
import pathlib
import sys

import environment

K = 15
TRAIN, TEST, CLASSES, BATCH = 400, 100, 4, 50
NOISE = 5.0  # of images: their pixels alone say little
WORDS, LENGTH = 60, 12  # of the sentences


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="", help="only models whose name contains this")
    parser.add_argument("--wheel", type=pathlib.Path, help="the package under test [default: one that is built now]")
    parser.add_argument("--json", action="store_true", help="one object a line")
    return parser.parse_args()


def images(examples, seed, size=32):
    """Returns stripes of a direction for each class, in noise, [examples, 3, size, size], and classes."""
    import torch

    random = torch.Generator().manual_seed(seed)
    y = torch.randint(CLASSES, (examples,), generator=random)
    phase = 6.3 * torch.rand(examples, 1, 1, generator=random)
    at = torch.arange(size) * 0.7
    angle = (torch.pi * y / CLASSES)[:, None, None]
    stripes = torch.sin(torch.cos(angle) * at[:, None] + torch.sin(angle) * at + phase)
    return stripes[:, None] + NOISE * torch.randn(examples, 3, size, size, generator=random), y


def sentences(examples, seed):
    """Returns words with more of those of the class, padded to one length, as named arguments, and classes."""
    import torch

    random = torch.Generator().manual_seed(seed)
    y = torch.randint(CLASSES, (examples,), generator=random)
    words = torch.randint(4, WORDS, (examples, LENGTH), generator=random)
    told = torch.rand(examples, LENGTH, generator=random) < 0.3
    words = torch.where(told, 4 + (words - 4) // CLASSES * CLASSES + y[:, None], words).clamp(max=WORDS - 1)
    mask = (torch.arange(LENGTH) < torch.randint(5, LENGTH + 1, (examples, 1), generator=random)).long()
    return {"input_ids": words * mask, "attention_mask": mask}, y


def resnet():
    import torchvision

    blocks = [f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)]
    return torchvision.models.resnet18(num_classes=CLASSES), images, blocks, {}


def vision_transformer():
    import timm

    shape = {"img_size": 32, "patch_size": 8, "embed_dim": 48, "depth": 4, "num_heads": 3}
    model = timm.create_model("vit_tiny_patch16_224", pretrained=False, num_classes=CLASSES, **shape)
    return model, images, [f"blocks.{block}" for block in range(4)], {}


def torchvision_transformer():
    import torchvision

    shape = {"image_size": 32, "patch_size": 8, "num_layers": 3, "num_heads": 3, "hidden_dim": 48, "mlp_dim": 96}
    model = torchvision.models.VisionTransformer(num_classes=CLASSES, **shape)
    return model, images, [f"encoder.layers.encoder_layer_{block}" for block in range(3)], {}


def bert(**options):
    import transformers

    shape = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64}
    config = transformers.BertConfig(vocab_size=WORDS, num_labels=CLASSES, **shape)
    model = transformers.BertForSequenceClassification(config)
    return model, sentences, [f"bert.encoder.layer.{block}" for block in range(3)], options


def gpt2():
    import transformers

    shape = {"n_embd": 32, "n_layer": 3, "n_head": 4, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    config = transformers.GPT2Config(vocab_size=WORDS, num_labels=CLASSES, **shape)
    model = transformers.GPT2ForSequenceClassification(config)
    return model, sentences, [f"transformer.h.{block}" for block in range(3)], {"pool": "last"}


MODELS = {
    "torchvision resnet18": resnet,
    "torchvision VisionTransformer": torchvision_transformer,
    "timm vit_tiny": vision_transformer,
    "transformers BERT": bert,
    "transformers BERT, first position": lambda: bert(pool="first"),
    "transformers BERT, mean": lambda: bert(pool="mean"),
    "transformers GPT-2, last position": gpt2,
}


def batches(x, y):
    """Yields batches as `measure` takes them."""
    for rows in range(0, len(y), BATCH):
        some = slice(rows, rows + BATCH)
        if isinstance(x, dict):
            yield {name: values[some] for name, values in x.items()} | {"labels": y[some]}
        else:
            yield x[some], y[some]


def run(model, batch):
    """Returns the logits of a batch."""
    if not isinstance(batch, dict):
        return model(batch[0])
    return model(**{name: values for name, values in batch.items() if name != "labels"}).logits


def train(model, x, y, epochs=5):
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for _ in range(epochs):
        for batch in batches(x, y):
            labels = batch["labels"] if isinstance(batch, dict) else batch[1]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(run(model, batch), labels).backward()
            optimizer.step()


def pooled(values, mask, pool):
    """Returns float32 [batch, dims] of what a module said."""
    if pool is None or values.ndim < 3:
        return values.flatten(1).float().numpy()
    last = mask.shape[1] - 1 - mask.flip(1).argmax(1)
    at = {"first": mask.argmax(1), "last": last}.get(pool)
    if at is not None:
        return values[range(len(values)), at].numpy()
    return ((values * mask[..., None]).double().sum(1) / mask.sum(1, keepdim=True)).float().numpy()


def own_layers(model, names, x, y, pool):
    """Returns [name, [examples, dims]] of the input, the named modules and the softmax, and the predictions."""
    import numpy
    import torch

    said = {name: [] for name in names}
    keep = lambda name: lambda _module, _inputs, out: said[name].append((out if torch.is_tensor(out) else out[0]).clone())
    hooks = [model.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    model.eval()
    with torch.no_grad():
        logits = [run(model, batch) for batch in batches(x, y)]
    for hook in hooks:
        hook.remove()
    masks = torch.split(x["attention_mask"], BATCH) if isinstance(x, dict) else [None] * len(logits)
    layers = [] if isinstance(x, dict) else [("input", x.flatten(1).numpy())]
    for name, values in said.items():
        layers.append((name, numpy.concatenate([pooled(of, mask, pool) for of, mask in zip(values, masks)])))
    logits = torch.cat(logits).double()
    return [*layers, ("softmax", torch.softmax(logits, 1).float().numpy())], logits.argmax(1).numpy()


def compare(m, layers, held_out, predictions, labels):
    """Returns how many probes and depths differ, and how many of those probes are wrong by a float64 reference."""
    import numpy
    import oracle
    from sklearn.neighbors import KNeighborsClassifier

    counts = dict.fromkeys(["examples", "probes_differ", "depths_differ", "wrong"], 0)
    for split, of in [("train", layers), ("test", held_out)]:
        probes = []
        for (_, support), (_, queries) in zip(layers, of):
            fitted = KNeighborsClassifier(n_neighbors=K, algorithm="brute").fit(support, labels)
            probes.append(fitted.predict(None if split == "train" else queries))
        differ = m[split].probes != numpy.array(probes)
        for layer in numpy.flatnonzero(differ.any(axis=1)):
            rows = numpy.flatnonzero(differ[layer])
            own = rows if split == "train" else None
            near, _ = oracle.neighbors(layers[layer][1], of[layer][1][rows], K, own)
            counts["wrong"] += int((m[split].probes[layer, rows] != oracle.majority(labels, near)).sum())
        depths = oracle.depths(numpy.array(probes), predictions[split])
        counts["examples"] += len(depths)
        counts["probes_differ"] += int(differ.sum())
        counts["depths_differ"] += int((m[split].depth != depths).sum())
    return counts


def check(name, make):
    """Returns one result."""
    import numpy
    import torch
    from prediction_depth.torch import measure

    torch.manual_seed(0)
    model, data, names, how = make()
    (x, y), (x_t, y_t) = data(TRAIN, 1), data(TEST, 2)
    train(model, x, y)
    m = measure(model, list(batches(x, y)), held_out={"test": list(batches(x_t, y_t))}, k=K, device="cpu", **how)
    layers, said = own_layers(model, names, x, y, how.get("pool"))
    held_out, said_t = own_layers(model, names, x_t, y_t, how.get("pool"))
    if m.layers != [layer for layer, _ in layers]:
        sys.exit(f"torch_models.py: {name}: auto takes {m.layers}, not {[layer for layer, _ in layers]}")
    predictions = {"train": said, "test": said_t}
    counts = compare(m, layers, held_out, predictions, y.numpy())
    if not all((m[split].predictions == found).all() for split, found in predictions.items()):
        sys.exit(f"torch_models.py: {name}: other predictions")
    values = [values for _, values in layers]
    if not compare(m, [("", numpy.roll(of, 1, axis=0)) for of in values], held_out, predictions, y.numpy())["depths_differ"]:
        sys.exit(f"torch_models.py: {name}: the comparison does not see a fault put in on purpose")
    accuracy = round(float((said_t == y_t.numpy()).mean()), 3)
    means = [round(float(m[split].depth.mean()), 2) for split in ("train", "test")]
    return {"model": name, "layers": len(m.layers), "accuracy": accuracy, "mean_depth": means, **counts}


def main():
    arguments = options()
    environment.enter(len(os.sched_getaffinity(0)), "requirements-torch.txt")
    environment.install(arguments.wheel)
    wrong = 0
    for name, make in MODELS.items():
        if arguments.model not in name:
            continue
        found = check(name, make)
        wrong += found["wrong"]
        said = ", ".join(f"{key} {value}" for key, value in found.items() if key != "model")
        print(json.dumps(found) if arguments.json else f"{name}: {said}", flush=True)
    if wrong:
        sys.exit("torch_models.py: ours is wrong: see `wrong`")


if __name__ == "__main__":
    main()
