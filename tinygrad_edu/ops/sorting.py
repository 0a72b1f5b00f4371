"""Order: sorted entries, the largest few, medians and quantiles.

Each is a selection by places that are found on the plain numbers, so the gradient goes to the entries selected. Among
equal entries the order is stable: the earlier one comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.op import composite
from ..errors import OptionError
from .reductions import kept_shape, lanes

__all__ = ["median", "partition", "percentile", "quantile", "sort", "topk"]


@composite()
def sort(x: Any, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """The entries in ascending order along an axis, or all of them as a flat array.

    y = np.sort(x, axis)

    kind, stable: accepted and ignored; the sort is stable. NaN comes last.
    """
    if axis is None:
        x, axis = np.ravel(x), 0
    return np.take_along_axis(x, np.argsort(x, axis, kind="stable"), axis)


@composite()
def partition(x: Any, kth: Any, axis: int | None = -1) -> Any:
    """The entries with the k-th smallest in its place, the smaller before it and the larger after it, in any order.

    y = np.take_along_axis(x, np.argpartition(x, kth, axis), axis)
    """
    if axis is None:
        x, axis = np.ravel(x), 0
    return np.take_along_axis(x, np.argpartition(x, kth, axis), axis)


@composite()
def topk(x: Any, k: int, axis: int = -1, largest: bool = True) -> Any:
    """The k largest entries along an axis in descending order, and their places: `(values, indices)`.

    y = ((-1 if largest else 1) * np.sort((-1 if largest else 1) * x, axis).take(range(k), axis),
        np.argsort((-1 if largest else 1) * x, axis, kind="stable").take(range(k), axis))

    largest=False: the k smallest, ascending. NaN counts as the largest, as in PyTorch. The places are plain integers.
    """
    axis = normalize_axis_index(axis, np.ndim(x))
    n = np.shape(x)[axis]
    if not 0 <= k <= n:
        raise OptionError(f"topk: k={k} of an axis of length {n}")
    order = np.argsort(x, axis, kind="stable")
    if largest:  # sorted from the far end, so that among equals the earlier one comes first
        order = n - 1 - np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
    places = np.take(order, np.arange(k), axis)
    return np.take_along_axis(x, places, axis), places


def _unless_nan(row: Any, y: Any) -> Any:
    """NaN where a sorted row ends in NaN."""
    last = row[..., -1].reshape((*np.shape(row)[:-1], *[1] * (np.ndim(y) - np.ndim(row) + 1)))
    return np.where(last != last, last, y)


@composite()
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle entry over axes; of an even number, the mean of the two in the middle.

    y = np.median(x, axis, keepdims=keepdims)

    With a NaN it is NaN. (PyTorch's median of an even number is the lower of the two.)
    """
    row = sort(lanes(x, axis))
    n = np.shape(row)[-1]
    y = row[..., n // 2] if n % 2 else np.mean(row[..., n // 2 - 1 : n // 2 + 1] if n else row, -1)
    y = _unless_nan(row, y) if n else y
    return np.reshape(y, kept_shape(np.shape(x), axis)) if keepdims else y


@composite()
def quantile(x: Any, q: Any, axis: Any = None, *, method: Any = "linear", keepdims: bool = False) -> Any:
    """The entry below which a share q of all lies, over axes.

    y = np.quantile(x, q, axis, method=method, keepdims=keepdims)

    q: numbers from 0 to 1, constants; their axes come first. method: NumPy's thirteen ways to go between two entries.
    """
    row = sort(lanes(x, axis))
    n = np.shape(row)[-1]
    place = np.asarray(np.quantile(np.arange(float(n)), q, method=method))  # what the method gives for 0, 1, ... n - 1
    low = np.floor(place).astype(int)
    between = (place - low).astype(x.dtype)
    above = np.where(between == 0, 0, row[..., np.minimum(low + 1, n - 1)])  # not read: 0 * inf is NaN
    y = _unless_nan(row, (1 - between) * row[..., low] + between * above)
    y = np.moveaxis(y, range(-place.ndim, 0), range(place.ndim)) if place.ndim else y
    return np.reshape(y, place.shape + kept_shape(np.shape(x), axis)) if keepdims else y


@composite()
def percentile(x: Any, q: Any, axis: Any = None, *, method: Any = "linear", keepdims: bool = False) -> Any:
    """The entry below which q percent of all lie, over axes.

    y = np.percentile(x, q, axis, method=method, keepdims=keepdims)

    Options as in `quantile`.
    """
    return quantile(x, np.true_divide(q, 100), axis, method=method, keepdims=keepdims)
