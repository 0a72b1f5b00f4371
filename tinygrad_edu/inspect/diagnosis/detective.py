"""`why_zero(loss, w)`: which calls let no gradient through to a value, and why.

From `w` up, through every use of it:

    a gradient arrives at the call, and it sends zero        the call is guilty
    the gradient that arrives is zero itself, or none        go on with the uses of the call's result
    what arrives through several uses is not zero            but adds up to zero: they cancel

All guilty calls together are the reason: each path from `w` to the loss goes through one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core import Graph, Value, no_grad
from ...core.backward import between
from ...core.cotangents import unbroadcast
from ...errors import DTypeError, OptionError
from ...transforms.forward import sweep
from ..chain_rule.steps import left
from ..graphs.local import _arrays
from ..graphs.naming import variables_of
from ..graphs.text import numbers
from ..recording.replay import Replay, entries
from .findings import Finding, Findings, Scene
from .zero_reasons import slope_of, zero_reason

__all__ = ["unconnected", "why_zero"]

TINY = 1e-12  # a gradient below this is called small
ROUNDING = 16  # a sum is off by fewer last digits of its parts


def why_zero(output: Value, wrt: Value, *, index: Any = None, gradient: Any = None,
             names: Mapping[str, Value] | None = None) -> Findings:  # fmt: skip
    """Why the gradient of one value by another is zero, or why there is none.

    Args:
        output: what is differentiated, usually a loss.
        wrt: the value whose gradient is zero.
        index: ask about this entry of it only; needs a graph that backward has not used up.
        gradient: of the output; 1 if not said.
        names: what to call the values; if not said, their labels, then the names of the caller's variables.

    Returns:
        The guilty calls with the reason and the cure, nearest to `wrt` first; none if the gradient is not zero, nor what
        rounding left of a cancellation.

    Raises:
        DTypeError: not two Values.
        GraphError: a lean graph did not keep what is needed, or backward has used up a graph that `index` needs.
        OptionError: `index` names no entry of `wrt`, or several.

    >>> w = Value(-1.0, label="w")
    >>> from tinygrad_edu.ops import relu
    >>> print(why_zero(relu(w * 3.0), w))
    why d(relu(w*3))/dw is zero
    <BLANKLINE>
    dead unit: relu(w*3)
        no line was recorded: compute the loss inside `with tg.record_source():`
        its input is negative or zero (-3), where the slope of relu is 0
        w*3 = -3
        cure: a unit that is never active does not learn. Start with smaller weights or another bias, lower
          the learning rate that drove it there, or use leaky_relu, elu or gelu, whose slope is not 0 there
    """
    for what, v in (("output", output), ("wrt", wrt)):
        if type(v) is not Value:
            raise DTypeError(f"why_zero(output, wrt) takes two Values; {what} is a {type(v).__name__}")
    scene = Scene(output, names, variables_of(sys._getframe(1)))
    return _Search(scene, Replay(scene.values, output, gradient), wrt.vertex, index).findings()


class _Search:
    """The walk from a value up to the calls that let nothing through."""

    def __init__(self, scene: Scene, replay: Replay, wrt: Value, index: Any) -> None:
        self.scene, self.replay, self.wrt = scene, replay, wrt
        self.inside = wrt in scene.number
        self.moving = _moving(scene, wrt, _one(wrt, index)) if index is not None and self.inside else None
        self.index = index

    def findings(self) -> Findings:
        scene = self.scene
        name = scene.names[self.wrt] if self.inside else self.wrt.label or "that value"
        entry = "" if self.index is None else f"[{', '.join(map(str, np.atleast_1d(self.index)))}]"
        what = left(scene.names[scene.output], f"{name}{entry}")
        if not self.inside:
            return Findings(unconnected(scene, self.wrt, name), f"why there is no {what}", "")
        g = self.replay.gradient(self.wrt)
        if not self._zero(self.wrt, g):
            return Findings(self._rounded_away(entries(g)), f"why {what} is zero", _not_zero(entries(g), self.index))
        found = self._walk()
        if any(f.op in _JOINING for f in found) and self.moving is None and scene.output._saved is not None:
            self.moving = _moving(scene, self.wrt, _all(self.wrt))  # which entries come from `wrt`
            found = self._walk()
        return Findings(found, f"why {what} is zero" if g is not None else f"why there is no {what}", "no reason was found")

    def _rounded_away(self, g: Any) -> list[Finding]:
        """A gradient that is what rounding left of parts that cancel; as far as they come through entrywise calls."""
        uses = self.scene.uses.get(self.wrt, [])
        if self.index is not None or isinstance(g, tuple) or g.dtype == object or not all(map(_entrywise, uses)):
            return []
        with np.errstate(all="ignore"):
            parts = [np.abs(slope_of(v, i) * entries(self.replay.gradient(v))) for v, i in uses if _any(self._part(v, i))]
            size = sum(unbroadcast(part, self.wrt.shape) for part in parts)
        if np.any(np.abs(g) > ROUNDING * np.finfo(g.dtype).eps * size):
            return []
        name = self.scene.names[self.wrt]
        message = f"but for rounding: what comes back to {name} through its uses and copies adds up to zero"
        return [self.scene.finding(uses[0][0], "cancellation", message, _TAKEN_OUT)]

    def _walk(self) -> list[Finding]:
        stack, seen, found = [self.wrt], {self.wrt}, list[Finding]()
        while stack:
            a = stack.pop()
            if a is self.scene.output:
                found.append(
                    self.scene.finding(
                        a, "nothing to start with", "the gradient that backward starts with is zero", "pass another"
                    )
                )
            living = [(v, place) for v, place in self.scene.uses.get(a, ()) if not self._zero(a, self._part(v, place))]
            if living:
                found.append(self._cancelled(a, living))
            alive = set(living)  # `in` of a list would compare the values by `==`, entry by entry
            for v, place in self.scene.uses.get(a, ()):
                if (v, place) in alive:
                    continue
                if self._guilty(v):
                    found.append(self._explained(v, place))
                elif v not in seen:
                    seen.add(v)
                    stack.append(v)
        unique = {(f.node, f.kind): f for f in found}
        return list(unique.values())

    def _part(self, v: Value, place: int) -> Any:
        return self.replay.sent(v)[place].part

    def _guilty(self, v: Value) -> bool:
        """Whether something arrives at a call that lets nothing through, or its result does not move with the entry."""
        if self.moving is not None and not _any(self.moving.get(v)):
            return self.replay.gradient(v) is not None
        return not self._zero(v, self.replay.gradient(v))

    def _zero(self, a: Value, g: Any) -> bool:
        """Whether a gradient is zero in all the entries that are asked about."""
        g = entries(g)
        if g is None or self.moving is None or isinstance(g, tuple):
            return not _any(g)
        moved = self.moving.get(a)
        return moved is None or not np.any(np.asarray(g)[np.asarray(moved) != 0])

    def _explained(self, v: Value, place: int) -> Finding:
        g = entries(self.replay.gradient(v))
        moving = None if self.moving is None else np.asarray(self.moving[v.args[place]]) != 0
        reason = zero_reason(v, place, g, moving)
        return self.scene.finding(v, reason.kind, reason.message, reason.cure)

    def _cancelled(self, a: Value, living: list[tuple[Value, int]]) -> Finding:
        names = self.scene.names
        parts = ", ".join(f"{numbers(entries(self._part(v, place)), 6)} through {names[v]}" for v, place in living[:4])
        many = f" and {len(living) - 4} more" if len(living) > 4 else ""
        message = f"what comes back to {names[a]} adds up to zero: {parts}{many}"
        return self.scene.finding(living[0][0], "cancellation", message, _OPPOSITE)


_JOINING = ("stack", "concatenate", "append", "insert", "column_stack", "hstack", "vstack", "dstack")
_TAKEN_OUT = ("a common shift that a later step takes out again, as softmax, a normalisation or a difference do, has no "
              "effect: leave this value out of the parameters")  # fmt: skip
_OPPOSITE = ("the paths pull in opposite directions by the same amount; tg.explain writes them out. Check a sign, or start "
             "from other numbers")  # fmt: skip


def _entrywise(use: tuple[Value, int]) -> bool:
    op = use[0].op
    return op is not None and op.kind == "elementwise"


def _any(g: Any) -> bool:
    return g is not None and (any(map(_any, g)) if isinstance(g, tuple) else bool(np.any(g)))


def _one(wrt: Value, index: Any) -> Any:
    """1 at one entry, else 0.

    Raises:
        OptionError: the index names no entry, or several.
    """
    direction = np.zeros(wrt.shape, wrt.dtype)
    try:
        many = np.size(direction[index])
    except IndexError as error:
        raise OptionError(f"index={index!r} is no entry of an array of shape {wrt.shape}: {error}") from None
    if many != 1:
        raise OptionError(f"index={index!r} names {many} entries of an array of shape {wrt.shape}; name one")
    direction[index] = 1
    return direction


def _moving(scene: Scene, wrt: Value, direction: Any) -> dict[Value, Any]:
    """How every value moves when `wrt` moves in a direction: zero where it does not."""
    path = between([scene.output.vertex], [wrt])
    with no_grad(), np.errstate(all="ignore"):
        return sweep(path, {wrt: direction[()]}, False)


def _all(wrt: Value) -> Any:
    return np.random.default_rng(0).uniform(1, 2, wrt.shape).astype(wrt.dtype)


def _not_zero(g: Any, index: Any) -> str:
    zeros = int(np.sum(np.asarray(g) == 0))
    g = np.asarray(g)[index] if index is not None else np.asarray(g)
    if g.dtype != object and np.all(np.abs(g) < TINY):
        return f"it is not: {numbers(g, 6)}, though small; tg.explain writes out its factors"
    if index is None and zeros:
        return f"it is not: {zeros} of {np.size(g)} entries are. Ask about one of them, index={_first(g)}"
    return f"it is not: {numbers(g, 6)}"


def _first(g: Any) -> Any:
    return tuple(int(i) for i in np.argwhere(np.asarray(g) == 0)[0])


# -- no path at all ------------------------------------------------------------------------------------------------------

_DETACHED = ("keep the Value in the calculation: `.data`, `.detach()`, `.item()`, float(), stop_gradient, no_grad(), "
             "comparisons and argmax give plain numbers, through which nothing flows back")  # fmt: skip


def unconnected(scene: Scene, wrt: Value, name: str) -> list[Finding]:
    """The calls that use the numbers of a value instead of the value; else those that use any plain arrays."""
    shared = [v for v in scene.values if any(_shares(x, wrt, a) for x, a in _uses(v))]
    if shared:
        message = f"{name} comes in here as plain numbers, cut off from its Value"
        return [scene.finding(v, "detached", message, _DETACHED) for v in shared]
    if cut_off := _cut_off(scene, wrt, name):
        return cut_off
    output = scene.names[scene.output]
    twin = next((v for v in scene.uses if v.op is None and wrt.label and v.label == wrt.label), None)
    if twin is not None:
        message = f"{output} was made from another Value that is called {wrt.label} too"
        return [scene.finding(scene.uses[twin][0][0], "not connected", message, _REPLACED)]
    alike = [scene.names[v] for v in scene.uses if v.op is None and v.ndim and v.shape == wrt.shape and scene.names.named(v)]
    meant = f", or {' or '.join(alike[:2])}, of the same shape, stands in its place" if alike else ""
    suspects = [v for v in scene.values if any(_computed(x, a) for x, a in _uses(v))]
    message = f"{output} was not made from {name}. Plain numbers come in here, perhaps some that were made from it{meant}"
    if suspects:
        return [scene.finding(v, "not connected", message, _DETACHED) for v in suspects[:4]]
    message = f"no path leads from {name} to {output}: no call uses it{meant}"
    return [
        Finding(
            "not connected", scene.number.get(wrt), name, "", message, f"use it, or leave it out of the parameters; {_DETACHED}"
        )
    ]


def _cut_off(scene: Scene, wrt: Value, name: str) -> list[Finding]:
    """The calls that use the numbers of something that was made from a value, where a variable still holds it."""
    found = []
    for made, called in scene.variables.items():
        if made.op is None or made in scene.number:
            continue
        users = [v for v in scene.values if any(_shares(x, made, a) for x, a in _uses(v))]
        if users and wrt in set(Graph(made).leaves):
            message = f"{called}, which was made from {name}, comes in here as plain numbers, cut off from its Value"
            found += [scene.finding(v, "detached", message, _DETACHED) for v in users]
    return found


_REPLACED = ("a parameter that is replaced, w = Value(...), is a new one: compute the loss after that, or keep the old one and "
             "write w.data = ...")  # fmt: skip


def _uses(v: Value) -> list[tuple[Any, Any]]:
    return list(zip(_arrays(v), v.args, strict=True)) if v.op is not None else []


def _shares(x: Any, wrt: Value, a: Any) -> bool:
    """Whether an argument that is another Value, or none, has the numbers of `wrt`."""
    if type(a) is Value and a.op is not None:
        return False
    if isinstance(x, np.ndarray) and isinstance(wrt._data, np.ndarray) and x.ndim:
        return np.may_share_memory(x, wrt._data)
    return x is wrt._data


def _computed(x: Any, a: Any) -> bool:
    """Whether an argument is a number or array of NumPy's, as calculations give, and no Value with a name."""
    return isinstance(x, np.ndarray | np.generic) and (type(a) is not Value or (a.op is None and not a.label))
