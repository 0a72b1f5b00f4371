"""Losses of classifiers and tables of words, whose integers may be others in each example."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import OptionError, ShapeError
from ..batch import Batch
from .alignment import joined, merged, parted, rule, run
from .loop import looped

__all__: list[str] = []


@rule("quadratic_cost")
def _quadratic_cost(op: Any, args: Any, options: Any) -> Any:
    output, target = args
    if np.shape(output) != np.shape(target) or not np.ndim(output):
        raise ShapeError(f"quadratic_cost compares arrays of one shape, got {np.shape(output)} and {np.shape(target)}")
    d = output - target
    return (d * d).sum() / max(len(output), 1)


@rule("cross_entropy", "nll_loss", split_options=True)
def _classifier(op: Any, args: Any, options: Any) -> Any:
    """All examples as one batch, a loss for each; then the reduction of each example."""
    (x,), target, weight, ignored = args, options["target"], options["weight"], options["ignore_index"]
    if type(weight) is Batch or options["reduction"] not in ("mean", "sum", "none"):
        return looped(op, args, options)
    target = target if hasattr(target, "dtype") else np.asarray(target)
    levels, size, (x, target) = merged(x, target)
    if x.ndim == 2:
        each, shape = run(op, x, **{**options, "target": target, "reduction": "none"}), ()
    else:
        shape = target.shape[1:]
        rows = run(op, joined(x), **{**options, "target": joined(target), "reduction": "none"})
        each = rows.reshape((x.shape[0], *shape))
    y = parted(each, levels, size)
    if options["reduction"] == "none":
        return y
    total = y.sum()
    return total if options["reduction"] == "sum" else total / _counts(target, weight, ignored, levels, size, y.dtype)


def _counts(target: Any, weight: Any, ignored: int, levels: Any, size: Any, dtype: Any) -> Any:
    """What the mean of each example divides by; NaN where nothing counts."""
    counts = target != ignored
    if weight is not None:
        counts = np.where(counts, np.asarray(weight, dtype)[np.where(counts, target, 0)], 0)
    total = counts.reshape((len(target), -1)).sum(-1).astype(dtype)
    return parted(np.where(total == 0, np.nan, total).astype(dtype), levels, size)


@rule("embedding", split_options=True)
def _embedding(op: Any, args: Any, options: Any) -> Any:
    """Tables that are others in each example are one below the other."""
    (weight,), indices = args, options["indices"]
    if type(weight) is not Batch:
        return Batch(run(op, weight, **{**options, "indices": indices.array}), indices.levels)
    if options["padding_idx"] is not None:
        return looped(op, args, options)
    levels, size, (weight, indices) = merged(weight, np.asarray(indices) if not hasattr(indices, "dtype") else indices)
    y = run(op, joined(weight), **{**options, "indices": _below(indices, weight.shape[1])})
    return parted(y, levels, size)


@rule("embedding_sum", split_options=True)
def _embedding_sum(op: Any, args: Any, options: Any) -> Any:
    (z,), indices, num = args, options["indices"], options["num"]
    levels, size, (z, indices) = merged(z, np.asarray(indices) if not hasattr(indices, "dtype") else indices)
    y = run(op, z, indices=_below(indices, num), num=num * len(z))
    return parted(y.reshape((len(z), num, *y.shape[1:])), levels, size)


def _below(indices: Any, words: int) -> Any:
    """Indices into tables of so many words, one below the other."""
    if indices.dtype.kind in "iu" and indices.size and (indices.min() < 0 or indices.max() >= words):
        raise OptionError(f"the table has rows 0 to {words - 1}, got indices from {indices.min()} to {indices.max()}")
    return indices + (np.arange(len(indices)) * words).reshape((-1, *[1] * (indices.ndim - 1)))
