"""Normalisation: one op, `standardise`, and the layers that differ only in the axes they give it.

batch norm      (n, c, h, w)   over n, h, w     one number for each channel of a batch
layer norm      (n, t, c)      over c           one for each token
instance norm   (n, c, h, w)   over h, w        one for each channel of an image
group norm      (n, c, h, w)   over h, w and the channels of a group
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import composite, primitive
from ..errors import OptionError, ShapeError
from .norms import vector_norm

__all__ = ["batch_norm", "cosine_similarity", "group_norm", "instance_norm", "layer_norm", "local_response_norm",
           "normalize", "rms_norm", "standardise"]  # fmt: skip


def _standardise_pull(g: Any, y: Any, axis: Any, centre: bool) -> Any:
    """The cotangent of h without what would change its mean and its length; those of mean and r join it there."""
    (gh, gmean, gr), (h, _, r) = g, y
    n = math.prod(h.shape) // max(math.prod(r.shape), 1) or 1
    gx = h * ((_dot(gh, h, axis) + gr * r) / -n)
    gx += gh  # on Values this makes new ones
    if centre:
        gx -= np.mean(gh, axis, keepdims=True) - gmean / (n * r)
    gx *= r
    return gx


def _dot(a: Any, b: Any, axis: Any) -> Any:
    """The sum of products over axes, which are kept with length 1."""
    if axis == -1:
        return np.expand_dims(np.vecdot(a, b), -1)  # makes no array of the products
    return np.sum(a * b, axis, keepdims=True)


@primitive(gx=_standardise_pull)
def standardise(x: Any, axis: Any = -1, eps: float = 1e-5, centre: bool = True) -> Any:
    """Entries moved and scaled to mean 0 and variance 1 over axes: the result h, the mean, and 1/spread.

    y = ((x - centre * np.mean(x, axis, keepdims=True)) / np.sqrt(np.mean((x - centre
        * np.mean(x, axis, keepdims=True))**2, axis, keepdims=True) + eps),
        centre * np.mean(x, axis, keepdims=True),
        1 / np.sqrt(np.mean((x - centre * np.mean(x, axis, keepdims=True))**2, axis, keepdims=True) + eps))
    gx = y[2] * (g[0] - centre * np.mean(g[0], axis, keepdims=True) - y[0] * np.mean(g[0] * y[0], axis, keepdims=True)
        ) + centre * g[1] * np.mean(np.ones_like(x), axis, keepdims=True) * y[2].size / x.size - (
        g[2] * y[2]**2 * y[0] * y[2].size / x.size)

    The variance is the mean square (no degree of freedom taken off), from a second pass, in float32 at least. With
    `eps` the variance comes out a little below 1, and constant entries become 0. Only h and 1/spread are kept.

    Args:
        x: any array.
        axis: an axis or several.
        eps: added to the variance.
        centre: whether to take the mean off; without, this is the root mean square that `rms_norm` divides by.
    """
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    mean = np.mean(wide, axis, keepdims=True) if centre else np.zeros_like(np.max(wide, axis, keepdims=True, initial=0))
    h = wide - mean
    r = 1 / np.sqrt(_dot(h, h, axis) / (math.prod(h.shape) // math.prod(mean.shape) if h.size else 1) + eps)
    h *= r
    return tuple(a.astype(x.dtype, copy=False) for a in (h, mean, r))


def _affine(h: Any, weight: Any, bias: Any) -> Any:
    h = h if weight is None else h * weight
    return h if bias is None else h + bias


def _per_channel(parameter: Any, x: Any, what: str) -> Any:
    """One number a channel, with axes of length 1 behind, so that it broadcasts against (n, c, ...)."""
    if parameter is None:
        return None
    if x.ndim < 2 or np.shape(parameter) != x.shape[1:2]:
        raise ShapeError(f"x is (n, channels, ...) and {what} one number a channel; got {x.shape} and "
                         f"{np.shape(parameter)}")  # fmt: skip
    return np.reshape(parameter, (-1, *[1] * (x.ndim - 2)))


def _last_axes(x: Any, normalized_shape: Any, weight: Any, bias: Any) -> Any:
    shape = (normalized_shape,) if isinstance(normalized_shape, int | np.integer) else tuple(normalized_shape)
    if not shape or x.shape[x.ndim - len(shape) :] != shape or x.ndim < len(shape):
        raise ShapeError(f"the last axes of x are to have shape {shape}, but x has shape {x.shape}")
    for name, p in (("weight", weight), ("bias", bias)):
        if p is not None and np.shape(p) != shape:
            raise ShapeError(f"{name} has one number for each normalised entry, shape {shape}, got {np.shape(p)}")
    return tuple(range(-len(shape), 0)) if len(shape) > 1 else -1


@composite(inputs=("x", "weight", "bias"))
def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Every example standardised on its own over the last axes, then scaled and shifted.

    y = ((x - x.mean(axis=tuple(range(-len(normalized_shape), 0)), keepdims=True)) / np.sqrt(
        x.var(axis=tuple(range(-len(normalized_shape), 0)), keepdims=True) + eps)
        * (1 if weight is None else weight) + (0 if bias is None else bias))

    Args:
        x: `(..., *normalized_shape)`.
        normalized_shape: the shape of one example, a tuple or a number.
        weight: scale, of that shape, or None for 1.
        bias: shift, of that shape, or None for 0.
        eps: added to the variance.

    Raises:
        ShapeError: shapes that do not fit.

    Ba, Kiros, Hinton, Layer Normalization, https://arxiv.org/abs/1607.06450
    """
    return _affine(standardise(x, _last_axes(x, normalized_shape, weight, bias), eps)[0], weight, bias)


@composite(inputs=("x", "weight"))
def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """Every example divided by its root mean square over the last axes, then scaled.

    y = x / np.sqrt(np.mean(x**2, axis=tuple(range(-len(normalized_shape), 0)), keepdims=True) + (
        np.finfo(x.dtype).eps if eps is None else eps)) * (1 if weight is None else weight)

    Shapes and errors as for `layer_norm`; eps is the machine epsilon of the dtype if not said, as in PyTorch.
    Zhang, Sennrich, Root Mean Square Layer Normalization, https://arxiv.org/abs/1910.07467
    """
    eps = float(np.finfo(x.dtype if x.dtype != object else float).eps) if eps is None else eps
    return _affine(standardise(x, _last_axes(x, normalized_shape, weight, None), eps, centre=False)[0], weight, None)


def _spread_of(x: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float) -> Any:
    """Batch norm with given statistics: h = (x - mean)/sqrt(var + eps)."""
    return (x - _per_channel(mean, x, "the mean")) / np.sqrt(_per_channel(var, x, "the variance") + eps)


@composite(inputs=("x", "weight", "bias"))
def batch_norm(x: Any, weight: Any = None, bias: Any = None, mean: Any = None, var: Any = None,
               eps: float = 1e-5) -> Any:  # fmt: skip
    """Every channel standardised over the batch, then scaled and shifted.

    y = ((x - (x.mean(axis=(0, *range(2, x.ndim)), keepdims=True) if mean is None
        else np.reshape(mean, (-1,) + (1,) * (x.ndim - 2)))) / np.sqrt(eps + (
        x.var(axis=(0, *range(2, x.ndim)), keepdims=True) if var is None
        else np.reshape(var, (-1,) + (1,) * (x.ndim - 2))))
        * (1 if weight is None else np.reshape(weight, (-1,) + (1,) * (x.ndim - 2)))
        + (0 if bias is None else np.reshape(bias, (-1,) + (1,) * (x.ndim - 2))))

    Args:
        x: `(n, channels, ...)`.
        weight: scale, `(channels,)`, or None for 1.
        bias: shift, `(channels,)`, or None for 0.
        mean: plain numbers `(channels,)` to use instead of the mean of this batch: evaluation. Then so is var.
        var: likewise.
        eps: added to the variance.

    Raises:
        ShapeError: shapes that do not fit, or one value a channel in training: its standard score is always 0.
        OptionError: only one of mean and var.

    Ioffe, Szegedy, Batch Normalization, https://arxiv.org/abs/1502.03167
    """
    if (mean is None) != (var is None):
        raise OptionError("mean and var are given together, or neither")
    w, b = _per_channel(weight, x, "the weight"), _per_channel(bias, x, "the bias")
    if mean is not None:
        return _affine(_spread_of(x, w, b, mean, var, eps), w, b)
    if math.prod(x.shape) == x.shape[1]:
        raise ShapeError(f"there is nothing to normalise over: one value a channel, x has shape {x.shape}")
    return _affine(standardise(x, (0, *range(2, x.ndim)), eps)[0], w, b)


@composite(inputs=("x", "weight", "bias"))
def instance_norm(x: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Every channel of every example standardised on its own, then scaled and shifted.

    y = ((x - x.mean(axis=tuple(range(2, x.ndim)), keepdims=True))
        / np.sqrt(x.var(axis=tuple(range(2, x.ndim)), keepdims=True) + eps)
        * (1 if weight is None else np.reshape(weight, (-1,) + (1,) * (x.ndim - 2)))
        + (0 if bias is None else np.reshape(bias, (-1,) + (1,) * (x.ndim - 2))))

    Shapes: x `(n, channels, ...)`, weight and bias `(channels,)` or None.
    Ulyanov, Vedaldi, Lempitsky, Instance Normalization, https://arxiv.org/abs/1607.08022

    Raises:
        ShapeError: shapes that do not fit, or one value a channel.
    """
    if x.ndim < 3 or math.prod(x.shape[2:]) == 1:
        raise ShapeError(f"x is (n, channels, ...) with more than one value a channel, got shape {x.shape}")
    h = standardise(x, tuple(range(2, x.ndim)), eps)[0]
    return _affine(h, _per_channel(weight, x, "the weight"), _per_channel(bias, x, "the bias"))


@composite(inputs=("x", "weight", "bias"))
def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Channels dealt into groups, each group of every example standardised on its own, then scaled and shifted.

    y = (((x.reshape(len(x), num_groups, -1) - x.reshape(len(x), num_groups, -1).mean(axis=2, keepdims=True))
        / np.sqrt(x.reshape(len(x), num_groups, -1).var(axis=2, keepdims=True) + eps)).reshape(x.shape)
        * (1 if weight is None else np.reshape(weight, (-1,) + (1,) * (x.ndim - 2)))
        + (0 if bias is None else np.reshape(bias, (-1,) + (1,) * (x.ndim - 2))))

    Shapes: x `(n, channels, ...)`, weight and bias `(channels,)` or None.
    Wu, He, Group Normalization, https://arxiv.org/abs/1803.08494

    Raises:
        OptionError: num_groups does not divide the number of channels.
        ShapeError: shapes that do not fit.
    """
    if x.ndim < 2:
        raise ShapeError(f"x is (n, channels, ...), got shape {x.shape}")
    if num_groups < 1 or x.shape[1] % num_groups:
        raise OptionError(f"num_groups divides the {x.shape[1]} channels of x, got {num_groups}")
    each = math.prod(x.shape[1:]) // num_groups
    h = standardise(np.reshape(x, (len(x), num_groups, each)), -1, eps)[0]
    w, b = _per_channel(weight, x, "the weight"), _per_channel(bias, x, "the bias")
    return _affine(np.reshape(h, x.shape), w, b)


# -- lengths -----------------------------------------------------------------------------------------------------------


@composite()
def normalize(x: Any, p: float = 2.0, axis: Any = 1, eps: float = 1e-12) -> Any:
    """Vectors divided by their p-norm, or by `eps` if that is larger: vectors of length 1.

    y = x / np.maximum(np.sum(np.abs(x)**p, axis, keepdims=True)**(1 / p), eps)

    At the zero vector: value 0, slope 1/eps.
    """
    return x / np.maximum(vector_norm(x, axis, True, p), eps)


@composite(inputs=("x1", "x2"))
def cosine_similarity(x1: Any, x2: Any, axis: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors: 1 if they point the same way, 0 at right angles, -1 if opposite.

    y = np.sum(x1 * x2, axis) / (np.maximum(np.sqrt(np.sum(x1**2, axis)), eps)
        * np.maximum(np.sqrt(np.sum(x2**2, axis)), eps))

    The arrays broadcast against each other. A zero vector has similarity 0 to everything.
    """
    lengths = [np.maximum(vector_norm(x, axis), eps) for x in (x1, x2)]
    return np.sum(x1 * x2, axis) / (lengths[0] * lengths[1])


@composite()
def local_response_norm(x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Every entry damped by the mean square of its neighbours in `size` channels around it.

    y = x / (k + alpha * np.mean(np.lib.stride_tricks.sliding_window_view(np.pad(x**2,
        [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.ndim - 2)), size, 1), -1))**beta

    Shapes: `(n, channels, ...)`. Beyond the first and last channel are zeros.
    Krizhevsky, Sutskever, Hinton, ImageNet Classification with Deep Convolutional Neural Networks, section 3.3 (2012).
    """
    if x.ndim < 3:
        raise ShapeError(f"x is (n, channels, ...), got shape {x.shape}")
    squares = np.pad(x * x, [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (x.ndim - 2)])
    total = sum(squares[:, i : i + x.shape[1]] for i in range(size))
    return x / (k + total * (alpha / size)) ** beta
