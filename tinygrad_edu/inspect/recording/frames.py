"""One step of a recording, as plain data and as text.

step 14 of 20, backward: A = sigmoid(z)
  at notes.py:12, in connection: A = sigmoid(z)
  value        0.574325
  gradient     dC/dA = -0.851351
  to z         g * (A*(1 - A)) = -0.851351 * 0.244476 = -0.208135       dC/dz: none -> -0.208135
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap
from typing import Any

import numpy as np

from ...core.recording import Spec
from ...core.sources import Source
from ..chain_rule.steps import left
from ..graphs.text import cut, not_finite, number, numbers, thousands

__all__ = ["BACKWARD", "FORWARD", "UPDATE", "Frame", "Operand", "Update", "colored"]

FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"
MOST = 12  # operands that a text shows
LONGEST = 100  # characters of a title
NARROWEST, WIDEST = 11, 24  # of the column of headings


@dataclass(frozen=True, eq=False)
class Operand:
    """An argument of a call, and what the call adds to its gradient.

    Attributes:
        name: what it is called; a constant by its number.
        node: its number in the graph; None for a constant.
        value: its numbers in the call.
        local: the local derivative, where the value and the argument are numbers; else None.
        part: what the call adds, of the shape of the argument; None where nothing flows. In the forward phase None.
        reached: which entries the part reached, a mask, if not all; else None.
        before: the gradient of the argument before this; None where there was none yet.
        after: and with the part.
    """

    name: str
    node: int | None
    value: Any
    local: Any = None
    part: Any = None
    reached: Any = None
    before: Any = None
    after: Any = None
    write: Callable[[], str] = str

    @cached_property
    def formula(self) -> str:
        """How a gradient `g` of the result comes back to it, in the names of the values; written when it is asked for."""
        return self.write()


@dataclass(frozen=True, eq=False)
class Update:
    """What the optimiser does to one parameter.

    Attributes:
        before: its numbers.
        gradient: its `.grad`; None if none reached it, and then it stays as it is.
        step: what is added.
        after: `before + step`.
        memory: what the optimiser remembers of it, name to a pair: before and after.
    """

    before: Any
    gradient: Any
    step: Any
    after: Any
    memory: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Frame:
    """One step. `print` writes it.

    Attributes:
        index: which step, from 0.
        total: how many there are.
        phase: "forward", "backward" or "update".
        node: the number of the value in the graph; None for a parameter that is not in it.
        name: what it is called.
        call: the call that made it, in names; empty for a leaf.
        op: the name of the op; empty for a leaf.
        value: its numbers; a tuple for a call with several results.
        source: the line that made it, if lines were recorded.
        output: the name of what is differentiated.
        gradient: what has arrived, in the backward phase: the whole gradient of the output by the value; None if none did.
        reached: which entries it reached, a mask, if not all; else None.
        operands: the arguments of the call.
        grad: of a leaf in the backward phase, its `.grad` before this pass and after it.
        update: in the update phase, what happens to the parameter.
        precision: significant digits of the text.
    """

    index: int
    total: int
    phase: str
    node: int | None
    name: str
    call: str
    op: str
    value: Any
    source: Source | None
    output: str
    gradient: Any = None
    reached: Any = None
    operands: tuple[Operand, ...] = ()
    grad: tuple[Any, Any] | None = None
    update: Update | None = None
    precision: int = 6

    @property
    def slope(self) -> str:
        """What the gradient is called: `dC/dz`."""
        return left(self.output, self.name)

    @property
    def arrived(self) -> bool:
        """Whether a gradient reached some entry of the value."""
        return self.gradient is not None and (self.reached is None or bool(np.any(self.reached)))

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """The frame, in lines that are no longer than `width` if that is said."""
        return "\n".join([cut(self.title, width or LONGEST + 40), *(f"  {line}" for line in self._lines(width and width - 2))])

    def __repr__(self) -> str:
        return f"<Frame {self.title}>"

    @property
    def title(self) -> str:
        """The step, its phase and the value, in one line."""
        what = f"{self.name} = {self.call}" if self.call and self.call != self.name else self.name
        return f"step {thousands(self.index + 1)} of {thousands(self.total)}, {self.phase}: {cut(what, LONGEST)}"

    def _lines(self, width: int | None) -> list[str]:
        source = wrap(f"at {self.source}", width or 10**6, subsequent_indent="  ") if self.source else []
        return [*source, *_table({FORWARD: _forward, BACKWARD: _backward, UPDATE: _update}[self.phase](self), width)]

    def __rich__(self) -> Any:
        return colored(str(self))


def colored(text: str) -> Any:
    """The text of a frame for rich."""
    from rich.text import Text

    shown = Text(text)
    shown.highlight_regex(r"\Astep [^:]+:", "bold")
    shown.highlight_regex(r"(?m)^  at .*$", "dim")
    shown.highlight_regex(r"(?m)^  (value|gradient|to|from|step|before|after|its|\.grad)\b", "bold cyan")
    shown.highlight_regex(r"\b(nan|-?inf|NOT FINITE[^,]*)\b", "bold red")
    shown.highlight_regex(r"\bnone\b", "dim")
    return shown


Rows = list[tuple[str, str]]


def _forward(f: Frame) -> Rows:
    given = [(f"from {o.name}", _shown(o.value, f)) for o in _arguments(f)]
    return [*given, *_more(f), ("value", _shown(f.value, f))]


def _backward(f: Frame) -> Rows:
    rows = [("value", _shown(f.value, f))]
    if not f.arrived:
        return [*rows, ("gradient", f"none reached it, and it passes none on: {f.slope} is structurally zero")]
    rows.append(("gradient", f"{f.slope} = {_shown(f.gradient, f)}{_missed(f.reached)}"))
    if f.grad is not None:
        rows.append((".grad", f"{_shown(f.grad[0], f)} -> {_shown(f.grad[1], f)}"))
    for o in _arguments(f):
        rows += _sent(o, f)
    return [*rows, *_more(f)]


def _sent(o: Operand, f: Frame) -> Rows:
    if o.part is None:
        return [(f"to {o.name}", "nothing flows back here")]
    terms = [o.formula] if o.formula not in ("", "g") else []
    if o.local is not None:
        terms.append(f"{_shown(f.gradient, f)} * {number(o.local, f.precision)}")
    terms.append(f"{_shown(o.part, f)}{_missed(o.reached)}")
    after = "this" if o.before is None and isinstance(o.part, np.ndarray) else _shown(o.after, f)
    sums = f"{left(f.output, o.name)}: {_shown(o.before, f)} -> {after}"
    return [(f"to {o.name}", " = ".join(terms)), ("", sums)]


def _missed(reached: Any) -> str:
    return "" if reached is None else f" (reached {int(np.sum(reached))} of {np.size(reached)} entries)"


def _arguments(f: Frame) -> list[Operand]:
    return [o for o in f.operands[:MOST] if o.node is not None]


def _more(f: Frame) -> Rows:
    left = len(f.operands) - MOST
    return [("…", f"{thousands(left)} more arguments")] if left > 0 else []


def _update(f: Frame) -> Rows:
    u = f.update
    assert u is not None
    if u.gradient is None:
        return [("value", _shown(u.before, f)), ("gradient", "none, so the optimiser leaves it as it is")]
    memory = [(f"its {k}", f"{_shown(x, f)} -> {_shown(y, f)}") for k, (x, y) in u.memory.items()]
    rows = [("before", u.before), ("gradient", u.gradient), ("step", u.step), ("after", u.after)]
    shown = [(head, _shown(x, f)) for head, x in rows]
    return [*shown[:2], *memory, *shown[2:]]


def _table(rows: Rows, width: int | None) -> list[str]:
    """Lines with their headings in a column, wrapped beside it."""
    headings = [cut(head, WIDEST if width is None else max(NARROWEST, min(WIDEST, width // 3))) for head, _ in rows]
    column = max(NARROWEST, *map(len, headings))
    lines = []
    for head, (_, right) in zip(headings, rows, strict=True):
        room = 10**6 if width is None else max(8, width - column - 2)
        first, *more = wrap(right, room, break_on_hyphens=False) or [""]
        lines += [f"{head:<{column}}  {first}", *(f"{'':<{column}}  {line}" for line in more)]
    return lines


def _shown(x: Any, f: Frame) -> str:
    """A number, or an array in a few words with its shape."""
    if x is None:
        return "none"
    if isinstance(x, tuple):
        return f"({', '.join(_shown(one, f) for one in x)})"
    text = numbers(x, f.precision)
    if isinstance(x, Spec) or np.ndim(x) == 0:
        return text
    bad = not_finite(x)
    return f"{text}, shape {np.shape(x)}{bad and f', {bad}'}"
