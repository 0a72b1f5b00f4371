"""Activations made of pieces: relu and its relatives.

Where two pieces meet at an angle the slope is the subgradient of least norm, or the supergradient where the angle opens
downwards. NaN stays visible.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import elementwise
from ..errors import OptionError
from . import domain
from .bounds import inside

__all__ = ["celu", "elu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "prelu", "relu", "relu2",
           "relu6", "selu", "softshrink", "threshold"]  # fmt: skip

_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772  # selu: numbers that keep mean 0 and variance 1


def _kink_at_zero(x: Any) -> Any:
    return x


@elementwise(dx=lambda y: np.sign(y), kinks=_kink_at_zero)
def relu(x: Any) -> Any:
    """What is positive passes, the rest is 0.

    y = Piecewise((x, x > 0), (0, True))
    dy/dx = Piecewise((1, x > 0), (0, True))

    The slope at 0 is 0. NaN stays NaN, and so does its gradient.
    """
    return np.maximum(x, 0)


@elementwise(dx=lambda x: 2 * relu(x))
def relu2(x: Any) -> Any:
    """The square of relu.

    y = Piecewise((x**2, x > 0), (0, True))
    dy/dx = Piecewise((2*x, x > 0), (0, True))

    Source: arXiv:2109.08668.
    """
    return np.square(np.maximum(x, 0))


@elementwise(dx=lambda y: inside(y, 0, 6), kinks=lambda x: (x, x - 6), domain=dict(x=domain.between(-3.0, 8.0, "all real x")))
def relu6(x: Any) -> Any:
    """`relu` that stops at 6.

    y = Piecewise((0, x <= 0), (6, x >= 6), (x, True))
    dy/dx = Piecewise((1, (x > 0) & (x < 6)), (0, True))

    The slope at 0 and 6 is 0.
    """
    return np.minimum(np.maximum(x, 0), 6)


@elementwise(dx=lambda x, negative_slope: np.where(x > 0, 1, negative_slope), kinks=lambda x, negative_slope: x)
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """`relu` that lets a little of the negative side through.

    y = Piecewise((x, x > 0), (negative_slope*x, True))
    dy/dx = Piecewise((1, x > 0), (negative_slope, True))

    The slope at 0 is `negative_slope`.
    """
    return np.where(np.greater(x, 0), x, negative_slope * x)[()]


@elementwise(dx=lambda x, weight: np.where(x > 0, 1, weight), dweight=lambda x: np.where(x > 0, 0, x),
             domain=dict(weight=domain.between(0.1, 0.5, "all real x")), kinks=lambda x, weight: x)  # fmt: skip
def prelu(x: Any, weight: Any) -> Any:
    """`leaky_relu` whose slope is learned; `weight` broadcasts against x as NumPy does.

    y = Piecewise((x, x > 0), (weight*x, True))
    dy/dx = Piecewise((1, x > 0), (weight, True))
    dy/dweight = Piecewise((0, x > 0), (x, True))

    The slope at 0 is `weight`. Source: arXiv:1502.01852.
    """
    return np.where(np.greater(x, 0), x, weight * x)[()]


def _negative_part(x: Any) -> Any:
    """`x` where it is not positive, else 0: what may go into exp without overflow."""
    return np.where(x > 0, 0, x)


def _checked(name: str, alpha: float) -> None:
    if not alpha > 0:
        raise OptionError(f"{name}: alpha has to be positive, got {alpha}")


@elementwise(dx=lambda x, alpha: np.where(x > 0, 1, alpha * np.exp(_negative_part(x))), kinks=lambda x, alpha: x)
def elu(x: Any, alpha: float = 1.0) -> Any:
    """`relu` that bends smoothly towards -alpha.

    y = Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))
    dy/dx = Piecewise((1, x > 0), (alpha*exp(x), True))

    The slope at 0 is `alpha`. Source: arXiv:1511.07289.
    """
    return np.where(np.greater(x, 0), x, alpha * np.expm1(np.minimum(x, 0)))[()]


@elementwise(dx=lambda x: _SCALE * np.where(x > 0, 1, _ALPHA * np.exp(_negative_part(x))), kinks=_kink_at_zero)
def selu(x: Any) -> Any:
    """`elu` scaled so that layers keep mean 0 and variance 1.

    y = Piecewise((1.0507009873554805*x, x > 0), (1.0507009873554805*1.6732632423543772*(exp(x) - 1), True))
    dy/dx = Piecewise((1.0507009873554805, x > 0), (1.0507009873554805*1.6732632423543772*exp(x), True))

    The slope at 0 is 1.7581, that of the negative side. Source: arXiv:1706.02515.
    """
    return _SCALE * np.where(np.greater(x, 0), x, _ALPHA * np.expm1(np.minimum(x, 0)))[()]


@elementwise(dx=lambda x, alpha: np.where(x > 0, 1, np.exp(_negative_part(x) / alpha)))
def celu(x: Any, alpha: float = 1.0) -> Any:
    """`elu` with slope 1 at 0 for every alpha.

    y = Piecewise((x, x > 0), (alpha*(exp(x/alpha) - 1), True))
    dy/dx = Piecewise((1, x > 0), (exp(x/alpha), True))

    Source: arXiv:1704.07483.

    Raises:
        OptionError: `alpha` is not positive.
    """
    _checked("celu", alpha)
    return np.where(np.greater(x, 0), x, alpha * np.expm1(np.minimum(x, 0) / alpha))[()]


@elementwise(dx=lambda y, min_val, max_val: inside(y, min_val, max_val),
             kinks=lambda x, min_val, max_val: (x - min_val, x - max_val))  # fmt: skip
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """A number held between two bounds.

    y = Piecewise((min_val, x <= min_val), (max_val, x >= max_val), (x, True))
    dy/dx = Piecewise((1, (x > min_val) & (x < max_val)), (0, True))

    The slope at the bounds is 0.

    Raises:
        OptionError: `min_val` is not below `max_val`.
    """
    if not min_val < max_val:
        raise OptionError(f"hardtanh: min_val has to be below max_val, got {min_val} and {max_val}")
    return np.minimum(np.maximum(x, min_val), max_val)


@elementwise(dx=lambda y: inside(y, 0, 1) / 6, kinks=lambda x: (x - 3, x + 3),
             domain=dict(x=domain.between(-5.0, 5.0, "all real x")))  # fmt: skip
def hardsigmoid(x: Any) -> Any:
    """A sigmoid made of three straight lines.

    y = Piecewise((0, x <= -3), (1, x >= 3), (x/6 + Rational(1, 2), True))
    dy/dx = Piecewise((Rational(1, 6), (x > -3) & (x < 3)), (0, True))

    The slope at -3 and 3 is 0.
    """
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


@elementwise(dx=lambda x: np.where(x >= 3, 1, np.where(x <= -3, 0, (2 * x + 3) / 6)), kinks=lambda x: (x - 3, x + 3),
             domain=dict(x=domain.between(-5.0, 5.0, "all real x")))  # fmt: skip
def hardswish(x: Any) -> Any:
    """`x` times its hardsigmoid.

    y = Piecewise((0, x <= -3), (x, x >= 3), (x*(x + 3)/6, True))
    dy/dx = Piecewise((0, x <= -3), (1, x >= 3), ((2*x + 3)/6, True))

    The slope is 0 at -3 and 1 at 3. Source: arXiv:1905.02244.
    """
    return x * (np.minimum(np.maximum(x + 3, 0), 6) / 6)


def _outside(x: Any, lambd: float) -> Any:
    return np.where(x == x, (x > lambd) | (x < -lambd), x)


@elementwise(dx=_outside, kinks=lambda x, lambd: (x - lambd, x + lambd))
def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """`x` drawn towards 0 by `lambd`: the proximal map of the absolute value.

    y = Piecewise((x - lambd, x > lambd), (x + lambd, x < -lambd), (0, True))
    dy/dx = Piecewise((1, (x > lambd) | (x < -lambd)), (0, True))

    The slope at both corners is 0.
    """
    return x - np.minimum(np.maximum(x, -lambd), lambd)


@elementwise(dx=_outside, kinks=lambda x, lambd: (x - lambd, x + lambd))
def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """`x`, but 0 where it is small.

    y = Piecewise((x, x > lambd), (x, x < -lambd), (0, True))
    dy/dx = Piecewise((1, (x > lambd) | (x < -lambd)), (0, True))

    Jumps at both corners, where the slope is 0.
    """
    return np.where(np.abs(x) <= lambd, 0, x)[()]


@elementwise(dx=lambda x, threshold: np.where(x == x, x > threshold, x), kinks=lambda x, threshold, value: x - threshold)
def threshold(x: Any, threshold: float, value: float) -> Any:
    """`x` above `threshold`, and `value` elsewhere.

    y = Piecewise((x, x > threshold), (value, True))
    dy/dx = Piecewise((1, x > threshold), (0, True))

    The slope at the threshold is 0.
    """
    return np.where(np.less_equal(x, threshold), value, x)[()]
