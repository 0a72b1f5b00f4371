"""Functions with a derivative of one's own, for arguments of any structure; and no derivative at all.

For a function of arrays the declarators (`tg.elementwise`, `tg.linear`, `tg.primitive`) say the same in one line.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from ..core.backward import pullback
from ..core.recording import FULL, OFF, STATE, Recording
from ..core.value import Value, leaf, tick
from ..errors import NotDifferentiable, OptionError, ShapeError
from .batch import Level, gathered, running, spread
from .opaque import opaque, physical
from .tracing import is_recorded, name_of, plain, walked
from .trees import Tree, flatten, map_leaves, matched, unflatten

__all__ = ["custom_jvp", "custom_vjp", "stop_gradient"]


def stop_gradient(x: Any) -> Any:
    """The numbers of x, through which nothing flows back; x can be a nested tuple, list or dict.

    >>> from .reverse import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return map_leaves(plain, x)


class _Call:
    """One call of a function with its own rule: which arguments are arrays, and how they are put back."""

    def __init__(self, function: Callable[..., Any], static: tuple[int, ...], args: Any, kwargs: Any) -> None:
        bound = inspect.signature(function).bind(*args, **kwargs)
        if not isinstance(function, np.ufunc):  # whose defaults are where to write, and the like
            bound.apply_defaults()
        if bound.kwargs:
            raise OptionError(f"{name_of(function)} has its own derivative rule, which takes its arguments by their places; "
                              f"it cannot have keyword-only ones: {', '.join(bound.kwargs)}")  # fmt: skip
        self.function, self.args = function, list(bound.args)
        if any(not -len(self.args) <= i < len(self.args) for i in static):
            raise OptionError(f"nondiff_argnums={static}, but {name_of(function)} was called with {len(self.args)} arguments")
        places = {i % len(self.args) for i in static}
        self.static = [self.args[i] for i in sorted(places)]
        self.places = [i for i in range(len(self.args)) if i not in places]
        self.tree: Tree
        leaves, self.tree = flatten(tuple(self.args[i] for i in self.places))
        self.xs, self.levels = physical(leaves)

    def inside(self, xs: Any) -> tuple[Any, ...]:
        """The differentiable arguments, from the physical arrays of their leaves."""
        return unflatten(self.tree, [gathered(x, self.levels) for x in xs])  # type: ignore[no-any-return]  # what is called is Any to mypy

    def all(self, xs: Any) -> list[Any]:
        """All arguments, likewise."""
        new = dict(zip(self.places, self.inside(xs), strict=True))
        return [new.get(i, a) for i, a in enumerate(self.args)]

    def plainly(self, function: Callable[..., Any]) -> Any:
        """The result for plain arrays; Values in it came from outside, where their gradient would be lost."""
        out = function(*self.all([plain(x) for x in self.xs]))
        if any(map(is_recorded, flatten(out)[0])):
            raise self.uses_others()
        return out

    def uses_others(self) -> NotDifferentiable:
        """The error for a function, or a rule, that a Value comes into by another way than as an argument."""
        return NotDifferentiable(
            f"{name_of(self.function)} uses a Value that is not among its arguments, and its rule says nothing about it. "
            "Pass it as an argument, or take its numbers: v.data"
        )

    def again(self, function: Callable[..., Any]) -> Callable[[list[Any]], list[Any]]:
        """The call with other arrays, to be checked."""
        return lambda xs: flatten(function(*self.all(xs)))[0]

    def recorded(self) -> bool:
        return any(type(x) is Value for x in self.xs) and STATE.get().mode != OFF


class custom_vjp:  # noqa: N801  used as a decorator, by JAX's name
    """A function with a pullback of its own.

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such.
        nondiff_argnums: places of arguments that are no arrays; `bwd` gets them first.

    `defvjp(fwd, bwd)` gives the rule: `fwd` takes the function's arguments and returns its result and whatever `bwd` needs;
    `bwd(needed, c)` takes that and the cotangent of the result, and returns a tuple with a cotangent for each argument, or
    None where nothing flows. Higher derivatives are those of `bwd` and of what `fwd` hands to it; the function itself keeps
    its rule in every order. Forward mode is the transpose.

    >>> from .reverse import grad
    >>> @custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda _, c: (np.clip(c, -1, 1),))
    >>> grad(lambda x: 5 * clipped(x))(2.0)
    np.float64(1.0)
    """

    def __init__(self, function: Callable[..., Any], nondiff_argnums: int | tuple[int, ...] = ()) -> None:
        self.function = function
        self.static = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else tuple(nondiff_argnums)
        self.fwd: Any = None
        self.bwd: Any = None
        update_wrapper(self, function)

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Say the rule."""
        self.fwd, self.bwd = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result, recorded as one vertex."""
        if self.fwd is None:
            raise OptionError(f"{name_of(self)} has no rule yet; say it with {name_of(self)}.defvjp(fwd, bwd)")
        call = _Call(self.function, self.static, args, kwargs)
        if not call.recorded():
            return self.function(*args, **kwargs)
        out, needed = call.plainly(self._forward)
        leaves, tree = flatten(out)

        def pull(g: Any, xs: Any, y: Any) -> list[Any]:
            with running(call.levels):
                kept = self._forward(*call.all(xs))[1] if any(type(x) is Value for x in xs) else needed
                cotangent = unflatten(tree, [gathered(c, call.levels) for c in g])
                gs = _cotangents(self, self.bwd(*call.static, kept, cotangent), call)
            if any(map(is_recorded, gs)) and not any(map(is_recorded, (*xs, *g))):
                raise call.uses_others()
            return gs

        return unflatten(tree, opaque(name_of(self), call.xs, leaves, call.levels, pull, again=call.again(self)))

    def _forward(self, *args: Any) -> Any:
        pair = self.fwd(*args)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"fwd of {name_of(self)} has to return a pair (result, what bwd needs), got {type(pair).__name__}")
        return pair


def _cotangents(rule: Any, given: Any, call: _Call) -> list[Any]:
    """What `bwd` returned, one for each leaf."""
    if not isinstance(given, tuple) or len(given) != len(call.places):
        got = f"{len(given)} of them" if isinstance(given, tuple) else type(given).__name__
        raise TypeError(f"bwd of {name_of(rule)} has to return a tuple with a cotangent, or None, for each of the "
                        f"{len(call.places)} arguments that are differentiated by; got {got}")  # fmt: skip
    parts: list[Any] = []
    for g, structure in zip(given, call.tree.children, strict=True):
        parts += [None] * structure.size if g is None else matched(g, structure, "a cotangent")
    gs = [g if g is None else _spread(g, call.levels) for g in parts]
    for g, x in zip(gs, call.xs, strict=True):
        if g is not None and g.shape != x.shape:
            n = len(call.levels)
            raise ShapeError(f"bwd of {name_of(rule)} gave a cotangent of shape {g.shape[n:]} for an argument of shape "
                             f"{x.shape[n:]}; what was broadcast has to be summed back")  # fmt: skip
    return gs


def _spread(x: Any, levels: tuple[Level, ...]) -> Any:
    return spread(x if hasattr(x, "dtype") else np.asarray(x)[()], levels)


class custom_jvp:  # noqa: N801  used as a decorator, by JAX's name
    """A function with a tangent map of its own.

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such.
        nondiff_argnums: places of arguments that are no arrays; the rule gets them first.

    `defjvp(rule)` gives it: `rule(primals, tangents)` takes two tuples and returns the result and its tangent, which has to
    be linear in the tangents. Reverse mode is its transpose. `defjvp` returns the rule, so it is a decorator too.

    >>> from .reverse import grad
    >>> @custom_jvp
    ... def softplus(x):
    ...     return np.logaddexp(x, 0)
    >>> @softplus.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (t,) = primals, tangents
    ...     return softplus(x), t / (1 + np.exp(-x))
    >>> grad(softplus)(0.0)
    np.float64(0.5)
    """

    def __init__(self, function: Callable[..., Any], nondiff_argnums: int | tuple[int, ...] = ()) -> None:
        self.function = function
        self.static = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else tuple(nondiff_argnums)
        self.rule: Any = None
        update_wrapper(self, function)

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Say the rule."""
        self.rule = rule
        return rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result, recorded as one vertex."""
        if self.rule is None:
            raise OptionError(f"{name_of(self)} has no rule yet; say it with {name_of(self)}.defjvp(rule)")
        call = _Call(self.function, self.static, args, kwargs)
        if not call.recorded():
            return self.function(*args, **kwargs)
        leaves, tree = flatten(call.plainly(self.function))
        ys = [_spread(y, call.levels) for y in leaves]

        def push(ts: list[Any], xs: Any) -> list[Any]:
            with running(call.levels):
                ts = [_zeros(x) if t is None else t for t, x in zip(ts, xs, strict=True)]
                pair = self.rule(*call.static, call.inside(xs), call.inside(ts))
                moved = _tangents(self, pair, tree, ys, call)
            if any(map(is_recorded, moved)) and not any(map(is_recorded, (*xs, *ts))):
                raise call.uses_others()
            return moved

        def pull(g: Any, xs: Any, y: Any) -> list[Any]:
            return _transposed(call, push, g, xs)

        return unflatten(tree, opaque(name_of(self), call.xs, leaves, call.levels, pull, push, again=call.again(self)))


def _tangents(rule: Any, pair: Any, tree: Tree, ys: list[Any], call: _Call) -> list[Any]:
    """What the rule returned beside the result, one for each leaf of that."""
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"the rule of {name_of(rule)} has to return a pair (result, tangent), got {type(pair).__name__}")
    ts = [_spread(t, call.levels) for t in matched(pair[1], tree, "the tangent")]
    for t, y in zip(ts, ys, strict=True):
        if t.shape != y.shape:
            n = len(call.levels)
            raise ShapeError(f"the rule of {name_of(rule)} gave a tangent of shape {t.shape[n:]} for a result of shape "
                             f"{y.shape[n:]}")  # fmt: skip
    return ts


def _zeros(x: Any) -> Any:
    return np.zeros(x.shape, x.dtype if x.dtype.kind == "f" else np.float64)[()]


def _transposed(call: _Call, push: Callable[..., Any], g: Any, xs: Any) -> list[Any]:
    """The pullback that belongs to a tangent map: the gradient of <c, J t> by t."""
    start = tick()
    tangents = [leaf(_zeros(x)) for x in xs]
    with Recording(FULL):
        outputs = push(list(tangents), xs)
    linked = any(map(is_recorded, (*xs, *g)))
    if not linked and walked([y.vertex for y in outputs if type(y) is Value], tangents, start)[1]:
        raise call.uses_others()
    return pullback(outputs, tangents, list(g), create_graph=linked)
