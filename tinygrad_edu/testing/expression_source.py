"""Expressions as readable Python: one line for what is shared, the rest written into one another."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from ..core import NUMPY, REGISTRY
from .expression import Argument, Expression, Row, arranged

__all__ = ["source"]

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**"}
LONG = 60  # characters of a line from which on a result gets a name, though it is used once
_LETTERS = "abcdeghijklmnopqrstuvw"  # without f, the function, and x, y, z, its inputs


def source(expression: Expression, name: str = "f") -> str:
    """See `Expression.source`."""
    inputs = ["x", "y", "z"] if len(expression.inputs) <= 3 else [f"x{i}" for i in range(len(expression.inputs))]
    texts: dict[int, str] = dict(enumerate(inputs[: len(expression.inputs)]))
    uses = Counter(a for _, arguments, _ in expression.rows for a in arguments)
    lines, names = [], count()
    last = len(texts) + len(expression.rows) - 1
    for place, row in enumerate(expression.rows, len(texts)):
        text = _call(row, texts)
        if place != last and (uses[place] > 1 or len(text) > LONG):
            lines.append(f"    {(letter := _name(next(names)))} = {text}")
            text = letter
        texts[place] = text
    return "\n".join([f"def {name}({', '.join(inputs[: len(expression.inputs)])}):", *lines, f"    return {texts[last]}"])


def _name(i: int) -> str:
    return _LETTERS[i % len(_LETTERS)] + (str(i // len(_LETTERS)) if i >= len(_LETTERS) else "")


def _call(row: Row, texts: dict[int, str]) -> str:
    name, arguments, options = row
    xs = [_argument(a, texts) for a in arguments]
    if name in SIGNS and len(xs) == 2 and not options:
        return f"{_bracketed(xs[0])} {SIGNS[name]} {_bracketed(xs[1])}"
    if name == "negative":
        return f"-{_bracketed(xs[0])}"
    if name == "getitem":
        return f"{_bracketed(xs[0])}[{_index(options['index'])}]"
    if REGISTRY[name].sequence:
        positional, rest = [f"[{', '.join(xs)}]"], {n: repr(o) for n, o in options.items()}
    else:
        positional, rest = arranged(REGISTRY[name], xs, {n: repr(o) for n, o in options.items()})
    return f"{_function(name)}({', '.join([*positional, *(f'{n}={o}' for n, o in rest.items())])})"


def _argument(a: Argument, texts: dict[int, str]) -> str:
    return texts[a] if type(a) is int else repr(a)


def _bracketed(text: str) -> str:
    """An operand, in brackets if it is an operation itself."""
    depth = 0
    for before, c in zip(" " + text, text, strict=False):
        depth += (c in "([") - (c in ")]")
        if not depth and (c == " " or (c == "-" and before == " ")):
            return f"({text})"
    return text


def _index(index: Any) -> str:
    parts = index if isinstance(index, tuple) and index else (index,)
    return ", ".join(_subscript(part) for part in parts) + ("," if isinstance(index, tuple) and len(index) == 1 else "")


def _subscript(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if not isinstance(part, slice):
        return repr(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop, part.step)]
    return ":".join(ends if ends[2] else ends[:2])


@cache
def _function(name: str) -> str:
    """NumPy's function where an op answers for it under the same name, else the op."""
    for prefix, module in (("np", np), ("np.linalg", np.linalg)):
        if NUMPY.get(getattr(module, name, None)) is REGISTRY[name]:
            return f"{prefix}.{name}"
    return f"tg.REGISTRY[{name!r}]" if not _exported(name) else f"tg.ops.{name}"


def _exported(name: str) -> bool:
    from .. import ops

    return getattr(ops, name, None) is REGISTRY[name]
