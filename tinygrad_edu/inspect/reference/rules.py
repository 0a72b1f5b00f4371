"""What the rules of elementwise ops say, as formulas: the rules are run on symbols."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any

from ...core import Op
from .symbols import Expression, Symbol, _number, exact, expanded, function, sympy, variables

__all__ = ["as_written", "latex", "plain", "rule_of", "shortened", "written_out"]


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


# -- printing ----------------------------------------------------------------------------------------------------------


def written_out(expression: Expression) -> Expression:
    """The formula for reading: pieces side by side, and no guards against single points inside a product or a root."""
    sp = sympy()
    if isinstance(expression, sp.Piecewise):
        return sp.piecewise_fold(sp.Piecewise(*[(written_out(value), holds) for value, holds in expression.args]))
    for piece in sorted(expression.atoms(sp.Piecewise), key=sp.count_ops):
        expression = expression.xreplace({piece: _without_points(piece)})
    folded = sp.piecewise_fold(expression) if expression.has(sp.Piecewise) else expression
    return folded if sp.count_ops(folded) <= sp.count_ops(expression) else expression


def _without_points(piece: Expression) -> Expression:
    sp = sympy()
    rest = [(value, holds) for value, holds in piece.args if not any(isinstance(c, sp.Eq) for c in sp.And.make_args(holds))]
    return sp.Piecewise(*rest) if len(rest) < len(piece.args) else piece


def plain(expression: Expression) -> str:
    """One line of text; pieces as Python has them, `1 if x > 0 else 0`."""
    text = str(_printer("text").doprint(_decimals(expression)))
    return text[1:-1] if isinstance(expression, sympy().Piecewise) else text


def latex(expression: Expression) -> str:
    """LaTeX, with names of several letters upright."""
    expression = _decimals(expression)
    return str(_printer("latex", _upright(expression)).doprint(expression))


def shortened(expression: Expression, write: Callable[[Expression], str], joint: str, limit: int = 90) -> str:
    """A formula written by `plain` or `latex`; if it is long, with letters, after the joint, for what it says again."""
    if len(plain(expression)) <= limit:
        return write(expression)
    sp = sympy()
    letters = (sp.Symbol(c) for c in "abcdpqrs" if sp.Symbol(c, real=True) not in expression.free_symbols)
    shared, (short,) = sp.cse(expression, letters)
    return joint.join([write(short), ", ".join(f"{name} = {write(part)}" for name, part in shared)])


def _upright(expression: Expression) -> dict[Any, str]:
    """What LaTeX would take for a product of letters, or for an index."""
    words = [s for s in expression.free_symbols if "_" in s.name or (len(s.name) > 2 and s.name not in _GREEK)]
    return {s: r"\mathrm{" + s.name.replace("_", r"\_") + "}" for s in words}


_GREEK = {"alpha", "beta", "gamma", "delta", "lambda", "theta", "sigma"}


def _printer(kind: str, names: dict[Any, str] | None = None) -> Any:
    """SymPy's printer, but a sum starts with a term that is added: `x - target`."""
    from sympy.printing.latex import LatexPrinter
    from sympy.printing.str import StrPrinter

    base: Any = StrPrinter if kind == "text" else LatexPrinter

    class Printer(base):  # type: ignore[misc]
        def _as_ordered_terms(self, expr: Any, order: Any = None) -> Any:
            return sorted(super()._as_ordered_terms(expr, order=order), key=lambda t: t.could_extract_minus_sign())

    if kind == "text":
        Printer._print_Piecewise = _conditional
        Printer._print_Equality = lambda self, e: f"{self._print(e.lhs)} == {self._print(e.rhs)}"
        Printer._print_And = lambda self, e: " and ".join(self.parenthesize(a, _AND) for a in e.args)
        Printer._print_Or = lambda self, e: " or ".join(self.parenthesize(a, _AND) for a in e.args)
    return Printer({"symbol_names": names} if names else None)


_AND = 25  # as tightly as SymPy's printer holds `and` together: less than a relation


def _conditional(printer: Any, piece: Expression) -> str:
    """`a if condition else b`."""
    *some, (rest, _) = piece.args
    return f"({''.join(f'{printer._print(v)} if {printer._print(c)} else ' for v, c in some)}{printer._print(rest)})"


def _decimals(expression: Expression) -> Expression:
    """Fractions that came from decimals, as decimals again."""
    sp = sympy()
    long = {q: _decimal(q) for q in expression.atoms(sp.Rational) if q.q > 100 and not (10**60 % q.q and q.q < 10**6)}
    return expression.xreplace(long)


def _decimal(q: Expression) -> Expression:
    sp = sympy()
    return sp.Float(str(float(q)), min(len(f"{float(q):.15g}".strip("-0.").replace(".", "")) + 1, 15))
