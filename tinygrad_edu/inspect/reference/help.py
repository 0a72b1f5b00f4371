"""What `help(op)` shows: the docstring, and below it what else is known of the op. Nothing but NumPy is needed."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc, signature
from typing import Any

import numpy as np

from ...core import NUMPY, Op
from ...ops.domain import real
from .formulas import Formula, names
from .pullbacks import LONGEST, read
from .symbols import UNREADABLE

__all__ = ["numpy_names", "text"]


def text(op: Op) -> str:
    """The docstring of an op with its rules, domain, kinks and names below."""
    return "\n".join([getdoc(op.fn) or "", "", *_facts(op)]).lstrip("\n")


def _facts(op: Op) -> Iterator[str]:
    if op.kind == "composite":
        yield "Derivative: made of other ops; the chain rule does it."
    for n in op.inputs if op.kind != "composite" else ():
        if rule := _rule(op, n):
            yield f"Rule: {'dy/d' if op.kind == 'elementwise' else 'g'}{n} = {rule}"
    if op.kind == "elementwise":
        domains = {n: op.domain.get(n, real).text for n in op.inputs}
        yield f"Domain: {'; '.join(f'{n}: {d}' if len(domains) > 1 else d for n, d in domains.items())}"
        if op.kinks is not None and (where := _kinks(op)):
            yield f"Kinks: where {where}"
    if numpys := numpy_names(op):
        yield f"NumPy's name: {', '.join(numpys)}"
    yield f"Proof, plot, choice at the kinks: tinygrad-edu derivative {op.name}"


def numpy_names(op: Op) -> tuple[str, ...]:
    """The functions of NumPy's that it answers for."""
    linalg = {"numpy.linalg": "np.linalg"}
    found = [f"{linalg.get(f.__module__, 'np')}.{f.__name__}" for f, answer in NUMPY.items() if answer is op]
    return tuple(dict.fromkeys(found))


def _rule(op: Op, name: str) -> str:
    """The rule as NumPy code; nothing if it is too much of a program."""
    if op.kind != "elementwise":
        pulled = read(op, name)
        return pulled.text if pulled.source == "rule" else ""
    rule = op.rules[name]
    code = str(_run(op, rule)) if callable(rule) else f"{rule:.17g}"
    return code if len(code) <= LONGEST else ""


def _kinks(op: Op) -> str:
    distances = _run(op, op.kinks)
    return " or ".join(f"{d} = 0" for d in (distances if isinstance(distances, tuple) else (distances,)) if str(d))


def _run(op: Op, code: Any) -> Any:
    """A rule run on the names of inputs, options and result; nothing if it does not run on them."""
    numbers = {n: d for n, d in op.options.items() if type(d) in (int, float)}
    xs = {n: np.float64(op.domain.get(n, real).intervals[-1][1]) for n in op.inputs}
    try:
        with np.errstate(all="ignore"):
            y = op.run(*xs.values(), **op.options)
        known = {**op.options, **{n: Formula(n, v) for n, v in {**xs, **numbers, "y": y}.items()}}
        with names(op.options):
            return code(**{n: known[n] for n in signature(code).parameters})
    except UNREADABLE:
        return ""
