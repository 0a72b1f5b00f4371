"""`tinygrad-edu explain`: a gradient as the sum over the paths of the chain rule, or step by step."""

from __future__ import annotations

import ast
import json
from typing import Annotated, Any

import typer

from ..core import Graph, Value
from ..errors import OptionError
from ..inspect import explain as explained
from ..inspect import record
from .graphs import Expr, Precision, Values, computed, show, source, values_of

__all__ = ["explain"]


def explain(
    expression: Expr,
    values: Values = None,
    wrt: Annotated[
        list[str] | None,
        typer.Option(help="By which variable; can be said several times.", metavar="NAME", show_default="all"),
    ] = None,
    paths: Annotated[int, typer.Option(help="How many of the heaviest paths to write out.", metavar="N")] = 5,
    index: Annotated[str, typer.Option(help="Of an array, only the entry at this index: 0, or 1,2.", metavar="I")] = "",
    precision: Precision = 6,
    step: Annotated[bool, typer.Option("--step", help="Walk through the passes forward and back, by keys.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each variable.")] = False,
) -> None:
    """Explain the derivative of an expression: every path, its factors as formulas and numbers, and their sum.

    [bold]Examples[/bold]

    tinygrad-edu explain "tanh(w*x + b)" --wrt w w=2 x=1 b=-3

    tinygrad-edu explain "z = w*x; A = sigmoid(z); C = (A - 1)**2" --wrt w w=2 x=0.6

    tinygrad-edu explain "sum(relu(W @ x))" W=[[1,2],[3,4]] x=[1,-1] --wrt W --index 0,1

    tinygrad-edu explain "x*sin(x)" x=2 --step
    """
    value = computed(source(expression), values_of(values))
    if value.size != 1:
        raise OptionError(f"a gradient is of one number; the result has shape {value.shape}: add its entries up, sum(...)")
    if step:
        _step(value, precision, wrt, as_json)
        return
    for name, v in _chosen(value, wrt):
        told = explained(value, v, paths=paths, index=_index(index), precision=precision)
        if as_json:
            print(json.dumps({"wrt": name, **told.as_dict()}))
        else:
            show(told)
            print()


def _chosen(value: Value, wrt: list[str] | None) -> list[tuple[str, Value]]:
    variables = {v.label: v for v in Graph(value).leaves if v.label}
    if unknown := [name for name in wrt or [] if name not in variables]:
        raise OptionError(f"--wrt {unknown[0]}: the result was not made from it; its variables are {', '.join(variables)}")
    return [(name, variables[name]) for name in wrt or variables]


def _index(text: str) -> Any:
    if not text:
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        found = None
    if type(found) is int or (isinstance(found, tuple) and all(type(i) is int for i in found)):
        return found
    raise OptionError(f"--index is a whole number, or one for each axis with commas between, 1,2; got {text!r}")


def _step(value: Value, precision: int, wrt: list[str] | None, as_json: bool) -> None:
    if wrt or as_json:
        raise OptionError("--step walks through the whole graph; it goes with neither --wrt nor --json")
    record(value, precision=precision).play()
