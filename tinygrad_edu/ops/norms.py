"""Norms of vectors and matrices. At the kinks, above all at zero, the slope is the subgradient of least norm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core.op import composite, primitive
from ..errors import OptionError, ShapeError
from .reductions import kept_shape

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


def _gvector_norm(g: Any, x: Any, y: Any, axis: Any, keepdims: bool, ord: Any) -> Any:
    if not keepdims:
        shape = kept_shape(x.shape, axis)
        g, y = np.reshape(g, shape), np.reshape(y, shape)
    return g * _slope(x, y, axis, ord)


def _slope(x: Any, y: Any, axis: Any, ord: Any) -> Any:
    """The derivative of the norm `y` by each entry of `x`."""
    if ord == 0:
        return np.zeros_like(x)
    if ord == 1:
        return np.sign(x)
    if abs(ord) == np.inf:
        largest = np.abs(x) == y
        return np.sign(x) * (largest / np.sum(largest, axis=axis, keepdims=True))
    unit = x / np.where(y == 0, 1, y)
    if ord == 2:
        return np.where(y == 0, 0, unit)
    zero = (x == 0) | (y == 0)
    return np.where(zero, 0, unit * np.abs(np.where(zero, 1, unit)) ** (ord - 2))


@primitive(gx=_gvector_norm, numpy=(np.linalg.vector_norm,))
def vector_norm(x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The p-norm of the entries along axes: how long a vector is; `ord` is p.

    y = (np.sum(np.abs(x), axis, keepdims=keepdims) if ord == 1 else
         np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord))
    gx = ((g if axis is None or keepdims else np.expand_dims(g, axis)) * np.sign(x) *
          (lambda r: r ** (ord - 1) if 0 < abs(ord) < np.inf else (r == 1) * (ord != 0))(
              np.abs(x) / np.linalg.vector_norm(x, axis=axis, keepdims=True, ord=ord)))

    Args:
        x: any shape.
        axis: one axis, several as a tuple, or all (None).
        keepdims: keep the reduced axes at length 1.
        ord: 2 for Euclid's length, 1 for the sum of sizes, inf and -inf for the largest and the smallest size, 0 for
            the number of entries that are not zero, or any other number.

    At the zero vector the slope is 0, for every `ord`. Entries that tie for the largest share it. Where an entry is 0
    its slope is 0, also for `ord` below 1, where it jumps. Numbers are scaled by a power of two before they are raised,
    so lengths of 1e200, or of 300 in float16, do not overflow.
    """
    x = np.asarray(x, None if np.asarray(x).dtype.kind in "fO" else float)
    size = np.abs(x)
    if abs(ord) == np.inf:
        return size.max(axis, keepdims=keepdims) if ord > 0 else size.min(axis, keepdims=keepdims)
    if ord == 0:
        return (x != 0).astype(x.dtype).sum(axis, keepdims=keepdims)
    if ord == 1:
        return size.sum(axis, keepdims=keepdims)
    scale = _power_of_two_below(size.max(axis, keepdims=True, initial=0) if ord > 0 else np.ones_like(size))
    with np.errstate(divide="ignore"):  # 0 ** -1 is inf, and the norm 0
        size = size / scale
        y = np.sqrt(np.sum(size * size, axis, keepdims=True)) if ord == 2 else _root(size, axis, ord)
    y = y * (scale if ord > 0 else 1)
    return y if keepdims else y.reshape(np.sum(np.empty(x.shape, bool), axis).shape)[()]


def _power_of_two_below(size: Any) -> Any:
    if size.dtype == object:  # fractions and intervals have exponents without a bound
        return np.ones_like(size)
    return np.where(np.isfinite(size), np.ldexp(np.ones_like(size), np.frexp(size)[1] - 1), 1).astype(size.dtype)


def _root(size: Any, axis: Any, ord: Any) -> Any:
    return np.sum(size**ord, axis, keepdims=True) ** (1 / ord)


# -- of matrices -------------------------------------------------------------------------------------------------------


@composite(numpy=(np.linalg.norm,))
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of a vector or a matrix, or of stacks of them.

    y = np.linalg.norm(x, ord, axis, keepdims)

    Args:
        x: an array.
        ord: None for the root of the sum of squares. For vectors any p, as for `vector_norm`. For matrices "fro" (the
            same), "nuc" (the sum of the singular values), 2 and -2 (the largest and the smallest of them), 1 and -1
            (the largest and the smallest sum of sizes in a column), inf and -inf (in a row).
        axis: one axis for vectors, two for matrices; None for all, which are then one or two unless `ord` is None.
        keepdims: keep the reduced axes at length 1.

    At the zero vector and the zero matrix the slope is 0.

    Raises:
        ShapeError: `ord` for an array that is neither vector nor matrix.
        OptionError: an `ord` that there is not.
    """
    x = x if hasattr(x, "ndim") else np.asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if axis is None and ord is None:
        return vector_norm(x, None, keepdims)
    if len(axes) == 1 and not isinstance(ord, str):
        return vector_norm(x, axes, keepdims, 2 if ord is None else ord)
    if len(axes) == 2 and ord in (None, "fro"):
        return vector_norm(x, axes, keepdims)
    if len(axes) == 2:
        y = _of_matrices(np.moveaxis(x, axes, (-2, -1)), ord)
        return np.expand_dims(y, axes) if keepdims else y
    raise (OptionError if len(axes) == 1 else ShapeError)(
        f"norm: ord={ord!r} of {len(axes)} axes. A vector (one axis) takes a number, a matrix (two axes) 'fro', 'nuc', "
        "1, -1, 2, -2, inf or -inf; any array takes ord=None"
    )


def _of_matrices(x: Any, ord: Any) -> Any:
    inf = np.inf
    if ord in ("nuc", 2, -2):
        return vector_norm(np.linalg.svdvals(x), -1, ord={"nuc": 1, 2: inf, -2: -inf}[ord])
    if ord in (1, -1, inf, -inf):
        return vector_norm(vector_norm(x, -2 if abs(ord) == 1 else -1, ord=1), -1, ord=inf if ord > 0 else -inf)
    raise OptionError(f"norm: ord={ord!r} of a matrix; there is 'fro', 'nuc', 1, -1, 2, -2, inf and -inf")


@composite(numpy=(np.linalg.matrix_norm,))
def matrix_norm(x: Any, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of each matrix in a stack; see `norm` for `ord`.

    y = np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
    """
    return norm(x, ord, (-2, -1), keepdims)


@composite(numpy=(np.linalg.cond,))
def cond(x: Any, p: Any = None) -> Any:
    """How much a matrix magnifies relative errors: norm(x) norm(inv(x)).

    y = np.linalg.cond(x, p)

    Args:
        x: shape `(..., n, n)`; for p of None, 2 and -2 also `(..., m, n)`.
        p: the `ord` of the norm; None and 2 divide the largest singular value by the smallest.

    Raises:
        LinAlgError: a singular matrix, unless p is None, 2 or -2: then the answer is inf, or 0 for -2.
    """
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return norm(x, p, (-2, -1)) * norm(np.linalg.inv(x), p, (-2, -1))
