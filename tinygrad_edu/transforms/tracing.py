"""One run of a function on Values, which every derivative is then read off.

    arrays of the caller ──lift──> Values ──f──> Values ──> the graph between them

The graph needs no tags to keep nested derivatives apart. Each transform lifts its arguments to new vertices of its own,
and goes from its outputs to those and to nothing else; what other transforms lifted, or a closure holds, stands outside
as a constant, unless the result itself is to be differentiated: then the derivative is recorded too.

Inside a `vmap` the lifted Values hold all examples at once (`spread`), and the function sees them as Batches (`gathered`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import WRAPPER_ASSIGNMENTS, wraps
from operator import attrgetter
from types import FunctionType
from typing import Any, TypeVar

import numpy as np

from ..core.backward import spent
from ..core.dtypes import as_data, numerical
from ..core.exact import lifted
from ..core.recording import OFF, STATE, TRACED, Recording, hold
from ..core.value import Value, foreign, handle, tick
from ..errors import DTypeError, ShapeError
from ..ops import positive
from .batch import Batch, Level, active, gathered, spread
from .trees import Tree, flatten, map_leaves, unflatten

__all__ = ["Trace", "direction", "is_recorded", "name_of", "named_after", "plain", "result", "trace", "walked"]

Function = TypeVar("Function", bound=Callable[..., Any])


class Trace:
    """What is left of one run of a function.

    Attributes:
        levels: the vmaps that were running.
        inputs: the lifted Values, all examples of a vmap in one.
        outputs: the leaves of the result, likewise; a plain array where nothing was recorded.
        tree: the structure of the result.
        aux: what the function returned beside it.
        path: the graph between inputs and outputs, oldest first.
        captured: the Values from outside that it used without being given them.
        linked: whether derivatives are to be recorded, for a derivative around this one.
    """

    def __init__(self, inputs: list[Value], outputs: list[Any], tree: Tree, aux: Any, linked: bool,
                 path: list[Value], captured: list[Value], levels: tuple[Any, ...]) -> None:  # fmt: skip
        self.inputs, self.outputs, self.tree, self.aux = inputs, outputs, tree, aux
        self.linked, self.path, self.captured, self.levels = linked, path, captured, levels

    def value(self) -> Any:
        """The function's result, as the caller is to see it."""
        return unflatten(self.tree, [gathered(result(y, self.linked), self.levels) for y in self.outputs])


def trace(function: Callable[..., Any], arguments: list[Any], call: Callable[[list[Any]], Any], *,
          has_aux: bool = False) -> Trace:  # fmt: skip
    """Run `call(lifted arguments)`, which calls the function, and keep the graph.

    Args:
        function: what the errors name.
        arguments: the leaves to differentiate by.
        call: from the Values, or Batches of them, that stand for the arguments, to the result.
        has_aux: the result is a pair, of which the second is passed on as it is.

    Raises:
        DTypeError: an argument or a result that has no gradient.
        TypeError: `has_aux`, but no pair.
    """
    levels, outside = active(), STATE.get().mode
    physical = [spread(_checked(x), levels) for x in arguments]
    start = tick()
    with Recording(TRACED):
        inputs = [_lifted(x) for x in physical]
        out = call([gathered(v, levels) for v in inputs])
    out, aux = _parted(function, out) if has_aux else (out, None)
    leaves, tree = flatten(out)
    outputs = [spread(_result_of(function, y), levels) for y in leaves]
    path, captured = walked([y.vertex for y in outputs if type(y) is Value], inputs, start)
    linked = outside != OFF and (bool(captured) or any(type(x) is Value for x in physical))
    aux = map_leaves(plain, aux) if has_aux and not linked else aux
    return Trace(inputs, outputs, tree, aux, linked, path, captured, levels)


def _parted(function: Callable[..., Any], out: Any) -> Any:
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(f"has_aux=True: {name_of(function)} has to return a pair (result, aux), got {type(out).__name__}")
    return out


def named_after(function: Callable[..., Any]) -> Callable[[Function], Function]:
    """`functools.wraps`, but of nothing other than a plain function is the documentation read: an op writes it when asked."""
    names = WRAPPER_ASSIGNMENTS if isinstance(function, FunctionType) else ("__module__", "__name__", "__qualname__")
    return wraps(function, assigned=names, updated=())  # type: ignore[return-value]  # of wrapped functions it makes its own type


def name_of(function: Callable[..., Any]) -> str:
    """What an error calls a function."""
    return getattr(function, "__name__", None) or type(function).__name__


def _checked(x: Any) -> Any:
    """An argument that can be differentiated by; Python numbers become float64.

    Raises:
        DTypeError: integers, truth values, complex numbers and what is no array.
    """
    if isinstance(x, Batch | Value) or foreign(x):
        kind = x.dtype.kind
        if kind in "fO":
            return x
        raise DTypeError(f"a batch of {x.dtype} has no gradient; write x.astype(float)")
    if not hasattr(x, "dtype") and np.asarray(x).dtype == object and not numerical(np.asarray(x)):
        raise DTypeError(f"a {type(x).__name__} is no array and no number, so it has no gradient; trees are made of tuples, "
                         "lists and dicts")  # fmt: skip
    return as_data(x)


def _lifted(x: Any) -> Value:
    """A vertex of this transform's own on the same numbers: a leaf, or the same again behind the Value that it is."""
    if type(x) is not Value:
        return Value(x)
    v = handle(x._data, x)
    v.op, v.args, v.kwargs, v._saved, v._vertex = positive, (x.vertex,), None, (x._data,), None
    v.scope, v._locks = x.scope, hold((x._data,))
    return v


def _result_of(function: Callable[..., Any], y: Any) -> Any:
    if isinstance(y, Batch | Value) or foreign(y):
        return y
    array = np.asarray(y)
    if array.dtype.kind not in "fiub" and not numerical(array):
        got = f"a {type(y).__name__}" if array.dtype.kind == "O" else array.dtype
        raise DTypeError(f"{name_of(function)} returned {got} in its result; numbers were expected. What is not "
                         "to be differentiated goes into aux: return result, aux and write has_aux=True")  # fmt: skip
    return array[()]


def direction(one: Any, like: Any, levels: tuple[Level, ...], what: str) -> Any:
    """A tangent or cotangent in the shape and dtype of what it belongs to, all examples in one.

    Raises:
        DTypeError: it is complex, or no numbers.
        ShapeError: it has another shape.
    """
    one = one if hasattr(one, "dtype") else as_data(one)
    if one.dtype.kind not in "fiubO":
        raise DTypeError(f"{what} is an array of real numbers, got {one.dtype}")
    one = spread(one, levels)
    if one.shape != like.shape:
        n = len(levels)
        raise ShapeError(f"{what} of shape {like.shape[n:]} has that shape, got {one.shape[n:]}")
    if one.dtype == like.dtype:
        return one
    return lifted(one) if like.dtype == object else one.astype(like.dtype)


def walked(outputs: list[Value], inputs: list[Value], start: int) -> tuple[list[Value], list[Value]]:
    """The graph between inputs and outputs, oldest first; and what else they hang on that is older than `start`.

    Raises:
        GraphError: a backward inside the function used up a part of the graph.
    """
    values, moved = list(dict.fromkeys(outputs)), set(inputs)
    seen, parents, path, captured = set(values), dict[Value, list[Value]](), list[Value](), list[Value]()
    for v in values:
        if v.index < start:
            captured.append(v)
        elif v not in moved:
            parents[v] = [a for a in v.args if type(a) is Value]
            for a in parents[v]:
                if a not in seen:
                    seen.add(a)
                    values.append(a)
    for v in sorted(values, key=attrgetter("index")):
        if v in moved or not moved.isdisjoint(parents.get(v, ())):
            if v._saved is None:
                raise spent(v)
            moved.add(v)
            path.append(v)
    return path, captured


def plain(x: Any) -> Any:
    """The numbers of a Value, also inside a Batch; anything else as it is."""
    if type(x) is Value:
        return x._data
    return x.data if type(x) is Batch else x


def is_recorded(x: Any) -> bool:
    """Whether there are Values in it."""
    return type(x) is Value or (type(x) is Batch and type(x.array) is Value)


def result(x: Any, linked: bool) -> Any:
    """What the caller gets: with its graph if there is a derivative around this one, else the numbers."""
    return x if linked else plain(x)
