"""The environment of the benchmarks: a cached venv with their requirements, and the program under test."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def cache():
    """Returns the folder for build products and downloads, the same as that of tests/run."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("PDEPTH_CACHE") or pathlib.Path(home) / "prediction-depth").resolve()


# What keeps the peers' libraries from instructions beyond AVX2. They read it when they are loaded.
ONLY_AVX2 = {
    "FAISS_SIMD_LEVEL": "AVX2",
    "FAISS_OPT_LEVEL": "avx2",  # before FAISS 1.15
    "OPENBLAS_CORETYPE": "Haswell",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
}

# OpenBLAS takes kernels of old processors on those that are newer than itself: FAISS's on Zen 5 takes SSE.
AVX512_BLAS = {"OPENBLAS_CORETYPE": "SkylakeX"}


def processor():
    """Returns the processor's features, as Linux names them; none on other systems."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    return set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()


def enter(threads, requirements="requirements.txt", only_avx2=False):
    """Restarts the script in a venv with these requirements, with `threads` threads for every library. Creates it if needed."""
    requirements = HERE / requirements
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache() / f"bench-venv-{digest}"
    if pathlib.Path(sys.prefix) == folder:
        return
    complete = folder / "complete"
    if not complete.exists():
        what = "minutes, and gigabytes: PyPI's torch comes with CUDA" if "torch" in requirements.read_text() else "a minute"
        print(f"making {folder} ({what})", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", "-r", requirements], check=True, stdout=sys.stderr)
        complete.touch()
    variables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
    # Passive waiting: threads that spin after their work slow down the next contestant, and FAISS is faster this way
    # beside other programs.
    settings = {**dict.fromkeys(variables, str(threads)), "OMP_WAIT_POLICY": "passive", "PYTHONDONTWRITEBYTECODE": "1"}
    if only_avx2:
        settings |= ONLY_AVX2
    elif "avx512f" in processor():
        settings |= AVX512_BLAS
    python = folder / "bin" / "python"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    os.execve(python, [python, *sys.argv], {**inherited, **settings})


def pdepth():
    """Returns the program that PDEPTH names, or builds and returns the release build."""
    if named := os.environ.get("PDEPTH"):
        return named
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or cache() / "target")
    command = ["cargo", "build", "--workspace", "--bins", "--release", "--locked", "--quiet"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr, env={**os.environ, "CARGO_TARGET_DIR": str(target)})
    return str(target / "release" / "pdepth")


def install(wheel=None):
    """Installs the Python package into this venv; builds it, if no wheel is given."""
    target = os.environ.get("CARGO_TARGET_DIR") or cache() / "target"
    what = wheel.resolve() if wheel else ROOT / "native" / "python"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", what]
    subprocess.run(command, check=True, stdout=sys.stderr, env={**os.environ, "CARGO_TARGET_DIR": str(target)})


class EachLine:
    """A process that keeps its data in memory, runs once for each line, and says how long that took."""

    def __init__(self, *command, **options):
        self.name = " ".join(map(str, command[:2]))
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
        )

    def ask(self):
        """Returns what the process says of one timed run."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}")
        return json.loads(line)

    def run(self):
        """Returns the milliseconds of one timed run."""
        return self.ask()["ms"]

    def processor_ms(self):
        """Returns the milliseconds that all threads of the process have computed, as Linux keeps them."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        """Ends the process, which then writes its results."""
        self.process.stdin.close()
        if status := self.process.wait():
            raise RuntimeError(f"{self.name} ended with {status}")


class Ours(EachLine):
    """`pdepth bench` in its own process."""

    def __init__(self, program, *arguments):
        super().__init__(program, "bench", *arguments, "--each-line")
