"""Derivatives by differences, extrapolated to step zero, with an error bar computed from the same numbers.

Ridders' method (Advances in Engineering Software 4, 1982; Numerical Recipes, section 5.7). The central difference with
step h is off by a h**2 + b h**4 + ..., the one-sided one by a h + b h**2 + ...; halving h and combining removes one power
after the other. What two neighbours in that table disagree by bounds the truncation; what the rounding of f turns into,
divided by h, is carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise
from math import comb
from typing import Any, NamedTuple

import numpy as np

__all__ = ["EPS", "Estimate", "Stencil", "directions", "extrapolated", "noise_of", "slope"]

EPS = float(np.finfo(np.float64).eps)
GOLDEN = 0.6180339887498949
Line = Callable[[float], Any]  # a function along a line: from a number to an array


class Estimate(NamedTuple):
    """A number, or an array of them, and its error bar; a bar of infinity where nothing could be computed."""

    value: Any
    bar: Any


def slope(f: Line, scale: Any, *, step: float = 1e-2, levels: int = 5) -> Estimate:
    """f'(0) and its error bar, entry by entry, by central differences.

    Args:
        f: from a number to an array of float64.
        scale: how large the numbers are that f adds up, array like f's result: f is right to about 8 EPS * scale.
        step: the largest step; each level halves it.
        levels: how many steps.

    >>> value, bar = slope(np.exp, 1.0)
    >>> bool(abs(value - 1) < bar < 1e-10)
    True
    """
    steps = [step / 2**k for k in range(levels)]
    row = [(np.asarray(f(h)) - np.asarray(f(-h))) / (2 * h) for h in steps]
    return extrapolated(row, [8 * EPS * np.asarray(scale) / h for h in steps], 2)


def extrapolated(row: Any, noise: Any, power: int) -> Estimate:
    """The limit of what was computed with steps h, h/2, h/4, ..., from the entry of Ridders' table with the smallest bar.

    Args:
        row: the differences, one for each step; at least two.
        noise: how far rounding can put each of them off.
        power: 2 if their error has even powers of h only, 1 if it has all.
    """
    with np.errstate(all="ignore"):
        best, bar = row[-1], _settled(np.abs(row[-1] - row[-2]) + noise[-1])
        for k in range(1, len(row)):
            w = 2.0 ** (power * k)
            finer = [(w * b - a) / (w - 1) for a, b in pairwise(row)]
            noise = [(w * b + a) / (w - 1) for a, b in pairwise(noise)]
            for a, b, t, n in zip(row, row[1:], finer, noise, strict=False):
                error = np.maximum(np.abs(t - a), np.abs(t - b)) + n
                best, bar = np.where(error < bar, t, best), np.where(error < bar, error, bar)
            row = finer
    return Estimate(best, bar)


def _settled(error: Any) -> Any:
    return np.where(np.isfinite(error), error, np.inf)


def directions(inputs: Iterable[Any], seed: Any = 1) -> list[Any]:
    """A random direction for each input, its entries between 0.3 and 1 in size: none is left out."""
    rng = np.random.default_rng(seed)
    return [rng.choice([-1.0, 1.0], np.shape(x)) * rng.uniform(0.3, 1.0, np.shape(x)) for x in inputs]


class Stencil:
    """A function along a line through the origin, sampled on both sides of it: f(0), f(±h), f(±h/2), ...

    Args:
        line: from a number to an array (m,) of float64.
        origin: line(0), (m,).
        step: the largest step.
        noise: how far rounding puts the values of `line` off, (m,).
        grain: how far rounding puts the number off that it is called with, as for 1 + h with h the step.
        levels: how many steps.

    Attributes:
        plus: the values on the right, (levels, m).
        minus: those on the left.
        steps: their distances from the origin.
    """

    def __init__(self, line: Line, origin: Any, step: float, noise: Any, grain: float = 0.0, levels: int = 6) -> None:
        self.origin, self.steps = origin, [step / 2**k for k in range(levels)]
        self.plus = np.array([line(h) for h in self.steps])
        self.minus = np.array([line(-h) for h in self.steps])
        with np.errstate(all="ignore"):  # of infinities
            self.noise = noise + grain * self.spread + np.maximum(self._quantum(self.plus), self._quantum(self.minus))

    def _quantum(self, values: Any) -> Any:
        """The smallest move of the values on one side if some of them move and others do not: they come in steps."""
        moves = np.diff(np.sort(values, axis=0), axis=0)
        steps = np.any(moves == 0, axis=0) & np.any(moves > 0, axis=0)
        return np.where(steps, np.min(np.where(moves > 0, moves, np.inf), axis=0, initial=np.inf), 0.0)

    @cached_property
    def spread(self) -> Any:
        """The steepest chord from the origin to a near point, (m,): the scale on which its slope is small or large."""
        with np.errstate(all="ignore"):
            h = np.array(self.steps[-2:] * 2)[:, None]
            chords = np.abs(np.concatenate([self.plus[-2:], self.minus[-2:]]) - self.origin) / h
        return np.max(np.where(np.isfinite(chords), chords, 0), axis=0)

    @cached_property
    def size(self) -> Any:
        """How large the values are at the origin and, on both sides, next to it, (m,); 0 where they are not finite."""
        here, right, left = (np.abs(np.where(np.isfinite(v), v, 0)) for v in (self.origin, self.plus[-1], self.minus[-1]))
        return np.maximum(here, np.minimum(right, left))

    @cached_property
    def central(self) -> Estimate:
        """The slope by central differences; at a kink, the mean of both sides."""
        with np.errstate(all="ignore"):
            row = [(p - m) / (2 * h) for p, m, h in zip(self.plus, self.minus, self.steps, strict=True)]
        return extrapolated(row, [self.noise / h for h in self.steps], 2)

    @cached_property
    def right(self) -> Estimate:
        """The slope from the origin to the right."""
        return self._from_origin(self.plus, 1)

    @cached_property
    def left(self) -> Estimate:
        """The slope from the left to the origin."""
        return self._from_origin(self.minus, -1)

    @cached_property
    def beyond(self) -> Estimate:
        """The slope just right of the origin, whatever the value there."""
        return self._off_origin(self.plus, 1)

    @cached_property
    def before(self) -> Estimate:
        """The slope just left of the origin, whatever the value there."""
        return self._off_origin(self.minus, -1)

    def _from_origin(self, values: Any, sign: int) -> Estimate:
        with np.errstate(all="ignore"):
            row = [sign * (v - self.origin) / h for v, h in zip(values, self.steps, strict=True)]
        return extrapolated(row, [2 * self.noise / h for h in self.steps], 1)

    def _off_origin(self, values: Any, sign: int) -> Estimate:
        with np.errstate(all="ignore"):
            row = [sign * (a - b) / (h / 2) for a, b, h in zip(values, values[1:], self.steps, strict=False)]
        return extrapolated(row, [4 * self.noise / h for h in self.steps[:-1]], 1)


def noise_of(line: Line, reach: float = 1.0) -> Any:
    """How far rounding puts the values of a function off on coarse and on fine scales, (2, m), estimated from the values.

    High differences of a smooth function over tiny steps vanish, those of its noise do not: the k-th one of noise with
    standard deviation s has the deviation s * sqrt(binomial(2k, k)), whatever k, and its signs are mixed. Steps of two sizes
    are tried, as a function can be rough on one scale and smooth, or stand still, on the other; and both sides of the
    origin, as a kink or jump on one of them would look like noise. Where none is seen it is 0, and the rounding of the
    result is all that is known.

    Source: Moré and Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011).
    """
    steps = [GOLDEN * reach * 2.0**-k for k in (20, 44)]  # no power of 2, whose multiples round to themselves
    with np.errstate(all="ignore"):
        sides = [[_deviation(np.array([line(j * h * s) for j in range(1, 12)])) for h in steps] for s in (1, -1)]
    seen = np.fmin(*np.array(sides))
    return np.where(np.isfinite(seen), seen, 0.0)


def _deviation(values: Any) -> Any:
    """The noise seen in equally spaced values, (11, m); 0 if what is seen is no noise, NaN if they are not finite."""
    orders = (4, 5, 6)
    differences = [np.diff(values, k, axis=0) for k in orders]
    found = np.array([np.sqrt(np.mean(d * d, axis=0) / comb(2 * k, k)) for d, k in zip(differences, orders, strict=True)])
    mixed = np.all([(d.min(axis=0) < 0) & (d.max(axis=0) > 0) for d in differences], axis=0)
    alike = found.max(axis=0) <= 4 * found.min(axis=0)
    return np.where(np.isfinite(found).all(axis=0), np.where(mixed & alike, found.max(axis=0), 0.0), np.nan)
