"""Backpropagation: the chain rule, from the output to the leaves, one value at a time.

    g[output] = 1
    for v in the graph, newest first:
        for each argument:  g[argument] += pull(g[v], v)

Newest first is right because an argument is always older than its result; so every consumer of a value has added its part
before the value is asked to pass it on. Nothing here recurses, and a value that is used many times is visited once.

A branch that was not taken gives *no* gradient, which is not the same as a gradient of zero: 0 * inf is NaN, nothing * inf
is nothing. Whole values are kept apart by None; single entries by the mask of a `Partial`.
"""

from __future__ import annotations

from contextlib import nullcontext
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..errors import DTypeError, GraphError, ShapeError
from .calls import PICK, one_of
from .cotangents import PARTED, Partial, Results, fitted, plain, with_gaps
from .exact import OBJECT, kind_of, lifted
from .recording import BACKWARD, FULL, LEAN, OFF, STATE, Recording, State
from .value import VIEWS, Value, foreign, handle, leaf

__all__ = ["Recorded", "backward", "between", "gradients", "grads", "pullback", "seed", "spent", "upstream"]


def backward(output: Value, gradient: Any = None, create_graph: bool = False, retain_graph: bool | None = None,
             lean: bool | None = None) -> None:  # fmt: skip
    """See `Value.backward`."""
    lean = STATE.get().mode >= LEAN if lean is None else lean
    retain = create_graph if retain_graph is None else retain_graph
    root = output.vertex
    found = _sweep(upstream(root), {root: seed(output, gradient, create_graph)}, create_graph, retain, not lean)
    while found:
        v, g = found.popitem()
        if v._grad is not None:
            v._grad = v._grad + g
        elif type(g) is ndarray and (g.base is not None or getrefcount(g) > _ALONE):
            v._grad = g.copy()  # a leaf owns its gradient: nobody else can write to it
        else:
            v._grad = g


def _alone() -> int:
    g = np.empty(1)
    return getrefcount(g)


_ALONE = _alone()  # 2, or 1 where Python lends a local variable to a call without counting it


def gradients(output: Value, inputs: list[Value], gradient: Any = None, *, create_graph: bool = False,
              retain_graph: bool | None = None) -> list[Any]:  # fmt: skip
    """d(output)/d(each input) as a list, None where nothing reached; no `.grad` is touched.

    With `create_graph` this makes no reference cycle, which `backward` does when a leaf's `.grad` has a graph on that leaf.

    Args:
        output: what is differentiated; any shape, if `gradient` has the same.
        inputs: Values that it may depend on, leaves or not.
        gradient: what comes back from behind the output; 1 for an output of one entry.
        create_graph: gradients are Values, to be differentiated again.
        retain_graph: keep what the graph needs for another walk; as `create_graph` if not said.

    >>> x = Value(3.0)
    >>> gradients(x * x, [x])
    [np.float64(6.0)]
    """
    if isinstance(inputs, Value) or not all(type(v) is Value for v in (output, *inputs)):
        raise TypeError("gradients(output, [x, ...]) takes a Value and a list of Values")
    retain = create_graph if retain_graph is None else retain_graph
    return pullback([output], inputs, [gradient], create_graph=create_graph, retain=retain)


def pullback(outputs: list[Any], inputs: list[Value], cotangents: list[Any], *, create_graph: bool = False,
             retain: bool = True, independent: bool = False,
             path: list[Value] | None = None) -> list[Any]:  # fmt: skip
    """The sum over the outputs of J' times the cotangent, for each input; None where nothing reached.

    Only what lies between the inputs and the outputs is visited; an output that is a plain array adds nothing.
    `independent` inputs are held apart: where one was made from another, the other's gradient does not go through it.
    Who knows already what lies `between` them hands it in as `path`.
    """
    wanted = [v.vertex for v in inputs]
    if any(map(foreign, outputs)):
        raise TypeError(f"pullback of {[type(y).__name__ for y in outputs]}: outputs are Values, or plain arrays")
    seeds = [(y, c) for y, c in zip(outputs, cotangents, strict=True) if type(y) is Value]
    path = between([y.vertex for y, _ in seeds], wanted, independent) if path is None else [*path]
    pending: dict[Value, Any] = {}
    for y, c in seeds:
        g, v = seed(y, c, create_graph), y.vertex
        pending[v] = pending[v] + g if v in pending else g
    found = _sweep(path, pending, create_graph, retain, False, frozenset(wanted), independent)
    return [found.get(v) for v in wanted]


def upstream(root: Value) -> list[Value]:
    """Every value that `root` was made from, itself included, oldest first."""
    return _made_from([root], -1, set())


def between(outputs: list[Value], inputs: list[Value], independent: bool = False) -> list[Value]:
    """The values on the ways from the inputs to the outputs, both included, oldest first.

    Raises:
        GraphError: an earlier backward used up one of the values that the outputs were made from.
    """
    wanted, path = set(inputs), dict[Value, None]()
    first = min((v.index for v in inputs), default=0)
    for v in _made_from(outputs, first, wanted if independent else set()):
        if v._saved is None:
            raise spent(v)
        if v in wanted or any(type(a) is Value and a in path for a in v.args):
            path[v] = None
    return list(path)


def _made_from(roots: list[Value], first: int, ends: set[Value]) -> list[Value]:
    """The roots and what they were made from, down to the tape index `first` and to the ends, oldest first."""
    seen, values = set(roots), list(dict.fromkeys(roots))
    for v in values:
        for a in v.args if v not in ends else ():
            if type(a) is Value and a not in seen and a.index >= first:
                seen.add(a)
                values.append(a)
    values.sort(key=attrgetter("index"))
    return values


def _sweep(values: list[Value], pending: dict[Value, Any], create_graph: bool, retain: bool, keep: bool,
           wanted: frozenset[Value] = frozenset(), independent: bool = False) -> dict[Value, Any]:  # fmt: skip
    """One pass over the values, newest first: the gradients of the leaves, or of the wanted among the values, and no others.

    `keep` leaves every value its gradient; without `retain` what the rules read is freed; `independent`: see `pullback`.
    """
    for v in values:
        if v._saved is None:
            raise spent(v)
    path = frozenset(values) if wanted else None
    ends = wanted if independent else frozenset()
    found: dict[Value, Any] = {}
    pull = _pull_in_scope if create_graph else _pull
    asked = create_graph and STATE.get().mode == OFF  # for a graph, inside no_grad
    with np.errstate(all="ignore"), Recording(FULL) if asked else nullcontext():  # an infinite slope is an answer
        while values:
            v = values.pop()
            g = pending.pop(v, None)
            if g is not None and (v in wanted if wanted else v.op is None):
                found[v] = _finished(g, create_graph)
            if v.op is None or v in ends:
                continue
            if g is not None:
                pull(v, g, pending, create_graph, path)
            if keep:
                v._grad = g if type(g) is float64 else _finished(g, create_graph)
            if not retain:
                v._saved = v._locks = None
                if not keep:
                    v.args = ()
    return found


def _pull(v: Value, g: Any, pending: dict[Value, Any], create_graph: bool, path: frozenset[Value] | None) -> None:
    """Hand the gradient of one value on to its arguments on the path: `gx` for each, by the rule of the op."""
    op: Any = v.op
    if op.binary and path is None and type(g) is float64 and not create_graph:
        _pull_scalars(v, op.pulls, g, pending)
        return
    n = Recorded(v) if create_graph else v
    simple = op.simple and type(g) not in PARTED
    for a, pull in zip(v.args, op.pulls if simple else grads(v, g, n)):  # noqa: B905  costs as much as a small rule
        if type(a) is Value and (path is None or a in path):
            gx = pull if not simple else pull(g, n) if pull else g
            if type(gx) is not ndarray or gx.shape != a._data.shape or gx.dtype is not a._data.dtype:
                if gx is None:
                    continue
                gx = fitted(gx, a, op)
            pending[a] = pending[a] + gx if a in pending else gx


def _pull_in_scope(v: Value, g: Any, pending: dict[Value, Any], create_graph: bool, path: frozenset[Value] | None) -> None:
    """`_pull`, recorded as the backward pass of the module that the call belongs to, which pictures show as a frame."""
    now = STATE.get()
    token = STATE.set(State(now.mode, (BACKWARD, *v.scope), now.source))
    try:
        _pull(v, g, pending, create_graph, path)
    finally:
        STATE.reset(token)


def _pull_scalars(v: Value, pulls: Any, g: float64, pending: dict[Value, Any]) -> None:
    """`_pull` for two operands and a scalar: nothing to fit, no loop."""
    a, b = v.args
    if type(a) is Value:
        gx = pulls[0](g, v) if pulls[0] else g
        if type(gx) is not float64 or type(a._data) is not float64:
            gx = fitted(gx, a, v.op)
        pending[a] = pending[a] + gx if a in pending else gx
    if type(b) is Value:
        gx = pulls[1](g, v) if pulls[1] else g
        if type(gx) is not float64 or type(b._data) is not float64:
            gx = fitted(gx, b, v.op)
        pending[b] = pending[b] + gx if b in pending else gx


class Recorded:
    """A value whose arrays are Values again, so that a rule that is run on it is recorded."""

    __slots__ = ("_data", "_saved", "args", "kwargs")

    def __init__(self, v: Value) -> None:
        self.args, self.kwargs = v.args, v.kwargs
        self._saved = tuple(_again(a, x) for a, x in zip(v.args, v._saved or (), strict=False))
        self._data = tuple(one_of(v, i, STATE.get()) for i in range(len(v._data))) if isinstance(v._data, tuple) else v


def _again(a: Any, x: Any) -> Any:
    if type(a) is not Value or x is None:
        return x
    return a if a._data is x else handle(x, a)


def grads(v: Value, g: Any, n: Any) -> Any:
    """The gradient of each argument, by the rules of the op."""
    op: Any = v.op
    if op is PICK:
        return [Results(plain(g) if {"index": k} == v.kwargs else None for k in range(len(v.args[0]._data)))]
    if type(g) is Results:
        g = tuple(np.zeros(y.shape, y.dtype) if one is None else one for y, one in zip(v._data, g, strict=True))
    if op.selects or type(g) is Partial:
        return _partial(v, g, n)
    if op.variadic:
        return _each(op, op.pulls[0](g, n), v.args)
    return [None if type(a) is not Value else p(g, n) if p else g for p, a in zip(op.pulls, v.args, strict=True)]


def _each(op: Any, gradients: Any, args: tuple[Any, ...]) -> Any:
    if len(gradients) != len(args):
        raise ShapeError(f"the rule of {op.name} gave {len(gradients)} gradients for {len(args)} arguments")
    return gradients


# -- entries that no gradient reached -------------------------------------------------------------------------------


def _partial(v: Value, g: Any, n: Any) -> list[Any]:
    """The gradients of all arguments, for a gradient with gaps or an op that leaves entries out; the gaps go on."""
    op: Any = v.op
    data, reached = (g.data, g.reached) if type(g) is Partial else (g, None)
    pulls = [lambda g, n, i=i: op.pulls[0](g, n)[i] for i in range(len(v.args))] if op.variadic else op.pulls
    out: list[Any] = []
    for a, pull in zip(v.args, pulls, strict=True):
        gx = None if type(a) is not Value else pull(data, n) if pull else data
        if gx is not None and not (a.op is None and op.moves):  # beyond a leaf nobody asks where the gaps are
            reached = np.ones(g.shape, bool) if reached is None else reached
            if op.kind == "elementwise":
                gx = with_gaps(gx, reached, a)
            elif op.moves:
                gx = with_gaps(gx, pull(reached.astype(float), v) != 0 if pull else reached, a)
        out.append(gx)
    return out


# -- the two ends ----------------------------------------------------------------------------------------------------


def seed(output: Value, gradient: Any, create_graph: bool) -> Any:
    """The gradient that a backward pass starts with: checked, or 1 for a scalar if none was given."""
    if gradient is None:
        if output.size != 1:
            raise GraphError(f"backward from a Value of shape {output.shape}: each entry has a gradient of its own. Make it a "
                             "scalar, v.sum().backward(), or say how much each entry counts, v.backward(gradient)")  # fmt: skip
        if output.dtype is OBJECT:
            return lifted(np.ones(output.shape), kind_of([output.data]))
        return np.ones(output.shape, output.dtype) if output.shape else output.dtype.type(1)
    if foreign(gradient):
        pass
    elif type(gradient) is not Value or not create_graph:
        gradient = np.asarray(gradient.data if type(gradient) is Value else gradient)
        if gradient.dtype.kind not in "fiubO":
            raise DTypeError(f"a gradient of dtype {gradient.dtype} for a Value of {output.dtype}")
        gradient = lifted(gradient) if output.dtype is OBJECT else np.array(gradient, output.dtype)[()]
    if gradient.shape != output.shape:
        raise ShapeError(f"the gradient of a Value of shape {output.shape} has that shape; got {gradient.shape}")
    return gradient


def _finished(g: Any, create_graph: bool) -> Any:
    g = None if type(g) is Results else plain(g)
    if type(g) is ndarray and g.dtype is OBJECT:
        g = lifted(g)
    return leaf(g) if create_graph and isinstance(g, ndarray | np.generic) else g


def spent(v: Value) -> GraphError:
    """The error for a value that an earlier backward used up."""
    name = f"{v.op.name if v.op else ''}{v.label and f' {v.label!r}'}"
    return GraphError(
        f"this graph was used up by an earlier backward (at {name}). Compute the output anew for each backward, as a training "
        "loop does; or keep the graph with backward(retain_graph=True) the first time; or add the outputs up and call "
        "backward once"
    )


VIEWS["backward"] = backward
