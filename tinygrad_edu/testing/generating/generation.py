"""Random expressions, by whoever makes the choices."""

from __future__ import annotations

from collections.abc import Sequence

from ..expression import Expression
from .building import Builder
from .choosing import Chooser
from .recipes import recipe_of

__all__ = ["random_expression"]

FUTILE = 50  # ops in vain after which an expression is as large as it gets


def random_expression(choose: Chooser, ops: Sequence[str], low: int = 1, high: int = 8, empty: bool = True) -> Expression:
    """An expression of `low` to `high` of the ops, and of what brings their arguments into their domains.

    >>> from .choosing import RandomChooser
    >>> print(random_expression(RandomChooser(7), ["log", "multiply"], 3, 3).source())
    def f(x, y):
        return np.log(np.log(x)) + np.log(y)
    """
    count = Count(ops, low, high)
    builder = Builder(choose, count.grow, empty)
    while count.futile < FUTILE and (count.done < low or choose.integer(0, 3) == 3):
        count.grow(builder)
    return builder.expression() if builder.nodes else Expression([0.0])


class Count:
    """How many ops an expression has, and may still get."""

    def __init__(self, ops: Sequence[str], low: int, high: int) -> None:
        self.ops, self.low, self.high, self.done, self.futile = ops, low, high, 0, 0

    def grow(self, builder: Builder) -> bool:
        """One more op, if there may be one and if it fits."""
        if self.done >= self.high:
            return False
        before, self.done = self.done, self.done + 1
        fits = builder.choose.whole(lambda: self._attempt(builder))
        if not fits:
            self.done, self.futile = before, self.futile + 1
        return fits

    def _attempt(self, builder: Builder) -> bool:
        name = builder.choose.pick(self.ops)
        return builder.attempt(recipe_of(name), name)
