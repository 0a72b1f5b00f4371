"""`vmap`: a function of one example made a function of many, without a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import REGISTRY
from ..core.value import Value
from ..errors import DTypeError, NotDifferentiable, OptionError, ShapeError
from . import batching as batching
from .arguments import check_count
from .batch import Batch, Level, active, gathered, new_level, running, spread
from .tracing import named_after
from .trees import Tree, broadcast_prefix, flatten, unflatten

__all__ = ["vmap"]


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0, axis_size: int | None = None, *,
         chunk_size: int | None = None) -> Callable[..., Any]:  # fmt: skip
    """A function that calls `f` for every example along an axis of its arguments, in one go.

    `vmap(f)(x)` is `np.stack([f(one) for one in x])`. `f` is called once, with arrays that look like those of one example;
    what it does is done for all of them, by NumPy's loops instead of Python's. It composes with the derivatives in any
    order: `vmap(grad(loss))` gives a gradient for each example.

    Args:
        f: a function of nested tuples, lists and dicts of arrays, written with NumPy's functions and those of `tg.ops`.
        in_axes: which axis of each argument counts the examples: one number for all arguments, or a tuple with an entry
            an argument: a number, None for an argument that is the same for all examples, or a nest of these that
            follows the argument's own. Keyword arguments are split along axis 0.
        out_axes: where the results have that axis, likewise; None for a result that is the same for all examples.
        axis_size: how many examples there are; needed only if no argument is split.
        chunk_size: do so many examples at a time, if all at once take too much memory.

    Raises:
        OptionError: axes that are not integers or None, that do not fit the arguments, or no argument that is split.
        ShapeError: arguments with different numbers of examples, or without that axis.
        NotDifferentiable: inside, a decision or an index of Python hangs on the entries, or a function with results of
            another shape in each example; the error says what to write.

    A random generator inside `f` is called once, so all examples get the same numbers; pass numbers, or noise of the
    shape that is wanted, as an argument that is split.

    The idea and the arguments are those of JAX's function of this name, the chunks are PyTorch's.

    >>> vmap(lambda x, w: np.sum(x * w), in_axes=(0, None))(np.eye(3), np.array([1.0, 2.0, 3.0]))
    array([1., 2., 3.])
    """
    _check_axes("in_axes", in_axes)
    _check_axes("out_axes", out_axes)
    check_count("axis_size", axis_size, 0)
    check_count("chunk_size", chunk_size, 1)

    @named_after(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        axes = _axes_of(in_axes, args, kwargs, len(leaves))
        size = _size(leaves, axes, args, kwargs, axis_size)
        leaves = [x if a is None else _first(x, a) for x, a in zip(leaves, axes, strict=True)]
        if chunk_size is None or size <= chunk_size:
            return _finished(*_run(f, leaves, axes, structure, size, out_axes))
        return _in_chunks(f, leaves, axes, structure, size, out_axes, chunk_size)

    return mapped


def _check_axes(name: str, axes: Any) -> None:
    inside = axes.values() if isinstance(axes, dict) else axes
    if isinstance(axes, tuple | list | dict):
        for a in inside:
            _check_axes(name, a)
    elif axes is not None and (isinstance(axes, bool) or not isinstance(axes, int | np.integer)):
        raise OptionError(f"{name} is an integer, None, or a tuple, list or dict of these; got {axes!r}")


# -- arguments -------------------------------------------------------------------------------------------------------


def _axes_of(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], count: int) -> list[Any]:
    """The axis of each of so many leaves that counts the examples; None for one that is not split."""
    if isinstance(in_axes, tuple | list) and len(in_axes) != len(args):
        raise OptionError(f"in_axes={in_axes!r} has {len(in_axes)} entries for {len(args)} arguments; keyword arguments have "
                          "none, they are split along axis 0")  # fmt: skip
    by_name = flatten(kwargs)[1].size if kwargs else 0
    return _for_each(in_axes, args, count - by_name, "in_axes") + [0] * by_name


def _for_each(axes: Any, tree: Any, count: int, name: str) -> list[Any]:
    """The entry for each of the `count` leaves of a tree."""
    return broadcast_prefix(axes, tree, name) if isinstance(axes, tuple | list | dict) else [axes] * count


def _size(leaves: list[Any], axes: list[Any], args: Any, kwargs: Any, axis_size: int | None) -> int:
    """How many examples there are; everybody has to agree."""
    sizes = [None if a is None else _length(x, a) for x, a in zip(leaves, axes, strict=True)]
    found = {n for n in (*sizes, axis_size) if n is not None}
    if not found:
        raise OptionError("no argument is split, in_axes has None for all; say how many examples there are with axis_size=")
    if len(found) > 1:
        names = _names(args, kwargs)
        told = [f"{name} has {n} along axis {a}" for name, n, a in zip(names, sizes, axes, strict=True) if n is not None]
        raise ShapeError(f"all arguments have the same number of examples, but {', '.join(told)}"
                         f"{'' if axis_size is None else f', and axis_size is {axis_size}'}")  # fmt: skip
    return int(found.pop())


def _names(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """What to call each leaf in an error."""
    named = {**{f"argument {i}": a for i, a in enumerate(args)}, **kwargs}
    counts = {name: flatten(a)[1].size for name, a in named.items()}
    return [f"{name} (leaf {k})" if n > 1 else name for name, n in counts.items() for k in range(n)]


def _length(x: Any, axis: int) -> int:
    if not isinstance(x, np.ndarray | np.generic | Value | Batch):
        raise DTypeError(f"vmap splits arrays and Values, and takes lists apart; got a {type(x).__name__}. Write np.array(x), "
                         "or in_axes=None for an argument that is the same for all examples")  # fmt: skip
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(f"in_axes has axis {axis} for an array of shape {x.shape}")
    return int(x.shape[axis])


def _first(x: Any, axis: int) -> Any:
    """The axis that counts the examples moved to the front."""
    return x if axis in (0, -x.ndim) else np.moveaxis(x, axis, 0)


# -- the call --------------------------------------------------------------------------------------------------------


def _run(f: Any, leaves: list[Any], axes: list[Any], structure: Tree, size: int, out_axes: Any) -> Any:
    """The leaves of the result as `f` returns them, where each should have its axis, the structure, and this call's level."""
    level = (new_level(), size)
    inside = [x if a is None else gathered(x, (level,)) for x, a in zip(leaves, axes, strict=True)]
    args, kwargs = unflatten(structure, inside)
    with running((level,)):
        tree = f(*args, **kwargs)
    ys, built = flatten(tree)
    return ys, _for_each(out_axes, tree, len(ys), "out_axes"), built, level


def _finished(ys: list[Any], axes: list[Any], structure: Tree, level: Level) -> Any:
    return unflatten(structure, [_out(y, a, level) for y, a in zip(ys, axes, strict=True)])


def _out(y: Any, axis: Any, level: Level) -> Any:
    """One result, with the axis of the examples where it should be."""
    own = type(y) is Batch and level[0] in y.levels
    if axis is None:
        if own:
            raise OptionError("out_axes=None is for a result that is the same for all examples; this one is not")
        return y
    if not isinstance(y, np.ndarray | np.generic | Value | Batch | float | int):
        raise DTypeError(f"the function under vmap returned a {type(y).__name__}; return arrays, in tuples, lists or dicts")
    whole = spread(y, (level,))
    if type(whole) is Batch and not set(whole.levels) <= {k for k, _ in active()}:
        raise NotDifferentiable("the function under vmap returned an array of another vmap, which is over: what is made inside "
                                "is returned from the function, not kept in a list or a variable outside")  # fmt: skip
    if not -whole.ndim <= axis < whole.ndim:
        raise OptionError(f"out_axes has axis {axis} for a result of shape {np.shape(y)} an example")
    whole = whole.copy() if type(whole) is np.ndarray and not own else whole
    return whole if axis in (0, -whole.ndim) else np.moveaxis(whole, 0, axis)


def _in_chunks(f: Any, leaves: Any, axes: Any, structure: Tree, size: int, out_axes: Any, chunk: int) -> Any:
    """A few examples at a time, the results joined."""
    parts = []
    for start in range(0, size, chunk):
        few = [x if a is None else x[start : start + chunk] for x, a in zip(leaves, axes, strict=True)]
        ys, places, built, level = _run(f, few, axes, structure, min(chunk, size - start), out_axes)
        parts.append([_out(y, None if a is None else 0, level) for y, a in zip(ys, places, strict=True)])
    return unflatten(built, [_joined(ys, a) for ys, a in zip(zip(*parts, strict=True), places, strict=True)])


def _joined(ys: tuple[Any, ...], axis: Any) -> Any:
    if axis is None:
        return ys[0]
    whole = REGISTRY["concatenate"](ys)
    return whole if axis == 0 else np.moveaxis(whole, 0, axis)
