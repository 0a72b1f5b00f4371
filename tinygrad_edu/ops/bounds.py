"""The larger, the smaller, and what lies between.

Two that are equal share the gradient evenly, so the two slopes always add up to 1. A number that is clipped keeps
nothing at the bound, the subgradient of least norm; what it does not get, the bound gets. NaN stays visible: it is its
own gradient.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..core import NUMPY, elementwise
from . import domain

__all__ = ["clip", "fmax", "fmin", "maximum", "minimum"]

_NUMBER = (int, float)


def _difference(x1: Any, x2: Any) -> Any:
    return x1 - x2


def _share(wins: Any, tie: Any, y: Any) -> Any:
    """1 where it wins, 1/2 at a tie, and NaN where the result is NaN."""
    return np.where(y == y, np.where(tie, 0.5, wins), y)


@elementwise(dx1=lambda x1, x2, y: _share(x1 > x2, x1 == x2, y), dx2=lambda x1, x2, y: _share(x2 > x1, x1 == x2, y),
             kinks=_difference)  # fmt: skip
def maximum(x1: Any, x2: Any) -> Any:
    """The larger of two numbers; NaN if one is NaN.

    y = Max(x1, x2)
    dy/dx1 = Heaviside(x1 - x2, Rational(1, 2))
    dy/dx2 = Heaviside(x2 - x1, Rational(1, 2))
    """
    return np.maximum(x1, x2)


@elementwise(dx1=lambda x1, x2, y: _share(x1 < x2, x1 == x2, y), dx2=lambda x1, x2, y: _share(x2 < x1, x1 == x2, y),
             kinks=_difference)  # fmt: skip
def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of two numbers; NaN if one is NaN.

    y = Min(x1, x2)
    dy/dx1 = Heaviside(x2 - x1, Rational(1, 2))
    dy/dx2 = Heaviside(x1 - x2, Rational(1, 2))
    """
    return np.minimum(x1, x2)


@elementwise(dx1=lambda x1, x2, y: _share((x1 > x2) | (x2 != x2), x1 == x2, y),
             dx2=lambda x1, x2, y: _share((x2 > x1) | (x1 != x1), x1 == x2, y), kinks=_difference)  # fmt: skip
def fmax(x1: Any, x2: Any) -> Any:
    """The larger of two numbers; beside NaN, the other one, which also gets the gradient.

    y = Max(x1, x2)
    dy/dx1 = Heaviside(x1 - x2, Rational(1, 2))
    dy/dx2 = Heaviside(x2 - x1, Rational(1, 2))
    """
    return np.fmax(x1, x2)


@elementwise(dx1=lambda x1, x2, y: _share((x1 < x2) | (x2 != x2), x1 == x2, y),
             dx2=lambda x1, x2, y: _share((x2 < x1) | (x1 != x1), x1 == x2, y), kinks=_difference)  # fmt: skip
def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of two numbers; beside NaN, the other one, which also gets the gradient.

    y = Min(x1, x2)
    dy/dx1 = Heaviside(x2 - x1, Rational(1, 2))
    dy/dx2 = Heaviside(x1 - x2, Rational(1, 2))
    """
    return np.fmin(x1, x2)


def inside(y: Any, min: Any, max: Any) -> Any:
    """The slope of clipping, from its result: 1 strictly between the bounds, 0 at and beyond them, NaN at NaN."""
    above = True if min is None else y > min
    below = True if max is None else y < max
    return np.where(y == y, above & below, y)


def _at_min(y: Any, min: Any, max: Any) -> Any:
    return (y <= min) & (True if max is None else y < max)


def _distances(x: Any, min: Any, max: Any) -> Any:
    return tuple(x - bound for bound in (min, max) if bound is not None)


@elementwise(dx=inside, dmin=_at_min, dmax=lambda y, max: y >= max, numpy=(), kinks=_distances,
             domain=dict(min=domain.between(-1.5, -0.5, "all real x"),
                         max=domain.between(0.5, 1.5, "all real x")))  # fmt: skip
def clip(x: Any, min: Any = None, max: Any = None) -> Any:
    """`x`, held between two bounds; None stands for no bound.

    y = Min(Max(x, min), max)
    dy/dx = Piecewise((1, (min < x) & (x < max)), (0, True))
    dy/dmin = Piecewise((1, (x <= min) & (min < max)), (0, True))
    dy/dmax = Piecewise((1, (x >= max) | (min >= max)), (0, True))

    Both bounds can be learned, as the upper one in PACT (arXiv:1805.06085). At a bound x has slope 0. A lower bound
    above the upper one gives the upper one; between two plain numbers that is warned of. `np.clip(v, a_min, a_max)` and
    `np.clip(v, min=, max=)` come here.
    """
    if type(min) in _NUMBER and type(max) in _NUMBER and min > max:
        warnings.warn(f"clip: the lower bound {min} exceeds the upper bound {max}, which is the result", stacklevel=4)
    y = np.positive(x) if min is None else np.maximum(x, min)
    return y if max is None else np.minimum(y, max)


def _numpy_clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """`np.clip` with its two spellings of the bounds."""
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise TypeError("np.clip takes the bounds as a_min and a_max, or as min= and max=, not both")
    return clip(a, a_min if min is None else min, a_max if max is None else max)


NUMPY[np.clip] = _numpy_clip
