"""The elementary functions of intervals: each encloses all values that the function takes between the two ends.

A function that rises takes its least value at the lower end, one that falls at the upper end; there mpmath computes it to
100 bits. The result is wider than that by four units in the last place of a float, more than NumPy's functions are off.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .intervals import Interval, _made, _padded, hull, iv

__all__ = ["FUNCTIONS"]

Function = Callable[..., Interval]
INF = float("inf")
_LEAST_LGAMMA = (1.4616321449683623, -0.12148629053584961)  # where lgamma is least, and how little


@cache
def _mp() -> Any:
    from mpmath.ctx_mp import MPContext

    context = MPContext()
    context.prec = 100
    return context


def _at(name: str, *ends: Any) -> Any:
    """An mpmath function at ends of intervals, enclosed and padded."""
    mp = _mp()
    function = _FORMULAS.get(name) or getattr(mp, name)
    y = function(*[mp.make_mpf(e._mpi_[0]) for e in ends])
    return _padded(iv().mpf(y))


def _within(x: Interval, lo: float, hi: float) -> bool:
    return x.defined and lo <= x.v.a and x.v.b <= hi


def _rising(name: str, lo: float = -INF, hi: float = INF, exact: tuple[float, float] | None = None) -> Function:
    """The enclosure of a function that rises from lo to hi; `exact` is one place and the value there."""

    def enclosure(x: Interval) -> Interval:
        if not _within(x, lo, hi):
            return _made(None)
        if exact and x.v.a == exact[0] == x.v.b:
            return Interval(exact[1])
        return _made(iv().mpf([_at(name, x.v.a).a, _at(name, x.v.b).b]))

    return enclosure


def _falling(name: str, lo: float = -INF, hi: float = INF) -> Function:
    def enclosure(x: Interval) -> Interval:
        return _made(iv().mpf([_at(name, x.v.b).a, _at(name, x.v.a).b])) if _within(x, lo, hi) else _made(None)

    return enclosure


def _unless_undefined(function: Callable[[Any], Any]) -> Function:
    return lambda x: _made(function(x.v) if x.defined else None)


def _wave(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """As sin and cos: iv knows their turning points; what padding put beyond 1 is cut off."""

    def enclosure(v: Any) -> Any:
        y = _padded(function(v))
        return iv().mpf([max(y.a, iv().mpf(-1)), min(y.b, iv().mpf(1))])

    return enclosure


def _tan(x: Interval) -> Interval:
    if not x.defined:
        return x
    mp = _mp()
    turns = [mp.floor(mp.make_mpf(e._mpi_[0]) / mp.pi + 0.5) for e in (x.v.a, x.v.b)]
    return _rising("tan")(x) if turns[0] == turns[1] else Interval(-INF, INF)


def _sqrt(x: Interval) -> Interval:
    return _made(iv().sqrt(x.v)) if _within(x, 0, INF) else _made(None)


def _lgamma(x: Interval) -> Interval:
    if not _within(x, 0, INF):
        return _made(None)
    place, least = _LEAST_LGAMMA
    if x.v.a >= place or x.v.b <= place:
        ends = _at("loggamma", x.v.a), _at("loggamma", x.v.b)
        return hull(_made(ends[0]), _made(ends[1]))
    return hull(hull(_made(_at("loggamma", x.v.a)), _made(_at("loggamma", x.v.b))), Interval(least - 1e-15))


def _polygamma(x: Interval, n: int) -> Interval:
    """The n-th derivative of digamma: on positive numbers it rises or falls all the way."""
    if not _within(x, 0, INF):
        return _made(None)
    ends = [iv().mpf(_mp().psi(n, _mp().make_mpf(e._mpi_[0]))) for e in (x.v.a, x.v.b)]
    return hull(*[_made(_padded(y)) for y in ends])


def _arctan2(y: Interval, x: Interval) -> Interval:
    if not (y.defined and x.defined):
        return _made(None)
    if x.v.a <= 0 and 0 in y.v:  # across the cut, or at the origin
        return Interval(-3.1415926535897936, 3.1415926535897936)
    corners = [_made(_at("atan2", b, a)) for b in (y.v.a, y.v.b) for a in (x.v.a, x.v.b)]
    return hull(hull(corners[0], corners[1]), hull(corners[2], corners[3]))


def _logaddexp(x: Interval, y: Interval) -> Interval:
    if not (x.defined and y.defined):
        return _made(None)
    return _made(iv().mpf([_at("logaddexp", x.v.a, y.v.a).a, _at("logaddexp", x.v.b, y.v.b).b]))


def _extreme(choose: Callable[..., Any]) -> Function:
    def enclosure(x: Interval, y: Interval) -> Interval:
        return _made(iv().mpf([choose(x.v.a, y.v.a), choose(x.v.b, y.v.b)]) if x.defined and y.defined else None)

    return enclosure


def _sinc(x: Interval) -> Interval:
    """Near 0, where sin(z)/z says nothing: between 1 - z**2/6 and 1, and never below -0.2173."""
    if not x.defined:
        return x
    z = x.v * iv().pi
    y = 1 - z**2 / 6 if 0 in x.v else _wave(lambda v: iv().sin(v))(z) / z
    highest = iv().mpf(1) if 0 in x.v else min(y.b, iv().mpf(1))
    return _made(iv().mpf([max(y.a, iv().mpf(-0.2173)), highest]))


def _hypot(x: Interval, y: Interval) -> Interval:
    return _sqrt(x**2 + y**2)


_FORMULAS: dict[str, Callable[..., Any]] = {
    "log1p": lambda x: _mp().log(1 + x) if abs(x) > 1e-3 else _mp().log1p(x),
    "exp2": lambda x: _mp().mpf(2) ** x,
    "log2": lambda x: _mp().log(x, 2),
    "cbrt": lambda x: _mp().cbrt(x) if x >= 0 else -_mp().cbrt(-x),
    "sigmoid": lambda x: 1 / (1 + _mp().exp(-x)),
    "logaddexp": lambda x, y: max(x, y) if abs(x - y) == INF or x == y == -INF
        else max(x, y) + _mp().log1p(_mp().exp(-abs(x - y))),
}  # fmt: skip

FUNCTIONS: dict[str, Function] = {
    "exp": _rising("exp", exact=(0, 1)), "exp2": _rising("exp2", exact=(0, 1)), "expm1": _rising("expm1"),
    "log": _rising("log", 0), "log2": _rising("log2", 0), "log10": _rising("log10", 0), "log1p": _rising("log1p", -1),
    "sqrt": _sqrt, "cbrt": _rising("cbrt"), "square": lambda x: x**2, "hypot": _hypot,
    "sin": _unless_undefined(_wave(lambda v: iv().sin(v))), "cos": _unless_undefined(_wave(lambda v: iv().cos(v))),
    "tan": _tan, "sinc": _sinc, "arcsin": _rising("asin", -1, 1), "arccos": _falling("acos", -1, 1), "arctan": _rising("atan"),
    "arctan2": _arctan2, "sinh": _rising("sinh"), "cosh": lambda x: _rising("cosh", exact=(0, 1))(abs(x)),
    "tanh": _rising("tanh"), "arcsinh": _rising("asinh"), "arccosh": _rising("acosh", 1), "arctanh": _rising("atanh", -1, 1),
    "sigmoid": _rising("sigmoid"), "logaddexp": _logaddexp, "erf": _rising("erf"), "erfc": _falling("erfc"),
    "erfinv": _rising("erfinv", -1, 1), "digamma": _rising("digamma", 0), "lgamma": _lgamma, "polygamma": _polygamma,
    "maximum": _extreme(max), "minimum": _extreme(min), "relu": lambda x: _extreme(max)(x, Interval(0)),
    "deg2rad": lambda x: x * _degree(), "radians": lambda x: x * _degree(),
    "rad2deg": lambda x: x / _degree(), "degrees": lambda x: x / _degree(),
    "rint": round, "fabs": abs, "conjugate": lambda x: x, "fmod": lambda x, y: x - y * (x / y).__trunc__(),
}  # fmt: skip


def _degree() -> Interval:
    return _made(_padded(iv().pi / 180))
