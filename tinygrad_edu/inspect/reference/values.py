"""One entrywise op at one point: what the engine computes, and what the formula says in 30 digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core import Op
from ...errors import OptionError
from .proof import DIGITS, engine_slopes, evaluated, option_values, truth
from .symbols import UNREADABLE, Expression, function

__all__ = ["At", "values_at"]


@dataclass(frozen=True)
class At:
    """A number twice.

    Attributes:
        what: "y", or "dy/dx".
        engine: what the engine computes, in float64.
        formula: what the formula says, in 30 digits; empty where it has no value, as outside of the domain or at a kink.
    """

    what: str
    engine: float
    formula: str


def values_at(op: Op, point: Sequence[float]) -> list[At]:
    """The value of an op and its slopes at a point, options at their defaults.

    Args:
        op: an elementwise op.
        point: a number for each input.

    Raises:
        OptionError: the op is not elementwise, or has another number of inputs.
    """
    if op.kind != "elementwise":
        raise OptionError(f"{op.name} works on whole arrays; a point is of an elementwise op")
    if len(point) != len(op.inputs):
        wanted = f"{len(op.inputs)} numbers, {', '.join(op.inputs)}" if len(op.inputs) > 1 else "one number"
        raise OptionError(f"{op.name} is taken at {wanted}; got {len(point)}")
    xs, options = [np.array([float(x)]) for x in point], option_values(op)
    with np.errstate(all="ignore"):
        y = np.asarray(op.run(*xs, **options), float)
        slopes = engine_slopes(op, xs, options)
    found = [At("y", float(y[0]), _formula(op, lambda: function(op), xs, options))]
    return found + [At(f"dy/d{n}", float(s[0]), _formula(op, lambda n=n: truth(op, n), xs, options)) for n, s in slopes.items()]


def _formula(op: Op, expression: Any, xs: list[Any], options: dict[str, Any]) -> str:
    import mpmath

    try:
        formula: Expression = expression()
        value = evaluated(op, formula, xs, options, DIGITS + 10)[0]
    except UNREADABLE:  # no formula, a pole, a complex number
        return ""
    return "" if mpmath.isnan(value) else str(mpmath.nstr(value, DIGITS))
