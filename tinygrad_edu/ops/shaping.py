"""The same entries in another arrangement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.cotangents import unbroadcast
from ..core.op import composite, linear
from ..errors import OptionError

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "broadcast_to", "copy", "expand_dims", "flip",
           "fliplr", "flipud", "matrix_transpose", "meshgrid", "moveaxis", "ravel", "repeat", "reshape", "roll",
           "rollaxis", "rot90", "squeeze", "swapaxes", "tile", "transpose"]  # fmt: skip


@linear(gx=lambda g, x_shape: g.reshape(x_shape), moves=True)
def reshape(x: Any, shape: Any) -> Any:
    """The same entries, in the same order, in another shape.

    y = np.ravel(x).reshape(shape)
    gx = np.ravel(g).reshape(x.shape)

    shape: an int or a tuple; one entry may be -1, it follows from the others.
    """
    y = x.reshape(shape)
    return y if y.ndim else y[()]


@linear(gx=lambda g, axes: g.transpose(_inverse(axes)), moves=True, numpy=(np.transpose, np.permute_dims))
def transpose(x: Any, axes: Any = None) -> Any:
    """The axes in another order, reversed if none is given.

    y = np.einsum(x, list(range(x.ndim)), [a % x.ndim for a in axes] if axes else list(range(x.ndim))[::-1])
    gx = np.einsum(g, [a % x.ndim for a in axes] if axes else list(range(x.ndim))[::-1], list(range(x.ndim)))

    axes: which axis of x comes first, which second, ... A vector stays as it is.
    """
    return x.transpose(axes)


def _inverse(axes: Any) -> Any:
    """The order of axes that undoes another."""
    if axes is None:
        return None
    axes = [a % len(axes) for a in axes]
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


@linear(gx=lambda g, axis1, axis2: g.swapaxes(axis1, axis2), moves=True)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged.

    y = np.swapaxes(x, axis1, axis2)
    gx = np.swapaxes(g, axis2, axis1)
    """
    return x.swapaxes(axis1, axis2)


@linear(gx=lambda g, x_shape: g.reshape(x_shape), moves=True)
def expand_dims(x: Any, axis: Any) -> Any:
    """New axes of length 1, at these places of the result.

    y = np.expand_dims(x, axis)
    gx = g.reshape(x.shape)
    """
    return np.expand_dims(x, axis)


@linear(gx=lambda g, x_shape: g.reshape(x_shape), moves=True)
def squeeze(x: Any, axis: Any = None) -> Any:
    """Axes of length 1 removed: the given ones, or all.

    y = np.squeeze(x, axis)
    gx = g.reshape(x.shape)

    Raises ValueError if a given axis is longer.
    """
    y = np.squeeze(x, axis)
    return y if y.ndim else y[()]


@linear(gx=lambda g, x_shape: unbroadcast(g, x_shape), moves=True)
def broadcast_to(x: Any, shape: Any) -> Any:
    """The entries repeated along new axes and axes of length 1, until the shape is reached.

    y = np.zeros(shape) + x
    gx = np.sum(g, (*range(g.ndim - x.ndim), *(k - x.ndim for k in range(x.ndim) if x.shape[k] == 1))).reshape(x.shape)

    Nothing is copied: the result is a read-only view.
    """
    y = np.broadcast_to(x, shape)
    return y if y.ndim else y[()]


@linear(gx=lambda g: g, moves=True)
def copy(x: Any) -> Any:
    """The same entries in memory of their own.

    y = x
    gx = g
    """
    y = np.array(x)
    return y if y.ndim else y[()]


@linear(gx=lambda g, axis: np.flip(g, axis), moves=True)
def flip(x: Any, axis: Any = None) -> Any:
    """The order of the entries reversed along these axes, or all.

    y = np.flip(x, axis)
    gx = np.flip(g, axis)
    """
    return np.flip(x, axis)


@linear(gx=lambda g, shift, axis: np.roll(g, _back(shift), axis), moves=True)
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """The entries moved on along an axis; what falls off the end comes in at the start.

    y = np.roll(x, shift, axis)
    gx = np.roll(g, np.negative(shift), axis)

    shift: places to move, an int or one for each axis. Without an axis the array is rolled as if it were flat.
    """
    return np.roll(x, shift, axis)


def _back(shift: Any) -> Any:
    return -shift if np.ndim(shift) == 0 else tuple(-s for s in shift)


@linear(gx=lambda g, k, axes: np.rot90(g, -k, axes), moves=True)
def rot90(x: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Some quarter turns, from the first of two axes towards the second.

    y = np.rot90(x, k, axes)
    gx = np.rot90(g, -k, axes)
    """
    return np.rot90(x, k, axes)


# -- made of those -----------------------------------------------------------------------------------------------------


@composite()
def ravel(x: Any) -> Any:
    """The entries as one flat array.

    y = np.ravel(x)
    """
    return reshape(x, (-1,))


@composite(numpy=(np.matrix_transpose, np.linalg.matrix_transpose))
def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged.

    y = np.swapaxes(x, -1, -2)
    """
    return swapaxes(x, -1, -2)


@composite()
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order.

    y = np.moveaxis(x, source, destination)
    """
    return transpose(x, _moved(np.ndim(x), source, destination))


def _moved(ndim: int, source: Any, destination: Any) -> tuple[int, ...]:
    """The order of axes that `np.moveaxis` makes of an array of so many; its errors are NumPy's."""
    return tuple(np.moveaxis(np.empty(range(ndim)), source, destination).shape)


@composite()
def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """An axis moved back until it stands before another.

    y = np.rollaxis(x, axis, start)
    """
    return transpose(x, tuple(np.rollaxis(np.empty(range(np.ndim(x))), axis, start).shape))


@composite()
def fliplr(x: Any) -> Any:
    """The order along axis 1 reversed.

    y = np.fliplr(x)
    """
    return flip(x, 1)


@composite()
def flipud(x: Any) -> Any:
    """The order along axis 0 reversed.

    y = np.flipud(x)
    """
    return flip(x, 0)


@composite()
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry or slice several times, one after the other.

    y = np.repeat(x, repeats, axis)

    repeats: how often, one number or one for each slice. Without an axis: of the flattened x.
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis = normalize_axis_index(axis, np.ndim(x))
    if np.size(repeats) != 1:
        return np.take(x, np.repeat(np.arange(np.shape(x)[axis]), repeats), axis)
    before, n, after = np.shape(x)[:axis], np.shape(x)[axis], np.shape(x)[axis + 1 :]
    times = int(np.reshape(repeats, ()))
    spread = broadcast_to(reshape(x, (*before, n, 1, *after)), (*before, n, times, *after))
    return reshape(spread, (*before, n * times, *after))


@composite()
def tile(x: Any, reps: Any) -> Any:
    """The whole array several times, along each axis.

    y = np.tile(x, reps)

    reps: an int or one for each axis; the shorter of shape and reps is filled up with ones at the front.
    """
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    n = max(len(reps), np.ndim(x))
    shape, reps = (1,) * (n - np.ndim(x)) + np.shape(x), (1,) * (n - len(reps)) + reps
    thin = reshape(x, tuple(m for k in shape for m in (1, k)))
    wide = broadcast_to(thin, tuple(m for k, r in zip(shape, reps, strict=True) for m in (r, k)))
    return reshape(wide, tuple(k * r for k, r in zip(shape, reps, strict=True)))


def _each(xs: tuple[Any, ...], shape: Any) -> Any:
    """Reshaped by a function of the shape: one result for one argument, else a tuple."""
    ys = tuple(reshape(x, shape(np.shape(x))) for x in xs)
    return ys[0] if len(ys) == 1 else ys


@composite(inputs=("xs",))
def atleast_1d(*xs: Any) -> Any:
    """Arrays with at least one axis.

    y = np.atleast_1d(*xs)
    """
    return _each(xs, lambda s: s or (1,))


@composite(inputs=("xs",))
def atleast_2d(*xs: Any) -> Any:
    """Arrays with at least two axes; new ones come first.

    y = np.atleast_2d(*xs)
    """
    return _each(xs, lambda s: (1,) * (2 - len(s)) + s)


@composite(inputs=("xs",))
def atleast_3d(*xs: Any) -> Any:
    """Arrays with at least three axes: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1).

    y = np.atleast_3d(*xs)
    """
    return _each(xs, lambda s: {0: (1, 1, 1), 1: (1, *s, 1), 2: (*s, 1)}.get(len(s), s))


@composite(inputs=("xs",))
def broadcast_arrays(*xs: Any) -> Any:
    """The arrays, each broadcast to the shape that all have together; a tuple.

    y = np.broadcast_arrays(*xs)
    """
    shape = np.broadcast_shapes(*map(np.shape, xs))
    return tuple(broadcast_to(x, shape) for x in xs)


@composite(inputs=("xs",))
def meshgrid(*xs: Any, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> Any:
    """A grid from the coordinates along each axis: one array of coordinates for each, as a tuple.

    y = np.meshgrid(*xs, indexing=indexing, sparse=sparse)

    indexing: "xy" (the first coordinate runs along axis 1) or "ij" (along axis 0). sparse: leave the other axes at
    length 1. copy: accepted and ignored; results are read-only views.
    """
    if indexing not in ("xy", "ij"):
        raise OptionError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    place = [1, 0, *range(2, len(xs))] if indexing == "xy" and len(xs) > 1 else range(len(xs))
    thin = [reshape(x, (*[1] * k, -1, *[1] * (len(xs) - k - 1))) for x, k in zip(xs, place, strict=True)]
    return tuple(thin) if sparse else broadcast_arrays(*thin)
