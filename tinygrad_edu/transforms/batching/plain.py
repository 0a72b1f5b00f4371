"""NumPy functions that have no gradient, on the plain numbers of all examples."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import NotDifferentiable
from ...ops.nondifferentiable import PLAIN, unwrapped
from ..batch import Batch
from .alignment import batched, rule, wide
from .axes import behind, flat
from .loop import looped

__all__: list[str] = []

_REFUSED = ("argwhere", "nonzero", "flatnonzero", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")
_ABOUT_SHAPES = ("shape", "ndim", "size", "result_type", "can_cast", "common_type", "min_scalar_type", "einsum_path",
                 "iscomplexobj", "isrealobj", "tril_indices_from", "triu_indices_from", "diag_indices_from")  # fmt: skip
_REDUCTIONS = ("all", "any", "argmax", "argmin", "nanargmax", "nanargmin", "count_nonzero")
_ALONG = ("argsort", "argpartition")
_ENTRYWISE = ("isclose", "isneginf", "isposinf", "isreal", "iscomplex")
_AS_TEXT = ("array_repr", "array_str", "array2string")
_TO_FILES = ("save", "savetxt", "savez", "savez_compressed", "may_share_memory", "shares_memory")
_ALIKE = ("zeros_like", "ones_like", "full_like", "empty_like")


def _numpy(*names: str) -> list[Any]:
    return [f for n in names if (f := getattr(np, n, None)) is not None]


def _numbers(x: Any) -> Any:
    """Without graphs: Batches of plain arrays, and plain arrays."""
    return x.data if type(x) is Batch else unwrapped(x)


@rule(*[f for f in PLAIN if isinstance(f, np.ufunc)], *_numpy(*_ENTRYWISE))
def _entrywise(function: Any, args: Any, options: Any) -> Any:
    levels, xs = wide([*map(_numbers, args)])
    return batched(function(*xs, **options), levels)


@rule(*_numpy(*_REDUCTIONS))
def _reduction(function: Any, args: Any, options: Any) -> Any:
    x, axis, options = _array_and_axis(function, args, options, None)
    keepdims = options.pop("keepdims", False)
    if axis is not None and x.ndim:
        return Batch(function(x.array, axis=behind(axis, x), keepdims=keepdims, **options), x.levels)
    y = function(flat(x), axis=-1, **options)
    return Batch(y.reshape((*x.hidden, *[1] * x.ndim)) if keepdims else y, x.levels)


@rule(*_numpy(*_ALONG))
def _along(function: Any, args: Any, options: Any) -> Any:
    if function is np.argpartition:
        kth = options["kth"] if "kth" in options else args[1]
        args, options = (args[0], *args[2:]), {**options, "kth": kth}
    x, axis, options = _array_and_axis(function, args, options, -1)
    if axis is None or not x.ndim:
        return Batch(function(flat(x), axis=-1, **options), x.levels)
    return Batch(function(x.array, axis=behind(axis, x), **options), x.levels)


def _array_and_axis(function: Any, args: Any, options: Any, default: Any) -> Any:
    """The array, the axis, and the options that remain."""
    options = {k: v for k, v in options.items() if k not in ("out",)}
    x = args[0] if args else options.pop("a")
    axis = args[1] if len(args) > 1 else options.pop("axis", default)
    options.pop("axis", None)
    return _numbers(x), axis, options


def _one(x: Any) -> Any:
    """An array like that of one example, of which only shape and dtype count."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if type(x) is Batch else unwrapped(x)


@rule(*_numpy(*_ABOUT_SHAPES, *_ALIKE))
def _about_shapes(function: Any, args: Any, options: Any) -> Any:
    """The same for all examples."""
    return function(*map(_one, args), **{k: _one(v) for k, v in options.items()})


@rule(np.shape)
def _shape(function: Any, args: Any, options: Any) -> Any:
    return args[0].shape


@rule(np.ndim)
def _ndim(function: Any, args: Any, options: Any) -> Any:
    return args[0].ndim


@rule(np.full_like)
def _full_like(function: Any, args: Any, options: Any) -> Any:
    fill = args[1] if len(args) > 1 else options["fill_value"]
    if type(fill) is not Batch:
        return _about_shapes(function, args, options)
    like = np.empty_like(_one(args[0]), **{k: v for k, v in options.items() if k != "fill_value"})
    return np.broadcast_to(fill.data.astype(like.dtype), like.shape)


@rule(np.linalg.matrix_rank)
def _matrix_rank(function: Any, args: Any, options: Any) -> Any:
    x = _numbers(args[0])
    if x.ndim < 2:
        return looped(function, args, options)
    return Batch(function(x.array, *args[1:], **options), x.levels)


@rule(*_numpy("allclose", "array_equal", "array_equiv", "searchsorted", "digitize", "bincount", "histogram", "histogram2d",
              "histogramdd", "isin", "in1d", "lexsort", "ravel_multi_index", "unravel_index"))  # fmt: skip
def _one_by_one(function: Any, args: Any, options: Any) -> Any:
    return looped(function, args, options)


@rule(*_numpy(*_AS_TEXT))
def _as_text(function: Any, args: Any, options: Any) -> Any:
    return repr(args[0])


@rule(*_numpy(*_REFUSED))
def _refused(function: Any, args: Any, options: Any) -> Any:
    raise NotDifferentiable(f"np.{function.__name__} gives a result of another shape in each example, and these make no array "
                            "together. Write np.where(condition, x, 0), or a sum over a mask")  # fmt: skip


@rule(*_numpy(*_TO_FILES))
def _leaves(function: Any, args: Any, options: Any) -> Any:
    raise NotDifferentiable(f"np.{function.__name__} inside vmap: return the array from the function, and call it there")
