"""What is drawn, before anybody decides where: boxes with rows of text, arrows, clusters and notes.

A value that an op made is two nodes, the op and its result:

    [x | data 3 | grad 2] ──> (×) ──> [z | data 6 | grad 1]
    [y | data 2 | grad 3] ──/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from textwrap import wrap
from typing import Any

import numpy as np

from ...core import Graph, Value
from ..graphs.local import Local
from ..graphs.parts import Instance, Part, Partition, partition
from ..graphs.text import Known, cut, histogram, not_finite, numbers, op_rows, plain, shape_text, thousands
from .looks import Look, Plain, array
from .slopes import Slopes

__all__ = ["ALL", "SHOW", "Edge", "Node", "Picture", "painted", "picture", "rows_of"]

SHOW = ("label", "shape", "data", "grad")
ALL = (*SHOW, "formula")
FEW = 30  # values, of which pictures show the formulas unasked
ORDERLESS = frozenset(("add", "multiply", "maximum", "minimum", "logaddexp", "hypot"))  # other calls number their arguments
MOST_CONSTANTS = 6  # in one call; more are one box
MOST_NUMBERED = 6  # arguments; of more the first and the last have a number, for the others there is no room
MOST_NUMBERS = 1_000_000  # entries that the statistics of one fold look at


@dataclass(frozen=True, slots=True)
class Node:
    """A box or an ellipse.

    Attributes:
        key: unique in the picture, `[a-z0-9_]+`.
        kind: "leaf", "value", "op", "constant", "module" or "fold".
        rows: lines of cells, top to bottom; plain text, not escaped.
        cluster: the innermost cluster around it, or None.
        about: a sentence for those who point at it.
        label: the name of the value, as it stands in the rows.
        mark: what is to be seen from afar, a key of `dot.MARKS`, or empty; the rows say so too.
        options: of a call, as they stand in the rows.
        written: whether the label is the expression that the value is, and not a name.
    """

    key: str
    kind: str
    rows: tuple[tuple[str, ...], ...]
    cluster: Instance | None = None
    about: str = ""
    label: str = ""
    mark: str = ""
    options: tuple[str, ...] = ()
    written: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one node to another.

    Attributes:
        tail: the node it comes from.
        head: the node it goes to.
        text: the place in the call, or the number of uses.
        formula: the local derivative.
        mark: a key of `dot.MARKS`, or empty.
    """

    tail: str
    head: str
    text: str = ""
    formula: str = ""
    mark: str = ""

    @property
    def caption(self) -> str:
        """Both texts in one."""
        return f"{self.text}: {self.formula}" if self.text and self.formula else self.text or self.formula


@dataclass(slots=True)
class Picture:
    """Everything that is drawn: nodes and edges in the order of the calls, arguments in their order."""

    direction: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The notes in lines of at most 90 characters."""
        return [line for note in self.notes for line in wrap(note, 90)]


def rows_of(values: Sequence[Value]) -> tuple[str, ...]:
    """What is told of them unless something else is asked for: no shapes if all are numbers, and of a few the formulas."""
    if not all(shape_text(v._data) == "()" for v in values if not isinstance(v._data, tuple)):
        return SHOW
    return tuple(s for s in (ALL if len(values) <= FEW else SHOW) if s != "shape")


def picture(
    values: tuple[Value, ...],
    *,
    direction: str,
    show: tuple[str, ...] | None,
    depth: int | None,
    limit: int,
    precision: int,
    names: Mapping[Value, str],
    known: Mapping[Value, tuple[Local, ...]] | None = None,
) -> Picture:
    """The graph of some values as boxes and arrows; the arguments are those of `inspect.draw`, checked.

    `names` are of values without a label; `known` are the local derivatives of a graph that cannot be run.
    """
    graph = Graph(*values)
    p, done = partition(graph, depth, limit)
    show = show or rows_of(graph.values)
    notes = []
    if done:
        boxes = f"{thousands(len(graph))} values in {len(p)} boxes: {', '.join(done)}. "
        notes.append(boxes + "To see more, draw with a larger limit= or depth=, or draw a value further up.")
    if "grad" in show and not any(v._grad is not None for v in graph):
        notes.append("No gradients yet: backward has not run.")
        show = tuple(s for s in show if s != "grad")
    if any(v.op is not None and not v.args for v in graph):
        notes.append("The graph ends at a value whose arguments were freed by a lean backward.")
    outputs = {v.vertex: v for v in values}
    labels = {x: v.label for x, v in outputs.items() if v.label}
    slopes = Slopes(graph, labels, names, precision, known) if "formula" in show else None
    return painted(Picture(direction, notes=notes), p, show, precision, Plain(show, precision), outputs, names, slopes)


def painted(drawn: Picture, p: Partition, show: tuple[str, ...], precision: int, look: Look, outputs: Mapping[Value, Value],
            names: Mapping[Value, str], slopes: Slopes | None = None) -> Picture:  # fmt: skip
    """Fill a picture with the parts of a graph.

    Args:
        drawn: the picture, which is returned.
        p: the parts.
        show: which rows the boxes have.
        precision: significant digits.
        look: what the boxes say of their values.
        outputs: what is known of a value elsewhere than at its place in the graph.
        names: of values without a label.
        slopes: the formulas on the arrows, if they are to be there.
    """
    _Painter(drawn, p, show, precision, look, outputs, names, slopes).paint()
    return drawn


class _Painter:
    """Fills a picture, part by part."""

    def __init__(self, drawn: Picture, p: Partition, show: tuple[str, ...], precision: int, look: Look,
                 outputs: Mapping[Value, Value], names: Mapping[Value, str], slopes: Slopes | None) -> None:  # fmt: skip
        self.drawn, self.p, self.show, self.precision, self.outputs = drawn, p, show, precision, outputs
        self.look, self.names, self.slopes = look, names, slopes
        first = [min(v.index for v in part.values) for part in p.parts]
        self.order = sorted(range(len(p)), key=lambda i: first[i])
        self.place = {i: n for n, i in enumerate(self.order)}

    def paint(self) -> None:
        for i in self.order:
            part = self.p.parts[i]
            if part.kind == "value":
                self._value(part.values[0], i, part.path[-1] if part.path else None)
            else:
                self._several(part, i)

    # -- single values

    def _value(self, v: Value, i: int, cluster: Instance | None) -> None:
        """An op, its arguments and its result; a call with several results is an op alone, each result a box behind it."""
        if v.op is None:
            self._add(self._record(v, f"v{i}", "leaf", cluster))
            return
        if v.op.name == "pick" and v.args and self._single(v.args[0]):
            place = f"[{(v.kwargs or {})['index']}]"
            self.drawn.edges.append(Edge(self._key(v.args[0]), f"v{i}", place, mark=self.look.arrow(v.args[0], v)))
        else:
            self._op(v, i, cluster)
            if isinstance(v._data, tuple):
                return
            self.drawn.edges.append(Edge(f"op{i}", f"v{i}"))
        self._add(self._record(v, f"v{i}", "value", cluster))

    def _op(self, v: Value, i: int, cluster: Instance | None) -> None:
        op: Any = v.op
        about = plain((op.__doc__ or "").strip().split("\n")[0])
        name, *options = op_rows(v)
        formula = self.slopes.call(v) if self.slopes else ""
        rows = tuple((row,) for row in (name, *options, *([formula] if formula else [])))
        self._add(Node(f"op{i}", "op", rows, cluster, f"{op.name}: {about}", options=tuple(options)))
        formulas = self.slopes.arrows(v) if self.slopes else [""] * len(v.args)
        counted = len(v.args) > 1 and op.name not in ORDERLESS and not any(formulas)
        last = len(v.args) - 1
        numbers = [str(n + 1) if counted and (last < MOST_NUMBERED or n in (0, last)) else "" for n in range(last + 1)]
        constants = [(place, a) for place, a in enumerate(v.args) if type(a) is not Value and a is not None]
        many = len(constants) > MOST_CONSTANTS
        used = Counter(key for a in v.args if type(a) is Value and (key := self._key(a)).startswith("g"))
        for place, a in enumerate(v.args):
            if type(a) is Value:
                key = self._key(a)
                n = used.pop(key, 0) if key.startswith("g") else 1
                mark = self.look.arrow(a, v)
                text = f"×{thousands(n)}" if n > 1 else numbers[place] if mark != "removed" else ""
                self.drawn.edges += [Edge(key, f"op{i}", text, formulas[place], mark)] if n else []
            elif a is not None and (not many or place == constants[0][0]):
                text = f"{thousands(len(constants))} constants" if many else ""
                key = self._constant(a, f"c{i}_{place}", cluster, text)
                self.drawn.edges.append(Edge(key, f"op{i}", "" if many else numbers[place]))

    def _constant(self, a: Any, key: str, cluster: Instance | None, text: str) -> str:
        a = a if isinstance(a, Known) else np.asarray(a)
        rows = [text] if text else [shape_text(a)] * bool(a.shape) + [numbers(a, self.precision)]
        bad = not_finite(a if isinstance(a, Known) or a.ndim or a.dtype == object else a[()])
        rows += [bad] if bad else []
        about = "a constant: no gradient flows to it"
        self._add(Node(key, "constant", tuple((row,) for row in rows), cluster, about, mark="bad" if bad else ""))
        return key

    def _record(self, v: Value, key: str, kind: str, cluster: Instance | None) -> Node:
        shown = self.outputs.get(v, v)
        name = shown.label or v.label or self.names.get(v, "")
        label = name or (self.slopes.title(v) if self.slopes else "")
        top = [cut(label)] if "label" in self.show and label else []
        top += [shape_text(v._data)] if "shape" in self.show else []
        below, mark = self.look.value(v, shown)
        rows = ([tuple(top)] if top else []) + [(row,) for row in below]
        written = not name and label[:1] not in ("", "%")
        return Node(key, kind, tuple(rows) or (("",),), cluster, plain(label)[:200], cut(label), mark, written=written)

    # -- several values in one box

    def _several(self, part: Part, i: int) -> None:
        calls = [v.op.name for v in part.values if v.op is not None]
        rows = [cut(part.name, 60)]
        rows += [histogram(calls)] if calls and part.name else []
        leaves = [v for v in part.values if v.op is None]
        if leaves and calls:
            n = sum(v.size for v in leaves)
            rows.append(
                f"{thousands(len(leaves))} leaves, {thousands(n)} numbers" if n > len(leaves) else f"{thousands(n)} leaves"
            )
        if part.kind == "module":
            last = part.values[-1]._data
            rows += [f"result {shape_text(last)}"] if "shape" in self.show and not isinstance(last, tuple) else []
        elif not (leaves and calls):
            rows += self._alike(part)
        more, mark = self.look.several(part.values)
        cluster = part.path[-1] if part.path else None
        about = f"{thousands(len(part.values))} values in one box"
        self._add(Node(f"g{i}", part.kind, tuple((row,) for row in rows + more), cluster, about, mark=mark))
        for j in sorted(self.p.before[i], key=self.place.__getitem__):
            n = self.p.before[i][j]
            self.drawn.edges.append(Edge(self._key(self.p.parts[j].values[-1]), f"g{i}", f"×{thousands(n)}" if n > 1 else ""))

    def _alike(self, part: Part) -> list[str]:
        """What values of one shape have in common: their names, shape, range."""
        values, rows = part.values, []
        names = [cut(v.label, 16) for v in (values[0], values[-1]) if v.label]
        if "label" in self.show and len(names) == 2:
            rows.append(" … ".join(dict.fromkeys(names)))
        if len({v._data.shape if not isinstance(v._data, tuple) else None for v in values}) > 1:
            return rows
        if "shape" in self.show and not isinstance(values[0]._data, tuple):
            rows.append(f"{shape_text(values[0]._data)} each")
        for word in ("data", "grad"):
            arrays = [getattr(v, f"_{word}") for v in values]
            if word in self.show and (text := _range(arrays, self.precision)):
                rows.append(f"{word} {text}")
        return rows

    def _add(self, node: Node) -> None:
        self.drawn.nodes.append(node)

    def _single(self, v: Value) -> bool:
        return self.p.parts[self.p.home[v]].kind == "value"

    def _key(self, v: Value) -> str:
        """The node that arrows from a value start at."""
        i = self.p.home[v]
        if not self._single(v):
            return f"g{i}"
        return f"op{i}" if isinstance(v._data, tuple) else f"v{i}"


def _range(arrays: list[Any], precision: int) -> str:
    """The range of all entries of arrays that are alike; nothing if one of them is not there, or they are many."""
    arrays = [array(a) for a in islice(arrays, MOST_NUMBERS)]
    known = all(isinstance(a, np.ndarray | np.generic) for a in arrays)
    if not known or sum(a.size for a in arrays) > MOST_NUMBERS:
        return ""
    return numbers(np.concatenate([np.ravel(a) for a in arrays]), precision)
