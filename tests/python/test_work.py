"""Long computations: progress, Ctrl-C, threads, fork, panics."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np
import torch

import oracle
import prediction_depth as pdepth
from prediction_depth import _core


def long_search(rows=200_000):
    """Searches far longer than any test waits: minutes."""
    x = np.random.default_rng(0).random((rows, 16), dtype=np.float32)
    pdepth.kneighbors(x, k=30, device="cpu")


class Silence(unittest.TestCase):
    def test_nothing_is_printed(self):
        # A driver of Mesa complains of the missing variable.
        code = "import numpy, prediction_depth; prediction_depth.kneighbors(numpy.eye(9), k=2)"
        environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))


class Interrupts(unittest.TestCase):
    def test_ctrl_c_stops_within_a_second(self):
        # The clock is the operating system's limit, not a measurement: without a stop the search takes minutes.
        code = (
            "import os, signal, threading, time, test_work\n"
            "sent = []\n"
            "def send():\n"
            "    sent.append(time.monotonic()); os.kill(os.getpid(), signal.SIGINT)\n"
            "threading.Timer(3, send).start()\n"
            "try: test_work.long_search()\n"
            "except KeyboardInterrupt: print('stopped', time.monotonic() - sent[0])\n"
        )
        here = os.path.dirname(os.path.abspath(__file__))
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=here)
        self.assertTrue(run.stdout.startswith("stopped"), run.stdout + run.stderr)
        self.assertLess(float(run.stdout.split()[1]), 5, "a second, on a machine that others use, too")

    def test_what_progress_raises_is_raised(self):
        def stop(done, total):
            raise LookupError("enough")

        x = np.random.default_rng(0).random((200_000, 16), dtype=np.float32)
        with self.assertRaisesRegex(LookupError, "enough"):
            pdepth.kneighbors(x, k=30, device="cpu", progress=stop)

    def test_a_panic_is_an_exception(self):
        with self.assertRaisesRegex(BaseException, "asked to panic") as raised:
            _core.panic()
        self.assertEqual(type(raised.exception).__name__, "PanicException")
        self.assertEqual(pdepth.settle([[0]], [0]).tolist(), [0], "the interpreter goes on")


class Progress(unittest.TestCase):
    def test_a_function_is_called_with_what_is_done(self):
        layers, y, _ = oracle.network(40)
        calls = []
        pdepth.measure(layers, y, y, k=3, device="cpu", progress=lambda *call: calls.append(call))
        self.assertEqual(calls[-1], (120, 120))
        self.assertEqual(calls, sorted(calls))
        calls.clear()
        pdepth.measure(iter(layers.items()), y, y, k=3, device="cpu", progress=lambda *call: calls.append(call))
        self.assertEqual(calls[-1], (120, None))

    def test_nothing_is_printed(self):
        code = "import numpy, prediction_depth as p; p.kneighbors(numpy.eye(9), k=2)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, ""))


class Threads(unittest.TestCase):
    def test_other_threads_run_meanwhile(self):
        ticks, done = [], threading.Event()

        def tick():
            while not done.is_set():
                ticks.append(1)
                time.sleep(0.001)

        other = threading.Thread(target=tick)
        other.start()
        x = np.random.default_rng(0).random((30_000, 64), dtype=np.float32)
        before = len(ticks)
        pdepth.kneighbors(x, k=30, device="cpu")
        during = len(ticks) - before
        done.set()
        other.join()
        self.assertGreater(during, 5, "the lock of Python is free")

    def test_two_threads_have_equal_results(self):
        layers, y, _ = oracle.network(60)
        expected = pdepth.measure(layers, y, y, k=5, device="cpu").probes
        found = []
        work = lambda: found.append(pdepth.measure(layers, y, y, k=5, device="cpu").probes)
        threads = [threading.Thread(target=work) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual(len(found), 4)
        for probes in found:
            np.testing.assert_array_equal(probes, expected)

    def test_after_fork_and_beside_torch(self):
        x = np.random.default_rng(0).random((500, 8), dtype=np.float32)
        torch.set_num_threads(2)
        torch.mm(torch.from_numpy(x), torch.from_numpy(x).T)
        expected = pdepth.kneighbors(x, k=5, device="cpu")[1]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for _, indices in pool.map_async(_search, [x, x]).get(timeout=60):
                np.testing.assert_array_equal(indices, expected)
        torch.mm(torch.from_numpy(x), torch.from_numpy(x).T)


    def test_a_fork_of_a_process_that_used_the_gpu(self):
        x = np.random.default_rng(0).random((200, 8), dtype=np.float32)
        expected = pdepth.kneighbors(x, k=5, device="gpu")[1]
        with multiprocessing.get_context("fork").Pool(1) as pool:
            np.testing.assert_array_equal(pool.apply_async(_search_auto, [x]).get(timeout=60), expected)
            with self.assertRaisesRegex(RuntimeError, "spawn"):
                pool.apply_async(_search_gpu, [x]).get(timeout=60)


def _search_auto(x):
    return pdepth.kneighbors(x, k=5)[1]


def _search_gpu(x):
    return pdepth.kneighbors(x, k=5, device="gpu")


def _search(x):
    return pdepth.kneighbors(x, k=5, device="cpu")


class Program(unittest.TestCase):
    CODE = "import sys; from prediction_depth._cli import main; sys.argv[0] = 'pdepth'; sys.exit(main())"

    def run_program(self, *words):
        return subprocess.run([sys.executable, "-c", self.CODE, *words], capture_output=True, text=True)

    def test_ctrl_c_is_the_programs(self):
        with tempfile.TemporaryDirectory() as folder:
            words = ["run", "--epochs", "100000", "--device", "cpu", "--out", "mine", "--quiet"]
            command = [sys.executable, "-c", self.CODE, *words]
            pipe = subprocess.PIPE
            with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder) as program:
                while not os.listdir(folder) and program.poll() is None:
                    time.sleep(0.1)
                program.send_signal(signal.SIGINT)
                out, err = program.communicate(timeout=120)
            self.assertEqual((program.returncode, out), (1, ""), err)
            self.assertRegex(err, r"^pdepth: stopped after step \d+ .*: pdepth run --epochs 100000 .* --resume\n$")

    def test_it_runs_and_has_exit_codes(self):
        run = self.run_program("--version")
        self.assertEqual((run.returncode, run.stderr, run.stdout.count("\n")), (0, "", 1))
        self.assertTrue(run.stdout.startswith("pdepth "), run.stdout)
        run = self.run_program("issues", "no such run")
        self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (1, "", 1))
        self.assertTrue(run.stderr.startswith("pdepth: no such run"), run.stderr)
        run = self.run_program("depth", "--k", "many")
        self.assertEqual(run.returncode, 2)
        self.assertIn("invalid value 'many' for '--k <N>'", run.stderr)


if __name__ == "__main__":
    unittest.main()
