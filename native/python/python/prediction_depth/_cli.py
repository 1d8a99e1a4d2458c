"""The console script ``pdepth``: the program of this package."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the program with the words of the command line; returns its exit code."""
    from . import _core

    return _core.run(sys.argv)
