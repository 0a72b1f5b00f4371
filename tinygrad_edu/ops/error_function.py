"""The bell curve, the area under it, and back from the area to the point.

float16 and float32 are computed in float64 and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from math import sqrt as root
from typing import Any

import numpy as np

from ..core import elementwise
from . import domain

__all__ = ["erf", "erfc", "erfinv", "gaussian", "in_double"]

_BLOCK = 16384  # entries at a time: what is computed in between stays in the cache


def in_double(f: Callable[[Any], Any], x: Any) -> Any:
    """`f(x)` computed in float64, in the dtype of `x` if that is a floating-point one."""
    x = np.asarray(x)
    y = np.empty(x.shape, x.dtype if x.dtype.kind == "f" else np.float64)
    flat = x.ravel()
    with np.errstate(all="ignore"):  # poles and overflow are answers here
        for i in range(0, x.size, _BLOCK):
            y.reshape(-1)[i : i + _BLOCK] = f(flat[i : i + _BLOCK].astype(np.float64, copy=False))
    return y[()]


def _ratio(x: Any, numerator: Sequence[float], denominator: Sequence[float]) -> Any:
    """A quotient of two polynomials by Horner's rule, the highest power first."""
    return _polynomial(x, numerator) / _polynomial(x, denominator)


def _polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y *= x
        y += c
    return y


# W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631-637, in the digits
# of his program CALERF: erf(x)/x in x**2 up to 0.46875; exp(x**2)*erfc(x) in x up to 4; in 1/x**2 above.
_NEAR = ((1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
          3.20937758913846947e3),
         (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3))  # fmt: skip
_MIDDLE = ((2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
            2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
            1.23033935479799725e3),
           (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
            3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3))  # fmt: skip
_FAR = ((1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
         1.60837851487422766e-2, 6.58749161529837803e-4),
        (1.0, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2,
         2.33520497626869185e-3))  # fmt: skip
_THRESHOLD = 0.46875


def _erf_near(x: Any) -> Any:
    return x * _ratio(x * x, *_NEAR)


def _scaled_far(x: Any) -> Any:
    z = 1 / (x * x)
    return (1 / root(pi) - z * _ratio(z, *_FAR)) / x


def _erfc_tail(x: Any) -> Any:
    """`erfc` above the threshold; x**2 is split in two, so that exp keeps all its digits."""
    x = np.minimum(x, 30)  # where it is 0 already
    coarse = np.trunc(16 * x) / 16
    scale = np.exp(-coarse * coarse) * np.exp(-(x - coarse) * (x + coarse))
    return scale * np.piecewise(x, [x <= 4], [lambda x: _ratio(x, *_MIDDLE), _scaled_far])


def _erf(x: Any) -> Any:
    near = np.abs(x) <= _THRESHOLD
    return np.piecewise(x, [near], [_erf_near, lambda x: np.copysign(1 - _erfc_tail(np.abs(x)), x)])


def _erfc(x: Any) -> Any:
    regions = [np.abs(x) <= _THRESHOLD, x < -_THRESHOLD]
    return np.piecewise(x, regions, [lambda x: 1 - _erf_near(x), lambda x: 2 - _erfc_tail(-x), _erfc_tail])


@elementwise(dx=lambda x, y: -2 * x * y)
def gaussian(x: Any) -> Any:
    """The bell curve of height 1.

    y = exp(-x**2)
    dy/dx = -2*x*exp(-x**2)
    """
    with np.errstate(over="ignore"):  # the square of a large number is inf, and exp(-inf) the right answer
        return np.exp(-np.square(x))


@elementwise(dx=lambda x: 2 / root(pi) * gaussian(x))
def erf(x: Any) -> Any:
    """The probability that a normal number of variance 1/2 lies between -x and x; odd in x.

    y = erf(x)
    dy/dx = 2*exp(-x**2)/sqrt(pi)

    Right to 1e-15 relative. Source: W. J. Cody, Math. Comp. 23 (1969) 631-637.
    """
    return in_double(_erf, x)


@elementwise(dx=lambda x: -2 / root(pi) * gaussian(x))
def erfc(x: Any) -> Any:
    """1 - erf(x), to full relative precision also where that is tiny.

    y = erfc(x)
    dy/dx = -2*exp(-x**2)/sqrt(pi)

    Right to 1e-15 relative. Source: W. J. Cody, Math. Comp. 23 (1969) 631-637.
    """
    return in_double(_erfc, x)


# M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Appl. Statist. 37 (1988) 477-484.
_CENTRE = ((2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
            1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080),
           (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
            5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0))  # fmt: skip
_TAIL = ((7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
          3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
         (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
          6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0))  # fmt: skip
_END = ((2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
         2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
        (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
         1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0))  # fmt: skip


def _erfinv_tail(x: Any) -> Any:
    r = np.sqrt(-np.log((1 - np.abs(x)) / 2))
    t = np.piecewise(r, [r <= 5], [lambda r: _ratio(r - 1.6, *_TAIL), lambda r: _ratio(r - 5, *_END)])
    return np.copysign(np.where(r == np.inf, np.inf, t * root(0.5)), x)


def _erfinv(x: Any) -> Any:
    centre = np.abs(x) <= 0.85
    return np.piecewise(x, [centre], [lambda x: root(0.125) * x * _ratio(0.180625 - x * x / 4, *_CENTRE), _erfinv_tail])


@elementwise(dx=lambda y: root(pi) / 2 * np.exp(y * y), domain=dict(x=domain.between(-0.9, 0.9, "-1 < x < 1")))
def erfinv(x: Any) -> Any:
    """The inverse of erf: from a probability to the point.

    y = erfinv(x)
    dy/dx = sqrt(pi)*exp(erfinv(x)**2)/2

    At -1 and 1 it is infinite, and so is its slope; NaN beyond. Right to 1e-15 relative.
    Source: M. J. Wichura, Applied Statistics 37 (1988) 477-484.
    """
    return in_double(_erfinv, x)
