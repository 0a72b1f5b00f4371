"""A layered drawing of one directed acyclic graph: every arrow goes to a later layer, with few crossings.

After Sugiyama, Tagawa, Toda (1981): layers by the longest path; a chain of bends for each arrow that passes layers; order
in a layer by the mean place of the neighbours, swept back and forth; then heights by least squares with the gaps kept (pool
adjacent violators), swept likewise. All in linear or O(n log n) time, nothing recursive, and the same on every run.

Directions are called as they lie in a drawing from left to right: a layer is a column. Left out: swaps of neighbours,
which would remove a few crossings more; `dot` has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["COLUMN_GAP", "GAP", "Arrow", "Box", "Run", "layered", "ranks"]

Run = tuple[float, float, float]

GAP, COLUMN_GAP, BEND = 14.0, 38.0, 4.0  # between boxes of a column, between columns; the height of a bend
SWEEPS = 8
MOST_BENDS = 20_000  # arrows over more layers than this has room for go straight


@dataclass(slots=True)
class Box:
    """A rectangle of a given size; `first` and `last` hold it in the outermost columns. Its place is the answer."""

    width: float
    height: float
    first: bool = False
    last: bool = False
    x: float = 0.0
    y: float = 0.0
    column: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class Arrow:
    """From box `tail` to box `head`, leaving and arriving so far from the top; one of `source` shares the bends of others.

    Before its head it leaves `room` for a caption, if the gap there is smaller.

    Its way is the answer: level pieces `(x0, x1, y)`, each through one column, the first leaving the tail; curves between.
    """

    tail: int
    head: int
    source: str = ""
    leaves: float = 0.0
    arrives: float = 0.0
    room: float = 0.0
    way: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class Layers:
    """The graph while it is laid out: boxes and bends as vertices in columns."""

    boxes: list[Box]
    arrows: list[Arrow]
    rank: list[int]
    columns: list[list[int]] = field(default_factory=list)
    before: list[list[tuple[int, float, float]]] = field(default_factory=list)  # vertex, where it leaves, where it arrives
    after: list[list[tuple[int, float, float]]] = field(default_factory=list)
    chains: dict[tuple[int, str], list[int]] = field(default_factory=dict)  # box and source: bends, one a layer


def layered(boxes: list[Box], arrows: list[Arrow], gap: float = COLUMN_GAP) -> tuple[float, float]:
    """Place the boxes and the bends of the arrows; the width and height of it all."""
    if not boxes:
        return 0.0, 0.0
    g = Layers(list(boxes), arrows, ranks(boxes, arrows))
    _bend(g)
    _order(g)
    _heights(g)
    width = _columns(g, gap)
    top = min(b.y for b in g.boxes)
    for b in g.boxes:
        b.y -= top
    for a in arrows:
        tail, head = boxes[a.tail], boxes[a.head]
        over = g.chains.get((a.tail, a.source), [])[: max(g.rank[a.head] - g.rank[a.tail] - 1, 0)]
        a.way = [(tail.x + tail.width, tail.column[1], tail.y + a.leaves)]
        a.way += [(*b.column, b.y + b.height / 2) for b in (g.boxes[i] for i in over)]
        a.way.append((head.column[0], head.x, head.y + a.arrives))
    return width, max(b.y + b.height for b in g.boxes)


def ranks(boxes: list[Box], arrows: list[Arrow]) -> list[int]:
    """The longest path to each box; then boxes move towards what they lead to, where no arrow gets longer by it."""
    before: list[list[int]] = [[] for _ in boxes]
    after: list[list[int]] = [[] for _ in boxes]
    for a in arrows:
        before[a.head].append(a.tail)
        after[a.tail].append(a.head)
    rank, missing = [0] * len(boxes), [len(b) for b in before]
    ready = [i for i, n in enumerate(missing) if not n]
    for i in ready:
        for j in after[i]:
            rank[j] = max(rank[j], rank[i] + 1)
            missing[j] -= 1
            if not missing[j]:
                ready.append(j)
    for i in reversed(ready):
        if after[i] and not boxes[i].first and len(after[i]) >= len(before[i]):
            rank[i] = min(rank[j] for j in after[i]) - 1
    last = max(rank, default=0)
    edge = any(b.last for b in boxes) and any(r == last and not b.last for r, b in zip(rank, boxes, strict=True))
    return [last + edge if b.last else r for r, b in zip(rank, boxes, strict=True)]


def _bend(g: Layers) -> None:
    """A vertex in each layer that an arrow passes; arrows from one box share theirs."""
    farthest: dict[tuple[int, str], int] = {}
    for a in g.arrows:
        passed = g.rank[a.head] - g.rank[a.tail] - 1
        farthest[a.tail, a.source] = max(farthest.get((a.tail, a.source), 0), passed)
    room = MOST_BENDS
    for key, n in sorted(farthest.items(), key=lambda one: one[1]):
        room -= n
        if n > 0 and room >= 0:
            g.chains[key] = list(range(len(g.boxes), len(g.boxes) + n))
            g.boxes += [Box(0.0, BEND) for _ in range(n)]
            g.rank += range(g.rank[key[0]] + 1, g.rank[key[0]] + n + 1)
    g.before, g.after = [[] for _ in g.boxes], [[] for _ in g.boxes]
    leaves = {(a.tail, a.source): a.leaves for a in g.arrows}
    for key, chain in g.chains.items():
        _link(g, key[0], chain[0], leaves[key], BEND / 2)
        for i, j in pairwise(chain):
            _link(g, i, j, BEND / 2, BEND / 2)
    for a in g.arrows:
        passed = g.rank[a.head] - g.rank[a.tail] - 1
        if passed > 0 and (a.tail, a.source) in g.chains:
            _link(g, g.chains[a.tail, a.source][passed - 1], a.head, BEND / 2, a.arrives)
        else:
            _link(g, a.tail, a.head, a.leaves, a.arrives)


def _link(g: Layers, tail: int, head: int, leaves: float, arrives: float) -> None:
    g.after[tail].append((head, leaves, arrives))
    g.before[head].append((tail, leaves, arrives))


# -- order -----------------------------------------------------------------------------------------------------------


def _order(g: Layers) -> None:
    """The best of a walk back from the ends, arguments in their order, and of sweeps of barycentres from there."""
    g.columns = [[] for _ in range(max(g.rank) + 1)]
    for i in _walk(g):
        g.columns[g.rank[i]].append(i)
    best, fewest = [list(c) for c in g.columns], _crossings(g)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        where = [0.0] * len(g.boxes)
        for column in g.columns if forth else reversed(g.columns):
            sides = g.before if forth else g.after
            _settle(column, sides, where)
            for place, i in enumerate(column):
                where[i] = (place + 0.5) / len(column)
        if (n := _crossings(g)) < fewest:
            best, fewest = [list(c) for c in g.columns], n
    g.columns = best


def _settle(column: list[int], sides: list[list[tuple[int, float, float]]], where: list[float]) -> None:
    """Sort a column by the mean place of the neighbours on one side; who has none keeps its place."""
    key = {}
    for place, i in enumerate(column):
        near = [where[j] + 1e-6 * leaves for j, leaves, _ in sides[i]]
        key[i] = sum(near) / len(near) if near else (place + 0.5) / len(column)
    column.sort(key=key.__getitem__)


def _walk(g: Layers) -> list[int]:
    """Every vertex once, from the ends back to the beginnings, depth first."""
    seen, order = set(), []
    stack = [i for i in reversed(range(len(g.boxes))) if not g.after[i]]
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            order.append(i)
            stack.extend(j for j, _, _ in reversed(g.before[i]))
    return order


def _crossings(g: Layers) -> int:
    """How many pairs of arrows between neighbouring columns cross, counted with a Fenwick tree."""
    place = {i: n for column in g.columns for n, i in enumerate(column)}
    total = 0
    for column in g.columns:
        ends = [place[j] for i in column for j in sorted((j for j, _, _ in g.after[i]), key=place.__getitem__)]
        tree = [0] * (max(ends, default=0) + 2)
        for seen, end in enumerate(ends):
            total += seen - _below(tree, end + 1)
            n = end + 1
            while n < len(tree):
                tree[n] += 1
                n += n & -n
    return total


def _below(tree: list[int], n: int) -> int:
    total = 0
    while n:
        total += tree[n]
        n &= n - 1
    return total


# -- places ----------------------------------------------------------------------------------------------------------


def _heights(g: Layers) -> None:
    """Give each vertex the height that makes its arrows level, as nearly as the gaps allow."""
    for column in g.columns:
        y = 0.0
        for i in column:
            g.boxes[i].y = y
            y += g.boxes[i].height + GAP
        for i in column:
            g.boxes[i].y -= y / 2
    for sweep in range(SWEEPS + 1):
        forth = sweep % 2 == 0
        for column in g.columns if forth else reversed(g.columns):
            _level(g, column, forth, both=sweep >= SWEEPS - 2)


def _level(g: Layers, column: list[int], forth: bool, *, both: bool) -> None:
    """One column: least squares of the differences to where each would like to be, order and gaps kept."""
    wishes, weights, offsets, y = [], [], [], 0.0
    for i in column:
        box = g.boxes[i]
        near = [g.boxes[j].y + leaves - arrives for j, leaves, arrives in g.before[i]] if forth or both else []
        if not forth or both:
            near += [g.boxes[j].y + arrives - leaves for j, leaves, arrives in g.after[i]]
        wishes.append((sum(near) / len(near) if near else box.y) - y)
        bend = box.height == BEND
        weights.append((8.0 if bend else 1.0) * max(len(near), 0.01))
        offsets.append(y)
        y += box.height + (GAP / 2 if bend else GAP)
    for i, place, offset in zip(column, _isotonic(wishes, weights), offsets, strict=True):
        g.boxes[i].y = place + offset


def _isotonic(wishes: list[float], weights: list[float]) -> list[float]:
    """The non-decreasing sequence nearest to `wishes` by weighted least squares, by pooling adjacent violators."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for mean, weight in zip(wishes, weights, strict=True):
        n = 1
        while pools and pools[-1][0] >= mean:
            before, heavy, many = pools.pop()
            mean = (before * heavy + mean * weight) / (heavy + weight)
            weight, n = weight + heavy, n + many
        pools.append((mean, weight, n))
    return [mean for mean, _, n in pools for _ in range(n)]


def _columns(g: Layers, gap: float) -> float:
    """Columns as wide as their widest box, boxes in their middle, but leaves close to what uses them."""
    x, room = 0.0, [gap] * len(g.columns)
    for a in g.arrows:
        room[g.rank[a.head]] = max(room[g.rank[a.head]], a.room)
    for number, column in enumerate(g.columns):
        x += room[number] if number else 0.0
        width = max(g.boxes[i].width for i in column)
        for i in column:
            box = g.boxes[i]
            box.column = x, x + width
            right = box.last or not g.before[i]
            box.x = x + (0.0 if box.first else width - box.width if right else (width - box.width) / 2)
        x += width
    return x
