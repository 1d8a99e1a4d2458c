"""``kneighbors``, ``kneighbors_graph``, ``settle``."""

import unittest

import numpy as np
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

import oracle
import prediction_depth as pdepth


class Neighbors(unittest.TestCase):
    def test_neighbors_are_those_of_plain_loops(self):
        rng = np.random.default_rng(0)
        for x, queries in [
            (rng.normal(size=(70, 5)), None),
            (rng.integers(0, 3, (70, 2)), None),
            (rng.integers(0, 3, (70, 2)).astype("f"), rng.integers(0, 3, (9, 2))),
            (rng.normal(size=(70, 3, 4)).astype("f"), rng.normal(size=(9, 3, 4))),
        ]:
            distances, indices = pdepth.kneighbors(x, queries, k=8, device="cpu")
            far, expected = oracle.neighbors(x, queries, 8)
            np.testing.assert_array_equal(indices, expected)
            np.testing.assert_allclose(distances, far, rtol=1e-12)
            self.assertEqual((distances.dtype, indices.dtype), (np.float64, np.int64))

    def test_neighbors_are_scikit_learns(self):
        rng = np.random.default_rng(1)
        x, queries = rng.normal(size=(90, 6)).astype("f"), rng.normal(size=(20, 6)).astype("f")
        own = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(x.astype("d"))
        for given, asked in [(None, None), (queries, queries.astype("d"))]:
            distances, indices = pdepth.kneighbors(x, given, k=5)
            far, expected = own.kneighbors(asked)
            np.testing.assert_array_equal(indices, expected)
            np.testing.assert_allclose(distances, far, rtol=1e-5)

    def test_the_graph_is_scikit_learns(self):
        x = np.random.default_rng(2).normal(size=(60, 4)).astype("f")
        graph = pdepth.kneighbors_graph(x, k=6)
        expected = kneighbors_graph(x.astype("d"), 6, mode="distance")
        self.assertLess(abs(graph - expected).max(), 1e-6)
        self.assertTrue((np.diff(graph.data.reshape(60, 6), axis=1) >= 0).all(), "sorted by distance")
        twice = pdepth.kneighbors_graph(np.repeat(x, 2, 0), k=3)
        self.assertEqual(twice.nnz, 360, "duplicates are stored zeros")
        self.assertTrue((twice.indices.reshape(120, 3) != np.arange(120)[:, None]).all(), "no row is its own neighbour")
        self.assertEqual(set(pdepth.kneighbors_graph(x, k=2, mode="connectivity").data), {1.0})

    def test_refusals(self):
        x = np.zeros((5, 2), np.float32)
        for words, arguments in [
            ("queries: a row has 3 values, but a row of x 2", (x, np.zeros((2, 3)))),
            ("k = 5, but each query has only 4 candidates", (x, None, 5)),
            (r"x: its shape is \[5\]; .*reshape", (x[:, 0], None, 1)),
            (r"x\[1, 0\]: it is NaN", (np.where(np.arange(5)[:, None] == 1, np.nan, x), None, 1)),
            (r"queries\[0, 1\]: it is inf", (x, [[0, np.inf]], 1)),
            ("k = 1.5", (x, None, 1.5)),
            ("x: ", ([[1, 2], [3]], None, 1)),
            ("x: its type is <U1", (np.array([["a"], ["b"]]), None, 1)),
        ]:
            with self.assertRaisesRegex(ValueError, words):
                pdepth.kneighbors(*arguments)


class Settles(unittest.TestCase):
    def test_depths_are_those_of_plain_loops(self):
        rng = np.random.default_rng(3)
        said, last = rng.integers(0, 3, (6, 50)), rng.integers(0, 3, 50)
        expected = oracle.depth(said, last)
        np.testing.assert_array_equal(pdepth.settle(said, last), expected)
        np.testing.assert_array_equal(pdepth.settle(said.tolist(), last.astype(np.uint8)), expected)
        names = np.array(["cat", "dog", "eel"])
        np.testing.assert_array_equal(pdepth.settle(names[said], names[last]), expected)
        logits = rng.normal(size=(6, 50, 4)).astype("f")
        final = rng.normal(size=(50, 4)).astype("f")
        expected = oracle.depth(logits.argmax(2), final.argmax(1))
        np.testing.assert_array_equal(pdepth.settle(logits, final), expected)

    def test_distances(self):
        from scipy.spatial.distance import jensenshannon

        rng = np.random.default_rng(4)
        layers, final = rng.dirichlet(np.ones(3), (4, 30)), rng.dirichlet(np.ones(3), 30)
        far = [[jensenshannon(layers[layer, row], final[row], 2) > 0.4 for row in range(30)] for layer in range(4)]
        expected = oracle.depth(far, np.zeros(30))
        np.testing.assert_array_equal(pdepth.settle(layers, final, until_distance=0.4), expected)

    def test_refusals(self):
        for words, arguments, options in [
            (r"layer_predictions: its shape is \[3\]", ([0, 1, 1], [0, 1, 1]), {}),
            ("final", ([[0, 1, 1]], [0, 1]), {}),
            ("until", ([[0, 1]], [0, 1]), {"until_distance": 2.0}),
        ]:
            with self.assertRaisesRegex(ValueError, words):
                pdepth.settle(*arguments, **options)


if __name__ == "__main__":
    unittest.main()
