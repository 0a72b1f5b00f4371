"""Two graphs in one picture: what both have once, what only one has beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import Graph, Value
from ...errors import OptionError
from ..graphs.data import GraphData
from ..graphs.parts import partition
from ..graphs.restored import Restorer
from ..graphs.text import thousands
from .drawing import Drawing, checked
from .looks import Plain
from .picture import Picture, painted, rows_of

__all__ = ["merged"]

WORDS = {"added": "+ ADDED", "removed": "− REMOVED", "changed": "~ CHANGED"}


def merged(before: GraphData, after: GraphData, order: Sequence[tuple[int | None, int | None]],
           changes: dict[tuple[int | None, int | None], Any], precision: int, options: dict[str, Any]) -> Drawing:  # fmt: skip
    """Draw two graphs as one; the options are those of `inspect.draw`.

    Args:
        before: the one graph.
        after: the other.
        order: every node of both, as a pair of numbers, None where it is not.
        changes: pair to `Change`, of those that are not the same.
        precision: significant digits, if the options say nothing.
        options: those of `inspect.draw`.
    """
    options = {"precision": precision, **options}
    drawn = _Merger(before, after, order, changes)
    how = checked(drawn.ends, options)
    graph = Graph(*drawn.ends)
    needless = {"formula"} | ({"grad"} if all(v._grad is None for v in graph) else set())
    show = how["show"] or tuple(s for s in rows_of(graph.values) if s not in needless)
    if "formula" in show:
        raise OptionError("the picture of a difference has no formulas; show is of 'label', 'shape', 'data' and 'grad'")
    p, done = partition(graph, how["depth"], how["limit"])
    notes = [f"{thousands(len(order))} values in {len(p)} boxes: {', '.join(done)}."] if done else []
    if drawn.backwards:
        notes.append(f"{thousands(drawn.backwards)} removed arrows are left out: they would run backwards.")
    look = _Look(drawn, show, how["precision"])
    notes.append(look.legend())
    picture = Picture(how["direction"], notes=notes)
    return Drawing(painted(picture, p, show, how["precision"], look, {}, {}), how["engine"], after)


class _Merger:
    """Values for the nodes of both graphs, with the arguments that they have in either.

    Attributes:
        change: value to its `Change`.
        arrows: (argument, value) to "added" or "removed", where one of the graphs has no such arrow.
        ends: what nothing else was made from.
        backwards: how many removed arrows had to be left out.
    """

    def __init__(self, before: GraphData, after: GraphData, order: Sequence[tuple[int | None, int | None]],
                 changes: dict[tuple[int | None, int | None], Any]) -> None:  # fmt: skip
        self.old, self.new = Restorer(before), Restorer(after)
        self.by_old: dict[int, Value] = {}
        self.by_new: dict[int, Value] = {}
        self.change: dict[Value, Any] = {}
        self.arrows: dict[tuple[Value, Value], str] = {}
        self.backwards = 0
        used: set[Value] = set()
        for i, j in order:
            v = self._value(i, j)
            used.update(a for a in v.args if type(a) is Value)
            if (i, j) in changes:
                self.change[v] = changes[i, j]
        everything = [self.by_old[i] if j is None else self.by_new[j] for i, j in order]  # type: ignore[index]  # one of the two is there
        self.ends = tuple(v for v in everything if v not in used)

    def _value(self, i: int | None, j: int | None) -> Value:
        was = [] if i is None else self._arguments(self.old, i, self.by_old)
        now = [] if j is None else self._arguments(self.new, j, self.by_new)
        before, after = ({a for a in side if type(a) is Value} for side in (was, now))
        gone = [a for a in was if type(a) is Value and a not in after]
        come = after - before
        restorer, node = (self.old, i) if j is None else (self.new, j)
        assert node is not None
        v = restorer.value(node, now + gone if j is not None else was)
        self.arrows |= {(a, v): "removed" for a in gone} | {(a, v): "added" for a in come}
        if i is not None:
            self.by_old[i] = v
        if j is not None:
            self.by_new[j] = v
        return v

    def _arguments(self, restorer: Restorer, node: int, values: dict[int, Value]) -> list[Any]:
        found = []
        for a in restorer.numbers(node):
            if a >= 0 and a not in values:
                self.backwards += 1
            else:
                found.append(values[a] if a >= 0 else restorer.constant(-1 - a))
        return found


class _Look:
    """What changed, `data 2 → 3`; everything else as it is now."""

    def __init__(self, drawn: _Merger, show: Sequence[str], precision: int) -> None:
        self.drawn, self.show, self.precision, self.plain = drawn, show, precision, Plain(show, precision)

    def value(self, v: Value, shown: Value) -> tuple[list[str], str]:
        """See `looks.Look`."""
        change = self.drawn.change.get(v)
        rows, mark = self.plain.value(v, shown)
        if change is None:
            return rows, mark
        told = [_arrowed(change, what, self.precision) for what in change.after] if change.kind == "changed" else []
        kept = [row for row in rows if not any(t.split(" ")[0] == row.split(" ")[0] and "NOT FINITE" not in row for t in told)]
        return [WORDS[change.kind], *told, *kept], change.kind

    def several(self, values: Sequence[Value]) -> tuple[list[str], str]:
        """See `looks.Look`. A box is marked where all in it are of one kind."""
        rows, mark = self.plain.several(values)
        counts = Counter(self.drawn.change[v].kind for v in values if v in self.drawn.change)
        rows += [f"{WORDS[kind]}: {thousands(n)} of {thousands(len(values))}" for kind, n in counts.items()]
        whole = [kind for kind, n in counts.items() if n == len(values)]
        return rows, whole[0] if whole else "changed" if counts else mark

    def arrow(self, a: Value, v: Value) -> str:
        """See `looks.Look`."""
        return self.drawn.arrows.get((a, v), "")

    def legend(self) -> str:
        """How many of each, for below the picture."""
        counts = Counter(change.kind for change in self.drawn.change.values())
        return ", ".join(f"{word}: {thousands(counts[kind])}" for kind, word in WORDS.items())


def _arrowed(change: Any, what: str, precision: int) -> str:
    was, now = change.before.get(what), change.after.get(what)
    text = str(change.texts(precision)[list(change.after).index(what)]).replace(" -> ", " → ")
    numbers = all(isinstance(x, np.floating) for x in (was, now))
    return f"{text} ({float(now - was):+.{precision}g})" if numbers else text
