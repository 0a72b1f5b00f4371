"""Several arrays into one, and one into several."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.op import NUMPY, composite, linear
from .indexing import getitem

__all__ = ["append", "array_split", "block", "column_stack", "concatenate", "delete", "dsplit", "dstack", "hsplit",
           "hstack", "insert", "split", "stack", "unstack", "vsplit", "vstack"]  # fmt: skip


@linear(garrays=lambda g, arrays_shape, axis: _parts(g, arrays_shape, axis), sequence=True, moves=True,
        numpy=(np.concatenate, np.concat))  # fmt: skip
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have.

    y = np.concatenate(arrays, axis)
    garrays = ([p.reshape(a.shape) for a, p in zip(arrays, np.split(g, np.cumsum([a.size for a in arrays])))]
        if axis is None else np.split(g, np.cumsum([a.shape[axis] for a in arrays[:-1]]), axis))

    Their shapes agree except along the axis. axis=None: the flattened arrays.
    """
    return np.concatenate(arrays, axis)


def _parts(g: Any, shapes: list[tuple[int, ...]], axis: int | None) -> list[Any]:
    """What of `g` belongs to each of the arrays that were joined."""
    if axis is None:
        ends = accumulate((int(np.prod(s)) for s in shapes), initial=0)
        return [getitem(g, slice(i, j)).reshape(s) for (i, j), s in zip(pairwise(ends), shapes, strict=True)]
    before = (slice(None),) * (axis % len(shapes[0]))
    return [getitem(g, (*before, slice(i, j))) for i, j in pairwise(accumulate((s[axis] for s in shapes), initial=0))]


def _slices(g: Any, axis: int) -> Any:
    return unstack(g, axis)


@linear(garrays=_slices, sequence=True, moves=True)
def stack(arrays: Any, axis: int = 0) -> Any:
    """Arrays of one shape along a new axis.

    y = np.stack(arrays, axis)
    garrays = [g.take(i, axis) for i in range(len(arrays))]
    """
    return np.stack(arrays, axis)


@composite(inputs=("tup",), sequence=True)
def vstack(tup: Any) -> Any:
    """Rows below rows: joined along axis 0; a vector is a row.

    y = np.vstack(tup)
    """
    return concatenate([np.atleast_2d(x) for x in tup], 0)


@composite(inputs=("tup",), sequence=True)
def hstack(tup: Any) -> Any:
    """Joined along axis 1; vectors along their only axis.

    y = np.hstack(tup)
    """
    arrays = [np.atleast_1d(x) for x in tup]
    return concatenate(arrays, 0 if np.ndim(arrays[0]) == 1 else 1)


@composite(inputs=("tup",), sequence=True)
def dstack(tup: Any) -> Any:
    """Joined along axis 2, which is made if it is missing.

    y = np.dstack(tup)
    """
    return concatenate([np.atleast_3d(x) for x in tup], 2)


@composite(inputs=("tup",), sequence=True)
def column_stack(tup: Any) -> Any:
    """Columns beside columns: joined along axis 1; a vector is a column.

    y = np.column_stack(tup)
    """
    return concatenate([x if np.ndim(x) >= 2 else np.reshape(x, (-1, 1)) for x in tup], 1)


def block(arrays: Any) -> Any:
    """A matrix from nested lists of blocks, as `np.block`: the innermost lists are joined along the last axis."""
    depth = _depth(arrays)
    ndim = max(depth, *(np.ndim(x) for x in _blocks(arrays)))
    y = _joined(arrays, -depth, ndim)
    return np.copy(y) if y is arrays else y


NUMPY[np.block] = block  # its argument is a list of lists, which no op takes


def _depth(arrays: Any) -> int:
    return 1 + _depth(arrays[0]) if isinstance(arrays, list) else 0


def _blocks(arrays: Any) -> list[Any]:
    return [b for a in arrays for b in _blocks(a)] if isinstance(arrays, list) else [arrays]


def _joined(arrays: Any, axis: int, ndim: int) -> Any:
    if isinstance(arrays, list):
        return concatenate([_joined(a, axis + 1, ndim) for a in arrays], axis)
    return arrays if np.ndim(arrays) == ndim else np.reshape(arrays, (1,) * (ndim - np.ndim(arrays)) + np.shape(arrays))


@composite(inputs=("arr", "values"))
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """One array joined to the end of another; both are flattened if there is no axis.

    y = np.append(arr, values, axis)
    """
    return concatenate([np.ravel(arr), np.ravel(values)]) if axis is None else concatenate([arr, values], axis)


@composite(inputs=("arr",))
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """An array without some slices along an axis, or of the flattened array.

    y = np.delete(arr, obj, axis)

    obj: an int, a slice, integers or a mask.
    """
    if axis is None:
        arr, axis = np.ravel(arr), 0
    return np.take(arr, np.delete(np.arange(np.shape(arr)[axis]), obj), axis)


@composite(inputs=("arr", "values"))
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """An array with slices put in before given places along an axis, or of the flattened array.

    y = np.insert(arr, obj, values, axis)

    obj: an int, a slice or integers. values broadcasts to the slices put in.
    """
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis, shape = normalize_axis_index(axis, np.ndim(arr)), np.shape(arr)
    here, count = np.arange(shape[axis]), np.insert(np.arange(shape[axis]), obj, 0).size - shape[axis]
    if np.ndim(obj) == 0 and not isinstance(obj, slice):  # one place takes any number of slices, first axis first
        values = np.moveaxis(np.reshape(values, (1,) * (len(shape) - np.ndim(values)) + np.shape(values)), 0, axis)
        count = np.shape(values)[axis]
    order = np.insert(here, obj, shape[axis] + np.arange(count))
    values = np.broadcast_to(values, (*shape[:axis], count, *shape[axis + 1 :]))
    return np.take(concatenate([arr, values], axis), order, axis)


# -- one into several: where NumPy gives a list we give a tuple, as every op with several results does ---------------


@composite()
def unstack(x: Any, axis: int = 0) -> Any:
    """The slices along an axis, without it, as a tuple: the inverse of `stack`.

    y = tuple(np.moveaxis(x, axis, 0))
    """
    before = (slice(None),) * normalize_axis_index(axis, np.ndim(x))
    return tuple([getitem(x, (*before, i)) for i in range(np.shape(x)[axis])])


@composite(inputs=("ary",))
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Consecutive pieces along an axis, as a tuple; the first are one longer if it does not come out even.

    y = tuple(np.array_split(ary, indices_or_sections, axis))

    indices_or_sections: how many pieces, or the places where to cut.
    """
    before = (slice(None),) * normalize_axis_index(axis, np.ndim(ary))
    pieces = np.array_split(np.arange(np.shape(ary)[axis]), indices_or_sections)
    return tuple(getitem(ary, (*before, slice(p[0], p[-1] + 1) if len(p) else slice(0))) for p in pieces)


@composite(inputs=("ary",))
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Consecutive pieces along an axis, of equal length or cut at given places, as a tuple.

    y = tuple(np.split(ary, indices_or_sections, axis))

    Raises ValueError if equal pieces do not come out even; `array_split` does not mind.
    """
    np.split(np.empty(np.shape(ary)[axis]), indices_or_sections)
    return array_split(ary, indices_or_sections, axis)


@composite(inputs=("ary",))
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Pieces along axis 1, of a vector along its only axis.

    y = tuple(np.hsplit(ary, indices_or_sections))
    """
    return split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


@composite(inputs=("ary",))
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Pieces along axis 0 of an array with at least two axes.

    y = tuple(np.vsplit(ary, indices_or_sections))
    """
    return _split_of(2, ary, indices_or_sections, 0)


@composite(inputs=("ary",))
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Pieces along axis 2 of an array with at least three axes.

    y = tuple(np.dsplit(ary, indices_or_sections))
    """
    return _split_of(3, ary, indices_or_sections, 2)


def _split_of(least: int, ary: Any, indices_or_sections: Any, axis: int) -> Any:
    if np.ndim(ary) < least:
        raise ValueError(f"{'vd'[axis // 2]}split needs an array with at least {least} axes, got shape {np.shape(ary)}")
    return split(ary, indices_or_sections, axis)
