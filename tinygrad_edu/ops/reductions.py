"""Many entries into one, along any axes: sums, means, products, extremes and spread."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import composite, linear, primitive

__all__ = ["max", "mean", "min", "sum"]  # fmt: skip


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """A shape with the reduced axes at length 1."""
    if axis is None:
        return (1,) * len(shape)
    if not shape:
        return ()
    kept = list(shape)
    for a in axis if isinstance(axis, tuple) else (axis,):
        kept[a] = 1
    return tuple(kept)


def restored(g: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """A result of a reduction with its reduced axes put back, so that it broadcasts with what was reduced."""
    return g if keepdims or axis is None else g.reshape(kept_shape(shape, axis))


def count(shape: tuple[int, ...], axis: Any) -> int:
    """How many entries go into one."""
    return int(np.prod([n for n, k in zip(shape, kept_shape(shape, axis), strict=True) if k == 1], dtype=int))


@linear(gx=lambda g, axis, keepdims, x_shape: np.broadcast_to(restored(g, x_shape, axis, keepdims), x_shape),
        moves=True)  # fmt: skip
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum over axes.

    y = np.einsum(x, list(range(x.ndim)), []) if axis is None and not keepdims else np.sum(x, axis, keepdims=keepdims)
    gx = np.ones(x.shape) * (g if axis is None or keepdims else np.expand_dims(g, axis))

    axis: one, several as a tuple, all (None) or none (an empty tuple). Of nothing it is 0. float16 is added up in
    float16, as NumPy does: 70 000 ones are inf.
    """
    return np.add.reduce(x, axis, None, None, keepdims)


@linear(gx=lambda g, axis, keepdims, x_shape:
        np.broadcast_to(restored(g / count(x_shape, axis), x_shape, axis, keepdims), x_shape), moves=True)  # fmt: skip
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over axes.

    y = np.mean(x, axis, keepdims=keepdims)
    gx = np.ones(x.shape) * (g if axis is None or keepdims else np.expand_dims(g, axis)) * g.size / x.size

    Of nothing it is NaN, with NumPy's warning. float16 is added up in float32, as NumPy does.
    """
    if getattr(x, "dtype", None) in _WIDE and x.size:
        y = np.add.reduce(x, axis, None, None, keepdims)  # half of np.mean's time on small arrays
        return y / (x.size // y.size) if y.size else y
    return np.mean(x, axis, keepdims=keepdims)


_WIDE = (np.dtype(np.float64), np.dtype(np.float32))


# -- extremes ----------------------------------------------------------------------------------------------------------


def shared(g: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """`g` shared evenly among the entries of x that equal the extreme y; NaN everywhere if that is NaN."""
    shape = np.shape(x)
    winners = x == restored(y, shape, axis, keepdims)
    return restored(g, shape, axis, keepdims) * (winners / np.add.reduce(winners, axis, int, None, True))


@primitive(gx=lambda g, x, y, axis, keepdims: shared(g, x, y, axis, keepdims), selects=True, numpy=(np.max, np.amax))
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest entry over axes.

    y = np.max(x, axis, keepdims=keepdims)
    gx = (np.equal(x, np.max(x, axis, keepdims=True)) / np.equal(x, np.max(x, axis, keepdims=True)).sum(axis,
        keepdims=True) * (g if axis is None or keepdims else np.expand_dims(g, axis)))

    Ties share the gradient evenly (the subgradient of least norm), with an axis as without; other entries get none. With
    a NaN the value and all gradients are NaN. Of nothing it raises ValueError.
    """
    return np.maximum.reduce(x, axis, None, None, keepdims)


@primitive(gx=lambda g, x, y, axis, keepdims: shared(g, x, y, axis, keepdims), selects=True, numpy=(np.min, np.amin))
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest entry over axes.

    y = np.min(x, axis, keepdims=keepdims)
    gx = (np.equal(x, np.min(x, axis, keepdims=True)) / np.equal(x, np.min(x, axis, keepdims=True)).sum(axis,
        keepdims=True) * (g if axis is None or keepdims else np.expand_dims(g, axis)))

    Ties, NaN and empty arrays as in `max`.
    """
    return np.minimum.reduce(x, axis, None, None, keepdims)
