"""`tinygrad-edu derivatives`: the book of derivatives, every op in a line."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ..inspect import derivatives as book
from .derivative import width

__all__ = ["derivatives"]


def derivatives(
    kind: Annotated[str | None, typer.Option(help="Only elementwise, linear, primitive or composite ones.")] = None,
    search: Annotated[str, typer.Option(help="Only those with this word in their name, formula or description.")] = "",
    prove: Annotated[bool, typer.Option("--prove", help="Run every proof; ten seconds or so for all.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as one JSON line.")] = False,
) -> None:
    """List every derivative: the function, its derivative read off the rule, domain and kind.

    Of entrywise ops the slope dy/dx is shown; of the others the pullback, gx, where g is the gradient of the result.

    [bold]Examples[/bold]

    tinygrad-edu derivatives --kind elementwise

    tinygrad-edu derivatives --search softmax --prove
    """
    lines = book(kind, search, prove=prove)
    print(json.dumps(lines.to_list()) if as_json else lines.as_text(width()))
