"""Reductions, scans, rearrangements, indexing and products in random expressions, and what all families ask for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..building import Builder, Node, anything
from ..conditions import CONDITIONS, bound
from ..drawing import Shape
from . import recipe

__all__ = ["axes_of", "axis_of", "full", "square_or_wide", "usual"]

# -- shapes, axes, places ----------------------------------------------------------------------------------------------


def full(shape: Shape) -> bool:
    """At least one axis, and at least one entry."""
    return len(shape) > 0 and math.prod(shape) > 0


def some(shape: Shape) -> bool:
    """At least one entry, and not so many that a product of them all grows out of bounds."""
    return 0 < math.prod(shape) <= 8


def square_or_wide(shape: Shape) -> bool:
    """A matrix, or a stack of them, with entries."""
    return len(shape) > 1 and math.prod(shape) > 0


def usual(b: Builder, name: str, fits: Callable[[Shape], bool] = full, fresh: Callable[[], Shape] | None = None) -> Node:
    """An array with entries no larger than the op takes; without ties if it selects by size."""
    if name in CONDITIONS:
        return b.separated(fits, fresh)
    return b.array(fits, fresh, ((-bound(name), bound(name)),))


def axis_of(b: Builder, x: Node) -> int:
    """One axis of an array that has some, counted from the front or the back."""
    n = x.data.ndim
    return b.choose.integer(0, 2 * n - 1) - n if b.choose.pick((False, True)) else b.choose.integer(0, n - 1)


def axes_of(b: Builder, x: Node) -> Any:
    """None, an axis, or several."""
    if not x.data.ndim or not (several := b.choose.integer(0, 2)):
        return None
    if several == 1:
        return axis_of(b, x)
    return tuple(k for k in range(x.data.ndim) if b.choose.pick((True, False))) or (0,)


# -- reductions and scans ----------------------------------------------------------------------------------------------


@recipe("sum", "mean", "prod", "max", "min", "logsumexp", "var", "std", "ptp", "vector_norm", "median")
def _reduction(b: Builder, name: str) -> None:
    x = usual(b, name, {"sum": anything, "prod": some}.get(name, lambda shape: math.prod(shape) > 0))
    options: dict[str, Any] = {"axis": axes_of(b, x), "keepdims": b.choose.pick((False, True))}
    if name == "vector_norm":
        options["ord"] = b.choose.pick((2, 1, 3))
    if name in ("var", "std") and _along(x, options["axis"]) > 1:
        options["ddof"] = b.choose.pick((0, 1))
    b.call(name, x, **options)


def _along(x: Node, axis: Any) -> int:
    """How many entries are reduced to one."""
    return int(x.data.size / max(np.sum(x.data, axis).size, 1))


@recipe("cumsum", "cumprod", "cummax", "cummin")
def _scan(b: Builder, name: str) -> None:
    x = usual(b, name, some if name == "cumprod" else lambda shape: math.prod(shape) > 0)
    b.call(name, x, axis=axis_of(b, x) if x.data.ndim and b.choose.pick((True, False)) else None)


@recipe("logcumsumexp", "softmax", "log_softmax", "softmin", "entropy", "normalize", "sort")
def _along_an_axis(b: Builder, name: str) -> None:
    x = usual(b, name)
    b.call(name, x, axis=axis_of(b, x))


@recipe("diff")
def _diff(b: Builder, name: str) -> None:
    x = b.array(full)
    axis = axis_of(b, x)
    b.call(name, x, n=b.choose.integer(1, 2), axis=axis)


# -- shaping -----------------------------------------------------------------------------------------------------------


@recipe("reshape")
def _reshape(b: Builder, name: str) -> None:
    x = b.array()
    shapes = [(-1,), (*x.data.shape, 1), (1, -1), x.data.shape[::-1]] if x.data.size else [x.data.shape[::-1]]
    b.call(name, x, shape=b.choose.pick(shapes))


@recipe("transpose")
def _transpose(b: Builder, name: str) -> None:
    x = b.array()
    left = list(range(x.data.ndim))
    axes = tuple(left.pop(b.choose.integer(0, len(left) - 1)) for _ in range(x.data.ndim))
    b.call(name, x, axes=b.choose.pick((None, axes)))


@recipe("swapaxes", "moveaxis")
def _two_axes(b: Builder, name: str) -> None:
    x = b.array(lambda shape: len(shape) > 0)
    names = ("axis1", "axis2") if name == "swapaxes" else ("source", "destination")
    b.call(name, x, **{n: axis_of(b, x) for n in names})


@recipe("expand_dims")
def _expand_dims(b: Builder, name: str) -> None:
    x = b.array(lambda shape: len(shape) < 4)
    b.call(name, x, axis=b.choose.integer(0, x.data.ndim))


@recipe("squeeze")
def _squeeze(b: Builder, name: str) -> None:
    b.call(name, b.array(lambda shape: 1 in shape, lambda: (1, *b.shape(0, 2))))


@recipe("broadcast_to")
def _broadcast_to(b: Builder, name: str) -> None:
    x = b.array(lambda shape: math.prod(shape) <= 8 and len(shape) < 4)
    b.call(name, x, shape=(b.choose.integer(1, 3), *(n if n != 1 else b.choose.integer(1, 2) for n in x.data.shape)))


@recipe("flip", "roll")
def _move(b: Builder, name: str) -> None:
    x = b.array(full)
    axis = b.choose.pick((None, axis_of(b, x)))
    b.call(name, x, axis=axis, **({"shift": b.choose.integer(0, 4) - 2} if name == "roll" else {}))


@recipe("repeat")
def _repeat(b: Builder, name: str) -> None:
    x = b.array(lambda shape: full(shape) and math.prod(shape) <= 8)
    b.call(name, x, repeats=b.choose.integer(1, 3), axis=b.choose.pick((None, axis_of(b, x))))


@recipe("tile")
def _tile(b: Builder, name: str) -> None:
    x = b.array(lambda shape: full(shape) and math.prod(shape) <= 8)
    b.call(name, x, reps=b.choose.pick((2, (2, 1), (1, 2))))


@recipe("rot90", "tril", "triu", "diagonal", "trace", "matrix_transpose")
def _matrix(b: Builder, name: str) -> None:
    x = b.array(square_or_wide, lambda: b.shape(2, 3))
    options: dict[str, Any] = {"k": b.choose.integer(0, 3) - 1} if name in ("rot90", "tril", "triu") else {}
    b.call(name, x, **options)


@recipe("pad")
def _pad(b: Builder, name: str) -> None:
    x = b.array(lambda shape: full(shape) and math.prod(shape) <= 8)
    mode = b.choose.pick(("constant", "edge", "wrap"))
    b.call(name, x, pad_width=tuple((b.choose.integer(0, 1), b.choose.integer(0, 2)) for _ in x.data.shape), mode=mode)


@recipe("concatenate")
def _concatenate(b: Builder, name: str) -> None:
    x = b.array(full)
    axis = axis_of(b, x)
    y = b.array(lambda s: _but(s, axis) == _but(x.data.shape, axis) and len(s) == x.data.ndim, lambda: x.data.shape)
    b.call(name, x, y, axis=axis)


def _but(shape: Shape, axis: int) -> Shape | None:
    return tuple(n for k, n in enumerate(shape) if k != axis % len(shape)) if shape else None


@recipe("stack")
def _stack(b: Builder, name: str) -> None:
    x = b.array(lambda shape: math.prod(shape) <= 8)
    b.call(name, x, b.exactly(x.data.shape), axis=b.choose.integer(0, x.data.ndim))


# -- indexing ----------------------------------------------------------------------------------------------------------


@recipe("getitem")
def _getitem(b: Builder, name: str) -> None:
    x = b.array(full)
    n = x.data.shape[0]
    k, m = b.choose.integer(0, n - 1), b.choose.integer(0, n - 1)
    last = (Ellipsis, b.choose.integer(0, x.data.shape[-1] - 1))
    b.call(name, x, index=b.choose.pick((k, -1, slice(None, None, -1), slice(k, None), [k, m, k], [m - n], None, last)))


@recipe("take")
def _take(b: Builder, name: str) -> None:
    x = b.array(full)
    axis = b.choose.pick((None, axis_of(b, x)))
    n = x.data.size if axis is None else x.data.shape[axis]
    some = [b.choose.integer(0, n - 1) for _ in range(b.choose.integer(1, 3))]
    b.call(name, x, indices=b.choose.pick((some[0], some, [some])), axis=axis)


@recipe("take_along_axis")
def _take_along_axis(b: Builder, name: str) -> None:
    x = b.array(full)
    axis = axis_of(b, x)
    shape = [m if k != axis % x.data.ndim else b.choose.integer(1, 3) for k, m in enumerate(x.data.shape)]
    places = [b.choose.integer(0, x.data.shape[axis] - 1) for _ in range(math.prod(shape))]
    b.call(name, x, indices=np.reshape(places, shape).tolist(), axis=axis)


@recipe("where")
def _where(b: Builder, name: str) -> None:
    x = b.array(lambda shape: math.prod(shape) > 0)
    y = b.array(lambda s: _fits(x.data.shape, s), lambda: b.beside([x.data.shape]))
    shape = np.broadcast_shapes(x.data.shape, y.data.shape)
    b.call(name, x, y, condition=_mask(b, shape))


def _fits(whole: Shape, shape: Shape) -> bool:
    try:
        return np.broadcast_shapes(whole, shape) == whole
    except ValueError:
        return False


def _mask(b: Builder, shape: Shape) -> Any:
    flags = [b.choose.pick((True, False)) for _ in range(math.prod(shape))]
    return np.reshape(flags, shape).tolist()


@recipe("masked_fill")
def _masked_fill(b: Builder, name: str) -> None:
    x = b.array(full)
    b.call(name, x, b.exactly(()), mask=_mask(b, x.data.shape))


# -- products ----------------------------------------------------------------------------------------------------------


@recipe("matmul", "dot", "inner", "vecdot")
def _product(b: Builder, name: str) -> None:
    x = b.array(lambda s: 0 < len(s) < 3 and math.prod(s) > 0)
    k = x.data.shape[-1]
    vector, rows, columns = (k,), (b.choose.integer(1, 3), k), (k, b.choose.integer(1, 3))
    second = {"inner": rows, "vecdot": vector}.get(name, columns)
    b.call(name, x, b.exactly(b.choose.pick((vector, second))))


@recipe("outer", "kron")
def _outer(b: Builder, name: str) -> None:
    small: Callable[[Shape], bool] = lambda s: full(s) and math.prod(s) <= 4  # noqa: E731  a name for a condition, in one line
    b.call(name, b.array(small), b.array(small))


@recipe("tensordot")
def _tensordot(b: Builder, name: str) -> None:
    x = b.array(square_or_wide, lambda: b.shape(2, 3))
    b.call(name, x, b.exactly((*x.data.shape[-2:], *b.choose.pick(((), (2,))))), axes=2)


EINSUMS = ("ij,j->i", "ij,ij->", "ij,kj->ik", "ij,i->ji", "ii,i->i", "ij,ik->j", "i,j->ji", "ij,ij->j", "...j,j->...")


@recipe("einsum")
def _einsum(b: Builder, name: str) -> None:
    subscripts = b.choose.pick(EINSUMS)
    sizes = {c: b.choose.integer(1, 3) for c in "ijk."}
    shapes = [tuple(sizes[c] for c in operand.replace("...", ".")) for operand in subscripts.partition("->")[0].split(",")]
    b.call(name, *(b.exactly(shape, ((-bound(name), bound(name)),)) for shape in shapes), subscripts=subscripts)


@recipe("cross")
def _cross(b: Builder, name: str) -> None:
    x = b.array(lambda s: s[-1:] == (3,), lambda: (*b.shape(0, 1), 3))
    b.call(name, x, b.exactly((3,)))


@recipe("polyval")
def _polyval(b: Builder, name: str) -> None:
    near = ((-3.0, 3.0),)
    b.call(name, b.exactly((b.choose.integer(1, 4),), near), b.array(lambda s: len(s) < 3, lambda: b.shape(0, 2), near))


@recipe("convolve")
def _convolve(b: Builder, name: str) -> None:
    near = ((-bound(name), bound(name)),)
    xs = [b.array(lambda s: len(s) == 1 and 0 < s[0] < 6, lambda: (b.choose.integer(1, 4),), near) for _ in range(2)]
    b.call(name, *xs, mode=b.choose.pick(("full", "same", "valid")))
