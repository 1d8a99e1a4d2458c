"""What a long computation shows of its progress."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Progress = bool | Callable[[int, "int | None"], object] | None


class Reports(AbstractContextManager["Reports"]):
    """Passes progress on: to a function of the user's, to tqdm, or to nobody.

    ``total`` is ``None`` while nobody knows how many layers will come.
    """

    def __init__(self, progress: Progress, what: str, total: int | None = None) -> None:
        self.total = total
        self.before = 0
        self.function: Callable[[int, int | None], object] | None = None
        self.bar: Any = None
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            raise ValueError(f"progress = {progress!r}: give True, False or a function of two numbers")
        if callable(progress):
            self.function = progress
        elif progress:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self.bar = tqdm(total=total, desc=what, unit="probe", leave=False)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.refresh()  # a bar of a short computation would never show its end
            self.bar.close()

    def part(self) -> Callable[[int, int], None] | None:
        """Returns what the next part calls with what it has done and what it has to do."""
        if self.function is None and self.bar is None:
            return None
        start = self.before

        def step(done: int, part: int) -> None:
            self.before = start + part
            total = self.total if self.total is not None else None
            if self.function is not None:
                self.function(start + done, total)
            if self.bar is not None:
                self.bar.update(start + done - self.bar.n)

        return step


