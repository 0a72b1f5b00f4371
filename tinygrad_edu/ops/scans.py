"""Running along an axis: cumulative sums and products, differences, running extremes, recurrences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.op import composite, linear, primitive
from .indexing import add_at, along

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "linear_recurrence",
           "logcumsumexp", "nancumprod", "nancumsum"]  # fmt: skip


def delayed(x: Any, axis: int, first: float) -> Any:
    """The entries one place later along an axis, and `first` before them; the last falls off."""
    shape = np.shape(x)
    axis = normalize_axis_index(axis, len(shape))
    start = np.full((*shape[:axis], 1, *shape[axis + 1 :]), first, x.dtype)
    return np.concatenate([start, x], axis)[(*[slice(None)] * axis, slice(shape[axis]))]


def _backwards(g: Any, axis: int, scan: Any) -> Any:
    return np.flip(scan(np.flip(g, axis)), axis)


def _flat(x: Any, axis: int | None) -> tuple[Any, int]:
    """The axis to run along: the given one, or the only one of the flattened array."""
    return (np.reshape(x, (-1,)), 0) if axis is None else (x, axis)


@linear(gx=lambda g, axis, x_shape: _backwards(g, axis or 0, lambda h: np.cumsum(h, axis)).reshape(x_shape), moves=True)
def cumsum(x: Any, axis: int | None = None) -> Any:
    """The sum of all entries up to each, along an axis or of the flattened array.

    y = np.cumsum(x, axis)
    gx = np.flip(np.cumsum(np.flip(g, axis or 0), axis), axis or 0).reshape(x.shape)
    """
    return np.cumsum(x, axis)


@composite()
def cumulative_sum(x: Any, axis: int | None = None, include_initial: bool = False) -> Any:
    """The sum of all entries up to each; the axis may be left out for a vector only.

    y = np.cumulative_sum(x, axis=axis, include_initial=include_initial)

    include_initial: put a 0 before them.
    """
    return _array_api(cumsum, 0, x, axis, include_initial)


def _array_api(scan: Any, first: int, x: Any, axis: int | None, include_initial: bool) -> Any:
    if axis is None and np.ndim(x) != 1:
        raise ValueError(f"an array of shape {np.shape(x)} needs an axis; only a vector can go without")
    y, axis = scan(x, axis or 0), normalize_axis_index(axis or 0, np.ndim(x))
    if not include_initial:
        return y
    shape = np.shape(x)
    return np.concatenate([np.full((*shape[:axis], 1, *shape[axis + 1 :]), first, x.dtype), y], axis)


# -- products ----------------------------------------------------------------------------------------------------------


@primitive(
    ga=lambda g, a, y, axis: _carried(g, a, axis) * delayed(y, axis, 0),
    gb=lambda g, a, axis: _carried(g, a, axis),
)
def linear_recurrence(a: Any, b: Any, axis: int = -1) -> Any:
    """A running value that is scaled and added to: `y[t] = a[t] * y[t - 1] + b[t]`, from 0, along an axis.

    y = np.stack([np.sum([np.prod(np.moveaxis(a, axis, 0)[s + 1 : t + 1], 0) * np.moveaxis(b, axis, 0)[s]
        for s in range(t + 1)], 0) for t in range(a.shape[axis])], axis)
    ga = np.stack([np.sum([np.moveaxis(g, axis, 0)[t] * np.prod(np.moveaxis(a, axis, 0)[s + 1 : t + 1], 0)
        for t in range(s, a.shape[axis])], 0) * (np.moveaxis(y, axis, 0)[s - 1] if s else 0)
        for s in range(a.shape[axis])], axis)
    gb = np.stack([np.sum([np.moveaxis(g, axis, 0)[t] * np.prod(np.moveaxis(a, axis, 0)[s + 1 : t + 1], 0)
        for t in range(s, a.shape[axis])], 0) for s in range(a.shape[axis])], axis)

    a and b have one shape; the first of a along the axis does not matter. The gradient is the same recurrence run
    backwards, so no derivative divides, however many zeros there are.
    """
    y = np.array(np.moveaxis(b, axis, 0), np.result_type(a, b))
    a = np.moveaxis(a, axis, 0)
    for t in range(1, len(y)):
        y[t] += a[t] * y[t - 1]
    return np.moveaxis(y, 0, axis)


def _carried(g: Any, a: Any, axis: int) -> Any:
    """What all later entries send back to each: `h[t] = g[t] + a[t + 1] * h[t + 1]`."""
    return _backwards(g, axis, lambda h: linear_recurrence(delayed(np.flip(a, axis), axis, 1), h, axis))


def _cumprod_slope(g: Any, x: Any, y: Any, axis: int | None) -> Any:
    shape = np.shape(x)
    x, axis = _flat(x, axis)
    return (delayed(y, axis, 1) * _carried(g, x, axis)).reshape(shape)


@primitive(gx=lambda g, x, y, axis: _cumprod_slope(g, x, y, axis))
def cumprod(x: Any, axis: int | None = None) -> Any:
    """The product of all entries up to each, along an axis or of the flattened array.

    y = np.cumprod(x, axis)
    gx = np.flip(np.cumsum(np.flip(g * np.cumprod(x, axis), axis or 0), axis), axis or 0).reshape(x.shape) / x

    The second line holds where no entry is 0. The rule does not divide: an entry's gradient is the product of all
    before it, times the sum of what those after it send back.
    """
    return np.cumprod(x, axis)


@composite()
def cumulative_prod(x: Any, axis: int | None = None, include_initial: bool = False) -> Any:
    """The product of all entries up to each; the axis may be left out for a vector only.

    y = np.cumulative_prod(x, axis=axis, include_initial=include_initial)

    include_initial: put a 1 before them.
    """
    return _array_api(cumprod, 1, x, axis, include_initial)


@composite()
def nancumsum(x: Any, axis: int | None = None) -> Any:
    """The sum of all entries up to each, NaN left out.

    y = np.nancumsum(x, axis)
    """
    return cumsum(np.where(x != x, 0, x), axis)


@composite()
def nancumprod(x: Any, axis: int | None = None) -> Any:
    """The product of all entries up to each, NaN left out.

    y = np.nancumprod(x, axis)
    """
    return cumprod(np.where(x != x, 1, x), axis)


def _logcumsumexp_slope(g: Any, x: Any, y: Any, axis: int) -> Any:
    """The share of x in y, times what later entries send back, which shrinks by exp(y[t - 1] - y[t]) a step."""
    void = np.abs(y) == np.inf
    y = np.where(void, 0, y)
    gap = void | delayed(void, axis, True)
    decay = np.exp(np.where(gap, -np.inf, delayed(y, axis, 0) - y))  # no exponent is positive
    carried = _carried(np.where(void, 0, g), decay, axis)
    return np.where(void, 0, np.exp(x - y) * carried)


@primitive(gx=lambda g, x, y, axis: _logcumsumexp_slope(g, x, y, axis))
def logcumsumexp(x: Any, axis: int) -> Any:
    """The logarithm of the sum of exponentials of all entries up to each, along an axis.

    y = np.log(np.cumsum(np.exp(x), axis))
    gx = np.exp(x) * np.flip(np.cumsum(np.flip(g / np.cumsum(np.exp(x), axis), axis), axis), axis)

    Nothing overflows. A value of -inf or inf sends no gradient.
    """
    return np.logaddexp.accumulate(x, axis)


# -- running extremes --------------------------------------------------------------------------------------------------


def _reached(x: Any, y: Any, axis: int) -> Any:
    """For each entry of a running extreme y, the place where it was last reached; a NaN stays reached."""
    n = np.shape(x)[axis]
    place = np.arange(n).reshape([-1 if k == axis % np.ndim(x) else 1 for k in range(np.ndim(x))])
    return np.maximum.accumulate(np.where((x == y) | (x != x), place, 0), axis)


def _running_slope(g: Any, x: Any, y: Any, axis: int | None) -> Any:
    shape = np.shape(x)
    x, axis = _flat(x, axis)
    return add_at(g, along(_reached(x, y, axis), axis, np.shape(g)), np.shape(x)).reshape(shape)


@primitive(gx=lambda g, x, y, axis: _running_slope(g, x, y, axis), selects=True)
def cummax(x: Any, axis: int | None = None) -> Any:
    """The largest entry so far, along an axis or of the flattened array: `np.maximum.accumulate`.

    y = np.maximum.accumulate(x.reshape(-1) if axis is None else x, axis or 0)
    gx = np.sum([np.where(np.equal(x, np.take(y, [t], axis)) & (np.indices(x.shape)[axis] <= t), 1.0, 0.0)
        * np.take(g, [t], axis) for t in range(x.shape[axis])], 0)

    Among ties the last entry so far gets the gradient, as in PyTorch.
    """
    return np.maximum.accumulate(*_flat(x, axis))


@primitive(gx=lambda g, x, y, axis: _running_slope(g, x, y, axis), selects=True)
def cummin(x: Any, axis: int | None = None) -> Any:
    """The smallest entry so far, along an axis or of the flattened array: `np.minimum.accumulate`.

    y = np.minimum.accumulate(x.reshape(-1) if axis is None else x, axis or 0)
    gx = np.sum([np.where(np.equal(x, np.take(y, [t], axis)) & (np.indices(x.shape)[axis] <= t), 1.0, 0.0)
        * np.take(g, [t], axis) for t in range(x.shape[axis])], 0)

    Ties as in `cummax`.
    """
    return np.minimum.accumulate(*_flat(x, axis))
