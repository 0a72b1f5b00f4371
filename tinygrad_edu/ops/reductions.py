"""Many entries into one, along any axes: sums, means, products, extremes and spread."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..core.op import composite, linear, primitive
from .nondifferentiable import everywhere

__all__ = ["average", "logsumexp", "max", "mean", "min", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum",
           "nanvar", "prod", "ptp", "std", "sum", "var"]  # fmt: skip

_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce
_largest: Any = np.maximum.reduce
_smallest: Any = np.minimum.reduce


def reduced_axes(shape: tuple[int, ...], axis: Any) -> Any:
    """The axes that are reduced, counted from 0; of a single number none, whichever NumPy lets one name."""
    if axis is None or not shape:
        return range(len(shape))
    return normalize_axis_tuple(axis, len(shape)) if isinstance(axis, tuple) else (normalize_axis_index(axis, len(shape)),)


def kept_shape(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """A shape with the reduced axes at length 1."""
    reduced = reduced_axes(shape, axis)
    return tuple(1 if k in reduced else n for k, n in enumerate(shape))


def restored(g: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """The result of a reduction with its reduced axes put back, so that it broadcasts with what was reduced."""
    return g if keepdims or axis is None else g.reshape(kept_shape(shape, axis))


def count(shape: tuple[int, ...], axis: Any) -> int:
    """How many entries go into one."""
    return math.prod(shape[a] for a in reduced_axes(shape, axis))


def lanes(x: Any, axis: Any) -> Any:
    """The reduced axes as one last axis, the others before it in their order."""
    shape, order = np.shape(x), _reduced_last(np.shape(x), axis)
    others = order[: len(shape) - len(reduced_axes(shape, axis))]
    return np.reshape(np.transpose(x, order), (*[shape[k] for k in others], count(shape, axis)))


def _reduced_last(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    reduced = reduced_axes(shape, axis)
    return (*[k for k in range(len(shape)) if k not in reduced], *reduced)


@linear(gx=lambda g, axis, keepdims, x_shape: np.broadcast_to(restored(g, x_shape, axis, keepdims), x_shape),
        moves=True)  # fmt: skip
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum over axes.

    y = np.sum(x, axis, keepdims=keepdims)
    gx = np.ones(x.shape) * (g if axis is None or keepdims else np.expand_dims(g, axis))

    axis: one, several as a tuple, all (None) or none (an empty tuple). Of nothing it is 0. float16 is added up in
    float16, as NumPy does: 70 000 ones are inf.
    """
    return _add(x, axis, keepdims=keepdims)


@linear(gx=lambda g, axis, keepdims, x_shape: np.broadcast_to(
        restored(g / count(x_shape, axis), x_shape, axis, keepdims), x_shape), moves=True)  # fmt: skip
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over axes.

    y = np.mean(x, axis, keepdims=keepdims)
    gx = np.ones(x.shape) * (g if axis is None or keepdims else np.expand_dims(g, axis)) * (np.size(g) / x.size
        if x.size else 1)

    Of nothing it is NaN, with NumPy's warning. float16 is added up in float32, as NumPy does.
    """
    if getattr(x, "dtype", None) in _WIDE and x.size and x.ndim:  # NumPy knows no axis of a single number here
        y = _add(x, axis, keepdims=keepdims)  # half of np.mean's time on small arrays
        return y / (x.size // y.size)
    return np.mean(x, axis, keepdims=keepdims)


_WIDE = (np.dtype(np.float64), np.dtype(np.float32))


@primitive(gx=lambda g, x, axis, keepdims: restored(g, np.shape(x), axis, keepdims) * others_product(x, axis))
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product over axes.

    y = np.prod(x, axis, keepdims=keepdims)
    gx = (g if axis is None or keepdims else np.expand_dims(g, axis)) * np.prod(x, axis, keepdims=True) / x

    The second line holds where no entry is 0; the rule multiplies, from both sides, all entries but the one, so it is
    right there too, and so are its own derivatives. Of nothing the product is 1.
    """
    return _multiply(x, axis, keepdims=keepdims)


def others_product(x: Any, axis: Any) -> Any:
    """For each entry the product of all the others along the axes: those before it times those after it."""
    shape = np.shape(x)
    if 0 in shape:
        return np.ones_like(x)
    row = lanes(x, axis)
    one = np.ones((*np.shape(row)[:-1], 1), row.dtype)
    before = np.concatenate([one, np.cumprod(row[..., :-1], -1)], -1)
    after = np.flip(np.concatenate([one, np.cumprod(np.flip(row, -1)[..., :-1], -1)], -1), -1)
    order = _reduced_last(shape, axis)
    return np.transpose(np.reshape(before * after, tuple(shape[k] for k in order)), np.argsort(order))


# -- extremes ----------------------------------------------------------------------------------------------------------


def shared(g: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """`g` shared evenly among the entries of x that equal the extreme y; NaN everywhere if that is NaN."""
    shape = np.shape(x)
    y = restored(y, shape, axis, keepdims)
    winners, lost = x == y, y != y
    ties = _add(winners, axis, int, keepdims=True)  # counted in integers: 70 000 would be inf in float16
    return np.where(winners | lost, restored(g, shape, axis, keepdims) / np.where(lost, np.nan, ties), 0)


@primitive(gx=lambda g, x, y, axis, keepdims: shared(g, x, y, axis, keepdims), selects=True, numpy=(np.max, np.amax))
def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest entry over axes.

    y = np.max(x, axis, keepdims=keepdims)
    gx = (np.equal(x, np.max(x, axis, keepdims=True)) / np.equal(x, np.max(x, axis, keepdims=True)).sum(axis,
        keepdims=True) * (g if axis is None or keepdims else np.expand_dims(g, axis)))

    Ties share the gradient evenly (the subgradient of least norm), with an axis as without; other entries get none.
    With a NaN the value and all gradients are NaN. Of nothing it raises ValueError.
    """
    return _largest(x, axis, keepdims=keepdims)


@primitive(gx=lambda g, x, y, axis, keepdims: shared(g, x, y, axis, keepdims), selects=True, numpy=(np.min, np.amin))
def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest entry over axes.

    y = np.min(x, axis, keepdims=keepdims)
    gx = (np.equal(x, np.min(x, axis, keepdims=True)) / np.equal(x, np.min(x, axis, keepdims=True)).sum(axis,
        keepdims=True) * (g if axis is None or keepdims else np.expand_dims(g, axis)))

    Ties, NaN and empty arrays as in `max`.
    """
    return _smallest(x, axis, keepdims=keepdims)


@composite()
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Peak to peak: the largest entry minus the smallest.

    y = np.ptp(x, axis, keepdims=keepdims)
    """
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@primitive(gx=lambda g, x, y, axis, keepdims: restored(g, np.shape(x), axis, keepdims) * weights(x, y, axis, keepdims))
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials, a smooth maximum.

    y = np.log(np.sum(np.exp(x), axis, keepdims=keepdims))
    gx = (g if axis is None or keepdims else np.expand_dims(g, axis)) * np.exp(x) / np.exp(x).sum(axis, keepdims=True)

    The derivative is the softmax. The maximum is taken out first, so nothing overflows. All -inf, or nothing: value
    -inf and gradient 0. With inf: value inf, and the infinite entries share the gradient, which is the limit.
    """
    m = _largest(x, axis, keepdims=True, initial=-np.inf)
    m = np.where(np.abs(m) < np.inf, m, m.dtype.type(0))
    with np.errstate(divide="ignore", over="ignore"):
        y = np.log(_add(np.exp(x - m), axis, keepdims=keepdims))
    return y + m.reshape(np.shape(y))[()]


def weights(x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """The softmax of x from its logsumexp y, with its limits where y is infinite."""
    y = restored(y, np.shape(x), axis, keepdims)
    winners = x == np.inf
    limit = winners / np.maximum(_add(winners, axis, int, keepdims=True), 1)
    return np.where(np.abs(y) == np.inf, limit, np.exp(x - y))


# -- spread ------------------------------------------------------------------------------------------------------------


def _freedom(shape: tuple[int, ...], axis: Any, ddof: Any, correction: Any) -> Any:
    free = count(shape, axis) - (ddof if correction is None else correction)
    return free if free > 0 else 0


def _correction(correction: Any) -> dict[str, Any]:
    return {} if correction is None else {"correction": correction}


@primitive(gx=lambda g, x, axis, ddof, keepdims, correction: restored(
    g / _freedom(np.shape(x), axis, ddof, correction), np.shape(x), axis, keepdims) * 2 * centred(x, axis))  # fmt: skip
def var(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, correction: Any = None) -> Any:
    """The variance over axes: the mean square of the distance from the mean.

    y = np.sum((x - np.mean(x, axis, keepdims=True))**2, axis, keepdims=keepdims) / (x.size
        / np.mean(x, axis).size - (ddof if correction is None else correction))
    gx = (g if axis is None or keepdims else np.expand_dims(g, axis)) * 2 * (x - np.mean(x, axis, keepdims=True)) / (
        x.size / np.mean(x, axis).size - (ddof if correction is None else correction))

    ddof, by its other name correction: what is taken off the count, 0 as in NumPy (PyTorch: 1). Without a degree of
    freedom left it is NaN or inf, with NumPy's warning. In two passes: a large mean costs no digits.
    """
    return np.var(x, axis, ddof=ddof, keepdims=keepdims, **_correction(correction))


def centred(x: Any, axis: Any) -> Any:
    """The distance from the mean."""
    return x - np.mean(x, axis, keepdims=True)


def _std_slope(x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """The distance from the mean in units of y; 0 where all entries are one number, also when y is not quite 0."""
    y = restored(y, np.shape(x), axis, keepdims)
    if 0 in np.shape(x):
        return x
    flat = (y < np.inf) & (np.max(x, axis, keepdims=True) == np.min(x, axis, keepdims=True))
    return np.where(flat, 0, centred(x, axis)) / np.where(flat, 1, y)


@primitive(gx=lambda g, x, y, axis, ddof, keepdims, correction: restored(
    g / _freedom(np.shape(x), axis, ddof, correction), np.shape(x), axis, keepdims)
    * _std_slope(x, y, axis, keepdims))  # fmt: skip
def std(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, correction: Any = None) -> Any:
    """The standard deviation over axes: the root of the variance.

    y = np.sqrt(np.var(x, axis, ddof=ddof if correction is None else correction, keepdims=keepdims))
    gx = (g if axis is None or keepdims else np.expand_dims(g, axis)) * (x - np.mean(x, axis, keepdims=True)) / (
        np.std(x, axis, ddof=ddof if correction is None else correction, keepdims=True)
        * (x.size / np.mean(x, axis).size - (ddof if correction is None else correction)))

    Options as in `var`. If all entries are equal the gradient is 0, the subgradient of least norm.
    """
    return np.std(x, axis, ddof=ddof, keepdims=keepdims, **_correction(correction))


# -- with weights, and without NaN -------------------------------------------------------------------------------------


@composite()
def average(x: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """The weighted mean; the weights can be Values too.

    y = np.average(x, axis, weights, returned, keepdims=keepdims)

    weights: of the shape of x, or along the axis alone. returned: give a tuple with the sum of the weights. Raises
    ZeroDivisionError if the weights add up to 0.
    """
    if weights is None:
        y = mean(x, axis, keepdims)
        total = np.full(np.shape(y), count(np.shape(x), axis), y.dtype)[()]
        return (y, total) if returned else y
    weights = _fitted(weights, np.shape(x), axis)
    total = sum(weights, axis, keepdims)
    if not everywhere(np.not_equal(total, 0)):
        raise ZeroDivisionError("average: the weights add up to 0, so there is nothing to divide by")
    y = sum(x * weights, axis, keepdims) / total
    return (y, total) if returned else y


def _fitted(weights: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """Weights along the axes alone, spread over the whole shape."""
    if np.shape(weights) == shape:
        return weights
    axes = () if axis is None else normalize_axis_tuple(axis, len(shape))
    if axis is None or np.shape(weights) != tuple(shape[a] for a in axes):
        raise ValueError(f"average: weights of shape {np.shape(weights)} for an array of shape {shape}, axis {axis}; "
                         "they need the shape of the array, or the lengths of the axes")  # fmt: skip
    wide = np.transpose(weights, np.argsort(axes))
    wide = np.reshape(wide, tuple(n if k in axes else 1 for k, n in enumerate(shape)))
    return np.broadcast_to(wide, shape)


def _known(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.sum(x == x, axis, keepdims=keepdims)


@composite()
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of the entries that are not NaN.

    y = np.nansum(x, axis, keepdims=keepdims)

    Here as in the functions below, a NaN gets no gradient.
    """
    return sum(np.where(x != x, 0, x), axis, keepdims)


@composite()
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product of the entries that are not NaN.

    y = np.nanprod(x, axis, keepdims=keepdims)
    """
    return prod(np.where(x != x, 1, x), axis, keepdims)


@composite()
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of the entries that are not NaN.

    y = np.nanmean(x, axis, keepdims=keepdims)
    """
    return nansum(x, axis, keepdims) / _known(x, axis, keepdims).astype(x.dtype)


@composite()
def nanvar(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Any:
    """The variance of the entries that are not NaN.

    y = np.nanvar(x, axis, ddof=ddof, keepdims=keepdims)
    """
    d = x - nanmean(x, axis, True)
    return nansum(d * d, axis, keepdims) / np.maximum(_known(x, axis, keepdims) - ddof, 0).astype(x.dtype)


@composite()
def nanstd(x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Any:
    """The standard deviation of the entries that are not NaN.

    y = np.nanstd(x, axis, ddof=ddof, keepdims=keepdims)

    At 0 the gradient is 0, as in `std`.
    """
    v = nanvar(x, axis, ddof, keepdims)
    return np.where(np.equal(v, 0), 0, np.sqrt(v))


@composite()
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest entry that is not NaN; NaN if there is none.

    y = np.nanmax(x, axis, keepdims=keepdims)
    """
    y = max(np.where(x != x, -np.inf, x), axis, keepdims)
    return np.where(_known(x, axis, keepdims) == 0, np.nan, y)


@composite()
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest entry that is not NaN; NaN if there is none.

    y = np.nanmin(x, axis, keepdims=keepdims)
    """
    y = min(np.where(x != x, np.inf, x), axis, keepdims)
    return np.where(_known(x, axis, keepdims) == 0, np.nan, y)
