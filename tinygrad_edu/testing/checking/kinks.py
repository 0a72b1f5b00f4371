"""Where f has kinks: derivatives along several elements at once, the generalised derivative, the convention.

A row g of a Jacobian at a kink is right if it is a subgradient. Where f is convex that means, with f'(x; u) the slope of f
from x in the direction u,

    -f'(x; -u) <= <g, u> <= f'(x; u)        for every u

which lines along single elements cannot see: at a tie max(a, a) both elements allow all of [0, 1], but (1, 1) is wrong, as
the line along both shows. Where f is neither convex nor concave, as |x| - |y| or clip(x) + clip(y) at their kinks, the
slopes of f at points nearby take the place of f'(x; u): their limits span the generalised derivative of Clarke
(Optimization and Nonsmooth Analysis, 1983, section 2.1).

The convention is the subgradient of least norm. Convex f falls fastest along its negative, at the rate of its norm:
f'(x; -g) = -<g, g>, for no other subgradient g; where f is concave, f'(x; g) = <g, g>.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..differences import Stencil
from ..report import ABSENT, KINK, UNDECIDED, WRONG
from .examine import Direction, Examination, Seen
from .slopes import SURE

__all__ = ["at_kinks"]

NEAR = 2.0**-17  # how far nearby points are, in the units of the inputs
POINTS = 16  # random points nearby
BENT = 1e-2  # what a slope may change by on half of the way to the point, in units of how far the slopes around differ
ENOUGH = 3  # rows with so many wrong numbers need no second opinion on the others


def at_kinks(exam: Examination, seen: list[Seen]) -> list[Seen]:
    """What was seen at a point, and where there are kinks: along several elements at once, reviewed, with the convention."""
    rough = _rows(seen, "kink", "jump", "infinite")
    if not rough:
        return seen
    seen = seen + [s for d in _together(exam, seen) for s in exam.compared(d)]
    return _with_convention(exam, _reviewed(exam, _excused(exam, seen), rough))


def _rows(seen: list[Seen], *kinds: str) -> set[int]:
    return {s.row for s in seen if s.slope is not None and s.slope.kind in kinds}


def _excused(exam: Examination, seen: list[Seen]) -> list[Seen]:
    """What is not right, and not wrong either, as there is no number that would be."""
    why = _Excuses(exam, seen)
    return [s._replace(finding=s.finding._replace(verdict=ABSENT, note=note))
            if s.finding.verdict == WRONG and (note := why.of(s)) else s for s in seen]  # fmt: skip


class _Excuses:
    """Where numbers that are not those of the pieces stand for a derivative that does not exist."""

    def __init__(self, exam: Examination, seen: list[Seen]) -> None:
        kinds = [(s, s.slope.kind) for s in seen if s.slope is not None]
        jumps = [s for s, kind in kinds if kind == "jump"]
        self.unbounded = {(s.row, s.direction.element) for s, kind in kinds if kind == "infinite"}
        self.jumping = {s.row for s in jumps} if exam.scope.depth else set()
        tied = {s.direction.element for s in jumps} - {None}
        self.tied = exam.scope.depth > 0 and len(tied) > 1
        sizes = [max(abs(s.finding.low), abs(s.finding.high)) for s in jumps if s.direction.element is not None]
        self.largest = float(np.max(sizes, initial=0.0))

    def of(self, s: Seen) -> str:
        """The reason; empty if there is none."""
        a, moved = s.finding.analytic, s.direction.element
        if np.isnan(a) and s.row in self.jumping:
            return "the derivative of the order below jumps here, so there is none, and NaN says so"
        steep = any(s.row == row or moved in (j, None) for row, j in self.unbounded)
        if np.isnan(a) and steep and (s.row, moved) not in self.unbounded and s.slope is not None and s.slope.kind != "kink":
            return "zero times an infinite slope beside it in the Jacobian, which is NaN in floats"
        bound = self.largest * float(np.abs(s.direction.u).sum())
        if self.tied and s.slope is not None and s.slope.kind == "jump" and abs(a) <= (1 + 1e-6) * bound:
            return "the derivative of the order below jumps here, for several inputs at once, so there is none"
        return ""


def _kinked(seen: list[Seen], row: int | None = None) -> dict[int, Seen]:
    """The elements at whose kink a row is, or any row."""
    return {s.direction.element: s for s in seen if s.slope is not None and s.slope.kind == "kink"
            and s.direction.element is not None and row in (None, s.row)}  # fmt: skip


def _together(exam: Examination, seen: list[Seen]) -> Iterator[Direction]:
    """Directions that move all elements with a kink: alike, all up by random amounts, and at random."""
    moved = np.zeros(len(exam.x), bool)
    moved[list(_kinked(seen))] = True
    if moved.sum() < 2:
        return
    yield Direction("the direction of all kinks alike", np.where(moved, exam.reach.max(), 0.0), 1.0, exam.eps)
    yield exam.joint("the direction of all kinks, all up", moved, np.ones(len(exam.x)))
    for k in range(2):
        yield exam.joint(f"a random direction of all kinks ({k + 1})", moved)


# -- neither convex nor concave ----------------------------------------------------------------------------------------


def _reviewed(exam: Examination, seen: list[Seen], rough: set[int]) -> list[Seen]:
    """What is outside of the slopes on both sides may still be inside of the generalised derivative."""
    wrong: dict[int, int] = {}
    out = []
    for s in seen:
        doubtful = s.finding.verdict == WRONG and s.row in rough and np.isfinite(s.finding.analytic)
        if doubtful and wrong.get(s.row, 0) < ENOUGH:
            s = _review(exam, s, _kinked(seen, s.row))
            wrong[s.row] = wrong.get(s.row, 0) + (s.finding.verdict == WRONG)
        out.append(s)
    return out


def _review(exam: Examination, s: Seen, kinked: dict[int, Seen]) -> Seen:
    slopes = _slopes_nearby(exam, s, kinked)
    a, (low, high) = s.finding.analytic, (min(slopes, default=np.nan), max(slopes, default=np.nan))
    blur = 1e-5 * max(abs(low), abs(high))
    if high - low > 100 * blur and low - blur <= a <= high + blur:
        note = f"f is neither convex nor concave here; its slopes nearby are from {low:.6g} to {high:.6g}"
        return s._replace(finding=s.finding._replace(verdict=KINK, low=low, high=high, bar=blur, least=None, note=note))
    if len(exam.x) > exam.scope.limit and s.direction.element is None and high - low > 100 * blur:
        note = "a direction through many kinks at once, which cannot be told apart; check fewer numbers, or raise limit="
        return s._replace(finding=s.finding._replace(verdict=UNDECIDED, note=note))
    return s


def _slopes_nearby(exam: Examination, s: Seen, kinked: dict[int, Seen]) -> list[float]:
    """What the slopes of a row tend to on ways to the point; none if they change on most ways, as where f bends sharply."""
    ways = list(_ways(exam, s.direction, kinked))
    far, near = (np.array([_slope_at(exam, s, exam.x + part * way) for way in ways]) for part in (1.0, 0.5))
    with np.errstate(all="ignore"):
        settled = np.abs(near - far) <= BENT * (np.nanmax(near, initial=-np.inf) - np.nanmin(near, initial=np.inf))
    return list((2 * near - far)[settled]) if 2 * settled.sum() >= np.isfinite(near - far).sum() else []


def _ways(exam: Examination, d: Direction, kinked: dict[int, Seen]) -> Iterator[Any]:
    """Small steps: to where the slope along d is largest and smallest if the kinks do not know of each other; random ones."""
    up = exam.rng.choice([-1.0, 1.0], len(exam.x))
    size = np.abs(d.u) / exam.reach
    size = np.where(size > 0, size / size.max(), exam.rng.uniform(0.3, 1.0, len(up))) * exam.rng.uniform(0.95, 1.0, len(up))
    for j, s in kinked.items():
        if s.slope is not None and d.u[j]:
            up[j] = np.sign(d.u[j] * (s.slope.right - s.slope.left))
    finite = np.isfinite(exam.x)
    for w in (up * size, -up * size, *(exam.joint("", finite).u / exam.reach for _ in range(POINTS))):
        yield np.where(finite, NEAR * exam.reach * w, 0.0)


def _slope_at(exam: Examination, s: Seen, start: Any) -> float:
    """The slope of a row at another point, NaN if it has none there."""
    line = exam.line(s.direction.u, start)
    stencil = Stencil(line, line(0.0), NEAR / 64 * s.direction.reach, exam.noise[0], levels=3)
    value, bar = stencil.central.value[s.row], stencil.central.bar[s.row]
    return float(value) if bar <= 1e-3 * max(abs(value), stencil.spread[s.row], s.finding.scale) else np.nan


# -- the convention ----------------------------------------------------------------------------------------------------


def _with_convention(exam: Examination, seen: list[Seen]) -> list[Seen]:
    """Rows with several kinks: whether their gradient as a whole is the one of least norm."""
    rows = {s.row for s in seen if s.finding.verdict == KINK and s.finding.kind == "kink"}
    least = {(row, mode): _least(exam, seen, row, mode) for row in rows for mode in exam.scope.modes}
    kinks = [s.finding.verdict == KINK and s.finding.kind == "kink" for s in seen]
    return [s._replace(finding=s.finding._replace(least=least[s.row, s.mode])) if kink else s
            for s, kink in zip(seen, kinks, strict=True)]  # fmt: skip


def _least(exam: Examination, seen: list[Seen], row: int, mode: str) -> bool | None:
    kinked = _kinked(seen, row)
    alone = [s.finding.least for s in seen if s.row == row and s.mode == mode and s.direction.element in kinked]
    if len(kinked) == 1 or all(alone):
        return bool(alone and all(alone)) if alone else None
    turns = {bool(s.slope.right > s.slope.left) for s in kinked.values() if s.slope is not None}
    gradient = _gradient(exam, seen, row, mode)
    if len(turns) != 1 or gradient is None:
        return None
    down = -1.0 if turns.pop() else 1.0
    norm = float(gradient @ gradient)
    unit = float(np.abs(gradient).max())
    slope = exam.ray(Direction("down", down * gradient / unit, 1.0, exam.eps)).second_look(row)
    return bool(abs(slope.right - down * norm / unit) <= SURE * slope.bar + 1e-9 * norm / unit)


def _gradient(exam: Examination, seen: list[Seen], row: int, mode: str) -> Any:
    """The whole row of the Jacobian, if every element was looked at."""
    found = {s.direction.element: s.finding.analytic for s in seen if s.row == row and s.mode == mode}
    found.pop(None, None)
    g = np.array([found.get(j, np.nan) for j in range(len(exam.x))])
    return g if np.isfinite(g).all() else None
