"""What is taken as an array, and what is kept alive."""

import gc
import unittest
import weakref

import numpy as np
import torch

import oracle
import prediction_depth as pdepth
from prediction_depth._arrays import bytes_of, float32_of


class Tracked(np.ndarray):
    """An array that can be counted."""


class DlpackOnly:
    """An array of a library that knows DLPack and nothing else, as JAX's do, too."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **_):
        return self.array.__dlpack__()

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Arrays(unittest.TestCase):
    def test_float32_is_borrowed_and_everything_else_converted(self):
        own = np.arange(12, dtype=np.float32).reshape(3, 4)
        self.assertIs(float32_of(own, "x"), own)
        tensor = torch.from_numpy(own)
        self.assertTrue(np.shares_memory(float32_of(tensor, "x"), own))
        self.assertTrue(np.shares_memory(float32_of(DlpackOnly(own), "x"), own))
        for other in [
            own.astype(np.float64), own.astype(np.float16), own.astype(np.int16), own.astype(">f4"), np.asfortranarray(own),
            own[:, ::-1][:, ::-1], np.repeat(own, 2, 1)[:, ::2], own.tolist(), tensor.double(), tensor.half(),
            tensor.bfloat16(), tensor.clone().requires_grad_(), DlpackOnly(own.astype(np.float64)),
        ]:
            taken = float32_of(other, "x")
            self.assertTrue(taken.flags.c_contiguous and taken.dtype == np.float32)
            np.testing.assert_array_equal(taken, own)

    def test_libraries_give_equal_depths(self):
        layers, y, logits = oracle.network(40)
        expected = pdepth.measure(layers, y, logits, k=5, device="cpu")
        for convert in (torch.from_numpy, DlpackOnly, np.asfortranarray, lambda a: a.astype(np.float64)):
            m = pdepth.measure(
                {name: convert(values) for name, values in layers.items()},
                torch.from_numpy(y), torch.from_numpy(logits), k=5, device="cpu",
            )
            np.testing.assert_array_equal(m.probes, expected.probes)
            np.testing.assert_array_equal(m.output_margin, expected.output_margin)

    def test_one_layer_is_alive_at_a_time(self):
        layers, y, _ = oracle.network(40)
        alive = []

        def make(log, place):
            array = np.array(layers["input"] + place).view(Tracked)
            alive.append(1)
            weakref.finalize(array, alive.pop)
            log.append(len(alive))
            return array

        def walk(log):
            for place in range(6):
                yield f"layer{place}", make(log, place)

        seen, seen_t = [], []
        m = pdepth.measure(walk(seen), y, y, held_out={"test": pdepth.Split(walk(seen_t), y, y)}, k=3, device="cpu")
        gc.collect()
        self.assertEqual((len(m.layers), len(alive)), (6, 0))
        self.assertEqual((max(seen), max(seen_t)), (1, 2), "one layer, in each split")

    def test_sizes(self):
        for text, size in [("2GiB", 2 << 30), ("500MB", 500_000_000), ("1.5 KiB", 1536), (7, 7), ("12", 12)]:
            self.assertEqual(bytes_of(text, "memory"), size)
        for wrong in ("", "GiB", 0, -1, None, True):
            with self.assertRaisesRegex(ValueError, "memory = "):
                bytes_of(wrong, "memory")


if __name__ == "__main__":
    unittest.main()
