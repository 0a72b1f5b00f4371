"""`record(loss)`: time travel through one step of training, forward and back.

    the forward pass       each value, in the order of the tape
    the backward pass      each value, newest first: the gradient that arrives, and what its call sends to each argument
    the update             each parameter of the optimiser: before, gradient, step, after

Nothing is run or changed: the frames are read off the graph, one when it is asked for (see `replay`), the update's from the
optimiser's own rule. To look at a step of training, record between `loss = ...` and `loss.backward()`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ...core import Graph, Op, Value, no_grad
from ...core.recording import Spec
from ...core.sources import source_of
from ...errors import DTypeError, OptionError
from ...optim import Optimiser
from ..chain_rule.steps import _pulled_formula
from ..graphs.local import KINDS, NUMBER, _arrays, _one_by_one, pull_text
from ..graphs.naming import Names, variables_of
from .breakpoints import breakpoint_of
from .frames import BACKWARD, FORWARD, UPDATE, Frame, Operand, Update
from .frames_json import document
from .replay import Replay, entries, plus, reached

__all__ = ["Recorder", "record"]


def record(output: Value, optimiser: Optimiser | None = None, *, gradient: Any = None,
           names: Mapping[str, Value] | None = None, precision: int = 6) -> Recorder:  # fmt: skip
    """Every step from the leaves to the output, from the output back to the leaves, and of the optimiser's update.

    Args:
        output: what is differentiated, usually a loss.
        optimiser: what would change the parameters by their gradients; no update phase if not said.
        gradient: of the output; 1 if not said. Needed if the output has several entries.
        names: what to call the values; if not said, their labels, then the names of the caller's variables.
        precision: significant digits of the texts.

    Raises:
        DTypeError: not a Value.
        OptionError: something else than an optimiser, or a `precision` that is not positive.
        GraphError: a lean graph did not keep what is needed, or there are several entries and no `gradient`.

    >>> x = Value(3.0, label="x")
    >>> recording = record(x * x)
    >>> print(recording.goto(2))
    step 3 of 4, backward: x*x
      value        9
      gradient     d(x*x)/d(x*x) = 1
      to x         g * x = 1 * 3 = 3
                   d(x*x)/dx: none -> 3
      to x         g * x = 1 * 3 = 3
                   d(x*x)/dx: 3 -> 6
    """
    if type(output) is not Value:
        raise DTypeError(f"record takes the Value that is differentiated; got a {type(output).__name__}")
    if optimiser is not None and not isinstance(optimiser, Optimiser):
        raise OptionError(f"optimiser is one of tinygrad_edu.optim, or None; got a {type(optimiser).__name__}")
    if type(precision) is not int or precision < 1:
        raise OptionError(f"precision is a whole number, at least 1; got {precision!r}")
    graph = Graph(output)
    given = {v.vertex: n for n, v in (names or {}).items()}
    called = Names(graph.values, given, variables_of(sys._getframe(1)))
    return Recorder(graph, called, Replay(graph.values, output, gradient), optimiser, precision)


class Recorder:
    """A recording that stands at one of its frames. Made by `record`.

    With N values and P parameters, frame `i < N` computes value i, frame `2N - 1 - i` is the one of the backward pass at
    value i, and the last P are the update. The numbers of the values are those of `graph.to_json()`.

    `for frame in recording` and `recording[k]` leave the position where it is.

    Attributes:
        graph: the values, in the order of the tape.
        position: where it stands, from 0.
        note: what the reader of the numbers has to know; empty if all is well.
    """

    def __init__(self, graph: Graph, names: Names, replay: Replay, optimiser: Optimiser | None, precision: int) -> None:
        self.graph, self.names, self.precision = graph, names, precision
        self.position = 0
        self._replay, self._optimiser = replay, optimiser
        self._numbers = replay.number
        output = graph.values[-1]
        self.output = names[output]
        self._ran = output.op is not None and (output._saved is None or output._grad is not None)
        self.note = _note(graph.values, names)

    def __len__(self) -> int:
        return 2 * len(self.graph) + (len(self._optimiser.parameters) if self._optimiser else 0)

    def __iter__(self) -> Iterator[Frame]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, k: int) -> Frame:
        """A frame by its number; a negative one counts from the end."""
        if not -len(self) <= k < len(self):
            raise IndexError(f"step {k} of a recording of {len(self)} steps, 0 to {len(self) - 1}")
        k %= len(self)
        n = len(self.graph)
        return self._forward(k) if k < n else self._backward(k) if k < 2 * n else self._update(k)

    def __repr__(self) -> str:
        return f"<Recorder of {self.output}, at step {self.position + 1} of {len(self)}>"

    # -- moving --------------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """The one where it stands."""
        return self[self.position]

    def next(self) -> Frame | None:
        """One step forward; None, and no step, at the end."""
        return self._move(self.position + 1)

    def back(self) -> Frame | None:
        """One step back; None, and no step, at the beginning."""
        return self._move(self.position - 1)

    def _move(self, k: int) -> Frame | None:
        return self.goto(k) if 0 <= k < len(self) else None

    def goto(self, k: int) -> Frame:
        """Stand at frame `k`; a negative number counts from the end.

        Raises:
            IndexError: there is no such frame.
        """
        frame = self[k]
        self.position = frame.index
        return frame

    def run(self, until: Any = None, *, back: bool = False) -> Frame | None:
        """Go on to the next frame where a breakpoint holds.

        Args:
            until: a text such as "nan", "zero", "grad > 10", "label w", "line 12", "op tanh"; the number of a line; a
                `Breakpoint`; a function of a frame; a list of them, any of which stops. See `breakpoints`. If not said,
                it goes to the end.
            back: go back instead.

        Returns:
            The frame; None if it holds nowhere: then it stands at the end, or at the beginning.
        """
        stop = (lambda f: False) if until is None else breakpoint_of(until)
        end = 0 if back else len(self) - 1
        for k in range(self.position - 1, -1, -1) if back else range(self.position + 1, len(self)):
            if stop(frame := self[k]):
                self.position = k
                return frame
        self.position = end
        return None

    def phase(self, name: str) -> Frame | None:
        """Stand at the first frame of a phase, "forward", "backward" or "update"; None if it has none."""
        n = len(self.graph)
        starts = {FORWARD: 0, BACKWARD: n, UPDATE: 2 * n}
        if name not in starts:
            raise OptionError(f'a phase is "forward", "backward" or "update"; got {name!r}')
        return self._move(starts[name])

    def play(self, **options: Any) -> None:
        """Step through it in a terminal, by keys; see `player.Player`."""
        from .player import Player

        Player(self, **options).play()

    def to_json(self) -> str:
        """All frames as versioned JSON, column by column: see `frames_json`. The values are those of `graph.to_json()`."""
        return json.dumps(document(self))

    # -- frames --------------------------------------------------------------------------------------------------------

    def _forward(self, k: int) -> Frame:
        v = self.graph.values[k]
        operands = [Operand(*self._argument(v, i)) for i in range(len(v.args))]
        return self._frame(k, FORWARD, v, operands=tuple(operands))

    def _backward(self, k: int) -> Frame:
        v = self.graph.values[2 * len(self.graph) - 1 - k]
        g = self._replay.gradient(v)
        if v.op is None:
            earlier = self.earlier(v)
            return self._frame(
                k, BACKWARD, v, gradient=entries(g), reached=reached(g), grad=(earlier, plus(earlier, entries(g)))
            )
        return self._frame(
            k, BACKWARD, v, gradient=entries(g), reached=reached(g), operands=tuple(self._sent(v)) if g is not None else ()
        )

    def _update(self, k: int) -> Frame:
        assert self._optimiser is not None
        i = k - 2 * len(self.graph)
        v = self._optimiser.parameters[i]
        inside = v in self._numbers
        g = plus(self.earlier(v), entries(self._replay.gradient(v))) if inside else _plain(v._grad)
        state = self._optimiser.states[i]
        after, new = (v.data, state) if g is None else self._optimiser.rule.update(v.data, g, state)
        memory = {name: (state.get(name), x) for name, x in new.items()}
        update = Update(v.data, g, after - v.data, after, memory)
        return self._frame(k, UPDATE, v, update=update)

    def _frame(self, k: int, phase: str, v: Value, **fields: Any) -> Frame:
        name = self.names[v] if v in self._numbers else v.label or f"parameter {k - 2 * len(self.graph)}"
        call = self.names.call(v) if v.op is not None else ""
        return Frame(k, len(self), phase, self._numbers.get(v), name, call, v.op.name if v.op else "", v._data, source_of(v),
                     self.output, precision=self.precision, **fields)  # fmt: skip

    def _argument(self, v: Value, i: int) -> tuple[str, int | None, Any]:
        a = v.args[i]
        value = _arrays(v)[i]
        if type(a) is not Value:
            return self.names.operand(a), None, value
        return self.names[a], self._numbers[a], a._data if value is None else value

    def _sent(self, v: Value) -> Iterator[Operand]:
        for i, ((kind, local), s) in enumerate(zip(_locals(v), self._replay.sent(v), strict=True)):
            yield Operand(*self._argument(v, i), local if kind == NUMBER else None, entries(s.part), reached(s.part),
                          entries(s.before), entries(s.after), partial(_formula, v, i, self.names))  # fmt: skip

    def earlier(self, v: Value) -> Any:
        """The `.grad` of a leaf before this pass of backward: what it holds now, without this pass if that has been run."""
        grad = _plain(v._grad)
        g = entries(self._replay.gradient(v)) if self._ran else None
        return grad if grad is None or g is None else None if np.array_equal(grad, g, equal_nan=_floats(g)) else grad - g


def _formula(v: Value, place: int, names: Names) -> str:
    """How a gradient comes back to an argument, in the names of the values."""
    return _pulled_formula(v, place, names)[0] or pull_text(v.op, place)  # type: ignore[arg-type]  # v is a call


def _locals(v: Value) -> list[tuple[int, Any]]:
    return [(KINDS.index("array"), None)] * len(v.args) if isinstance(v._data, tuple) else _one_by_one(v)


def _plain(grad: Any) -> Any:
    return grad._data if type(grad) is Value else grad


def _floats(x: Any) -> bool:
    return bool(np.asarray(x).dtype.kind == "f")


def _note(values: list[Value], names: Names) -> str:
    """Whether leaves have other numbers now than in the calls of this graph."""
    moved = {names[a]: v._saved is None for v in values for a in _moved(v)}
    if not moved:
        return ""
    more = [f"{len(moved) - 3} more"] * (len(moved) > 3)
    some = (" or " if any(moved.values()) else ", ").join([*sorted(moved)[:3], *more])
    return (f"the numbers of {some} have changed since the graph was computed, as after optimiser.step(). What is shown here "
            "mixes old and new; record before the step")  # fmt: skip


def _moved(v: Value) -> list[Value]:
    """The leaves among the arguments of a call that no longer are what they were in it."""
    leaves = [(a, i) for i, a in enumerate(v.args) if type(a) is Value and a.op is None]
    if v._saved is not None:
        return [
            a for a, i in leaves if v._saved[i] is not None and a._data is not v._saved[i] and not _same(a._data, v._saved[i])
        ]
    return [a for a, _ in leaves] if leaves and not _same(_again(v), v._data) else []


def _again(v: Value) -> Any:
    """A call that backward has used up, run once more on what its arguments hold now."""
    xs = _arrays(v)
    if any(isinstance(x, Spec) for x in (*xs, v._data)):
        return v._data
    with no_grad(), np.errstate(all="ignore"):
        return Op.apply(v.op, xs, v.kwargs)


def _same(x: Any, y: Any) -> bool:
    if isinstance(x, tuple) or isinstance(y, tuple):
        return all(map(_same, x, y))
    if isinstance(x, Spec) or isinstance(y, Spec):
        return True
    return np.array_equal(x, y, equal_nan=_floats(x) and _floats(y))
