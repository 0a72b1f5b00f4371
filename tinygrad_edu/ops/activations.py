"""Smooth activations of neurons, and the functions that they are made of."""

from __future__ import annotations

from math import pi
from math import sqrt as root
from typing import Any

import numpy as np

from ..core import elementwise
from ..errors import OptionError
from . import domain
from .error_function import erfc, gaussian
from .promotion import promoted

__all__ = ["gelu", "gelu_tanh", "glu_pair", "log_cosh", "logit", "logsigmoid", "mish", "quick_gelu", "sigmoid", "silu",
           "softcap", "softplus", "softsign", "swiglu", "tanhshrink"]  # fmt: skip


@elementwise(dx=lambda y: y * (1 - y))
def sigmoid(x: Any) -> Any:
    """The logistic function: a number squeezed between 0 and 1.

    y = 1/(1 + exp(-x))
    dy/dx = exp(-x)/(1 + exp(-x))**2

    Its largest slope is 1/4, at 0: ten layers of it shrink a gradient at least a million times.
    """
    with np.errstate(over="ignore"):  # exp(1000) is inf, and 1/inf the right answer
        return 1 / (1 + np.exp(-x))


@elementwise(dx=lambda x: sigmoid(-x))
def logsigmoid(x: Any) -> Any:
    """The logarithm of the sigmoid.

    y = -log(1 + exp(-x))
    dy/dx = 1/(1 + exp(x))
    """
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@elementwise(dx=lambda x, beta: sigmoid(beta * x))
def softplus(x: Any, beta: float = 1) -> Any:
    """A smooth relu, which it approaches as `beta` grows.

    y = log(1 + exp(beta*x))/beta
    dy/dx = 1/(1 + exp(-beta*x))

    PyTorch switches to the identity above 20; here the formula holds everywhere.

    Raises:
        OptionError: `beta` is not positive.
    """
    if not beta > 0:
        raise OptionError(f"softplus: beta has to be positive, got {beta}")
    return np.maximum(x, 0) + np.log1p(np.exp(-beta * np.abs(x))) / beta


@elementwise(dx=lambda x: 1 / (x * (1 - x)), domain=dict(x=domain.probability))
def logit(x: Any) -> Any:
    """The logarithm of the odds, the inverse of the sigmoid.

    y = log(x/(1 - x))
    dy/dx = 1/(x*(1 - x))

    Infinite at 0 and 1; for PyTorch's `eps` write `logit(np.clip(x, eps, 1 - eps))`.
    """
    return np.log(x) - np.log1p(-x)


def _silu_slope(x: Any) -> Any:
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


@elementwise(dx=_silu_slope)
def silu(x: Any) -> Any:
    """`x` times its sigmoid, also called swish.

    y = x/(1 + exp(-x))
    dy/dx = 1/(1 + exp(-x)) + x*exp(-x)/(1 + exp(-x))**2

    Its minimum is -0.27846454 at -1.27846454. Source: arXiv:1702.03118.
    """
    return x * sigmoid(x)


def _quick_gelu_slope(x: Any) -> Any:
    s = sigmoid(1.702 * x)
    return s * (1 + 1.702 * x * (1 - s))


@elementwise(dx=_quick_gelu_slope)
def quick_gelu(x: Any) -> Any:
    """`gelu` with the normal distribution replaced by a logistic one, as in CLIP.

    y = x/(1 + exp(-Rational(1702, 1000)*x))
    dy/dx = (1/(1 + exp(-Rational(1702, 1000)*x))
        + Rational(1702, 1000)*x*exp(-Rational(1702, 1000)*x)/(1 + exp(-Rational(1702, 1000)*x))**2)

    Source: arXiv:1606.08415.
    """
    return x * sigmoid(1.702 * x)


def _mish_slope(x: Any) -> Any:
    t = np.tanh(softplus(x))
    return t + x * (1 - t * t) * sigmoid(x)


@elementwise(dx=_mish_slope)
def mish(x: Any) -> Any:
    """`x` times the tanh of its softplus.

    y = x*tanh(log(1 + exp(x)))
    dy/dx = tanh(log(1 + exp(x))) + x*(1 - tanh(log(1 + exp(x)))**2)/(1 + exp(-x))

    Source: arXiv:1908.08681.
    """
    return x * np.tanh(softplus(x))


def _tanh_of_gelu(x: Any) -> Any:
    return np.tanh(root(2 / pi) * (x + 0.044715 * (x * x * x)))


def _gelu_tanh_slope(x: Any) -> Any:
    x = np.clip(x, -10, 10)  # beyond, t is -1 or 1, and in float16 the powers of x would overflow
    t = _tanh_of_gelu(x)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (root(2 / pi) * (1 + 0.134145 * (x * x)))


@elementwise(dx=_gelu_tanh_slope)
def gelu_tanh(x: Any) -> Any:
    """`gelu` with the normal distribution approximated by a tanh, as in GPT-2.

    y = x*(1 + tanh(sqrt(2/pi)*(x + Rational(44715, 1000000)*x**3)))/2
    dy/dx = ((1 + tanh(sqrt(2/pi)*(x + Rational(44715, 1000000)*x**3)))/2
        + x*(1 - tanh(sqrt(2/pi)*(x + Rational(44715, 1000000)*x**3))**2)*sqrt(2/pi)
        *(1 + 3*Rational(44715, 1000000)*x**2)/2)

    Source: arXiv:1606.08415.
    """
    return 0.5 * x * (1 + _tanh_of_gelu(np.clip(x, -10, 10)))


def _gelu_slope(x: Any, approximate: str) -> Any:
    if approximate == "tanh":
        return _gelu_tanh_slope(x)
    return 0.5 * erfc(-root(0.5) * x) + x * gaussian(root(0.5) * x) / root(2 * pi)


@elementwise(dx=_gelu_slope)
def gelu(x: Any, approximate: str = "none") -> Any:
    """`x` times the probability that a standard normal number is smaller.

    y = x*(1 + erf(x/sqrt(2)))/2
    dy/dx = (1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)

    Its minimum is -0.16997121 at -0.75179153. `approximate="tanh"` is `gelu_tanh`. Source: arXiv:1606.08415.

    Raises:
        OptionError: `approximate` is neither "none" nor "tanh".
    """
    if approximate == "tanh":
        return gelu_tanh(x)
    if approximate != "none":
        raise OptionError(f'gelu: approximate is "none" or "tanh", got {approximate!r}')
    return 0.5 * x * erfc(-root(0.5) * x)


@elementwise(dx=lambda x: 1 / np.square(1 + np.absolute(x)))
def softsign(x: Any) -> Any:
    """A number squeezed between -1 and 1, more slowly than by tanh.

    y = x/(1 + Abs(x))
    dy/dx = 1/(1 + Abs(x))**2

    The second derivative jumps at 0 from 2 to -2; it is 0 there.
    """
    return x / (1 + np.abs(x))


@elementwise(dx=lambda x: np.square(np.tanh(x)))
def tanhshrink(x: Any) -> Any:
    """What tanh takes away.

    y = x - tanh(x)
    dy/dx = tanh(x)**2
    """
    return x - np.tanh(x)


@elementwise(dx=lambda y, cap: 1 - np.square(y / cap))
def softcap(x: Any, cap: float) -> Any:
    """A number held smoothly between -cap and cap, as the logits of Gemma 2.

    y = cap*tanh(x/cap)
    dy/dx = 1 - tanh(x/cap)**2

    Source: arXiv:2408.00118.
    """
    return cap * np.tanh(x / cap)


@elementwise(dx=lambda x: np.tanh(x))
def log_cosh(x: Any) -> Any:
    """A smooth absolute value: x**2/2 near 0, abs(x) - log(2) far away.

    y = log(cosh(x))
    dy/dx = tanh(x)
    """
    size = np.abs(x)
    near = 0.5 * np.log1p(np.square(np.sinh(np.minimum(size, 1))))  # cosh**2 = 1 + sinh**2: no cancellation
    return np.where(size < 1, near, size + np.log1p(np.exp(-2 * size)) - float(np.log(2)))[()]


@elementwise(dx1=lambda x2: sigmoid(x2), dx2=lambda y, x2: y * sigmoid(-x2))
def glu_pair(x1: Any, x2: Any) -> Any:
    """A gated linear unit of two arrays: x1, let through by the sigmoid of x2.

    y = x1/(1 + exp(-x2))
    dy/dx1 = 1/(1 + exp(-x2))
    dy/dx2 = x1*exp(-x2)/(1 + exp(-x2))**2

    Source: arXiv:1612.08083.
    """
    x1, x2 = promoted(x1, x2)
    return x1 * sigmoid(x2)


@elementwise(dx1=lambda x1, x2: x2 * _silu_slope(x1), dx2=lambda x1: silu(x1))
def swiglu(x1: Any, x2: Any) -> Any:
    """A gated linear unit: the silu of x1 times x2.

    y = x1*x2/(1 + exp(-x1))
    dy/dx1 = x2*(1/(1 + exp(-x1)) + x1*exp(-x1)/(1 + exp(-x1))**2)
    dy/dx2 = x1/(1 + exp(-x1))

    Source: arXiv:2002.05202.
    """
    x1, x2 = promoted(x1, x2)
    return silu(x1) * x2
