"""Other numbers in place of floats: what an object array may hold so that the same ops and rules run on it.

NumPy's loops over object arrays call the operators of their entries, and for `np.exp` the method `exp`. So a class with
those operators and methods passes through every op and every rule that is written in such functions, and one that lacks
a method cannot be rounded to a float in silence: the call raises.

    Scalar
    ├── Exact       fractions, without any rounding
    ├── Interval    in testing/numbers: two ends with the truth between them
    └── Step        in testing/numbers: a real number with an imaginary step
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from math import floor, trunc
from typing import Any

import numpy as np

from ..errors import DTypeError

__all__ = ["Exact", "Scalar", "kind_of", "lifted", "numbered"]

OBJECT = np.dtype(object)


class Scalar:
    """A number that stands in an object array in place of a float.

    A subclass has the operators, `of`, and a method for each function that it knows, by NumPy's name. The others raise.
    """

    __slots__ = ()

    @classmethod
    def of(cls, x: Any) -> Any:
        """A float, int, fraction or number of this kind, as a number of this kind."""
        raise NotImplementedError

    @classmethod
    def lacks(cls, name: str) -> str:
        """Why this kind has no function of that name."""
        return f"np.{name} has no {cls.__name__} version"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if isinstance(getattr(np, name, None), np.ufunc):
            return partial(_refuse, self.lacks(name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _refuse(text: str, *_: Any) -> Any:
    raise DTypeError(text)


def _rational(x: Any) -> Any:
    """What an Exact computes with: every float is a fraction with a power of two below the line."""
    if isinstance(x, np.generic):
        x = x.item()
    if not isinstance(x, float):
        return x
    try:
        return Fraction(x)
    except (OverflowError, ValueError):
        raise DTypeError(f"{x} is no fraction; exact arithmetic has finite numbers only") from None


def _exact(y: Any) -> Any:
    return y if y is NotImplemented else Exact(y)


class Exact(Scalar, Fraction):
    """A fraction that stays one: beside a float it takes the float for the fraction that it is.

    `fractions.Fraction` would turn into a float there, and so would `1 / 3`. Entries of a Value made of fractions are of
    this class.

    >>> Exact(1, 3) * 0.5
    Fraction(1, 6)

    Raises:
        DTypeError: a function or power that has no exact value.
        ZeroDivisionError: division by 0.
    """

    __slots__ = ()

    @classmethod
    def of(cls, x: Any) -> Exact:
        """An Exact of the same value."""
        return x if type(x) is Exact else Exact(_rational(x))

    @classmethod
    def lacks(cls, name: str) -> str:
        """Why."""
        return f"np.{name} of a fraction is not a fraction: this cannot be computed exactly. Use floats, x.astype(float)"

    # fmt: off
    def __add__(self, other: Any) -> Any: return _exact(Fraction.__add__(self, _rational(other)))
    def __radd__(self, other: Any) -> Any: return _exact(Fraction.__radd__(self, _rational(other)))
    def __sub__(self, other: Any) -> Any: return _exact(Fraction.__sub__(self, _rational(other)))
    def __rsub__(self, other: Any) -> Any: return _exact(Fraction.__rsub__(self, _rational(other)))
    def __mul__(self, other: Any) -> Any: return _exact(Fraction.__mul__(self, _rational(other)))
    def __rmul__(self, other: Any) -> Any: return _exact(Fraction.__rmul__(self, _rational(other)))
    def __truediv__(self, other: Any) -> Any: return _exact(Fraction.__truediv__(self, _rational(other)))
    def __rtruediv__(self, other: Any) -> Any: return _exact(Fraction.__rtruediv__(self, _rational(other)))
    def __floordiv__(self, other: Any) -> Any: return _exact(Fraction.__floordiv__(self, _rational(other)))
    def __rfloordiv__(self, other: Any) -> Any: return _exact(Fraction.__rfloordiv__(self, _rational(other)))
    def __mod__(self, other: Any) -> Any: return _exact(Fraction.__mod__(self, _rational(other)))
    def __rmod__(self, other: Any) -> Any: return _exact(Fraction.__rmod__(self, _rational(other)))
    def __pow__(self, other: Any) -> Any: return _power(self, _rational(other))
    def __rpow__(self, other: Any) -> Any: return _power(_rational(other), self)
    def __neg__(self) -> Any: return Exact(Fraction.__neg__(self))
    def __pos__(self) -> Any: return self
    def __abs__(self) -> Any: return Exact(Fraction.__abs__(self))
    # fmt: on

    def conjugate(self) -> Exact:
        """Itself, as of every real number."""
        return self

    def fabs(self) -> Any:
        """Its distance from zero."""
        return abs(self)

    def rint(self) -> Exact:
        """The nearest integer, the even one of two."""
        return Exact(round(self))

    def fmod(self, other: Any) -> Any:
        """What division leaves, with the sign of this number."""
        return self - other * trunc(self / other)

    def __repr__(self) -> str:
        return f"Fraction({self.numerator}, {self.denominator})"


def _power(base: Any, exponent: Any) -> Any:
    if not isinstance(exponent, int | Fraction) or not isinstance(base, int | Fraction):
        return NotImplemented
    if exponent.denominator != 1:
        raise DTypeError(f"the power {exponent} of a fraction is not a fraction; exponents have to be integers")
    return Exact(Fraction(base) ** floor(exponent))


# -- arrays of them --------------------------------------------------------------------------------------------------


def kind_of(arrays: Iterable[Any]) -> type[Scalar] | None:
    """The class that the entries of object arrays can share: `Exact`, unless there are others; None without any.

    Raises:
        DTypeError: two kinds that have nothing in common.
    """
    objects = [a for a in arrays if getattr(a, "dtype", None) is OBJECT]
    entries = {type(x) for a in objects for x in np.ravel(a)}
    kinds = [k for k in entries if issubclass(k, Scalar) and k is not Exact]
    if len(kinds) > 1:
        raise DTypeError(f"{' and '.join(sorted(k.__name__ for k in kinds))} numbers in one computation; choose one")
    return kinds[0] if kinds else Exact if objects else None


def lifted(a: Any, kind: type[Scalar] | None = None) -> Any:
    """An array or number with every entry of one kind: a new object array, of shape `()` for a number."""
    array = np.asarray(a, object)
    kind = kind or kind_of([array]) or Exact
    return np.asarray(np.frompyfunc(kind.of, 1, 1)(array), object)


def numbered(xs: Iterable[Any]) -> list[Any]:
    """The operands of one call in the same kind of number.

    Where only single fractions stand beside float arrays, they are numbers like Python's own and become floats.
    """
    xs = list(xs)
    kind = kind_of(xs)
    if kind is None:
        return [float(x) if type(x) is Exact else x for x in xs]
    return [x if x is None else lifted(x, kind) for x in xs]
