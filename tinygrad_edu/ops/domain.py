"""Where an elementwise function is defined, said once beside the function; the property tests draw from it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Domain", "at_least_one", "between", "nonzero", "positive", "probability", "real", "symmetric_unit"]


@dataclass(frozen=True)
class Domain:
    """A set of real numbers, and the finite intervals inside it on which rules are tested.

    Attributes:
        text: the set in words for people, with `x` for the number.
        intervals: closed intervals `(low, high)` to draw from; away from poles and overflow.
    """

    text: str
    intervals: tuple[tuple[float, float], ...]


def between(low: float, high: float, text: str | None = None) -> Domain:
    """The domain that is tested on [low, high]; `text` says the whole set if that is larger."""
    return Domain(text or f"{low} <= x <= {high}", ((low, high),))


real = between(-3.0, 3.0, "all real x")
positive = between(0.05, 4.0, "x > 0")
nonzero = Domain("x != 0", ((-3.0, -0.2), (0.2, 3.0)))
at_least_one = between(1.1, 4.0, "x > 1")
symmetric_unit = between(-0.95, 0.95, "-1 < x < 1")
probability = between(0.05, 0.95, "0 < x < 1")
