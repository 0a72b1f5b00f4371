"""What is recorded, and what keeps recorded arrays from changing."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from numpy import dtype, ndarray

__all__ = ["FULL", "LEAN", "OFF", "STATE", "Spec", "State", "hold", "lean", "no_grad", "scope"]

OFF, FULL, LEAN = range(3)  # record nothing, everything, only what the rules name


class State:
    """How calls are recorded now, in this thread or task: a mode, and the modules that are being called."""

    __slots__ = ("mode", "scope")

    def __init__(self, mode: int = FULL, scope: tuple[str, ...] = ()) -> None:
        self.mode = mode
        self.scope = scope


STATE: ContextVar[State] = ContextVar("tinygrad_edu_state", default=State())  # noqa: B039  nobody changes a State


@contextmanager
def _state(mode: int | None = None, name: str | None = None) -> Iterator[None]:
    now = STATE.get()
    token = STATE.set(State(now.mode if mode is None else mode, now.scope if name is None else (*now.scope, name)))
    try:
        yield
    finally:
        STATE.reset(token)


def no_grad() -> Any:
    """Record nothing inside: results are leaves. Also a decorator; safe across threads and async tasks.

    >>> import tinygrad_edu as tg
    >>> with tg.no_grad():
    ...     y = tg.Value(3.0) * 2
    >>> y.op is None
    True
    """
    return _state(OFF)


def lean() -> Any:
    """Record for training: only the arrays that rules name are kept, and `backward` fills the leaves' `.grad` only.

    The numbers are the same; the graph cannot be looked at afterwards. Also a decorator.
    """
    return _state(LEAN)


def scope(name: str) -> Any:
    """Mark what is recorded inside as belonging to `name`: graphs draw it as one cluster."""
    return _state(name=name)


class Spec(NamedTuple):
    """What is left of an array that was not kept."""

    shape: tuple[int, ...]
    dtype: dtype[Any]


class Lock:
    """Holds an array read-only, with what it is a view of, for as long as somebody holds the lock.

    Another view that was made before cannot be seen from here, and can still write.
    """

    __slots__ = ("__weakref__", "arrays", "below")

    def __init__(self, array: ndarray[Any, Any]) -> None:
        bases = list(_bases(array))
        self.below = next((lock for a in bases if (ref := _locks.get(id(a))) and (lock := ref())), None)
        self.arrays: list[ndarray[Any, Any]] = []
        self.take(a for a in bases if a.flags.writeable)

    def take(self, arrays: Iterable[ndarray[Any, Any]]) -> None:
        """Close these, and open them again at the end."""
        for a in arrays:
            a.setflags(write=False)
            self.arrays.append(a)
            _locks[id(a)] = weakref.ref(self)

    def __del__(self) -> None:
        if self.below is not None:  # a view can only be opened after what it looks at
            self.below.take(self.arrays)
            return
        for a in sorted(self.arrays, key=lambda a: len(list(_bases(a)))):
            _locks.pop(id(a), None)
            a.setflags(write=True)


_locks: dict[int, weakref.ref[Lock]] = {}


def _bases(array: Any) -> Iterator[ndarray[Any, Any]]:
    while isinstance(array, ndarray):
        yield array
        array = array.base


def hold(arrays: Iterable[Any]) -> list[Lock] | None:
    """Locks for the arrays among these that somebody could still write to; results are read-only anyway."""
    locks = None
    for x in arrays:
        if type(x) is ndarray:
            ref = _locks.get(id(x))
            lock = ref() if ref else Lock(x) if x.flags.writeable else None
            if lock is not None:
                locks = [lock] if locks is None else [*locks, lock]
    return locks
