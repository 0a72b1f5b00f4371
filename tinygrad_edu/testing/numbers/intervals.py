"""Intervals: two ends with the exact result between them, every operation rounded outwards.

The arithmetic is mpmath's `iv` with the 53 bits of a float, so what a float operation gives lies inside too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from ...core.exact import Scalar
from ...errors import DTypeError, MissingExtra
from .deciding import ANY, EQUAL, GREATER, LESS, UNORDERED, decided

__all__ = ["Interval", "hull", "iv"]


@cache
def iv() -> Any:
    """A context of mpmath's intervals of our own, so that a user's `iv.prec` does not change proofs."""
    try:
        from mpmath.ctx_iv import MPIntervalContext
    except ImportError as error:
        raise MissingExtra("intervals need mpmath: pip install 'tinygrad-edu[symbolic]'") from error
    return MPIntervalContext()


class Interval(Scalar):
    """All numbers from `lo` to `hi`; or undefined, where a function was asked outside its domain.

    An undefined interval claims nothing: it holds every number and NaN.

    Args:
        lo: the lower end: a float, an int or a fraction, which is rounded down.
        hi: the upper end, rounded up; `lo` if not said.

    >>> Interval(1, 2) - Interval(1, 2)
    Interval(-1.0, 1.0)
    >>> Interval(1) / 3
    Interval(0.3333333333333333, 0.33333333333333337)
    """

    __slots__ = ("v",)

    def __init__(self, lo: Any, hi: Any = None) -> None:
        ends = [_enclosed(lo), _enclosed(lo if hi is None else hi)]
        self.v: Any = None if None in ends else iv().mpf([ends[0].a, ends[1].b])

    @classmethod
    def of(cls, x: Any) -> Interval:
        """A number that a computation brings in: an interval as it is; a float of many digits with its rounding error.

        It may stand for 1/6, log(2) or 0.1, which no float is. `Interval(x)` is the float itself.
        """
        return x if type(x) is Interval else _made(_meant(x))

    @classmethod
    def function(cls, name: str) -> Callable[..., Any] | None:
        """The enclosure of the function of that name."""
        from .enclosures import FUNCTIONS

        return FUNCTIONS.get(name) or super().function(name)

    @classmethod
    def lacks(cls, name: str) -> str:
        """Why."""
        return f"np.{name} has no version for intervals, so nothing can be proven about it"

    @property
    def defined(self) -> bool:
        """Whether anything is claimed."""
        return self.v is not None

    @property
    def lo(self) -> float:
        """The lower end as a float, rounded down; NaN if undefined."""
        return _outwards(self.v._mpi_[0], -math.inf) if self.defined else math.nan

    @property
    def hi(self) -> float:
        """The upper end as a float, rounded up; NaN if undefined."""
        return _outwards(self.v._mpi_[1], math.inf) if self.defined else math.nan

    @property
    def width(self) -> float:
        """The distance between the ends; NaN if undefined."""
        return math.nextafter(self.hi - self.lo, math.inf) if self.hi != self.lo else 0.0

    @property
    def identity(self) -> Any:
        """What tells it from others in comparisons: points by their place, all else by itself."""
        return self.v._mpi_[0] if self.defined and self.v._mpi_[0] == self.v._mpi_[1] else id(self)

    def __contains__(self, x: Any) -> bool:
        """Whether a float lies between `lo` and `hi`, or a fraction or mpmath number inside without rounding anything."""
        if not self.defined:
            return True
        if isinstance(x, float) or x != x:
            return bool(self.lo <= x <= self.hi)
        below, above = map(_exactly, self.v._mpi_)
        return bool(below <= _exactly(x) <= above)

    # fmt: off
    def __add__(self, other: Any) -> Any: return _computed(lambda a, b: a + b, self, other)
    def __radd__(self, other: Any) -> Any: return _computed(lambda a, b: a + b, other, self)
    def __sub__(self, other: Any) -> Any: return _computed(lambda a, b: a - b, self, other)
    def __rsub__(self, other: Any) -> Any: return _computed(lambda a, b: a - b, other, self)
    def __mul__(self, other: Any) -> Any: return _computed(_product, self, other)
    def __rmul__(self, other: Any) -> Any: return _computed(_product, other, self)
    def __truediv__(self, other: Any) -> Any: return _computed(_quotient, self, other)
    def __rtruediv__(self, other: Any) -> Any: return _computed(_quotient, other, self)
    def __pow__(self, other: Any) -> Any: return _computed(_power, self, other)
    def __rpow__(self, other: Any) -> Any: return _computed(_power, other, self)
    def __floordiv__(self, other: Any) -> Any: return math.floor(self / other)
    def __rfloordiv__(self, other: Any) -> Any: return math.floor(other / self)
    def __mod__(self, other: Any) -> Any: return self - other * math.floor(self / other)
    def __rmod__(self, other: Any) -> Any: return other - self * math.floor(other / self)
    def __neg__(self) -> Any: return _made(-self.v if self.defined else None)
    def __pos__(self) -> Any: return self
    def __abs__(self) -> Any: return _made(abs(self.v) if self.defined else None)
    def __floor__(self) -> Any: return self._rounded(math.floor)
    def __ceil__(self) -> Any: return self._rounded(math.ceil)
    def __trunc__(self) -> Any: return self._rounded(math.trunc)
    def __round__(self, digits: int | None = None) -> Any: return self._rounded(round) if not digits else NotImplemented
    def __lt__(self, other: Any) -> Any: return _compared(self, other, LESS)
    def __le__(self, other: Any) -> Any: return _compared(self, other, LESS, EQUAL)
    def __gt__(self, other: Any) -> Any: return _compared(self, other, GREATER)
    def __ge__(self, other: Any) -> Any: return _compared(self, other, GREATER, EQUAL)
    def __eq__(self, other: Any) -> Any: return _compared(self, other, EQUAL)
    def __ne__(self, other: Any) -> Any: return _compared(self, other, LESS, GREATER, UNORDERED)
    __hash__ = object.__hash__
    def __float__(self) -> float: raise DTypeError("an Interval is no float; its ends are x.lo and x.hi")
    def __bool__(self) -> bool: return bool(self != 0)
    def __repr__(self) -> str: return f"Interval({self.lo}, {self.hi})" if self.defined else "Interval(undefined)"
    # fmt: on

    def _rounded(self, rounding: Callable[[float], int]) -> Interval:
        if not self.defined or math.isinf(self.lo) or math.isinf(self.hi):
            return self
        return Interval(rounding(self.lo), rounding(self.hi))


def _made(v: Any) -> Interval:
    x = object.__new__(Interval)
    x.v = v
    return x


def hull(a: Interval, b: Interval) -> Interval:
    """The narrowest interval that holds two."""
    if not (a.defined and b.defined):
        return _made(None)
    return _made(iv().mpf([min(a.v.a, b.v.a, key=_end), max(a.v.b, b.v.b, key=_end)]))


def _end(point: Any) -> Any:
    return _exactly(point._mpi_[0])


# -- numbers in and out ------------------------------------------------------------------------------------------------


def _enclosed(x: Any) -> Any:
    """A number as an interval of mpmath's; None for NaN."""
    if isinstance(x, Interval):
        return x.v
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float) and math.isnan(x):
        return None
    if isinstance(x, Fraction):
        return iv().mpf(x.numerator) / iv().mpf(x.denominator)
    if isinstance(x, float | int) or type(x).__module__.startswith("mpmath"):
        return iv().mpf(x)
    raise DTypeError(f"a {type(x).__name__} among intervals; it has to be a float, an int, a fraction or an interval")


def _meant(x: Any) -> Any:
    """A number with the rounding error it may have: half a unit in the last place of a float of more than 32 bits."""
    v = _enclosed(x)
    if isinstance(x, np.generic):
        x = x.item()
    if not isinstance(x, float) or not math.isfinite(x) or x.as_integer_ratio()[0].bit_length() <= _SHORT:
        return v
    return v + iv().mpf([-math.ulp(x) / 2, math.ulp(x) / 2])


_SHORT = 32


def _exactly(x: Any) -> Any:
    """A float, fraction, mpmath number or its raw parts, as something that compares without rounding."""
    raw = x if isinstance(x, tuple) else getattr(x, "_mpf_", None)
    if raw is None:
        return x
    sign, mantissa, exponent, _ = raw
    if not mantissa:
        return {0: Fraction(0), -456: math.inf, -789: -math.inf, -123: math.nan}[exponent]
    return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent


def _outwards(raw: Any, towards: float) -> float:
    exact = _exactly(raw)
    try:
        x = float(exact)
    except OverflowError:
        x = math.inf if exact > 0 else -math.inf
    beyond = x > exact if towards < 0 else x < exact
    return math.nextafter(x, towards) if beyond else x


# -- arithmetic --------------------------------------------------------------------------------------------------------


def _computed(operation: Callable[..., Any], a: Any, b: Any) -> Any:
    if not all(isinstance(x, Interval | Fraction | float | int | np.number | np.bool_) for x in (a, b)):
        return NotImplemented
    x, y = _meant(a), _meant(b)
    return _made(None if x is None or y is None else operation(x, y))


def _bounded(v: Any) -> bool:
    return all(raw[1] or not raw[2] for raw in v._mpi_)


def _product(a: Any, b: Any) -> Any:
    if (0 in a and not _bounded(b)) or (0 in b and not _bounded(a)):
        return None  # 0 * inf
    return a * b


def _quotient(a: Any, b: Any) -> Any:
    return None if 0 in b and 0 in a else a / b


def _power(a: Any, b: Any) -> Any:
    n = _exactly(b._mpi_[0])
    if b._mpi_[0] == b._mpi_[1] and n == n // 1:
        return a ** int(n) if n >= 0 else _quotient(iv().mpf(1), a ** int(-n))
    if a.a > 0:
        return _padded(a**b)
    if a.a == 0 and b.a > 0 and a.b > 0:
        return iv().mpf([0, _padded(iv().mpf(a.b) ** b).b])
    return None


def _padded(v: Any) -> Any:
    """Wider by four units in the last place: NumPy's functions promise no better."""
    return v * iv().mpf([1 - 2.0**-50, 1 + 2.0**-50])


# -- order -------------------------------------------------------------------------------------------------------------


def _compared(a: Any, b: Any, *wanted: Any) -> Any:
    if not isinstance(b, Interval | Fraction | float | int | np.number | np.bool_):
        return NotImplemented
    b = b if type(b) is Interval else Interval(b)
    return decided(a, b, _orders(a, b), frozenset(wanted))


def _orders(a: Interval, b: Interval) -> frozenset[int | None]:
    if a is b:
        return frozenset((EQUAL,)) if a.defined else frozenset((EQUAL, UNORDERED))
    if not (a.defined and b.defined):
        return ANY
    (a0, a1), (b0, b1) = ([_exactly(e) for e in x.v._mpi_] for x in (a, b))
    return frozenset([LESS] * (a0 < b1) + [GREATER] * (a1 > b0) + [EQUAL] * (a0 <= b1 and b0 <= a1))
