"""What a call in a graph is: questions about its op, its arguments and theirs, none deeper than a few levels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core import Value
from ...core.recording import Spec

__all__ = ["alike", "call", "constant", "either", "exp_of", "is_call", "is_square", "is_sum_of_squares",
           "negative_of", "one_class", "rectified", "scaled", "shifted", "sum_call", "sum_of"]  # fmt: skip


def is_call(a: Any, *names: str) -> bool:
    """Whether it is the result of one of these ops."""
    return type(a) is Value and a.op is not None and a.op.name in names


def alike(a: Any, b: Any, depth: int = 3) -> bool:
    """Whether two arguments are one value, or the same calculation written twice, as exp(x) and exp(x)."""
    if type(a) is not Value or type(b) is not Value:
        return constant(a) is not None and constant(a) == constant(b)
    if a is b:
        return True
    if not depth or a.op is None or a.op is not b.op or a.op.kind != "elementwise" or a.kwargs or b.kwargs:
        return False
    return all(alike(x, y, depth - 1) for x, y in zip(a.args, b.args, strict=True))


def call(a: Any, *names: str) -> Value | None:
    """Itself if it is the result of one of these ops, else None."""
    return a if is_call(a, *names) else None


def constant(a: Any) -> float | None:
    """The number of a constant, also of an array whose entries are all one number; of a Value and all else None."""
    if type(a) is Value or a is None:
        return None
    a = np.asarray(a)
    if a.dtype.kind not in "fiub" or a.size == 0:
        return None
    first = a.ravel()[0]
    return float(first) if a.ndim == 0 or (a == first).all() else None


def either(v: Value) -> list[tuple[Any, Any]]:
    """The two arguments of a call whose order does not matter, both ways."""
    a, b = v.args
    return [(a, b), (b, a)]


def exp_of(a: Any) -> Value | None:
    """x, of exp(x)."""
    return a.args[0] if is_call(a, "exp") and type(a.args[0]) is Value else None


def negative_of(a: Any) -> Value | None:
    """x, of -x, as it is written in several ways."""
    if is_call(a, "negative"):
        return a.args[0]  # type: ignore[no-any-return]  # what is called is Any to mypy
    if is_call(a, "multiply"):
        return next((x for c, x in either(a) if constant(c) == -1), None)
    if is_call(a, "subtract") and constant(a.args[0]) == 0:
        return a.args[1]  # type: ignore[no-any-return]  # what is called is Any to mypy
    return None


def shifted(a: Any) -> bool:
    """Whether it is x minus something of x's own maximum, the stable form in front of exp."""
    if not is_call(a, "subtract"):
        return False
    m = a.args[1]
    m = m.args[0] if is_call(m, "expand_dims", "reshape", "getitem", "broadcast_to") else m
    if type(m) is Value:
        return is_call(m, "max", "logsumexp")
    return isinstance(a._data, Spec) or abs(np.max(a._data, initial=-np.inf)) <= 1  # a constant, as np.max(x.data)


def one_class(v: Value) -> str | None:
    """What to do about a softmax, or a loss that has one in it, over an axis of one entry; None if there are more."""
    if not is_call(v, "softmax", "log_softmax", "cross_entropy") or type(v.args[0]) is not Value or not v.args[0].ndim:
        return None
    axis = (v.kwargs or {}).get("axis", 1 if is_call(v, "cross_entropy") and v.args[0].ndim > 1 else -1)
    if isinstance(axis, tuple) or (v.args[0].size if axis is None else v.args[0].shape[axis]) != 1:
        return None
    return ("with one output use sigmoid, and for the loss tg.nn.functional.binary_cross_entropy_with_logits; or give the "
            "network one output a class")  # fmt: skip


def rectified(v: Value) -> bool:
    """Whether it is maximum(x, 0), or where(x > 0, x, 0)."""
    if is_call(v, "maximum", "fmax"):
        return any(constant(c) == 0 for c in v.args)
    if not is_call(v, "where") or constant(v.args[1]) != 0 or type(v.args[0]) is not Value:
        return False
    condition = (v.kwargs or {}).get("condition")
    return bool(np.array_equal(np.asarray(getattr(condition, "data", condition)), np.asarray(v.args[0]._data > 0)))


def sum_of(a: Any) -> Any:
    """x, of a sum over entries of x; keeping or restoring its axes does not matter."""
    a = sum_call(a)
    return None if a is None else a.args[0]


def sum_call(a: Any) -> Value | None:
    """The sum itself, without what restores its axes."""
    a = a.args[0] if is_call(a, "expand_dims", "reshape", "broadcast_to") else a
    a = a.args[0] if is_call(a, "getitem") and _new_axes(a) else a
    return call(a, "sum")


def _new_axes(a: Value) -> bool:
    index = (a.kwargs or {}).get("index")
    index = index if isinstance(index, tuple) else (index,)
    return all(i is None or i is Ellipsis or (isinstance(i, slice) and i == slice(None)) for i in index)


def is_square(a: Any) -> bool:
    """x*x, x**2 or square(x)."""
    if is_call(a, "power"):
        return constant(a.args[1]) == 2
    return is_call(a, "square") or (is_call(a, "multiply") and type(a.args[0]) is Value and alike(*a.args))


def is_sum_of_squares(a: Any) -> bool:
    """The sum of x*x, x**2 or square(x), or x @ x of vectors."""
    if is_call(a, "matmul"):
        return a.args[0] is a.args[1] and a.ndim == 0
    return is_call(a, "sum") and is_square(a.args[0])


def scaled(a: Any) -> tuple[float, Any]:
    """A number and x, of number * x."""
    if is_call(a, "multiply"):
        for c, x in either(a):
            if (number := constant(c)) is not None:
                return number, x
    if is_call(a, "negative"):
        return -1.0, a.args[0]
    return 1.0, a
