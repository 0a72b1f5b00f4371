"""One function at one point: its derivatives by every mode beside differences along many lines through the point.

Lines along every element of the inputs name the element that is wrong. Lines along random directions see what elements
alone cannot: at a tie of max the slopes by each element may be anything between 0 and 1, but together they are 1.

Large inputs and outputs (more than `limit` numbers) are seen through random directions and random sums, and through the
elements that matter most; what is wrong in a direction is then found by halving it.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...errors import TinygradError
from ..differences import EPS, noise_of
from ..report import ABSENT, UNDECIDED, WRONG, Finding
from .doubts import Case, settled
from .slopes import ROUNDED, SURE, Ray, Slope

__all__ = ["Direction", "Examination", "Outputs", "Scope", "Seen", "dotted"]

LEAVES = (ArithmeticError, ValueError, IndexError, AssertionError)  # what f may raise outside of its domain


class Scope(NamedTuple):
    """What is looked at, and how closely.

    Attributes:
        modes: "reverse" and "forward".
        limit: up to how many numbers each one is looked at.
        resolution: the relative error that has to be seen.
        slack: a relative error that is forgiven.
        elements: whether single elements are looked at from the start.
        place: what the report calls the point.
        seed: of the random directions.
        depth: the order of the derivative, minus one.
    """

    modes: tuple[str, ...]
    limit: int
    resolution: float
    slack: float = 0.0
    elements: bool = True
    place: str = "at the inputs"
    seed: Any = 0
    depth: int = 0


class Direction(NamedTuple):
    """A direction in the space of the inputs.

    Attributes:
        name: what the report calls it.
        u: the direction, (n,).
        reach: the unit of a step along it.
        grain: how far rounding puts a step off.
        element: the number of the element, if it moves one alone.
    """

    name: str
    u: Any
    reach: float
    grain: float
    element: int | None = None


class Outputs(NamedTuple):
    """Which sums of the outputs are looked at.

    Attributes:
        names: what the report calls them.
        weights: (rows, m); None where each output is looked at alone.
    """

    names: list[str]
    weights: Any

    def of(self, y: Any) -> Any:
        """The sums, (rows,)."""
        return y if self.weights is None else self.weights @ y


class Seen(NamedTuple):
    """A finding with what it came from: the direction, the number of the row, the mode, the slope."""

    finding: Finding
    direction: Direction
    row: int
    mode: str
    slope: Slope | None


class Examination:
    """A function at a point.

    Args:
        function: a `Function` or a `Pair`.
        x: the point, (n,).
        inputs: names of the n elements.
        outputs: from the number of an output to its name.
        scope: what is looked at.
        bulk: how large the numbers behind the outputs are at least, if that is known.
    """

    def __init__(self, function: Any, x: Any, inputs: list[str], outputs: Callable[[int], str], scope: Scope,
                 bulk: float = 0.0) -> None:  # fmt: skip
        self.function, self.x, self.inputs, self.names, self.scope = function, x, inputs, outputs, scope
        self.bulk = bulk
        self.y = function.value(x)
        self.rng = np.random.default_rng(scope.seed)
        self.reach = 2.0 ** np.ceil(np.log2(np.maximum(1.0, np.where(np.isfinite(x), np.abs(x), 1.0))))
        self._exact: dict[bytes, Any] = {}
        self.eps = max(EPS, float(np.finfo(function.precision).eps))

    # -- what is looked at ---------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> Outputs:
        """All outputs, or random sums of them and some alone."""
        m = len(self.y)
        if m <= self.scope.limit:
            return Outputs([self.names(i) for i in range(m)], None)
        alone = [int(np.argmax(np.abs(np.nan_to_num(self.y)))), *self.rng.choice(m, 3, replace=False)]
        sums = self.rng.choice([-1.0, 1.0], (4, m)) * self.rng.uniform(0.3, 1.0, (4, m))
        names = [f"a random sum of the outputs ({i + 1})" for i in range(4)]
        return Outputs(names + [self.names(int(i)) for i in alone], np.concatenate([sums, np.eye(m)[alone]]))

    def looking_at(self, rows: Outputs) -> Examination:
        """The same function at the same point, other sums of its outputs."""
        other = Examination(self.function, self.x, self.inputs, self.names, self.scope, self.bulk)
        other.__dict__["rows"] = rows
        return other

    def directions(self) -> Iterator[Direction]:
        """The lines to look along."""
        n = len(self.x)
        every = n == 1 or (self.scope.elements and n <= self.scope.limit)
        if every or self.scope.elements:
            for j in range(n) if every else self._important():
                yield self.element(int(j))
        if n > 1:
            for k in range(2 if every else 3):
                yield self.joint(f"a random direction ({k + 1})", np.ones(n, bool))

    def _important(self) -> Any:
        """Some elements of large inputs: those with the largest gradient, and random ones."""
        few = max(1, self.scope.limit // 16)
        sizes = (
            np.zeros(len(self.x)) if isinstance(self.reverse, Exception) else np.abs(np.nan_to_num(self.reverse)).max(axis=0)
        )
        return np.unique([*np.argsort(sizes)[-few:], *self.rng.choice(len(self.x), few, replace=False)])

    def element(self, j: int) -> Direction:
        """Along one element."""
        u = np.zeros(len(self.x))
        u[j] = 1.0
        return Direction(self.inputs[j], u, float(self.reach[j]), self.eps * abs(float(self.x[j])), j)

    def joint(self, name: str, moved: Any, signs: Any = None) -> Direction:
        """A random direction that moves some elements, each in its own unit; `signs` are random if not given."""
        n = len(self.x)
        signs = self.rng.choice([-1.0, 1.0], n) if signs is None else signs
        moved = moved & np.isfinite(self.x)
        u = np.where(moved, signs * self.rng.uniform(0.3, 1.0, n) * self.reach, 0.0)
        return Direction(name, u, 1.0, self._grain(u))

    # -- differences ---------------------------------------------------------------------------------------------------

    def line(self, u: Any, start: Any = None) -> Callable[[float], Any]:
        """The outputs along a line; NaN where the function raises, as outside of its domain."""
        x = self.x if start is None else start

        def along(t: float) -> Any:
            try:
                y = self.function.value(x + t * u)
            except LEAVES:
                return np.full(len(self.rows.names), np.nan)
            return self.rows.of(y) if y.shape == self.y.shape else np.full(len(self.rows.names), np.nan)

        return along

    @cached_property
    def origin(self) -> Any:
        """What is looked at, at the point itself."""
        return self.rows.of(self.y)

    @cached_property
    def noise(self) -> Any:
        """How far rounding puts the outputs off, (2, rows): a few units in the last place, or what their differences show."""
        finite = np.abs(np.where(np.isfinite(self.y), self.y, 0.0))
        size = finite if self.rows.weights is None else np.abs(self.rows.weights) @ finite
        if not len(self.x):
            return 4 * self.eps * np.array([size, size])
        seen = noise_of(self.line(self.joint("", np.ones(len(self.x), bool)).u))
        return np.maximum(4 * self.eps * size, 3 * seen)

    @cached_property
    def size(self) -> Any:
        """How large the numbers are that the outputs are computed from: as their noise says, within what is seen of them."""
        away = self.line(self.joint("", np.ones(len(self.x), bool)).u)(2.0**-3)
        seen = np.abs(np.concatenate([self.origin, away]))
        bulk = np.max(seen[np.isfinite(seen)], initial=self.bulk)
        return np.minimum(bulk, self.noise.max(axis=0) / (4 * self.eps))

    def ray(self, d: Direction) -> Ray:
        """The function along a direction."""
        return Ray(self.line(d.u), self.origin, d.reach, self.noise, self.size, d.grain, self.scope.resolution, self.eps)

    # -- derivatives ---------------------------------------------------------------------------------------------------

    @cached_property
    def reverse(self) -> Any:
        """The gradients of what is looked at, (rows, n); or what was raised instead."""
        try:
            _, pull = self.function.pullback(self.x)
            weights = np.eye(len(self.y)) if self.rows.weights is None else self.rows.weights
            return np.array([pull(c) for c in weights]).reshape(len(weights), len(self.x))
        except Exception as error:  # whatever it is, it is a finding
            return error

    def pushed(self, d: Direction) -> Any:
        """How what is looked at moves, (rows,), by forward mode; or what was raised instead."""
        try:
            return self.rows.of(self.function.pushed(self.x, d.u))
        except Exception as error:  # whatever it is, it is a finding
            return error

    def analytic(self, mode: str, d: Direction) -> Any:
        """What a mode says of the slope of each row along a direction."""
        if mode == "forward":
            return self.pushed(d)
        if isinstance(self.reverse, Exception):
            return self.reverse
        return dotted(self.reverse, d)

    def added(self, d: Direction, i: int) -> float:
        """The sum of the sizes of what a derivative adds up."""
        return 0.0 if isinstance(self.reverse, Exception) else float(np.abs(np.nan_to_num(self.reverse[i] * d.u)).sum())

    def floor(self, d: Direction, slope: Slope, i: int) -> float:
        """A few units in the last place of what goes into a derivative."""
        added = self.added(d, i)
        size = abs(float(np.nan_to_num(self.origin[i], posinf=0, neginf=0))) * float(np.sum(np.abs(d.u) / self.reach))
        around = slope.scale if np.isfinite(slope.scale) else 0.0
        return 16 * self.eps * (added + size + around) + self.scope.slack * max(added, around)

    # -- findings ------------------------------------------------------------------------------------------------------

    def name_of(self, mode: str) -> str:
        """What the report calls a derivative of this mode."""
        return " over ".join([mode] + [self.scope.modes[0]] * self.scope.depth)

    def compared(self, d: Direction) -> list[Seen]:
        """Every mode and every row along one direction."""
        if d.element is not None and not np.isfinite(self.x[d.element]):
            value = float(self.x[d.element])
            note = f"the input is {value}: no step leads away from it. Check at finite numbers, or leave it out with argnums"
            return [Seen(self._without_numbers(m, d, UNDECIDED, note), d, -1, m, None) for m in self.scope.modes]
        seen = self._along(d)
        other = self._in_own_units(d)
        if other is None or not any(s.finding.verdict == UNDECIDED and s.row >= 0 for s in seen):
            return seen
        again = self._along(other)
        return [b if a.finding.verdict == UNDECIDED else a for a, b in zip(seen, again, strict=True)]

    def _along(self, d: Direction) -> list[Seen]:
        ray = self.ray(d)
        slopes = ray.slopes()
        return [seen for mode in self.scope.modes for seen in self._by_mode(mode, d, ray, slopes)]

    def _in_own_units(self, d: Direction) -> Direction | None:
        """A direction that moves each element in proportion to its size, however small; None if that is no other."""
        small = np.isfinite(self.x) & (self.x != 0) & (np.abs(self.x) < 0.5)
        if d.element is not None or not np.any(small & (d.u != 0)):
            return None
        u = np.where(small, d.u / self.reach * 2.0 ** np.ceil(np.log2(np.where(small, np.abs(self.x), 1.0))), d.u)
        return d._replace(u=u, grain=self._grain(u))

    def _grain(self, u: Any) -> float:
        moved = u != 0
        return self.eps * float(np.max(np.abs(self.x[moved] / u[moved]), initial=0.0))

    def _without_numbers(self, mode: str, d: Direction, verdict: str, note: str) -> Finding:
        return Finding(self.name_of(mode), self.scope.place, d.name, "the outputs", verdict, note=note)

    def _by_mode(self, mode: str, d: Direction, ray: Ray, slopes: list[Slope]) -> list[Seen]:
        values = self.analytic(mode, d)
        if isinstance(values, Exception):
            return [Seen(self._raised(mode, d, values), d, -1, mode, None)]
        return [self._seen(mode, d, i, float(a), ray, s) for i, (a, s) in enumerate(zip(values, slopes, strict=True))]

    def _raised(self, mode: str, d: Direction, error: Exception) -> Finding:
        first = mode == "reverse" and not self.scope.depth
        verdict = WRONG if isinstance(error, TinygradError) or first else UNDECIDED
        others = tuple(m for m in self.scope.modes if m != mode)
        cure = f"modes={others}" if others else f"order={self.scope.depth}"
        cure = "" if verdict == WRONG else f"; check without it: {cure}"
        return self._without_numbers(mode, d, verdict, f"it raises {type(error).__name__}: {error}{cure}")

    def _seen(self, mode: str, d: Direction, i: int, a: float, ray: Ray, s: Slope) -> Seen:
        if self.scope.depth and not np.isfinite(self.origin[i]):
            note = "the derivative of the order below is not finite here, so there is none to compare with"
            return Seen(self._without_numbers(mode, d, ABSENT, note), d, i, mode, s)
        floor = self.floor(d, s, i)
        verdict, note, s = settled(Case(self, mode, d, i, a, ray, floor, 16 * self.eps * self.added(d, i)), s)
        least = _least(a, s, floor) if s.kind in ("kink", "jump") else None
        s = s._replace(low=float(s.low), high=float(s.high), bar=float(s.bar))
        finding = Finding(self.name_of(mode), self.scope.place, d.name, self.rows.names[i], verdict, a, s.low, s.high, s.bar,
                          s.kind, s.left, s.right, max(s.scale, 1e6 * s.tiny), least, note)  # fmt: skip
        return Seen(finding, d, i, mode, s)

    # -- for second opinions -------------------------------------------------------------------------------------------

    def derivative(self, mode: str, d: Direction, i: int) -> Callable[[float], Any]:
        """What a mode says of the slope of one row along a direction, at points along it: from a number to one number."""
        c = np.eye(len(self.y))[i] if self.rows.weights is None else self.rows.weights[i]

        def at(t: float) -> Any:
            x = self.x + t * d.u
            try:
                if mode == "forward":
                    return self.rows.of(self.function.pushed(x, d.u))[[i]]
                return dotted(self.function.pullback(x)[1](c)[None], d)
            except Exception:  # as outside of the domain
                return np.full(1, np.nan)

        return at

    def nothing(self, d: Direction, i: int, still: bool) -> float:
        """A slope along a direction that is zero to rounding, beside the row's largest.

        Where f stands still, also beside the numbers that f is computed from.
        """
        unit = min(ROUNDED * self.eps, self.scope.resolution)
        row = np.zeros(1) if isinstance(self.reverse, Exception) else np.abs(self.reverse[i]) * self.reach
        largest = float(np.max(row[np.isfinite(row)], initial=0.0))
        behind = max(self.bulk, float(self.size[i])) if still else 0.0
        return unit * max(largest, behind) / d.reach

    def complex_step(self, d: Direction) -> Any:
        """The slopes of all rows along a direction by complex step, None if the function does not take complex numbers."""
        key = d.u.tobytes()
        if key not in self._exact:
            self._exact[key] = None
            with contextlib.suppress(Exception), warnings.catch_warnings():  # f need not take complex numbers
                warnings.simplefilter("error")
                exact = self.function.complex_step(self.x, d.u)
                self._exact[key] = self.rows.of(exact) if exact.shape == self.y.shape else None
        return self._exact[key]


def dotted(gradients: Any, d: Direction) -> Any:
    """J u without 0 * inf: what a direction does not move does not count."""
    if d.element is not None:
        return gradients[:, d.element]
    with np.errstate(all="ignore"):
        return np.where(d.u == 0, 0.0, gradients * d.u).sum(axis=1)


def _least(a: float, s: Slope, floor: float) -> bool:
    """Whether it is the number of least size between both slopes."""
    return bool(abs(a - min(max(0.0, s.low), s.high)) <= SURE * s.bar + floor)
