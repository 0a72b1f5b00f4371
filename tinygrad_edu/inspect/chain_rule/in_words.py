"""An explanation as lines of text and as LaTeX."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from ..graphs.text import number, thousands
from .steps import Step, left

__all__ = ["latex_of", "lines_of"]

MOST = 12  # steps of a path that are written out
LONGEST = 80  # characters of a formula; a longer one teaches nothing
SPECIAL = {c: rf"\{c}" for c in "%&#$_{}"} | {"\\": r"\backslash ", "^": r"\hat{ }", "~": r"\sim "}


def lines_of(e: Any) -> list[str]:
    """The text of an `Explanation`; paths that read the same, as the two of x*x, are written once."""
    lines = [left(e.output, e.wrt), ""]
    blocks = [([" -> ".join(_shortened(r.nodes)), *_table(r, e.precision)], r.product) for r in e.routes]
    for block, alike in groupby(blocks, lambda one: one[0]):
        products = [product for _, product in alike]
        lines += block
        if len(products) > 1:
            lines.append(f"    {len(products)} such paths, together    {_numbers(sum(products), e.precision)}")
        lines.append("")
    return [*lines, *_ending(e)]


def _shortened(nodes: list[str]) -> list[str]:
    half = MOST // 2
    return nodes if len(nodes) <= MOST else [*nodes[:half], f"… {len(nodes) - MOST} more …", *nodes[-half:]]


def _table(route: Any, precision: int) -> list[str]:
    """The steps of a route with their numbers in a column, and the product."""
    steps, half = route.steps, MOST // 2
    rows = [_row(s, precision) for s in (steps if len(steps) <= MOST else steps[:half])]
    if len(steps) > MOST:
        rows += [(f"… {len(steps) - MOST} more …", ""), *(_row(s, precision) for s in steps[-half:])]
    if len(steps) != 1 or np.ndim(route.product):
        rows.append(("product" if route.paths == 1 else "together", _numbers(route.product, precision)))
    width = max(len(text) for text, _ in rows)
    signed = any(amount.startswith("-") for _, amount in rows)
    pad = [" " if signed and not amount.startswith("-") else "" for _, amount in rows]
    return [f"    {text:{width}}    {p}{amount}".rstrip() for p, (text, amount) in zip(pad, rows, strict=True)]


def _row(s: Step, precision: int) -> tuple[str, str]:
    amount = number(s.number, precision) if s.number is not None else "" if s.shape is None else f"shape {s.shape}"
    return f"{s.left} = {s.formula}" if 0 < len(s.formula) <= LONGEST else s.left, amount


def _numbers(x: Any, precision: int) -> str:
    if np.ndim(x) == 0:
        return number(np.asarray(x)[()], precision)
    text = np.array2string(np.asarray(x), precision=min(precision, 4), threshold=20, separator=", ", suppress_small=True)
    return " ".join(text.split())


def _ending(e: Any) -> list[str]:
    lines = []
    if not e.complete:
        ways = "path" if all(r.paths == 1 for r in e.routes) else "use"
        n = e.ways - len(e.routes)
        lines.append(f"the other {f'{thousands(n)} {ways}s add' if n > 1 else f'{ways} adds'} {_numbers(e.rest, e.precision)}")
    paths = f"{thousands(e.paths)} path{'s' * (e.paths != 1)} add{'s' * (e.paths == 1)} up to"
    total = f"{paths} {_numbers(e.total, e.precision)}"
    if e.agrees is None:
        return [*lines, f"{total}; there is no gradient to compare it with"]
    if e.agrees:
        return [*lines, f"{total}, the gradient ✓"]
    return [*lines, f"{total}, but {e.wrt}.grad is {_numbers(e.gradient, e.precision)} ✗ (it can hold several passes of "
                    "backward, or the data has changed since)"]  # fmt: skip


def latex_of(e: Any) -> str:
    """The sum over the routes as a formula, or nothing where there is none.

    Of a path of numbers the factors as formulas and as numbers; between arrays what comes back through each call, latest
    call first. Paths of more than 12 steps are left out.
    """
    lines = [rf"{_fraction(e.output, e.wrt)} &= {_value(e.total, e.precision)}"] if np.ndim(e.total) == 0 else []
    for route in e.routes:
        if 0 < len(route.steps) <= MOST and all(s.latex for s in route.steps):
            lines += _factors(route, e.precision) if all(s.shape is None for s in route.steps) else _pullbacks(route)
    return r"$$\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}$$" if lines else ""


def _factors(route: Any, precision: int) -> list[str]:
    steps = route.steps[::-1]
    fractions = " ".join(_fraction(s.of, s.by) for s in steps)
    factors = r" \cdot ".join(rf"\left({s.latex}\right)" for s in steps)
    values = r" \cdot ".join(_bracketed(_value(s.number, precision)) for s in steps)
    values = f"{values} = " if len(steps) > 1 else ""
    return [rf"{fractions} &= {factors} = {values}{_value(route.product, precision)}"]


def _pullbacks(route: Any) -> list[str]:
    return [rf"{_name(s.of)} \to {_name(s.by)}:\quad g &\mapsto {s.latex}" for s in route.steps]


def _fraction(of: str, by: str) -> str:
    return rf"\frac{{\partial {_name(of)}}}{{\partial {_name(by)}}}"


def _name(text: str) -> str:
    if len(text) == 1 and text.isalpha():
        return text
    return rf"\mathrm{{{''.join(SPECIAL.get(c, c) for c in text).replace(' ', chr(92) + ' ')}}}"


def _value(x: Any, precision: int) -> str:
    text = number(np.asarray(x)[()], min(precision, 6))
    mantissa, e, exponent = text.partition("e")
    if e and exponent.lstrip("+-").isdigit():
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"
    return text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text
