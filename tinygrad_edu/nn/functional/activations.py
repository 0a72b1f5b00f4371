"""Activations: entry by entry, and along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...core import Value
from ...errors import OptionError

__all__ = ["celu", "elu", "gelu", "glu", "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
           "leaky_relu", "log_softmax", "logsigmoid", "logsumexp", "mish", "prelu", "quick_gelu", "relu", "relu2",
           "relu6", "selu", "sigmoid", "silu", "softcap", "softmax", "softmin", "softplus", "softshrink", "softsign",
           "swiglu", "tanh", "tanhshrink", "threshold"]  # fmt: skip


def relu(input: Any) -> Any:
    """What is positive, and 0 for the rest: `ops.relu`.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return ops.relu(input)


def relu2(input: Any) -> Any:
    """The square of relu: `ops.relu2`.

    >>> relu2(np.array([-1.0, 0.0, 3.0]))
    array([0., 0., 9.])
    """
    return ops.relu2(input)


def relu6(input: Any) -> Any:
    """A relu that stops at 6: `ops.relu6`.

    >>> relu6(np.array([-1.0, 4.0, 9.0]))
    array([0., 4., 6.])
    """
    return ops.relu6(input)


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Any:
    """A relu with a slope on the left: `ops.leaky_relu`.

    >>> leaky_relu(np.array([-2.0, 2.0]), 0.1)
    array([-0.2,  2. ])
    """
    return ops.leaky_relu(input, negative_slope)


def prelu(input: Any, weight: Any) -> Any:
    """A leaky relu whose slope is learned: `ops.prelu`, with one slope, or one for each channel of `(n, channels, ...)`.

    >>> prelu(np.array([[-1.0, -1.0]]), np.array([0.5, 0.25]))  # a slope for each of two channels
    array([[-0.5 , -0.25]])
    """
    if np.ndim(weight) == 1 and np.shape(weight) != (1,) and np.ndim(input) > 1:
        weight = np.reshape(weight, (-1, *[1] * (np.ndim(input) - 2)))
    return ops.prelu(input, weight)


def elu(input: Any, alpha: float = 1.0) -> Any:
    """A relu with an exponential on the left: `ops.elu`.

    >>> elu(np.array([-np.log(2), 3.0]), alpha=2.0)  # 2*(1/2 - 1)
    array([-1.,  3.])
    """
    return ops.elu(input, alpha)


def selu(input: Any) -> Any:
    """An elu that keeps mean 0 and variance 1: `ops.selu`.

    >>> selu(np.array([0.0, 1.0]))
    array([0.        , 1.05070099])
    """
    return ops.selu(input)


def celu(input: Any, alpha: float = 1.0) -> Any:
    """An elu with a slope without a jump: `ops.celu`.

    >>> celu(np.array([-2 * np.log(2), 3.0]), alpha=2.0)  # 2*(1/2 - 1)
    array([-1.,  3.])
    """
    return ops.celu(input, alpha)


def gelu(input: Any, approximate: str = "none") -> Any:
    """The input times the probability that a normal number is below it: `ops.gelu`.

    >>> gelu(np.array([-10.0, 0.0, 10.0])).round(9) + 0.0
    array([ 0.,  0., 10.])
    """
    return ops.gelu(input, approximate)


def quick_gelu(input: Any) -> Any:
    """`x * sigmoid(1.702 * x)`: `ops.quick_gelu`.

    >>> quick_gelu(np.array([0.0, 100.0]))
    array([  0., 100.])
    """
    return ops.quick_gelu(input)


def silu(input: Any) -> Any:
    """The input times its sigmoid, also called swish: `ops.silu`.

    >>> silu(np.array([0.0, np.log(3)])) / np.array([1.0, np.log(3)])  # sigmoid(log(3)) is 3/4
    array([0.  , 0.75])
    """
    return ops.silu(input)


def mish(input: Any) -> Any:
    """The input times the tanh of its softplus: `ops.mish`.

    >>> mish(np.array([0.0, 100.0]))
    array([  0., 100.])
    """
    return ops.mish(input)


def sigmoid(input: Any) -> Any:
    """From 0 to 1: `ops.sigmoid`.

    >>> sigmoid(np.array([-np.log(3), 0.0, np.log(3)]))
    array([0.25, 0.5 , 0.75])
    """
    return ops.sigmoid(input)


def logsigmoid(input: Any) -> Any:
    """The logarithm of the sigmoid: `ops.logsigmoid`.

    >>> np.exp(logsigmoid(np.array([0.0, np.log(3)])))
    array([0.5 , 0.75])
    """
    return ops.logsigmoid(input)


def tanh(input: Any) -> Any:
    """From -1 to 1: `ops.tanh`.

    >>> tanh(np.array([0.0, np.log(2)]))  # (2 - 1/2)/(2 + 1/2)
    array([0. , 0.6])
    """
    return ops.tanh(input)


def softplus(input: Any, beta: float = 1.0) -> Any:
    """A smooth relu: `ops.softplus`; unlike PyTorch's it needs no threshold.

    >>> np.exp(softplus(np.array([0.0, np.log(3)])))  # 1 + exp(x)
    array([2., 4.])
    """
    return ops.softplus(input, beta)


def softsign(input: Any) -> Any:
    """From -1 to 1, slowly: `ops.softsign`.

    >>> softsign(np.array([-1.0, 0.0, 3.0]))
    array([-0.5 ,  0.  ,  0.75])
    """
    return ops.softsign(input)


def tanhshrink(input: Any) -> Any:
    """The input less its tanh: `ops.tanhshrink`.

    >>> tanhshrink(np.array([0.0, 100.0]))
    array([ 0., 99.])
    """
    return ops.tanhshrink(input)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """The input moved towards 0 by `lambd`: `ops.softshrink`.

    >>> softshrink(np.array([-2.0, 0.3, 2.0]))
    array([-1.5,  0. ,  1.5])
    """
    return ops.softshrink(input, lambd)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """The input, or 0 if it is smaller than `lambd`: `ops.hardshrink`.

    >>> hardshrink(np.array([-2.0, 0.3, 2.0]))
    array([-2.,  0.,  2.])
    """
    return ops.hardshrink(input, lambd)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """The input between two bounds: `ops.hardtanh`.

    >>> hardtanh(np.array([-3.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    return ops.hardtanh(input, min_val, max_val)


def hardsigmoid(input: Any) -> Any:
    """A sigmoid of straight lines: `ops.hardsigmoid`.

    >>> hardsigmoid(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """
    return ops.hardsigmoid(input)


def hardswish(input: Any) -> Any:
    """A swish of straight lines and a parabola: `ops.hardswish`.

    >>> hardswish(np.array([-4.0, 1.5, 4.0]))  # 1.5*4.5/6
    array([-0.   ,  1.125,  4.   ])
    """
    return ops.hardswish(input)


def threshold(input: Any, threshold: float, value: float) -> Any:
    """The input above a threshold, else a value: `ops.threshold`.

    >>> threshold(np.array([0.5, 2.0]), 1.0, -7.0)
    array([-7.,  2.])
    """
    return ops.threshold(input, threshold, value)


def softcap(input: Any, cap: float) -> Any:
    """The input bent to stay between -cap and cap: `ops.softcap`.

    >>> softcap(np.array([0.0, 1e6]), 50.0)
    array([ 0., 50.])
    """
    return ops.softcap(input, cap)


def glu(input: Any, dim: int = -1) -> Any:
    """One half of an axis, let through by the sigmoid of the other: `ops.glu`.

    >>> glu(np.array([4.0, 0.0]))  # 4*sigmoid(0)
    array([2.])
    """
    return ops.glu(input, dim)


def swiglu(input: Any, gate: Any) -> Any:
    """The silu of the input, times a gate: `ops.swiglu`.

    >>> swiglu(np.array([[0.0, 100.0]]), np.array([[1.0, 2.0]]))
    array([[  0., 200.]])
    """
    return ops.swiglu(input, gate)


# -- along an axis -----------------------------------------------------------------------------------------------------


def softmax(input: Any, dim: int = -1) -> Any:
    """Probabilities along an axis: `ops.softmax`.

    >>> softmax(np.array([0.0, np.log(3)]))
    array([0.25, 0.75])
    """
    return ops.softmax(input, dim)


def softmin(input: Any, dim: int = -1) -> Any:
    """Probabilities along an axis, the smallest entry with the most: `ops.softmin`.

    >>> softmin(np.array([0.0, np.log(3)]))
    array([0.75, 0.25])
    """
    return ops.softmin(input, dim)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """Logarithms of probabilities along an axis: `ops.log_softmax`.

    >>> np.exp(log_softmax(np.array([0.0, np.log(3)])))
    array([0.25, 0.75])
    """
    return ops.log_softmax(input, dim)


def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """A smooth maximum along an axis: `ops.logsumexp`.

    >>> logsumexp(np.array([[np.log(2), np.log(3)]]), -1)  # log(5)
    array([1.60943791])
    """
    return ops.logsumexp(input, dim, keepdim)


def gumbel_softmax(logits: Any, tau: float = 1.0, hard: bool = False, dim: int = -1, *, rng: Any = None) -> Any:
    """A nearly one-hot draw from `softmax(logits)` that can be differentiated: `ops.gumbel_softmax`.

    Args:
        logits: any array.
        tau: temperature; small makes the draw nearly one-hot.
        hard: give the one-hot draw itself; its gradient is that of the soft one ("straight through").
        dim: the axis of the classes.
        rng: a `numpy.random.Generator`, or a seed.

    Raises:
        OptionError: tau is not positive, or there is no rng.

    >>> gumbel_softmax(np.array([0.0, 1000.0]), hard=True, rng=0)
    array([0., 1.])
    """
    noise = ops.gumbel_noise(np.shape(logits), rng, logits.dtype)
    y = ops.gumbel_softmax(logits, noise, tau, dim)
    if not hard:
        return y
    soft = y.data if isinstance(y, Value) else y
    n = soft.shape[dim]
    if not n:
        raise OptionError("there is no class to draw")
    one_hot = np.moveaxis(ops.one_hot(np.argmax(soft, dim), n, soft.dtype), -1, dim)
    return (y - soft) + one_hot  # y - soft is 0, with the gradient of y
