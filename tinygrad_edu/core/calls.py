"""Calling an op: on plain arrays as it is, on Values with a record of the call, on another kind of array by its protocol.

A recorded call is a Value: it has the result, the op, the arguments, and what the arguments held at the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..errors import DTypeError, ShapeError
from .dtypes import bare, no_gradient, numerical
from .exact import OBJECT, Scalar, entries_of, kind_of, lifted, numbered, on_numbers
from .op import Op
from .recording import ACTIVE, FULL, OFF, STATE, Spec, State, hold
from .sources import caller
from .value import Value, fill, foreign, handle, leaf, new, tick

__all__ = ["PICK", "apply", "one_of"]

SMALL = 16384  # bytes; a lean graph keeps results below this: they cost less than not keeping them
_NUMBERS = frozenset((float, int, bool, float64, np.float32, np.float16))


def _constant(op: Op, x: Any, call: tuple[Any, ...] | None = None) -> Any:
    """A constant operand, checked; NotImplemented for what this engine does not know.

    Complex numbers pass in a `call` without any Value, which is not recorded.
    """
    if type(x) in _NUMBERS or (type(x) is ndarray and x.dtype.kind in "fiub"):
        return x
    if type(x) is Fraction:
        return x
    if isinstance(x, list | tuple | complex | Scalar):
        x = np.asarray(x)
    if not isinstance(x, ndarray | np.generic):
        return NotImplemented
    if isinstance(x, ndarray) and type(x) is not ndarray:
        x = bare(x)
    if x.dtype.kind in "fiub" or numerical(x) or (x.dtype.kind == "c" and call and Value not in map(type, call)):
        return x
    raise DTypeError(f"{op.name}: a constant of {no_gradient(x.dtype)}")


def _binary(op: Op, a: Any, b: Any) -> Any:
    """An operator with two operands, at least one of them a Value: `apply`, made fast for scalars."""
    if type(a) is Value:
        x = a._data
        if a._vertex is not None:
            a = a._vertex
    elif (x := _constant(op, a)) is NotImplemented:
        return x
    if type(b) is Value:
        z = b._data
        if b._vertex is not None:
            b = b._vertex
    elif (z := _constant(op, b)) is NotImplemented:
        return z
    try:
        y = op.fn(x, z)
    except (ValueError, TypeError, IndexError) as error:
        raise _explained(op, error, (x, z)) from None
    state = STATE.get()
    if type(y) is not float64 or type(x) is ndarray or type(z) is ndarray or not state.usual:
        if getattr(y, "dtype", OBJECT) is OBJECT:
            return apply(op, (a, b), None)
        return _record(op, y, (a, b), (x, z), None)
    v = new(Value)
    v._data = y
    v.op = op
    v.args = (a, b)
    v._saved = (x, z)
    v.index = tick()
    v.scope = state.scope
    v._grad = v.kwargs = v._locks = v._vertex = None
    v.label = ""
    return v


def apply(op: Op, args: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """Call `op`: on plain arrays as it is, on Values with recording, on any other kind of array by its own protocol."""
    if op.kind == "composite":
        return op.run(*args, **options) if options else op.run(*args)
    xs: list[Any] = []
    vertices: list[Any] = []
    recorded = objects = False
    for a in args:
        if type(a) is Value:
            x = a._data
            vertices.append(a if a._vertex is None else a._vertex)
            recorded = True
        else:
            if (x := a) is not None and (x := _constant(op, a, args)) is NotImplemented:
                return _foreign(op, args, options)
            vertices.append(x)
        xs.append(x)
        if (type(x) is ndarray and x.dtype is OBJECT) or type(x) is Fraction:
            objects = True
    run = op.run
    if objects:
        xs = numbered(xs)
        run = on_numbers(op, xs)
    if options and ACTIVE.get() and any(map(foreign, _entries(options))):
        return _foreign(op, args, options)
    try:
        y = run(*xs, **options) if options else run(*xs)
    except (ValueError, TypeError, IndexError) as error:
        raise _explained(op, error, tuple(xs), options) from None
    return _record(op, y, tuple(vertices), tuple(xs), options) if recorded else y


def _foreign(op: Op, args: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """An argument that is neither a Value, an array nor a number: another kind of array, or a mistake."""
    for a in (*args, *_entries(options or {})):
        if foreign(a):
            return a.__array_function__(op, (type(a),), args, options or {})
    names = [type(a).__name__ for a in args]
    raise TypeError(f"{op.name}: arguments of type {names}; each has to be a Value, an array or a number")


def _entries(options: dict[str, Any]) -> Iterator[Any]:
    """The options, and what stands in those that are tuples, as an index may be."""
    for option in options.values():
        yield from option if type(option) is tuple else (option,)


def _record(op: Op, y: Any, args: tuple[Any, ...], xs: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """The result of a call as a Value that remembers the call."""
    if isinstance(y, tuple):
        return _record_several(op, y, args, xs, options)
    y = _result(op, y, xs)
    state = STATE.get()
    if state.mode == OFF:
        return leaf(y)
    if state.mode == FULL or y.nbytes < SMALL:
        v = fill(new(Value), y, op, args, options, xs, state.scope, _held(xs, options))
    else:
        v = _lean(op, y, args, xs, options, state)
    if state.source:
        v.vertex._source = caller()
    return v


def _record_several(op: Op, y: Any, args: tuple[Any, ...], xs: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """Several results: each a vertex of its own that picks one from the call's."""
    like = type(y)._make if hasattr(y, "_make") else tuple
    y = like(_result(op, one, xs) for one in y)
    state = STATE.get()
    if state.mode == OFF:
        return like(map(leaf, y))
    if state.mode == FULL:
        call = fill(new(Value), y, op, args, options, xs, state.scope, _held(xs, options))
    else:
        call = _lean(op, y, args, xs, options, state)
    if state.source:
        call.vertex._source = caller()
    return like(one_of(call, i, state) for i in range(len(y)))


def _result(op: Op, y: Any, xs: tuple[Any, ...]) -> Any:
    """What an op returned, as a NumPy scalar or a read-only array; of an argument a view, so that it stays writable."""
    if type(y) is ndarray:
        for x in xs:
            if y is x:
                y = y.view()
        y.setflags(False)
    elif not isinstance(y, np.generic):
        if not isinstance(y, (float, int, Scalar, ndarray)):
            raise DTypeError(f"{op.name}: the result is a {type(y).__name__}; return a number, an array or a tuple")
        y = np.asarray(y, object if isinstance(y, Scalar) else None)
        y = y[()] if y.ndim == 0 and y.dtype != object else y
    return _numerical(op, y) if y.dtype.kind in "cO" else y


def _numerical(op: Op, y: Any) -> Any:
    """A result of objects with every entry of one kind: an op may have put plain zeros between them."""
    if y.dtype.kind == "c" or not all(isinstance(x, float | int | Scalar) for x in entries_of(y)):
        raise DTypeError(f"{op.name}: the result is {no_gradient(y.dtype)}")
    y = lifted(y)
    y.setflags(write=False)
    return y


def _lean(op: Op, y: Any, args: tuple[Any, ...], xs: tuple[Any, ...], options: Any, state: State) -> Value:
    """The result of a call whose vertex keeps only what its rules read."""
    read, output = op.kept(tuple([type(a) is Value for a in args]))
    xs = tuple([x if r else None for x, r in zip(xs, read)])  # noqa: B905  as long as each other, by construction
    kept = y if output else tuple(Spec(one.shape, one.dtype) for one in y) if isinstance(y, tuple) else Spec(y.shape, y.dtype)
    vertex = fill(new(Value), kept, op, args, options, xs, state.scope, _held(xs, options))
    return vertex if output else handle(y, vertex)


def _held(xs: tuple[Any, ...], options: dict[str, Any] | None) -> Any:
    """Locks on the arguments, and on the index and mask arrays among the options, whose lists are copied."""
    if options is None:
        return hold(xs)
    arrays = [*xs]
    for name, option in options.items():
        if type(option) is list or (type(option) is tuple and list in map(type, option)):
            options[name] = _copied(option)
        arrays += option if type(option) in (tuple, list) else [option]
    return hold(arrays)


def _copied(option: Any) -> Any:
    return type(option)(map(_copied, option)) if type(option) in (tuple, list) else option


def one_of(call: Value, i: int, state: State) -> Value:
    """One of several results, as a vertex of its own behind the call's."""
    one, options = call._data[i], {"index": i}
    if state.mode == FULL:
        return fill(new(Value), one, PICK, (call,), options, (), state.scope)
    return handle(one, fill(new(Value), Spec(one.shape, one.dtype), PICK, (call.vertex,), options, (), state.scope))


def pick(x: Any, index: int) -> Any:
    """One of the results of a call that has several."""
    return x[index]


PICK = Op(pick, "primitive", {"x": lambda g: g})


def _explained(op: Op, error: Exception, xs: tuple[Any, ...], options: Any = None) -> Exception:
    """The error of an op with its name, shapes and dtypes added, once."""
    got = ", ".join(f"{x.dtype}{list(x.shape)}" if hasattr(x, "shape") else repr(x) for x in xs)
    text = f"{op.name}: {error} (arguments: {got}{f'; options: {options}' if options else ''})"
    if (
        (kind := kind_of(xs))
        and not isinstance(error, DTypeError)
        and not isinstance(error, IndexError | np.exceptions.AxisError)
    ):
        return DTypeError(f"{op.name} failed on {kind.__name__} numbers, and may have no version for them: {text}")
    if type(error) is ValueError:
        return ShapeError(text)
    if isinstance(error, np.exceptions.AxisError) or len(error.args) != 1:
        error.add_note(text)
        return error
    return type(error)(text)


Op.apply, Op.operator = staticmethod(apply), staticmethod(_binary)
