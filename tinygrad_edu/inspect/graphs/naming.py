"""What to call the values of a graph in a text: their labels, the caller's variables, or the expression that they are.

    w -> z = a*w + b -> %3 = sigmoid(z)

Of several leaves with one name, as the weights of layers, the second is `w_2`. A value without a name is written as the
expression of its arguments while that stays short, else as `%` and a number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...core import Value
from .text import number, plain

__all__ = ["Names", "substituted", "tidied", "variables_of"]

LONGEST = 24  # characters of an expression that stands for a value
OPERATORS = {"add": " + ", "subtract": " - ", "multiply": "*", "divide": "/", "power": "**", "matmul": " @ "}
BINDS = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "matmul": 2, "negative": 3, "power": 4}


def variables_of(frame: Any) -> dict[Value, str]:
    """The names of the Values among the variables of a frame, its own before those of its module."""
    found: dict[Value, str] = {}
    for scope in (frame.f_locals, frame.f_globals):
        for name, value in list(scope.items()):
            if type(value) is Value and name.isidentifier() and not name.startswith("_"):
                found.setdefault(value.vertex, name)
    return found


class Names:
    """The names of the values of a graph.

    Args:
        values: in the order of the tape.
        given: values to names, before their labels.
        variables: likewise, after their labels.
        precision: significant digits of constants.

    Attributes:
        of: each value's name, if it has one.
    """

    def __init__(
        self,
        values: Iterable[Value],
        given: Mapping[Value, str] | None = None,
        variables: Mapping[Value, str] | None = None,
        precision: int = 4,
    ) -> None:
        self.precision = precision
        self.of: dict[Value, str] = {}
        self._text: dict[Value, tuple[str, int]] = {}  # an expression, and how tightly it binds
        taken: dict[str, int] = {}
        for k, v in enumerate(values, 1):
            name = (given or {}).get(v) or plain(v.label) or (variables or {}).get(v)
            if name and name in taken and v.op is None:
                name = _next(name, taken)
            if name and name not in taken:
                self.of[v] = name
                taken[name] = 1
            self._text[v] = (self.of[v], 9) if v in self.of else self._expression(v, k)

    def __getitem__(self, v: Value) -> str:
        """The name, or what stands for it."""
        return self._text[v][0]

    def named(self, v: Value) -> bool:
        """Whether it has a name of its own."""
        return v in self.of

    def operand(self, a: Any) -> str:
        """An argument of a call, a Value or a constant."""
        return self._operand(a)[0]

    def call(self, v: Value) -> str:
        """The call that made a value, in the names of its arguments, also where that is long."""
        return self._written(v)[0]

    def _expression(self, v: Value, k: int) -> tuple[str, int]:
        if v.op is None:
            return (number(v.data, self.precision), 9) if v.shape == () else (f"%{k}", 9)
        text, own = self._written(v)
        return (text, own) if len(text) <= LONGEST else (f"%{k}", 9)

    def _written(self, v: Value) -> tuple[str, int]:
        assert v.op is not None
        own = BINDS.get(v.op.name, 8)
        parts = [self._operand(a) for a in v.args]
        if v.op.name in OPERATORS and len(parts) == 2:
            text = OPERATORS[v.op.name].join(
                f"({t})" if binds < own + (place and v.op.name != "add") else t for place, (t, binds) in enumerate(parts)
            )
        elif v.op.name == "negative":
            text = f"-{parts[0][0]}" if parts[0][1] > own else f"-({parts[0][0]})"
        else:
            text = f"{v.op.name}({', '.join(t for t, _ in parts)})"
        return text, own

    def _operand(self, a: Any) -> tuple[str, int]:
        if type(a) is Value:
            return self._text.get(a, ("…", 9))
        if np.ndim(a) == 0 and a is not None:
            text = number(np.asarray(a)[()], self.precision)
            return text, 0 if text.startswith("-") else 9
        return "array" if a is not None else "None", 9


def _next(name: str, taken: dict[str, int]) -> str:
    """`w_2` for the second leaf that is called w."""
    while f"{name}_{taken[name] + 1}" in taken:
        taken[name] += 1
    taken[name] += 1
    return f"{name}_{taken[name]}"


def substituted(text: str, names: Mapping[str, str]) -> str:
    """A formula with other names in it; what is no single word is put in brackets."""

    def swap(found: re.Match[str]) -> str:
        new = names.get(found[0])
        return found[0] if new is None else new if new.isidentifier() or new.startswith("%") else f"({new})"

    return re.sub(r"[A-Za-z_]\w*", swap, text)


def tidied(text: str, names: Mapping[str, str]) -> str:
    """`substituted`, without the brackets that are not needed.

    >>> tidied("g * (x1 - y)", {"x1": "w", "y": "z"}), tidied("g * (x1)", {"x1": "a + b"})
    ('g * (w - z)', 'g * (a + b)')
    """
    text = substituted(text, names)
    if "(" not in text:
        return text
    try:
        tree = ast.parse(re.sub(r"%(\d+)", r"_v\1_", text), mode="eval")
    except SyntaxError:  # names that are no Python
        return text
    return re.sub(r"_v(\d+)_", r"%\1", ast.unparse(tree))
