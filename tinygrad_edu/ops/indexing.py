"""Taking entries out of an array, and putting entries in.

Nothing is changed in place: `index_put` and `index_add` give a new array. Everything here comes down to three maps,
`getitem`, `add_at` (its adjoint) and `where`; the rest is index arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.op import NUMPY, composite, linear
from ..core.value import Value
from ..errors import NotDifferentiable, OptionError, ShapeError

__all__ = ["add_at", "choose", "compress", "extract", "gather", "getitem", "index_add", "index_put", "masked_fill",
           "put_along_axis", "scatter_add", "select", "take", "take_along_axis", "where"]  # fmt: skip


def _back_in_place(g: Any, index: Any, x_shape: tuple[int, ...]) -> Any:
    return add_at(g, index, x_shape)


@linear(gx=_back_in_place, selects=True, numpy=())
def getitem(x: Any, index: Any) -> Any:
    """Entries of an array by index, `x[index]`.

    y = x[index]
    gx = np.bincount(np.arange(x.size).reshape(x.shape)[index].ravel(), g.ravel(), x.size).reshape(x.shape)

    The index is anything that NumPy takes: numbers, slices, None, `...`, integer arrays, masks, and tuples of these.
    An entry that is taken twice, also under two names (0 and -n), gets the sum of both gradients; one that is not
    taken gets none. Raises IndexError as NumPy does.
    """
    try:
        y = x[index]
    except NotDifferentiable:
        raise IndexError("a Value holds floats and cannot be an index; write x[v.data.astype(int)]") from None
    return y if y.ndim else y[()]


@linear(gx=lambda g, index: getitem(g, index), selects=True)
def add_at(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape with the entries of x added at the places of an index: the adjoint of `getitem`.

    y = np.bincount(np.arange(np.prod(shape, dtype=int)).reshape(shape)[index].ravel(),
        x.ravel(), np.prod(shape, dtype=int)).reshape(shape)
    gx = g[index]

    x has the shape of `np.empty(shape)[index]`. Places that are named several times receive the sum.
    """
    if _names_each_place_once(index):
        y = np.zeros(shape, x.dtype)
        y[index] = x
        return y if shape else y[()]
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index].ravel()
    if x.dtype.kind == "O":
        y = np.zeros(np.prod(shape, dtype=int), x.dtype)
        np.add.at(y, places, x.ravel())
    else:  # in float64, and 8 times as fast as np.add.at on rows
        y = np.bincount(places, x.ravel(), np.prod(shape, dtype=int)).astype(x.dtype, copy=False)
    return y.reshape(shape)[()]


_ONE_PLACE = (type(None), type(...), int, slice, np.integer)


def _names_each_place_once(index: Any) -> bool:
    parts = index if type(index) is tuple else (index,)
    return all(isinstance(i, _ONE_PLACE) or (isinstance(i, np.ndarray) and i.dtype == bool) for i in parts)


# -- choosing between arrays -----------------------------------------------------------------------------------------


@linear(
    gx=lambda g, condition: np.where(condition, g, 0),
    gy=lambda g, condition: np.where(condition, 0, g),
    selects=True,
    joint=True,
    numpy=(),
)
def where(condition: Any, x: Any, y: Any) -> Any:
    """Entries of x where the condition holds, of y elsewhere.

    y = np.where(condition, x, y)
    gx = g * np.not_equal(condition, 0)
    gy = g * np.equal(condition, 0)

    All three broadcast together, and the gradients are summed back. The condition is a constant. An entry that is not
    chosen gets no gradient at all, so a NaN or an infinite slope there does not spread:
    `np.where(x > 0, np.sqrt(x), 0)` has slope 0 at 0.
    """
    y = np.where(condition.data if isinstance(condition, Value) else condition, x, y)
    return y if y.ndim else y[()]


def _numpy_where(condition: Any, *branches: Any) -> Any:
    """`np.where` with one argument gives places, with three a choice."""
    return where(condition, *branches) if branches else np.nonzero(condition)


NUMPY[np.where] = _numpy_where


@composite(inputs=("x", "value"))
def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """Put a value where a mask is true.

    y = np.where(mask, value, x)

    mask (of booleans) and value broadcast with x.
    """
    return where(mask, value, x)


@composite(inputs=("choicelist",), sequence=True)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Of several arrays, at each place the first whose condition holds; else the default.

    y = np.select(condlist, choicelist, default)
    """
    if len(condlist) != len(choicelist):
        raise OptionError(f"select: {len(condlist)} conditions for {len(choicelist)} choices; give one for each")
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = where(condition, choice, y)
    return y


@composite(inputs=("choices",), sequence=True)
def choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    """Of several arrays, at each place the one whose number stands there in `a`.

    y = np.choose(a, choices, mode=mode)

    `a` holds integers from 0 to len(choices) - 1; all arrays broadcast together. mode: as in `take`.
    """
    stacked = np.stack(np.broadcast_arrays(*choices)) if isinstance(choices, list | tuple) else choices
    shape = np.broadcast_shapes(np.shape(a), np.shape(stacked)[1:])
    stacked = np.broadcast_to(
        np.reshape(stacked, (len(stacked), *[1] * (len(shape) + 1 - np.ndim(stacked)), *np.shape(stacked)[1:])),
        (len(stacked), *shape),
    )
    places = _in_range(np.broadcast_to(a, shape), len(stacked), mode)
    return getitem(stacked, (places, *np.indices(shape, sparse=True)))


# -- along an axis ---------------------------------------------------------------------------------------------------


def _array(indices: Any) -> Any:
    return indices if hasattr(indices, "dtype") else np.asarray(indices)


def _in_range(indices: Any, n: int, mode: str) -> Any:
    """Indices as NumPy's `mode` reads them: "raise" as they are, "wrap" around, "clip" to the ends."""
    if isinstance(indices, Value):
        raise IndexError("a Value holds floats and cannot be an index; write v.data.astype(int)")
    if mode not in ("raise", "wrap", "clip"):
        raise OptionError(f"mode is 'raise', 'wrap' or 'clip', got {mode!r}")
    if mode == "wrap":
        return _array(indices) % n
    return np.clip(indices, 0, n - 1) if mode == "clip" else indices


@composite()
def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Entries or slices along an axis, by number.

    y = np.take(x, indices, axis, mode=mode)

    indices: integers of any shape, which takes the place of the axis; without an axis they count through the flattened
    x. mode: beyond the end "raise" IndexError, "wrap" around or "clip" to the last.
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    axis = normalize_axis_index(axis, np.ndim(x))
    indices = _in_range(indices, np.shape(x)[axis], mode)
    return getitem(x, (*[slice(None)] * axis, indices if np.ndim(indices) == 0 else _array(indices)))


def along(indices: Any, axis: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The index that reads `indices` along one axis and counts up along the others, which have these lengths."""
    if isinstance(indices, Value):
        raise IndexError("a Value holds floats and cannot be an index; write v.data.astype(int)")
    indices, ndim, axis = _array(indices), len(shape), normalize_axis_index(axis, len(shape))
    if indices.ndim != ndim:
        raise ShapeError(f"the indices have {indices.ndim} axes and the array has {ndim}; they need as many")
    count = [np.arange(n).reshape([-1 if k == j else 1 for j in range(ndim)]) for k, n in enumerate(shape)]
    return (*count[:axis], indices, *count[axis + 1 :])


@composite()
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """One entry for each index, along an axis: `y[i, j] = x[i, indices[i, j]]` for axis 1.

    y = np.take_along_axis(x, np.asarray(indices), axis)

    indices has as many axes as x, and broadcasts with x along the others. axis=None: x is taken flat.
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    return getitem(x, along(indices, axis, np.shape(x)))


@composite(inputs=("input",))
def gather(input: Any, dim: int, index: Any) -> Any:
    """PyTorch's `gather`: `y[i, j] = input[i, index[i, j]]` for dim=1.

    y = np.take_along_axis(input[tuple(slice(n if k != dim % input.ndim else None)
        for k, n in enumerate(np.shape(index)))], np.asarray(index), dim)

    index has as many axes as the input, and may be shorter along the others.
    """
    return getitem(input, _lengths_of(index, dim))


def _lengths_of(index: Any, dim: int) -> tuple[Any, ...]:
    return along(index, dim, np.shape(index))


@composite(inputs=("a",))
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The slices along an axis for which a condition holds.

    y = np.compress(condition, a, axis)

    condition: booleans, at most as many as the axis is long. Without an axis: of the flattened array.
    """
    return take(a, np.flatnonzero(condition), axis)


@composite(inputs=("arr",))
def extract(condition: Any, arr: Any) -> Any:
    """The entries for which a condition of the same shape holds, as a flat array.

    y = np.extract(condition, arr)
    """
    return take(arr, np.flatnonzero(condition))


# -- putting entries in ----------------------------------------------------------------------------------------------


def _written_last(index: Any, shape: tuple[int, ...]) -> Any:
    """Which of the places named by an index are not named again later: those whose values stay."""
    if _names_each_place_once(index):
        return True
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
    last = np.empty(np.prod(shape, dtype=int), int)
    last[places.ravel()] = np.arange(places.size)
    return last[places] == np.arange(places.size).reshape(places.shape)


def _fit(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` with the leading axes of length 1 that an assigned value may have in excess."""
    return np.reshape(g, (*[1] * (len(shape) - np.ndim(g)), *np.shape(g)))


def _overwritten(g: Any, index: Any) -> Any:
    return index_put(g, index, 0)


@linear(
    gx=_overwritten,
    gvalue=lambda g, index, value_shape: _fit(np.where(_written_last(index, np.shape(g)), getitem(g, index), 0), value_shape),
    selects=True,
    joint=True,
)
def index_put(x: Any, index: Any, value: Any) -> Any:
    """A copy of x with `x[index] = value` done.

    y = np.where(np.isin(np.arange(x.size), np.arange(x.size).reshape(x.shape)[index]),
        np.bincount(np.arange(x.size).reshape(x.shape)[index].ravel(), np.broadcast_to(value, x[index].shape).ravel(),
        x.size), x.ravel()).reshape(x.shape)
    gx = np.where(np.isin(np.arange(x.size), np.arange(x.size).reshape(x.shape)[index]), 0, g.ravel()).reshape(x.shape)
    gvalue = g[index]

    value broadcasts to the shape of `x[index]`, and its gradient is summed back. Where a place is named several times
    the last value stays, and only that one has a gradient; entries that are overwritten have none.
    """
    y = np.array(x, np.result_type(x, value))
    y[index] = value
    return y if y.ndim else y[()]


@linear(gx=lambda g: g, gvalue=lambda g, index: getitem(g, index), moves=True, joint=True)
def index_add(x: Any, index: Any, value: Any) -> Any:
    """A copy of x with value added at the places of an index; places that are named several times receive the sum.

    y = x + np.bincount(np.arange(x.size).reshape(x.shape)[index].ravel(),
        np.broadcast_to(value, x[index].shape).ravel(), x.size).reshape(x.shape)
    gx = g
    gvalue = g[index]

    value broadcasts to the shape of `x[index]`, and its gradient is summed back.
    """
    y = np.array(x, np.result_type(x, value))
    np.add.at(y, index, value)
    return y if y.ndim else y[()]


@composite(inputs=("x", "values"), numpy=())
def put_along_axis(x: Any, indices: Any, values: Any, axis: int | None) -> Any:
    """A copy of x with values put along an axis: `y[i, indices[i, j]] = values[i, j]`.

    y = (lambda z: [np.put_along_axis(z, np.asarray(indices), values, axis)] and z)(np.array(x))

    The counterpart of `take_along_axis`; NumPy's function of this name works in place, which a graph cannot.
    """
    if axis is None:
        return np.reshape(index_put(np.reshape(x, (-1,)), _array(indices), values), np.shape(x))
    return index_put(x, along(indices, axis, np.shape(x)), values)


@composite(inputs=("x", "src"))
def scatter_add(x: Any, dim: int, index: Any, src: Any) -> Any:
    """PyTorch's `scatter_add`: x with `y[i, index[i, j]] += src[i, j]` done for dim=1.

    y = (lambda z: [np.add.at(z, tuple(np.asarray(index) if k == dim % x.ndim else i
        for k, i in enumerate(np.indices(np.shape(index), sparse=True))), src)] and z)(np.array(x))

    index and src have one shape, with as many axes as x.
    """
    return index_add(x, _lengths_of(index, dim), src)
