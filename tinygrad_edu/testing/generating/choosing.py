"""Who makes the choices: Hypothesis, which remembers and shrinks them, or a plain generator, which is fast.

Everything random in this room is written once, as a function of a `Chooser`: shapes, arrays, matrices, expressions. The
strategies hand it Hypothesis' own primitives, so that a failure shrinks choice by choice; the fuzzer hands it
`random.Random`, a hundred times faster, so that 20,000 expressions take a minute.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from ...errors import MissingExtra

__all__ = ["Chooser", "HypothesisChooser", "RandomChooser", "strategies"]

T = TypeVar("T")
DIGITS = 4  # numbers are drawn with this many decimals: they can be read, and no two are nearly equal


class Chooser(Protocol):
    """The choices that everything else is made of. The first option and the lowest number are the simplest.

    Attributes:
        shrinks: choices are left out afterwards and the others made again; so an earlier result is chosen in as many
            steps as a fresh input, which it becomes when what it was made of is left out.
    """

    shrinks: bool

    def integer(self, low: int, high: int) -> int:
        """A whole number between `low` and `high`, both included."""

    def number(self, low: float, high: float) -> float:
        """A float in [low, high] of at most four decimals; 0, else a whole number, else 0.5, is the simplest."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def whole(self, make: Callable[[], T]) -> T:
        """What `make` makes, its choices marked as belonging together: one whole may stand for another that contains it."""

    def more(self, done: int, low: int, high: int) -> bool:
        """Whether to go on, when `done` things of at least `low` and at most `high` are made."""


class RandomChooser:
    """Choices of `random.Random(seed)`.

    >>> choose = RandomChooser(1)
    >>> choose.pick("abc"), choose.integer(0, 9), choose.number(-1, 1)
    ('a', 8, 0.5275)
    """

    shrinks = False

    def __init__(self, seed: int | str) -> None:
        self.rng = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        """A whole number, each as likely as the others."""
        return low + int(self.rng.random() * (high - low + 1))

    def number(self, low: float, high: float) -> float:
        """A float, evenly spread."""
        return rounded(low + self.rng.random() * (high - low), low, high)

    def pick(self, options: Sequence[T]) -> T:
        """An option, each as likely as the others."""
        return options[int(self.rng.random() * len(options))]

    def whole(self, make: Callable[[], T]) -> T:
        """What `make` makes."""
        return make()

    def more(self, done: int, low: int, high: int) -> bool:
        """Each count from `low` to `high` comes out as often as the others."""
        return done < low or (done < high and self.rng.random() * (high - done + 1) > 1)


class HypothesisChooser:
    """Choices that Hypothesis draws; to be made inside a composite strategy, from its `draw`."""

    shrinks = True

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw, self.st = draw, strategies()

    def integer(self, low: int, high: int) -> int:
        """A whole number; shrinks to `low`."""
        return int(self.draw(self.st.integers(0, high - low))) + low if high > low else low

    def number(self, low: float, high: float) -> float:
        """A float; shrinks to a simple one."""
        return rounded(self.draw(self.st.floats(low, high, allow_subnormal=False)), low, high)

    def pick(self, options: Sequence[T]) -> T:
        """An option; shrinks to the first."""
        return options[self.integer(0, len(options) - 1)]

    def whole(self, make: Callable[[], T]) -> T:
        """What `make` makes, as a draw of its own."""
        return self.draw(self.st.builds(make))  # type: ignore[no-any-return]  # what is called is Any to mypy

    def more(self, done: int, low: int, high: int) -> bool:
        """Asked anew each time, also the last, so that shrinking can leave out any of the things."""
        return done < low or (self.integer(0, 5) > 0 and done < high)


def rounded(x: float, low: float, high: float) -> float:
    """A number without needless digits; never outside [low, high], and never minus zero."""
    return min(max(round(x, DIGITS), low), high) + 0.0


def strategies() -> Any:
    """`hypothesis.strategies`.

    Raises:
        MissingExtra: Hypothesis is not installed.
    """
    try:
        from hypothesis import strategies
    except ImportError as error:
        raise MissingExtra("strategies are made of Hypothesis: pip install 'tinygrad-edu[testing]'") from error
    return strategies
