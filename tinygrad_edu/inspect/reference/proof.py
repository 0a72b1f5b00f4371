"""Is a rule right? Proved on the spot.

Three statements of one derivative are held together: the documented function (or, where the docstring has no formula, the
op's own code run on symbols) differentiated by SymPy; the rule run on symbols; and the numbers that the engine computes.
The first two are shown to be one by algebra, case by case where there are cases, or else at random points with 30 digits.
The engine is compared at random points, and also with differences, which know no formula at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any

import numpy as np

from ...core import Op, Value, gradients
from ...errors import OptionError
from ...ops.domain import real
from .printing import plain
from .rules import rule_of
from .symbols import UNREADABLE, Expression, documented_formulas, function, sympy, variables

__all__ = ["DIGITS", "Comparison", "Counterexample", "Proof", "engine_slopes", "evaluated", "made_up", "option_values",
           "points", "prove", "slope_by_sympy", "truth", "zero_case_by_case"]  # fmt: skip

POINTS, DIGITS = 20, 30
ENOUGH = 9  # correct digits that the engine has to show; differences have two thirds of them
LARGE = 120  # operations in a formula that SymPy is not asked to simplify
EXAMPLES: dict[str, dict[str, Any]] = {"astype": {"dtype": np.float64}, "ldexp": {"x2": 3}}  # options that are no real number


@dataclass(frozen=True)
class Counterexample:
    """A point at which two statements differ that should be one.

    Attributes:
        at: the point, a number for each input.
        said: what is in question, and `value` the number that it gives.
        other: what it is held to, and `truth` the number that that gives.
    """

    at: dict[str, float]
    said: str
    value: float
    other: str
    truth: float

    def __str__(self) -> str:
        where = ", ".join(f"{n} = {x:.6g}" for n, x in self.at.items())
        return f"at {where}: {self.said} {self.value:.10g}, {self.other} {self.truth:.10g}"


@dataclass(frozen=True)
class Comparison:
    """Two columns of numbers, an entry for each point, and how many digits have to agree."""

    said: str
    values: Any
    other: str
    truths: Any
    enough: int

    @property
    def digits(self) -> int:
        """How many decimal digits agree at the worst point."""
        error, most = self.errors[self.worst], DIGITS if np.asarray(self.values).dtype == object else 16  # of a float
        return most if error == 0 else max(0, min(most, int(-np.log10(error)))) if np.isfinite(error) else 0

    @property
    def worst(self) -> int:
        """Which point that is."""
        return int(np.argmax(self.errors))

    @property
    def errors(self) -> list[float]:
        """Relative ones, but of small numbers as if they were near 1."""
        return [_error(v, t) for v, t in zip(self.values, self.truths, strict=True)]

    def __str__(self) -> str:
        return f"{self.said} = {self.other}: {self.digits} digits at {len(self.values)} random points"


@dataclass(frozen=True)
class Proof:
    """What is known about one partial derivative.

    Attributes:
        status: "proved" (for all x), "agrees" (at random points) or "refuted".
        statement: the same in words, for one line.
        checks: everything that was compared, a sentence each.
        counterexample: of what is refuted.
    """

    status: str
    statement: str
    checks: tuple[str, ...]
    counterexample: Counterexample | None = None


# -- algebra -----------------------------------------------------------------------------------------------------------


def slope_by_sympy(expression: Expression, x: Expression) -> Expression:
    """d/dx where nothing jumps: there, floor and sign are constants, and no impulse is felt."""
    sp = sympy()
    steps = {f: sp.Dummy(real=True) for f in expression.atoms(sp.floor, sp.ceiling, sp.sign)}
    slope = sp.diff(expression.xreplace(steps), x).xreplace({d: f for f, d in steps.items()})
    return slope.replace(sp.DiracDelta, lambda *at: sp.Integer(0))


@cache
def truth(op: Op, name: str) -> Expression:
    """SymPy's derivative of an op's function in its input `name`."""
    return slope_by_sympy(function(op), variables(op)[0][name])


def zero_case_by_case(expression: Expression, samples: list[dict[Any, Any]]) -> tuple[bool, list[str], int]:
    """Whether an expression is 0 wherever its conditions come out as at one of some sample points, by algebra.

    In each case, that is for each way in which its conditions came out, the expression has a formula without conditions,
    and that has to simplify to 0.

    Returns:
        Whether it does; what has to hold in every case; and how many cases there are.
    """
    if _is_zero(expression):
        return True, [], 1
    around = [_case(expression, values) for values in samples]
    conditions = {c for _, decided in around for c in decided}
    known = {c: {_holds(c, values) for values in samples} for c in conditions}
    always = [c if True in held else sympy().Not(c) for c, held in known.items() if len(held) == 1]
    restrictions = {_shortest(c) for c in always if not isinstance(c, sympy().Ne)}
    restrictions -= {r.replace(" > ", " >= ") for r in restrictions if " > " in r}  # what is said already
    cases = len({tuple(sorted(map(str, decided))) for _, decided in around})
    return all(map(_is_zero, {smooth for smooth, _ in around})), sorted(restrictions), cases


def _shortest(condition: Expression) -> str:
    return min(plain(condition), plain(condition.simplify()), key=len)


def _case(expression: Expression, values: dict[Any, Any]) -> tuple[Expression, frozenset[Any]]:
    """The formula that holds around a point, and the conditions that decide it, each with its answer there."""
    decisions: dict[Any, bool] = {}
    smooth = _resolved(expression, values, decisions)
    return smooth, frozenset(c if holds else sympy().Not(c) for c, holds in decisions.items())


def _is_zero(expression: Expression) -> bool:
    """Whether SymPy can show it in reasonable time."""
    sp = sympy()
    if expression.has(sp.erfc):
        expression = expression.rewrite(sp.erf)
    if expression == 0 or sp.expand(expression) == 0:
        return True
    conditions = expression.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside)
    return bool(not conditions and sp.count_ops(expression) <= LARGE and sp.simplify(expression) == 0)


def _holds(condition: Expression, values: dict[Any, Any]) -> bool:
    if condition in (sympy().true, sympy().false):
        return bool(condition)
    return bool(_compiled(tuple(values), condition)(*values.values()))


def _resolved(e: Expression, values: dict[Any, Any], decisions: dict[Any, bool]) -> Expression:
    """The formula that holds around a point: every condition is decided as it is there, and written down."""
    sp = sympy()

    def holds(condition: Expression) -> bool:
        for one in condition.atoms(sp.core.relational.Relational):
            decisions[one.canonical] = _holds(one, values)
        return _holds(condition, values)

    if not e.args:
        return e
    if isinstance(e, sp.Piecewise):
        return next((_resolved(v, values, decisions) for v, c in e.args if holds(c)), sp.nan)
    args = [_resolved(a, values, decisions) for a in e.args]
    if isinstance(e, sp.sign | sp.Abs | sp.Heaviside) and args[0].is_extended_nonnegative is None:
        up = holds(args[0] > 0)
        return {sp.sign: 1 if up else -1, sp.Heaviside: 1 if up else 0, sp.Abs: args[0] if up else -args[0]}[e.func] + sp.S(0)
    if isinstance(e, sp.Max | sp.Min):
        return _chosen(args, isinstance(e, sp.Max), holds)
    return e.func(*args)


def _chosen(args: list[Any], largest: bool, holds: Any) -> Expression:
    best = args[0]
    for other in args[1:]:
        best = other if holds(other > best if largest else other < best) else best
    return best


# -- numbers -----------------------------------------------------------------------------------------------------------


def evaluated(op: Op, expression: Expression, xs: list[Any], options: dict[str, Any], digits: int = DIGITS) -> Any:
    """A formula of an op's variables at several points, in so many digits, as an array of mpmath's numbers.

    Args:
        op: whose variables they are.
        expression: the formula.
        xs: an array `(n,)` for each input.
        options: a full set of options.
        digits: decimal digits to compute with.
    """
    import mpmath

    inputs, named = variables(op)
    f = _compiled((*inputs.values(), *named.values()), expression)
    with mpmath.workdps(digits):
        constants = [mpmath.mpf(options[n]) if isinstance(options[n], float) else options[n] for n in named]
        rows = [[mpmath.mpf(float(x)) for x in row] for row in zip(*xs, strict=True)]
        return np.array([mpmath.mpf(f(*row, *constants)) for row in rows], object)


@cache
def _compiled(variables: tuple[Any, ...], expression: Expression) -> Any:
    sp = sympy()
    names = {v: sp.Dummy() for v in variables}  # an input may be called `max`
    return sp.lambdify(list(names.values()), expression.xreplace(names), "mpmath")


def points(op: Op, rng: Any, options: dict[str, Any], count: int = POINTS) -> tuple[list[Any], dict[str, Any]]:
    """Random points of an op's domain, off its kinks: an array `(count,)` for each input; and the full set of options.

    Raises:
        OptionError: in 1000 attempts no point was away from the kinks.
    """
    full = {**option_values(op), **options}
    xs: list[list[float]] = []
    for _ in range(1000):
        x = [_uniform(rng, op.domain.get(n, real).intervals) for n in op.inputs]
        if distance_to_kinks(op, x, full) > 1e-3:
            xs.append(x)
        if len(xs) == count:
            return list(np.transpose(xs)), full
    raise OptionError(f"{op.name}: its domain has no points away from its kinks")


def _uniform(rng: Any, intervals: Any) -> float:
    low, high = intervals[rng.integers(len(intervals))]
    return float(rng.uniform(low, high))


def option_values(op: Op) -> dict[str, Any]:
    """A value for each option: its default, or one that is as good as any."""
    known = {n: d for n, d in op.options.items() if d is not Parameter.empty}
    numbers = {n: 2 if v.is_integer else 1.5 for n, v in variables(op)[1].items()}
    return {**numbers, **known, **EXAMPLES.get(op.name, {})}


def made_up(op: Op) -> str:
    """The options that have no default, with the values that stand in for one, in words."""
    values = option_values(op)
    return ", ".join(
        f"{n} = {getattr(values[n], '__name__', values[n])}" for n, d in op.options.items() if d is Parameter.empty
    )


def distance_to_kinks(op: Op, xs: list[Any], options: dict[str, Any]) -> float:
    """How far inputs are from the nearest kink, in the unit of the op's `kinks` expression; inf if it has none."""
    if op.kinks is None:
        return np.inf
    known = {**options, **dict(zip(op.inputs, xs, strict=True))}
    distances = op.kinks(**{n: known[n] for n in signature(op.kinks).parameters})
    distances = distances if isinstance(distances, tuple) else (distances,)
    return min((float(np.min(np.abs(d))) for d in distances), default=np.inf)


def engine_slopes(op: Op, xs: list[Any], options: dict[str, Any]) -> dict[str, Any]:
    """The partial derivatives at some points as the engine computes them: an array for each input."""
    values = [Value(np.array(x, float)) for x in xs]
    with np.errstate(all="ignore"):
        y = op(**dict(zip(op.inputs, values, strict=True)), **options)
        slopes = gradients(y, values, np.ones(y.shape))
    return {n: np.zeros_like(x) if g is None else g for n, g, x in zip(op.inputs, slopes, xs, strict=True)}


def _differences(op: Op, name: str, xs: list[Any], options: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Central differences with two steps, combined so that the cubic term cancels."""

    def difference(h: float) -> Any:
        up, down = ([x + s * (n == name) for n, x in zip(op.inputs, xs, strict=True)] for s in (h, -h))
        return (np.asarray(op.run(*up, **options)) - op.run(*down, **options)) / (2 * h)

    with np.errstate(all="ignore"):
        return np.asarray((4 * difference(2.5e-4) - difference(5e-4)) / 3)


# -- the verdict -------------------------------------------------------------------------------------------------------


def prove(op: Op, name: str, *, seed: int = 0) -> Proof:
    """The proof that the rule of an elementwise op for its input `name` is right, or a counterexample.

    Args:
        op: an elementwise op.
        name: one of its inputs.
        seed: of the random points.
    """
    xs, options = points(op, np.random.default_rng(seed), {})
    slopes = engine_slopes(op, xs, options)[name]
    measured = Comparison("rule on numbers", slopes, "differences", _differences(op, name, xs, options), ENOUGH * 2 // 3)
    try:
        compared = [*_formulas(op, name, xs, options, slopes), measured]
        algebra = _algebra(op, name, xs, options)
    except UNREADABLE as error:
        return _verdict(op, xs, [measured], "", f"no proof by algebra: {error}")
    return _verdict(op, xs, compared, algebra, "")


def _formulas(op: Op, name: str, xs: list[Any], options: dict[str, Any], slopes: Any) -> list[Comparison]:
    """The rule and the function, held to their formulas at some points."""
    said, right = (evaluated(op, e, xs, options) for e in (rule_of(op, name), truth(op, name)))
    stated = evaluated(op, function(op), xs, options).astype(float)
    with np.errstate(all="ignore"):
        computed = np.asarray(op.run(*xs, **options), float)
    sympys, known = (
        "SymPy's derivative",
        "documented function" if "y" in documented_formulas(op) else "function read off the code",
    )
    return [
        Comparison("rule on symbols", said, sympys, right, ENOUGH),
        Comparison("rule on numbers", slopes, sympys, right.astype(float), ENOUGH),
        Comparison(known, stated, "the op", computed, ENOUGH),
    ]


def _algebra(op: Op, name: str, xs: list[Any], options: dict[str, Any]) -> str:
    """What can be shown for all x, in words; nothing if SymPy cannot."""
    inputs, named = variables(op)
    numbers = {v: float(options[n]) for n, v in named.items()}
    samples = [{**dict(zip(inputs.values(), row, strict=True)), **numbers} for row in zip(*xs, strict=True)]
    holds, restrictions, cases = zero_case_by_case(rule_of(op, name) - truth(op, name), samples)
    where = f" where {' and '.join(restrictions)}" if restrictions else ""
    return f"proved for all {_all(op)}{where}{f', in {cases} cases' if cases > 1 else ''}" if holds else ""


def _all(op: Op) -> str:
    return ", ".join(op.inputs)


def _verdict(op: Op, xs: list[Any], compared: list[Comparison], algebra: str, remark: str) -> Proof:
    lines = (*([algebra] if algebra else []), *([remark] if remark else []), *map(str, compared))
    for one in compared:
        if one.digits < one.enough:
            i = one.worst
            at = {n: float(x[i]) for n, x in zip(op.inputs, xs, strict=True)}
            found = Counterexample(at, one.said, float(one.values[i]), one.other, float(one.truths[i]))
            return Proof("refuted", f"refuted: {found}", lines, found)
    if algebra:
        return Proof("proved", algebra, lines)
    return Proof("agrees", f"agrees at {len(xs[0])} random points to {compared[0].digits} digits", lines)


def _error(value: Any, truth: Any) -> float:
    if value == truth:
        return 0.0
    error = float(abs(value - truth) / max(1, abs(truth)))
    return error if error == error else np.inf
