"""What a function does at a point along a line: smooth, a kink, a jump, an edge of its domain, an infinite slope.

    smooth      left slope = right slope                      one number, with the error bar of central differences
    edge        one side is outside of the domain             the slope of the other side
    kink        left slope != right slope                     every number between the two is a subgradient
    jump        f itself jumps; the pieces have slopes        every number between the slopes of the pieces
    infinite    the chord grows without end as the step shrinks
    undecided   nothing can be said, and why

Differences see only what lies between their points. So they are taken at scales that go down by factors of 128 until the
steps drown in rounding; what a coarse scale says counts only if no finer one contradicts it. A kink beside the point is
passed over on the way; one that is nearer than the last step is taken to be at the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from ..differences import EPS, Line, Stencil

__all__ = ["ROUNDED", "SURE", "Ray", "Slope"]

SURE = 4.0  # two numbers differ if they are further apart than this many error bars
FIRST, APART, SCALES = 2.0**-3, 2.0**-7, 9  # the largest step, in the unit of the input; from scale to scale; how many
CLEAR = 0.3  # a scale sees something of a slope if its bar is no larger than so much of its chords
NEAR = 2.0**-17  # where jumps near the point are looked for, in the unit of the input
FINE = 2.0**-26  # steps below this, in the unit of the input, are fine
ROUNDED = 2.0**12  # a slope is zero to rounding below so many units in the last place of f over the unit of the input


class Limit(NamedTuple):
    """What the slopes of one side tend to as the step shrinks.

    Attributes:
        value: the limit.
        bar: how far it may be off.
        around: the steepest chord at the scales that see a slope of this kind.
    """

    value: float
    bar: float
    around: float = 0.0


class Slope(NamedTuple):
    """The derivative of one output along a line, as far as differences can tell.

    Attributes:
        kind: "smooth", "edge", "kink", "jump", "infinite" or "undecided".
        low: the smallest number that is right.
        high: the largest.
        bar: how far both may be off.
        scale: how large slopes are around here.
        tiny: the slope that rounding of f makes out of nothing.
        left: the slope on the left; NaN where there is none.
        right: the slope on the right.
        reason: why it is undecided, or in doubt.
    """

    kind: str
    low: float
    high: float
    bar: float
    scale: float
    tiny: float
    left: float
    right: float
    reason: str = ""


class Ray:
    """A function along a line through a point, at as many scales as it takes.

    Args:
        line: from a number t to the outputs at x + t u, (m,).
        origin: the outputs at x, (m,).
        reach: the unit of t: about the size of x.
        noise: how far rounding puts the outputs off, on coarse and on fine scales, (2, m).
        size: how large the numbers are that the outputs are computed from, (m,).
        grain: how far rounding puts x off, in the unit of t.
        resolution: the relative error of a slope that has to be seen.
        eps: the unit in the last place that f is computed with.
    """

    def __init__(self, line: Line, origin: Any, reach: float, noise: Any, size: Any, grain: float,
                 resolution: float, eps: float = EPS) -> None:  # fmt: skip
        self.line, self.origin, self.reach, self.noise, self.grain = line, origin, reach, noise, grain
        self.resolution, self.rounded = resolution, min(ROUNDED * eps, resolution)
        self.tiny = self.rounded * size / reach
        self._stencils: list[Stencil] = []

    def slopes(self) -> list[Slope]:
        """The slope of each output: from the first scale that settles it, or from all."""
        found: list[Slope | None] = [None] * len(self.origin)
        for s in range(SCALES):
            stencil = self._stencil(s)
            if stencil is None:
                break
            for i in np.flatnonzero(self._settles(stencil)):
                found[i] = found[i] or _smooth(stencil, int(i), float(self._tiny(stencil)[i]))
            if None not in found:
                break
        return [slope or self.second_look(i) for i, slope in enumerate(found)]

    def second_look(self, i: int) -> Slope:
        """The slope of output i from all scales, the finest having the last word."""
        stencils = [one for one in map(self._stencil, range(SCALES)) if one is not None]
        if np.isnan(self.origin[i]):
            return _undecided("f is NaN at this point")
        with np.errstate(all="ignore"):
            slope = _Classified(stencils, i, max(float(self._tiny(s)[i]) for s in stencils)).slope()
        still = 0 in (slope.low, slope.left, slope.right) and _frozen(stencils, i)
        return slope._replace(reason="small steps do not move f") if still else slope

    def third_look(self, i: int) -> Slope | None:
        """The slope if what looks like noise on coarse scales is none; None if nothing does."""
        if self.noise[0, i] <= 16 * self.noise[1, i]:
            return None
        other = copy(self)
        other.noise, other._stencils = self.noise[[1, 1]], []
        return other.second_look(i)

    def steepest(self, i: int, slope: float) -> float:
        """How steep output i is near the point, less a slope, by halving towards the larger rise: huge, where it jumps."""

        def at(t: float) -> tuple[float, float]:
            return t, float(self.line(t)[i]) - slope * t

        low, high = (0.0, float(self.origin[i])), at(NEAR * self.reach)
        for _ in range(30):
            middle = at((low[0] + high[0]) / 2)
            low, high = (low, middle) if abs(middle[1] - low[1]) > abs(high[1] - middle[1]) else (middle, high)
        return abs(high[1] - low[1]) / (high[0] - low[0])

    def _stencil(self, s: int) -> Stencil | None:
        step = self.reach * FIRST * APART**s
        if s and step / 32 < 64 * self.grain:
            return None
        if s == len(self._stencils):
            noise = self.noise[0] if step > FINE * self.reach else self.noise.max(axis=0)
            self._stencils.append(Stencil(self.line, self.origin, step, noise, self.grain))
        return self._stencils[s]

    def _settles(self, s: Stencil) -> Any:
        """Where this scale is enough: both sides agree, and the bar is narrow against the slopes around."""
        c, left, right = s.central, s.left, s.right
        tiny = self._tiny(s)
        narrow = c.bar <= np.maximum(self.resolution * np.maximum(np.abs(c.value), s.spread), tiny)
        sides = left.bar + right.bar
        with np.errstate(all="ignore"):
            same = np.abs(left.value - right.value) <= SURE * sides
        return narrow & same & (sides <= 0.01 * s.spread + 1e3 * tiny)

    def _tiny(self, s: Stencil) -> Any:
        return np.maximum(self.tiny, self.rounded * s.size / self.reach)


def _undecided(reason: str, left: float = np.nan, right: float = np.nan, scale: float = 0.0) -> Slope:
    return Slope("undecided", np.nan, np.nan, np.inf, scale, 0.0, left, right, reason)


def _smooth(s: Stencil, i: int, tiny: float) -> Slope:
    value, bar = float(s.central.value[i]), float(s.central.bar[i])
    scale = max(abs(value), float(s.spread[i]))
    return Slope("smooth", value, value, bar, scale, tiny, float(s.left.value[i]), float(s.right.value[i]))


def _frozen(stencils: list[Stencil], i: int) -> bool:
    """Whether output i moves on coarse scales by units in the last place only, and stands still on finer ones."""
    moves = [np.abs(np.concatenate([s.plus, s.minus])[:, i] - s.origin[i]) for s in stencils]
    some = [m[m > 0].min(initial=np.inf) for m in moves]
    return bool(np.isinf(some[-1]) and min(some) <= 16 * EPS * max(1.0, abs(float(stencils[0].origin[i]))))


class _Classified:
    """One output at all scales."""

    def __init__(self, stencils: list[Stencil], i: int, tiny: float) -> None:
        self.stencils, self.i, self.tiny = stencils, i, tiny
        self.value = float(stencils[0].origin[i])

    def slope(self) -> Slope:
        """Which of the kinds it is."""
        left, right = self._side("left", "minus", -1), self._side("right", "plus", 1)
        sides = [side for side in (left, right) if side is not None]
        if not sides:
            return _undecided("f is not finite on either side of this point")
        if all(np.isfinite(side.value) for side in sides) and np.isfinite(self.value):
            return self._finite(left, right)
        return self._unbounded(left, right)

    def _side(self, name: str, samples: str, sign: int) -> Limit | None:
        """The slope on one side: infinite if the chords grow without end, None if f is not defined there."""
        if not np.isfinite(self._of(self.stencils[-1], samples)).any():
            return None
        if endless := self._endless(samples, sign, self.value):
            return endless
        limit = self._limit(name)
        tails = [t for t in self._tails(samples, sign) if abs(t.value - limit.value) <= SURE * (t.bar + limit.bar)]
        best = min([limit, *tails], key=lambda t: t.bar)
        return best._replace(around=max(t.around for t in [limit, *tails]))

    def _tails(self, samples: str, sign: int) -> list[Limit]:
        """What the chords on one side tend to at each scale, if they fall as a power of the step."""
        found = []
        for s in self.stencils:
            steps = np.array(s.steps[-4:])
            chords = sign * (self._of(s, samples)[-4:] - self.value) / steps
            if np.isfinite(chords).all():
                found.append(_aitken(chords, 4 * s.noise[self.i] / steps, float(s.spread[self.i])))
        return [t for t in found if np.isfinite(t.bar)]

    def _of(self, s: Stencil, what: str) -> Any:
        return getattr(s, what)[:, self.i]

    def _endless(self, samples: str, sign: int, start: float) -> Limit | None:
        """An infinite slope, if the chords grow without end."""
        growing = _growing([self._chord(s, samples, sign, start) for s in self.stencils])
        return Limit(growing, 0.0) if growing else None

    def _chord(self, s: Stencil, samples: str, sign: int, start: float) -> tuple[float, float]:
        """The steepness at the smallest step of one scale, and how far rounding puts it off.

        From the point, where f is `start`; from sample to sample where that is not finite.
        """
        values, h = self._of(s, samples), s.steps[-1]
        rise = values[-1] - start if np.isfinite(start) else values[-2] - values[-1]
        return float(sign * rise / h), float(4 * s.noise[self.i] / h)

    def _limit(self, name: str) -> Limit:
        """The estimate with the smallest bar among those that no finer scale contradicts."""
        best = Limit(np.nan, np.inf)
        finer: list[Limit] = []
        for s in reversed(self.stencils):
            value, bar = (float(part[self.i]) for part in getattr(s, name))
            one = Limit(value, bar, float(s.spread[self.i]))
            if np.isfinite(one.value) and all(abs(one.value - f.value) <= SURE * (one.bar + f.bar) for f in finer):
                if one.bar < best.bar:
                    best = one
                elif one.bar <= CLEAR * one.around:  # a coarser scale; finer ones may see nothing but noise
                    best = best._replace(around=max(best.around, one.around))
            finer.append(one) if np.isfinite(one.bar) else None
        return best

    def _finite(self, left: Limit | None, right: Limit | None) -> Slope:
        if left is None or right is None:
            side = left or right or Limit(np.nan, np.inf)
            return self._made("edge", [side], (np.nan, side.value) if left is None else (side.value, np.nan))
        gap, sides = abs(left.value - right.value), (left.value, right.value)
        if gap > SURE * (left.bar + right.bar) and gap > 8 * self.tiny:
            return self._made("kink", [left, right], sides)
        limit = self._limit("central")
        around = max(limit.around, left.around, right.around)
        return self._made("smooth", [limit._replace(around=around)], sides)

    def _made(self, kind: str, limits: Sequence[Limit], sides: tuple[float, float]) -> Slope:
        values, bar = [one.value for one in limits], max(one.bar for one in limits)
        if not np.isfinite(bar):
            return _undecided("the differences do not settle at any step: f is noisy or rough here", *sides)
        scale = max(max(abs(one.value), one.around) for one in limits)
        return Slope(kind, min(values), max(values), bar, scale, self.tiny, *sides)

    def _unbounded(self, left: Limit | None, right: Limit | None) -> Slope:
        """Chords from the point are infinite: f jumps, or its slope has no bound."""
        before = None if left is None else self._piece("before", "minus", -1)
        beyond = None if right is None else self._piece("beyond", "plus", 1)
        pieces = [piece for piece in (before, beyond) if piece is not None]
        values = [piece.value for piece in pieces]
        sides = (np.nan if before is None else before.value, np.nan if beyond is None else beyond.value)
        bar = max(piece.bar for piece in pieces)
        if np.isnan(values).any() or not bar <= max(1e-3 * max(map(abs, values)), self._blur()):
            return _undecided("f jumps here, and is rough beside the jump", *sides)
        if not np.isfinite(values).all():
            return Slope("infinite", min(values), max(values), bar, self._largest_chord(), self.tiny, *sides)
        if not np.isfinite(self.value):
            return _undecided("f is infinite at this point alone", *sides)
        return self._made("jump", pieces, sides)

    def _blur(self) -> float:
        """A slope that is next to nothing beside those of the outputs on the coarsest scale."""
        s = self.stencils[0]
        around = np.abs([s.plus, s.minus])
        return float(1e-7 * np.max(around[np.isfinite(around)], initial=0) / s.steps[0])

    def _piece(self, name: str, samples: str, sign: int) -> Limit:
        """The slope of one side with the point itself left out."""
        return self._endless(samples, sign, np.nan) or self._limit(name)

    def _largest_chord(self) -> float:
        chords = np.abs([self._chord(s, side, 1, self.value)[0] for s in self.stencils for side in ("plus", "minus")])
        return float(np.max(chords[np.isfinite(chords)], initial=0.0))


def _aitken(chords: Any, rounding: Any, around: float) -> Limit:
    """The limit of chords that fall as a power of the step, as those of x**1.5 at 0; with no bar if they do not."""
    falls = np.diff(chords)
    ratios = falls[1:] / falls[:-1]
    if not (np.all(np.abs(chords) > 64 * rounding) and np.all(ratios > 0) and np.all(ratios < 0.9)
            and abs(ratios[1] - ratios[0]) <= 1e-2 * ratios[0]):  # fmt: skip
        return Limit(np.nan, np.inf)
    first, last = chords[2:] + falls[1:] * ratios / (1 - ratios)
    return Limit(float(last), float(abs(last - first) + 8 * rounding[-1]), around)


def _growing(chords: list[tuple[float, float]]) -> float:
    """Infinity with a sign if the steepness grows from scale to scale, and not more slowly; 0 if not."""
    if any(np.isinf(chord) for chord, _ in chords[-2:]):
        return float(chords[-1][0]) if np.isinf(chords[-1][0]) else 0.0
    seen = [k for k, (chord, rounding) in enumerate(chords) if abs(chord) > 8 * rounding]
    clear = [chords[k][0] for k in seen]
    if clear and any(abs(chord) + 8 * rounding < abs(clear[-1]) for chord, rounding in chords[seen[-1] + 1 :]):
        return 0.0  # finer chords are smaller
    steps = np.diff(clear)
    if len(clear) < 4 or not (np.all(steps > 0) or np.all(steps < 0)):
        return 0.0
    grown = abs(clear[-1]) >= 4 * abs(clear[0]) and np.all(np.abs(steps[1:]) >= 0.9 * np.abs(steps[:-1]))
    return float(np.copysign(np.inf, clear[-1])) if grown else 0.0
