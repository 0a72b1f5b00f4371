"""What the rules of elementwise ops say, as formulas: the rules are run on symbols."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import Any

from ...core import Op
from .symbols import Expression, Symbol, _number, exact, expanded, function, sympy, variables

__all__ = ["as_written", "rule_of", "written_out"]


@cache
def as_written(op: Op, name: str) -> Expression:
    """The partial derivative in the input `name`, as its rule writes it: with `y` for the result, and ops by name.

    Raises:
        NotDifferentiable, TypeError, ValueError: the rule does something that symbols cannot follow.
    """
    rule = op.rules[name]
    if not callable(rule):
        return exact(rule)
    inputs, options = variables(op)
    known: dict[str, Any] = {n: Symbol(v) for n, v in {**inputs, **options}.items()}
    known = {**op.options, **known, **{f"{n}_shape": () for n in inputs}, "y": Symbol(_output(op))}
    slope = rule(**{n: known[n] for n in signature(rule).parameters})
    return _number(slope.expression if isinstance(slope, Symbol) else exact(slope))


@cache
def rule_of(op: Op, name: str) -> Expression:
    """The partial derivative in the input `name`, of inputs and options alone."""
    return expanded(as_written(op, name)).subs(_output(op), function(op))


def _output(op: Op) -> Expression:
    return sympy().Symbol("result" if "y" in op.names else "y", real=True)


# -- for reading ----------------------------------------------------------------------------------------------------------


def written_out(expression: Expression) -> Expression:
    """The formula for reading: pieces side by side, and no guards against single points inside a product or a root."""
    sp = sympy()
    if isinstance(expression, sp.Piecewise):
        pieces = _without_zero([(written_out(value), holds) for value, holds in expression.args])
        return sp.piecewise_fold(sp.Piecewise(*pieces))
    for piece in sorted(expression.atoms(sp.Piecewise), key=sp.count_ops):
        expression = expression.xreplace({piece: _without_points(piece)})
    folded = sp.piecewise_fold(expression) if expression.has(sp.Piecewise) else expression
    return folded if sp.count_ops(folded) <= sp.count_ops(expression) else expression


def _without_zero(pieces: list[Any]) -> list[Any]:
    """Pieces of a < b, a > b and a - b for the rest, which is 0."""
    sp = sympy()
    strict = [c for _, c in pieces[:-1] if isinstance(c, sp.StrictGreaterThan | sp.StrictLessThan)]
    above = [c.gts - c.lts for c in strict]
    if len(pieces) == 3 and len(strict) == 2 and above[0] == -above[1] and pieces[2][0] in above:
        return [*pieces[:2], (sp.Integer(0), True)]
    return pieces


def _without_points(piece: Expression) -> Expression:
    sp = sympy()
    rest = [(value, holds) for value, holds in piece.args if not any(isinstance(c, sp.Eq) for c in sp.And.make_args(holds))]
    return sp.Piecewise(*rest) if len(rest) < len(piece.args) else piece
