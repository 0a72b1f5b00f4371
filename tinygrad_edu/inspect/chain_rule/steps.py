"""The steps of a path between the values that have a name, each with its derivative as a formula and as a number."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from inspect import signature
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from ...core import Value
from ...errors import MissingExtra, NotDifferentiable
from ...ops.documentation import documented
from ..graphs.local import _arrays, pull_text
from ..graphs.naming import Names, substituted
from ..reference.formulas import ATOM, COMPARE, POWER, PRODUCT, SIGN, SUM, Formula, text_of
from ..reference.symbols import UNREADABLE
from .paths import Edge

__all__ = ["Step", "array_steps", "left", "rule_in_names", "steps"]

RANKS: dict[type, int] = {ast.Add: SUM, ast.Sub: SUM, ast.Mult: PRODUCT, ast.Div: PRODUCT, ast.MatMult: PRODUCT, ast.Pow: POWER}
SINGLE = re.compile(r"%?[\w.]+")
LONGEST = 4  # uses that are taken together between two named values


class Step:
    """The derivative of one value by an earlier one, along a path.

    Args:
        texts: makes the formula and its LaTeX, once somebody reads them: symbols are slow, and paths can be long.

    Attributes:
        of: the name of the one.
        by: the name of the other.
        number: its value, or None between arrays.
        shape: of what comes back, between arrays.
    """

    def __init__(self, of: str, by: str, texts: Callable[[], tuple[str, str]], number: Any = None,
                 shape: tuple[int, ...] | None = None) -> None:  # fmt: skip
        self.of, self.by, self.number, self.shape = of, by, number, shape
        self._made = texts

    @cached_property
    def _texts(self) -> tuple[str, str]:
        return self._made()

    @property
    def formula(self) -> str:
        """The derivative in the names of the values; empty where there is none."""
        return self._texts[0]

    @property
    def latex(self) -> str:
        """The same as LaTeX."""
        return self._texts[1]

    @property
    def left(self) -> str:
        """`dz/dw`."""
        return left(self.of, self.by)


def left(of: str, by: str) -> str:
    """`dz/dw`, with brackets around what is no name."""
    return f"d{_bracketed(of)}/d{_bracketed(by)}"


def _bracketed(name: str) -> str:
    return name if name.isidentifier() or name[1:].isdigit() else f"({name})"


def steps(nodes: Sequence[Value], edges: Sequence[Edge], names: Names) -> list[Step]:
    """Of a path of numbers: one step from each named value to the next."""
    cuts = [0]
    for k in range(1, len(nodes)):
        far = k - cuts[-1] >= LONGEST
        if names.named(nodes[k]) or k == len(nodes) - 1 or far:
            cuts.append(k)
    return [_step(nodes[i : j + 1], edges[i:j], names) for i, j in pairwise(cuts)]


def _step(nodes: Sequence[Value], edges: Sequence[Edge], names: Names) -> Step:
    return Step(names[nodes[-1]], names[nodes[0]], lambda: _formula(nodes, edges, names), prod(e.local for e in edges))


def _formula(nodes: Sequence[Value], edges: Sequence[Edge], names: Names) -> tuple[str, str]:
    """The product of the partial derivatives, each op's rule with the values' names in it."""
    calls = list(zip(nodes[1:], edges, strict=True))
    if any(v.op.kind != "elementwise" for v, _ in calls):  # type: ignore[union-attr]  # v is a call, so it has an op
        return "", ""
    try:
        return _symbolic(calls, names)
    except MissingExtra:
        return " * ".join(_stated(v, e.place, names) for v, e in calls), ""
    except (NotDifferentiable, TypeError, ValueError):  # a rule that does something symbols cannot follow
        return "", ""


def _symbolic(calls: Sequence[tuple[Value, Edge]], names: Names) -> tuple[str, str]:
    from ..reference.printing import latex, plain
    from ..reference.rules import as_written, written_out
    from ..reference.symbols import sympy

    sp = sympy()
    whole = sp.Integer(1)
    for v, edge in calls:
        op: Any = v.op
        known = _arguments(v, names) | {sp.Symbol("result" if "y" in op.names else "y", real=True): _symbol(v, names)}
        whole *= as_written(op, op.inputs[edge.place]).subs(known, simultaneous=True)
    whole = sp.factor_terms(written_out(whole))
    return plain(whole), latex(whole)


def _symbol(a: Any, names: Names) -> Any:
    """An argument as SymPy has it: its name, or the expression of a value without a name, which is short."""
    from ..reference.symbols import exact, function, sympy

    if type(a) is not Value:
        return exact(a) if np.ndim(a) == 0 else sympy().Symbol(names.operand(a), real=True)
    op: Any = a.op
    if names.named(a) or op is None or op.kind != "elementwise" or names[a].startswith("%"):
        return sympy().Symbol(names[a], real=True)
    return function(op).subs(_arguments(a, names), simultaneous=True)


def _arguments(v: Value, names: Names) -> dict[Any, Any]:
    """The variables of an op's formula, and what they are in a call of it."""
    from ..reference.symbols import exact, variables

    op: Any = v.op
    inputs, options = variables(op)
    known = {s: _symbol(v.args[op.inputs.index(n)], names) for n, s in inputs.items()}
    return known | {s: exact(v.kwargs[n]) for n, s in options.items()}  # type: ignore[index]  # v is a call, so it has options


def _stated(v: Value, place: int, names: Names) -> str:
    """A documented partial derivative with the names in it, for those without SymPy."""
    op: Any = v.op
    known = {n: names.operand(a) for n, a in zip(op.inputs, v.args, strict=True)} | {"y": names[v]}
    text = substituted(dict(documented(op))[f"dy/d{op.inputs[place]}"], known)
    return f"({text})" if " " in text else text


def array_steps(nodes: Sequence[Value], places: Sequence[int], names: Names, pulled: Sequence[Any]) -> list[Step]:
    """Of a path with arrays: how the gradient comes back through each call, from the output to the source."""
    found = []
    for v, a, place, g in zip(nodes[:0:-1], nodes[-2::-1], places[::-1], pulled, strict=True):
        value = g if getattr(g, "shape", None) == () else None
        texts = partial(_pulled_formula, v, place, names)
        found.append(Step(names[v], names[a], texts, value, None if isinstance(a._data, tuple) else a.shape))
    return found


def _pulled_formula(v: Value, place: int, names: Names) -> tuple[str, str]:
    """How a gradient `g` comes back to an argument: the rule run with the values' names, else the documented formula."""
    op: Any = v.op
    if op.variadic or isinstance(v._data, tuple):
        return pull_text(op, place), ""
    if op.kind == "elementwise":
        text, latex = _formula((v.args[place], v), (Edge(0, place, 1),), names)
        factor = {"": "", "1": "g", "-1": "-g"}.get(text, f"g * {text}" if SINGLE.fullmatch(text) else f"g * ({text})")
        return factor, latex and rf"g \odot \left({latex}\right)"
    try:
        return _rule_on_names(v, place, names)
    except UNREADABLE:
        return "", ""


def rule_in_names(v: Value, place: int, names: Names) -> str:
    """How a gradient `g` of an array comes back to an argument: the op's rule, run on the names of the values.

    Raises:
        one of `symbols.UNREADABLE`: the rule does something that names cannot follow.
    """
    return _rule_on_names(v, place, names)[0]


def _named(name: str, data: Any) -> Formula:
    """A value in a formula, in brackets where its name is an expression, `x + y`, that binds less than what is around it."""
    try:
        node = ast.parse(name.replace("%", "_"), mode="eval").body
    except (SyntaxError, ValueError):  # a label of any kind
        return Formula(name, data)
    signed = SIGN if isinstance(node, ast.UnaryOp) else ATOM
    return Formula(name, data, rank=RANKS.get(type(node.op), COMPARE) if isinstance(node, ast.BinOp) else signed)


def _rule_on_names(v: Value, place: int, names: Names) -> tuple[str, str]:
    op: Any = v.op
    rule, g = op.rules[op.inputs[place]], Formula("g", np.zeros(v.shape))
    arrays = {n: x if x is not None else np.zeros(a.shape) for n, x, a in zip(op.inputs, _arrays(v), v.args, strict=True)}
    known: dict[str, Any] = {**(v.kwargs or {}), "g": g, "y": _named(names[v], v.data)}
    known |= {n: _named(names.operand(a), arrays[n]) for n, a in zip(op.inputs, v.args, strict=True)}
    known |= {f"{n}_shape": np.shape(x) for n, x in arrays.items()}
    result = rule(**{p: known[p] for p in signature(rule).parameters}) if callable(rule) else rule
    return text_of(result), result.latex if isinstance(result, Formula) else ""
