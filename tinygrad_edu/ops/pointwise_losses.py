"""What one prediction costs: losses before they are averaged.

`x` is the prediction, `target` what it should be; both are differentiable, and broadcast as in NumPy. The losses of
`tinygrad_edu.nn` average these and insist on equal shapes.
"""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np

from ..core import elementwise
from ..errors import OptionError
from . import domain
from .activations import log_cosh, sigmoid, softplus
from .exponential import xlogy
from .promotion import promoted

__all__ = ["absolute_error", "bce", "bce_with_logits", "gaussian_nll", "hinge", "huber", "kl_div_pointwise",
           "log_cosh_loss", "pinball", "poisson_nll", "smooth_l1", "soft_margin", "squared_error",
           "squared_hinge"]  # fmt: skip

_SIDES = domain.Domain("-1 or 1", ((-1.2, -0.8), (0.8, 1.2)))


def _require_positive(name: str, option: str, number: float) -> None:
    if not number > 0:
        raise OptionError(f"{name}: {option} has to be positive, got {number}; for 0 write absolute_error(x, target)")


@elementwise(dx=lambda x, target: 2 * (x - target), dtarget=lambda x, target: 2 * (target - x))
def squared_error(x: Any, target: Any) -> Any:
    """The square of the difference; summed over the outputs, the cost of 3Blue1Brown's lessons.

    y = (x - target)**2
    dy/dx = 2*(x - target)
    dy/dtarget = -2*(x - target)
    """
    return np.square(np.subtract(x, target))


@elementwise(dx=lambda x, target: np.sign(x - target), dtarget=lambda x, target: np.sign(target - x),
             kinks=lambda x, target: x - target)  # fmt: skip
def absolute_error(x: Any, target: Any) -> Any:
    """The size of the difference.

    y = Abs(x - target)
    dy/dx = sign(x - target)
    dy/dtarget = -sign(x - target)

    Where they are equal both slopes are 0.
    """
    return np.abs(np.subtract(x, target))


@elementwise(dx=lambda x, target, beta: np.clip((x - target) / beta, -1, 1),
             dtarget=lambda x, target, beta: np.clip((target - x) / beta, -1, 1))  # fmt: skip
def smooth_l1(x: Any, target: Any, beta: float = 1.0) -> Any:
    """The size of the difference with its corner rounded off below `beta`.

    y = Piecewise(((x - target)**2/(2*beta), Abs(x - target) < beta), (Abs(x - target) - beta/2, True))
    dy/dx = Piecewise(((x - target)/beta, Abs(x - target) < beta), (sign(x - target), True))
    dy/dtarget = -Piecewise(((x - target)/beta, Abs(x - target) < beta), (sign(x - target), True))

    Raises:
        OptionError: `beta` is not positive.
    """
    _require_positive("smooth_l1", "beta", beta)
    return _rounded_off(np.abs(np.subtract(x, target)), beta) / beta


@elementwise(dx=lambda x, target, delta: np.clip(x - target, -delta, delta),
             dtarget=lambda x, target, delta: np.clip(target - x, -delta, delta))  # fmt: skip
def huber(x: Any, target: Any, delta: float = 1.0) -> Any:
    """Half the square of the difference, going on straight above `delta`: `delta` times smooth_l1.

    y = Piecewise(((x - target)**2/2, Abs(x - target) <= delta), (delta*(Abs(x - target) - delta/2), True))
    dy/dx = Piecewise((x - target, Abs(x - target) <= delta), (delta*sign(x - target), True))
    dy/dtarget = -Piecewise((x - target, Abs(x - target) <= delta), (delta*sign(x - target), True))

    Source: P. J. Huber, Robust estimation of a location parameter, 1964.

    Raises:
        OptionError: `delta` is not positive.
    """
    _require_positive("huber", "delta", delta)
    return _rounded_off(np.abs(np.subtract(x, target)), delta)


def _rounded_off(size: Any, delta: float) -> Any:
    """size**2/2 up to delta and delta*(size - delta/2) above, without a square that could overflow."""
    low = np.minimum(size, delta)
    return low * (size - 0.5 * low)


@elementwise(dx=lambda x, target: np.tanh(x - target), dtarget=lambda x, target: np.tanh(target - x))
def log_cosh_loss(x: Any, target: Any) -> Any:
    """A loss that is half the square for small differences, and almost their size for large ones.

    y = log(cosh(x - target))
    dy/dx = tanh(x - target)
    dy/dtarget = -tanh(x - target)
    """
    return log_cosh(np.subtract(x, target))


def _pinball_slope(d: Any, quantile: float) -> Any:
    return np.where(d > 0, quantile, np.where(d < 0, quantile - 1, d))


@elementwise(dx=lambda x, target, quantile: -_pinball_slope(target - x, quantile),
             dtarget=lambda x, target, quantile: _pinball_slope(target - x, quantile),
             kinks=lambda x, target, quantile: x - target)  # fmt: skip
def pinball(x: Any, target: Any, quantile: float = 0.5) -> Any:
    """The loss that a quantile minimises: guessing too low costs `quantile`, too high 1 - `quantile`, a unit each.

    y = Max(quantile*(target - x), (quantile - 1)*(target - x))
    dy/dx = Piecewise((-quantile, target > x), (1 - quantile, True))
    dy/dtarget = Piecewise((quantile, target > x), (quantile - 1, True))

    Where they are equal both slopes are 0, the least of the subgradients. Source: Koenker and Bassett, 1978.

    Raises:
        OptionError: `quantile` does not lie between 0 and 1.
    """
    if not 0 < quantile < 1:
        raise OptionError(f"pinball: the quantile lies between 0 and 1, got {quantile}")
    d = np.subtract(target, x)
    return np.maximum(quantile * d, (quantile - 1) * d)


def _bounded_log(x: Any) -> Any:
    """log(x), but not below -100."""
    return np.log(np.maximum(x, exp(-100)))


@elementwise(dx=lambda x, target: (x - target) / np.maximum(x * (1 - x), 1e-12),
             dtarget=lambda x: _bounded_log(1 - x) - _bounded_log(x),
             domain=dict(x=domain.probability, target=domain.probability))  # fmt: skip
def bce(x: Any, target: Any) -> Any:
    """Binary cross-entropy of a probability, in nats; prefer `bce_with_logits`, which loses no digits.

    y = -(target*log(x) + (1 - target)*log(1 - x))
    dy/dx = (x - target)/(x*(1 - x))
    dy/dtarget = log(1 - x) - log(x)

    As in PyTorch each logarithm stops at -100, and the denominator of the slope at 1e-12: at x = 0 with target 1 the
    loss is 100 and the slope -1e12.
    """
    x, target = promoted(x, target)
    with np.errstate(divide="ignore"):  # log(0) is -inf, and goes no further
        return -(target * np.maximum(np.log(x), -100) + (1 - target) * np.maximum(np.log1p(-x), -100))


@elementwise(dx=lambda x, target: sigmoid(x) - target, dtarget=lambda x: -x,
             domain=dict(target=domain.probability))  # fmt: skip
def bce_with_logits(x: Any, target: Any) -> Any:
    """Binary cross-entropy of sigmoid(x), in nats: the slope is the error itself, however wrong a neuron is.

    y = log(1 + exp(x)) - x*target
    dy/dx = 1/(1 + exp(-x)) - target
    dy/dtarget = -x
    """
    x, target = promoted(x, target)
    return np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))


@elementwise(dx=lambda x, target: np.where(x * target < 1, -target, 0),
             dtarget=lambda x, target: np.where(x * target < 1, -x, 0),
             domain=dict(target=_SIDES), kinks=lambda x, target: 1 - x * target)  # fmt: skip
def hinge(x: Any, target: Any) -> Any:
    """What is missing to a margin of 1, for a target of -1 or 1: the loss of support vector machines.

    y = Max(0, 1 - target*x)
    dy/dx = Piecewise((-target, target*x < 1), (0, True))
    dy/dtarget = Piecewise((-x, target*x < 1), (0, True))

    At the margin both slopes are 0.
    """
    return np.maximum(1 - np.multiply(target, x), 0)


def _missing_margin(x: Any, target: Any) -> Any:
    margin = x * target
    return np.where(margin < 1, 1 - margin, 0)


@elementwise(dx=lambda x, target: -2 * target * _missing_margin(x, target),
             dtarget=lambda x, target: -2 * x * _missing_margin(x, target), domain=dict(target=_SIDES))  # fmt: skip
def squared_hinge(x: Any, target: Any) -> Any:
    """The square of what is missing to a margin of 1, for a target of -1 or 1.

    y = Max(0, 1 - target*x)**2
    dy/dx = Piecewise((-2*target*(1 - target*x), target*x < 1), (0, True))
    dy/dtarget = Piecewise((-2*x*(1 - target*x), target*x < 1), (0, True))
    """
    return np.square(np.maximum(1 - np.multiply(target, x), 0))


@elementwise(dx=lambda x, target: -target * sigmoid(-target * x), dtarget=lambda x, target: -x * sigmoid(-target * x),
             domain=dict(target=_SIDES))  # fmt: skip
def soft_margin(x: Any, target: Any) -> Any:
    """Logistic loss for a target of -1 or 1.

    y = log(1 + exp(-target*x))
    dy/dx = -target/(1 + exp(target*x))
    dy/dtarget = -x/(1 + exp(target*x))
    """
    return softplus(-np.multiply(target, x))


@elementwise(dx=lambda target: -target, dtarget=lambda x, target: np.log(target) - x + 1,
             domain=dict(x=domain.between(-3.0, -0.1, "x <= 0"), target=domain.probability))  # fmt: skip
def kl_div_pointwise(x: Any, target: Any) -> Any:
    """One term of the Kullback-Leibler divergence, in nats, of a log-probability x from a probability.

    y = target*(log(target) - x)
    dy/dx = -target
    dy/dtarget = log(target) - x + 1

    A target of 0 costs nothing; its slope is -inf, the limit.
    """
    x, target = promoted(x, target)
    return xlogy(target, target) - target * x


@elementwise(dx=lambda x, target: np.exp(x) - target, dtarget=lambda x: -x,
             domain=dict(target=domain.between(0.0, 4.0, "x >= 0")))  # fmt: skip
def poisson_nll(x: Any, target: Any) -> Any:
    """Negative log-likelihood of a count whose expectation is exp(x), without the term that x does not change.

    y = exp(x) - target*x
    dy/dx = exp(x) - target
    dy/dtarget = -x
    """
    x, target = promoted(x, target)
    return np.exp(x) - target * x


def _gaussian_nll_in_var(x: Any, target: Any, var: Any) -> Any:
    return 0.5 * (1 - np.square(x - target) / var) / var


@elementwise(dx=lambda x, target, var: (x - target) / var, dtarget=lambda x, target, var: (target - x) / var,
             dvar=_gaussian_nll_in_var, domain=dict(var=domain.between(0.5, 4.0, "x > 0")))  # fmt: skip
def gaussian_nll(x: Any, target: Any, var: Any) -> Any:
    """Negative log-likelihood of a normal number of expectation x and variance `var`, without the constant log(2*pi)/2.

    y = (log(var) + (x - target)**2/var)/2
    dy/dx = (x - target)/var
    dy/dtarget = -(x - target)/var
    dy/dvar = (1/var - (x - target)**2/var**2)/2
    """
    x, target, var = promoted(x, target, var)
    return 0.5 * (np.log(var) + np.square(np.subtract(x, target)) / var)
