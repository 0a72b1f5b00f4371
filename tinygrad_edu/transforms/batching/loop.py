"""What has no rule of its own: one example after the other, and the results stacked."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.op import REGISTRY, Op
from ...errors import NotDifferentiable, ShapeError
from ..batch import Batch, active, gathered, running, union
from .alignment import rule, sizes

__all__ = ["looped"]


@rule("loop")
def looped(function: Any, args: Any, options: Any) -> Any:
    """A function of each example; the newest level here, the others by the calls that this makes."""
    arrays = [*_inside(args), *_inside(tuple(options.values()))]
    level = union(arrays)[0]
    (size,) = sizes((level,), [x for x in arrays if type(x) is Batch and level in x.levels])
    if not size:
        raise ShapeError(f"{_name(function)} is done one example after the other, and there is none")
    with running(tuple([one for one in active() if one[0] != level]), alone=True):
        ys = [_called(function, _example(args, level, i), _example(options, level, i)) for i in range(size)]
    if not isinstance(ys[0], tuple):
        return _together(function, ys, level, size)
    parts = [_together(function, list(one), level, size) for one in zip(*ys, strict=True)]
    return ys[0]._make(parts) if hasattr(ys[0], "_make") else tuple(parts)


def _called(function: Any, args: Any, options: Any) -> Any:
    return Op.apply(function, args, options or None) if type(function) is Op else function(*args, **options)


def _inside(x: Any) -> list[Any]:
    return [b for a in x for b in _inside(a)] if isinstance(x, tuple | list) else [x]


def _example(x: Any, level: int, i: int) -> Any:
    """What one example of this level has in place of `x`."""
    if isinstance(x, tuple | list):
        parts = [_example(a, level, i) for a in x]
        return x._make(parts) if hasattr(x, "_make") else type(x)(parts)
    if isinstance(x, dict):
        return {k: _example(a, level, i) for k, a in x.items()}
    if type(x) is not Batch or level not in x.levels:
        return x
    k = x.levels.index(level)
    array, levels = x.array[(slice(None),) * k + (i,)], x.levels[:k] + x.levels[k + 1 :]
    return Batch(array, levels) if levels else array


def _together(function: Any, ys: list[Any], level: int, size: int) -> Any:
    if len({np.shape(y) for y in ys}) > 1:
        raise ShapeError(f"{_name(function)} gives results of different shapes in the examples, {np.shape(ys[0])} and others, "
                         "which make no array together. Choose entries with np.where(condition, x, 0) instead")  # fmt: skip
    return gathered(REGISTRY["stack"](ys), ((level, size),))


def _name(function: Any) -> str:
    return getattr(function, "__name__", str(function))


@rule("unknown")
def _unknown(function: Any, args: Any, options: Any) -> Any:
    raise NotDifferentiable(f"np.{_name(function)} is not known inside vmap. Write it with functions that are, or return its "
                            "arguments from the function and call it outside")  # fmt: skip
