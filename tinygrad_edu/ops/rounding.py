"""Signs, steps, roundings and conversions: functions that are flat, or straight, almost everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import NUMPY, elementwise
from ..errors import DTypeError
from . import domain

__all__ = ["astype", "ceil", "conjugate", "copysign", "fix", "floor", "frac", "heaviside", "imag", "ldexp",
           "nan_to_num", "real", "rint", "round", "sign", "step", "trunc"]  # fmt: skip

_UNEVEN = domain.Domain("all real x", ((-1.85, -1.15), (0.15, 0.85)))  # tested away from the integers
_NEAREST = domain.Domain("all real x", ((-1.35, -0.65), (0.65, 1.35)))  # and away from the halves


def _to_integer(x: Any) -> Any:
    return x - np.rint(x)


def _to_half(x: Any) -> Any:
    return x - np.floor(x) - 0.5


@elementwise(dx=0, kinks=lambda x: x)
def sign(x: Any) -> Any:
    """-1, 0 or 1.

    y = sign(x)
    dy/dx = 0

    Not differentiable at 0, where the gradient is 0 as everywhere.
    """
    return np.sign(x)


@elementwise(dx=0, kinks=lambda x: x)
def step(x: Any) -> Any:
    """1 above zero, else 0: the perceptron's threshold.

    y = Piecewise((1, x > 0), (0, True))
    dy/dx = 0

    The gradient is 0 everywhere, so nothing can learn through it: the reason why networks use smooth activations.
    NaN stays NaN.
    """
    return np.heaviside(x, 0.0)


@elementwise(dx1=0, dx2=lambda x1: x1 == 0, kinks=lambda x1, x2: x1)
def heaviside(x1: Any, x2: Any) -> Any:
    """0 below zero, x2 at zero, 1 above.

    y = Piecewise((0, x1 < 0), (x2, Eq(x1, 0)), (1, True))
    dy/dx1 = 0
    dy/dx2 = Piecewise((1, Eq(x1, 0)), (0, True))
    """
    return np.heaviside(x1, x2)


@elementwise(dx1=lambda x1, x2: np.sign(x1) * np.copysign(1, x2), dx2=0, domain=dict(x2=domain.nonzero),
             kinks=lambda x1, x2: (x1, x2))  # fmt: skip
def copysign(x1: Any, x2: Any) -> Any:
    """The size of x1 with the sign of x2, which -0.0 has too.

    y = Abs(x1)*sign(x2)
    dy/dx1 = sign(x1)*sign(x2)
    dy/dx2 = 0

    At x1 = 0 the slope is 0.
    """
    return np.copysign(x1, x2)


@elementwise(dx=0, domain=dict(x=_UNEVEN), kinks=_to_integer)
def floor(x: Any) -> Any:
    """The next integer at or below; its gradient is 0.

    y = floor(x)
    dy/dx = 0
    """
    return np.floor(x)


@elementwise(dx=0, domain=dict(x=_UNEVEN), kinks=_to_integer)
def ceil(x: Any) -> Any:
    """The next integer at or above; its gradient is 0.

    y = ceiling(x)
    dy/dx = 0
    """
    return np.ceil(x)


@elementwise(dx=0, domain=dict(x=_NEAREST), kinks=_to_half)
def rint(x: Any) -> Any:
    """The nearest integer, halves to the even one; its gradient is 0.

    y = floor(x/2 + Rational(1, 4)) + ceiling(x/2 - Rational(1, 4))
    dy/dx = 0
    """
    return np.rint(x)


@elementwise(dx=0, numpy=(np.round, np.around), domain=dict(x=_NEAREST),
             kinks=lambda x, decimals: _to_half(x * 10.0**decimals))  # fmt: skip
def round(x: Any, decimals: int = 0) -> Any:
    """Rounded to so many decimals, halves to the even digit; its gradient is 0.

    y = (floor(x*10**decimals/2 + Rational(1, 4)) + ceiling(x*10**decimals/2 - Rational(1, 4)))/10**decimals
    dy/dx = 0
    """
    return np.round(x, decimals)


@elementwise(dx=0, domain=dict(x=_UNEVEN), kinks=_to_integer)
def trunc(x: Any) -> Any:
    """Rounded towards zero; its gradient is 0.

    y = sign(x)*floor(Abs(x))
    dy/dx = 0
    """
    return np.trunc(x)


@elementwise(dx=0, domain=dict(x=_UNEVEN), kinks=_to_integer)
def fix(x: Any) -> Any:
    """Rounded towards zero, as `trunc`.

    y = sign(x)*floor(Abs(x))
    dy/dx = 0
    """
    return np.trunc(x)


@elementwise(dx=1, domain=dict(x=_UNEVEN), kinks=_to_integer)
def frac(x: Any) -> Any:
    """What rounding towards zero cuts off, as `torch.frac`.

    y = x - sign(x)*floor(Abs(x))
    dy/dx = 1

    Jumps at the integers but 0; the slope there is 1 too.
    """
    return x - np.trunc(x)


NUMPY[np.modf] = lambda x: (frac(x), trunc(x))


@elementwise(dx=lambda x: (x > -np.inf) & (x < np.inf))
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """NaN and the infinities replaced by finite numbers.

    y = x
    dy/dx = 1

    The gradient is 0 where something was replaced. The result is always a copy.
    """
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@elementwise(dx=1)
def real(x: Any) -> Any:
    """The real part: of real numbers, a copy.

    y = x
    dy/dx = 1
    """
    return np.positive(x)


@elementwise(dx=0)
def imag(x: Any) -> Any:
    """The imaginary part: of real numbers, zeros.

    y = 0
    dy/dx = 0
    """
    return np.zeros_like(x)[()]


@elementwise(dx=1)
def conjugate(x: Any) -> Any:
    """The complex conjugate: of real numbers, a copy.

    y = x
    dy/dx = 1
    """
    return np.conjugate(x)


@elementwise(dx1=lambda x1, x2: np.ldexp(np.ones_like(x1), x2))
def ldexp(x1: Any, x2: Any) -> Any:
    """x1 times two to the power x2, an array of integers, which has no gradient.

    y = x1*2**x2
    dy/dx1 = 2**x2
    """
    return np.ldexp(x1, x2)


@elementwise(dx=1)
def astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    """A copy in another floating-point dtype; the gradient comes back in the old one.

    y = x
    dy/dx = 1

    Raises:
        DTypeError: `dtype` is not float16, float32 or float64 (or object, for exact numbers): it has no gradient.
    """
    dtype = np.dtype(dtype)
    if dtype.kind not in "fO":
        raise DTypeError(f"astype: {dtype} has no gradient; for the plain numbers write v.data.astype({dtype.name!r})")
    return np.array(x, dtype)[()]
