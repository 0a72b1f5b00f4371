"""One step of a recording, as plain data and as text.

step 14 of 20, backward: A = sigmoid(z)
  at notes.py:12, in connection: A = sigmoid(z)
  value        0.574325
  gradient     dC/dA = -0.851351
  to z         g * (A*(1 - A)) = -0.851351 * 0.244476 = -0.208135       dC/dz: none -> -0.208135
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.recording import Spec
from ...core.sources import Source
from ..chain_rule.steps import Step
from ..graphs.text import cut, not_finite, number, numbers, thousands

__all__ = ["BACKWARD", "FORWARD", "UPDATE", "Frame", "Operand", "Update"]

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
        formula: how a gradient `g` of the result comes back to it, in the names of the values.
        part: what the call adds, of the shape of the argument; None where nothing flows. In the forward phase None.
        reached: which entries the part reached, a mask, if not all; else None.
        before: the gradient of the argument before this; None where there was none yet.
        after: and with the part.
    """

    name: str
    node: int | None
    value: Any
    local: Any = None
    formula: str = ""
    part: Any = None
    reached: Any = None
    before: Any = None
    after: Any = None


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
        return slope(self.output, self.name)

    @property
    def arrived(self) -> bool:
        """Whether a gradient reached some entry of the value."""
        return self.gradient is not None and (self.reached is None or bool(np.any(self.reached)))

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines())])

    def __repr__(self) -> str:
        return f"<Frame {self.title}>"

    @property
    def title(self) -> str:
        """The step, its phase and the value, in one line."""
        what = f"{self.name} = {self.call}" if self.call and self.call != self.name else self.name
        return f"step {thousands(self.index + 1)} of {thousands(self.total)}, {self.phase}: {cut(what, LONGEST)}"

    def lines(self) -> list[str]:
        """The text below the title."""
        source = [f"at {self.source}"] if self.source else []
        return [*source, *{FORWARD: _forward, BACKWARD: _backward, UPDATE: _update}[self.phase](self)]

    def __rich__(self) -> Any:
        from rich.text import Text

        text = Text(str(self))
        text.highlight_regex(r"\Astep [^:]+:", "bold")
        text.highlight_regex(r"(?m)^  at .*$", "dim")
        text.highlight_regex(r"(?m)^  (value|gradient|to|from|step|before|after|its|\.grad)\b", "bold cyan")
        text.highlight_regex(r"\b(nan|-?inf|NOT FINITE[^,]*)\b", "bold red")
        text.highlight_regex(r"\bnone\b", "dim")
        return text


def slope(of: str, by: str) -> str:
    """The name of a derivative, `dC/dz`."""
    return Step(of, by, "", "", None).left


def _forward(f: Frame) -> list[str]:
    given = [(f"from {o.name}", _shown(o.value, f)) for o in _arguments(f)]
    return _table([*given, *_more(f), ("value", _shown(f.value, f))])


def _backward(f: Frame) -> list[str]:
    rows = [("value", _shown(f.value, f))]
    if not f.arrived:
        return _table([*rows, ("gradient", f"none reached it, and it passes none on: {f.slope} is structurally zero")])
    rows.append(("gradient", f"{f.slope} = {_shown(f.gradient, f)}{_missed(f.reached)}"))
    if f.grad is not None:
        rows.append((".grad", f"{_shown(f.grad[0], f)} -> {_shown(f.grad[1], f)}"))
    for o in _arguments(f):
        rows += _sent(o, f)
    return _table([*rows, *_more(f)])


def _sent(o: Operand, f: Frame) -> list[tuple[str, str]]:
    if o.part is None:
        return [(f"to {o.name}", "nothing flows back here")]
    terms = [o.formula] if o.formula not in ("", "g") else []
    if o.local is not None:
        terms.append(f"{_shown(f.gradient, f)} * {number(o.local, f.precision)}")
    terms.append(f"{_shown(o.part, f)}{_missed(o.reached)}")
    sums = f"{slope(f.output, o.name)}: {_shown(o.before, f)} -> {_shown(o.after, f)}"
    return [(f"to {o.name}", " = ".join(terms)), ("", sums)]


def _missed(reached: Any) -> str:
    return "" if reached is None else f" (reached {int(np.sum(reached))} of {np.size(reached)} entries)"


def _arguments(f: Frame) -> list[Operand]:
    return [o for o in f.operands[:MOST] if o.node is not None]


def _more(f: Frame) -> list[tuple[str, str]]:
    left = len(f.operands) - MOST
    return [("…", f"{thousands(left)} more arguments")] if left > 0 else []


def _update(f: Frame) -> list[str]:
    u = f.update
    assert u is not None
    if u.gradient is None:
        return _table([("value", _shown(u.before, f)), ("gradient", "none, so the optimiser leaves it as it is")])
    memory = [(f"its {k}", f"{_shown(x, f)} -> {_shown(y, f)}") for k, (x, y) in u.memory.items()]
    rows = [("before", u.before), ("gradient", u.gradient), ("step", u.step), ("after", u.after)]
    shown = [(left, _shown(x, f)) for left, x in rows]
    return _table([*shown[:2], *memory, *shown[2:]])


def _table(rows: list[tuple[str, str]]) -> list[str]:
    """Lines with their headings in a column."""
    headings = [cut(left, WIDEST) for left, _ in rows]
    width = max(NARROWEST, *map(len, headings))
    return [f"{left:<{width}}  {right}" for left, (_, right) in zip(headings, rows, strict=True)]


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
