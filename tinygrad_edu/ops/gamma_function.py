"""The factorial between the integers, as a logarithm, and all its derivatives.

Everything comes from one sum, Hurwitz's zeta function 1/x**s + 1/(x + 1)**s + 1/(x + 2)**s + ..., by the formulas of
Abramowitz and Stegun, Handbook of Mathematical Functions (1964), sections 6.1 to 6.4. Right to a few 1e-16 relative for
x > 0; for x < 0 that holds away from the zeros between the poles, where it is the absolute error that is small.
"""

from __future__ import annotations

from math import factorial, log, pi
from typing import Any

import numpy as np

from ..core import elementwise
from ..errors import OptionError
from . import domain
from .error_function import in_double

__all__ = ["digamma", "lgamma", "polygamma"]

_EULER = 0.57721566490153286061
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def _zeta(s: int, x: Any) -> Any:
    """The sum over k >= 0 of (x + k)**-s, for x > 0 and s >= 2: some terms, and Euler-Maclaurin for the rest."""
    n = 8 + s // 2
    total = sum((x + k) ** -float(s) for k in range(n))
    a = x + n
    tail, factor = a ** (1.0 - s) / (s - 1) + 0.5 * a**-s, s * a ** (-s - 1.0)
    for j, b in enumerate(_BERNOULLI):
        tail = tail + b / factorial(2 * j + 2) * factor
        factor = factor * ((s + 2 * j + 1) * (s + 2 * j + 2)) / (a * a)
    return total + tail


# log gamma(2 + z) = (1 - euler) z + sum over k >= 2 of (-1)**k (zeta(k) - 1) z**k/k     (6.1.33), for |z| <= 1/2
_SERIES = [1 - _EULER, *((-1) ** k * _zeta(k, 2.0) / k for k in range(2, 28))]
# digamma(root + d) = sum over k >= 1 of (-1)**(k + 1) zeta(k + 1, root) d**k, for |d| <= 1/2
_ROOT, _ROOT_REST = 1.4616321449683622, 9.549995429965697e-17
_AROUND_ROOT = [(-1) ** (k + 1) * _zeta(k + 1, _ROOT) for k in range(1, 36)]
_STIRLING = [b / ((2 * k + 1) * (2 * k + 2)) for k, b in enumerate(_BERNOULLI)]


def _without_constant(z: Any, coefficients: list[float]) -> Any:
    """c1 z + c2 z**2 + c3 z**3 + ..., by Horner's rule."""
    y = np.full_like(z, coefficients[-1])
    for c in coefficients[-2::-1]:
        y = y * z + c
    return y * z


def _near_two(z: Any) -> Any:
    return _without_constant(z, _SERIES)


def _down_to_two(x: Any) -> Any:
    """Between 2.5 and 10: gamma(x) = (x - 1) (x - 2) ... gamma(x - m)."""
    product = np.ones_like(x)
    for _ in range(8):
        high = x > 2.5
        x = np.where(high, x - 1, x)
        product = np.where(high, product * x, product)
    return _near_two(x - 2) + np.log(product)


def _stirling(x: Any) -> Any:
    series = _without_constant(1 / (x * x), _STIRLING) * x
    return np.where(x == np.inf, x, (x - 0.5) * np.log(x) - x + 0.5 * log(2 * pi) + series)


def _lgamma_positive(x: Any) -> Any:
    regions = [x < 0.5, x < 1.5, x < 2.5, x < 10]
    first = np.argmax([*regions, np.ones_like(x, bool)], axis=0)
    return np.piecewise(x, [first == i for i in range(5)],
                        [lambda x: _near_two(x) - np.log(x) - np.log1p(x), lambda x: _near_two(x - 1) - np.log(x),
                         lambda x: _near_two(x - 2), _down_to_two, _stirling])  # fmt: skip


def _from_pole(x: Any) -> Any:
    """`x` minus the nearest integer, exactly: sin(pi x) and tan(pi x) need no more."""
    return x - np.rint(x)


def _lgamma_negative(x: Any) -> Any:
    return np.log(pi / np.abs(np.sin(pi * _from_pole(x)))) - _lgamma_positive(1 - x)


def _lgamma(x: Any) -> Any:
    return np.piecewise(x, [x <= 0], [_lgamma_negative, _lgamma_positive])


def _digamma_sum(x: Any) -> Any:
    """digamma(x) = digamma(x + m) - 1/x - ... - 1/(x + m - 1), and its asymptotic series above 7."""
    passed = np.zeros_like(x)
    for _ in range(7):
        low = x < 7
        passed = np.where(low, passed + 1 / x, passed)
        x = np.where(low, x + 1, x)
    series = _without_constant(1 / (x * x), [b / (2 * k + 2) for k, b in enumerate(_BERNOULLI)])
    return np.log(x) - 0.5 / x - series - passed


def _digamma_positive(x: Any) -> Any:
    near = np.abs(x - _ROOT) <= 0.5
    return np.piecewise(x, [near], [lambda x: _without_constant((x - _ROOT) - _ROOT_REST, _AROUND_ROOT), _digamma_sum])


def _polygamma_positive(n: int, x: Any) -> Any:
    return _digamma_positive(x) if n == 0 else (-1) ** (n + 1) * factorial(n) * _zeta(n + 1, x)


def _polygamma_negative(n: int, x: Any) -> Any:
    """(-1)**n polygamma(n, 1 - x) minus the n-th derivative of pi/tan(pi x), a polynomial in 1/tan(pi x)."""
    r = _from_pole(x)
    p = np.polynomial.Polynomial([0.0, 1.0])
    for _ in range(n):
        p = np.polynomial.Polynomial([-1.0, 0.0, -1.0]) * p.deriv()
    y = (-1) ** n * _polygamma_positive(n, 1 - x) - pi ** (n + 1) * p(1 / np.tan(pi * r))
    return np.where(r == 0, np.inf if n % 2 else np.nan, y)


def _polygamma(n: int, x: Any) -> Any:
    return np.piecewise(x, [x <= 0], [lambda x: _polygamma_negative(n, x), lambda x: _polygamma_positive(n, x)])


def _trigamma(x: Any) -> Any:
    return polygamma(1, x)


def _next_polygamma(n: int, x: Any) -> Any:
    return polygamma(n + 1, x)


_NO_POLE = domain.between(0.3, 5.0, "all real x but 0, -1, -2, ...")


@elementwise(dx=_trigamma, domain=dict(x=_NO_POLE))
def digamma(x: Any) -> Any:
    """The derivative of lgamma.

    y = digamma(x)
    dy/dx = polygamma(1, x)

    NaN at 0, -1, -2, ..., where it comes from both sides of infinity.
    """
    return in_double(lambda x: _polygamma(0, x), x)


@elementwise(dx=lambda x: digamma(x), domain=dict(x=_NO_POLE))
def lgamma(x: Any) -> Any:
    """The logarithm of the absolute value of the gamma function: log((x - 1)!) for positive integers.

    y = loggamma(x)
    dy/dx = digamma(x)

    inf at 0, -1, -2, ...
    """
    return in_double(_lgamma, x)


@elementwise(dx=_next_polygamma, domain=dict(x=_NO_POLE))
def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of digamma, as `torch.polygamma`.

    y = polygamma(n, x)
    dy/dx = polygamma(n + 1, x)

    At 0, -1, -2, ...: inf for odd n, NaN for even n.

    Raises:
        OptionError: `n` is not an integer from 0 on.
    """
    if n != int(n) or n < 0:
        raise OptionError(f"polygamma: the order n is 0, 1, 2, ..., got {n}")
    return in_double(lambda x: _polygamma(int(n), x), x)
