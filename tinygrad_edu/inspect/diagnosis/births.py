"""`where_nan(loss)`: the call that made the first NaN, in the forward or the backward pass, and why.

    forward     the loss is NaN; go back through the arguments that are NaN, to a call that has none
    backward    a gradient is NaN; go back through the calls that sent it, to one at which a clean gradient arrived

Where that call met an infinity, as in inf - inf or 0 * inf, the guilty one is the call that made the infinity.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ...core import Value
from ...core.recording import Spec
from ...errors import DTypeError, GraphError
from ..graphs.local import _arrays
from ..graphs.naming import variables_of
from ..recording.replay import Replay, entries
from .birth_reasons import EXPLODING, Born, backward_reason, forward_reason, infinite_slope, leading_to
from .cures import steep
from .findings import Finding, Findings, Scene

__all__ = ["where_nan"]

Test = Callable[[Any], Any]


def where_nan(output: Value, wrt: Value | None = None, *, gradient: Any = None,
              names: Mapping[str, Value] | None = None) -> Findings:  # fmt: skip
    """Where the first NaN was made, or, if there is none, the first infinity.

    Looked at in this order: the output is NaN, it is infinite, a gradient is NaN, one is infinite. An infinity that does no
    harm, as -inf in front of exp, is none of them.

    Args:
        output: usually a loss.
        wrt: look at the gradient of this value only; of all leaves if not said.
        gradient: of the output; 1 if not said.
        names: what to call the values; if not said, their labels, then the names of the caller's variables.

    Returns:
        The guilty calls, oldest first, with the reason and the cure; none if all numbers are finite.

    Raises:
        DTypeError: not Values.
        GraphError: a lean graph did not keep what is needed; or `wrt` is not in the graph.

    >>> x = Value(0.0, label="x")
    >>> print(where_nan(np.sqrt(x * x)))
    where the NaN in the gradient of sqrt(x*x) was born
    <BLANKLINE>
    infinite slope: sqrt(x*x)
        no line was recorded: compute the loss inside `with tg.record_source():`
        the slope of sqrt is infinite at 0; the inf that it sends back meets a factor 0 in multiply: inf * 0
        is NaN
        x*x = 0
        cure: as one op:
              np.abs(x)
    """
    if type(output) is not Value or not (wrt is None or type(wrt) is Value):
        raise DTypeError(f"where_nan takes Values; got {type(output).__name__} and {type(wrt).__name__}")
    scene = Scene(output, names, variables_of(sys._getframe(1)))
    if any(type(v._data) is Spec for v in scene.values):
        raise GraphError("the graph did not keep its numbers. Compute it outside of tg.lean() to look for the NaN")
    if wrt is not None and wrt.vertex not in scene.number:
        raise GraphError(f"{scene.names[scene.output]} was not made from {wrt.label or 'that value'}; ask why_zero")
    name = scene.names[scene.output]
    for word, test in (("NaN", np.isnan), ("infinity", np.isinf)):
        if found := _forward(scene, test):
            return Findings(found, f"where the {word} of {name} was born", "")
    replay = Replay(scene.values, output, gradient)
    leaves = [wrt.vertex] if wrt is not None else [v for v in scene.values if v.op is None]
    for word, test in (("NaN", np.isnan), ("infinity", np.isinf)):
        if found := _Backward(scene, replay, test).findings(leaves):
            return Findings(found, f"where the {word} in the gradient of {name} was born", "")
    return Findings([], f"NaN or infinity in {name} and its gradients", "all numbers are finite")


def _any(test: Test, x: Any) -> bool:
    """Whether some entry of an argument, a result or a gradient is such."""
    if isinstance(x, tuple):
        return any(_any(test, one) for one in x)
    if x is None or not isinstance(x, float | np.ndarray | np.generic) or np.asarray(x).dtype.kind != "f":
        return False
    return bool(np.any(test(x)))


# -- forward -------------------------------------------------------------------------------------------------------------


def _forward(scene: Scene, test: Test) -> list[Finding]:
    if not _any(test, scene.output._data):
        return []
    found: list[Finding] = []
    for v in _births([scene.output], test):
        causes = _births(_suspects(v, np.isinf, test), np.isinf) if test is np.isnan else []
        if causes:
            found += [_at(scene, c, leading_to(forward_reason(scene, c), v, scene.called(v))) for c in causes]
        else:
            found.append(_at(scene, v, forward_reason(scene, v)))
    return _sorted(found)


def _at(scene: Scene, v: Value, born: Born) -> Finding:
    return scene.finding(v, born.kind, born.message, born.cure)


def _sorted(found: list[Finding]) -> list[Finding]:
    unique = {(f.node, f.kind): f for f in found}
    return sorted(unique.values(), key=lambda f: -1 if f.node is None else f.node)


def _births(start: Iterable[Value], test: Test) -> list[Value]:
    """The oldest values of this kind that the given ones were made from: none of their arguments is of this kind."""
    stack = list(start)
    seen, found = set(stack), []
    while stack:
        v = stack.pop()
        before = _suspects(v, test, test)
        if not before:
            found.append(v)
        for a in before:
            if a not in seen:
                seen.add(a)
                stack.append(a)
    return found


def _suspects(v: Value, test: Test, of: Test) -> list[Value]:
    """The arguments of a call that have such entries where the result has entries `of` its kind, as far as that is known."""
    if v.op is None:
        return []
    found = []
    for place, (a, x) in enumerate(zip(v.args, _arrays(v), strict=True)):
        x = a._data if x is None and type(a) is Value else x
        if type(a) is Value and _any(test, x) and _meets(v, place, x, test, of):
            found.append(a)
    return found


def _meets(v: Value, place: int, x: Any, test: Test, of: Test) -> bool:
    """Whether entries of one kind of an argument lie where the result is of a kind; of calls that mix entries, always."""
    op: Any = v.op
    if op.kind != "elementwise" and op.name != "where":
        return True
    there = of(v._data)
    if op.name == "where":
        condition = np.asarray(getattr(v.kwargs["condition"], "data", v.kwargs["condition"])) != 0  # type: ignore[index]  # v is a call, so it has options
        there = there & (condition if place == 0 else ~condition)
    return bool(np.any(there & test(x)))


# -- backward ------------------------------------------------------------------------------------------------------------


class _Backward:
    """The walk from leaves with a bad gradient up to the calls that made it."""

    def __init__(self, scene: Scene, replay: Replay, test: Test) -> None:
        self.scene, self.replay, self.test = scene, replay, test

    def findings(self, leaves: list[Value]) -> list[Finding]:
        bad = [v for v in leaves if _any(self.test, entries(self.replay.gradient(v)))]
        found = []
        for v, place in self._births(bad, self.test):
            found += self._explained(v, place)
        return _sorted(found)

    def _births(self, start: list[Value], test: Test) -> list[tuple[Value, int | None]]:
        """The calls at which a clean gradient arrives and that send a bad one; None for the place where a sum went bad."""
        stack, seen = list(start), set(start)
        found: list[tuple[Value, int | None]] = []
        while stack:
            a = stack.pop()
            sent = [(v, place) for v, place in self.replay.uses(a) if _any(test, entries(self.replay.sent(v)[place].part))]
            if not sent:
                found.append((a, None))
            for v, place in sent:
                if not _any(test, entries(self.replay.gradient(v))):
                    found.append((v, place))
                elif v not in seen:
                    seen.add(v)
                    stack.append(v)
        return list(dict.fromkeys(found))

    def _explained(self, v: Value, place: int | None) -> list[Finding]:
        """What happened at a birth; of a NaN that came of an infinite gradient, where that was born."""
        if place is None:
            return self._sum(v)
        g = entries(self.replay.gradient(v))
        causes = self._infinities(v) if self.test is np.isnan and _any(np.isinf, g) else []
        if causes:
            return [_at(self.scene, c, infinite_slope(self.scene, c, i, self._from(c), v, place, g)) for c, i in causes]
        return [_at(self.scene, v, backward_reason(self.scene, v, place, g, self._from(v)))]

    def _infinities(self, v: Value) -> list[tuple[Value, int]]:
        """The calls that made the infinities in the gradient of `v`."""
        return [(c, i) for c, i in self._births([v], np.isinf) if i is not None]

    def _sum(self, a: Value) -> list[Finding]:
        """A gradient that went bad when parts were added, or that backward was given so."""
        name = self.scene.names[a]
        if not self.replay.uses(a):
            message = f"the gradient of {name} that backward starts with is not finite"
            return [self.scene.finding(a, "not finite from the start", message, "pass another one")]
        message = f"gradients of inf and -inf come back to {name} and are added: inf - inf is NaN"
        if found := [self.scene.finding(c, "infinite slope", message, steep(self.scene, c)) for c, _ in self._infinities(a)]:
            return found
        message = f"the parts of the gradient of {name} add up to more than any number of {a.dtype}"
        return [self.scene.finding(a, "overflow", message, EXPLODING)]

    def _from(self, v: Value) -> str:
        """The call that the gradient of `v` came from, for a text."""
        uses = self.replay.uses(v)
        return self.scene.names[uses[0][0]] if uses else "the start"
