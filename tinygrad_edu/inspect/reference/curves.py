"""A function and its derivative as two small curves: in characters for the terminal, or as SVG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ...core import Op
from ...errors import MissingExtra, OptionError
from ...ops.domain import real
from .proof import engine_slopes, made_up, option_values

__all__ = ["braille", "broken", "curves", "svg", "text"]

_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a braille character, rows by columns
CURVE, SLOPE, LINES = "#3b7dd8", "#d9662b", "#8a8a8a"  # to be read on white and on black


def curves(op: Op, count: int = 1601) -> tuple[Any, Any, Any, str]:
    """Points, the function there and its slope in the first input; and what the rest is held at, in words.

    Raises:
        OptionError: the op is not elementwise.
    """
    if op.kind != "elementwise":
        raise OptionError(f"{op.name} works on whole arrays, so it has no curve")
    intervals = op.domain.get(op.inputs[0], real).intervals
    x = np.linspace(intervals[0][0], intervals[-1][1], count)
    fixed = {n: _middle(op, n) for n in op.inputs[1:]}
    xs = [x, *[np.full(count, v) for v in fixed.values()]]
    with np.errstate(all="ignore"):
        y = np.asarray(op.run(*xs, **option_values(op)), float)
    slope = np.asarray(engine_slopes(op, xs, option_values(op))[op.inputs[0]], float)
    return x, y, slope, ", ".join([*[f"{n} = {v:g}" for n, v in fixed.items()], *[made_up(op)] * bool(made_up(op))])


def _middle(op: Op, name: str) -> float:
    low, high = op.domain.get(name, real).intervals[-1]
    return float(np.round((low + 2 * high) / 3, 2))


def text(op: Op, width: int = 80, height: int = 9) -> str:
    """Both curves side by side, in lines of at most `width` characters."""
    x, y, slope, fixed = curves(op)
    cell = max(16, width // 2 - 11)
    left = _titled(f"y{f'  at {fixed}' if fixed else ''}", braille(x, y, cell, height), x)
    right = _titled(f"dy/d{op.inputs[0]}", braille(x, slope, cell, height), x)
    return "\n".join(f"{a:{cell + 9}}  {b}".rstrip() for a, b in zip(left, right, strict=True))


def _titled(title: str, rows: list[str], x: Any) -> list[str]:
    cell, ends = len(rows[0]) - 9, (f"{x[0]:.3g}", f"{x[-1]:.3g}")
    return [f"{'':9}{title[:cell]}", *rows, f"{'':9}{ends[0]}{ends[1].rjust(cell - len(ends[0]))}"]


def braille(x: Any, y: Any, width: int, height: int) -> list[str]:
    """A curve in lines of braille characters, two by four dots each, with its largest and smallest value on the left."""
    low, high = _range(y)
    inside = np.isfinite(y) & (y >= low) & (y <= high)
    dots = np.zeros((4 * height, 2 * width), bool)
    columns = np.round((x - x[0]) / (x[-1] - x[0]) * (2 * width - 1)).astype(int)
    rows = np.round((high - np.where(inside, y, low)) / (high - low) * (4 * height - 1)).astype(int)
    dots[rows[inside], columns[inside]] = True
    cells = dots.reshape(height, 4, width, 2).transpose(0, 2, 1, 3)
    lines = ["".join(chr(0x2800 + int(_DOTS[cell].sum())) for cell in row) for row in cells]
    labels = {0: _short(high), height - 1: _short(low)}
    return [f"{labels.get(i, ''):>7} │{line}" for i, line in enumerate(lines)]


def _short(x: float) -> str:
    """A number in at most 7 characters."""
    return next(t for t in (f"{x:.3g}", f"{x:.2g}", f"{x:.0e}") if len(t) <= 7)


def _range(y: Any) -> tuple[float, float]:
    """From the smallest to the largest value that is worth showing: near a pole, only what most of the curve needs."""
    known = y[np.isfinite(y)]
    if not known.size:
        return -1.0, 1.0
    low, high = np.percentile(known, [2, 98])
    room = 1.5 * (high - low)
    low, high = max(low - room, known.min()), min(high + room, known.max())
    return (float(low), float(high)) if high - low > 1e-12 else (float(low) - 1, float(high) + 1)


def svg(op: Op) -> str:
    """Both curves in one picture, on a transparent ground, in colours that can be read on white and on black.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("pictures need matplotlib: pip install 'tinygrad-edu[train]'") from error
    x, y, slope, fixed = curves(op)
    colours: Any = dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color", "text.color", "grid.color"), LINES)
    with mpl.rc_context({**colours, "svg.fonttype": "none", "svg.hashsalt": op.name, "font.size": 10}):
        figure = Figure(figsize=(5, 3.2), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.subplots()
        _draw(axes, op, x, y, slope, fixed)
        memory = io.StringIO()
        figure.savefig(memory, format="svg", metadata={"Date": None})
    return memory.getvalue()


def _draw(axes: Any, op: Op, x: Any, y: Any, slope: Any, fixed: str) -> None:
    ranges = [_range(y), _range(slope)]
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    for values, colour, style, label in ((y, CURVE, "-", "y"), (slope, SLOPE, "--", f"dy/d{op.inputs[0]}")):
        axes.plot(x, broken(values), color=colour, linestyle=style, linewidth=2, label=label)
    axes.set(xlim=(x[0], x[-1]), ylim=(low - 0.06 * (high - low), high + 0.06 * (high - low)), facecolor="none")
    axes.set_title(f"{op.name}{f'   ({fixed})' if fixed else ''}", color=LINES)
    axes.set_xlabel(op.inputs[0], color=LINES)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, labelcolor="linecolor")


def broken(y: Any) -> Any:
    """The curve with a gap at every jump, so that no line is drawn across it."""
    low, high = _range(y)
    jumps = np.abs(np.diff(y, append=y[-1])) > max(0.2 * (high - low), 1e-9)
    return np.where(jumps | ~np.isfinite(y), np.nan, y)
