"""What the commands about graphs share: expressions with values, graphs from files, files by their ending, colours."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ..core import Value
from ..errors import DataError, OptionError
from ..inspect import Difference, Drawing
from ..inspect.expressions.expression import Expression, array
from ..inspect.graphs.data import GraphData

__all__ = ["STDIN", "Direction", "Engine", "Expr", "Formulas", "Limit", "Output", "Precision", "Values", "computed",
           "is_file", "plain", "read", "show", "source", "values_of", "write"]  # fmt: skip

RESULT = ("y", "f", "result", "the result")
GRAPH = re.compile(r'<script type="application/json" id="graph">(.*?)</script>', re.S)
STDIN = "-"
Expr = Annotated[str, typer.Argument(help='NumPy, as in "tanh(w*x + b)", or "z = w*x; tanh(z)"; - reads it from stdin.',
                                     metavar="EXPR", show_default=False)]  # fmt: skip
Values = Annotated[list[str] | None, typer.Argument(help="A value for each variable: w=2, x=[1,2], W=[[1,2],[3,4]].",
                                                    metavar="NAME=VALUE...", show_default=False)]  # fmt: skip
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write it to this file: .svg, .png, .pdf, .dot, .html, .json.")
]

Formulas = Annotated[
    bool, typer.Option("--formulas", help="The local derivatives, on the arrows. Of up to 30 numbers they are shown anyway.")
]
Direction = Annotated[
    str,
    typer.Option(help="LR from left to right, TB from top to bottom; auto: TB if LR is too wide.", metavar="WAY"),
]
Limit = Annotated[int, typer.Option(help="The most boxes; above it what is alike is folded.", metavar="N")]
Precision = Annotated[int, typer.Option(help="Significant digits.", metavar="N")]
Engine = Annotated[str, typer.Option(help="Who draws: auto, dot, graphviz-pure, builtin.", metavar="NAME")]


def values_of(arguments: list[str] | None) -> dict[str, Any]:
    """The values of variables, as they were written: `w=2`."""
    values: dict[str, Any] = {}
    for argument in arguments or []:
        name, equals, text = (part.strip() for part in argument.partition("="))
        if not equals or not name.isidentifier():
            raise OptionError(f"a variable gets its value by name=value, w=2; got {argument!r}")
        if name in values:
            raise OptionError(f"{name} has two values")
        values[name] = array(text, name)
    return values


def source(argument: str) -> str:
    """An argument as it is, or what comes from stdin for `-`."""
    return sys.stdin.read() if argument == STDIN else argument


def computed(text: str, values: dict[str, Any]) -> Value:
    """An expression, computed and, if its result is one number, differentiated; a result without a name is called y."""
    value = Expression(text)(**values)
    value.label = value.label or next(name for name in RESULT if name not in values)
    if value.size == 1:
        with np.errstate(all="ignore"):
            value.backward(retain_graph=True)
    return value


def is_file(text: str) -> bool:
    """Whether an argument is the name of a file of a graph, and not an expression."""
    return text.lower().endswith((".json", ".html", ".htm"))


def read(file: str | Path) -> GraphData:
    """The graph in a file, or from stdin for `-`, that `graph.to_json()` or `graph.to_html()` wrote."""
    standard = str(file) == STDIN
    text = sys.stdin.read() if standard else Path(file).read_text(encoding="utf-8", errors="replace")
    if text.lstrip().startswith("<") if standard else Path(file).suffix.lower() in (".html", ".htm"):
        found = GRAPH.search(text)
        if not found:
            raise DataError(f"{file} is not a page that graph.to_html() wrote: there is no graph in it")
        text = found[1]
    try:
        return GraphData.from_json(text)
    except DataError as error:
        raise DataError(f"{file}: {error}") from None


def write(path: Path, what: Drawing | Difference) -> None:
    """A file of the format that the name ends in."""
    if not path.parent.is_dir():
        raise OptionError(f"-o {path}: there is no folder {path.parent}")
    what.render(path)


def show(what: Any) -> None:
    """Print it; with colours, if it has some, where there is a terminal. Lines that are too long for it go on below."""
    if not sys.stdout.isatty():
        print(what)
        return
    from rich.console import Console

    wide = 2 * max(map(len, str(what).splitlines()), default=0) + 2  # two columns a letter at most; a tree would be cut
    Console(highlight=False, width=wide).print(what, soft_wrap=True)


def plain(x: Any) -> Any:
    """A number or array as JSON has it: what is not finite as a text."""
    if x is None:
        return None
    x = np.asarray(x.data if type(x) is Value else x)
    if x.ndim:
        return [plain(e) for e in x]
    return float(x) if np.isfinite(x) else str(float(x))
