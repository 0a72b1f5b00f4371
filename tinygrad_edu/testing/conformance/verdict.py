"""Whether an answer meets the bar."""

from __future__ import annotations

from typing import Any

import numpy as np

from .behaviours import Behaviour
from .libraries.library import Answer
from .rows import Row

__all__ = ["MARKS", "of_behaviour", "of_row"]

MARKS = {
    "meets": "✓",
    "beside": "~",
    "fails": "✗",
    "lacks": "–",
}  # beside: as this library, which the row says is beside the bar
TOLERANCE = dict(rtol=1e-6, atol=1e-9)  # of float32 functions inside float64 libraries


def of_row(row: Row, answer: Answer | type[Exception]) -> str:
    """A key of MARKS for what a library answers to a row."""
    refused = isinstance(answer, type)
    if refused and _refusals(row):
        return "meets"
    wanted = [] if isinstance(row.value, type) else [(row.value, row.grads)]
    if not refused and any(_agrees(answer, w, row.second) for w in row.also if not isinstance(w, type)):
        return "meets"
    if not refused and any(_agrees(answer, w, row.second) for w in wanted):
        return "beside" if row.differs else "meets"
    return "fails"


def _refusals(row: Row) -> bool:
    return any(isinstance(w, type) for w in (row.value, *row.also))


def _agrees(answer: Any, wanted: tuple[Any, Any], second: Any) -> bool:
    value, grads = wanted
    if not _same(answer.value, value) or len(answer.grads) != len(grads or ()):
        return False
    return all(map(_same, answer.grads, grads or ())) and (second is None or _same(answer.second, second))


def _same(got: Any, wanted: Any) -> bool:
    if got is None or np.shape(got) != np.shape(wanted):
        return False
    return bool(np.allclose(got, wanted, equal_nan=True, **TOLERANCE))


def of_behaviour(row: Behaviour, outcome: Any) -> str:
    """A key of MARKS for what came of a behaviour; an exception class stands for a refusal."""
    if any(_is(outcome, w) for w in row.also):
        return "meets"
    if _is(outcome, row.expected):
        return "beside" if row.differs else "meets"
    return "fails"


def _is(outcome: Any, wanted: Any) -> bool:
    if isinstance(wanted, type) or isinstance(outcome, type):
        return isinstance(wanted, type) and isinstance(outcome, type)
    if isinstance(wanted, list):
        return isinstance(outcome, list) and _numbers(outcome) and _same(outcome, wanted)
    return bool(outcome == wanted) and (outcome is None) == (wanted is None)


def _numbers(outcome: list[Any]) -> bool:
    return not any(isinstance(x, complex | str) for x in outcome)
