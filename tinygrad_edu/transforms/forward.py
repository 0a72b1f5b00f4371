"""Forward mode: how the result moves when the arguments move, in one pass forward over the graph.

    t[input] = the direction
    for v in the graph, oldest first:
        t[v] = sum over the arguments of dv/d(argument) t[argument]

No op declares a rule for it; each follows from the fact that the op was declared by:

    elementwise   the pull is a product with the partial derivative, so it takes a tangent as well as a cotangent
    linear        the op itself
    primitive     the transpose of the pullback: <c, J t> = <J' c, t> is linear in c, and its gradient by c is J t
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import Op
from ..core.backward import Recorded, grads, pullback
from ..core.calls import PICK
from ..core.cotangents import Partial, fitted
from ..core.recording import FULL, OFF, STATE, Recording
from ..core.value import Value, leaf
from ..errors import OptionError
from .arguments import differentiated
from .batch import gathered, levels_of, running
from .tracing import Trace, direction, is_recorded, result, trace
from .trees import matched, unflatten

__all__ = ["check_tuples", "jvp", "linearize", "pushed", "sweep"]


def jvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The function's result, and its directional derivative: forward mode.

    jvp(f, (x,), (t,)) = f(x), J t          J = df/dx at x

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such.
        primals: a tuple or list of its arguments.
        tangents: likewise, the direction: one for each primal, of its structure, shapes and dtype.
        has_aux: the function returns `(y, aux)`; then the result is `(y, tangent, aux)`.

    The graph of one call is kept while it runs, so the memory is that of reverse mode; the time is that of one or two
    calls, whatever the number of results.

    >>> jvp(lambda a, b: a * b, (3.0, 4.0), (1.0, 0.0))
    (np.float64(12.0), np.float64(4.0))

    Raises:
        OptionError: primals and tangents are no tuples or lists, or do not have one structure.
        ShapeError: a tangent of another shape than its primal.
    """
    check_tuples("jvp", primals, tangents)
    y, push, *aux = linearize(function, *primals, has_aux=has_aux)
    return (y, push(*tangents), *aux)


def check_tuples(name: str, primals: Any, tangents: Any) -> None:
    """Refuse arguments and their directions that are not in tuples or lists.

    Raises:
        OptionError: they are not.
    """
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise OptionError(f"{name} takes a tuple of arguments and a tuple of their tangents, got {type(primals).__name__} and "
                          f"{type(tangents).__name__}; for one argument write {name}(f, (x,), (t,))")  # fmt: skip


def linearize(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The function's result, and its tangent map: `push(*tangents)` is `J t`, without another call of the function.

    >>> y, push = linearize(np.sin, 0.0)
    >>> push(1.0), push(3.0)
    (np.float64(1.0), np.float64(3.0))
    """
    leaves, structure, call = differentiated(function, primals, {}, tuple(range(len(primals))))
    t = trace(function, leaves, call, has_aux=has_aux)

    def push(*tangents: Any) -> Any:
        ts = matched(tangents, structure, "the tuple of tangents")
        ts = [direction(one, v, t.levels, "the tangent of an argument") for one, v in zip(ts, t.inputs, strict=True)]
        return unflatten(t.tree, pushed(t, ts))

    return (t.value(), push, t.aux) if has_aux else (t.value(), push)


def pushed(t: Trace, tangents: list[Any]) -> list[Any]:
    """J times the tangents, one for each input, for each output of the trace; zeros where nothing reached."""
    linked = t.linked or any(map(is_recorded, tangents))
    mode = FULL if STATE.get().mode == OFF else None
    with running(levels_of(tangents), alone=True), Recording(mode), np.errstate(all="ignore"):
        found = sweep(t.path, dict(zip(t.inputs, tangents, strict=True)), linked)
    outs = [found.get(y.vertex) if type(y) is Value else None for y in t.outputs]
    return [gathered(_whole(one, y, linked), t.levels) for one, y in zip(outs, t.outputs, strict=True)]


def _whole(one: Any, y: Any, linked: bool) -> Any:
    return np.zeros(np.shape(y), y.dtype)[()] if one is None else result(one, linked)


def sweep(path: list[Value], tangents: dict[Value, Any], linked: bool) -> dict[Value, Any]:
    """The tangents of everything on a path, oldest first, from those of its inputs."""
    for v in path:
        if v not in tangents:
            ts = [tangents.get(a) if type(a) is Value else None for a in v.args]
            tangents[v] = _tangent(v, ts, Recorded(v) if linked else v, linked)
    return tangents


def _tangent(v: Value, ts: list[Any], n: Any, linked: bool) -> Any:
    """How one value moves when its arguments do; None where nothing moves."""
    op: Any = v.op
    if all(t is None for t in ts):
        return None
    if op is PICK:
        return ts[0][v.kwargs["index"]]  # type: ignore[index]  # v is a call, so it has options
    if op.push is not None:
        return op.push(ts, n)
    if op.kind == "elementwise":
        return _fitting(_added([pull(t, n) if pull else t for pull, t in zip(op.pulls, ts, strict=True) if t is not None]), v)
    if op.kind == "linear":
        return _fitting(_linear(op, v, ts, n), v)
    return _transposed(v, ts, n, linked)


def _added(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _fitting(t: Any, v: Value) -> Any:
    """A tangent of the shape and dtype of its value."""
    t = t if hasattr(t, "dtype") else np.asarray(t)[()]
    t = t if t.shape == v.shape else np.broadcast_to(t, v.shape)
    return t if t.dtype == v.dtype else t.astype(v.dtype)


def _linear(op: Op, v: Value, ts: list[Any], n: Any) -> Any:
    """The op itself: of the tangents together, or of each beside the other arguments."""
    options = v.kwargs or {}
    if op.joint or len(ts) == 1:
        return Op.apply(op, tuple(_or_zeros(t, a) for t, a in zip(ts, v.args, strict=True)), options)
    parts = [
        Op.apply(op, tuple(t if k == i else _argument(n, k, v) for k in range(len(ts))), options)
        for i, t in enumerate(ts)
        if t is not None
    ]
    return _added(parts)


def _or_zeros(t: Any, a: Any) -> Any:
    if t is not None:
        return t
    return np.zeros(a.shape, a.dtype) if type(a) is Value else np.zeros_like(a)


def _argument(n: Any, k: int, v: Value) -> Any:
    return v.args[k] if n._saved[k] is None and type(v.args[k]) is not Value else n._saved[k]


def _transposed(v: Value, ts: list[Any], n: Any, linked: bool) -> Any:
    """J t as the gradient of <J' c, t> by c: the pullback of the pullback."""
    several = isinstance(v._data, tuple)
    cs = [leaf(np.zeros(y.shape, y.dtype)[()]) for y in (v._data if several else (v._data,))]
    with running((), alone=True):  # a batch of tangents is none of cotangents
        pulls = grads(v, tuple(cs) if several else cs[0], n)
    moved = [(_reached(g, a, v.op), t) for g, a, t in zip(pulls, v.args, ts, strict=True) if g is not None and t is not None]
    if not moved:
        return None
    gs, weights = zip(*moved, strict=True)
    found = pullback(list(gs), cs, list(weights), create_graph=linked)
    found = [np.zeros(c.shape, c.dtype)[()] if one is None else one for one, c in zip(found, cs, strict=True)]
    return tuple(found) if several else found[0]


def _reached(g: Any, a: Any, op: Any) -> Any:
    g = fitted(g, a, op)
    return g.data if type(g) is Partial else g
