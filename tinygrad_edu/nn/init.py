"""Where training starts: random weights of the right size.

Every function returns a plain array of `shape`, a weight's being `(outputs, inputs, ...)` as in PyTorch, drawn from
`rng`: a NumPy generator or a seed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import OptionError, ShapeError

__all__ = ["INITIALISERS", "he_normal", "he_uniform", "normal", "uniform", "xavier_normal", "xavier_uniform", "zeros"]

Shape = tuple[int, ...]


def zeros(shape: Shape, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """All zero: for biases. Weights that start equal stay equal, so do not start weights so.

    >>> zeros((2,))
    array([0., 0.])
    """
    return np.zeros(shape, dtype)


def uniform(shape: Shape, low: float = -1.0, high: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform in [low, high).

    >>> float(abs(uniform((1000,), -2.0, 2.0, rng=0)).max()) < 2
    True
    """
    if not low < high:
        raise OptionError(f"uniform: low < high, got low={low} and high={high}")
    return np.random.default_rng(rng).uniform(low, high, shape).astype(dtype)


def normal(shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Normal with the given mean and standard deviation; N(0, 1) is what the 784-16-16-10 lesson starts from.

    >>> float(normal((10000,), 3.0, 2.0, rng=0).mean().round(1))
    3.0
    """
    if std < 0:
        raise OptionError(f"normal: a standard deviation is not negative, got std={std}")
    return np.random.default_rng(rng).normal(mean, std, shape).astype(dtype)


def xavier_uniform(shape: Shape, *, gain: float = 1.0, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform in +-gain*sqrt(6/(inputs + outputs)): keeps the variance of activations and gradients, for tanh and sigmoid.

    Source: Glorot and Bengio (2010), equation 16.

    >>> float(abs(xavier_uniform((2, 4), rng=0)).max()) < 1  # sqrt(6/(4 + 2))
    True
    """
    a = gain * math.sqrt(6 / sum(fans(shape)))
    return uniform(shape, -a, a, rng=rng, dtype=dtype)


def xavier_normal(shape: Shape, *, gain: float = 1.0, rng: Any = None, dtype: Any = np.float64) -> Any:
    """Normal with standard deviation gain*sqrt(2/(inputs + outputs)). Source: Glorot and Bengio (2010), equation 12.

    >>> float(xavier_normal((100, 100), rng=0).std().round(2))  # sqrt(2/200)
    0.1
    """
    return normal(shape, 0.0, gain * math.sqrt(2 / sum(fans(shape))), rng=rng, dtype=dtype)


def he_uniform(shape: Shape, *, gain: float = math.sqrt(2), rng: Any = None, dtype: Any = np.float64) -> Any:
    """Uniform in +-gain*sqrt(3/inputs): Xavier's for ReLU, which halves the variance. Source: He et al. (2015).

    >>> float(abs(he_uniform((2, 6), rng=0)).max()) < 1  # sqrt(2)*sqrt(3/6)
    True
    """
    a = gain * math.sqrt(3 / fans(shape)[0])
    return uniform(shape, -a, a, rng=rng, dtype=dtype)


def he_normal(shape: Shape, *, gain: float = math.sqrt(2), rng: Any = None, dtype: Any = np.float64) -> Any:
    """Normal with standard deviation gain/sqrt(inputs). Source: He et al. (2015), equation 10.

    >>> float(he_normal((100, 200), rng=0).std().round(2))  # sqrt(2/200)
    0.1
    """
    return normal(shape, 0.0, gain / math.sqrt(fans(shape)[0]), rng=rng, dtype=dtype)


def fans(shape: Shape) -> tuple[int, int]:
    """(inputs, outputs) of one unit of a weight `(outputs, inputs, ...)`; further axes are a kernel's and multiply both."""
    if len(shape) < 2 or 0 in shape:
        raise ShapeError(
            f"an initialiser that looks at fan-in needs a weight (outputs, inputs, ...) with no empty axis, got {shape}"
        )
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


INITIALISERS = {
    "normal": normal,
    "uniform": uniform,
    "xavier": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_uniform,
    "he_normal": he_normal,
}
