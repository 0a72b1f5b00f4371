"""NumPy functions that have no gradient, on the plain numbers of all examples."""

from __future__ import annotations

from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from ...errors import NotDifferentiable
from ...ops.nondifferentiable import PLAIN, unwrapped
from ..batch import Batch, refuse_options
from .alignment import batched, rule, wide
from .axes import behind, flat
from .loop import looped

__all__: list[str] = []

_REFUSED = ("argwhere", "nonzero", "flatnonzero", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")
_ABOUT_SHAPES = ("size", "result_type", "can_cast", "common_type", "min_scalar_type", "einsum_path",
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


@cache
def _names(function: Any) -> tuple[str, ...]:
    return tuple(signature(function).parameters)


def _by_name(function: Any, args: Any, options: Any) -> tuple[Any, Any, dict[str, Any]]:
    """The array, the axis, where there may be one, and what else is said."""
    named = {**dict(zip(_names(function), args, strict=False)), **options}
    refuse_options(function, named)
    return _numbers(named.pop("a")), named.pop("axis", _UNSAID), named


_UNSAID = object()


@rule(*[f for f in PLAIN if isinstance(f, np.ufunc)], *_numpy(*_ENTRYWISE))
def _entrywise(function: Any, args: Any, options: Any) -> Any:
    refuse_options(function, options)
    levels, xs = wide([*map(_numbers, args)])
    return batched(function(*xs, **options), levels)


@rule(*_numpy(*_REDUCTIONS))
def _reduction(function: Any, args: Any, options: Any) -> Any:
    x, axis, options = _by_name(function, args, options)
    keepdims = options.pop("keepdims", False)
    if axis not in (None, _UNSAID) and x.ndim:
        return Batch(function(x.array, axis=behind(axis, x), keepdims=keepdims, **options), x.levels)
    y = function(flat(x), axis=-1, **options)
    return Batch(y.reshape((*x.hidden, *[1] * x.ndim)) if keepdims else y, x.levels)


@rule(*_numpy(*_ALONG))
def _along(function: Any, args: Any, options: Any) -> Any:
    x, axis, options = _by_name(function, args, options)
    if axis is None or not x.ndim:
        return Batch(function(flat(x), axis=-1, **options), x.levels)
    return Batch(function(x.array, axis=-1 if axis is _UNSAID else behind(axis, x), **options), x.levels)


def _one(x: Any) -> Any:
    """An array like that of one example, of which only shape and dtype count."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if type(x) is Batch else unwrapped(x)


@rule(*_numpy(*_ABOUT_SHAPES, *_ALIKE), split_options=True)
def _about_shapes(function: Any, args: Any, options: Any) -> Any:
    """The same for all examples."""
    return function(*map(_one, args), **{k: _one(v) for k, v in options.items()})


@rule(np.shape, split_options=True)
def _shape(function: Any, args: Any, options: Any) -> Any:
    return (*args, *options.values())[0].shape


@rule(np.ndim, split_options=True)
def _ndim(function: Any, args: Any, options: Any) -> Any:
    return (*args, *options.values())[0].ndim


@rule(np.full_like, split_options=True)
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
