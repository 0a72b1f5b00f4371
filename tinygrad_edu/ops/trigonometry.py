"""Circular and hyperbolic functions, their inverses, angles and lengths."""

from __future__ import annotations

from math import factorial, pi
from typing import Any

import numpy as np

from ..core import elementwise
from . import domain

__all__ = ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "degrees", "hypot",
           "radians", "sin", "sinc", "sinh", "tan", "tanh"]  # fmt: skip


@elementwise(dx=lambda x: np.cos(x))
def sin(x: Any) -> Any:
    """Sine, of an angle in radians.

    y = sin(x)
    dy/dx = cos(x)
    """
    return np.sin(x)


@elementwise(dx=lambda x: -np.sin(x))
def cos(x: Any) -> Any:
    """Cosine, of an angle in radians.

    y = cos(x)
    dy/dx = -sin(x)
    """
    return np.cos(x)


@elementwise(dx=lambda y: 1 + y * y, domain=dict(x=domain.between(-1.2, 1.2, "x is not an odd multiple of pi/2")))
def tan(x: Any) -> Any:
    """Tangent, of an angle in radians.

    y = tan(x)
    dy/dx = 1 + tan(x)**2
    """
    return np.tan(x)


@elementwise(dx=lambda x: 1 / np.sqrt((1 - x) * (1 + x)), domain=dict(x=domain.symmetric_unit))
def arcsin(x: Any) -> Any:
    """The angle in [-pi/2, pi/2] whose sine is x.

    y = asin(x)
    dy/dx = 1/sqrt(1 - x**2)

    At -1 and 1 the slope is inf, its limit.
    """
    return np.arcsin(x)


@elementwise(dx=lambda x: -1 / np.sqrt((1 - x) * (1 + x)), domain=dict(x=domain.symmetric_unit))
def arccos(x: Any) -> Any:
    """The angle in [0, pi] whose cosine is x.

    y = acos(x)
    dy/dx = -1/sqrt(1 - x**2)

    At -1 and 1 the slope is -inf, its limit.
    """
    return np.arccos(x)


@elementwise(dx=lambda x: 1 / (1 + x * x))
def arctan(x: Any) -> Any:
    """The angle in (-pi/2, pi/2) whose tangent is x.

    y = atan(x)
    dy/dx = 1/(1 + x**2)
    """
    return np.arctan(x)


def _length(x1: Any, x2: Any) -> Any:
    """The length of (x1, x2), but 1 for the zero vector, so that it can be divided by."""
    r = np.hypot(x1, x2)
    return np.where(r == 0, 1, r)


def _over_square(a: Any, x1: Any, x2: Any) -> Any:
    """a/(x1**2 + x2**2) without overflow, and 0 at the origin."""
    r = _length(x1, x2)
    return a / r / r


@elementwise(dx1=lambda x1, x2: _over_square(x2, x1, x2), dx2=lambda x1, x2: _over_square(-x1, x1, x2),
             domain=dict(x2=domain.between(0.3, 3.0, "any x, but not both 0")))  # fmt: skip
def arctan2(x1: Any, x2: Any) -> Any:
    """The angle in (-pi, pi] of the point with height x1 and width x2.

    y = atan2(x1, x2)
    dy/dx1 = x2/(x1**2 + x2**2)
    dy/dx2 = -x1/(x1**2 + x2**2)

    At the origin both slopes are 0.
    """
    return np.arctan2(x1, x2)


def _share(x: Any, y: Any) -> Any:
    """x/y, and 0 with all its derivatives where the length y is 0."""
    return np.where(y == 0, 0, x) / np.where(y == 0, 1, y)


@elementwise(dx1=lambda x1, y: _share(x1, y), dx2=lambda x2, y: _share(x2, y),
             domain=dict(x2=domain.between(0.3, 3.0, "all real x")))  # fmt: skip
def hypot(x1: Any, x2: Any) -> Any:
    """The length of the vector (x1, x2), without overflow in between.

    y = sqrt(x1**2 + x2**2)
    dy/dx1 = x1/sqrt(x1**2 + x2**2)
    dy/dx2 = x2/sqrt(x1**2 + x2**2)

    At the origin both slopes are 0, the least of the subgradients, and so are the second derivatives, as those of `norm`.
    """
    return np.hypot(x1, x2)


@elementwise(dx=lambda x: np.cosh(x))
def sinh(x: Any) -> Any:
    """Hyperbolic sine.

    y = sinh(x)
    dy/dx = cosh(x)
    """
    return np.sinh(x)


@elementwise(dx=lambda x: np.sinh(x))
def cosh(x: Any) -> Any:
    """Hyperbolic cosine.

    y = cosh(x)
    dy/dx = sinh(x)
    """
    return np.cosh(x)


@elementwise(dx=lambda y: 1 - y * y)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent.

    y = tanh(x)
    dy/dx = 1 - tanh(x)**2

    Its slope is 1 at 0 and vanishes for large x.
    """
    return np.tanh(x)


@elementwise(dx=lambda x: 1 / np.hypot(x, 1))
def arcsinh(x: Any) -> Any:
    """The inverse of sinh.

    y = asinh(x)
    dy/dx = 1/sqrt(x**2 + 1)
    """
    return np.arcsinh(x)


@elementwise(dx=lambda x: 1 / np.sqrt((x - 1) * (x + 1)), domain=dict(x=domain.at_least_one))
def arccosh(x: Any) -> Any:
    """The inverse of cosh that is not negative.

    y = acosh(x)
    dy/dx = 1/sqrt(x**2 - 1)

    At 1 the slope is inf, its limit. NaN below.
    """
    return np.arccosh(x)


@elementwise(dx=lambda x: 1 / ((1 - x) * (1 + x)), domain=dict(x=domain.symmetric_unit))
def arctanh(x: Any) -> Any:
    """The inverse of tanh.

    y = atanh(x)
    dy/dx = 1/(1 - x**2)

    At -1 and 1 it is infinite, and so is its slope.
    """
    return np.arctanh(x)


@elementwise(dx=180 / pi, numpy=(np.degrees, np.rad2deg))
def degrees(x: Any) -> Any:
    """An angle in degrees, from radians.

    y = 180*x/pi
    dy/dx = 180/pi
    """
    return np.degrees(x)


@elementwise(dx=pi / 180, numpy=(np.radians, np.deg2rad))
def radians(x: Any) -> Any:
    """An angle in radians, from degrees.

    y = pi*x/180
    dy/dx = pi/180
    """
    return np.radians(x)


# sin(z)/z = 1 - z**2/3! + z**4/5! - ..., so its derivative is z times a series in z**2; 10 terms do for z < 1.2
_SINC = [(-1) ** k * 2 * k / factorial(2 * k + 1) for k in range(1, 11)]


def _sinc_slope(x: Any, y: Any) -> Any:
    """(cos(pi x) - sinc(x))/x, by its series where that cancels."""
    small = x * x < 0.1
    z, far = np.where(small, pi * x, 0), np.where(small, 1, x)
    series, square = _SINC[-1] * z, z * z
    for c in _SINC[-2::-1]:
        series = series * square + c * z
    return np.where(small, pi * series, (np.cos(pi * far) - y) / far)


@elementwise(dx=_sinc_slope)
def sinc(x: Any) -> Any:
    """sin(pi x)/(pi x), and 1 at 0: what an ideal low-pass filter answers to a pulse.

    y = sin(pi*x)/(pi*x)
    dy/dx = (pi*x*cos(pi*x) - sin(pi*x))/(pi*x**2)

    At 0 the slope is 0.
    """
    return np.sinc(x)
