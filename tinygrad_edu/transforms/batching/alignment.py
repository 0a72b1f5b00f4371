"""The axes of several arrays brought in line: hidden ones first, a level under a level, an entry under an entry.

x    Batch, levels (7,)       hidden (5,)     shape (4,)       (5, 1, 1, 4)
z    Batch, levels (7, 6)     hidden (5, 2)   shape (3, 4)     (5, 2, 3, 4)
w    plain                                    shape (4,)                (4,)     broadcasts from the right by itself
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ...core.op import REGISTRY, Op
from ...core.recording import ACTIVE
from ..batch import RULES, SPLIT_OPTIONS, Batch, union

__all__ = ["batched", "full", "joined", "merged", "ndim_of", "parted", "rule", "run", "sizes", "thin", "wide"]


def rule(*names: Any, split_options: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare how these ops, or functions of NumPy that have no gradient, are done for a Batch.

    The function that is declared takes the op, its arguments, and its options. With `split_options` there can be Batches
    among the options; without it, a call that has some is done one example after the other.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        RULES.update(dict.fromkeys(names, function))
        SPLIT_OPTIONS.update(names if split_options else ())
        return function

    return declare


def run(op: Any, *args: Any, **options: Any) -> Any:
    """Call an op with its full set of options, or another function, for all examples at once: to it no vmap is running."""
    token = ACTIVE.set(())
    try:
        return Op.apply(op, args, options or None) if type(op) is Op else op(*args, **options)
    finally:
        ACTIVE.reset(token)


def batched(y: Any, levels: tuple[int, ...]) -> Any:
    """The result of an op, or the tuple of its results, with the hidden axes of these levels in front."""
    if not isinstance(y, tuple):
        return Batch(y, levels)
    parts = [Batch(one, levels) for one in y]
    return y._make(parts) if hasattr(y, "_make") else tuple(parts)


def ndim_of(x: Any) -> int:
    """How many axes one example has."""
    return len(x.shape) if hasattr(x, "shape") else np.ndim(x)


def sizes(levels: tuple[int, ...], xs: Any) -> tuple[int, ...]:
    """How many examples each level has."""
    known = {k: n for x in xs if type(x) is Batch for k, n in zip(x.levels, x.hidden, strict=True)}
    return tuple([known[k] for k in levels])


def thin(x: Any, levels: tuple[int, ...], ndim: int) -> Any:
    """A Batch's array of shape `(*hidden, *ones, *shape)`, with `ndim` axes after the hidden ones.

    A level that it does not have is an axis of length 1. What is no Batch stays as it is.
    """
    if type(x) is not Batch:
        return x
    if x.levels == levels and len(x.shape) == ndim:
        return x.array
    known = dict(zip(x.levels, x.hidden, strict=True))
    return x.array.reshape((*[known.get(k, 1) for k in levels], *[1] * (ndim - x.ndim), *x.shape))


def wide(xs: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Their levels together, and arrays that broadcast against each other as those of each example do."""
    levels, ndim = union(xs), max([ndim_of(x) for x in xs])
    return levels, [thin(x, levels, ndim) for x in xs]


def full(x: Any, levels: tuple[int, ...], size: tuple[int, ...]) -> Any:
    """The array of `x` with every level at its whole length."""
    if type(x) is Batch and x.levels == levels:
        return x.array
    shape = np.shape(x)
    return REGISTRY["broadcast_to"](thin(x, levels, len(shape)), size + shape)


def merged(*xs: Any) -> tuple[tuple[int, ...], tuple[int, ...], list[Any]]:
    """Their levels, the sizes of these, and each array with one leading axis for all examples; None stays None."""
    levels = union(xs)
    size = sizes(levels, xs)
    arrays = [None if x is None else full(x, levels, size) for x in xs]
    if len(levels) > 1:
        arrays = [None if x is None else x.reshape((prod(size), *x.shape[len(size) :])) for x in arrays]
    return levels, size, arrays


def parted(y: Any, levels: tuple[int, ...], size: tuple[int, ...]) -> Batch:
    """The inverse of `merged` for a result."""
    return Batch(y if len(size) == 1 else y.reshape((*size, *y.shape[1:])), levels)


def joined(x: Any) -> Any:
    """The first two axes as one: the examples of all examples."""
    return x.reshape((x.shape[0] * x.shape[1], *x.shape[2:]))
