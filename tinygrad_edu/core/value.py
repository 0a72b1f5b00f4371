"""`Value`: a number or an array that remembers how it was made.

    x = Value(2.0)          # a leaf: what is differentiated
    y = x * x + 1           # records mul and add
    y.backward()            # x.grad == 4.0

A plain number or array in an expression is a constant. A Value is a NumPy duck array: `np.tanh(x)` records too.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from fractions import Fraction
from opcode import opmap
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..errors import DTypeError, GraphError, NotDifferentiable, ShapeError
from .exact import OBJECT, Scalar, entries_of, kind_of, lifted, numbered, on_numbers
from .methods import ArrayMethods
from .op import NUMPY, REGISTRY, Op
from .recording import ACTIVE, FULL, OFF, STATE, Spec, State, hold
from .sources import Source, caller

__all__ = ["PICK", "VIEWS", "Value", "apply", "foreign", "handle", "leaf"]

VIEWS: dict[str, Any] = {}  # what walks graphs, filled by the files and rooms that do
SMALL = 16384  # bytes; a lean graph keeps results below this: they cost less than not keeping them
_new = object.__new__
_tick = itertools.count().__next__
_STORE = opmap["STORE_SUBSCR"]
_LEAVES = ("putting a Value into a plain array would silently leave the graph. For the numbers write v.data; to build an "
           "array of Values write np.stack([...]) or np.concatenate([...])")  # fmt: skip
_NUMBERS = frozenset((float, int, bool, float64, np.float32, np.float16))


class Value(ArrayMethods):
    """A scalar or tensor in a computational graph; a scalar is an array of shape `()`.

    Args:
        data: a float, int or bool, a (nested) list of them, or a float16/32/64 array of any shape, which is not copied;
            arrays of `fractions.Fraction` are copied, and carried exactly. A Value gives a new leaf on the same data.
        label: a name for people; graphs and summaries show it.

    Raises:
        DTypeError: integer, complex, string or other arrays, which have no gradient.

    While a graph needs it, an array is read-only; afterwards it is as it was. `==` compares entry by entry, as NumPy
    does, so `v in [w]` asks for equal data; a Value hashes by identity, so sets and dicts tell Values apart.

    Attributes:
        op: the operation that made it; None for a leaf.
        args: the differentiable arguments of the call in order, each a Value or a constant.
        kwargs: everything else it was called with.
        label: a name for people.
        index: its position on the tape: arguments come before results.
        scope: the modules that were being called.

    >>> x = Value([1.0, 2.0], label="x")
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_locks", "_saved", "_source", "_vertex", "args", "index", "kwargs",
                 "label", "op", "scope")  # fmt: skip
    _data: Any  # array, NumPy scalar, tuple of results, or Spec of what was not kept
    _grad: Any
    _locks: list[Any] | None
    _source: Source | None  # set only where `record_source` is on
    _saved: tuple[Any, ...] | None  # the arrays that the arguments held in the call; None once backward used them up
    _vertex: Value | None
    args: tuple[Any, ...]
    index: int
    kwargs: dict[str, Any] | None
    label: str
    op: Op | None
    scope: tuple[str, ...]
    __array_priority__ = 1000

    def __init__(self, data: Any, label: str = "") -> None:
        _fill(self, _as_data(data))
        self.label = label

    @property
    def data(self) -> Any:
        """The plain numbers: a NumPy scalar for shape `()`, else an array. A leaf's can be replaced, never a result's."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if self.op is not None:
            raise GraphError(f"this Value was computed by {self.op.name}; its data follows from its arguments. "
                             "Change a leaf instead, or start a new one with Value(v.data)")  # fmt: skip
        data = _as_data(data)
        if data.shape != self.shape:
            raise ShapeError(f"the data of this Value has shape {self.shape}, not {data.shape}; make a new Value")
        self._data = data

    @property
    def grad(self) -> Any:
        """The gradient after `backward`, of the value's shape and dtype; None when none reached it."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        if grad is not None and type(grad) is not Value:
            grad = np.asarray(grad, self.dtype)[()]
        if grad is not None and grad.shape != self.shape:
            raise ShapeError(f"a gradient has the shape of its value, {self.shape}; got {grad.shape}")
        self._grad = grad

    @property
    def vertex(self) -> Value:
        """Its place in the graph: itself, or what a lean graph keeps of it."""
        return self if self._vertex is None else self._vertex

    @property
    def parents(self) -> tuple[Value, ...]:
        """The arguments of the call that are Values, in order; one that is used twice stands twice."""
        return tuple(a for a in self.args if type(a) is Value)

    # fmt: off
    @property
    def shape(self) -> Any: return self._data.shape
    @property
    def ndim(self) -> Any: return self._data.ndim
    @property
    def size(self) -> Any: return self._data.size
    @property
    def dtype(self) -> Any: return self._data.dtype
    # fmt: on

    def item(self) -> float:
        """The one entry as a Python float; an error if there are several."""
        return self._data.item()  # type: ignore[no-any-return]

    def __float__(self) -> float:
        caller = sys._getframe(1)
        if caller.f_code.co_code[caller.f_lasti] == _STORE:  # NumPy asks for a float in `array[i] = v`
            raise NotDifferentiable(_LEAVES)
        if self.size != 1:
            raise TypeError(f"only a Value of one entry is a float; this one has shape {self.shape}. Use v.data")
        return float(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(f"a Value of shape {self.shape} is neither true nor false; use np.any(v.data) or np.all(v.data)")
        return bool(self.item())

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("a Value of shape () has no length")
        return len(self._data)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        notes = [f"label={self.label!r}"] * bool(self.label) + ([f"op={self.op.name}"] if self.op else [])
        array = type(self._data) is ndarray
        body = np.array2string(self._data, separator=", ", prefix="Value(") if array else str(self._data)
        if self._data.dtype != float64:
            notes.insert(0, f"dtype={self._data.dtype}")
        return f"Value({', '.join([body, *notes])})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def backward(self, gradient: Any = None, create_graph: bool = False, *, retain_graph: bool | None = None,
                 lean: bool | None = None) -> None:  # fmt: skip
        """Fill `.grad` with d(self)/d(each node), by the chain rule from here to the leaves.

        Leaves add to the gradient they have; the nodes between get theirs afresh. The graph is used up, but can still be
        looked at: every node keeps its data and its gradient.

        Args:
            gradient: dL/d(self), of this shape; needed unless there is exactly one entry, where it is 1.
            create_graph: make the gradients Values with a graph of their own, to be differentiated again.
            retain_graph: keep what a second `backward` through the same nodes needs; as `create_graph` if not said.
            lean: fill the leaves only and free the nodes on the way; True inside `with tg.lean():`.

        Raises:
            GraphError: several entries and no `gradient`, or a graph that an earlier pass used up.
            ShapeError: a `gradient` of another shape.
        """
        VIEWS["backward"](self, gradient, create_graph, retain_graph, lean)

    def detach(self) -> Value:
        """A leaf on the same data: nothing flows back through it."""
        return leaf(self._data)

    def graph(self, **options: Any) -> Any:
        """A drawing of everything this was made from, for notebooks and files: see `tinygrad_edu.inspect.draw`."""
        return VIEWS["graph"](self, **options)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self._grad = None

    def __copy__(self) -> Value:
        return self

    def __reduce__(self) -> Any:
        from .graph import rebuild, unlinked

        return rebuild, (unlinked(self),)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _answer(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _answer(func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise NotDifferentiable(_LEAVES)

    @property
    def _mask(self) -> Any:  # masked arrays ask for this, and would then take `_data`
        raise NotDifferentiable(_LEAVES)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise NotDifferentiable(
            "a Value cannot be changed in place, the graph would not know. Write np.where(mask, new, v), "
            "tg.ops.index_put(v, index, new), or np.concatenate([...])"
        )

    def __getitem__(self, index: Any) -> Any:
        return REGISTRY["getitem"](self, index)

    # fmt: off
    def __lt__(self, other: Any) -> Any: return self._data < _plain(other)
    def __le__(self, other: Any) -> Any: return self._data <= _plain(other)
    def __gt__(self, other: Any) -> Any: return self._data > _plain(other)
    def __ge__(self, other: Any) -> Any: return self._data >= _plain(other)
    def __eq__(self, other: Any) -> Any: return self._data == _plain(other)
    def __ne__(self, other: Any) -> Any: return self._data != _plain(other)

    def __add__(self, other: Any) -> Any: return _binary(REGISTRY["add"], self, other)
    def __radd__(self, other: Any) -> Any: return _binary(REGISTRY["add"], other, self)
    def __sub__(self, other: Any) -> Any: return _binary(REGISTRY["subtract"], self, other)
    def __rsub__(self, other: Any) -> Any: return _binary(REGISTRY["subtract"], other, self)
    def __mul__(self, other: Any) -> Any: return _binary(REGISTRY["multiply"], self, other)
    def __rmul__(self, other: Any) -> Any: return _binary(REGISTRY["multiply"], other, self)
    def __truediv__(self, other: Any) -> Any: return _binary(REGISTRY["divide"], self, other)
    def __rtruediv__(self, other: Any) -> Any: return _binary(REGISTRY["divide"], other, self)
    def __floordiv__(self, other: Any) -> Any: return _binary(REGISTRY["floor_divide"], self, other)
    def __rfloordiv__(self, other: Any) -> Any: return _binary(REGISTRY["floor_divide"], other, self)
    def __mod__(self, other: Any) -> Any: return _binary(REGISTRY["remainder"], self, other)
    def __rmod__(self, other: Any) -> Any: return _binary(REGISTRY["remainder"], other, self)
    def __pow__(self, other: Any) -> Any: return _binary(REGISTRY["power"], self, other)
    def __rpow__(self, other: Any) -> Any: return _binary(REGISTRY["power"], other, self)
    def __matmul__(self, other: Any) -> Any: return _binary(REGISTRY["matmul"], self, other)
    def __rmatmul__(self, other: Any) -> Any: return _binary(REGISTRY["matmul"], other, self)
    def __divmod__(self, other: Any) -> Any: return self // other, self % other
    def __rdivmod__(self, other: Any) -> Any: return other // self, other % self
    def __neg__(self) -> Any: return REGISTRY["negative"](self)
    def __pos__(self) -> Any: return REGISTRY["positive"](self)
    def __abs__(self) -> Any: return REGISTRY["absolute"](self)
    def __round__(self, digits: int = 0) -> Any: return REGISTRY["round"](self, digits)
    # fmt: on


def _as_data(data: Any) -> Any:
    """A NumPy scalar or array of a dtype that has gradients, sharing memory where it can."""
    if type(data) is ndarray and data.shape and data.dtype.char in "efd":
        return data
    if type(data) in (float, int, bool):
        return float64(data)
    if isinstance(data, Value):
        return data._data
    if not isinstance(data, np.generic | ndarray):
        try:
            array = np.asarray(data)
        except ValueError as error:
            raise ShapeError(f"a Value needs a number, an array or a nested list of one shape: {error}") from None
        data = array.astype(float64) if array.dtype.kind in "iub" and isinstance(data, list | tuple) else array
    if data.dtype.char in "efd":
        return data[()] if data.ndim == 0 else _bare(data)
    if _numbers(data):
        return lifted(_bare(data))
    raise DTypeError(f"{_no_gradient(data.dtype)}; a Value holds float16, float32 or float64")


def _bare(a: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """The array of a matrix, memory map or other subclass, whose operators may mean something else."""
    if hasattr(a, "mask"):
        raise DTypeError("a masked array has entries without a number; write a.filled(...), and np.where with the mask")
    return np.asarray(a)


def _numbers(a: Any) -> bool:
    """Whether these are numbers other than floats that a graph can run on: fractions, and what is made for it."""
    return a.dtype.kind == "O" and all(isinstance(x, Fraction | int | Scalar) for x in entries_of(a))


def _no_gradient(dtype: Any) -> str:
    cure = {
        "c": "differentiate the real and the imaginary part, a.real.copy() and a.imag.copy()",
        "O": "write a regular nested list of numbers",
        "U": "convert it, float(text)",
        "S": "convert it, float(text)",
    }
    return f"{dtype} has no gradient: {cure.get(dtype.kind, 'write Value(a.astype(float))')}"


def _plain(x: Any) -> Any:
    return x._data if type(x) is Value else x


def _fill(v: Value, data: Any, op: Any = None, args: tuple[Any, ...] = (), kwargs: Any = None, saved: Any = (),
          scope: tuple[str, ...] = (), locks: Any = None) -> Value:  # fmt: skip
    v._data, v.op, v.args, v.kwargs, v._saved, v.scope, v._locks = data, op, args, kwargs, saved, scope, locks
    v.index, v.label = _tick(), ""
    v._grad = v._vertex = None
    return v


def leaf(data: Any) -> Value:
    """A leaf on data that is known to be good."""
    return _fill(_new(Value), data)


def handle(data: Any, vertex: Value) -> Value:
    """A Value on data whose place in the graph is another's."""
    v = _fill(_new(Value), data, vertex.op, vertex.args, vertex.kwargs)
    v._vertex = vertex
    return v


# -- calling an op -------------------------------------------------------------------------------------------------


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
        x = _bare(x)
    if x.dtype.kind in "fiub" or _numbers(x) or (x.dtype.kind == "c" and call and Value not in map(type, call)):
        return x
    raise DTypeError(f"{op.name}: a constant of {_no_gradient(x.dtype)}")


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
    v = _new(Value)
    v._data = y
    v.op = op
    v.args = (a, b)
    v._saved = (x, z)
    v.index = _tick()
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


def foreign(a: Any) -> bool:
    """Whether this is another kind of array, which answers NumPy's calls for itself."""
    return hasattr(type(a), "__array_function__") and not isinstance(a, ndarray | Value)


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
        v = _fill(_new(Value), y, op, args, options, xs, state.scope, _held(xs, options))
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
        call = _fill(_new(Value), y, op, args, options, xs, state.scope, _held(xs, options))
    else:
        call = _lean(op, y, args, xs, options, state)
    if state.source:
        call.vertex._source = caller()
    return like(_pick(call, i, state) for i in range(len(y)))


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
        raise DTypeError(f"{op.name}: the result is {_no_gradient(y.dtype)}")
    y = lifted(y)
    y.setflags(write=False)
    return y


def _lean(op: Op, y: Any, args: tuple[Any, ...], xs: tuple[Any, ...], options: Any, state: State) -> Value:
    """The result of a call whose vertex keeps only what its rules read."""
    read, output = op.kept(tuple([type(a) is Value for a in args]))
    xs = tuple([x if r else None for x, r in zip(xs, read)])  # noqa: B905  as long as each other, by construction
    kept = y if output else tuple(Spec(one.shape, one.dtype) for one in y) if isinstance(y, tuple) else Spec(y.shape, y.dtype)
    vertex = _fill(_new(Value), kept, op, args, options, xs, state.scope, _held(xs, options))
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


def _pick(call: Value, i: int, state: State) -> Value:
    """One of several results, as a vertex of its own behind the call's."""
    one, options = call._data[i], {"index": i}
    if state.mode == FULL:
        return _fill(_new(Value), one, PICK, (call,), options, (), state.scope)
    return handle(one, _fill(_new(Value), Spec(one.shape, one.dtype), PICK, (call.vertex,), options, (), state.scope))


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


def _answer(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """NumPy calling us: `np.tanh(v)` finds what answers for `np.tanh`."""
    name = getattr(function, "__name__", str(function))
    for option, cure in _REFUSED.items():
        if kwargs.pop(option, None) is not None:
            raise NotDifferentiable(f"np.{name}({option}=...) of a Value: {cure} instead")
    if function in NUMPY:
        return NUMPY[function](*args, **kwargs)
    raise NotDifferentiable(
        f"{getattr(function, '__module__', None) or 'np'}.{name} has no derivative rule, so it cannot be called on a Value. "
        f"For the plain numbers write {name}(v.data). To differentiate it, write its rule: @tg.elementwise(dx=lambda x: ...) "
        f"or @tg.primitive(gx=lambda g, x: ...) above def {name}(x): ..."
    )


_REFUSED = {"out": "use the result", "dtype": "write v.astype(...)", "where": "write np.where(...)",
            "initial": "combine the result with it"}  # fmt: skip

Op.apply = staticmethod(apply)
