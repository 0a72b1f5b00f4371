"""Exponentials and logarithms, in forms that neither overflow nor cancel."""

from __future__ import annotations

from math import log as ln
from typing import Any

import numpy as np

from ..core import elementwise
from . import domain
from .activations import sigmoid
from .promotion import promoted

__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2", "xlogx", "xlogy"]


@elementwise(dx=lambda y: y)
def exp(x: Any) -> Any:
    """The exponential: the function that is its own derivative.

    y = exp(x)
    dy/dx = exp(x)

    Overflows to inf above 709.78 in float64, 88.72 in float32, 11.09 in float16.
    """
    return np.exp(x)


@elementwise(dx=lambda y: ln(2) * y)
def exp2(x: Any) -> Any:
    """Two to the power x.

    y = 2**x
    dy/dx = log(2)*2**x
    """
    return np.exp2(x)


@elementwise(dx=lambda x: np.exp(x))
def expm1(x: Any) -> Any:
    """exp(x) - 1, to full precision near 0.

    y = exp(x) - 1
    dy/dx = exp(x)
    """
    return np.expm1(x)


@elementwise(dx=lambda x: 1 / x, domain=dict(x=domain.positive))
def log(x: Any) -> Any:
    """Natural logarithm, the inverse of exp.

    y = log(x)
    dy/dx = 1/x

    At 0: y = -inf, slope inf. Below 0: y is NaN, and the slope is what 1/x says.
    """
    return np.log(x)


@elementwise(dx=lambda x: 1 / (ln(2) * x), domain=dict(x=domain.positive))
def log2(x: Any) -> Any:
    """Logarithm to base two: how many bits.

    y = log(x)/log(2)
    dy/dx = 1/(x*log(2))

    At 0: y = -inf, slope inf.
    """
    return np.log2(x)


@elementwise(dx=lambda x: 1 / (ln(10) * x), domain=dict(x=domain.positive))
def log10(x: Any) -> Any:
    """Logarithm to base ten.

    y = log(x)/log(10)
    dy/dx = 1/(x*log(10))

    At 0: y = -inf, slope inf.
    """
    return np.log10(x)


@elementwise(dx=lambda x: 1 / (1 + x), domain=dict(x=domain.between(-0.9, 3.0, "x > -1")))
def log1p(x: Any) -> Any:
    """log(1 + x), to full precision near 0.

    y = log(1 + x)
    dy/dx = 1/(1 + x)

    At -1: y = -inf, slope inf.
    """
    return np.log1p(x)


def _difference(a: Any, b: Any) -> Any:
    """`a - b`, and 0 for two equal infinities."""
    d = a - b
    return np.where((a == b) & (d != d), 0, d)


@elementwise(dx1=lambda x1, x2: sigmoid(_difference(x1, x2)), dx2=lambda x1, x2: sigmoid(_difference(x2, x1)))
def logaddexp(x1: Any, x2: Any) -> Any:
    """The sum of two numbers that are given, and wanted, as logarithms.

    y = log(exp(x1) + exp(x2))
    dy/dx1 = 1/(1 + exp(x2 - x1))
    dy/dx2 = 1/(1 + exp(x1 - x2))

    Of (-inf, -inf) it is -inf with slopes 1/2 and 1/2: the limit depends on the path, and this is the even share.
    """
    return np.logaddexp(x1, x2)


@elementwise(dx1=lambda x1, x2: sigmoid(ln(2) * _difference(x1, x2)),
             dx2=lambda x1, x2: sigmoid(ln(2) * _difference(x2, x1)))  # fmt: skip
def logaddexp2(x1: Any, x2: Any) -> Any:
    """The sum of two numbers that are given, and wanted, as logarithms to base two.

    y = log(2**x1 + 2**x2)/log(2)
    dy/dx1 = 1/(1 + 2**(x2 - x1))
    dy/dx2 = 1/(1 + 2**(x1 - x2))

    Of (-inf, -inf) it is -inf with slopes 1/2 and 1/2.
    """
    return np.logaddexp2(x1, x2)


def _or_one(x1: Any, x2: Any) -> Any:
    """x2, but 1 where both are 0."""
    return np.where((x1 == 0) & (x2 == 0), 1, x2)


@elementwise(dx1=lambda x1, x2: np.log(_or_one(x1, x2)), dx2=lambda x1, x2: x1 / _or_one(x1, x2),
             domain=dict(x2=domain.positive))  # fmt: skip
def xlogy(x1: Any, x2: Any) -> Any:
    """x1*log(x2), and 0 where both are 0: the terms of a cross-entropy.

    y = x1*log(x2)
    dy/dx1 = log(x2)
    dy/dx2 = x1/x2

    At (0, 0) both slopes are 0.
    """
    x1, x2 = promoted(x1, x2)
    return x1 * np.log(_or_one(x1, x2))


@elementwise(dx=lambda x: np.log(x) + 1, domain=dict(x=domain.positive))
def xlogx(x: Any) -> Any:
    """`x`*log(x), and 0 at 0: minus the terms of an entropy, in nats.

    y = x*log(x)
    dy/dx = log(x) + 1

    At 0 the slope is -inf, its limit.
    """
    return x * np.log(np.where(np.equal(x, 0), 1, x))
