"""The page inside a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

#: The page in one file; only wheels have it.
PAGE = Path(__file__).with_name("page.html")

#: Runs in the notebook: puts the page into a frame, and passes on what is selected there.
ESM = """
export default {
  render({ model, el }) {
    const frame = document.createElement('iframe');
    frame.title = 'Prediction depth';
    frame.width = '100%';
    frame.height = model.get('height');
    frame.style.border = '0';
    frame.srcdoc = model.get('page');
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow || data?.source !== 'prediction-depth' || data.type !== 'selected') return;
      model.set('selected', data.detail);
      model.save_changes();
    };
    addEventListener('message', hear);
    el.append(frame);
    return () => removeEventListener('message', hear);
  },
};
"""


@dataclass(frozen=True)
class Selection:
    """What is selected on the page."""

    #: The name of the split.
    split: str
    #: Rows of the selected examples in this split, int64, ascending.
    rows: np.ndarray
    #: The row of the one example that the page shows; ``None`` if it shows none.
    example: int | None


class Frame:
    """The page in a frame, as HTML."""

    def __init__(self, page: str, height: int) -> None:
        self._page, self._height = page, height

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="Prediction depth" width="100%" height="{self._height}" style="border:0" '
            f'srcdoc="{escape(self._page)}"></iframe>'
        )

    def __repr__(self) -> str:
        return "<the page of prediction depth>"


def read_page(path: str | os.PathLike[str] | None) -> str:
    """Returns the page in one file: the package's, or another."""
    if path is not None:
        return Path(path).read_text(encoding="utf-8")
    if not PAGE.exists():
        raise FileNotFoundError(
            "this installation was built without the page: install a wheel of `tests/run --wheel DIR`, or give "
            "show(page=FILE), the page in one file that `pdepth export --page DIST` writes"
        )
    return PAGE.read_text(encoding="utf-8")


def display(page: str, height: int, live: bool | None, on_selected: Callable[[dict[str, Any]], None]) -> bool:
    """Shows the page in the notebook; returns whether ``on_selected`` will be called with each selection."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import display as show
    except ImportError:
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        raise RuntimeError("show() works in a notebook; elsewhere use save() and open the file on the page, or report()")
    widget = None if live is False else page_widget(page, height, on_selected)
    if live and widget is None:
        raise ImportError("show(live=True) needs the package anywidget: pip install anywidget")
    show(Frame(page, height) if widget is None else widget)
    return widget is not None


def page_widget(page: str, height: int, on_selected: Callable[[dict[str, Any]], None]) -> Any:
    """Returns the page as a widget; ``None`` without anywidget."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class Page(anywidget.AnyWidget):
        _esm = ESM
        page = traitlets.Unicode().tag(sync=True)
        height = traitlets.Int().tag(sync=True)
        selected = traitlets.Dict().tag(sync=True)

    widget = Page(page=page, height=height)
    widget.observe(lambda change: on_selected(change["new"]), "selected")
    return widget
