"""How engines behave where they have surprised their users, as data: what is done, and what ought to come of it.

`run(lib)` does it with a `Library`; `expected` is the outcome, or the exception that explains a refusal; `also` are
other outcomes that meet the bar.
"""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .libraries.library import Lacks, Library

__all__ = ["BEHAVIOURS", "Behaviour"]


class Behaviour(NamedTuple):
    """One case: `run(lib)` is `expected`, or raises it."""

    id: str
    run: Callable[[Library], Any]
    expected: Any
    note: str = ""
    differs: str = ""
    also: tuple[Any, ...] = ()


def _second_backward(lib: Library, **options: Any) -> Any:
    x = lib.leaf(3.0)
    y = x * x
    lib.backward(y, **options)
    lib.backward(y)
    return lib.grad(x)


def _second_backward_of_two_levels(lib: Library) -> Any:
    x = lib.leaf(3.0)
    z = 2 * (x * x)
    try:
        lib.backward(z, retain_graph=True)
    except (Lacks, TypeError):
        lib.backward(z)
    lib.backward(z)
    return lib.grad(x)


def _two_fresh_graphs(lib: Library) -> Any:
    x = lib.leaf(3.0)
    lib.backward(x * x)
    lib.backward(x * x)
    return lib.grad(x)


def _inner_gradient(lib: Library, **options: Any) -> Any:
    x = lib.leaf(3.0)
    y = x * x
    lib.backward(2 * y, **options)
    return lib.grad(y)


def _add_to_a_leaf(lib: Library) -> Any:
    x = leaf = lib.leaf([1.0, 2.0])
    x += 1
    lib.backward((x * x).sum())
    return lib.grad(leaf)


def _in_place_on_a_saved_value(lib: Library) -> Any:
    x = lib.leaf([1.0, 2.0])
    y = x * 1.0
    z = y * y
    y *= 10
    lib.backward(z.sum())
    return lib.grad(x)


def _source_array_changed(lib: Library) -> Any:
    a = np.array([1.0, 2.0])
    x = lib.shared(a)
    y = (x * x).sum()
    a[0] = 100
    lib.backward(y)
    return lib.grad(x)


def _data_changed(lib: Library) -> Any:
    x = lib.leaf([1.0, 2.0])
    if callable(getattr(x, "data", None)):
        raise Lacks("data to write to")
    y = (x * x).sum()
    x.data[...] = 50
    lib.backward(y)
    return lib.grad(x)


def _own(lib: Library, y: Any) -> str:
    """What kind of thing came out."""
    return "its own" if isinstance(y, lib.tensor) else type(y).__name__


def _some(lib: Library) -> Any:
    """A leaf of two entries, or of one where there are no others."""
    try:
        return lib.leaf([3.0, 3.0])
    except Lacks:
        return lib.leaf(3.0)


def _from_a_vector(lib: Library) -> Any:
    x = lib.leaf([1.0, 2.0])
    lib.backward(x * 2)
    return lib.grad(x)


def _half_times_number(lib: Library) -> str:
    return lib.dtype(lib.leaf(np.array([2.0], np.float16)) * 3.0)


def _gradient_dtypes(lib: Library) -> bool:
    same = []
    for name in ("float16", "float32", "float64"):
        x = lib.leaf(np.ones(2, name))
        lib.backward((x * 3.0).sum())
        same.append(lib.dtype(x.grad) == name == lib.dtype(x))
    return all(same)


def _freed_by_counting(lib: Library) -> bool:
    x = lib.leaf(3.0)
    y = x * x
    z = y * y
    ref = weakref.ref(y)
    was = gc.isenabled()
    gc.disable()
    try:
        del y, z
        return ref() is None
    finally:
        if was:
            gc.enable()


def _round_trip(lib: Library, make: Callable[[Any], Any], inner: bool = False) -> bool:
    v = lib.leaf(3.0)
    w = make(v * v if inner else v)
    return isinstance(w, lib.tensor) and lib.numbers(w) == (9.0 if inner else 3.0)


def _pickled(v: Any) -> Any:
    return pickle.loads(pickle.dumps(v))


def _slope(lib: Library, f: Callable[[Any], Any], at: float) -> list[Any]:
    x = lib.leaf(at)
    with np.errstate(all="ignore"):
        y = f(x)
    lib.backward(y)
    return [lib.numbers(y), lib.grad(x)]


def _of_a_string(lib: Library) -> str:
    return f"accepted: {lib.numbers(lib.leaf('a'))}"


def _of_a_value(lib: Library) -> Any:
    v = lib.leaf(lib.leaf(1.0))
    inside = lib.numbers(v)
    return inside if isinstance(inside, float) else f"a {type(inside).__name__} inside"


BEHAVIOURS = [
    Behaviour("second y.backward()", _second_backward, RuntimeError, "an explained refusal"),
    Behaviour("second y.backward() on request", lambda lib: _second_backward(lib, retain_graph=True), 12.0),
    Behaviour("second backward, two levels", _second_backward_of_two_levels, 24.0, "never 36", also=(RuntimeError, 12.0)),
    Behaviour("two fresh graphs, no zeroing", _two_fresh_graphs, 12.0, "leaves add up"),
    Behaviour("gradient of an inner node", _inner_gradient, 2.0, "kept for looking at", also=(None,)),
    Behaviour("gradient of an inner node, lean", lambda lib: _inner_gradient(lib, lean=True), None, "dropped in training"),
    Behaviour("x += 1 on a leaf, then x*x", _add_to_a_leaf, [4.0, 6.0], "x names a new Value; the leaf keeps its gradient",
              also=(RuntimeError,)),
    Behaviour("y *= 10 after z = y*y", _in_place_on_a_saved_value, [2.0, 4.0]),
    Behaviour("source array changed after forward", _source_array_changed, ValueError, "read-only while recorded",
              also=([2.0, 4.0],)),
    Behaviour("x.data[...] = 50 after forward", _data_changed, ValueError, "read-only while recorded"),
    Behaviour("ndarray * v", lambda lib: _own(lib, np.ones(2) * _some(lib)), "its own"),
    Behaviour("np.float64(2) * v", lambda lib: _own(lib, np.float64(2) * lib.leaf(3.0)), "its own"),
    Behaviour("np.sin(v)", lambda lib: _own(lib, np.sin(_some(lib))), "its own"),
    Behaviour("np.sum(v)", lambda lib: _own(lib, np.sum(_some(lib))), "its own"),
    Behaviour("bool(v) for zero", lambda lib: bool(lib.leaf(0.0)), False),
    Behaviour("bool(v) of two entries", lambda lib: bool(lib.leaf([0.0, 1.0])), ValueError),
    Behaviour("v in [w] with equal data", lambda lib: lib.leaf(3.0) in [lib.leaf(3.0)], True,
              "== compares entries, as NumPy's does; a set or dict tells Values apart", "the bar is identity", also=(False,)),
    Behaviour("v in {w} with equal data", lambda lib: lib.leaf(3.0) in {lib.leaf(3.0)}, False),
    Behaviour("backward from a vector, no seed", _from_a_vector, RuntimeError, "names the two cures"),
    Behaviour("float16 * 3.0", _half_times_number, "float16"),
    Behaviour("gradient dtype equals value dtype", _gradient_dtypes, True),
    Behaviour("graph freed with the collector off", _freed_by_counting, True),
    Behaviour("deepcopy of a leaf", lambda lib: _round_trip(lib, copy.deepcopy), True),
    Behaviour("pickle of a leaf", lambda lib: _round_trip(lib, _pickled), True),
    Behaviour("pickle of an inner node", lambda lib: _round_trip(lib, _pickled, inner=True), True, "with its graph"),
    Behaviour("0.0**-1", lambda lib: _slope(lib, lambda x: x**-1, 0.0), [np.inf, -np.inf]),
    Behaviour("x**0 of a scalar at 0", lambda lib: _slope(lib, lambda x: x**0, 0.0), [1.0, 0.0]),
    Behaviour("(-8)**(1/3)", lambda lib: _slope(lib, lambda x: x ** (1 / 3), -8.0), [np.nan, np.nan],
              "never a complex number"),
    Behaviour("Value('a')", _of_a_string, TypeError),
    Behaviour("Value(Value(1))", _of_a_value, 1.0, "unwrapped: a new leaf on the same data", also=(RuntimeError,)),
]  # fmt: skip
