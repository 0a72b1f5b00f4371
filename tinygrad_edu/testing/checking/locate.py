"""Which element is wrong, when all that is known is a direction or a sum: by halving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..report import WRONG
from .examine import Direction, Examination, Outputs, Seen

__all__ = ["located"]


def located(exam: Examination, seen: list[Seen]) -> list[Seen]:
    """The wrong element behind a wrong direction, and the wrong output behind a wrong sum; nothing if there is none."""
    wrong = [s for s in seen if s.finding.verdict == WRONG and s.row >= 0]
    if not wrong or any(s.direction.element is not None and _alone(exam, s.row) for s in wrong):
        return []
    s = next((s for s in wrong if s.direction.element is not None), wrong[0])
    j = s.direction.element if s.direction.element is not None else _element(exam, s)
    if j is None:
        return []
    d = exam.element(j)
    if _alone(exam, s.row):
        return [one for one in exam.compared(d) if one.finding.verdict == WRONG]
    i = _output(exam, s, d)
    return [] if i is None else [one for one in _alone_with(exam, [i]).compared(d) if one.finding.verdict == WRONG]


def _alone(exam: Examination, row: int) -> bool:
    weights = exam.rows.weights
    return weights is None or np.count_nonzero(weights[row]) == 1


def _element(exam: Examination, s: Seen) -> int | None:
    def wrong(part: Any) -> bool:
        u = np.zeros_like(s.direction.u)
        u[part] = s.direction.u[part]
        found = exam.compared(Direction("part of a direction", u, s.direction.reach, s.direction.grain))
        return any(one.finding.verdict == WRONG for one in found if (one.row, one.mode) == (s.row, s.mode))

    return _halved(np.flatnonzero(s.direction.u), wrong)


def _output(exam: Examination, s: Seen, d: Direction) -> int | None:
    weights = exam.rows.weights[s.row]

    def wrong(part: Any) -> bool:
        c = np.zeros_like(weights)
        c[part] = weights[part]
        found = exam.looking_at(Outputs(["part of a sum"], c[None])).compared(d)
        return any(one.finding.verdict == WRONG for one in found if one.mode == s.mode)

    return _halved(np.flatnonzero(weights), wrong)


def _alone_with(exam: Examination, outputs: list[int]) -> Examination:
    return exam.looking_at(Outputs([exam.names(i) for i in outputs], np.eye(len(exam.y))[outputs]))


def _halved(candidates: Any, wrong: Callable[[Any], bool]) -> int | None:
    """One candidate that is wrong by itself; None if the parts are right though the whole is wrong."""
    while len(candidates) > 1:
        halves = np.array_split(candidates, 2)
        candidates = next((half for half in halves if wrong(half)), None)
        if candidates is None:
            return None
    return int(candidates[0]) if len(candidates) else None
