"""`a.diff(b)`: what one graph has that another has not, and where the two have other numbers.

    = 9 the same, ~ 3 changed, + 2 added, - 1 removed
    ~ w                       data 2 -> 3        grad 1 -> 1.5
    + layer 0/tanh            data 0.76
    - layer 0/relu            data 1

A call is the same call in both if its module, its op and its number among the calls like it are the same; those of the same
label are matched first. A leaf with a label is the same leaf wherever it is used; one without, as a call is.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core import Graph, Value
from ...data.atomic import write_atomic
from ...errors import DTypeError, OptionError
from ..graphs.data import GraphData
from ..graphs.restored import Restorer
from ..graphs.snapshot import snapshot
from ..graphs.text import cut, grad_text, numbers, thousands
from .drawing import Drawing, ending
from .merged import merged

__all__ = ["Change", "Difference", "diff"]

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
LONGEST = 200  # lines of a list


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is not the same in both.

    Attributes:
        kind: "added", "removed" or "changed".
        scope: the calls of modules around it, `layer 0/neuron 1`.
        op: the name of the op, empty for a leaf.
        call: its number among those of this op in this scope, from 1.
        label: its name; of an added or changed value the new one.
        before: what it was, of "data", "grad", "shape", "options" and "arguments" those that differ; all if it was removed.
        after: what it is.
        nodes: its numbers in the two graphs; None where it is not.
    """

    kind: str
    scope: str
    op: str
    call: int
    label: str
    before: dict[str, Any]
    after: dict[str, Any]
    nodes: tuple[int | None, int | None]

    @property
    def name(self) -> str:
        """`layer 0/multiply 2`, or the label."""
        own = self.label or (f"{self.op} {self.call}" if self.op else f"leaf {self.call}")
        return f"{self.scope}/{own}" if self.scope else own

    def line(self, precision: int) -> str:
        """The change on one line."""
        told = "   ".join(self.texts(precision))
        op = f"  {self.op}" if self.op and self.label else ""
        return f"{SIGNS[self.kind]} {cut(self.name, 48) + op:<24} {told}".rstrip()

    def texts(self, precision: int) -> list[str]:
        """`data 2 -> 3`, one text for each thing that is told of it."""
        out = []
        for what in self.after or self.before:
            if self.kind != "changed" and what == "shape" and (self.after or self.before)[what] == "()":
                continue  # of a single number it says nothing
            was, now = (_text(side.get(what), what, precision) for side in (self.before, self.after))
            out.append(f"{what} {was} -> {now}" if self.kind == "changed" else f"{what} {now if self.after else was}")
        return out

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data; numbers as numbers, arrays as the text of their range."""
        sides = {side: {k: _plain(x, k) for k, x in getattr(self, side).items()} for side in ("before", "after")}
        return {"kind": self.kind, "scope": self.scope, "op": self.op, "call": self.call, "label": self.label, **sides}


class Difference:
    """What differs between two graphs. `print` lists it; Jupyter draws it. Made by `diff`.

    Attributes:
        before: the one graph, as data.
        after: the other.
        changes: the values that are not the same, in the order of the tape; those that were removed before what followed them.
        same: how many values are the same in both.
    """

    def __init__(self, before: GraphData, after: GraphData, pairs: dict[int, int], changes: list[Change], same: int,
                 precision: int) -> None:  # fmt: skip
        self.before, self.after, self.changes, self.same, self.precision = before, after, changes, same, precision
        self._pairs = pairs

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def added(self) -> list[Change]:
        """The values that only the second graph has."""
        return [c for c in self.changes if c.kind == "added"]

    @property
    def removed(self) -> list[Change]:
        """The values that only the first graph has."""
        return [c for c in self.changes if c.kind == "removed"]

    @property
    def changed(self) -> list[Change]:
        """The values that both have, with other numbers, shapes, options or arguments."""
        return [c for c in self.changes if c.kind == "changed"]

    def __str__(self) -> str:
        rest = len(self.changes) - LONGEST
        lines = [c.line(self.precision) for c in self.changes[:LONGEST]]
        return "\n".join([self.summary, *lines, *([f"… and {thousands(rest)} more"] if rest > 0 else [])])

    def __repr__(self) -> str:
        return f"<Difference: {self.summary}>"

    @property
    def summary(self) -> str:
        """How many of each, on one line."""
        n = Counter(c.kind for c in self.changes)
        counts = [f"{sign} {thousands(n[kind])} {kind}" for kind, sign in (("changed", "~"), ("added", "+"), ("removed", "-"))]
        return ", ".join([f"= {thousands(self.same)} the same", *counts])

    def draw(self, **options: Any) -> Drawing:
        """Both graphs in one picture: what was added, removed and changed by colour, sign and word.

        Args:
            **options: as for `inspect.draw`.
        """
        order = list(_together(len(self.before), len(self.after), self._pairs))
        return merged(self.before, self.after, order, {c.nodes: c for c in self.changes}, self.precision, options)

    def render(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write it to a file, by its ending: a picture, whose options are those of `draw`, a page or JSON."""
        path = Path(path)
        form = ending(path)
        if form == "html":
            return self.to_html(path, **options)
        if form != "json":
            return self.draw(**options).render(path)
        write_atomic(path, self.to_json(indent=1).encode())
        return path

    def to_html(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write the explorer of both graphs to one HTML file: see `inspect.explorer.to_html`."""
        from ..explorer.page import to_html

        return to_html(self.after, path, compare=self.before, **options)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"format": "tinygrad_edu.diff/1", "same": self.same, "changes": [c.as_dict() for c in self.changes]}

    def to_json(self, **options: Any) -> str:
        """`as_dict` as JSON; the options are those of `json.dumps`."""
        return json.dumps(self.as_dict(), **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bundle = {"text/plain": str(self), "image/svg+xml": self.draw().svg}
        return {k: v for k, v in bundle.items() if (not include or k in include) and (not exclude or k not in exclude)}


def diff(before: Any, after: Any, *, tolerance: float = 0.0, precision: int = 4) -> Difference:
    """What differs between two graphs.

    Arrays are compared by range, mean, counts of NaN, infinity and zero, and by a digest of all their entries, so that two
    that were swapped are noticed. With a tolerance, and in JSON of before there was a digest, by what is left of these:
    range, mean, counts, and a thumbnail of at most 28 x 28 entries.

    Args:
        before: a Value, a Graph, a Drawing, or what `Graph.from_json` read.
        after: another.
        tolerance: numbers that differ by no more than this, relative to the larger, are the same. NaN is the same as NaN.
        precision: significant digits of the texts.

    Raises:
        DTypeError: neither of these.
        OptionError: a negative tolerance, or a precision below 1.

    >>> import numpy as np
    >>> x = Value(2.0, label="x")
    >>> a, b = x * 3.0, np.tanh(x * 3.0)
    >>> print(diff(a, b))
    = 2 the same, ~ 0 changed, + 1 added, - 0 removed
    + tanh 1                 data 1
    """
    if not tolerance >= 0 or type(precision) is not int or precision < 1:
        raise OptionError(f"tolerance is at least 0 and precision a whole number above 0; got {tolerance!r}, {precision!r}")
    a, b = _data(before), _data(after)
    names = [_Named(a), _Named(b)]
    pairs = _matched(*names)
    changes, same = [], 0
    for i, j in _together(len(a), len(b), pairs):
        change = _compared(names, i, j, pairs, tolerance)
        changes += [change] if change else []
        same += change is None
    return Difference(a, b, pairs, changes, same, precision)


def _data(graph: Any) -> GraphData:
    if isinstance(graph, GraphData):
        return graph
    if isinstance(graph, Drawing):
        return graph.data
    if isinstance(graph, Graph | Value):
        return snapshot(graph if isinstance(graph, Graph) else Graph(graph))
    raise DTypeError(f"diff compares Values, Graphs, drawings and what Graph.from_json read; got {type(graph).__name__}")


class _Named:
    """The nodes of one graph with what they are called and what they hold."""

    def __init__(self, data: GraphData) -> None:
        self.data, self.restorer = data, Restorer(data)
        self.paths: list[str] = []
        for scope in data.tables["scopes"]:
            self.paths.append((f"{self.paths[scope['parent']]}/" if scope["parent"] >= 0 else "") + scope["title"])
        c, seen = data.columns, Counter[tuple[str, str]]()
        self.call = []
        for node in range(len(data)):
            key = self.scope(node), self.op(node)
            seen[key] += 1
            self.call.append(seen[key])
        self.labels = [data.tables["labels"][i] for i in c["label"]]

    def scope(self, node: int) -> str:
        place = self.data.columns["scope"][node]
        return self.paths[place] if place >= 0 else ""

    def op(self, node: int) -> str:
        place = self.data.columns["op"][node]
        return str(self.data.tables["ops"][place]["name"]) if place >= 0 else ""

    def facts(self, node: int) -> dict[str, Any]:
        """What is compared."""
        c, tables = self.data.columns, self.data.tables
        several, place = c["holds"][node] == 3, c["options"][node]
        facts: dict[str, Any] = {} if several else {"data": self.restorer.held(node, 0)}
        facts |= {"grad": self.restorer.held(node, 1)} if c["grad_holds"][node] != 2 else {}
        dtype = tables["dtypes"][c["dtype"][node]]
        shape = f"{tuple(tables['shapes'][c['shape'][node]])}{'' if dtype in ('float64', '') else f' {dtype}'}"
        facts |= {} if several else {"shape": shape}
        return facts | ({"options": tables["options"][place]} if place >= 0 else {})

    def entries(self, node: int, gradient: int) -> tuple[int, bytes]:
        """The digest of an array, 0 if there is none, and its thumbnail, to the bit."""
        row, arrays = self.restorer.rows.get((node, gradient)), self.data.arrays
        if row is None:
            return 0, b""
        at, size = int(arrays["pixel"][row]), int(arrays["rows"][row]) * int(arrays["columns"][row])
        return int(arrays["digest"][row]), bytes(arrays["pixels"][at : at + size].tobytes())


Key = Callable[[_Named, int], tuple[str, ...] | None]


def _matched(a: _Named, b: _Named) -> dict[int, int]:
    """Nodes of the one graph to those of the other: by module, op and label; leaves by label; then by module, op, number."""
    pairs: dict[int, int] = {}
    _match(a, b, pairs, lambda g, n: (g.scope(n), g.op(n), g.labels[n]) if g.labels[n] else None)
    _match(a, b, pairs, lambda g, n: (g.labels[n],) if g.labels[n] and not g.op(n) else None)
    _match(a, b, pairs, lambda g, n: (g.scope(n), g.op(n)) if g.op(n) or not g.labels[n] else None)
    return pairs


def _match(a: _Named, b: _Named, pairs: dict[int, int], key: Key) -> None:
    """Pair those that are left and have one key, the first with the first; without a key there is no partner."""
    taken = set(pairs.values())
    waiting: dict[Any, list[int]] = defaultdict(list)
    for j in reversed(range(len(b.data))):
        if j not in taken and (name := key(b, j)):
            waiting[name].append(j)
    for i in range(len(a.data)):
        if i not in pairs and (name := key(a, i)) and waiting[name]:
            pairs[i] = waiting[name].pop()


def _together(n: int, m: int, pairs: dict[int, int]) -> Iterator[tuple[int | None, int | None]]:
    """All nodes of both: in the order of the second graph, each removed one behind the one before it in the first."""
    back = {j: i for i, j in pairs.items()}
    behind: dict[int | None, list[int]] = defaultdict(list)
    last = None
    for i in range(n):
        if i in pairs:
            last = pairs[i]
        else:
            behind[last].append(i)
    yield from ((i, None) for i in behind[None])
    for j in range(m):
        yield back.get(j), j
        yield from ((i, None) for i in behind[j])


def _compared(names: Sequence[_Named], i: int | None, j: int | None, pairs: dict[int, int], tolerance: float) -> Change | None:
    a, b = names
    if i is None or j is None:
        one, node = (a, i) if j is None else (b, j)
        assert node is not None
        facts = one.facts(node)
        before, after = (facts, {}) if j is None else ({}, facts)
        return _change("removed" if j is None else "added", one, node, before, after, (i, j))
    before, after = a.facts(i), b.facts(j)
    off = [k for k in dict.fromkeys([*before, *after]) if not _same(before.get(k), after.get(k), tolerance)]
    for k, gradient in (("data", 0), ("grad", 1)):
        if k not in off and not tolerance and _differ(a.entries(i, gradient), b.entries(j, gradient)):
            off.append(k)
    before, after = ({k: side.get(k) for k in off} for side in (before, after))
    wiring = _wiring(a, i, pairs), _wiring(b, j, None)
    if wiring[0] != wiring[1]:
        before["arguments"], after["arguments"] = _written(a, i), _written(b, j)
    return _change("changed", b, j, before, after, (i, j)) if before else None


def _differ(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    (a, pixels), (b, others) = one, other
    return pixels != others or (a != b and bool(a and b))


def _change(kind: str, one: _Named, node: int, before: dict[str, Any], after: dict[str, Any],
            nodes: tuple[int | None, int | None]) -> Change:  # fmt: skip
    return Change(kind, one.scope(node), one.op(node), one.call[node], one.labels[node], before, after, nodes)


def _wiring(one: _Named, node: int, pairs: dict[int, int] | None) -> list[Any]:
    """The arguments of a call, in the numbers of the second graph; constants as they are."""
    found = one.restorer.numbers(node)
    return [_text(one.restorer.constant(-1 - x), "", 17) if x < 0 else x if pairs is None else pairs.get(x, "gone")
            for x in found]  # fmt: skip


def _written(one: _Named, node: int) -> str:
    texts = [_text(one.restorer.constant(-1 - x), "", 4) if x < 0 else _short(one, x) for x in one.restorer.numbers(node)]
    return f"({', '.join(texts)})"


def _short(one: _Named, node: int) -> str:
    return one.labels[node] or f"{one.op(node) or 'leaf'} {one.call[node]}"


def _same(x: Any, y: Any, tolerance: float) -> bool:
    """Equal, or near enough; ranges of arrays number by number."""
    if x is None or y is None or isinstance(x, str):
        return bool(x == y) if not (x is None) ^ (y is None) else False
    if hasattr(x, "least") and hasattr(y, "least"):
        names = ("least", "most", "mean", "nan", "inf")
        return x.text == y.text and all(_same(getattr(x, n), getattr(y, n), tolerance) for n in names)
    if getattr(x, "shape", ()) != getattr(y, "shape", ()):
        return False
    if hasattr(x, "shape") and x.shape:
        return all(_near(p, q, tolerance) for p, q in zip(x.tolist(), y.tolist(), strict=True))
    return _near(x, y, tolerance)


def _near(x: Any, y: Any, tolerance: float) -> bool:
    return bool(x == y) or (x != x and y != y) or (tolerance > 0 and math.isclose(x, y, rel_tol=tolerance))


def _text(x: Any, what: str, precision: int) -> str:
    if isinstance(x, str):
        return x
    return grad_text(x, precision) if what == "grad" or x is None else numbers(x, precision)


def _plain(x: Any, what: str) -> Any:
    """As JSON has it: a finite number as a number, everything else as a text."""
    if hasattr(x, "dtype") and getattr(x, "shape", None) == () and x.dtype != object and not hasattr(x, "least"):
        return float(x) if math.isfinite(x) else str(x)
    return _text(x, what, 17)
