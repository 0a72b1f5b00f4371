"""The same entries in another arrangement: the hidden axes stay where they are."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...core.op import REGISTRY
from ..batch import Batch, union
from .alignment import full, ndim_of, rule, run, sizes, thin
from .axes import behind, flat, shifted

__all__: list[str] = []


@rule("reshape")
def _reshape(op: Any, args: Any, options: Any) -> Any:
    (x,), shape = args, options["shape"]
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    known = -prod(shape)
    if -1 in shape and known > 0:
        shape = tuple([x.size // known if n == -1 else n for n in shape])
    if prod(shape) != x.size or -1 in shape:
        raise ValueError(f"cannot reshape array of size {x.size} into shape {options['shape']}")
    return Batch(run(op, x.array, shape=x.hidden + shape), x.levels)


@rule("copy")
def _as_it_is(op: Any, args: Any, options: Any) -> Any:
    (x,) = args
    return Batch(run(op, x.array, **options), x.levels)


@rule("transpose")
def _transpose(op: Any, args: Any, options: Any) -> Any:
    (x,), axes, hidden = args, options["axes"], len(args[0].levels)
    axes = range(hidden + x.ndim)[: hidden - 1 : -1] if axes is None else behind(tuple(np.ravel(axes)), x)
    if len(axes) != x.ndim:
        raise ValueError("axes don't match array")
    return Batch(run(op, x.array, axes=(*range(hidden), *axes)), x.levels)


@rule("expand_dims")
def _expand_dims(op: Any, args: Any, options: Any) -> Any:
    (x,), axis = args, options["axis"]
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return Batch(run(op, x.array, axis=shifted(axes, len(x.levels), x.ndim + len(axes))), x.levels)


@rule("squeeze")
def _squeeze(op: Any, args: Any, options: Any) -> Any:
    (x,), axis = args, options["axis"]
    axis = tuple([k for k, n in enumerate(x.shape) if n == 1]) if axis is None else axis
    return Batch(run(op, x.array, axis=behind(axis, x)), x.levels)


@rule("broadcast_to")
def _broadcast_to(op: Any, args: Any, options: Any) -> Any:
    (x,), shape = args, options["shape"]
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if len(shape) < x.ndim:
        raise ValueError("input operand has more dimensions than allowed by the axis remapping")
    return Batch(run(op, thin(x, x.levels, len(shape)), shape=x.hidden + shape), x.levels)


@rule("zero_pad")
def _zero_pad(op: Any, args: Any, options: Any) -> Any:
    (x,) = args
    return Batch(run(op, x.array, pad_width=((0, 0),) * len(x.levels) + tuple(options["pad_width"])), x.levels)


@rule("into_diagonal")
def _into_diagonal(op: Any, args: Any, options: Any) -> Any:
    (x,), shape = args, options["shape"]
    axes = {n: shifted(options[n], len(x.levels), len(shape)) for n in ("axis1", "axis2")}
    return Batch(run(op, x.array, shape=(*x.hidden, *shape), offset=options["offset"], **axes), x.levels)


@rule("diagflat")
def _diagflat(op: Any, args: Any, options: Any) -> Any:
    (x,), k = args, options["k"]
    n = x.size + abs(k)
    return run(REGISTRY["into_diagonal"], Batch(flat(x), x.levels), shape=(n, n), offset=k, axis1=0, axis2=1)


@rule("tril", "triu")
def _triangle(op: Any, args: Any, options: Any) -> Any:
    """A vector is taken as the rows of a square matrix."""
    (x,) = args
    array = x.array if x.ndim > 1 else np.broadcast_to(np.expand_dims(x.array, -2), (*x.hidden, *x.shape * 2))
    return Batch(run(op, array, **options), x.levels)


@rule("concatenate", "stack")
def _join(op: Any, args: Any, options: Any) -> Any:
    levels = union(args)
    size = sizes(levels, args)
    xs = [Batch(full(x, levels, size), levels) for x in args]
    axis = options["axis"]
    if axis is None:
        return Batch(run(op, *map(flat, xs), axis=-1), levels)
    ndim = ndim_of(xs[0]) + (op.name == "stack")
    return Batch(run(op, *[x.array for x in xs], axis=shifted(axis, len(levels), ndim)), levels)
