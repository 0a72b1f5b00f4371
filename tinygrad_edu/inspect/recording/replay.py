"""The backward pass once more, at any place of it: what each call sends to its arguments, and the sums there by then.

    g[output] = 1
    for v in the graph, newest first:
        for each argument:  before = g[argument];  g[argument] = before + what v sends;  after = g[argument]

The graph is only read. The sums are kept, one a value, as backward itself keeps them; what a call sends is computed again when
it is asked for. A sum on its way is found from marks along it: after each use for numbers and small arrays, after every
16th for large ones. So a step costs the same in the middle of a large graph as in a small one, in both directions, and the
memory is that of the gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...core import Value
from ...core.backward import seed
from ...core.cotangents import Partial, Results
from ...core.recording import Spec
from ...errors import GraphError
from ..chain_rule.contributions import sent
from ..graphs.local import _arrays

__all__ = ["Replay", "Sent", "arrived", "entries", "plus", "reached"]

STRIDE = 16  # uses between two marks on the sum of a large array
SMALL = 64  # entries


class Sent(NamedTuple):
    """What one call adds to the gradient of one argument: the part, and the sum before and after it; None for nothing yet."""

    part: Any
    before: Any
    after: Any


class Replay:
    """One backward pass over a graph, as far as somebody has asked for it.

    Args:
        values: everything that the output was made from, itself last.
        output: where it starts.
        gradient: of the output; 1 if not said.

    Raises:
        GraphError: a lean backward freed the graph.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> replay = Replay([x, y], y)
    >>> [(s.part, s.before, s.after) for s in replay.sent(y)]
    [(np.float64(3.0), None, np.float64(3.0)), (np.float64(3.0), np.float64(3.0), np.float64(6.0))]
    """

    def __init__(self, values: Sequence[Value], output: Value, gradient: Any = None) -> None:
        if any(v.op is not None and v._saved is None and not v.args for v in values):
            raise GraphError("a lean backward has freed this graph on its way. Look at it before backward, or compute it "
                             "outside of tg.lean() and call backward(lean=False)")  # fmt: skip
        self.values = values
        self.number = {v: i for i, v in enumerate(values)}
        self._open = len(values)  # the values from this number on have passed their gradient on
        self._sums: dict[Value, Any] = {values[-1]: seed(output, gradient, False)}
        self._uses: dict[Value, list[tuple[Value, int]]] = {}  # the calls that have sent something, and in which place
        self._before: dict[Value, tuple[int, ...]] = {}  # of a call, how many uses each argument had had
        self._marks: dict[Value, list[Any]] = {}

    def gradient(self, v: Value) -> Any:
        """The whole gradient of a value, an array, `Partial` or `Results`; None where none reached it."""
        self._advance(self.number[v] + 1)
        return self._sums.get(v)

    def sent(self, v: Value) -> list[Sent]:
        """What the call that made `v` adds to each of its arguments, in order."""
        self._advance(self.number[v])
        g = self._sums.get(v)
        if v.op is None or g is None:
            return [Sent(None, None, None)] * len(v.args)
        found = []
        for a, part, n in zip(v.args, sent(v, g), self._before[v], strict=True):
            before = self._sum(a, n) if type(a) is Value else None
            found.append(Sent(part, before, plus(before, part)))
        return found

    def uses(self, v: Value) -> list[tuple[Value, int]]:
        """The calls that sent `v` something, in their order, and in which place of theirs it stands."""
        self._advance(self.number[v] + 1)
        return self._uses.get(v, [])

    def _advance(self, number: int) -> None:
        with np.errstate(all="ignore"):
            while self._open > number:
                self._open -= 1
                v = self.values[self._open]
                if v.op is not None and (g := self._sums.get(v)) is not None:
                    _check(v)
                    self._before[v] = tuple([self._add(v, i, part) for i, part in enumerate(sent(v, g))])

    def _add(self, v: Value, place: int, part: Any) -> int:
        """Add one part to the sum of the argument there; how many parts it had before."""
        a = v.args[place]
        uses = self._uses.setdefault(a, []) if part is not None else self._uses.get(a, []) if type(a) is Value else []
        n = len(uses)
        if part is not None:
            before = self._sums.get(a)
            if n % _stride(a) == 0:
                self._marks.setdefault(a, []).append(before)
            self._sums[a] = plus(before, part)
            uses.append((v, place))
        return n

    def _sum(self, a: Value, n: int) -> Any:
        """The first `n` parts of the gradient of `a`, added up."""
        uses = self._uses.get(a, [])
        if n == len(uses):
            return self._sums.get(a)
        stride = _stride(a)
        total = self._marks[a][n // stride]
        with np.errstate(all="ignore"):
            for v, place in uses[n // stride * stride : n]:
                total = plus(total, sent(v, self._sums[v])[place])
        return total


def _stride(a: Value) -> int:
    return STRIDE if type(a._data) is np.ndarray and a._data.size > SMALL else 1


def plus(before: Any, part: Any) -> Any:
    """The sum of two gradients, either of which may be None."""
    if before is None or part is None:
        return before if part is None else part
    with np.errstate(all="ignore"):
        return before + part


def _check(v: Value) -> None:
    """That the graph still has what the rules of a call read.

    Raises:
        GraphError: a lean graph did not keep it.
    """
    op: Any = v.op
    saved = _arrays(v)
    if type(v._data) is not Spec and not any(x is None or type(x) is Spec for x in saved):
        return
    read, output = op.kept(tuple(type(a) is Value for a in v.args))
    gone = [x is None or type(x) is Spec for x in saved]
    if (output and type(v._data) is Spec) or any(r and x and a is not None
                                                 for r, x, a in zip(read, gone, v.args, strict=True)):  # fmt: skip
        raise GraphError(f"the graph did not keep what the derivative of {op.name} is made of. Compute it outside of "
                         "tg.lean(), or look at it before backward uses it up")  # fmt: skip


def entries(g: Any) -> Any:
    """A gradient as a plain array, of several results a tuple of them; zero where it did not reach."""
    if type(g) is Results:
        return tuple(entries(one) for one in g)
    return g.data if type(g) is Partial else g


def reached(g: Any) -> Any:
    """Which entries a gradient reached, if not all; else None."""
    return g.reached if type(g) is Partial else None


def arrived(g: Any) -> bool:
    """Whether a gradient reached any entry at all."""
    return g is not None and (type(g) is not Partial or bool(np.any(g.reached)))
