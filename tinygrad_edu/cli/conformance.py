"""`tinygrad-edu conformance`: what this library and its peers answer where others have been wrong."""

from __future__ import annotations

import json as json_
from typing import Annotated

import typer

__all__ = ["conformance"]


def conformance(
    peer: Annotated[
        list[str] | None,
        typer.Option(
            help="A library to ask: torch, jax, autograd, mygrad, tinygrad, micrograd; may be given again. "
            "Default: all that are installed."
        ),
    ] = None,
    rows: Annotated[
        str, typer.Option(help="Only rows whose name, expression or section has this in it; * and ? as for files.")
    ] = "*",
    failures: Annotated[
        bool, typer.Option("--failures", help="Only rows in which some library does not meet the bar.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Plain data instead of Markdown.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one row may take.", min=1.0)] = 60.0,
) -> None:
    """Print our answers beside those of other libraries, and which of them meet the bar.

    [bold]Examples[/bold]

    tinygrad-edu conformance --peer torch --rows "C3*"

    tinygrad-edu conformance --failures > conformance.md
    """
    from ..testing.conformance.table import conformance as ask

    table = ask(peer or None, rows, timeout)
    table = table.failures() if failures else table
    print(json_.dumps(table.json(), indent=1, ensure_ascii=False) if json else table.markdown())
