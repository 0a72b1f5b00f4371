"""`tinygrad-edu draw`: the graph of an expression, with values and gradients."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ..core import Graph, Value
from ..inspect import draw as drawn
from ..inspect.pictures.picture import ALL, SHOW
from .graphs import Output, Values, computed, plain, show, values_of, write

__all__ = ["draw"]


def draw(
    expression: Annotated[str, typer.Argument(help='NumPy, as in "tanh(w*x + b)", or "z = w*x; tanh(z)".')],
    values: Values = None,
    output: Output = None,
    formulas: Annotated[bool, typer.Option("--formulas", help="Also the local derivatives, on the arrows.")] = False,
    direction: Annotated[str, typer.Option(help="LR from left to right, TB from top to bottom.")] = "LR",
    limit: Annotated[int, typer.Option(help="The most boxes; above it what is alike is folded.")] = 60,
    precision: Annotated[int, typer.Option(help="Significant digits.")] = 4,
    engine: Annotated[str, typer.Option(help="Who draws: auto, dot, graphviz-pure, builtin.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Every value and gradient as one JSON line.")] = False,
) -> None:
    """Draw the graph of an expression: a tree in the terminal, or a picture, a page or data in a file.

    The expression is read, not run as a program. Put one that begins with a minus in brackets: "(-x)".

    [bold]Examples[/bold]

    tinygrad-edu draw "tanh(w*x + b)" w=2 x=1 b=-3

    tinygrad-edu draw "z = W @ x + b; sum(relu(z))" W=[[1,2],[3,4]] x=[1,-1] b=[0,1] -o net.svg

    tinygrad-edu draw "exp(x)/x" x=3 --formulas -o page.html
    """
    value = computed(expression, values_of(values))
    shows = ALL if formulas else SHOW
    drawing = drawn(value, direction=direction, show=shows, limit=limit, precision=precision, engine=engine)
    if output is not None:
        write(output, value, drawing)
    if as_json:
        print(json.dumps(_document(expression, value)))
    elif output is None:
        show(drawing.tree())
        if value.size != 1:
            print(f"The result has shape {value.shape}; a gradient is of one number: add its entries up, sum(...).")
    else:
        print(output)


def _document(expression: str, value: Value) -> dict[str, Any]:
    graph = Graph(value)
    number = {v: i for i, v in enumerate(graph)}
    nodes = [
        {"op": v.op.name if v.op else None, "label": v.label, "data": plain(v.data), "gradient": plain(v.grad),
         "arguments": [{"node": number[a]} if type(a) is Value else plain(a) for a in v.args]}
        for v in graph
    ]  # fmt: skip
    gradients = {v.label: plain(v.grad) for v in graph.leaves if v.label}
    return {"expression": expression, "value": plain(value.data), "gradients": gradients, "nodes": nodes}
