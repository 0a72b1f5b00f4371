"""Proven bounds: between which numbers the exact value and gradient lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core import Value
from ...errors import OptionError, Undecided
from ...transforms.trees import flatten, unflatten
from .deciding import every_path
from .intervals import Interval, hull
from .running import Computed, differentiated, numbers_of

__all__ = ["Bounds", "bounds", "ends", "widest"]


class Bounds(NamedTuple):
    """What is proven of a function's value and of the gradient of its sum.

    Attributes:
        value: an object array of `Interval`s.
        gradients: one for each input, in its structure and shape.
        paths: how many ways through undecided comparisons were followed; 1 without a kink inside.
    """

    value: Any
    gradients: tuple[Any, ...]
    paths: int

    def error(self, result: Any) -> Any:
        """How far a computed float result can be from the exact value, an upper bound for each entry."""
        lo, hi = ends(self.value)
        return np.nextafter(np.maximum(np.abs(result - lo), np.abs(hi - result)), np.inf)


def bounds(function: Callable[..., Any], *inputs: Any, radius: float | str = 0.0, paths: int = 1024) -> Bounds:
    """Intervals that enclose the exact value of a function and the exact gradient of its sum.

    The same graph and the same rules as for floats run on intervals whose every operation is rounded outwards. The float
    result lies inside as well, as long as it was computed by the same operations in the same order (NumPy may add up in
    another); `Bounds.error` says how far any float result can be off, however it was computed.

    Where a kink lies inside, as relu's for an input from -1 to 1, the result is the hull of what both sides give: every
    comparison that is true of some inputs and false of others is followed both ways.

    Args:
        function: of Values. Floats of many digits that it brings in itself, such as 0.1 or math.pi, count with their rounding
            error: what they stand for is enclosed too.
        *inputs: numbers, arrays of floats, or nested tuples, lists and dicts of them.
        radius: 0 for exactly these inputs; a number for all inputs that differ by so much at most, entry by entry; "ulp"
            for all that differ by one unit in the last place.
        paths: how many ways through undecided comparisons to follow at most.

    Raises:
        DTypeError: a function without a version for intervals.
        Undecided: too many undecided comparisons, or the shape of the result depends on one.
        MissingExtra: mpmath is not installed.

    >>> value, (slope,), _ = bounds(lambda x: x * x, 3.0, radius=0.5)
    >>> value.item(), slope.item()
    (Interval(6.25, 12.25), Interval(5.0, 7.0))
    >>> bounds(np.abs, 0.0, radius=1.0).gradients[0].item()
    Interval(-1.0, 1.0)
    """
    if not (radius == "ulp" or (isinstance(radius, int | float) and radius >= 0)):
        raise OptionError(f"radius={radius!r}; it is a number of at least 0, or 'ulp'")
    if paths < 1:
        raise OptionError(f"paths={paths}; there is at least 1")
    results = every_path(lambda: differentiated(function, inputs, lambda x: _around(x, radius), Interval), paths)
    return _hull_of(results)


def _around(x: Any, radius: Any) -> Any:
    """An input as intervals with a radius."""
    points = numbers_of(x, Interval)
    if radius == "ulp":
        radius = np.spacing(np.abs(np.asarray(x.data if isinstance(x, Value) else x, float)))
    near = np.frompyfunc(lambda x, r: x + Interval(-r, r) if r else x, 2, 1)
    with np.errstate(all="ignore"):
        return np.asarray(near(points, radius), object)


def _hull_of(results: list[Computed]) -> Bounds:
    leaves, structures = zip(*[flatten((r.value, r.gradients)) for r in results], strict=True)
    together = [_joined(arrays) for arrays in zip(*leaves, strict=True)]
    value, gradients = unflatten(structures[0], together)
    return Bounds(value, gradients, len(results))


def _joined(arrays: tuple[Any, ...]) -> Any:
    if len({a.shape for a in arrays}) > 1:
        raise Undecided(
            "the shape of the result depends on a comparison that the inputs do not decide; make the radius smaller"
        )
    joined = arrays[0]
    with np.errstate(all="ignore"):
        for a in arrays[1:]:
            joined = np.asarray(np.frompyfunc(hull, 2, 1)(joined, a), object)
    return joined


def ends(intervals: Any) -> tuple[Any, Any]:
    """The lower and the upper ends of an array of intervals as float arrays; NaN where one is undefined."""
    both = [(x.lo, x.hi) for x in np.ravel(intervals)]
    lo, hi = np.array(both).reshape(-1, 2).T
    return lo.reshape(np.shape(intervals))[()], hi.reshape(np.shape(intervals))[()]


def widest(intervals: Any) -> float:
    """The largest width in an array of intervals, relative to the size of what is inside, or to 1 if that is less."""
    lo, hi = ends(intervals)
    return float(np.max((hi - lo) / np.maximum(1, np.maximum(np.abs(lo), np.abs(hi))), initial=0.0))
