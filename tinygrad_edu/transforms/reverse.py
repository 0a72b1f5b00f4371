"""Reverse mode: the derivative of one number by everything, in one pass back over the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.backward import pullback
from ..core.value import Value
from ..errors import GraphError
from .arguments import differentiated
from .batch import gathered, levels_of, running
from .tracing import Trace, direction, is_recorded, name_of, named_after, result, trace
from .trees import matched, unflatten

__all__ = ["grad", "pulled", "value_and_grad", "vjp"]


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a function whose result is one number, as a function of the same arguments.

    grad(f)(x) = [df/dx_1, ..., df/dx_n], in the shape of x

    Args:
        function: from arrays, or nested tuples, lists and dicts of arrays, to a number.
        argnums: which positional arguments to differentiate by; for a tuple the result is a tuple.
        has_aux: the function returns `(number, aux)`; then the result is `(gradient, aux)`.

    Plain arrays give plain arrays. A Value, among the arguments or inside the function, makes the gradient a Value too,
    which can be differentiated again; so derivatives nest, and `grad(grad(f))` is the second one.

    Raises:
        GraphError: the result is not one number; `jacobian` takes any.
        DTypeError: an argument that is no float.

    >>> grad(lambda x: x**3)(2.0)
    np.float64(12.0)
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> grad(lambda p, x: np.sum(np.tanh(p["w"] * x + p["b"])))({"w": 1.0, "b": 0.0}, np.zeros(3))
    {'w': np.float64(0.0), 'b': np.float64(3.0)}
    """
    both = value_and_grad(function, argnums, has_aux=has_aux)

    @named_after(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def value_and_grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *,
                   has_aux: bool = False) -> Callable[..., Any]:  # fmt: skip
    """As `grad`, with the function's result: `(value, gradient)`, or `((value, aux), gradient)`.

    >>> value_and_grad(np.square)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """

    @named_after(function)
    def both(*args: Any, **kwargs: Any) -> Any:
        leaves, structure, call = differentiated(function, args, kwargs, argnums)
        t = trace(function, leaves, call, has_aux=has_aux)
        _one_number(function, t)
        gs = pulled(t, [np.ones(y.shape, y.dtype)[()] for y in t.outputs], retain=t.linked)
        value = t.value()
        return (value, t.aux) if has_aux else value, unflatten(structure, gs)

    return both


def _one_number(function: Callable[..., Any], t: Trace) -> None:
    shapes = [y.shape[len(t.levels) :] for y in t.outputs]
    if t.tree.kind is not None or shapes[0] != ():
        got = f"shape {shapes[0]}" if t.tree.kind is None else f"the structure {t.tree}"
        raise GraphError(f"grad differentiates one number, but {name_of(function)} returned {got}. Return a sum, or take "
                         "jacobian(f), which differentiates each entry; what is only looked at is returned beside it: "
                         "return number, aux with has_aux=True")  # fmt: skip


def vjp(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The function's result, and its pullback: from a cotangent of the result to those of the arguments.

    y, pull = vjp(f, x)         pull(c) = (J'c,)       J = df/dx at x

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such.
        *primals: the arguments, all of which are differentiated by.
        has_aux: the function returns `(y, aux)`; then so does this, as `(y, pull, aux)`.

    The pullback takes one tree like y, and returns a tuple with one tree for each primal. It can be called many times,
    also by `vmap`, for many cotangents at once.

    >>> y, pull = vjp(lambda a, b: a * b, 3.0, 4.0)
    >>> pull(1.0)
    (np.float64(4.0), np.float64(3.0))
    """
    leaves, structure, call = differentiated(function, primals, {}, tuple(range(len(primals))))
    t = trace(function, leaves, call, has_aux=has_aux)

    def pull(cotangent: Any) -> Any:
        cs = matched(cotangent, t.tree, "the cotangent")
        cs = [direction(c, y, t.levels, "the cotangent of a result") for c, y in zip(cs, t.outputs, strict=True)]
        return unflatten(structure, pulled(t, cs))

    return (t.value(), pull, t.aux) if has_aux else (t.value(), pull)


def pulled(t: Trace, cotangents: list[Any], *, retain: bool = True) -> list[Any]:
    """J' times the cotangents, one for each output, for each input of the trace; zeros where nothing reached."""
    linked = t.linked or any(map(is_recorded, cotangents))
    with running(levels_of(cotangents), alone=True):  # those of the run are axes like any other here
        gs = pullback(t.outputs, t.inputs, cotangents, create_graph=linked, retain=retain, path=t.path)
    return [gathered(_whole(g, v, linked), t.levels) for g, v in zip(gs, t.inputs, strict=True)]


def _whole(g: Any, v: Value, linked: bool) -> Any:
    return np.zeros(v.shape, v.dtype)[()] if g is None else result(g, linked)
