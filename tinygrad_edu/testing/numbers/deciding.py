"""Comparisons of intervals: decided where they are certain, otherwise followed both ways.

`x > 0` for x between -1 and 1 is true for some of the numbers in it and false for others. A computation that asks such a
question is run once for each way its questions can come out: for every number in the inputs one of these runs is the true
one, so the hull of all results holds them all. Nothing has to know about it, neither `np.where` nor a rule nor `if`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from ...errors import Undecided

__all__ = ["ANY", "decided", "every_path"]

LESS, EQUAL, GREATER, UNORDERED = -1, 0, 1, None  # UNORDERED as NaN is: no comparison with it holds
ANY = frozenset((LESS, EQUAL, GREATER, UNORDERED))
Result = TypeVar("Result")
_PATH: ContextVar[_Path | None] = ContextVar("tinygrad_edu_path", default=None)


class _Path:
    """One way through a computation: the answers given, and what they say about each pair that was compared."""

    def __init__(self, given: tuple[bool, ...]) -> None:
        self.given, self.taken = given, list[bool]()
        self.known: dict[tuple[Any, Any], frozenset[int | None]] = {}
        self.alive: list[Any] = []  # pairs are known by id, which is theirs only while they live

    def answer(self) -> bool:
        """The next one: as given, and true where nobody has asked before."""
        i = len(self.taken)
        self.taken.append(self.given[i] if i < len(self.given) else True)
        return self.taken[i]

    def learn(self, a: Any, b: Any, orders: frozenset[int | None]) -> None:
        """From now on, a and b are in one of these orders."""
        self.alive += [a, b]
        self.known[a.identity, b.identity] = orders
        self.known[b.identity, a.identity] = frozenset(None if o is None else -o for o in orders)


def decided(a: Any, b: Any, orders: frozenset[int | None], wanted: frozenset[int | None]) -> bool:
    """Whether the order of a and b, one of `orders`, is one of the wanted.

    Raises:
        Undecided: some are and some are not, and nobody follows both ways.
    """
    path = _PATH.get()
    if path:
        orders = path.known.get((a.identity, b.identity), orders)
    yes, no = orders & wanted, orders - wanted
    if not no or not yes:
        return not no
    if path is None:
        raise Undecided(f"{a} and {b} overlap: which is larger differs from one of their numbers to another. Compute inside "
                        "testing.bounds, which follows both ways")  # fmt: skip
    answer = path.answer()
    path.learn(a, b, yes if answer else no)
    return answer


def every_path(run: Callable[[], Result], limit: int) -> list[Result]:
    """The results of `run` for all answers to its undecided comparisons.

    Raises:
        Undecided: there are more than `limit`.
    """
    pending: list[tuple[bool, ...]] = [()]
    results: list[Result] = []
    while pending:
        path = _Path(pending.pop())
        token = _PATH.set(path)
        try:
            results.append(run())
        finally:
            _PATH.reset(token)
        new = range(len(path.given), len(path.taken))
        pending += [(*path.taken[:i], not path.taken[i]) for i in new]
        if len(results) + len(pending) > limit:
            raise Undecided(f"more than {limit} ways through the comparisons: too many kinks lie inside the inputs. Make the "
                            "radius smaller, or allow more with paths=")  # fmt: skip
    return results
