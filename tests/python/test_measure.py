"""``measure`` and its result."""

import json
import os
import pickle
import tempfile
import unittest
from pathlib import Path

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

import oracle
import prediction_depth as pdepth


class Measures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.layers, cls.y, cls.logits = oracle.network()
        cls.layers_t, cls.y_t, cls.logits_t = oracle.network(40, seed=1)
        cls.ids = [f"picture {row}.png" for row in range(40)]
        cls.m = pdepth.measure(
            cls.layers,
            cls.y,
            cls.logits,
            held_out={"test": pdepth.Split(cls.layers_t, cls.y_t, cls.logits_t, ids=cls.ids)},
            k=7,
            device="cpu",
        )

    def test_probes_and_depths_are_those_of_plain_loops(self):
        for split, layers, logits in [("train", None, self.logits), ("test", self.layers_t, self.logits_t)]:
            found, predictions = self.m[split], logits.argmax(1)
            expected = [
                oracle.votes(self.layers[name], self.y, None if layers is None else layers[name], 7) for name in self.layers
            ]
            np.testing.assert_array_equal(found.probes, [classes for classes, _ in expected])
            np.testing.assert_array_equal(found.tied, [tied for _, tied in expected])
            depths = oracle.depth(found.probes, predictions)
            np.testing.assert_array_equal(found.depth, depths)
            np.testing.assert_array_equal(found.undetermined, depths == 3)
            np.testing.assert_array_equal(found.predictions, predictions)
            sorted_logits = np.sort(logits.astype(np.float64), 1)
            np.testing.assert_allclose(found.output_margin, sorted_logits[:, -1] - sorted_logits[:, -2], rtol=1e-6)
            accuracy = (found.probes == found.labels).mean(1)
            np.testing.assert_allclose(found.probe_accuracy, accuracy)
        self.assertGreater(len(set(self.m.depth)), 2, "a comparison that could fail")
        self.assertTrue(self.m.tied.any())

    def test_held_out_depths_are_scikit_learns(self):
        rng = np.random.default_rng(5)
        layers, other = ({n: rng.normal(size=(rows, 4)) for n in "abc"} for rows in (90, 50))
        y, said = rng.integers(0, 3, 90), rng.integers(0, 3, 50)
        m = pdepth.measure(layers, y, y, held_out={"other": pdepth.Split(other, said, said)}, k=5, device="cpu")
        probes = [
            KNeighborsClassifier(5, algorithm="brute").fit(layers[n].astype("f"), y).predict(other[n].astype("f")) for n in "abc"
        ]
        np.testing.assert_array_equal(m["other"].probes, probes)
        np.testing.assert_array_equal(m["other"].depth, oracle.depth(probes, said))

    def test_leave_one_out_is_by_index(self):
        x, y = np.zeros((4, 2), np.float32), np.array([0, 1, 1, 0])
        m = pdepth.measure({"a": x}, y, y, k=3, device="cpu")
        np.testing.assert_array_equal(m.probes, [[1, 0, 0, 1]])
        whole = pdepth.measure({"a": x + np.eye(4, 2, dtype="f")}, y, y, k=1, include_self=True, device="cpu")
        self.assertEqual(whole.depth[:2].tolist(), [0, 0])

    def test_other_options(self):
        for metric, scaled in [("cosine", True), ("euclidean", False)]:
            layers = {n: v + 0.25 for n, v in self.layers.items()}
            m = pdepth.measure(layers, self.y, self.logits, k=4, metric=metric, device="cpu")
            unit = lambda v: (v / np.linalg.norm(v.astype("d"), axis=1, keepdims=True)).astype("f")
            expected = [oracle.votes(unit(v) if scaled else v, self.y, k=4)[0] for v in layers.values()]
            np.testing.assert_array_equal(m.probes, expected)
        pooled = pdepth.measure(
            {"a": np.repeat(self.layers["input"][:, None], 3, 1)}, self.y, self.y, k=4, pool="mean", device="cpu"
        )
        np.testing.assert_array_equal(pooled.probes[0], oracle.votes(self.layers["input"], self.y, k=4)[0])

    def test_a_result_is_copied_by_pickle_and_writes_no_folder(self):
        found = pickle.loads(pickle.dumps(self.m))
        np.testing.assert_array_equal(found["test"].depth, self.m["test"].depth)
        with tempfile.TemporaryDirectory() as folder:
            for write in (self.m.report, self.m.save):
                with self.assertRaisesRegex(FileNotFoundError, "there is no folder"):
                    write(Path(folder) / "no" / "file.html")
                with self.assertRaisesRegex(IsADirectoryError, "name a file"):
                    write(folder)
            with self.assertRaisesRegex(ValueError, "svg"):
                self.m.plot("strip").save(Path(folder) / "strip.png")
            self.assertEqual(os.listdir(folder), [])

    def test_representations_are_kept_if_asked_for(self):
        def tensors(m):
            content = m._core.to_bytes()
            length = int.from_bytes(content[:8], "little")
            found = {}
            for name, of in json.loads(content[8 : 8 + length]).items():
                if name.startswith("representations/"):
                    start, end = (8 + length + offset for offset in of["data_offsets"])
                    found[name.split("/")[1]] = np.frombuffer(content[start:end], "<f4").reshape(of["shape"])
            return found

        held_out = {"test": pdepth.Split(self.layers_t, self.y_t, self.logits_t)}
        options = {"k": 4, "device": "cpu", "held_out": held_out}
        self.assertEqual(tensors(pdepth.measure(self.layers, self.y, self.logits, **options)), {})
        kept = tensors(pdepth.measure(self.layers, self.y, self.logits, representations=True, **options))
        self.assertEqual(set(kept), set(self.layers))
        for name, values in kept.items():
            np.testing.assert_array_equal(values, np.concatenate([self.layers[name], self.layers_t[name]]))

    def test_tables_hold_every_example(self):
        columns = self.m.columns()
        self.assertEqual(len(columns["depth"]), 120)
        self.assertEqual(columns["depth"], [*self.m.depth.tolist(), *self.m["test"].depth.tolist()])
        self.assertEqual(columns["name"][80:], self.ids)
        self.assertEqual(columns["probe_hidden"], [*self.m.probes[1].tolist(), *self.m["test"].probes[1].tolist()])

    def test_files_come_back(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "study.safetensors"
            self.m.save(path)
            again = pdepth.load(path)
            np.testing.assert_array_equal(again["test"].probes, self.m["test"].probes)
            self.assertEqual(again["test"].ids, self.ids)
            self.m.report(Path(folder) / "report.html")
            self.assertIn("picture", (Path(folder) / "report.html").read_text())
            self.assertEqual(sorted(os.listdir(folder)), ["report.html", "study.safetensors"])
            path.write_bytes(path.read_bytes()[:100])
            with self.assertRaisesRegex(ValueError, "study.safetensors: "):
                pdepth.load(path)

    def test_what_a_notebook_shows(self):
        html = self.m._repr_html_()
        self.assertEqual(html.count("<svg"), 2)
        self.assertIn("<td>test</td><td>40</td>", html)
        for figure in ("strip", "histogram", "probe_accuracy", "accuracy_by_depth"):
            self.assertTrue(self.m.plot(figure).startswith("<svg"))
        with self.assertRaisesRegex(ValueError, "strip"):
            self.m.plot("pie")
        self.assertIn("80 train, 40 test examples; k = 7", self.m.summary())
        with self.assertRaisesRegex(KeyError, "train, test"):
            self.m["validation"]

    def test_label_issues_are_ranked(self):
        y = self.y.copy()
        y[::20] = (y[::20] + 1) % 3
        issues = pdepth.label_issues(self.layers, y, y, k=7, device="cpu")
        m = issues.measurement
        early = m.probes[:2]
        own = (early == y).mean(0)
        np.testing.assert_allclose(issues.score, (1 - 2 * own + m.depth / 3)[issues.row])
        np.testing.assert_array_equal(issues.given, y[issues.row])
        self.assertEqual(sorted(issues.row), list(range(80)))
        suggested = [np.bincount(early[:, row], minlength=3).argmax() for row in issues.row]
        np.testing.assert_array_equal(issues.suggested, suggested)
        self.assertEqual(len(issues.columns()["id"]), 80)


class Refusals(unittest.TestCase):
    def refused(self, words, *arguments, **options):
        with self.assertRaisesRegex(ValueError, words):
            pdepth.measure(*arguments, **{"k": 3, "device": "cpu", **options})

    def test_the_order_of_classes_is_told_or_asked_for(self):
        y = np.arange(24) % 12
        x, names = np.eye(12)[y], y.astype(str)
        self.refused(r"y: .*other order as texts.*classes=", {"a": x}, names, 9.0 * x)
        order = sorted(set(names))
        logits = 9.0 * np.eye(12)[[order.index(name) for name in names]]
        m = pdepth.measure({"a": x}, names, logits, k=1, classes=order)
        self.assertEqual((m.classes, m.probe_accuracy[0]), (order, 1.0))
        m = pdepth.measure({"a": x}, [f"class {name}" for name in names], logits, k=1)
        self.assertEqual(m.probe_accuracy[0], 1.0, "texts in the order of the alphabet")
        self.refused(r"predictions: they are numbers, and the labels texts", {"a": x}, names, y)

    def test_what_is_no_choice_is_refused(self):
        y = np.arange(20) % 2
        layers = {"a": y[:, None] + 0.1}
        for name, value in [
            ("include_self", "no"), ("representations", 1), ("classes", "ab"), ("ids", "x" * 20), ("title", 3),
            ("ids", [None] * 20), ("progress", 5), ("held_out", [1]), ("held_out", {3: None}),
        ]:
            self.refused(name, layers, y, y, **{name: value})
        for predictions in (None, y[:, None]):
            self.refused("predictions", layers, y, predictions)
        for other in (None, 3):
            self.refused("layers", other, y, y)

    def test_errors_name_argument_place_and_remedy(self):
        layers, y, logits = oracle.network(20)
        wrong = {n: v.copy() for n, v in layers.items()}
        wrong["hidden"][7, 2] = np.nan
        test = lambda **other: {"test": pdepth.Split(**{"layers": layers, "y": y, "predictions": y, **other})}
        self.refused(r"layer `hidden` of the split train, \[7, 2\]: it is NaN", wrong, y, y)
        self.refused(r"layer `hidden` of the split test, \[7, 2\]", layers, y, y, held_out=test(layers=wrong))
        self.refused(r"predictions: it has 19 entries, but y has 20", layers, y, y[:-1])
        self.refused(r"held_out\['test'\]\.predictions: it has 19", layers, y, y, held_out=test(predictions=y[1:]))
        self.refused(r"layer `input` of the split train is \[20, 6\]|20, 6", layers, y[:10], y[:10])
        self.refused(r"y\[3\]: it is nan", layers, np.where(np.arange(20) == 3, np.nan, y), y)
        self.refused(r"y\[2\]: it is None", layers, ["a", "b", None] + ["a"] * 17, y)
        self.refused(r"held_out\[.test.\]\.y\[0\]: .*no training example has the class", layers, y, y,
                     held_out=test(y=np.r_[3, y[1:]]), classes=list("abcd"))
        self.refused(r"predictions\[0\].*classes", layers, y, np.r_[9, y[1:]])
        self.refused(r"k = 0", layers, y, y, k=0)
        self.refused(r"k = 20, but .* choose k from 1 to 19", layers, y, y, k=20)
        self.refused(r"ties = \"x\": choose \"lowest\" or \"nearest\"", layers, y, y, ties="x")
        self.refused(r"metric = ", layers, y, y, metric="l2")
        self.refused(r"device = ", layers, y, y, device="tpu")
        self.refused(r"memory = 'much'", layers, y, y, memory="much")
        self.refused(r"pool = ", layers, y, y, pool="max")
        self.refused(r"channels", {"a": np.zeros((20, 4, 4, 4))}, y, y, pool="average:8")
        self.refused(r"layers\['a'\]: its type is complex", {"a": layers["input"] * 1j}, y, y)
        self.refused(r"layers\['a'\]: it is a masked array", {"a": np.ma.array(layers["input"])}, y, y)
        self.refused(r"list of layers is empty", {}, y, y)
        self.refused(r"two layers `a`", [("a", layers["input"])] * 2, y, y)
        self.refused(r"held_out\['test'\]\.layers: it ends after 1 layers", layers, y, y,
                     held_out=test(layers={"input": layers["input"]}))
        self.refused(r"held_out\['test'\]\.layers: layer 0 is 'x'", layers, y, y,
                     held_out=test(layers={"x": layers["input"]}))
        self.refused(r"give Split", layers, y, y, held_out={"test": (layers, y, y)})
        self.refused(r"name of the training split", layers, y, y, held_out={"train": pdepth.Split(layers, y, y)})

    def test_labels_are_numbers_or_texts(self):
        layers, y, logits = oracle.network(30)
        numbers = pdepth.measure(layers, y, y, k=3, device="cpu")
        names = np.array(["cat", "dog", "eel"])
        for labels in (names[y], names[y].tolist(), names[y].astype(object)):
            m = pdepth.measure(layers, labels, labels, k=3, device="cpu")
            self.assertEqual(m.classes, ["cat", "dog", "eel"])
            np.testing.assert_array_equal(m.depth, numbers.depth)
        for labels in (y.astype(np.uint8), y.astype(float), y.tolist()):
            m = pdepth.measure(layers, labels, labels, k=3, device="cpu")
            np.testing.assert_array_equal(m.depth, numbers.depth)
        own = pdepth.measure(layers, y, y, k=3, classes=["z", "y", "x"], device="cpu")
        self.assertEqual(own.classes, ["z", "y", "x"])


if __name__ == "__main__":
    unittest.main()
