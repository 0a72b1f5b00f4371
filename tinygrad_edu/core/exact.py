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

__all__ = ["Exact", "Scalar", "entries_of", "kind_of", "lifted", "numbered", "on_numbers"]

OBJECT = np.dtype(object)


class Scalar:
    """A number that stands in an object array in place of a float.

    It has the attributes of a NumPy scalar. A subclass has the operators, `of`, and by `function` what NumPy and
    entrywise ops shall call. All else raises.
    """

    __slots__ = ()
    shape: tuple[int, ...] = ()
    ndim, size, dtype = 0, 1, OBJECT

    @classmethod
    def of(cls, x: Any) -> Any:
        """A float, int, fraction or number of this kind, as a number of this kind."""
        raise NotImplementedError  # each kind says how

    @classmethod
    def lacks(cls, name: str) -> str:
        """Why this kind has no function of that name."""
        return f"np.{name} has no {cls.__name__} version"

    @classmethod
    def function(cls, name: str) -> Callable[..., Any] | None:
        """The function of that name for numbers of this kind, if there is one: NumPy's, or an entrywise op's."""
        return _BY_ORDER.get(name)

    def __getitem__(self, index: Any) -> Any:
        return np.asarray(self, object)[index]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if function := self.function(name):
            return partial(function, self)
        if isinstance(getattr(np, name, None), np.ufunc):
            return partial(_refuse, self.lacks(name))
        if not name.startswith("_") and hasattr(np.ndarray, name):
            return getattr(np.asarray(self, object), name)  # type: ignore[no-any-return]  # what is called is Any to mypy
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _heaviside(x: Any, at_zero: Any) -> Any:
    return 0 if x < 0 else at_zero if x == 0 else 1


_BY_ORDER: dict[str, Callable[..., Any]] = {"heaviside": _heaviside, "step": lambda x: _heaviside(x, 0)}


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
    def function(cls, name: str) -> Callable[..., Any] | None:
        """What stays within the fractions."""
        return _RATIONAL.get(name) or super().function(name)

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

    def __repr__(self) -> str:
        return f"Fraction({self.numerator}, {self.denominator})"


_RATIONAL: dict[str, Callable[..., Any]] = {
    "conjugate": lambda x: x,
    "fabs": abs,
    "rint": lambda x: Exact(round(x)),
    "fmod": lambda x, y: x - y * trunc(x / y),
}


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
    entries = {type(x) for a in objects for x in entries_of(a)}
    kinds = [k for k in entries if issubclass(k, Scalar) and k is not Exact]
    if len(kinds) > 1:
        raise DTypeError(f"{' and '.join(sorted(k.__name__ for k in kinds))} numbers in one computation; choose one")
    return kinds[0] if kinds else Exact if objects else None


def entries_of(array: Any) -> list[Any]:
    """The entries of an object array, out of the arrays of shape `()` that NumPy may have put them into."""
    return [x[()] if isinstance(x, np.ndarray) else x for x in np.ravel(array)]


def lifted(a: Any, kind: type[Scalar] | None = None) -> Any:
    """An array or number with every entry of one kind: a new object array, of shape `()` for a number."""
    array = np.asarray(a, object)
    of = (kind or kind_of([array]) or Exact).of
    y = np.empty(array.shape, object)
    with np.errstate(all="ignore"):  # of the flags that Python code leaves behind
        y.ravel()[...] = [of(x) for x in entries_of(array)]
    return y


def numbered(xs: Iterable[Any]) -> list[Any]:
    """The operands of one call in the same kind of number.

    A `fractions.Fraction` beside floats is a number like Python's own and becomes a float.
    """
    xs = list(xs)
    kind = kind_of(xs)
    if kind is None:
        return [float(x) if type(x) is Fraction else x for x in xs]
    return [x if x is None else lifted(x, kind) for x in xs]


def on_numbers(op: Any, xs: Iterable[Any]) -> Callable[..., Any]:
    """How an op runs on these operands: entry by entry where their kind has a function for it, else as on floats.

    Raises:
        DTypeError: from the returned function, if the op computed in floats behind the numbers' back.
    """
    kind = kind_of(xs)
    if kind is None:
        return op.run  # type: ignore[no-any-return]  # what is called is Any to mypy
    function = kind.function(op.name) if op.kind == "elementwise" else None
    return partial(_each, function, kind) if function else partial(_kept, op, kind)


def _each(function: Callable[..., Any], kind: type[Scalar], *xs: Any, **options: Any) -> Any:
    return lifted(np.frompyfunc(partial(function, **options), len(xs), 1)(*xs), kind)


class _Numbers(np.ndarray):
    """The operands inside an op: a plain number that is put between them becomes one of their kind.

    NumPy's loops would hand out the 0 of `np.minimum(x, 0)` as the int that it is, of which no `exp` can be taken.
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *xs: Any, **options: Any) -> Any:
        if "out" in options:
            options["out"] = tuple(x.view(np.ndarray) for x in options["out"])
        return _within(self, getattr(ufunc, method)(*map(_without, xs), **options))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        y = super().__array_function__(function, types, args, options)
        return _within(self, y) if function is np.where else y


def _within(like: Any, y: Any) -> Any:
    if getattr(y, "dtype", None) is OBJECT or type(y) in (int, float):
        return lifted(_without(y), kind_of([like.view(np.ndarray)])).view(_Numbers)
    return y


def _without(y: Any) -> Any:
    return y.view(np.ndarray)[()] if type(y) is _Numbers else y


def _kept(op: Any, kind: type[Scalar], *xs: Any, **options: Any) -> Any:
    y = op.run(*[x.view(_Numbers) if type(x) is np.ndarray and x.dtype is OBJECT else x for x in xs], **options)
    results = [*map(_without, y)] if isinstance(y, tuple) else [_without(y)]
    if any(one.dtype.kind == "f" and one.size for one in map(np.asarray, results)) and op.name != "astype":
        raise DTypeError(f"it computes in floats, and has no version for {kind.__name__} numbers")
    return getattr(type(y), "_make", tuple)(results) if isinstance(y, tuple) else results[0]
