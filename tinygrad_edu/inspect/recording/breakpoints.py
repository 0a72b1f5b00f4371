"""Where a recording stops: conditions on a frame, to be combined with `&`, `|` and `~`, and a short text for each.

    "not finite"       NaN or infinity, in a value, a gradient or what a call sends        not_finite()
    "nan", "inf"       only the one                                                        not_finite("nan")
    "zero"             a gradient that arrives is zero in all its entries                  zero_gradient()
    "none"             no gradient arrives                                                 no_gradient()
    "grad > 10"        an entry of a gradient is larger than that in size                  gradient_above(10)
    "label w"          the value that is called so                                         named("w")
    "line 12"          made by this line; "line model.py:12" in this file                  at_line(12, "model.py")
    "op tanh"          made by this op                                                     made_by("tanh")
    "update"           a phase: "forward", "backward", "update"                            in_phase("update")

Texts are joined by "and" and "or", where "and" binds closer, and turned around by "not": "op exp and not forward or label w".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...errors import OptionError
from .frames import BACKWARD, FORWARD, UPDATE, Frame

__all__ = ["Breakpoint", "at_line", "breakpoint_of", "gradient_above", "in_phase", "made_by", "named", "no_gradient",
           "not_finite", "zero_gradient"]  # fmt: skip

_BAD: dict[str, Callable[[Any], Any]] = {"nan": np.isnan, "inf": np.isinf, "not finite": lambda x: ~np.isfinite(x)}


class Breakpoint:
    """A condition on a frame, with its text.

    >>> str(named("w") & zero_gradient() | not_finite())
    'label w and zero or not finite'
    """

    def __init__(self, holds: Callable[[Frame], Any], text: str) -> None:
        self.holds, self.text = holds, text

    def __call__(self, frame: Frame) -> bool:
        """Whether the recording stops here."""
        return bool(self.holds(frame))

    def __or__(self, other: Any) -> Breakpoint:
        other = breakpoint_of(other)
        return Breakpoint(lambda f: self(f) or other(f), f"{self} or {other}")

    def __and__(self, other: Any) -> Breakpoint:
        other = breakpoint_of(other)
        left, right = (f"({b})" if " or " in str(b) else str(b) for b in (self, other))
        return Breakpoint(lambda f: self(f) and other(f), f"{left} and {right}")

    def __invert__(self) -> Breakpoint:
        single = not re.search(r" (and|or) |^not ", str(self))
        return Breakpoint(lambda f: not self(f), f"not {self}" if single else f"not ({self})")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Breakpoint {self.text}>"


def not_finite(kind: str = "not finite") -> Breakpoint:
    """NaN or infinity, in what the step computes.

    Args:
        kind: "nan", "inf" or "not finite", which is either.
    """
    if kind not in _BAD:
        raise OptionError(f"not_finite takes {', '.join(map(repr, _BAD))}; got {kind!r}")
    return Breakpoint(lambda f: any(np.any(_BAD[kind](x)) for x in _computed(f)), kind)


def zero_gradient() -> Breakpoint:
    """A gradient that arrives and is zero in all its entries."""
    return Breakpoint(
        lambda f: f.phase == BACKWARD and f.arrived and _any(_arrays(f.gradient), lambda x: not np.any(x)), "zero"
    )


def no_gradient() -> Breakpoint:
    """No gradient arrives: nothing flows back to this value."""
    return Breakpoint(lambda f: f.phase == BACKWARD and not f.arrived, "none")


def gradient_above(bound: float) -> Breakpoint:
    """An entry of a gradient that arrives is larger than the bound in size, or is NaN."""
    if not bound >= 0:
        raise OptionError(f"a bound on the size of a gradient is not negative; got {bound}")
    return Breakpoint(lambda f: f.phase != FORWARD and _any(_arrays(_gradient(f)), lambda x: not np.all(np.abs(x) <= bound)),
                      f"grad > {bound:g}")  # fmt: skip


def named(name: str) -> Breakpoint:
    """The value that is called so: by its label, or a variable of the caller."""
    return Breakpoint(lambda f: f.name == name, f"label {name}")


def at_line(line: int, file: str = "") -> Breakpoint:
    """A value that this line made.

    Args:
        line: its number.
        file: the file, or the end of its path; any if not said.
    """
    return Breakpoint(lambda f: f.source is not None and f.source.line == line and _is_file(f.source.file, file),
                      f"line {file}:{line}" if file else f"line {line}")  # fmt: skip


def _is_file(path: str, end: str) -> bool:
    return not end or path == end or path.replace(os.sep, "/").endswith("/" + end.replace(os.sep, "/"))


def made_by(op: str) -> Breakpoint:
    """A value that this op made."""
    return Breakpoint(lambda f: f.op == op, f"op {op}")


def in_phase(phase: str) -> Breakpoint:
    """A step of this phase."""
    if phase not in (FORWARD, BACKWARD, UPDATE):
        raise OptionError(f'a phase is "forward", "backward" or "update"; got {phase!r}')
    return Breakpoint(lambda f: f.phase == phase, phase)


def breakpoint_of(until: Any) -> Breakpoint:
    """What a person wrote as a Breakpoint: a text, the number of a line, a function of a frame, or a list of them.

    Raises:
        OptionError: a text that is none of those that the module's documentation has.
    """
    if isinstance(until, Breakpoint):
        return until
    if isinstance(until, str):
        return _read(until)
    if isinstance(until, int) and not isinstance(until, bool):
        return at_line(until)
    if callable(until):
        return Breakpoint(until, getattr(until, "__name__", "a function"))
    if isinstance(until, list | tuple) and until:
        first, *rest = map(breakpoint_of, until)
        for one in rest:
            first = first | one
        return first
    raise OptionError(f"a breakpoint is a text, a line number, a function of a frame, or a list of them; got {until!r}")


def _read(text: str) -> Breakpoint:
    ways = [[_one(part.strip()) for part in re.split(r"\s+and\s+", way)] for way in re.split(r"\s+or\s+", text.strip())]
    return breakpoint_of([_all(way) for way in ways])


def _all(parts: list[Breakpoint]) -> Breakpoint:
    first, *rest = parts
    for one in rest:
        first = first & one
    return first


def _one(text: str) -> Breakpoint:
    if text in _BAD:
        return not_finite(text)
    if text in (FORWARD, BACKWARD, UPDATE):
        return in_phase(text)
    if text.startswith("not "):
        return ~_one(text.removeprefix("not ").strip())
    if text in ("zero", "none"):
        return zero_gradient() if text == "zero" else no_gradient()
    for pattern, made in _FORMS:
        if found := re.fullmatch(pattern, text):
            return made(*found.groups())
    raise OptionError(f"no breakpoint is written {text!r}. Write nan, inf, not finite, zero, none, grad > 10, label w, "
                      "line 12, line model.py:12, op tanh, forward, backward or update, joined by `and` and `or`, or "
                      "with `not` before one")  # fmt: skip


_FORMS: tuple[tuple[str, Callable[..., Breakpoint]], ...] = (
    (r"grad(?:ient)?\s*>\s*([\d.]+(?:e[+-]?\d+)?)", lambda bound: gradient_above(float(bound))),
    (r"label\s+(.+)", named),
    (r"line\s+(\d+)", lambda line: at_line(int(line))),
    (r"(?:line\s+)?(.+):(\d+)", lambda file, line: at_line(int(line), file)),
    (r"op\s+(\w+)", made_by),
)


def _gradient(f: Frame) -> Any:
    return f.update.gradient if f.update is not None else f.gradient


def _computed(f: Frame) -> Iterator[Any]:
    """The arrays of floats that a step computes."""
    if f.phase == FORWARD:
        yield from _arrays(f.value)
    elif f.update is not None:
        yield from (x for one in (f.update.gradient, f.update.after) for x in _arrays(one))
    else:
        yield from _arrays(f.gradient)
        for o in f.operands:
            yield from _arrays(o.part)
            yield from _arrays(o.after)


def _arrays(x: Any) -> Iterator[Any]:
    """The arrays in a value or gradient; fractions are always finite, and are left out."""
    for one in x if isinstance(x, tuple) else (x,):
        if isinstance(one, float | np.ndarray | np.generic) and np.asarray(one).dtype != object:
            yield one
        elif isinstance(one, np.ndarray):
            yield one.astype(float) if all(hasattr(e, "numerator") for e in one.ravel()) else np.zeros(0)


def _any(arrays: Iterator[Any], holds: Callable[[Any], Any]) -> bool:
    return any(holds(x) for x in arrays)
