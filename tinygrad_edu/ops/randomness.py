"""Layers that draw lots. The draw is an argument, so a graph can be run again, drawn, and differentiated.

mask = dropout_mask(x.shape, 0.5, rng=0)      # plain booleans
y = dropout(x, mask, 0.5)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import composite, linear
from ..errors import OptionError, ShapeError
from .softmax import softmax

__all__ = ["dropout", "dropout_mask", "gaussian_sample", "gumbel_noise", "gumbel_softmax"]


def _generator(rng: Any) -> np.random.Generator:
    """A generator, or a new one from a seed.

    Raises:
        OptionError: neither; hidden randomness could not be repeated.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        return np.random.default_rng(int(rng))
    raise OptionError(f"random numbers come from a generator that you can repeat: rng=np.random.default_rng(seed), made "
                      f"once, outside of the loop; or a seed. Got {rng!r}")  # fmt: skip


def _check_p(p: float) -> None:
    if not 0 <= p <= 1:
        raise OptionError(f"p is a probability, 0 <= p <= 1, got {p}")


def dropout_mask(shape: Any, p: float, rng: Any) -> Any:
    """Booleans, each False with probability p: what `dropout` keeps.

    Args:
        shape: of the mask.
        p: the probability to be dropped.
        rng: a `numpy.random.Generator`, or a seed.

    >>> bool(dropout_mask((10000,), 0.25, rng=0).mean().round(2) == 0.75)
    True
    """
    _check_p(p)
    return _generator(rng).random(shape, np.float32) >= p


def _dropped(g: Any, mask: Any, p: float) -> Any:
    return dropout(g, mask, p)


@linear(gx=_dropped)
def dropout(x: Any, mask: Any, p: float = 0.5) -> Any:
    """Entries kept where a mask says so, and enlarged by 1/(1 - p), so that their mean stays what it was.

    y = np.where(mask, x / (1 - p) if p < 1 else 0, 0)
    gx = np.where(mask, g / (1 - p) if p < 1 else 0, 0)

    Args:
        x: any array.
        mask: booleans that broadcast against it, from `dropout_mask`; of shape `(n, c, 1, 1)` they drop whole channels.
        p: the probability with which the mask drops; 1 gives zeros.

    Raises:
        OptionError: p is not a probability.
        ShapeError: the mask does not broadcast to x.

    Srivastava and others, https://jmlr.org/papers/v15/srivastava14a.html; "inverted": nothing is scaled in evaluation.
    """
    _check_p(p)
    mask = np.asarray(mask)
    try:
        mask = np.broadcast_to(mask, x.shape)
    except ValueError:
        raise ShapeError(f"the mask {mask.shape} does not broadcast to x {x.shape}") from None
    return np.where(mask, x * (1 / (1 - p)), 0)[()] if p < 1 else np.zeros_like(x)[()]


@composite(inputs=("mean", "log_var"))
def gaussian_sample(mean: Any, log_var: Any, noise: Any) -> Any:
    """A normal random number with a derivative by its mean and the logarithm of its variance.

    y = mean + np.exp(log_var / 2) * noise

    noise: standard normal numbers of the same shape, plain, `rng.standard_normal(shape)`.
    Kingma, Welling, Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114
    """
    return mean + np.exp(log_var / 2) * noise


def gumbel_noise(shape: Any, rng: Any, dtype: Any = np.float64) -> Any:
    """Noise for `gumbel_softmax`: minus the logarithm of exponentially distributed numbers."""
    drawn = _generator(rng).exponential(size=shape)
    return -np.log(np.maximum(drawn, np.finfo(np.float64).tiny)).astype(dtype)


@composite()
def gumbel_softmax(x: Any, noise: Any, tau: float = 1.0, axis: int = -1) -> Any:
    """A nearly one-hot draw from the probabilities `softmax(x)`, with a derivative by x.

    y = np.exp((x + noise) / tau) / np.sum(np.exp((x + noise) / tau), axis, keepdims=True)

    Args:
        x: logits.
        noise: plain numbers of the same shape, from `gumbel_noise`. The largest of `x + noise` is class k with
            probability `softmax(x)[k]`.
        tau: temperature, above 0: small makes the draw hard and its derivatives large.
        axis: along which the probabilities add up.

    Raises:
        OptionError: tau is not positive.

    Jang, Gu, Poole, https://arxiv.org/abs/1611.01144
    """
    if not tau > 0:
        raise OptionError(f"tau is positive, got {tau}")
    return softmax((x + noise) / tau, axis)
