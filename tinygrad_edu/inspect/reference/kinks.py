"""Where a derivative jumps: the place, the slopes on both sides, and the one that the rule chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

import numpy as np

from ...core import Op
from ...ops.domain import real
from .printing import plain
from .proof import engine_slopes, evaluated, option_values, truth
from .symbols import Expression, Symbol, exact, expanded, function, sympy, variables

__all__ = ["Kink", "kinks"]

BESIDE = 1e-12  # how far to the left and right the slopes are taken
_GRID = [k / 2 for k in (2, 3, 4, 5, 6, 1, 0, -1, -2, -3, -4)]  # where places are looked for that have no formula


@dataclass(frozen=True)
class Kink:
    """A place where the derivative in `name` jumps.

    Attributes:
        where: the place, as "x = 0".
        name: the input in which the slope is taken.
        left: the slope on the side of smaller numbers.
        right: the slope on the other side.
        choice: what the rule says at the place.
        jump: by how much the function itself jumps there; 0 at a corner.
    """

    where: str
    name: str
    left: float
    right: float
    choice: float
    jump: float

    def __str__(self) -> str:
        if self.jump:
            return f"{self.where}: the function jumps, the slope in {self.name} is {_number(self.choice)}"
        sides = f"slope in {self.name} {_number(self.left)} on the left, {_number(self.right)} on the right"
        return f"{self.where}: {sides}, {_number(self.choice)} at the point{self._why()}"

    def _why(self) -> str:
        low, high = sorted((self.left, self.right))
        least = min(max(0.0, low), high)
        if abs(self.choice - least) < 1e-9:
            return " (the subgradient of least norm)" if self.left < self.right else " (the supergradient of least norm)"
        if abs(self.choice - (low + high) / 2) < 1e-9:
            return " (an even share)"
        sides = {self.left: " (the left one)", self.right: " (the right one)"}
        return next((words for slope, words in sides.items() if abs(self.choice - slope) < 1e-9), "")


def kinks(op: Op) -> list[Kink]:
    """The kinks of an elementwise op, each in every input in which the slope or the function jumps.

    Options have their defaults; if there is no kink then, as for `elu`, they are doubled, and the place says so.
    """
    options = option_values(op)
    found = _kinks(op, options)
    numbers = {n: 2 * options[n] for n in variables(op)[1] if isinstance(options[n], float)}
    if op.kinks is None or found or not numbers:
        return found
    told = ", ".join(f"{n} = {_number(x)}" for n, x in numbers.items())
    return [replace(k, where=f"{k.where} with {told}") for k in _kinks(op, {**options, **numbers})]


def _kinks(op: Op, options: dict[str, Any]) -> list[Kink]:
    found = [kink for distance in _distances(op) for kink in _along(op, distance, options)]
    return list({str(k): k for k in found}.values())


def _distances(op: Op) -> list[Expression]:
    """What is zero at the kinks, as formulas of inputs and options."""
    if op.kinks is None:
        return []
    inputs, options = variables(op)
    known = {**op.options, **{n: Symbol(v) for n, v in {**inputs, **options}.items()}}
    distances = op.kinks(**{n: known[n] for n in signature(op.kinks).parameters})
    return [d.expression for d in (distances if isinstance(distances, tuple) else (distances,))]


def _along(op: Op, distance: Expression, options: dict[str, Any]) -> Iterator[Kink]:
    """The kinks where one distance is zero, approached along the first input that it depends on."""
    name = next(n for n, v in variables(op)[0].items() if distance.has(v))
    for where, at in _places(op, distance, name, options):
        for slope_in in op.inputs:
            left, right, jump = _sides(op, at, name, slope_in, options)
            if jump or left != right:
                choice = engine_slopes(op, [np.array([at[n]]) for n in op.inputs], options)[slope_in]
                yield Kink(where, slope_in, left, right, _rounded(choice[0]), jump)


def _places(op: Op, distance: Expression, name: str, options: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Where the distance is zero: in words, and as a point."""
    inputs, named = variables(op)
    x, others = inputs[name], {n: _typical(op, n) for n in op.inputs if n != name}
    numbers = {**{inputs[n]: exact(v) for n, v in others.items()}, **{v: exact(options[n]) for n, v in named.items()}}
    slope = distance.diff(x)
    if not slope.has(x):
        place = sympy().expand(-distance.subs(x, 0) / slope)
        return [(f"{name} = {plain(place)}", {**others, name: float(place.subs(numbers))})]
    written = expanded(distance).subs(numbers)
    at = [v for v in _GRID if abs(float(written.subs(x, exact(v)))) < BESIDE and _jumps(op, {**others, name: v}, name, options)]
    examples = ", ".join(f"{v:g}" for v in sorted(at, key=abs)[:3])
    return [(f"{_condition(distance)}, as at {name} = {examples}", {**others, name: at[0]})] if at else []


def _jumps(op: Op, at: dict[str, float], along: str, options: dict[str, Any]) -> bool:
    """Whether the function or one of its slopes does."""
    found = [_sides(op, at, along, n, options) for n in op.inputs]
    return any(jump or left != right for left, right, jump in found)


def _condition(distance: Expression) -> str:
    """Where a distance is zero, in words if it is one to whole numbers or to the middles between them."""
    sp = sympy()
    for call in distance.atoms(sp.Function):
        (x, *_), name = call.args, call.func.__name__
        if name == "rint" and distance == x - call:
            return f"{plain(x)} is a whole number"
        if name == "floor" and distance == x - call - sp.Rational(1, 2):
            return f"{plain(x)} is halfway between whole numbers"
    return f"{plain(distance)} = 0"


def _typical(op: Op, name: str) -> float:
    low, high = op.domain.get(name, real).intervals[-1]
    return 1.0 if low < 1.0 < high else (low + high) / 2


def _sides(op: Op, at: dict[str, float], along: str, slope_in: str, options: Any) -> tuple[float, float, float]:
    """The slope to the left and right of a point, and by how much the function jumps."""
    columns = [np.array([at[n] - BESIDE * (n == along), at[n] + BESIDE * (n == along)]) for n in op.inputs]
    left, right = evaluated(op, truth(op, slope_in), columns, options).astype(float)
    low, high = evaluated(op, function(op), columns, options).astype(float)
    return _rounded(left), _rounded(right), _rounded(high - low)


def _rounded(x: float) -> float:
    return float(np.round(x, 9)) + 0.0


def _number(x: float) -> str:
    return f"{x:.6g}"
