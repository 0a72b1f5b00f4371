"""Products of vectors, matrices and stacks of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import linear

__all__ = ["matmul"]


def _gx1(g: Any, x2: Any, x1_shape: tuple[int, ...]) -> Any:
    if x2.ndim == 1:
        return g.reshape((*g.shape, 1)) * x2  # (..., n)
    if len(x1_shape) > 1:
        return g @ (x2.T if x2.ndim == 2 else x2.mT)
    return (x2 @ g.reshape((*g.shape, 1))).reshape(x2.shape[:-1])  # (..., n), summed to (n,) by the engine


def _gx2(g: Any, x1: Any, x2_shape: tuple[int, ...]) -> Any:
    if x1.ndim == 2 == len(x2_shape):
        return x1.T @ g
    if x1.ndim == 1:
        return x1 * g if len(x2_shape) == 1 else x1.reshape((-1, 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1]))
    if len(x2_shape) > 2:
        return x1.mT @ g
    rows = math.prod(x1.shape[:-1])  # one matrix for the whole stack: all its rows in one product
    return (x1.reshape((rows, x1.shape[-1])).T @ g.reshape((rows, math.prod(x2_shape[1:])))).reshape(x2_shape)


@linear(gx1=_gx1, gx2=_gx2, numpy=(np.matmul, np.linalg.matmul))
def matmul(x1: Any, x2: Any) -> Any:
    """Matrix product over the last two axes; a vector is a row on the left and a column on the right.

    y = np.matmul(x1, x2)
    gx1 = (g @ x2.T if x1.ndim == x2.ndim == 2 else
           np.reshape([np.sum(g * (e @ x2)) for e in np.eye(x1.size).reshape(x1.size, *x1.shape)], x1.shape))
    gx2 = (x1.T @ g if x1.ndim == x2.ndim == 2 else
           np.reshape([np.sum(g * (x1 @ e)) for e in np.eye(x2.size).reshape(x2.size, *x2.shape)], x2.shape))

    Shapes `(..., n, k) @ (..., k, m)` give `(..., n, m)`; the leading axes broadcast.

    Raises:
        ShapeError: a number where an array belongs, or inner sizes that differ.
    """
    return x1 @ x2
