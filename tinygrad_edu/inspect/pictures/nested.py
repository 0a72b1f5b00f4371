"""Where everything goes, clusters included: each cluster is laid out by itself, and is one box in what is around it.

An arrow into a cluster comes in by a gate on its border and runs on from there inside; the arrows of one value share a gate:

    value ──┐  ┌─ cluster ──────────┐
            └──┤gate ──> op ──> ... │
               └────────────────────┘

Directions are called as they lie in a drawing from left to right; `x` and `y` are swapped for one from top to bottom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..graphs.parts import Instance
from .layered import BEND, Arrow, Box, Run, layered
from .picture import Edge, Picture

__all__ = ["Frame", "Layout", "laid_out"]

PAD, TITLE = 9.0, 16.0  # inside a cluster, all round and for its title

Frame = tuple[float, float, float, float]  # left, top, width, height
Item = str | Instance  # a node by its key, or a cluster


@dataclass(slots=True)
class Layout:
    """The answer: frames of nodes and clusters, the way of each edge, and the size of it all."""

    width: float
    height: float
    nodes: dict[str, Frame] = field(default_factory=dict)
    clusters: dict[Instance, Frame] = field(default_factory=dict)
    ways: list[list[Run]] = field(default_factory=list)


@dataclass(slots=True)
class _Level:
    """What lies directly in one cluster, or in none: boxes for its nodes, inner clusters and gates, and arrows."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    place: dict[object, int] = field(default_factory=dict)  # node key, Instance, (source, "in"), (source, "out") -> box
    links: dict[tuple[int, int, str], int] = field(default_factory=dict)  # box, box, source -> arrow
    left: float = 0.0
    top: float = 0.0

    def box(self, what: object, width: float = 0.0, height: float = BEND) -> int:
        """The number of the box of something; a new one if it is not there yet."""
        if what not in self.place:
            gate = what[1] if isinstance(what, tuple) else ""
            self.place[what] = len(self.boxes)
            self.boxes.append(Box(width, height, first=gate == "in", last=gate == "out"))
        return self.place[what]

    def link(self, tail: object, head: object, source: str, *, again: bool) -> int:
        """The number of the arrow between two things for the values of `source`.

        `again` makes one more: two uses of one value in one call are two arrows.
        """
        ends = self.box(tail), self.box(head), source
        if again or ends not in self.links:
            self.links[ends] = len(self.arrows)
            self.arrows.append(Arrow(*ends))
        return self.links[ends]


def laid_out(drawn: Picture, sizes: dict[str, tuple[float, float]], titles: dict[Instance, float], gap: float,
             rooms: Sequence[float] = ()) -> Layout:  # fmt: skip
    """Places for all of a picture.

    Args:
        drawn: the picture.
        sizes: node key to width and height; width is along the direction of the arrows.
        titles: cluster to the width of its title.
        gap: between columns.
        rooms: for the caption of each edge, before its head; none if not said.
    """
    levels: dict[Instance | None, _Level] = {None: _Level()}
    for node in drawn.nodes:
        for inst in node.cluster.path if node.cluster else ():
            levels.setdefault(inst, _Level())
            levels[inst.parent].box(inst)
        levels[node.cluster].box(node.key, *sizes[node.key])
    home = {node.key: node.cluster for node in drawn.nodes}
    trips = [_trip(edge, home, levels) for edge in drawn.edges]
    for trip, room in zip(trips, rooms, strict=False):
        home_of_head, number = trip[-1]
        levels[home_of_head].arrows[number].room = room
    across = drawn.direction == "LR"
    for one in sorted((i for i in levels if i is not None), key=lambda i: -len(i.path)):
        _framed(one, levels, titles[one] + 2 * PAD, across, gap)
    layout = Layout(*_settle(levels[None], levels, gap))
    _absolute(layout, levels)
    layout.ways = [_way(trip, levels) for trip in trips]
    return layout


def _framed(inst: Instance, levels: dict[Instance | None, _Level], title: float, across: bool, gap: float) -> None:
    """Lay out one cluster, and tell the box that stands for it outside how large it is."""
    level, outer = levels[inst], levels[inst.parent]
    level.left, level.top = (PAD, PAD + TITLE) if across else (PAD + TITLE, PAD)
    width, height = _settle(level, levels, gap)
    box = outer.boxes[outer.place[inst]]
    box.width, box.height = width + level.left + PAD, height + level.top + PAD
    if across:
        box.width = max(box.width, title)
    else:
        box.height = max(box.height, title)


Trip = list[tuple[Instance | None, int]]  # an edge as arrows, each with the cluster that it lies in


def _trip(edge: Edge, home: dict[str, Instance | None], levels: dict[Instance | None, _Level]) -> Trip:
    """Out of the clusters around the tail, across, and into the clusters around the head."""
    out, into = _path(home[edge.tail]), _path(home[edge.head])
    same = 0
    while same < min(len(out), len(into)) and out[same] is into[same]:
        same += 1
    source = edge.tail
    item: object = source
    hops: list[tuple[Instance | None, object, object]] = []
    for inst in reversed(out[same:]):
        hops.append((inst, item, (source, "out")))
        item = inst
    inner: list[Item] = [*into[same:], edge.head]
    hops.append((out[same - 1] if same else None, item, inner[0]))
    hops += [(inst, (source, "in"), head) for inst, head in zip(into[same:], inner[1:], strict=True)]
    return [(inst, levels[inst].link(tail, head, source, again=head == edge.head)) for inst, tail, head in hops]


def _path(inst: Instance | None) -> tuple[Instance, ...]:
    return inst.path if inst else ()


def _settle(level: _Level, levels: dict[Instance | None, _Level], gap: float) -> tuple[float, float]:
    """Lay out one level whose inner clusters have their sizes, with the arrows at their gates."""
    inner = {number: what for what, number in level.place.items() if isinstance(what, Instance)}
    for arrow in level.arrows:
        tail, head = level.boxes[arrow.tail], level.boxes[arrow.head]
        arrow.leaves = _gate(levels[inner[arrow.tail]], arrow.source, "out") if arrow.tail in inner else tail.height / 2
        arrow.arrives = _gate(levels[inner[arrow.head]], arrow.source, "in") if arrow.head in inner else head.height / 2
    return layered(level.boxes, level.arrows, gap)


def _gate(level: _Level, source: str, side: str) -> float:
    box = level.boxes[level.place[source, side]]
    return level.top + box.y + box.height / 2


def _absolute(layout: Layout, levels: dict[Instance | None, _Level]) -> None:
    """Turn places inside clusters into places on the page, from the outermost cluster inwards."""
    for inst, level in sorted(levels.items(), key=lambda one: len(one[0].path) if one[0] else 0):
        if inst is not None:
            frame = layout.clusters[inst]
            level.left, level.top = level.left + frame[0], level.top + frame[1]
        for what, number in level.place.items():
            box = level.boxes[number]
            frame = (level.left + box.x, level.top + box.y, box.width, box.height)
            if isinstance(what, Instance):
                layout.clusters[what] = frame
            elif isinstance(what, str):
                layout.nodes[what] = frame


def _way(trip: Trip, levels: dict[Instance | None, _Level]) -> list[Run]:
    """The level pieces of an edge, those that meet at a gate joined."""
    way: list[Run] = []
    for x0, x1, y in _pieces(trip, levels):
        if way and abs(way[-1][2] - y) < 0.01:
            way[-1] = (way[-1][0], x1, y)
        else:
            way.append((x0, x1, y))
    return way


def _pieces(trip: Trip, levels: dict[Instance | None, _Level]) -> Iterable[Run]:
    for inst, number in trip:
        level = levels[inst]
        for x0, x1, y in level.arrows[number].way:
            yield level.left + x0, level.left + x1, level.top + y
