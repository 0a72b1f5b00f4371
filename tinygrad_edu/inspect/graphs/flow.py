"""What each call hands back to each argument where there is no one number for it: the contributions between arrays.

    a gradient is the sum of contributions     grad(x) = sum over the uses of x of pull(grad(result), use)

A contribution comes from the op's own rule, run once more on the gradient that backward left on the result. Then they are
added up and held against the gradient that backward left on the argument: the proof for arrays that the sum over all paths is
for numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import Value
from ...core.cotangents import fitted
from .local import as_float, pulled

__all__ = ["DIFFERENT", "SAME", "UNKNOWN", "contributions", "floats", "gradient", "norm"]

UNKNOWN, SAME, DIFFERENT = range(3)

Size = tuple[float, float]
_NONE: Size = (np.nan, np.nan)
_LOST = object()


def contributions(values: Sequence[Value]) -> tuple[list[Size], dict[Value, int]]:
    """The norm and the mean of each contribution, and whether they add up.

    Args:
        values: of a graph, arguments before results.

    Returns:
        One pair an argument, call after call: of what flows back where the result or the argument is an array. NaN between
        numbers, where backward left no gradient on the result, and where the graph did not keep what the rule reads.

        For each array that has a gradient and is used, whether that is the sum of what its uses hand back: `SAME`, `DIFFERENT`
        (another backward added to it, or data changed since), or `UNKNOWN`.
    """
    sums: dict[Value, Any] = {}
    sizes: list[list[Size]] = []
    agree: dict[Value, int] = {}
    for v in reversed(values):
        if v in sums and isinstance(gradient(v), np.ndarray):
            total, largest = sums.pop(v)
            agree[v] = _agrees(total, largest, gradient(v))
        sizes.append([_add(sums, a, gx) for a, gx in zip(v.args, _handed(v), strict=True)])
    return [one for row in reversed(sizes) for one in row], agree


def gradient(v: Value) -> Any:
    """The gradient that backward left, without the graph that it may have."""
    return v._grad.data if type(v._grad) is Value else v._grad


def _handed(v: Value) -> Sequence[Any]:
    """What a call hands back to each argument: None for nothing, `_LOST` where it is not known."""
    g = gradient(v)
    held = [a._data for a in v.args if type(a) is Value]
    arrays = any(isinstance(x, np.ndarray) for x in (g, *held))
    found = None if v.op is None or g is None or not arrays or any(type(x) is tuple for x in held) else pulled(v, g)
    if found is None:
        return [_LOST] * len(v.args)
    plain = [x.data if hasattr(x, "reached") else x for x in found]
    return [x if x is None else fitted(x, a, v.op) for a, x in zip(v.args, plain, strict=True)]


def _add(sums: dict[Value, Any], a: Any, gx: Any) -> Size:
    """Add one contribution to what its argument has got so far; its norm and its mean."""
    if type(a) is not Value or gx is None:
        return _NONE
    if gx is _LOST:
        sums[a] = (None, 0.0)  # nor is the sum known
        return _NONE
    gx = floats(gx)
    size = norm(gx)
    if a not in sums:
        sums[a] = (gx, size)
    elif sums[a][0] is not None:
        with np.errstate(all="ignore"):
            sums[a] = (sums[a][0] + gx, max(sums[a][1], size))
    return size, float(gx.mean()) if gx.size else 0.0


def _agrees(total: Any, largest: float, gradient: Any) -> int:
    """Equal to rounding, measured by the largest part: sums that cancel are no more exact than their parts."""
    if total is None:
        return UNKNOWN
    with np.errstate(all="ignore"):
        rounding = np.sqrt(np.finfo(gradient.dtype if gradient.dtype.kind == "f" else float).eps) * largest
        same = np.abs(total - floats(gradient)) <= rounding
    return SAME if same.all() or np.array_equal(total, floats(gradient), equal_nan=True) else DIFFERENT


def floats(x: Any) -> Any:
    """An array of any numbers as float64."""
    x = np.asarray(x)
    if x.dtype != object:
        return x.astype(np.float64, copy=False)
    return np.array([as_float(e) for e in x.ravel()], np.float64).reshape(x.shape)


def norm(x: Any) -> float:
    """The square root of the sum of squares, also where the squares overflow; NaN or infinite if an entry is."""
    x = x.ravel()
    with np.errstate(all="ignore"):
        square = float(x @ x)
        if 1e-280 < square < np.inf:
            return float(np.sqrt(square))
        most = float(np.abs(x).max(initial=0.0))
        return most * float(np.sqrt(np.square(x / most).sum())) if 0 < most < np.inf else most
