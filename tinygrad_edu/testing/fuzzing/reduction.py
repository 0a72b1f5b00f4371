"""Smaller expressions that still fail: rows cut off, results replaced by inputs, axes shortened, numbers made simple."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..expression import Expression, Row

__all__ = ["reduced", "without_unused"]

SIMPLE = (0.0, 1.0, 2.0, 0.5, -1.0)


def reduced(expression: Expression, fails: Callable[[Expression], bool]) -> Expression:
    """The smallest expression found from this one on for which `fails` is still true.

    Every step makes it smaller: fewer ops, then fewer entries, then shorter numbers. `fails` is true of what comes back
    if it is true of what comes in; it should be false where the expression cannot be run.

    >>> f = Expression([[3.7, 5.1]], [("exp", (0,)), ("tanh", (1,)), ("sum", (2,)), ("cos", (3,))])
    >>> reduced(f, lambda e: "tanh" in e.ops)
    Expression([0.0], [('tanh', (0,))])
    """
    smaller: Expression | None = expression
    while smaller is not None:
        expression = smaller
        smaller = next((e for e in _smaller(expression) if _size(e) < _size(expression) and fails(e)), None)
    return expression


def _size(e: Expression) -> tuple[int, int, int]:
    return len(e), sum(x.size + x.ndim for x in e.inputs), len(e.to_json())


def _smaller(e: Expression) -> Iterator[Expression]:
    n = len(e.inputs)
    for place in range(n, n + len(e) - 1):
        yield without_unused(e.inputs, e.rows, place)
    yield from _cut(e)
    yield from _shorter(e)
    yield from _fewer_options(e)
    yield from _simpler(e)


def without_unused(inputs: tuple[Any, ...], rows: tuple[Row, ...], root: int) -> Expression:
    """The expression whose result is at place `root`, with what that is made of."""
    n, alive = len(inputs), {root}
    for place in range(root, n - 1, -1):
        if place in alive:
            alive.update(a for a in rows[place - n][1] if type(a) is int)
    new = {old: i for i, old in enumerate(sorted(alive))}
    kept = [(name, tuple(new[a] if type(a) is int else a for a in arguments), options)
            for place, (name, arguments, options) in enumerate(rows, n) if place in alive]  # fmt: skip
    return Expression([inputs[i] for i in sorted(alive) if i < n], kept)


def _cut(e: Expression) -> Iterator[Expression]:
    """One result becomes an input, with the number it has."""
    n = len(e.inputs)
    places = e.trace(e.inputs)
    for cut in reversed(range(n, n + len(e) - 1)):
        new = {**{i: i for i in range(n)}, **{p: p + 1 for p in range(n, n + len(e))}, cut: n}
        rows = tuple((name, tuple(new[a] if type(a) is int else a for a in arguments), options)
                     for name, arguments, options in e.rows)  # fmt: skip
        yield without_unused((*e.inputs, places[cut]), rows, n + len(e))


def _shorter(e: Expression) -> Iterator[Expression]:
    """Without one axis, or without the last entry of an axis; in one input, or in all that have an axis of that size."""
    for i, x in enumerate(e.inputs):
        for axis, n in enumerate(x.shape):
            for change in (_without_axis, _without_last):
                yield _with(e, i, change(x, axis))
                yield Expression([_everywhere(y, n, change) for y in e.inputs], e.rows)


def _without_axis(x: Any, axis: int) -> Any:
    return x.take(0, axis) if x.shape[axis] else x


def _without_last(x: Any, axis: int) -> Any:
    return x.take(range(x.shape[axis] - 1), axis) if x.shape[axis] > 1 else x


def _everywhere(x: Any, n: int, change: Callable[[Any, int], Any]) -> Any:
    for axis in reversed(range(x.ndim)):
        x = change(x, axis) if x.shape[axis] == n else x
    return x


def _fewer_options(e: Expression) -> Iterator[Expression]:
    for k, (name, arguments, options) in enumerate(e.rows):
        for option in options:
            rest = {n: o for n, o in options.items() if n != option}
            yield Expression(e.inputs, [*e.rows[:k], (name, arguments, rest), *e.rows[k + 1 :]])


def _simpler(e: Expression) -> Iterator[Expression]:
    for i, x in enumerate(e.inputs):
        yield from (_with(e, i, np.full(x.shape, c)) for c in SIMPLE if x.size > 1)
        for k, entry in enumerate(np.ravel(x)):
            for c in _candidates(float(entry)):
                changed = np.array(x)
                changed.flat[k] = c
                yield _with(e, i, changed)
    for k, (name, arguments, options) in enumerate(e.rows):
        for j, a in enumerate(arguments):
            for c in _candidates(a) if type(a) is float else ():
                row = (name, (*arguments[:j], c, *arguments[j + 1 :]), options)
                yield Expression(e.inputs, [*e.rows[:k], row, *e.rows[k + 1 :]])


def _candidates(x: float) -> tuple[float, ...]:
    return (*SIMPLE, round(x) + 0.0, round(x, 1), round(x, 2), round(x, 4))


def _with(e: Expression, i: int, x: Any) -> Expression:
    return Expression([*e.inputs[:i], x, *e.inputs[i + 1 :]], e.rows)
