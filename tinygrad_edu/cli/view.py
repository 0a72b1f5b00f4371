"""`tinygrad-edu view`: a graph that was saved, as a tree, a picture or a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..inspect import draw
from ..inspect.graphs.data import FLAGS, GraphData
from ..inspect.graphs.text import thousands
from ..inspect.pictures.picture import ALL
from .graphs import Direction, Engine, Formulas, Limit, Output, Precision, read, show, write

__all__ = ["view"]


def view(
    file: Annotated[
        Path, typer.Argument(help="What graph.to_json() or graph.to_html() wrote: .json, .html; - reads stdin.", metavar="FILE")
    ],
    output: Output = None,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser, as a page.")] = False,
    formulas: Formulas = False,
    depth: Annotated[
        int | None, typer.Option(help="How many levels of modules are open.", metavar="N", show_default="as many as fit")
    ] = None,
    direction: Direction = "auto",
    limit: Limit = 60,
    precision: Precision = 4,
    engine: Engine = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="What is in it, and what is wrong with it, as one JSON line.")
    ] = False,
) -> None:
    """View a saved graph: a tree in the terminal, a picture or a page in a file, or the explorer in the browser.

    [bold]Examples[/bold]

    tinygrad-edu view graph.json

    tinygrad-edu view graph.json -o graph.html

    tinygrad-edu view graph.json --open

    tinygrad-edu view - --json < graph.json
    """
    graph = read(file)
    if as_json:
        print(json.dumps({"file": str(file), **_facts(graph)}))
    shows = ALL if formulas else None
    drawing = draw(graph, show=shows, depth=depth, direction=direction, limit=limit, precision=precision, engine=engine)
    if output is not None:
        write(output, drawing)
        print(output)
    if open_:
        _open(file, graph)
    elif output is None and not as_json:
        show(drawing.tree())
        print(_summary(graph))


def _open(file: Path, graph: GraphData) -> None:
    """The page of a graph in the browser: the file itself, or one that is written for it."""
    from ..inspect.explorer import page

    if file.suffix.lower() in (".html", ".htm"):
        page.open_page(file)
    else:
        file = page.show(graph, title=file.stem)
    print(file)


def _facts(graph: GraphData) -> dict[str, Any]:
    ops, flags = graph.tables["ops"], graph.columns["flags"]
    counts = {op["name"]: int((graph.columns["op"] == i).sum()) for i, op in enumerate(ops)}
    wrong = {name: int((flags >> bit & 1).sum()) for bit, name in enumerate(FLAGS) if (flags >> bit & 1).any()}
    return {"nodes": len(graph), "leaves": int((graph.columns["op"] < 0).sum()), "calls": counts, "flags": wrong}


def _summary(graph: GraphData) -> str:
    facts = _facts(graph)
    wrong = ", ".join(f"{name}: {thousands(n)}" for name, n in facts["flags"].items())
    return f"{thousands(len(graph))} values{f'; {wrong}' if wrong else ''}"
