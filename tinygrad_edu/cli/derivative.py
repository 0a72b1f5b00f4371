"""`tinygrad-edu derivative`: one derivative, read off its rule and proved on the spot."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..data import write_atomic
from ..errors import OptionError
from ..inspect import DerivativePage
from ..inspect import derivative as reference

__all__ = ["derivative", "width"]

_NARROW, _WIDE = 60, 120


def derivative(
    name: Annotated[str, typer.Argument(help="An op, tanh, or NumPy's name for it, np.linalg.inv.", metavar="NAME")],
    plot: Annotated[bool, typer.Option(help="Draw the function and its derivative below.")] = True,
    svg: Annotated[Path | None, typer.Option(help="Also draw them into this file, .svg.")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Only the formulas, as LaTeX, one a line.")] = False,
    at: Annotated[str, typer.Option(help="Also the numbers at a point: 0.5, or 1,2 for two inputs.", metavar="X")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON line.")] = False,
) -> None:
    """Show one derivative: read off its rule, proved on the spot; domain, kinks and what is chosen there.

    The rule is the NumPy code that the engine runs. Here it runs on symbols; what comes out is held to the derivative that
    SymPy finds for the documented function, for all x by algebra if that can be, or else at random points with 30 digits.

    [bold]Examples[/bold]

    tinygrad-edu derivative tanh

    tinygrad-edu derivative relu --at 0 --no-plot

    tinygrad-edu derivative gelu --svg gelu.svg

    tinygrad-edu derivative np.linalg.inv --latex
    """
    from ..inspect.reference.values import values_at

    page = reference(name)
    numbers = values_at(page.op, _point(at)) if at else []
    if svg is not None:
        _write(page, svg)
    if as_json:
        print(json.dumps({**page.to_dict(), "at": [asdict(n) for n in numbers]}))
    elif latex:
        print(*_latex(page), sep="\n")
    else:
        _show(page, plot, numbers, at)


def width() -> int:
    """How many characters fit in a line."""
    return max(_NARROW, min(_WIDE, shutil.get_terminal_size((_WIDE if not sys.stdout.isatty() else 80, 24)).columns))


def _point(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise OptionError(f"--at takes a number, or one for each input with commas between, 1,2; got {text!r}") from None


def _write(page: DerivativePage, file: Path) -> None:
    from ..inspect.reference import curves

    if file.suffix.lower() != ".svg":
        raise OptionError(f"--svg writes an .svg file; got {file.name!r}")
    write_atomic(file, curves.svg(page.op).encode())


def _latex(page: DerivativePage) -> list[str]:
    lines = [f"y = {page.function_latex}"] if page.function_latex else []
    lines += [f"{p.left_latex} = {p.latex}" for p in page.partials.values() if p.latex]
    if not lines:
        raise OptionError(f"{page.op.name} has no formula in LaTeX; without --latex its formula is shown as NumPy code")
    return lines


def _show(page: DerivativePage, plot: bool, numbers: list[Any], at: str) -> None:
    from ..inspect.reference.page import as_text
    from ..inspect.reference.proof import made_up

    lines = as_text(page, width(), plot).splitlines()
    if numbers:
        options = f" with {made_up(page.op)}" if made_up(page.op) else ""
        lines += ["", f"at {', '.join(page.op.inputs)} = {at}{options}"]
        lines += [f"  {n.what:8}{n.engine:<22.17g}  {n.formula or '(the formula has no value here)'}" for n in numbers]
    if not sys.stdout.isatty():
        print(*lines, sep="\n")
        return
    from rich.console import Console

    console = Console(highlight=False, width=width())
    for i, line in enumerate(lines):
        console.print(_styled(line, first=i == 0), no_wrap=True, crop=False, overflow="ignore")


_STYLES = {"proved": "green", "agrees": "yellow", "unknown": "yellow", "refuted": "bold red"}


def _styled(line: str, first: bool) -> Any:
    """A line with its heading in bold, and the verdict in its colour."""
    from rich.text import Text

    from ..inspect.reference.page import INDENT

    text = Text(line, style="bold" if first else "")
    if not first and line[:1].isalpha() and line[:INDENT].endswith(" "):
        text.stylize("bold cyan", 0, INDENT)
    for word, style in _STYLES.items():
        text.highlight_words([f"{word} for", f"{word} at", f"{word} on", f"{word}:"], style)
    return text
