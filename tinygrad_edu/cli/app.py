"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .conformance import conformance
from .data import app as data
from .derivative import derivative
from .derivatives import derivatives
from .diff import diff
from .draw import draw
from .explain import explain
from .predict import predict
from .train import train
from .view import view

__all__ = ["app"]

app = typer.Typer(
    help="An autodiff engine to study. Start with: tinygrad-edu train",
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(train)
app.command()(predict)
app.command()(conformance)
app.command()(derivative)
app.command()(derivatives)
app.command()(draw)
app.command()(explain)
app.command()(view)
app.command()(diff)
app.add_typer(data, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass
