"""Shapes, arrays and matrices out of single choices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...ops.domain import Domain
from .choosing import DIGITS, Chooser

__all__ = ["MATRICES", "away", "broadcastable_shapes", "entries", "matrix", "separate", "shape_of"]

Shape = tuple[int, ...]
Intervals = tuple[tuple[float, float], ...]


def shape_of(choose: Chooser, low: int = 0, high: int = 3, smallest: int = 0, largest: int = 4) -> Shape:
    """`low` to `high` axes of `smallest` to `largest` entries; `()` is the simplest, then `(1,)`, `(2,)`, ..."""
    sizes = sorted(range(smallest, largest + 1), key=lambda n: (n == 0, n))  # empty is not simple
    shape: list[int] = []
    while choose.more(len(shape), low, high):
        shape.append(choose.pick(sizes))
    return tuple(shape)


def broadcastable_shapes(choose: Chooser, n: int, high: int = 3, smallest: int = 0, largest: int = 4) -> tuple[Shape, ...]:
    """`n` shapes that broadcast to one."""
    whole = shape_of(choose, 0, high, smallest, largest)
    return tuple(beside(choose, whole) if n > 1 else whole for _ in range(n))


def beside(choose: Chooser, whole: Shape) -> Shape:
    """A shape that broadcasts to `whole`: leading axes left out, others of size 1; `whole` itself is the simplest."""
    kept = whole[choose.integer(0, len(whole)) :]
    return tuple(1 if m != 1 and choose.pick((False, False, True)) else m for m in kept)


def entries(choose: Chooser, shape: Shape, intervals: Intervals) -> Any:
    """An array of numbers from the intervals; where there are several, the uppermost is the simplest."""
    ordered = sorted(intervals, reverse=True)
    one: Callable[[], float] = lambda: choose.number(*(choose.pick(ordered) if len(ordered) > 1 else ordered[0]))  # noqa: E731  a name for a condition, in one line
    return np.array([one() for _ in range(math.prod(shape))], float).reshape(shape)


def separate(choose: Chooser, shape: Shape, low: float, high: float) -> Any:
    """An array of numbers in [low, high], no two of them closer than (high - low)/(2 n)."""
    n = math.prod(shape)
    step = (high - low) / max(n, 1)
    left = list(range(n))
    order = [left.pop(choose.integer(0, len(left) - 1)) for _ in range(n)]
    return np.array([round(low + step * (k + 0.25 + 0.5 * choose.number(0, 1)), DIGITS + 2) for k in order], float).reshape(
        shape
    )


def away(domain: Domain, points: Sequence[float], margin: float) -> Intervals:
    """The intervals of a domain without what is closer than `margin` to one of the points.

    >>> from tinygrad_edu.ops.domain import real
    >>> away(real, [0.0, 2.5], 0.5)
    ((-3.0, -0.5), (0.5, 2.0), (3.0, 3.0))
    """
    intervals = list(domain.intervals)
    for p in points:
        parts = [part for low, high in intervals for part in ((low, min(high, p - margin)), (max(low, p + margin), high))]
        intervals = [(low, high) for low, high in parts if low <= high]
    return tuple(sorted(set(intervals)))


# -- matrices ----------------------------------------------------------------------------------------------------------


def matrix(choose: Chooser, n: int, kind: str, cond: float, distinct: bool = False) -> Any:
    """An n by n matrix whose singular values lie in [1, cond], by its singular value decomposition.

    All singular values are 1 and nothing is rotated in the simplest one, the identity. With `distinct`, singular values
    are at least (cond - 1)/(2 n) apart.
    """
    return MATRICES[kind](choose, n, _spectrum(choose, n, cond, distinct))


def _spectrum(choose: Chooser, n: int, cond: float, distinct: bool) -> Any:
    if distinct:
        return separate(choose, (n,), 1.0, cond)
    return np.array([choose.number(1.0, cond) for _ in range(n)])


def _rotation(choose: Chooser, n: int) -> Any:
    """An orthogonal matrix of determinant 1, as a product of plane rotations: every one of them can come out."""
    q = np.eye(n)
    for i in range(n):
        for j in range(i + 1, n):
            angle = choose.number(-3.0, 3.0)
            c, s = math.cos(angle), math.sin(angle)
            q[:, [i, j]] = np.stack([c * q[:, i] - s * q[:, j], s * q[:, i] + c * q[:, j]], 1)
    return q


def _signs(choose: Chooser, n: int) -> Any:
    return np.array([choose.pick((1.0, -1.0)) for _ in range(n)])


def _general(choose: Chooser, n: int, spectrum: Any) -> Any:
    return (_rotation(choose, n) * spectrum * _signs(choose, n)) @ _rotation(choose, n).T


def _symmetric(choose: Chooser, n: int, spectrum: Any) -> Any:
    return _exactly_symmetric(_rotation(choose, n), spectrum * _signs(choose, n))


def _exactly_symmetric(q: Any, eigenvalues: Any) -> Any:
    a = (q * eigenvalues) @ q.T
    return (a + a.T) / 2


def _triangular(choose: Chooser, n: int, spectrum: Any) -> Any:
    """The R of a QR decomposition, which has the singular values of the whole; its diagonal is positive."""
    r = np.linalg.qr(_rotation(choose, n) * spectrum @ _rotation(choose, n).T)[1]
    return np.triu(r * np.sign(np.diag(r))[:, None]) + 0.0


MATRICES: dict[str, Callable[[Chooser, int, Any], Any]] = {
    "general": _general,
    "symmetric": _symmetric,
    "spd": lambda choose, n, spectrum: _exactly_symmetric(_rotation(choose, n), spectrum),
    "triangular": _triangular,
    "orthogonal": lambda choose, n, spectrum: _rotation(choose, n) * _signs(choose, n),
}
