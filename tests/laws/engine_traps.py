"""How the engine behaves where others have surprised their users, as data: what is done, and what comes of it.

The expected outcome is a value, or the exception that explains the refusal.
"""

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import Value


class Behaviour(NamedTuple):
    """One case: `run()` is `expected`, or raises it."""

    id: str
    run: Callable[[], Any]
    expected: Any
    note: str = ""
    differs: str = ""


def second_backward(retain):
    x = Value(3.0)
    y = x * x
    y.backward(retain_graph=retain)
    y.backward()
    return float(x.grad)


def second_backward_of_two_levels():
    x = Value(3.0)
    z = 2 * (x * x)
    z.backward(retain_graph=True)
    z.backward()
    return float(x.grad)


def two_fresh_graphs():
    x = Value(3.0)
    (x * x).backward()
    (x * x).backward()
    return float(x.grad)


def gradient_of_an_inner_node(lean):
    x = Value(3.0)
    y = x * x
    (2 * y).backward(lean=lean)
    return None if y.grad is None else float(y.grad)


def add_to_a_leaf():
    x = leaf = Value([1.0, 2.0])
    x += 1
    (x * x).sum().backward()
    return leaf.grad.tolist()


def in_place_on_a_saved_value():
    x = Value([1.0, 2.0])
    y = x * 1.0
    z = y * y
    y *= 10
    z.sum().backward()
    return x.grad.tolist()


def source_array_changed():
    a = np.array([1.0, 2.0])
    y = Value(a) ** 2
    a[0] = 100
    return y


def data_changed():
    x = Value([1.0, 2.0])
    y = x**2
    x.data[...] = 50
    return y


def from_a_vector():
    (Value([1.0, 2.0]) * 2).backward()


def freed_by_counting():
    x = Value(np.ones(3))
    y = (x * x).sum()
    ref = weakref.ref(y.args[0])
    was = gc.isenabled()
    gc.disable()
    try:
        del y
        return ref() is None
    finally:
        if was:
            gc.enable()


def gradient_dtypes():
    out = []
    for dtype in (np.float16, np.float32, np.float64):
        x = Value(np.ones(2, dtype))
        (x * 3.0).sum().backward()
        out.append(x.grad.dtype == dtype)
    return all(out)


def slope(f, at):
    x = Value(at)
    with np.errstate(all="ignore"):
        y = f(x)
    y.backward()
    return float(y), float(x.grad)


def round_trip(make, of):
    v = make(of)
    return type(v) is Value and float(v) == float(of)


V = Value(3.0)

ENGINE = [
    Behaviour("second y.backward()", lambda: second_backward(False), RuntimeError, "an explained refusal"),
    Behaviour("second y.backward() on request", lambda: second_backward(True), 12.0),
    Behaviour("second backward, two levels", second_backward_of_two_levels, 24.0, "never 36"),
    Behaviour("two fresh graphs, no zeroing", two_fresh_graphs, 12.0, "leaves add up"),
    Behaviour("gradient of an inner node", lambda: gradient_of_an_inner_node(False), 2.0, "kept for looking at"),
    Behaviour("gradient of an inner node, lean", lambda: gradient_of_an_inner_node(True), None, "dropped in training"),
    Behaviour("x += 1 on a leaf, then x*x", add_to_a_leaf, [4.0, 6.0], "x names a new Value; the leaf keeps its gradient"),
    Behaviour("y *= 10 after z = y*y", in_place_on_a_saved_value, [2.0, 4.0]),
    Behaviour("source array changed after forward", source_array_changed, ValueError, "read-only while recorded"),
    Behaviour("x.data[...] = 50 after forward", data_changed, ValueError, "read-only while recorded"),
    Behaviour("ndarray * v", lambda: type(np.ones(2) * V), Value),
    Behaviour("np.float64(2) * v", lambda: type(np.float64(2) * V), Value),
    Behaviour("np.sin(v)", lambda: type(np.sin(V)), Value),
    Behaviour("np.sum(v)", lambda: type(np.sum(V)), Value),
    Behaviour("bool(v) for zero", lambda: bool(Value(0.0)), False),
    Behaviour("bool(v) of two entries", lambda: bool(Value([0.0, 1.0])), ValueError),
    Behaviour(
        "v in [w] with equal data",
        lambda: V in [Value(3.0)],
        True,
        "== compares entries, as NumPy's does; a set or dict tells Values apart",
        "the bar is identity",
    ),
    Behaviour("v in {w} with equal data", lambda: V in {Value(3.0)}, False),
    Behaviour("backward from a vector, no seed", from_a_vector, RuntimeError, "names the two cures"),
    Behaviour("float16 * 3.0", lambda: (Value(np.float16(2)) * 3.0).dtype, np.float16),
    Behaviour("gradient dtype equals value dtype", gradient_dtypes, True),
    Behaviour("graph freed with the collector off", freed_by_counting, True),
    Behaviour("deepcopy of a leaf", lambda: round_trip(copy.deepcopy, Value(3.0)), True),
    Behaviour("pickle of a leaf", lambda: round_trip(lambda v: pickle.loads(pickle.dumps(v)), Value(3.0)), True),
    Behaviour(
        "pickle of an inner node",
        lambda: round_trip(lambda v: pickle.loads(pickle.dumps(v)), V * V),
        True,
        "with its graph",
    ),
    Behaviour("0.0**-1", lambda: slope(lambda x: x**-1, 0.0), (np.inf, -np.inf)),
    Behaviour("x**0 at 0", lambda: slope(lambda x: x**0, 0.0), (1.0, 0.0)),
    Behaviour(
        "(-8)**(1/3)",
        lambda: np.isnan(slope(lambda x: x ** (1 / 3), -8.0)).tolist(),
        [True, True],
        "never a complex number",
    ),
    Behaviour("Value('a')", lambda: Value("a"), TypeError),
    Behaviour("Value(Value(1))", lambda: type(Value(Value(1)).data), np.float64, "unwrapped: a new leaf on the same data"),
]
