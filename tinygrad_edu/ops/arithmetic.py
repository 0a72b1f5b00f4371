"""Sums, products, quotients, remainders, powers and roots."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import NUMPY, composite, elementwise
from . import domain
from .rounding import astype

__all__ = ["absolute", "add", "cbrt", "cube", "divide", "float_power", "floor_divide", "fmod", "lerp",
           "multiply", "negative", "positive", "power", "reciprocal", "remainder", "rsqrt", "sqrt", "square",
           "subtract"]  # fmt: skip

_DIVIDEND = domain.Domain("all real x", ((-2.8, -2.2), (2.2, 2.8)))  # tested where the quotient is not an integer
_DIVISOR = domain.Domain("x != 0", ((-1.05, -0.95), (0.95, 1.05)))


def _to_integer(x1: Any, x2: Any) -> Any:
    return x1 / x2 - np.rint(x1 / x2)


@elementwise(dx1=1, dx2=1)
def add(x1: Any, x2: Any) -> Any:
    """Sum.

    y = x1 + x2
    dy/dx1 = 1
    dy/dx2 = 1
    """
    return x1 + x2


@elementwise(dx1=1, dx2=-1)
def subtract(x1: Any, x2: Any) -> Any:
    """Difference.

    y = x1 - x2
    dy/dx1 = 1
    dy/dx2 = -1
    """
    return x1 - x2


@elementwise(dx1=lambda x2: x2, dx2=lambda x1: x1)
def multiply(x1: Any, x2: Any) -> Any:
    """Product.

    y = x1*x2
    dy/dx1 = x2
    dy/dx2 = x1
    """
    return x1 * x2


def _divisor(x: Any) -> Any:
    """Python's own zero raises where NumPy's gives infinity."""
    return np.float64(x) if isinstance(x, (int, float)) and x == 0 else x


@elementwise(dx1=lambda x2: 1 / _divisor(x2), dx2=lambda y, x2: -y / x2, domain=dict(x2=domain.nonzero))
def divide(x1: Any, x2: Any) -> Any:
    """Quotient.

    y = x1/x2
    dy/dx1 = 1/x2
    dy/dx2 = -x1/x2**2

    1/0 is inf with slopes inf and -inf; 0/0 is NaN.
    """
    return x1 / x2


@elementwise(dx1=0, dx2=0, domain=dict(x1=_DIVIDEND, x2=_DIVISOR), kinks=_to_integer)
def floor_divide(x1: Any, x2: Any) -> Any:
    """Quotient rounded down; a staircase, so its gradient is zero.

    y = floor(x1/x2)
    dy/dx1 = 0
    dy/dx2 = 0
    """
    return x1 // x2


@elementwise(dx1=1, dx2=lambda x1, x2: -(x1 // x2), numpy=(np.remainder, np.mod), kinks=_to_integer,
             domain=dict(x1=_DIVIDEND, x2=_DIVISOR))  # fmt: skip
def remainder(x1: Any, x2: Any) -> Any:
    """What division leaves, with the sign of the divisor, as Python's `%`.

    y = x1 - x2*floor(x1/x2)
    dy/dx1 = 1
    dy/dx2 = -floor(x1/x2)

    Jumps where `x1/x2` is an integer; the gradient there is that of the formula.
    """
    return x1 % x2


@elementwise(dx1=1, dx2=lambda x1, x2, y: -np.rint((x1 - y) / x2), kinks=_to_integer,
             domain=dict(x1=_DIVIDEND, x2=_DIVISOR))  # fmt: skip
def fmod(x1: Any, x2: Any) -> Any:
    """What division leaves, with the sign of the dividend, as C's `fmod`.

    y = x1 - x2*sign(x1/x2)*floor(Abs(x1/x2))
    dy/dx1 = 1
    dy/dx2 = -sign(x1/x2)*floor(Abs(x1/x2))

    Jumps where `x1/x2` is an integer; the gradient there is that of the formula.
    """
    return np.fmod(x1, x2)


NUMPY[np.divmod] = lambda x1, x2: (floor_divide(x1, x2), remainder(x1, x2))


@elementwise(dx=-1)
def negative(x: Any) -> Any:
    """Opposite.

    y = -x
    dy/dx = -1
    """
    return -x


@elementwise(dx=1)
def positive(x: Any) -> Any:
    """The same numbers in a new array: a differentiable copy.

    y = x
    dy/dx = 1
    """
    return np.positive(x)


@elementwise(dx=lambda x: np.sign(x), numpy=(np.absolute, np.fabs), kinks=lambda x: x)
def absolute(x: Any) -> Any:
    """Distance from zero.

    y = Abs(x)
    dy/dx = sign(x)

    At 0 the slope is 0, the least of the subgradients [-1, 1].
    """
    return np.absolute(x)


@elementwise(dx=lambda x: 2 * x)
def square(x: Any) -> Any:
    """Square.

    y = x**2
    dy/dx = 2*x
    """
    return x * x


@elementwise(dx=lambda x: 3 * (x * x))
def cube(x: Any) -> Any:
    """Third power.

    y = x**3
    dy/dx = 3*x**2
    """
    return x * x * x


@elementwise(dx=lambda y: -y * y, domain=dict(x=domain.nonzero))
def reciprocal(x: Any) -> Any:
    """One over x.

    y = 1/x
    dy/dx = -1/x**2

    At 0: y = inf, slope -inf. Integers give fractions, unlike `np.reciprocal`.
    """
    return 1 / x


@elementwise(dx=lambda y: 0.5 / y, domain=dict(x=domain.positive))
def sqrt(x: Any) -> Any:
    """Square root.

    y = sqrt(x)
    dy/dx = 1/(2*sqrt(x))

    At 0 the slope is inf, its limit. NaN below 0.
    """
    return np.sqrt(x)


@elementwise(dx=lambda y: -0.5 * (y * y * y), domain=dict(x=domain.between(0.2, 4.0, "x > 0")))
def rsqrt(x: Any) -> Any:
    """One over the square root.

    y = 1/sqrt(x)
    dy/dx = -1/(2*x**Rational(3, 2))

    At 0: y = inf, slope -inf. NaN below 0.
    """
    return 1 / np.sqrt(x)


@elementwise(dx=lambda y: 1 / (3 * (y * y)), domain=dict(x=domain.nonzero))
def cbrt(x: Any) -> Any:
    """Cube root, also of negative numbers.

    y = sign(x)*Abs(x)**Rational(1, 3)
    dy/dx = 1/(3*Abs(x)**Rational(2, 3))

    At 0 the slope is inf, its limit.
    """
    return np.cbrt(x)


def _slope_in_base(x1: Any, x2: Any) -> Any:
    """x2 * x1**(x2 - 1), but 0 for 0**0 instead of 0 * inf."""
    if isinstance(x2, (int, float)):
        return x2 * x1 ** (x2 - 1) if x2 else 0.0
    return x2 * x1 ** np.where((x1 == 0) & (x2 == 0), 0, x2 - 1)


@elementwise(dx1=_slope_in_base, dx2=lambda x1, x2, y: y * np.log(np.where((x1 == 0) & (x2 >= 0), 1, x1)),
             domain=dict(x1=domain.between(0.3, 3.0, "x > 0; any x for an exponent that is an integer")))  # fmt: skip
def power(x1: Any, x2: Any) -> Any:
    """Power.

    y = x1**x2
    dy/dx1 = x2*x1**(x2 - 1)
    dy/dx2 = x1**x2*log(x1)

    At x1 = 0: 0**0 is 1 with slopes 0 and 0; 0**x2 has slope 0 in x2 for x2 >= 0, and -inf below.
    A negative base has a NaN slope in the exponent, and is NaN itself if the exponent is a fraction.
    """
    return x1**x2


@composite(inputs=("x1", "x2"))
def float_power(x1: Any, x2: Any, dtype: Any = np.float64) -> Any:
    """Power, computed in float64 whatever came in.

    y = np.float_power(x1, x2)
    """
    return power(astype(x1, dtype), x2)


@elementwise(dstart=lambda weight: 1 - weight, dend=lambda weight: weight, dweight=lambda start, end: end - start)
def lerp(start: Any, end: Any, weight: Any) -> Any:
    """The point that lies `weight` of the way from start to end, as `torch.lerp`.

    y = start + weight*(end - start)
    dy/dstart = 1 - weight
    dy/dend = weight
    dy/dweight = end - start
    """
    return start + weight * (end - start)
