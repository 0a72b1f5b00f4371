"""Diagonals and triangles of matrices; more axes in front are a batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.cotangents import unbroadcast
from ..core.op import NUMPY, composite, linear
from ..errors import ShapeError

__all__ = ["diag", "diagflat", "diagonal", "into_diagonal", "trace", "tril", "triu"]


def _back_in_place(g: Any, offset: int, axis1: int, axis2: int, x_shape: tuple[int, ...]) -> Any:
    return into_diagonal(g, x_shape, offset, axis1, axis2)


@linear(gx=_back_in_place, selects=True)
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The entries on a diagonal of two axes, as a last axis.

    y = np.diagonal(x, offset, axis1, axis2)
    gx = np.moveaxis(np.apply_along_axis(lambda d: np.eye(x.shape[axis1], x.shape[axis2], offset)
        * d[np.clip(np.arange(x.shape[axis1]) + min(offset, 0), 0, len(d) - 1)][:, None], -1, g),
        (-2, -1), (axis1, axis2)) if g.size else np.zeros(x.shape)

    offset: how far above the main diagonal, below it if negative.
    """
    return np.diagonal(x, offset, axis1, axis2)


@linear(gx=lambda g, offset, axis1, axis2: diagonal(g, offset, axis1, axis2), moves=True)
def into_diagonal(x: Any, shape: tuple[int, ...], offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros of a shape with the last axis of x on a diagonal: the adjoint of `diagonal`.

    y = np.moveaxis(np.apply_along_axis(lambda d: np.eye(shape[axis1], shape[axis2], offset)
        * d[np.clip(np.arange(shape[axis1]) + min(offset, 0), 0, len(d) - 1)][:, None], -1, x),
        (-2, -1), (axis1, axis2)) if x.size else np.zeros(shape)
    gx = np.diagonal(g, offset, axis1, axis2)
    """
    y = np.zeros(shape, x.dtype)
    place = y.diagonal(offset, axis1, axis2)
    place.setflags(write=True)
    place[...] = x
    return y


@linear(gx=lambda g, x_shape, k: np.diagonal(g, k).reshape(x_shape), moves=True)
def diagflat(x: Any, k: int = 0) -> Any:
    """A square matrix with the flattened x on its k-th diagonal and zeros elsewhere.

    y = np.diagflat(x, k)
    gx = np.diagonal(g, k).reshape(x.shape)
    """
    return np.diagflat(x, k)


@composite()
def diag(x: Any, k: int = 0) -> Any:
    """Of a vector the matrix with it on the k-th diagonal, of a matrix its k-th diagonal.

    y = np.diag(x, k)
    """
    if np.ndim(x) not in (1, 2):
        raise ShapeError(f"diag needs a vector or a matrix, got shape {np.shape(x)}; for a batch write np.diagonal")
    return diagflat(x, k) if np.ndim(x) == 1 else diagonal(x, k)


@composite()
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal.

    y = np.trace(x, offset, axis1, axis2)
    """
    return diagonal(x, offset, axis1, axis2).sum(-1)


NUMPY[np.linalg.diagonal] = lambda x, *, offset=0: diagonal(x, offset, -2, -1)
NUMPY[np.linalg.trace] = lambda x, *, offset=0: trace(x, offset, -2, -1)


@linear(gx=lambda g, k, x_shape: unbroadcast(np.tril(g, k), x_shape), selects=True)
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle: entries above the k-th diagonal become 0.

    y = x * np.tri(x.shape[-2 if x.ndim > 1 else -1], x.shape[-1], k)
    gx = (g * np.tri(g.shape[-2], g.shape[-1], k)).reshape(-1, *x.shape).sum(0)

    Entries that become 0 get no gradient. A vector is taken as the rows of a square matrix, as NumPy does.
    """
    return np.tril(x, k)


@linear(gx=lambda g, k, x_shape: unbroadcast(np.triu(g, k), x_shape), selects=True)
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle: entries below the k-th diagonal become 0.

    y = x * (1 - np.tri(x.shape[-2 if x.ndim > 1 else -1], x.shape[-1], k - 1))
    gx = (g * (1 - np.tri(g.shape[-2], g.shape[-1], k - 1))).reshape(-1, *x.shape).sum(0)

    Otherwise as `tril`.
    """
    return np.triu(x, k)
