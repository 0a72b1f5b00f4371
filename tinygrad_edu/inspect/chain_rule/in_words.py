"""An explanation as lines of text and as LaTeX."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graphs.text import number, thousands
from .steps import Step

__all__ = ["latex_of", "lines_of"]


def lines_of(e: Any) -> list[str]:
    """The text of an `Explanation`."""
    lines = [Step(e.output, e.wrt, "", "", None).left, ""]
    for route in e.routes:
        lines += [" -> ".join(_shortened(route.nodes)), *_table(route, e.precision), ""]
    return [*lines, *_ending(e)]


def _shortened(nodes: list[str], most: int = 12) -> list[str]:
    half = most // 2
    return nodes if len(nodes) <= most else [*nodes[:half], f"… {len(nodes) - most} more …", *nodes[-half:]]


def _table(route: Any, precision: int) -> list[str]:
    """The steps of a route with their numbers in a column, and the product."""
    rows = [(f"{s.left} = {s.formula}" if s.formula else s.left, _amount(s, precision)) for s in route.steps]
    if len(rows) > 12:
        rows = [*rows[:6], (f"… {len(rows) - 12} more …", ""), *rows[-6:]]
    if len(route.steps) != 1 or np.ndim(route.product):
        rows.append(("product" if route.paths == 1 else "together", _numbers(route.product, precision)))
    width = max(len(text) for text, _ in rows)
    signed = any(amount.startswith("-") for _, amount in rows)
    pad = [" " if signed and not amount.startswith("-") else "" for _, amount in rows]
    return [f"    {text:{width}}    {p}{amount}".rstrip() for p, (text, amount) in zip(pad, rows, strict=True)]


def _amount(s: Step, precision: int) -> str:
    if s.number is not None:
        return number(s.number, precision)
    return "" if s.shape is None else f"shape {s.shape}"


def _numbers(x: Any, precision: int) -> str:
    if np.ndim(x) == 0:
        return number(np.asarray(x)[()], precision)
    return np.array2string(np.asarray(x), precision=min(precision, 4), threshold=20, separator=", ").replace("\n", " ")


def _ending(e: Any) -> list[str]:
    shown = len(e.routes)
    lines = []
    if not e.complete:
        more = f"the other {thousands(e.paths - shown)} paths" if all(r.paths == 1 for r in e.routes) else "other uses"
        lines.append(f"{more} add {_numbers(e.rest, e.precision)}")
    paths = f"{thousands(e.paths)} path{'s' * (e.paths != 1)} add{'s' * (e.paths == 1)} up to"
    total = f"{paths} {_numbers(e.total, e.precision)}"
    if e.agrees is None:
        return [*lines, f"{total}; there is no gradient to compare it with"]
    if e.agrees:
        return [*lines, f"{total}, the gradient ✓"]
    return [*lines, f"{total}, but {e.wrt}.grad is {_numbers(e.gradient, e.precision)} ✗ (it can hold several passes of "
                    "backward, or the data has changed since)"]  # fmt: skip


def latex_of(e: Any) -> str:
    """The sum over the routes as a formula, or the text where there is none."""
    terms = []
    for route in e.routes:
        if not all(s.latex for s in route.steps):
            continue
        fractions = " ".join(_fraction(s.of, s.by) for s in route.steps[::-1])
        factors = r" \cdot ".join(rf"\left({s.latex}\right)" for s in route.steps[::-1])
        values = r" \cdot ".join(_value(s.number, e.precision) for s in route.steps[::-1])
        terms.append(rf"{fractions} &= {factors} = {values} = {_value(route.product, e.precision)}")
    head = rf"{_fraction(e.output, e.wrt)} &= {_value(e.total, e.precision)}" if np.ndim(e.total) == 0 else ""
    lines = [t for t in (head, *terms) if t]
    return r"$$\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}$$" if lines else ""


def _fraction(of: str, by: str) -> str:
    return rf"\frac{{\partial {_name(of)}}}{{\partial {_name(by)}}}"


def _name(text: str) -> str:
    return text if len(text) == 1 else rf"\mathrm{{{text.replace('%', '').replace('_', chr(92) + '_')}}}"


def _value(x: Any, precision: int) -> str:
    text = number(np.asarray(x)[()], min(precision, 6))
    mantissa, e, exponent = text.partition("e")
    text = rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else text
    return rf"({text})" if text.startswith("-") else text
