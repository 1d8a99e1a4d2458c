"""Libraries that are not required: pandas, polars, tqdm. Runs in a venv that has them."""

import contextlib
import io
import unittest

import numpy as np
import pandas
import polars

import prediction_depth as pdepth


def examples():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 40)
    return {"a": rng.normal(size=(40, 3)), "b": np.eye(3)[y] + 0.1 * rng.normal(size=(40, 3))}, y


class Tables(unittest.TestCase):
    def test_categories_keep_their_order(self):
        layers, y = examples()
        names = np.array(["low", "high", "between"])[y]
        labels = pandas.Categorical(names, ["low", "between", "high"])
        for given in (labels, pandas.Series(labels)):
            m = pdepth.measure(layers, given, given, k=3)
            self.assertEqual(m.classes, ["low", "between", "high"])
            np.testing.assert_array_equal(m.labels, labels.codes)
        m = pdepth.measure(layers, pandas.Series(names), polars.Series(names), k=3)
        self.assertEqual(m.classes, ["between", "high", "low"])
        with self.assertRaisesRegex(ValueError, r"y\[0\]: it is None"):
            pdepth.measure(layers, pandas.Categorical([None, *names[1:]]), names, k=3)

    def test_tables(self):
        layers, y = examples()
        m = pdepth.measure(layers, y, y, k=3, held_out={"test": pdepth.Split(layers, y, y)})
        frame, other = m.to_pandas(), m.to_polars()
        self.assertEqual(frame.shape, other.shape)
        self.assertEqual(list(frame.columns), other.columns)
        self.assertEqual(frame[frame.split == "test"].depth.tolist(), m["test"].depth.tolist())
        self.assertEqual(other["depth"].to_list(), frame.depth.tolist())
        self.assertTrue(frame.output_margin.isna().all())
        issues = pdepth.label_issues(m)
        self.assertEqual(issues.to_pandas().score.tolist(), issues.to_polars()["score"].to_list())

    def test_a_bar_if_there_is_tqdm(self):
        layers, y = examples()
        shown = io.StringIO()
        with contextlib.redirect_stderr(shown):
            pdepth.measure(layers, y, y, k=3, progress=True)
        self.assertIn("measuring: 100%", shown.getvalue())


if __name__ == "__main__":
    unittest.main()
