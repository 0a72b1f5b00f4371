"""A function at one point, and what is known of it there: what laws are about.

Nothing here uses an op of the registry for its own arithmetic, so that a broken op cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..core import Value, gradients
from .differences import EPS, Estimate, Stencil, directions, slope

__all__ = [
    "Point",
    "cotangents",
    "dense",
    "denses",
    "inner",
    "moved",
    "plain",
    "pullback",
    "reached",
    "size",
    "sum_of",
]

__tracebackhide__ = True  # pytest shows the user's frames, not these

Arrays = list[Any]


class Point:
    """A function of float arrays, at one point of its domain.

    Args:
        function: from the inputs to a list of its float results.
        inputs: the arrays, float64.
        names: what the user calls each of them.
        cast: the same point in another dtype; the default casts the inputs, and nothing that the function holds.

    What is known of the function alone, its results and its slopes by differences, is computed once and kept; what its
    derivative says is computed at each call.
    """

    def __init__(self, function: Callable[..., Arrays], inputs: Sequence[Any], names: Sequence[str],
                 cast: Callable[[Any], Point] | None = None) -> None:  # fmt: skip
        self.function, self.inputs, self.names = function, list(inputs), list(names)
        self.cast = cast or (lambda dtype: Point(function, [np.asarray(x).astype(dtype) for x in inputs], names))

    @cached_property
    def results(self) -> Arrays:
        """The plain results."""
        return [plain(y) for y in self.function(*_copies(self.inputs))]

    @cached_property
    def cotangents(self) -> Arrays:
        """A random number for each entry of each result."""
        return cotangents(self.results)

    @cached_property
    def tangents(self) -> Arrays:
        """A random direction for each input, no entry of it near zero."""
        return directions(self.inputs)

    @cached_property
    def scale(self) -> float:
        """How large the numbers are that <c, f> adds up."""
        return sum(sum_of(np.abs(c) * np.maximum(1, np.abs(y))) for c, y in zip(self.cotangents, self.results, strict=True))

    @cached_property
    def slopes(self) -> list[Estimate]:
        """For each input, the slope of <c, f> along its tangent by central differences."""
        return [self.slope(ts) for ts in self.alone]

    @cached_property
    def alone(self) -> list[Arrays]:
        """For each input, its tangent beside zeros for the others."""
        return [[t if k == i else np.zeros_like(x) for k, x in enumerate(self.inputs)] for i, t in enumerate(self.tangents)]

    def slope(self, ts: Arrays) -> Estimate:
        """The slope of <c, f> along tangents by central differences: at a kink, the mean of both sides."""
        return slope(lambda h: self.weighed(*moved(self.inputs, h, ts)), self.scale, step=4e-3)

    def sides(self, ts: Arrays) -> tuple[Estimate, Estimate]:
        """The slopes of <c, f> along tangents from the left and from the right."""
        origin = np.array([self.weighed(*self.inputs)])
        stencil = Stencil(lambda h: np.array([self.weighed(*moved(self.inputs, h, ts))]), origin, 4e-3,
                          np.array([8 * EPS * self.scale]))  # fmt: skip
        return Estimate(*(float(x[0]) for x in stencil.left)), Estimate(*(float(x[0]) for x in stencil.right))

    def weighed(self, *inputs: Any) -> float:
        """<c, f(inputs)>."""
        return inner(self.cotangents, self.function(*inputs))

    def pull(self, cs: Arrays | None = None, inputs: Arrays | None = None, **options: Any) -> Arrays:
        """J'c at the inputs, for the point's own c and inputs if not said: None where nothing reached."""
        values = [x if isinstance(x, Value) else Value(x) for x in (self.inputs if inputs is None else inputs)]
        return pullback(self.function(*values), values, self.cotangents if cs is None else cs, **options)


def _copies(xs: Arrays) -> Arrays:
    """The same numbers in memory of their own."""
    return [np.array(x)[()] for x in xs]


def moved(xs: Arrays, h: float, ts: Arrays) -> Arrays:
    """The inputs, a step h further along the tangents."""
    return [x + h * t for x, t in zip(xs, ts, strict=True)]


# -- arithmetic that uses no op of the registry ------------------------------------------------------------------------


def plain(v: Any) -> Any:
    """The numbers of a Value; anything else as it is."""
    return v.data if isinstance(v, Value) else v


def cotangents(ys: Arrays, seed: int = 0) -> Arrays:
    """A random cotangent for each result, of its shape and dtype."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=np.shape(y)).astype(y.dtype)[()] for y in ys]


def pullback(ys: Arrays, values: Sequence[Value], cs: Arrays, **options: Any) -> Arrays:
    """J'c: the gradient of <c, ys> by each of the values, None where nothing flows."""
    sums: Arrays = [None] * len(values)
    for y, c in zip(ys, cs, strict=True):
        if isinstance(y, Value):
            gs = gradients(y, list(values), c, **{"retain_graph": True, **options})
            sums = [g if t is None else t if g is None else t + g for t, g in zip(sums, gs, strict=True)]
    return sums


def reached(gs: Arrays, values: Sequence[Value], others: Arrays) -> tuple[Arrays, Sequence[Value], Arrays]:
    """The gradients that are not None, the values, and what stands beside those gradients in `others`: for `pullback`."""
    pairs = [(g, t) for g, t in zip(gs, others, strict=True) if g is not None]
    return [g for g, _ in pairs], values, [t for _, t in pairs]


def dense(gradient: Any, like: Any) -> Any:
    """A gradient as plain numbers: zeros where none reached."""
    return np.zeros(np.shape(like)) if gradient is None else plain(gradient)


def sum_of(x: Any) -> float:
    """The sum of all entries, as a number."""
    return float(np.sum(x, dtype=np.float64))


def inner(xs: Arrays, ys: Arrays) -> float:
    """The sum of the products of all entries."""
    return sum(sum_of(plain(x) * plain(y)) for x, y in zip(xs, ys, strict=True))


def size(xs: Arrays, ys: Arrays) -> float:
    """The sum of the sizes of the products of all entries: what rounding is measured by."""
    return sum(sum_of(np.abs(plain(x) * plain(y))) for x, y in zip(xs, ys, strict=True))


def denses(gs: Arrays, likes: Arrays) -> Arrays:
    """`dense`, of each."""
    return [dense(g, x) for g, x in zip(gs, likes, strict=True)]
