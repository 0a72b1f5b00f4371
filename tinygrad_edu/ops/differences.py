"""Differences, slopes and areas of sampled functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..core.op import NUMPY, composite
from ..errors import OptionError, ShapeError

__all__ = ["diff", "ediff1d", "gradient", "trapezoid"]


def _part(x: Any, axis: int, *cut: int | None) -> Any:
    """A slice along one axis."""
    return x[(*[slice(None)] * axis, slice(*cut))]


def _end(end: Any, x: Any, axis: int) -> list[Any]:
    """What `diff` is to put at an end: nothing, an array, or a number that is spread over the other axes."""
    if end is None:
        return []
    end = np.asarray(end, None if x.dtype == object else x.dtype) if isinstance(end, int | float) else end
    return [np.broadcast_to(end, (*x.shape[:axis], 1, *x.shape[axis + 1 :])) if np.ndim(end) == 0 else end]


@composite()
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The difference of each entry from the one before it, n times over.

    y = np.diff(x, n, axis, **{k: v for k, v in dict(prepend=prepend, append=append).items() if v is not None})

    prepend, append: numbers or arrays to put at the ends first; they can be Values. Each time the axis gets shorter
    by one.
    """
    if n < 0:
        raise OptionError(f"diff: n is how many times to take differences, at least 0; got {n}")
    if n == 0:
        return np.copy(x)
    axis = normalize_axis_index(axis, np.ndim(x))
    ends = _end(prepend, x, axis), _end(append, x, axis)
    y = np.concatenate([*ends[0], x, *ends[1]], axis) if ends[0] or ends[1] else x
    for _ in range(n):
        y = _part(y, axis, 1, None) - _part(y, axis, 0, -1)
    return y


@composite(inputs=("ary",))
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flattened array.

    y = np.ediff1d(ary, to_end, to_begin)

    to_begin, to_end: numbers or arrays to put around the differences.
    """
    y = diff(np.ravel(ary))
    parts = [p for p in (to_begin, y, to_end) if p is not None]
    return np.concatenate([np.ravel(p) for p in parts]).astype(y.dtype) if len(parts) > 1 else y


def _steps(spacing: Any, n: int, dtype: Any) -> Any:
    """The distances between neighbours: one number, or n - 1 of them from the n coordinates."""
    constant = not hasattr(spacing, "dtype") or isinstance(spacing, np.ndarray | np.generic)
    spacing = np.asarray(spacing) if constant else spacing
    if spacing.ndim == 0:
        return spacing.astype(dtype)[()]
    if spacing.shape != (n,):
        raise ShapeError(f"gradient: coordinates of shape {spacing.shape} for an axis of length {n}")
    steps = np.diff(spacing).astype(dtype)
    return steps[0] if constant and np.all(steps == steps[0]) else steps


def _wide(steps: Any, ndim: int, axis: int) -> Any:
    return np.reshape(steps, [-1 if k == axis else 1 for k in range(ndim)]) if np.ndim(steps) else steps


def _inner(f: Any, h: Any, axis: int) -> Any:
    """Second order in the inside: the slopes on both sides, each weighted with the other step."""
    if np.ndim(h) == 0:
        return (_part(f, axis, 2, None) - _part(f, axis, 0, -2)) / (2 * h)
    left, right = _part(h, axis, 0, -1), _part(h, axis, 1, None)
    rise = _part(f, axis, 1, None) - _part(f, axis, 0, -1)
    before, after = _part(rise, axis, 0, -1) / left, _part(rise, axis, 1, None) / right
    return (right * before + left * after) / (left + right)


def _edge(f: Any, h: Any, axis: int, order: int) -> Any:
    """One-sided slope at the start: of the line, or of the parabola, through the first entries."""
    h = (h, h) if np.ndim(h) == 0 else (_part(h, axis, 0, 1), _part(h, axis, 1, 2))
    first = (_part(f, axis, 1, 2) - _part(f, axis, 0, 1)) / h[0]
    if order == 1:
        return first
    second = (_part(f, axis, 2, 3) - _part(f, axis, 1, 2)) / h[1]
    return first - (second - first) * (h[0] / (h[0] + h[1]))


def _slope(f: Any, spacing: Any, axis: int, order: int) -> Any:
    n, ndim = np.shape(f)[axis], np.ndim(f)
    if n < order + 1:
        raise ValueError(f"gradient: an axis of length {n}; it needs at least edge_order + 1 = {order + 1} entries")
    h = _wide(_steps(spacing, n, f.dtype), ndim, axis)
    back = np.flip(h, axis) if np.ndim(h) else h
    last = -_edge(np.flip(f, axis), back, axis, order)
    return np.concatenate([_edge(f, h, axis, order), _inner(f, h, axis), last], axis)


@composite(inputs=("f",), numpy=())
def gradient(f: Any, spacing: Any = (), axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes of a sampled function, by central differences inside and one-sided ones at the ends.

    y = (lambda r: tuple(r) if isinstance(r, (list, tuple)) else r)(
        np.gradient(f, *spacing, axis=axis, edge_order=edge_order))

    spacing: nothing (1), or a tuple with one distance, or with a distance or the coordinates for each axis; they can be
    Values. With several axes the result is a tuple. `np.gradient(f, *spacing)` comes here.
    """
    if edge_order not in (1, 2):
        raise OptionError(f"gradient: edge_order is 1 or 2, got {edge_order!r}")
    f = f if getattr(getattr(f, "dtype", None), "kind", "") in ("f", "O") else np.asarray(f, float)
    axes = tuple(range(np.ndim(f))) if axis is None else normalize_axis_tuple(axis, np.ndim(f))
    spacing = spacing if isinstance(spacing, tuple) else (spacing,)
    if len(spacing) in (0, 1) and np.ndim(spacing[0] if spacing else 1.0) == 0:
        spacing = (spacing or (1.0,)) * len(axes)
    if len(spacing) != len(axes):
        raise TypeError(f"gradient: {len(spacing)} spacings for {len(axes)} axes; give none, a number, or one for each")
    slopes = tuple(_slope(f, h, a, edge_order) for h, a in zip(spacing, axes, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _numpy_gradient(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    return gradient(f, spacing, axis, edge_order)


NUMPY[np.gradient] = _numpy_gradient


@composite(inputs=("y",))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under a sampled function, by the trapezoidal rule.

    y = np.trapezoid(y, x, dx, axis)

    x: the coordinates, of the shape of y or along the axis alone; without them the samples are dx apart. Both can be
    Values.
    """
    axis = normalize_axis_index(axis, np.ndim(y))
    step = dx
    if x is not None:
        step = _wide(np.diff(x), np.ndim(y), axis) if np.ndim(x) == 1 else np.diff(x, axis=axis)
    return ((_part(y, axis, 1, None) + _part(y, axis, 0, -1)) * step / 2).sum(axis)
