"""`Batch`: many examples that look like one.

    logical     (3, 4)                what the function under `vmap` sees
    physical    (5, 2, 3, 4)          what is computed with; levels = (7, 6): axis 0 belongs to the vmap of level 7
                 |  |                                                         and axis 1 to that of level 6
                 |  the outer vmap, 2 examples
                 the inner vmap, 5 examples

Each `vmap` that runs has a level, counted up, so that nested ones are told apart; the newest stands first. A `Batch` is
always outermost: it can hold a Value, whose rules then never see one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from ..core.methods import ArrayMethods
from ..core.op import NUMPY, REGISTRY, Op
from ..core.recording import ACTIVE
from ..core.value import Value
from ..errors import NotDifferentiable

__all__ = [
    "RULES",
    "SPLIT_OPTIONS",
    "Batch",
    "Level",
    "active",
    "gathered",
    "levels_of",
    "new_level",
    "refuse_options",
    "running",
    "spread",
    "union",
]

Level = tuple[int, int]  # of a vmap that runs: its number, and how many examples it has
Rule = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
RULES: dict[Any, Rule] = {}  # name of an op, or NumPy function without a gradient -> how it is done for a Batch
SPLIT_OPTIONS: set[Any] = set()  # the ops whose rules take options, too, that are others in each example
new_level = itertools.count(1).__next__


class Batch(ArrayMethods):
    """An array of which each example has its own; `vmap` makes them.

    Args:
        array: an array or Value of shape `(*hidden, *shape)`, with one hidden axis for each level.
        levels: whose axes these are, newest first.
    """

    __slots__ = ("__weakref__", "array", "levels", "shape")
    __array_priority__ = 2000  # above Value's

    def __init__(self, array: Any, levels: tuple[int, ...]) -> None:
        self.array = array
        self.levels = levels
        self.shape: tuple[int, ...] = array.shape[len(levels) :]

    # fmt: off
    @property
    def ndim(self) -> int: return len(self.shape)
    @property
    def size(self) -> int: return prod(self.shape)
    @property
    def dtype(self) -> Any: return self.array.dtype
    @property
    def hidden(self) -> tuple[int, ...]: return self.array.shape[:len(self.levels)]  # type: ignore[no-any-return]  # what is called is Any to mypy
    # fmt: on

    @property
    def data(self) -> Batch:
        """The plain numbers, still one array an example."""
        return Batch(self.array.data, self.levels) if type(self.array) is Value else self

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("an array of shape () has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        sizes = ", ".join(f"{n} of level {k}" for k, n in zip(self.levels, self.hidden, strict=True))
        return f"Batch(shape={self.shape}, dtype={self.dtype}, examples: {sizes})"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.__array_function__(ufunc if method == "__call__" else getattr(ufunc, method), (), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Do an op, or a function of NumPy, for all examples at once."""
        if type(function) is not Op and function not in RULES:
            refuse_options(function, kwargs)
            op = NUMPY.get(function) or RULES["unknown"](function, args, kwargs)
            if type(op) is not Op or not op.plain or kwargs:
                return op(*args, **kwargs)
            function = op
        return _done(function, args, kwargs)

    # fmt: off
    def __bool__(self) -> bool: raise _one_number("truth value", "`if` cannot go two ways; write np.where(condition, a, b)")
    def __float__(self) -> float: raise _one_number("float", "compute with the array itself; NumPy's functions take it")
    def __int__(self) -> int: raise _one_number("int", "write x.data.astype(int)")
    def __index__(self) -> int: raise _one_number("index", "write tg.ops.take(array, i, axis)")
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any: raise _one_number("plain array", _JOIN)
    def item(self) -> float: raise _one_number("float", "return it from the function, and take the number there")
    def tolist(self) -> Any: raise _one_number("list", "return it from the function, and write .tolist() there")
    # fmt: on

    def __setitem__(self, index: Any, value: Any) -> None:
        raise NotDifferentiable("an array inside vmap is not changed in place. Write np.where(mask, new, x), or "
                                "tg.ops.index_put(x, index, new)")  # fmt: skip

    def __getitem__(self, index: Any) -> Any:
        return REGISTRY["getitem"](self, index)

    def __add__(self, other: Any) -> Any:
        if getattr(other, "__array_ufunc__", self) is None:  # it says that it answers itself: a gradient with gaps
            return NotImplemented
        return _called("add", self, other)

    # fmt: off
    def __radd__(self, other: Any) -> Any: return _called("add", other, self)
    def __sub__(self, other: Any) -> Any: return _called("subtract", self, other)
    def __rsub__(self, other: Any) -> Any: return _called("subtract", other, self)
    def __mul__(self, other: Any) -> Any: return _called("multiply", self, other)
    def __rmul__(self, other: Any) -> Any: return _called("multiply", other, self)
    def __truediv__(self, other: Any) -> Any: return _called("divide", self, other)
    def __rtruediv__(self, other: Any) -> Any: return _called("divide", other, self)
    def __floordiv__(self, other: Any) -> Any: return _called("floor_divide", self, other)
    def __rfloordiv__(self, other: Any) -> Any: return _called("floor_divide", other, self)
    def __mod__(self, other: Any) -> Any: return _called("remainder", self, other)
    def __rmod__(self, other: Any) -> Any: return _called("remainder", other, self)
    def __pow__(self, other: Any) -> Any: return _called("power", self, other)
    def __rpow__(self, other: Any) -> Any: return _called("power", other, self)
    def __matmul__(self, other: Any) -> Any: return _called("matmul", self, other)
    def __rmatmul__(self, other: Any) -> Any: return _called("matmul", other, self)
    def __divmod__(self, other: Any) -> Any: return self // other, self % other
    def __rdivmod__(self, other: Any) -> Any: return other // self, other % self
    def __neg__(self) -> Any: return _called("negative", self)
    def __pos__(self) -> Any: return _called("positive", self)
    def __abs__(self) -> Any: return _called("absolute", self)
    def __round__(self, digits: int = 0) -> Any: return REGISTRY["round"](self, digits)

    def __lt__(self, other: Any) -> Any: return self.__array_function__(np.less, (), (self, other), {})
    def __le__(self, other: Any) -> Any: return self.__array_function__(np.less_equal, (), (self, other), {})
    def __gt__(self, other: Any) -> Any: return self.__array_function__(np.greater, (), (self, other), {})
    def __ge__(self, other: Any) -> Any: return self.__array_function__(np.greater_equal, (), (self, other), {})
    def __eq__(self, other: Any) -> Any: return self.__array_function__(np.equal, (), (self, other), {})
    def __ne__(self, other: Any) -> Any: return self.__array_function__(np.not_equal, (), (self, other), {})
    def __and__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_and, (), (self, other), {})
    def __rand__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_and, (), (other, self), {})
    def __or__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_or, (), (self, other), {})
    def __ror__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_or, (), (other, self), {})
    def __xor__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_xor, (), (self, other), {})
    def __rxor__(self, other: Any) -> Any: return self.__array_function__(np.bitwise_xor, (), (other, self), {})
    def __invert__(self) -> Any: return self.__array_function__(np.invert, (), (self,), {})
    def __lshift__(self, other: Any) -> Any: return self.__array_function__(np.left_shift, (), (self, other), {})
    def __rshift__(self, other: Any) -> Any: return self.__array_function__(np.right_shift, (), (self, other), {})
    # fmt: on


def _called(name: str, *args: Any) -> Any:
    """`REGISTRY[name](*args)` for an op without options, one of whose arguments is known to be a Batch."""
    return _done(REGISTRY[name], args, {})


def _done(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call by the rule that there is for it."""
    key = function.name if type(function) is Op else function
    rule = RULES.get(key) or RULES.get(function.kind) or RULES["loop"]
    if kwargs and Batch in map(type, kwargs.values()) and key not in SPLIT_OPTIONS:
        rule = RULES["loop"]
    try:
        return rule(function, args, kwargs)
    except Exception as error:
        if not hasattr(error, "__notes__"):
            error.add_note(f"inside vmap; an example has {_described((*args, *kwargs.values()))}, and hidden axes before")
        raise


_REFUSED = {"out": "use the result", "dtype": "write x.astype(...)", "where": "write np.where(...)",
            "initial": "combine the result with it"}  # fmt: skip


def refuse_options(function: Any, kwargs: dict[str, Any]) -> None:
    """Options of NumPy's functions that ours do not have."""
    for option in _REFUSED.keys() & kwargs.keys():
        if kwargs.pop(option) is not None:
            raise NotDifferentiable(f"np.{function.__name__}({option}=...) inside vmap: {_REFUSED[option]} instead")


def _described(xs: tuple[Any, ...]) -> str:
    """The arrays among these as one example has them."""
    return ", ".join(f"{x.dtype}{list(x.shape)}" for x in xs if hasattr(x, "shape") and hasattr(x, "dtype"))


_JOIN = ("NumPy's functions take it as it is, np.stack([...]) joins several, np.where(...) sets entries, as an index it goes "
         "into tg.ops.take(array, i, axis), and grad(f)(x) differentiates by it")  # fmt: skip


def _one_number(kind: str, cure: str) -> NotDifferentiable:
    return NotDifferentiable(f"an entry of a vmapped array is another one in each example, so it is no single {kind}: {cure}")


# -- levels ----------------------------------------------------------------------------------------------------------


def active() -> tuple[Level, ...]:
    """The level and the number of examples of each vmap that is running, newest first."""
    return ACTIVE.get()


class running:  # noqa: N801  used as a function
    """Let these levels be active, too, or alone, for a `with` block."""

    def __init__(self, levels: tuple[Level, ...], *, alone: bool = False) -> None:
        self.levels = levels if alone else tuple(sorted({*ACTIVE.get(), *levels}, reverse=True))

    def __enter__(self) -> None:
        self.token = ACTIVE.set(self.levels)

    def __exit__(self, *error: object) -> None:
        ACTIVE.reset(self.token)


def levels_of(xs: list[Any]) -> tuple[Level, ...]:
    """The levels and sizes of the Batches among these, newest first."""
    found = {level for x in xs if type(x) is Batch for level in zip(x.levels, x.hidden, strict=True)}
    return tuple(sorted(found, reverse=True))


def union(xs: Any) -> tuple[int, ...]:
    """The levels that the Batches among these have together, newest first."""
    levels: tuple[int, ...] = ()
    for x in xs:
        if type(x) is Batch and x.levels != levels:
            levels = tuple(sorted({*levels, *x.levels}, reverse=True)) if levels else x.levels
    return levels


def spread(x: Any, levels: tuple[Level, ...]) -> Any:
    """`x` of shape `s` as an array of shape `(*sizes, *s)`, with an axis for each of these levels to be seen.

    A level that `x` does not have is broadcast. What else it has stays hidden: then the result is a Batch.
    """
    if not levels:
        return x
    sizes = tuple([n for _, n in levels])
    if type(x) is not Batch:
        return REGISTRY["broadcast_to"](x, sizes + np.shape(x))
    seen = tuple([k for k, _ in levels if k in x.levels])
    if seen == x.levels and len(seen) == len(levels):
        return x.array
    others = tuple(k for k in x.levels if k not in seen)
    array = _in_order(x.array, x.levels, others + seen)
    if len(seen) < len(levels):
        full = tuple(n for k, n in zip(x.levels, x.hidden, strict=True) if k in others) + sizes + x.shape
        thin = tuple(n if k in seen else 1 for k, n in levels)
        array = REGISTRY["broadcast_to"](array.reshape(full[: len(others)] + thin + x.shape), full)
    return Batch(array, others) if others else array


def gathered(x: Any, levels: tuple[Level, ...]) -> Any:
    """The inverse of `spread`: the first axes that are seen of `x` become the hidden ones of these levels."""
    if not levels:
        return x
    names = tuple([k for k, _ in levels])
    if type(x) is not Batch:
        return Batch(x, names)
    now = x.levels + names
    return Batch(_in_order(x.array, now, order := tuple(sorted(now, reverse=True))), order)


def _in_order(array: Any, now: tuple[int, ...], order: tuple[int, ...]) -> Any:
    """The leading axes, which belong to the levels `now`, in another order."""
    if now == order:
        return array
    return array.transpose((*map(now.index, order), *range(len(now), array.ndim)))
