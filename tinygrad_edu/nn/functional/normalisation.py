"""Normalisation, and measures of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...core import Value
from ...errors import OptionError

__all__ = ["batch_norm", "cosine_similarity", "group_norm", "instance_norm", "layer_norm", "local_response_norm",
           "normalize", "pairwise_distance", "rms_norm"]  # fmt: skip


def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Every example standardised over its last axes: `ops.layer_norm`.

    >>> layer_norm(np.array([0.0, 2.0]), (2,)).round(3)
    array([-1.,  1.])
    """
    return ops.layer_norm(input, normalized_shape, weight, bias, eps)


def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """Every example divided by its root mean square over its last axes: `ops.rms_norm`.

    >>> rms_norm(np.array([1.0, 7.0]), (2,)).round(3)  # divided by 5
    array([0.2, 1.4])
    """
    return ops.rms_norm(input, normalized_shape, weight, eps)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Groups of channels standardised: `ops.group_norm`.

    >>> group_norm(np.array([[0.0, 2.0]]), 1).round(3)
    array([[-1.,  1.]])
    """
    return ops.group_norm(input, num_groups, weight, bias, eps)


def batch_norm(input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
               training: bool = False, momentum: float = 0.1, eps: float = 1e-5) -> Any:  # fmt: skip
    """Every channel standardised over the batch: `ops.batch_norm`.

    Args:
        input: `(n, channels, ...)`.
        running_mean: a plain array `(channels,)`, changed in place in training: a running mean of the batches' means. None
            for none.
        running_var: likewise of the variances (with one degree of freedom taken off).
        weight: scale, or None for 1.
        bias: shift, or None for 0.
        training: normalise by this batch, and not by the running statistics. Without those it always does.
        momentum: the share of this batch in the running statistics.
        eps: added to the variance.

    Raises:
        OptionError: running statistics that are Values; nothing flows back to them.
        ShapeError: shapes that do not fit.

    >>> batch_norm(np.array([[0.0], [2.0]]), None, None).round(3)
    array([[-1.],
           [ 1.]])
    """
    for statistic in (running_mean, running_var):
        if statistic is not None and not isinstance(statistic, np.ndarray):
            raise OptionError(f"running statistics are plain arrays, which change outside of the graph; got a "
                              f"{type(statistic).__name__}")  # fmt: skip
    if not training and running_mean is not None:
        return ops.batch_norm(input, weight, bias, running_mean.copy(), running_var.copy(), eps)
    y = ops.batch_norm(input, weight, bias, eps=eps)
    if training and running_mean is not None:
        _update(running_mean, running_var, input.data if isinstance(input, Value) else input, momentum)
    return y


def _update(mean: Any, var: Any, x: Any, momentum: float) -> None:
    axes = (0, *range(2, x.ndim))
    mean += momentum * (x.mean(axes) - mean)
    var += momentum * (x.var(axes, ddof=1) - var)


def instance_norm(input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
                  use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5) -> Any:  # fmt: skip
    """Every channel of every example standardised: `ops.instance_norm`.

    The running statistics are changed in place, as those of `batch_norm`, by the examples' mean statistics; they are used
    instead of the example's own when `use_input_stats` is False.

    >>> instance_norm(np.array([[[0.0, 2.0]]])).round(3)
    array([[[-1.,  1.]]])
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    y = ops.instance_norm(input, weight, bias, eps)
    if running_mean is not None:
        x = input.data if isinstance(input, Value) else input
        axes = tuple(range(2, x.ndim))
        running_mean += momentum * (x.mean(axes).mean(0) - running_mean)
        running_var += momentum * (x.var(axes, ddof=1).mean(0) - running_var)
    return y


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Entries damped by their neighbours in other channels: `ops.local_response_norm`.

    >>> local_response_norm(np.array([[[1.0]]]), 1, alpha=3.0, beta=0.5)  # 1/sqrt(1 + 3)
    array([[[0.5]]])
    """
    return ops.local_response_norm(input, size, alpha, beta, k)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """Vectors of length 1: `ops.normalize`.

    >>> normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    return ops.normalize(input, p, dim, eps)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between vectors: `ops.cosine_similarity`.

    >>> cosine_similarity(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]]))  # sqrt(1/2)
    array([0.70710678])
    """
    return ops.cosine_similarity(x1, x2, dim, eps)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norm of the differences (plus eps, as in PyTorch) over the last axis: `ops.vector_norm`.

    >>> pairwise_distance(np.array([[3.0, 4.0]]), np.zeros((1, 2))).round(5)
    array([5.])
    """
    return ops.vector_norm(x1 - x2 + eps, -1, keepdim, p)
