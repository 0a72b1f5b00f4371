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
from opcode import opmap
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..errors import GraphError, NotDifferentiable, ShapeError
from .dtypes import as_data
from .methods import ArrayMethods
from .op import NUMPY, REGISTRY, Op
from .recording import STATE, TRACED
from .sources import Source

__all__ = ["VIEWS", "Value", "fill", "foreign", "handle", "leaf", "new", "tick"]

VIEWS: dict[str, Any] = {}  # what walks graphs, filled by the files and rooms that do
new = object.__new__
tick = itertools.count().__next__
_STORE = opmap["STORE_SUBSCR"]
_LEAVES = ("putting a Value into a plain array would silently leave the graph. For the numbers write v.data; to build an "
           "array of Values write np.stack([...]) or np.concatenate([...])")  # fmt: skip


_FLOAT = ("float(v), as math.sin(v) asks for, is a plain number, and the derivative that is being taken here would not see it. "
          "Write NumPy's function, np.sin(v); for a number that is only to be looked at, v.data")  # fmt: skip


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
        fill(self, data._data if isinstance(data, Value) else as_data(data))
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
        data = data._data if isinstance(data, Value) else as_data(data)
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
        return self._data.item()  # type: ignore[no-any-return]  # what is called is Any to mypy

    def __float__(self) -> float:
        caller = sys._getframe(1)
        if caller.f_code.co_code[caller.f_lasti] == _STORE:  # NumPy asks for a float in `array[i] = v`
            raise NotDifferentiable(_LEAVES)
        if self.size != 1:
            raise TypeError(f"only a Value of one entry is a float; this one has shape {self.shape}. Use v.data")
        if STATE.get().mode == TRACED:
            raise NotDifferentiable(_FLOAT)
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

    # fmt: on


def _plain(x: Any) -> Any:
    return x._data if type(x) is Value else x


def fill(v: Value, data: Any, op: Any = None, args: tuple[Any, ...] = (), kwargs: Any = None, saved: Any = (),
          scope: tuple[str, ...] = (), locks: Any = None) -> Value:  # fmt: skip
    """A new Value, filled in: a leaf if no op made it."""
    v._data, v.op, v.args, v.kwargs, v._saved, v.scope, v._locks = data, op, args, kwargs, saved, scope, locks
    v.index, v.label = tick(), ""
    v._grad = v._vertex = None
    return v


def leaf(data: Any) -> Value:
    """A leaf on data that is known to be good."""
    return fill(new(Value), data)


def handle(data: Any, vertex: Value) -> Value:
    """A Value on data whose place in the graph is another's."""
    v = fill(new(Value), data, vertex.op, vertex.args, vertex.kwargs)
    v._vertex = vertex
    return v


def foreign(a: Any) -> bool:
    """Whether this is another kind of array, which answers NumPy's calls for itself."""
    return hasattr(type(a), "__array_function__") and not isinstance(a, ndarray | Value)


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
