"""The stages of a check: is f a function at all, its derivatives order by order, a point nearby, a narrower dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import TinygradError
from ..differences import directions
from ..report import AGREES, UNDECIDED, WRONG, Finding
from .examine import LEAVES, Examination, Scope
from .kinks import at_kinks
from .locate import located
from .subject import Subject

__all__ = ["examined", "moved", "narrow", "unsteady"]

SMALL = 2.0**-10  # inputs below this, but for zero, have a unit of their own


def unsteady(subject: Subject) -> list[Finding]:
    """Why f is no function of its inputs, if it is not: other numbers at the second call, or inputs changed in place."""
    first, second = subject.function.value(subject.x), subject.function.value(subject.x)
    found = []
    if not subject.function.leaves_inputs_alone(subject.x):
        found.append(_fact("f changes its inputs in place, so what it computes depends on how often it is called; write "
                           "x = x + 1 for x += 1, or work on a copy"))  # fmt: skip
    if (different := _difference(subject, first, second)) is not None:
        found.append(_fact(f"not deterministic: called twice with the same inputs it gave {different}; draw what is random "
                           "outside of f, or with a fresh seed inside"))  # fmt: skip
    return found


def _difference(subject: Subject, first: Any, second: Any) -> str | None:
    if first.shape != second.shape:
        return f"{first.size} and then {second.size} numbers"
    if np.array_equal(first, second, equal_nan=True):
        return None
    i = int(np.argmax(~((first == second) | (np.isnan(first) & np.isnan(second)))))
    return f"{first[i]:.12g} and then {second[i]:.12g} for {subject.output(i)}"


def _fact(note: str) -> Finding:
    return Finding("value, not", "at the inputs", "the inputs", "f", WRONG, note=note)


def examined(function: Any, x: Any, inputs: list[str], outputs: Callable[[int], str], scope: Scope,
             order: int, bulk: float = 0.0) -> list[Finding]:  # fmt: skip
    """The derivatives of a function at a point, up to an order: each is checked as the first one of the one before."""
    exam = Examination(function, x, inputs, outputs, scope, bulk)
    if not len(exam.x) or not len(exam.y):
        return []
    seen = at_kinks(exam, [s for d in exam.directions() for s in exam.compared(d)])
    seen += located(exam, seen)
    found = [s.finding for s in seen]
    if scope.depth + 1 >= order or isinstance(exam.reverse if "reverse" in scope.modes else None, Exception):
        return found
    return found + _next(exam, scope._replace(depth=scope.depth + 1), order)


def _next(exam: Examination, scope: Scope, order: int) -> list[Finding]:
    """The checks of the next order; a derivative that cannot be differentiated is a finding."""
    try:
        function, named = _derived(exam, scope)
        below = float(np.max(exam.size, initial=0.0) / exam.reach.min())
        return examined(function, exam.x, exam.inputs, named, scope, order, below)
    except Exception as error:  # whatever it is, it is a finding
        verdict = WRONG if isinstance(error, TinygradError) else UNDECIDED
        cure = "" if verdict == WRONG else f"; check without it: order={scope.depth}"
        note = f"it raises {type(error).__name__}: {error}{cure}"
        names = [" over ".join([m] + [scope.modes[0]] * scope.depth) for m in scope.modes]
        return [Finding(name, scope.place, "the inputs", "f", verdict, note=note) for name in names]


def _derived(exam: Examination, scope: Scope) -> tuple[Any, Callable[[int], str]]:
    """The derivative as a function in its turn: the gradient of a sum of the outputs, or the slope along a direction."""
    if "reverse" in scope.modes:
        c = np.ones(1) if len(exam.y) == 1 else directions([exam.y], scope.seed)[0]
        return exam.function.gradient(c), lambda i: f"the gradient by {exam.inputs[i]}"
    return exam.function.directional(directions([exam.x], scope.seed)[0]), lambda i: f"the slope of {exam.names(i)}"


def moved(subject: Subject, scope: Scope) -> Any:
    """A random point nearby at which f is finite where it is finite at the inputs; None, with a note, if none is found."""
    x, y = subject.x, subject.function.value(subject.x)
    d = np.where(np.isfinite(x), directions([x], [scope.seed, 1])[0], 0.0)
    unit = np.where((x == 0) | (np.abs(x) > SMALL), np.maximum(1, np.abs(x)), np.abs(x))
    for size in (2.0**-6 * unit, 2.0**-6 * np.abs(x), 2.0**-16 * unit):
        for sign in (1, -1):
            candidate = x + np.where(np.isfinite(x), sign * size, 0.0) * d
            if np.any(candidate != x) and _alike(subject, candidate, y):
                return candidate
    if len(x):
        subject.notes.append("no point nearby was checked, as f is not finite around the inputs")
    return None


def _alike(subject: Subject, x: Any, y: Any) -> bool:
    try:
        z = subject.function.value(x)
    except LEAVES:
        return False
    return bool(z.shape == y.shape and np.all(np.isfinite(z) | ~np.isfinite(y)))


def narrow(subject: Subject, scope: Scope) -> list[Finding]:
    """The gradient in the dtypes of the inputs beside that in float64: of their dtype, and the same to rounding."""
    if "reverse" not in scope.modes or subject.df is not None or not len(subject.x) or subject.function.dtypes == subject.given:
        return []
    own, dtypes = subject.made(subject.given), sorted({str(d) for d in subject.given if d != np.float64})
    name = f"reverse, in {' and '.join(dtypes)},"
    try:
        wide, pull = subject.function.pullback(subject.x)
        c = np.ones(1) if wide.size == 1 else directions([wide], scope.seed)[0]
        true, (value, own_pull) = pull(c), own.pullback(subject.x)
        given = own_pull(c)
    except Exception as error:  # whatever it is, it is a finding
        return [Finding(name, scope.place, "the inputs", "f", WRONG, note=f"it raises {type(error).__name__}: {error}")]
    return _rounded(name, subject, true, given, value)


def _rounded(name: str, subject: Subject, true: Any, given: Any, value: Any) -> list[Finding]:
    eps = max(float(np.finfo(d).eps) for d in subject.given)
    scale = np.nanmax(np.abs(np.where(np.isfinite(true), true, 0))) + np.abs(np.nan_to_num(value)).max(initial=0)
    off = np.where(given == true, 0.0, np.abs(given - true))
    bad = ~(off <= 256 * eps * scale) & ~(np.isnan(true) & np.isnan(given))
    note = "right in float64, but further off in the dtype of the inputs than rounding explains: overflow or cancellation"
    return [Finding(name, "at the inputs", subject.names[j], "a sum of the outputs", UNDECIDED if bad[j] else AGREES,
                    float(given[j]), float(true[j]), float(true[j]), float(eps * scale), "smooth", scale=float(scale),
                    note=note if bad[j] else "") for j in range(len(true))]  # fmt: skip
