"""The explorer in notebooks, by anywidget: JupyterLab, VS Code, Colab, marimo."""

from __future__ import annotations

from functools import cache
from typing import Any

from ...core import Graph, Value
from ...errors import MissingExtra, OptionError
from .page import THEMES, Explorable, bundle, read

__all__ = ["explorer"]


def explorer(graph: Explorable, *, compare: Explorable | None = None, height: int = 560, theme: str = "auto") -> Any:
    """The explorer of a graph as a widget; the last line of a cell shows it.

    Args:
        graph: a graph, a value with everything that it was made from, or what `Graph.from_json` read.
        compare: a second graph to compare with.
        height: in pixels.
        theme: "light", "dark", or "auto" for what the reader's system has.

    Returns:
        A widget. Its `selected` is the number of the node that the reader chose, -1 at first; writing it shows that node. Its
        `value` is that node's Value, None before a choice and for a graph that was read from JSON. `update(graph)` shows
        another graph in its place, as after a step of training: what is open and chosen stays, as far as that graph has it.

    Raises:
        MissingExtra: anywidget is not installed.
        OptionError: an option outside of these.
    """
    if theme not in THEMES:
        raise OptionError(f"theme is one of {', '.join(map(repr, THEMES))}; got {theme!r}")
    if type(height) is not int or height < 200:
        raise OptionError(f"height is a whole number of pixels, at least 200; got {height!r}")
    other = "" if compare is None else read(compare).to_json()
    widget = _widget()(other=other, height=height, theme=theme)
    widget.update(graph)
    return widget


@cache
def _widget() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingExtra(
            "the explorer in a notebook needs anywidget: pip install 'tinygrad-edu[notebook]'. "
            "Without it, value.graph().to_html('graph.html') writes a page"
        ) from error

    base: Any = anywidget.AnyWidget

    class Explorer(base):  # type: ignore[misc]  # anywidget's class is Any where it is not installed
        """A graph in a notebook."""

        _esm = bundle("explorer.mjs")
        graph = traitlets.Unicode("").tag(sync=True)
        other = traitlets.Unicode().tag(sync=True)
        theme = traitlets.Unicode("auto").tag(sync=True)
        height = traitlets.Int(560).tag(sync=True)
        selected = traitlets.Int(-1).tag(sync=True)
        values: Any = None
        count = 0

        def __repr__(self) -> str:
            return f"<the explorer of {self.count} values; it lives in a running notebook>"

        def update(self, graph: Explorable) -> None:
            """Show this graph from now on."""
            values = Graph(graph) if isinstance(graph, Value) else graph
            self.values = values.values if isinstance(values, Graph) else None
            self.count = len(values)
            self.selected = min(self.selected, self.count - 1)
            self.graph = read(values).to_json()

        @property
        def value(self) -> Any:
            """The Value that the reader chose."""
            return self.values[self.selected] if self.values is not None and self.selected >= 0 else None

    return Explorer
