"""Who turns the picture into SVG, PNG or PDF: Graphviz where there is one, this package otherwise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig

from ...errors import GraphError, MissingExtra, OptionError
from .dot import dot_source
from .picture import Picture
from .printed import printed
from .svg import svg_source

__all__ = ["ENGINES", "FORMATS", "rendered"]

ENGINES = ("auto", "dot", "graphviz-pure", "builtin")
FORMATS = ("svg", "png", "pdf")
SLOW = 2_000  # Graphviz takes seconds for so many nodes, and a minute for five times as many
MANY = 150  # arrows; more of them between frames are a tangle
SECONDS = 60
INSTALL = {"dot": "install Graphviz (https://graphviz.org/download)", "graphviz-pure": "pip install 'tinygrad-edu[graph]'"}


def rendered(drawn: Picture, engine: str, form: str) -> bytes:
    """A picture as a file of the format `form`.

    "auto" tries `dot`, then `graphviz-pure` (which has no PDF), then "builtin" (which needs matplotlib for PNG and PDF). Of a
    crowded picture it tries "builtin" first: Graphviz takes long for more than 2,000 nodes, and does not bundle the arrows
    between modules. With frames, formulas or notes it tries `graphviz-pure` last, which puts frames down like stairs and cuts
    off wide texts.

    Raises:
        MissingExtra: the engine is not installed, or nothing that makes this format is.
        GraphError: a Graphviz that was asked for by name failed, or could not be replaced.
        OptionError: PDF of `graphviz-pure`.
    """
    if engine != "auto":
        return _by(engine, drawn, form)
    failed: list[Exception] = []
    for name in _order(drawn, form):
        try:
            return _by(name, drawn, form)
        except (GraphError, MissingExtra) as error:
            failed.append(error)
    raise next((e for e in failed if isinstance(e, GraphError)), _nothing(form)) from None


def _order(drawn: Picture, form: str) -> list[str]:
    framed = any(node.cluster for node in drawn.nodes)
    crowded = len(drawn.nodes) > SLOW or (framed and len(drawn.edges) > MANY)
    hard = framed or bool(drawn.notes) or any(edge.formula for edge in drawn.edges)
    rank = {"builtin": 0 if crowded else 2, "dot": 1, "graphviz-pure": 3 if hard else 1}
    return sorted((name for name in rank if (name, form) != ("graphviz-pure", "pdf")), key=rank.__getitem__)


def _by(engine: str, drawn: Picture, form: str) -> bytes:
    """The picture by one engine."""
    if engine == "builtin":
        return _builtin(drawn, form)
    if (engine, form) == ("graphviz-pure", "pdf"):
        raise OptionError("graphviz-pure makes no PDF; draw with engine='auto', 'dot' or 'builtin'")
    program = found(engine)
    if not program:
        raise MissingExtra(f"the engine {engine!r} is not installed: {INSTALL[engine]}, or draw with engine='builtin'")
    return _run(program, engine, drawn, form)


def found(name: str) -> str | None:
    """The program of that name on the PATH, or where pip puts programs."""
    return shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))


def _builtin(drawn: Picture, form: str) -> bytes:
    svg = svg_source(drawn)
    if form == "svg":
        return svg.encode()
    try:
        return printed(svg, form)
    except MissingExtra:
        raise _nothing(form) from None


def _nothing(form: str) -> MissingExtra:
    pure = f"{INSTALL['graphviz-pure']}, " if form == "png" else ""
    return MissingExtra(f"{form.upper()} needs Graphviz or matplotlib: {pure}pip install 'tinygrad-edu[train]', or "
                        f"{INSTALL['dot']}. SVG needs nothing: render to a file that ends in .svg")  # fmt: skip


def _run(program: str, name: str, drawn: Picture, form: str) -> bytes:
    flags = subprocess.CREATE_NO_WINDOW if os.name == "nt" else 0  # type: ignore[attr-defined,unused-ignore]
    try:
        done = subprocess.run(
            [program, f"-T{form}"], input=dot_source(drawn).encode(), capture_output=True, timeout=SECONDS, creationflags=flags
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GraphError(f"{name} did not draw the graph: {error}. Draw with engine='builtin' or a smaller limit=") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise GraphError(f"{name} could not draw the graph (exit {done.returncode}): {said}. Draw with engine='builtin'")
    return _embeddable(done.stdout.decode()).encode() if form == "svg" else done.stdout


def _embeddable(svg: str) -> str:
    """Graphviz's SVG as a notebook wants it: no prologue, no ids, as wide as there is room for, sizes in px."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'<(g|a) id="[^"]*"', r"<\1", svg)
    size = r'\1px" height="\2px" style="max-width:100%;height:auto"'
    return re.sub(r'(<svg[^>]*? width="[\d.]+)pt" height="([\d.]+)pt"', size, svg, count=1)
