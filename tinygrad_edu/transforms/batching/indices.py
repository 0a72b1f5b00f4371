"""Taking entries by index and putting them back, when the array or the index is another one in each example.

An index of numbers, slices, None and `...` stands behind one slice for each hidden axis. An index with arrays needs care:

    x[i, :, j]      logical      NumPy puts the axes of i and j first, as a slice stands between them
    x[:, i, :, j]   physical     there they would come before the hidden axis, so they are moved

    x[k, i]         physical     if the index is another one in each example: k counts the examples, of shape (n, 1, ...)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core.op import REGISTRY
from ...core.value import Value
from ...errors import NotDifferentiable
from ..batch import Batch, union
from .alignment import full, ndim_of, rule, run, sizes, thin

__all__: list[str] = []


class Physical(NamedTuple):
    """An index into the array of all examples.

    Attributes:
        where: the index.
        ndim: how many axes an example has of what it takes out.
        source: the axes of what it takes out that do not stand where they should: hidden ones, and those of the arrays.
        target: where they should: hidden ones first, the others where they are in an example.
    """

    where: tuple[Any, ...]
    ndim: int
    source: tuple[int, ...] = ()
    target: tuple[int, ...] = ()

    def ordered(self, y: Any) -> Any:
        """What the index took out, with its axes in order."""
        return y if self.source == self.target else np.moveaxis(y, self.source, self.target)

    def disordered(self, y: Any) -> Any:
        """The inverse: what the index can put in."""
        return y if self.source == self.target else np.moveaxis(y, self.target, self.source)


def physical(index: Any, levels: tuple[int, ...], own: dict[int, int], ndim: int) -> Physical:
    """The index of all examples.

    Args:
        index: the index of an example.
        levels: of the array and the index together.
        own: those that the array has, and their sizes.
        ndim: how many axes an example of the array has.
    """
    parts = [_part(i) for i in _entries(index)]
    if all(map(_is_basic, parts)):
        kept = ndim + sum(0 if isinstance(i, slice) or i is Ellipsis else 1 if i is None else -1 for i in parts)
        return Physical((*[slice(None)] * len(levels), *parts), kept)
    return _advanced(_places(_written_out(parts, ndim)), levels, own)


def _part(i: Any) -> Any:
    if isinstance(i, list):
        return np.asarray(i) if i else np.zeros(0, int)
    if isinstance(i, np.ndarray) and not i.ndim:
        return i[()]
    if isinstance(i, Value) or (type(i) is Batch and i.dtype.kind == "f"):
        raise IndexError("an index is made of integers; write x[i.data.astype(int)]")
    return i


def _is_basic(i: Any) -> bool:
    return i is None or i is Ellipsis or (isinstance(i, int | slice | np.integer) and not isinstance(i, bool))


def _written_out(parts: list[Any], ndim: int) -> list[Any]:
    """The index with slices in place of the dots, and one entry for each axis."""
    missing = ndim - sum(_axes_taken(i) for i in parts)
    dots = [k for k, i in enumerate(parts) if i is Ellipsis]
    k = dots[0] if dots else len(parts)
    return [*parts[:k], *[slice(None)] * missing, *parts[k + 1 :]]


def _axes_taken(i: Any) -> int:
    if i is None or i is Ellipsis or isinstance(i, bool):
        return 0
    return ndim_of(i) if hasattr(i, "dtype") and i.dtype.kind == "b" else 1


def _axes_given(i: Any) -> int:
    """How many axes it makes: True and False one, of length 1 or 0."""
    return 1 if isinstance(i, bool | np.bool_) else ndim_of(i)


def _places(parts: list[Any]) -> list[Any]:
    """The index with whole numbers in place of truth values."""
    out: list[Any] = []
    for i in parts:
        if type(i) is Batch and i.dtype.kind == "b":
            raise NotDifferentiable("a boolean index that is another one in each example takes out a different number of "
                                    "entries in each; write np.where(mask, x, 0)")  # fmt: skip
        out += i.nonzero() if isinstance(i, np.ndarray) and i.dtype.kind == "b" and i.ndim else [i]
    return out


def _advanced(parts: list[Any], levels: tuple[int, ...], own: dict[int, int]) -> Physical:
    arrays = [k for k, i in enumerate(parts) if not (i is None or isinstance(i, slice))]
    hidden, block = len(levels), max(_axes_given(parts[k]) for k in arrays)
    together = arrays[-1] - arrays[0] == len(arrays) - 1
    place = arrays[0] if together else 0  # where an example has the axes of the arrays
    ndim = len(parts) - len(arrays) + block
    if not any(type(i) is Batch for i in parts):
        index, moved = (*[slice(None)] * hidden, *parts), range(block, block + hidden)
        return Physical(index, ndim) if together else Physical(index, ndim, (*moved,), (*range(hidden),))
    counts = [np.arange(own[k]).reshape((-1, *[1] * (hidden - i - 1 + block))) for i, k in enumerate(levels) if k in own]
    first = 0 if counts else place
    target = (*range(hidden), *range(hidden + place, hidden + place + block))
    index = (*counts, *[thin(i, levels, block) for i in parts])
    return Physical(index, ndim, (*range(first, first + hidden + block),), target)


def _entries(index: Any) -> tuple[Any, ...]:
    return index if type(index) is tuple else (index,)


@rule("getitem", split_options=True)
def _getitem(op: Any, args: Any, options: Any) -> Any:
    (x,), index = args, options["index"]
    levels = union((x, *_entries(index)))
    own = dict(zip(x.levels, x.hidden, strict=True)) if type(x) is Batch else {}
    how = physical(index, levels, own, ndim_of(x))
    return Batch(how.ordered(run(op, x.array if own else x, index=how.where)), levels)


@rule("add_at", split_options=True)
def _add_at(op: Any, args: Any, options: Any) -> Any:
    (x,), index, shape = args, options["index"], tuple(options["shape"])
    levels, size = _of_all(x, index)
    how = physical(index, levels, dict(zip(levels, size, strict=True)), len(shape))
    return Batch(run(op, how.disordered(full(x, levels, size)), index=how.where, shape=size + shape), levels)


@rule("index_put", "index_add", split_options=True)
def _put(op: Any, args: Any, options: Any) -> Any:
    (x, value), index = args, options["index"]
    if type(index) is Batch and index.dtype.kind == "b" and np.size(value) == 1:
        return _where(op, x, index, np.reshape(value, ()))
    levels, size = _of_all(x, value, index)
    array = full(x, levels, size)
    how = physical(index, levels, dict(zip(levels, size, strict=True)), array.ndim - len(levels))
    return Batch(run(op, array, _fitted(value, levels, how), index=how.where), levels)


def _where(op: Any, x: Any, mask: Batch, value: Any) -> Any:
    """A mask of each example names the first axes of the array; one number goes to all places."""
    if mask.shape != x.shape[: mask.ndim]:
        raise IndexError(f"a mask has the lengths of the first axes of the array, {x.shape}; got shape {mask.shape}")
    mask = mask.reshape((*mask.shape, *[1] * (x.ndim - mask.ndim)))
    return REGISTRY["where"](mask, value if op.name == "index_put" else x + value, x)


def _of_all(*xs: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The levels of some arrays and of an index, which comes last; and their sizes."""
    arrays = (*xs[:-1], *_entries(xs[-1]))
    levels = union(arrays)
    return levels, sizes(levels, arrays)


def _fitted(value: Any, levels: tuple[int, ...], how: Physical) -> Any:
    """What is put in, with an axis for each of what the index takes out."""
    shape = np.shape(value)[max(0, ndim_of(value) - how.ndim) :]
    if len(shape) < ndim_of(value):  # NumPy allows axes of length 1 in front
        value = np.reshape(value, shape)
    if type(value) is not Batch:
        value = Batch(np.reshape(value, (1,) * len(levels) + shape), levels)
    return how.disordered(thin(value, levels, how.ndim))
