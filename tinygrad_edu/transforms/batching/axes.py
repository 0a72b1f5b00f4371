"""Ops along axes of one array, which stand behind the hidden ones: reductions, scans, and what keeps the shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..batch import Batch, union
from .alignment import batched, full, rule, run, sizes

__all__ = ["behind", "flat", "shifted"]


def behind(axis: Any, x: Batch) -> Any:
    """An axis of an example, or several, as axes of all of them."""
    return shifted(axis, len(x.levels), x.ndim)


def shifted(axis: Any, hidden: int, ndim: int) -> Any:
    """An axis, or several, of an array with `ndim` axes, when so many hidden ones stand before."""
    if isinstance(axis, tuple | list):
        return tuple([a + hidden for a in normalize_axis_tuple(axis, ndim)])
    return normalize_axis_index(axis, ndim) + hidden


def flat(x: Batch) -> Any:
    """The array with all axes of an example made one."""
    return x.array if x.ndim == 1 else x.array.reshape((*x.hidden, x.size))


@rule("sum", "mean", "prod", "max", "min", "logsumexp", "var", "std", "vector_norm")
def _reduction(op: Any, args: Any, options: Any) -> Any:
    """No axis means all that an example has; of a number, none."""
    (x,) = args
    axis, keepdims = options["axis"], options["keepdims"]
    if axis is not None and x.ndim:
        return Batch(run(op, x.array, **{**options, "axis": behind(axis, x)}), x.levels)
    y = run(op, flat(x), **{**options, "axis": -1, "keepdims": False})
    return Batch(y.reshape((*x.hidden, *[1] * x.ndim)) if keepdims else y, x.levels)


@rule("cumsum", "cumprod", "cummax", "cummin")
def _scan(op: Any, args: Any, options: Any) -> Any:
    """No axis means the flattened array."""
    (x,) = args
    if options["axis"] is None or not x.ndim:
        return Batch(run(op, flat(x), axis=-1), x.levels)
    return Batch(run(op, x.array, axis=behind(options["axis"], x)), x.levels)


@rule("softmax", "log_softmax", "entropy", "glu", "standardise", "logcumsumexp", "flip")
def _along(op: Any, args: Any, options: Any) -> Any:
    """No axis means all that an example has."""
    (x,) = args
    axis = options["axis"]
    axis = tuple(range(x.ndim)) if axis is None else axis
    return batched(run(op, x.array, **{**options, "axis": behind(axis, x)}), x.levels)


@rule("linear_recurrence")
def _recurrence(op: Any, args: Any, options: Any) -> Any:
    levels = union(args)
    a, b = (Batch(full(x, levels, sizes(levels, args)), levels) for x in args)
    return Batch(run(op, a.array, b.array, axis=behind(options["axis"], a)), levels)


@rule("roll")
def _roll(op: Any, args: Any, options: Any) -> Any:
    """Without an axis, as if it were flat."""
    (x,), axis = args, options["axis"]
    if axis is None:
        return Batch(run(op, flat(x), shift=np.sum(options["shift"]), axis=-1).reshape(x.array.shape), x.levels)
    axes = axis if isinstance(axis, tuple | list) else (axis,)  # one that is named twice is rolled twice
    return Batch(run(op, x.array, shift=options["shift"], axis=tuple([behind(a, x) for a in axes])), x.levels)


@rule("rot90")
def _rot90(op: Any, args: Any, options: Any) -> Any:
    (x,) = args
    return Batch(run(op, x.array, k=options["k"], axes=behind(options["axes"], x)), x.levels)


@rule("swapaxes", "diagonal")
def _two_axes(op: Any, args: Any, options: Any) -> Any:
    (x,) = args
    axes = {"axis1": behind(options["axis1"], x), "axis2": behind(options["axis2"], x)}
    return Batch(run(op, x.array, **{**options, **axes}), x.levels)
