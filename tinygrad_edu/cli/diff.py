"""`tinygrad-edu diff`: what differs between two graphs, saved ones or those of expressions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..errors import OptionError
from ..inspect import Difference
from ..inspect import diff as compared
from ..inspect.expressions.expression import Expression
from .graphs import STDIN, Output, Precision, Values, computed, is_file, read, show, values_of, write

__all__ = ["diff"]


def diff(
    before: Annotated[
        str, typer.Argument(help="A graph in a file, .json or .html, or from stdin, -, or an expression.", metavar="A")
    ],
    after: Annotated[str, typer.Argument(help="Another.", metavar="B")],
    values: Values = None,
    left: Annotated[list[str] | None, typer.Option("--left", help="A value that only A has.", metavar="NAME=VALUE")] = None,
    right: Annotated[list[str] | None, typer.Option("--right", help="A value that only B has.", metavar="NAME=VALUE")] = None,
    output: Output = None,
    tolerance: Annotated[
        float, typer.Option(help="Numbers that differ by no more than this, relatively, are the same.", metavar="X")
    ] = 0.0,
    precision: Precision = 4,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if there is a difference.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every change as one JSON line.")] = False,
) -> None:
    """Compare two graphs: what was added, removed and changed, in values and gradients.

    [bold]Examples[/bold]

    tinygrad-edu diff before.json after.json -o diff.svg

    tinygrad-edu diff "tanh(w*x)" "relu(w*x + b)" w=2 x=1 b=-3

    tinygrad-edu diff "tanh(w*x)" "tanh(w*x)" x=1 --left w=2 --right w=3
    """
    shared = values_of(values)
    sides = [(before, {**shared, **values_of(left)}), (after, {**shared, **values_of(right)})]
    _all_used(sides, shared)
    found = compared(*(_graph(text, own) for text, own in sides), tolerance=tolerance, precision=precision)
    if output is not None:
        write(output, found)
    if as_json:
        print(found.to_json())
    else:
        show(_coloured(found))
    if exit_code and found:
        raise typer.Exit(1)


def _all_used(sides: list[tuple[str, dict[str, Any]]], shared: dict[str, Any]) -> None:
    used = {name for text, _ in sides if not _saved(text) for name in Expression(text).names}
    if unused := [name for name in shared if name not in used]:
        raise OptionError(f"{unused[0]!r} is in neither expression")


def _graph(text: str, values: dict[str, Any]) -> Any:
    if _saved(text):
        return read(text)
    names = Expression(text).names
    return computed(text, {name: x for name, x in values.items() if name in names})


def _saved(text: str) -> bool:
    return text == STDIN or is_file(text)


class _coloured:  # noqa: N801  a function in all but the protocol that it offers
    """A difference with its signs in colours, for rich; as it is for `print`."""

    def __init__(self, found: Difference) -> None:
        self.text = str(found)

    def __str__(self) -> str:
        return self.text

    def __rich__(self) -> Any:
        from rich.text import Text

        styles = {"~": "yellow", "+": "green", "-": "red"}
        lines = [Text(line, style=styles.get(line[:1], "")) for line in self.text.splitlines()]
        return Text("\n").join(lines)
