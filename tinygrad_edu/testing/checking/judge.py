"""Whether a number that a derivative gave is right, by what differences say of the function."""

from __future__ import annotations

import math

import numpy as np

from ..report import AGREES, KINK, UNDECIDED, WRONG
from .slopes import SURE, Slope

__all__ = ["judged"]


def judged(analytic: float, slope: Slope, floor: float, resolution: float) -> tuple[str, str]:
    """The verdict on one number, and what there is to say about it.

    |analytic - numeric| <= 4 bar + floor

    Args:
        analytic: what the derivative gave.
        slope: what differences say.
        floor: a few units in the last place of the numbers that went into `analytic`.
        resolution: the relative error that has to be seen; a wider bar decides nothing.
    """
    if slope.kind == "undecided":
        return UNDECIDED, slope.reason
    if math.isnan(analytic):
        return WRONG, "the derivative is NaN where f has a slope"
    if slope.kind == "infinite":
        return _unbounded(analytic, slope)
    error = SURE * slope.bar + floor
    if not slope.low - error <= analytic <= slope.high + error:
        return (UNDECIDED, slope.reason) if slope.reason else _outside(analytic, slope)
    if slope.kind == "jump":
        return KINK, "f jumps here, so it has no derivative: that of its pieces is taken"
    if analytic == slope.low == slope.high == slope.left == slope.right == 0:
        return AGREES, ""  # not one of the samples around moved
    if slope.bar > max(resolution * max(abs(analytic), slope.scale), slope.tiny):
        return UNDECIDED, "the error bar of the differences is too wide to tell it from a wrong one"
    return (KINK if slope.kind == "kink" else AGREES), ""


def _outside(analytic: float, slope: Slope) -> tuple[str, str]:
    if slope.kind == "kink":
        return WRONG, f"outside the subdifferential [{slope.low:.6g}, {slope.high:.6g}]"
    if np.isfinite(analytic) and slope.low == slope.high:
        ratio = f"; they differ by a factor of {analytic / slope.low:.12g}" if slope.low and analytic else ""
        return WRONG, f"further apart than {SURE:g} error bars{ratio}"
    return WRONG, "further apart than the error bars"


def _unbounded(analytic: float, slope: Slope) -> tuple[str, str]:
    """The chords grow without end: infinity is right, and between two sides of different slopes what lies between."""
    if math.isinf(analytic) or slope.low < slope.high:
        inside = slope.low <= analytic <= slope.high
        kind = KINK if slope.low < slope.high else AGREES
        return (kind, "") if inside else (WRONG, f"outside [{slope.low:.6g}, {slope.high:.6g}]")
    if abs(analytic) >= 0.5 * slope.scale and np.sign(analytic) == np.sign(slope.low):
        return UNDECIDED, "the slope still grows at the smallest step that can be taken"
    return WRONG, "finite, where the chords of f grow without end"
