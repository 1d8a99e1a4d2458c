"""The ensemble of `ensemble.py` in PyTorch and FAISS."""

import multiprocessing
import time

import faiss
import numpy
import torch

from networks import NETWORKS, layers
from peers import with_faiss

CLASSES = 10


def checkpoints(steps):
    """Returns the steps at which the program computes the logits of all images."""
    powers = [1 << power for power in range(steps.bit_length())]
    return {0, steps, *(step for power in powers for step in (power, power + power // 2) if step < steps)}


class Dynamics:
    """What the program notes of each image at the checkpoints."""

    def __init__(self, labels):
        self.labels, self.rows, self.shares = labels, numpy.arange(len(labels)), []
        self.learned, self.forgotten = numpy.zeros((2, len(labels)), int)
        self.margins = numpy.zeros(len(labels))
        self.predictions, self.right, self.el2n = -1, False, None

    def note(self, step, logits, is_late):
        predictions = logits.argmax(1)
        self.learned = numpy.where(predictions == self.predictions, self.learned, step)
        self.predictions = predictions
        if step == 0:
            return
        right = predictions == self.labels
        self.forgotten += self.right & ~right
        self.right = right
        exponentials = numpy.exp((logits - logits.max(1, keepdims=True)).astype(numpy.float64))
        shares = exponentials / exponentials.sum(1, keepdims=True)
        self.shares.append(shares[self.rows, self.labels])
        others = logits.copy()
        others[self.rows, self.labels] = -numpy.inf
        self.margins += logits[self.rows, self.labels] - others.max(1)
        if is_late and self.el2n is None:
            shares[self.rows, self.labels] -= 1
            self.el2n = numpy.linalg.norm(shares, axis=1)

    def measures(self):
        shares = numpy.stack(self.shares)
        return [self.learned, self.forgotten, self.el2n, self.margins / len(shares), shares.mean(0), shares.std(0)]


def draw_weights(network):
    """Draws the first weights as the program does: uniform by He's rule, biases 0."""
    parts = [part for part in network.modules() if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d))]
    for part in parts:
        is_last = part is network[-1]
        torch.nn.init.kaiming_uniform_(part.weight, nonlinearity="linear" if is_last else "relu")
        if part.bias is not None:
            torch.nn.init.zeros_(part.bias)


class Peer:
    """Makes models in this process. `training`: so many of the images, the first, may be trained on."""

    def __init__(self, settings, images, labels, training, threads):
        torch.set_num_threads(threads)
        faiss.omp_set_num_threads(threads)
        self.settings, self.training = settings, training
        self.images, self.labels = torch.from_numpy(images), torch.from_numpy(labels.astype(numpy.int64))

    def model(self, seed):
        """Trains and measures a model. Returns depths, predictions, whether it trained on the image, and dynamics, [images]
        each."""
        torch.manual_seed(seed)
        is_train = torch.zeros(len(self.images), dtype=torch.bool)
        is_train[torch.randperm(self.training)[: self.training * 9 // 10]] = True
        inputs = self.images.float().div(255).unsqueeze(1)
        inputs = (inputs - inputs[is_train].mean()) / inputs[is_train].std(correction=0)
        network = NETWORKS[self.settings["net"]]()
        draw_weights(network)
        dynamics = self.train(network, inputs, is_train)
        depths, predictions = self.measure(network, inputs, is_train.numpy())
        return depths, predictions, is_train.numpy(), dynamics.measures()

    def train(self, network, inputs, is_train):
        """Trains the network. Returns the dynamics of all images."""
        train, batch_size = is_train.nonzero()[:, 0], self.settings["batch"]
        steps = self.settings["epochs"] * -(-len(train) // batch_size)
        dynamics, looks, step = Dynamics(self.labels.numpy()), checkpoints(steps), 0

        def look():
            with torch.inference_mode():
                logits = torch.cat([network(batch) for batch in inputs.split(512)])
            dynamics.note(step, logits.numpy(), step >= steps // 10)

        optimiser = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, [steps * 3 // 4], gamma=0.2)
        look()
        for _ in range(self.settings["epochs"]):
            for batch in train[torch.randperm(len(train))].split(batch_size):
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(network(inputs[batch]), self.labels[batch]).backward()
                optimiser.step()
                schedule.step()
                step += 1
                if step in looks:
                    look()
        return dynamics

    def measure(self, network, inputs, is_train):
        """Returns the depth and the prediction of each image. Each layer is dropped once it is measured."""
        with torch.inference_mode():
            passes = [layers(network, batch) for batch in inputs.split(512)]
            logits = torch.cat([logits for _, logits in passes])
            hidden = [torch.cat(batches) for batches in zip(*[found for found, _ in passes])]
            del passes
        labels, predictions = self.labels.numpy()[is_train], logits.argmax(1).numpy()
        depths = numpy.zeros(len(inputs), int)
        for layer, values in enumerate([inputs.flatten(1), *hidden, logits.softmax(1)]):
            support, queries = values.numpy()[is_train], values.numpy()[~is_train]
            probe = numpy.empty(len(inputs), int)
            probe[is_train] = self.votes(support, None, labels)
            probe[~is_train] = self.votes(support, queries, labels)
            depths[probe != predictions] = layer + 1
        return depths, predictions

    def votes(self, support, queries, labels):
        """Returns the class of most neighbours of each query; of equal ones, the lowest."""
        neighbours, _ = with_faiss(support, queries, self.settings["k"])
        rows = numpy.arange(len(neighbours))[:, None] * CLASSES
        counts = numpy.bincount((labels[neighbours] + rows).ravel(), minlength=len(neighbours) * CLASSES)
        return counts.reshape(-1, CLASSES).argmax(1)


def start(*arguments):
    """Gives a process of the pool its peer."""
    global peer
    peer = Peer(*arguments)


def make(seed):
    return peer.model(seed)


class Ensemble:
    """Processes that wait for models."""

    def __init__(self, processes, settings, images, labels, training, threads):
        self.labels, self.training = labels, training
        arguments = (settings, images, labels, training, threads // processes)
        self.pool = multiprocessing.get_context("spawn").Pool(processes, start, arguments)
        self.pool.map(abs, range(processes))  # until they have started

    def run(self, models):
        """Makes the models. Returns the seconds, and the mean depth and the accuracy of the test images."""
        began = time.perf_counter()
        depths, predictions, is_train, dynamics = zip(*self.pool.imap_unordered(make, range(models)))
        depths, is_train = numpy.stack(depths), numpy.stack(is_train)
        for of in (is_train, ~is_train):
            counts = numpy.maximum(of.sum(0), 1)
            means = (depths * of).sum(0) / counts
            for measure in zip(*dynamics):
                (numpy.stack(measure) * of).sum(0) / counts
        seconds = time.perf_counter() - began
        right = numpy.stack(predictions)[:, self.training :] == self.labels[self.training :]
        return seconds, means[self.training :].mean(), right.mean()
