"""The explorer as one HTML file, which needs no network, no server and nothing installed but a browser.

The file holds the script, the graph as JSON, and a Content-Security-Policy by which the browser lets it load nothing else. The
script is the bundle `static/explorer.js`, made of the TypeScript in `web/`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import time
import webbrowser
from functools import cache
from html import escape
from importlib.resources import files
from json import dumps
from pathlib import Path
from typing import Any

from ...core import Graph, Op, Value
from ...data.atomic import write_atomic
from ...errors import DTypeError, MissingExtra, NotDifferentiable, OptionError
from ..graphs.data import GraphData
from ..graphs.snapshot import described, snapshot
from ..reference.derivative import derivative
from ..reference.mathml import mathml

__all__ = ["THEMES", "bundle", "html", "read", "show", "to_html"]

THEMES = ("auto", "light", "dark")
LONGEST = 5.0  # seconds for formulas; ops whose turn comes later have those of their documentation
_STYLE = "html,body{margin:0;height:100%}"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{script_hash}'; style-src '{style_hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="explorer"></div>
<noscript>The explorer is a script; this browser runs none.</noscript>
<script type="application/json" id="graph">{graph}</script>
<script type="application/json" id="other">{other}</script>
<script type="application/json" id="options">{options}</script>
<script>{script}</script>
</body>
</html>
"""

Explorable = Graph | Value | GraphData


def to_html(graph: Explorable, path: str | os.PathLike[str], *, compare: Explorable | None = None, title: str | None = None,
            theme: str = "auto", show: bool = False) -> Path:  # fmt: skip
    """Write the explorer of a graph to one file.

    Args:
        graph: a graph, a value with everything that it was made from, or what `Graph.from_json` read.
        path: the file, `.html`; it is the old one or the new one, never half.
        compare: a second graph: the page tells what was added, removed and changed, and shows either.
        title: of the page; the name of the file if not said.
        theme: "light", "dark", or "auto" for what the reader's system has.
        show: open it in the browser.

    Returns:
        The path.

    Raises:
        OptionError: the path does not end in .html, or an unknown theme.
        OSError: the folder is missing or cannot be written to.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise OptionError(f"the explorer is written as .html; got {path.name!r}")
    write_atomic(path, html(graph, compare=compare, title=path.stem if title is None else title, theme=theme).encode())
    if show:
        open_page(path)
    return path


def show(graph: Explorable, *, compare: Explorable | None = None, title: str = "graph", theme: str = "auto") -> Path:
    """Open the explorer of a graph in the browser; the arguments are those of `to_html`.

    Returns:
        The file that was written for it, in a folder of its own among the system's temporary files. Where there is no
        browser, as on a server, a line says so, and the file is there to be opened elsewhere.
    """
    path = to_html(
        graph, Path(tempfile.mkdtemp(prefix="tinygrad-edu-"), "graph.html"), compare=compare, title=title, theme=theme
    )
    open_page(path)
    return path


def open_page(path: Path) -> None:
    """Open a page in the browser, or say that there is none."""
    if not webbrowser.open(path.resolve().as_uri()):
        print(f"there is no browser here; open {path} in one")


def html(graph: Explorable, *, compare: Explorable | None = None, title: str = "graph", theme: str = "auto") -> str:
    """The explorer of a graph as the text of an HTML file; the arguments are those of `to_html`."""
    if theme not in THEMES:
        raise OptionError(f"theme is one of {', '.join(map(repr, THEMES))}; got {theme!r}")
    script = bundle("explorer.js")
    return _PAGE.format(
        title=escape(title.encode("utf-8", "replace").decode()),
        style=_STYLE, style_hash=_hash(_STYLE), script=script, script_hash=_hash(script),
        graph=_inert(read(graph).to_json()), other="" if compare is None else _inert(read(compare).to_json()),
        options=_inert(dumps({"title": title, "theme": theme})),
    )  # fmt: skip


def read(graph: Explorable) -> GraphData:
    """A graph as data with its formulas, as the explorer shows it."""
    if isinstance(graph, GraphData):
        return graph
    if not isinstance(graph, Graph | Value):
        raise DTypeError(f"the explorer shows a Graph or a Value; got {type(graph).__name__}")
    end = time.monotonic() + LONGEST
    return snapshot(
        graph if isinstance(graph, Graph) else Graph(graph),
        lambda op: formulas(op) if time.monotonic() < end else described(op),
    )


@cache
def formulas(op: Op) -> dict[str, Any]:
    """The formula of an op and its derivatives, read off its rule: as text, LaTeX and MathML.

    Without SymPy, and where a rule cannot be read, the texts of the documentation.
    """
    try:
        page = derivative(op, prove=False)
    except (MissingExtra, NotDifferentiable):
        return described(op)
    partials = []
    for name, p in page.partials.items():
        latex = f"{p.left_latex} = {p.latex}" if p.latex else ""
        partials.append({"input": name, "left": p.left, "text": p.text, "latex": latex, "mathml": mathml(latex)})
    latex = f"y = {page.function_latex}" if page.function_latex else ""
    return {"text": page.function, "latex": latex, "mathml": mathml(latex), "partials": partials}


@cache
def bundle(name: str) -> str:
    """The text of a built bundle: `explorer.js`, or `explorer.mjs`, a module that exports `mount(element, data, options)`."""
    return files(__package__).joinpath("static", name).read_text(encoding="ascii")


def _inert(json: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
