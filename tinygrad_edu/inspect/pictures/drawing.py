"""`draw(value)`: the graph of a value as a picture."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core import Graph, Value
from ...data.atomic import write_atomic
from ...errors import DTypeError, OptionError
from ..chain_rule.explanation import given
from ..graphs.data import GraphData
from ..graphs.naming import variables_of
from ..graphs.restored import restored
from ..graphs.snapshot import snapshot
from .dot import dot_source
from .engines import ENGINES, FORMATS, rendered
from .listing import listing
from .picture import ALL, Picture, picture
from .sizes import direction_of
from .tree import Tree

__all__ = ["Drawing", "checked", "draw", "ending", "graph"]

ENDINGS = (*FORMATS, "dot", "html", "json")
PACKAGE = str(Path(__file__).parents[2])


class Drawing:
    """A picture of a graph as it was when it was drawn. Jupyter shows it; `print` writes it as a list of calls.

    Made by `draw`.

    Attributes:
        engine: what makes the picture.
        data: the graph as it was when it was drawn, all of it, as plain data.
        values: what was drawn; none of a graph that was read from JSON.
    """

    def __init__(self, drawn: Picture, engine: str, data: GraphData, values: tuple[Value, ...] = ()) -> None:
        self.engine, self.data, self.values = engine, data, values
        self._picture = drawn
        if drawn.direction == "auto":
            drawn.direction = direction_of(drawn)
        self._svg = ""

    @property
    def dot(self) -> str:
        """The source in DOT, the language of Graphviz."""
        return dot_source(self._picture)

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        if not self._svg:
            self._svg = rendered(self._picture, self.engine, "svg").decode()
        return self._svg

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said below the picture: what was folded, and whether gradients are missing."""
        return tuple(self._picture.notes)

    def diff(self, other: Any, **options: Any) -> Any:
        """What differs between this graph, as it was drawn, and another: see `inspect.diff`."""
        from .difference import diff

        return diff(self, other, **options)

    def tree(self) -> Tree:
        """The picture as a tree for terminals: results above their arguments, what was shown once is only named again.

        `print` writes it as text, `rich.print` with colours.

        >>> x = Value(3.0, label="x")
        >>> y = x * x
        >>> print(draw(y, show=("label", "data")).tree())
        y = multiply(x, x)   data 9
        ├── x   data 3
        └── x ↑
        """
        return Tree(self._picture)

    def render(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, as SVG, PNG, PDF or DOT by its ending; it is the old one or the new one, never half.

        `.html` is `to_html`, and `.json` is `to_json`.

        Returns:
            The path.

        Raises:
            OptionError: the path ends in none of `.svg`, `.png`, `.pdf`, `.dot`, `.gv`, `.html` and `.json`.
            MissingExtra: nothing that makes this format is installed; the message says what to install.
            OSError: the folder is missing or cannot be written to.
        """
        path = Path(path)
        form = ending(path)
        if form == "html":
            return self.to_html(path)
        write_atomic(path, self._file(form))
        return path

    def _file(self, form: str) -> bytes:
        if form in ("dot", "json"):
            return (self.dot if form == "dot" else self.to_json()).encode()
        return self.svg.encode() if form == "svg" else rendered(self._picture, self.engine, form)

    def to_html(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write the explorer of the graph, as it is now, to one HTML file: see `inspect.explorer.to_html`."""
        from ..explorer.page import to_html

        return to_html(self._now(), path, **options)

    def show(self, **options: Any) -> Path:
        """Open the explorer of the graph, as it is now, in the browser: see `inspect.explorer.page.show`."""
        from ..explorer.page import show

        return show(self._now(), **options)

    def to_json(self) -> str:
        """The graph, as it is now, as versioned JSON: see `inspect.graphs.data`."""
        return str(self._now().to_json())

    def widget(self, **options: Any) -> Any:
        """The explorer of the graph, as it is now, for a notebook: see `inspect.explorer.widget.explorer`."""
        from ..explorer.widget import explorer

        return explorer(self._now(), **options)

    def _now(self) -> Graph | GraphData:
        return Graph(*self.values) if self.values else self.data

    def __str__(self) -> str:
        return listing(self._picture)

    def __repr__(self) -> str:
        return f"<Drawing of {len(self._picture.nodes)} nodes and {len(self._picture.edges)} edges>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": str(self.tree()), "image/svg+xml": self.svg}
        return {k: v for k, v in bundle.items() if (not include or k in include) and (not exclude or k not in exclude)}


def ending(path: Path) -> str:
    """What a file of that name holds; `.gv` is DOT, too.

    Raises:
        OptionError: nothing that a graph is written as.
    """
    form = path.suffix.lower().removeprefix(".").replace("gv", "dot")
    if form not in ENDINGS:
        every = ", ".join(f".{form}" for form in ENDINGS)
        raise OptionError(f"a graph is written as {every}, by the end of the name; got {path.name!r}")
    return form


def draw(
    *values: Value | GraphData,
    direction: str = "auto",
    show: tuple[str, ...] | None = None,
    depth: int | None = None,
    limit: int = 60,
    precision: int = 4,
    engine: str = "auto",
    names: Mapping[str, Value] | None = None,
) -> Drawing:
    """The graph that one value, or several, came from, as a picture.

    Every value is a box with its label, shape, data and gradient; every call an ellipse between its arguments and its
    result; modules are frames. What is wrong is told by a word, a shape and a colour: NOT FINITE in an octagon, a DEAD relu in
    a box with its corners cut, a SATURATED squashing function in a hexagon.

    Args:
        *values: what to draw, with everything that it was made from; or the one graph that `Graph.from_json` read.
        direction: "LR", from left to right, "TB", from top to bottom, or "auto": LR, but TB for what would be too wide to read.
        show: what to tell, of "label", "shape", "data", "grad" in the boxes, and "formula": on each arrow into a call the local
            derivative, `w = -3`, or between arrays how a gradient `g` comes back, `g * w`. None leaves out shapes where all
            values are single numbers, and formulas but where these are few, at most 30.
        depth: how many levels of modules inside modules are open; None opens as many as fit.
        limit: the most values and folded boxes to show, 8 or more. Above it modules are closed, then calls that are
            alike or in a row are folded into one box, and a note in the picture says so.
        precision: significant digits.
        engine: "dot" (Graphviz), "graphviz-pure" (the same by pip, without PDF), "builtin" (this package; PNG and PDF
            need matplotlib), or "auto": the first of them that is installed, but "builtin" for a crowded picture.
        names: what to call the values that have no label; if not said, as the caller's variables are called.

    Raises:
        OptionError: an option outside of these.
        DTypeError: an argument, or one of `names`, that is not a Value.

    >>> from tinygrad_edu import Value
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.backward()
    >>> print(draw(y, precision=2))
    x                     data 3  grad 6
    y = multiply(x, x)    data 9  grad 1
    """
    options = {"direction": direction, "show": show, "depth": depth, "limit": limit, "precision": precision}
    data, shown, known = _read(values)
    how = checked(shown, {**options, "engine": engine})
    called = variables_of(_caller()) if names is None else given(names)
    drawn = picture(shown, known=known, names=called, **{name: how[name] for name in options})
    return Drawing(drawn, engine, data) if data else Drawing(drawn, engine, snapshot(Graph(*shown)), shown)


graph = draw


def _caller() -> Any:
    """The frame outside of this package that the picture was asked for in."""
    frame: Any = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return frame


def _read(values: tuple[Any, ...]) -> tuple[GraphData | None, tuple[Any, ...], Any]:
    """A graph that is given as data, as values and their local derivatives."""
    if len(values) == 1 and isinstance(values[0], GraphData):
        return values[0], *restored(values[0])
    return None, values, None


OPTIONS = {"direction": "auto", "show": None, "depth": None, "limit": 60, "precision": 4, "engine": "auto"}
_CHOICES = {"direction": ("auto", "LR", "TB"), "engine": ENGINES}
_LEAST = {"limit": 8, "precision": 1, "depth": 0}


def checked(values: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """The options of `draw`, all but the names, once they are known to be in order; `show` in the order of the rows."""
    for v in values or (None,):
        if type(v) is not Value:
            raise DTypeError(f"draw() shows the graph of a Value; got {'nothing' if v is None else type(v).__name__}")
    if unknown := options.keys() - OPTIONS.keys():
        raise OptionError(f"draw() has no option {min(unknown)!r}; it has {', '.join(OPTIONS)}")
    how = {**OPTIONS, **options}
    for name, allowed in _CHOICES.items():
        if how[name] not in allowed:
            raise OptionError(f"{name} is one of {', '.join(map(repr, allowed))}; got {how[name]!r}")
    show = how["show"]
    if isinstance(show, str) or not set(show or ()) <= set(ALL):
        raise OptionError(f"show is a tuple of names among {', '.join(map(repr, ALL))}; got {show!r}")
    for name, least in _LEAST.items():
        if not (name == "depth" and how[name] is None) and (type(how[name]) is not int or how[name] < least):
            raise OptionError(f"{name} is a whole number, at least {least}; got {how[name]!r}")
    return {**how, "show": show and tuple(s for s in ALL if s in show)}
