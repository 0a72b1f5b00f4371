"""The chain rule's factors as they stand on the arrows of a picture: `1 - out**2 = 0.7864`.

Between scalars the local derivative, as the op's documentation has it, in the names of this graph, and its number; between
arrays how a gradient `g` comes back, `g * w`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core import Graph, Value
from ...ops.documentation import documented
from ..chain_rule.steps import rule_in_names
from ..graphs.local import Local, local_derivatives
from ..graphs.naming import Names, substituted
from ..graphs.text import SYMBOLS, number
from ..reference.symbols import UNREADABLE

__all__ = ["Slopes"]

LONGEST = 32  # characters on an arrow


class Slopes:
    """Formulas of calls and of their derivatives, in the names of one graph.

    Args:
        graph: the graph.
        labels: names of values in place of their labels.
        variables: names of values without a label.
        precision: significant digits.
        known: the local derivatives, if they need not be computed.

    Attributes:
        names: what each value is called: its label, else the expression that it is, else `%` and a number.
    """

    def __init__(self, graph: Graph, labels: Mapping[Value, str], variables: Mapping[Value, str], precision: int,
                 known: Mapping[Value, tuple[Local, ...]] | None = None) -> None:  # fmt: skip
        self.known = known
        self.names, self.precision = Names(graph.values, labels, variables, precision), precision

    def title(self, v: Value) -> str:
        """What a value without a label is called in the formulas; a number that stands for itself needs no title."""
        name = self.names[v]
        return name if v.op is not None or name.startswith("%") else ""

    def call(self, v: Value) -> str:
        """The formula of the call, if it says more than the op's name does: `1 / (1 + exp(-z))`; else nothing."""
        op: Any = v.op
        if op.name in SYMBOLS or op.variadic:
            return ""
        text = dict(documented(op)).get("y", "")
        return "" if text.startswith(f"{op.name}(") else self._written(text, v)

    def arrows(self, v: Value) -> list[str]:
        """One text an argument; none at a constant, or where the documentation has no formula and there is no number."""
        if isinstance(v._data, tuple):
            return [""] * len(v.args)
        return [self._arrow(v, place, one) for place, one in enumerate(self.known[v] if self.known else local_derivatives(v))]

    def _arrow(self, v: Value, place: int, one: Any) -> str:
        if one.kind == "none":
            return "none: nothing flows"
        op: Any = v.op
        if one.kind != "number":
            return self._written(one.formula, v) if one.kind == "array" else ""
        slope = dict(documented(op)).get(f"dy/d{op.inputs[0 if op.variadic else place]}", "")
        text = self._ruled(v, place) or self._written(slope, v)
        figure = number(one.number, self.precision)
        return figure if text in ("", figure) else f"{text} = {figure}"

    def _ruled(self, v: Value, place: int) -> str:
        """What the op's rule says, which is shorter than the documentation: it has the result in it, `1 - out**2`."""
        if v.op is None or v.op.kind != "elementwise":
            return ""
        try:
            text = rule_in_names(v, place, self.names)
        except UNREADABLE:
            return ""
        text = text.replace("np.", "")
        for name in {self.names[v], *map(self.names.operand, v.args)}:
            once = re.escape(name if f"({name})" not in text else f"({name})")
            text = re.sub(rf"(?<!/ )(?<![\w.%])({once}) \* \1(?![\w.(]|\*\*)", r"\1**2", text)
            text = re.sub(rf"(?<!\w)\(({once}\*\*2)\)(?!\*\*)", r"\1", text)
        return "" if "where(" in text or "&" in text or "..." in text or len(text) > LONGEST else text

    def _written(self, formula: str, v: Value) -> str:
        """A documented formula in the names of the graph; nothing where it is long, or more code than formula."""
        if any(word in formula for word in ("np.", "Piecewise", "Heaviside", "for ")):
            return ""
        text = substituted(re.sub(r"Rational\((\d+), (\d+)\)", r"(\1/\2)", formula), self._known(v))
        for needless in (r"\((\([^()]*\))\)", r"(?<!\w)\((%?\w[\w.']*(\([^()]*\))?)\)"):  # around brackets, a word, a call
            text = re.sub(needless, r"\1", text)
        text = re.sub(r"\*\*\((\d+) - 1\)", _lower, text)
        return text if len(text) <= LONGEST else ""

    def _known(self, v: Value) -> dict[str, str]:
        op: Any = v.op
        inputs = {} if op.variadic else {n: self.names.operand(a) for n, a in zip(op.inputs, v.args, strict=True)}
        return {**inputs, "y": self.names[v]}


def _lower(power: re.Match[str]) -> str:
    """`**(3 - 1)` as `**2`."""
    n = int(power[1]) - 1
    return "" if n == 1 else f"**{n}"
