"""What is recorded, and what keeps recorded arrays from changing."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any

from numpy import dtype, ndarray

__all__ = ["ACTIVE", "BACKWARD", "FULL", "LEAN", "OFF", "STATE", "TRACED", "Call", "Recording", "Spec", "State", "hold", "lean",
           "no_grad", "record_source", "scope"]  # fmt: skip

OFF, FULL, LEAN, TRACED = range(4)  # record nothing, everything, what the rules name, the same of a function in a transform
BACKWARD = "backward"  # the scope of what `backward(create_graph=True)` records, around the modules' own


class Call(str):
    """The name of a module, an object of its own for each call: so two calls in a row are told apart."""

    __slots__ = ()


class State:
    """How calls are recorded now, in this thread or task: a mode, the modules that are being called, and lines or not."""

    __slots__ = ("mode", "scope", "source", "usual")

    def __init__(self, mode: int = FULL, scope: tuple[str, ...] = (), source: bool = False) -> None:
        self.mode = mode
        self.scope = scope
        self.source = source
        self.usual = mode == FULL and not source


STATE: ContextVar[State] = ContextVar("tinygrad_edu_state", default=State())  # noqa: B039  nobody changes a State
ACTIVE: ContextVar[tuple[tuple[int, int], ...]] = ContextVar("tinygrad_edu_active", default=())  # of `vmap`: (level, size)


_LATE = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)


class Recording(ContextDecorator):
    """A way to record, for a `with` block or a whole function; and a name for the block's scope."""

    def __init__(self, mode: int | None = None, name: str | None = None, source: bool | None = None) -> None:
        self.mode, self.name, self.source = mode, name, source

    def __enter__(self) -> None:
        now = STATE.get()
        mode = now.mode if self.mode is None else self.mode
        source = now.source if self.source is None else self.source
        self.token = STATE.set(State(mode, now.scope if self.name is None else (*now.scope, self.name), source))

    def __exit__(self, *error: object) -> None:
        STATE.reset(self.token)

    def _recreate_cm(self) -> Recording:
        return Recording(self.mode, self.name, self.source)

    def __call__(self, function: Any) -> Any:
        """As a decorator, around each call."""
        if any(late(function) for late in _LATE):
            raise TypeError(f"{function.__name__} runs after its call has returned; write the `with` block inside it")
        return super().__call__(function)


def no_grad() -> Any:
    """Record nothing inside: results are leaves. Also a decorator; safe across threads and async tasks.

    >>> import tinygrad_edu as tg
    >>> with tg.no_grad():
    ...     y = tg.Value(3.0) * 2
    >>> y.op is None
    True
    """
    return Recording(OFF)


def lean() -> Any:
    """Record for training: only the arrays that rules name are kept, and `backward` fills the leaves' `.grad` only.

    The numbers are the same; the graph cannot be looked at afterwards. Also a decorator.

    >>> from tinygrad_edu import Value
    >>> x = Value(3.0)
    >>> with lean():
    ...     y = x * x * x
    >>> y.backward()
    >>> float(x.grad)
    27.0
    """
    return Recording(LEAN)


def scope(name: str) -> Any:
    """Mark what is recorded inside as belonging to `name`: graphs draw it as one cluster.

    >>> from tinygrad_edu import Value
    >>> with scope("neuron"):
    ...     y = Value(2.0) * 3.0
    >>> y.scope
    ('neuron',)
    """
    return Recording(name=name)


def record_source(on: bool = True) -> Any:
    """Note for every value that is made inside which line of the user's source made it. Also a decorator.

    `core.sources.source_of(value)` tells it: the innermost line outside this package and NumPy. It costs some
    microseconds a call; nothing where it is off.
    """
    return Recording(source=on)


class Spec:
    """What is left of an array that was not kept."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: dtype[Any]) -> None:
        self.shape, self.dtype = shape, dtype

    def __repr__(self) -> str:
        return f"{self.dtype} of shape {self.shape}, not kept"


class Lock:
    """Holds an array read-only, with what it is a view of, for as long as somebody holds the lock.

    Another view that was made before cannot be seen from here, and can still write; and an array whose memory another
    library lends without a buffer, as PyTorch's `tensor.numpy()`, stays open, since NumPy could not open it again.
    """

    __slots__ = ("__weakref__", "arrays", "below")
    arrays: list[ndarray[Any, Any]]  # what it closed, and opens again, a view after what it is a view of
    below: Lock | None  # of what its array is a view of: a view can only be opened after that

    def __init__(self, array: ndarray[Any, Any]) -> None:
        self.arrays, self.below = [array], None
        if array.base is not None:
            bases = list(_bases(array))
            self.below = next(filter(None, map(_lock_of, bases[1:])), None)
            self.arrays = [a for a in reversed(bases) if a.flags.writeable and _reopens(a)]
        ref = weakref.ref(self)
        for a in self.arrays:
            a.setflags(False)  # type: ignore[call-arg]  # by position: a keyword doubles the time
            _locks[id(a)] = ref

    def __del__(self) -> None:
        if self.below is not None:
            self.below.arrays += self.arrays
            for a in self.arrays:
                _locks[id(a)] = weakref.ref(self.below)
            return
        for a in self.arrays:
            del _locks[id(a)]
            a.setflags(True)  # type: ignore[call-arg]  # by position, as above


_locks: dict[int, weakref.ref[Lock]] = {}


def _lock_of(array: ndarray[Any, Any]) -> Lock | None:
    ref = _locks.get(id(array))
    return ref() if ref else None


def _bases(array: Any) -> Iterator[ndarray[Any, Any]]:
    while array is not None:  # between an array and its base may stand what is no array, as in np.lib.stride_tricks
        if isinstance(array, ndarray):
            yield array
        array = getattr(array, "base", None)


def _reopens(array: Any) -> bool:
    """Whether NumPy will make it writeable again: it asks the last thing below for a writeable buffer."""
    while isinstance(array.base, ndarray):
        array = array.base
    try:
        return array.base is None or not memoryview(array.base).readonly
    except TypeError:
        return False


def hold(arrays: Iterable[Any]) -> list[Lock | None] | None:
    """Locks for the arrays among these that somebody could still write to; results are read-only anyway."""
    locks = None
    for x in arrays:
        if type(x) is ndarray:
            if id(x) in _locks:
                lock = _lock_of(x)
            elif x.flags.writeable or (x.base is not None and any(a.flags.writeable or id(a) in _locks for a in _bases(x))):
                lock = Lock(x)
            else:
                continue
            locks = [lock] if locks is None else [*locks, lock]
    return locks
