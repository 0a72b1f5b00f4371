"""`tinygrad-edu draw`: the graph of an expression, with values and gradients."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ..core import Graph, Value
from ..inspect import draw as drawn
from ..inspect.pictures.picture import ALL
from .graphs import (
    Direction,
    Engine,
    Expr,
    Formulas,
    Limit,
    Output,
    Precision,
    Values,
    computed,
    plain,
    show,
    source,
    values_of,
    write,
)

__all__ = ["draw"]


def draw(
    expression: Expr,
    values: Values = None,
    output: Output = None,
    formulas: Formulas = False,
    direction: Direction = "auto",
    limit: Limit = 60,
    precision: Precision = 4,
    engine: Engine = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Every value and gradient as one JSON line.")] = False,
) -> None:
    """Draw the graph of an expression: a tree in the terminal, or a picture, a page or data in a file.

    The expression is read, not run as a program. Put one that begins with a minus in brackets: "(-x)".

    [bold]Examples[/bold]

    tinygrad-edu draw "tanh(w*x + b)" w=2 x=1 b=-3

    tinygrad-edu draw "z = W @ x + b; sum(relu(z))" W=[[1,2],[3,4]] x=[1,-1] b=[0,1] -o net.svg

    tinygrad-edu draw "exp(x)/x" x=3 --formulas -o page.html
    """
    expression = source(expression)
    value = computed(expression, values_of(values))
    shows = ALL if formulas else None
    drawing = drawn(value, direction=direction, show=shows, limit=limit, precision=precision, engine=engine)
    if output is not None:
        write(output, drawing)
    if as_json:
        print(json.dumps(_document(expression.strip(), value)))
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
