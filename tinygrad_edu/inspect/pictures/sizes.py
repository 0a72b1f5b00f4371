"""How large the boxes of a picture are: wide enough for their text in any of the usual fonts."""

from __future__ import annotations

from unicodedata import east_asian_width

from ..graphs.text import JOINER
from .layered import COLUMN_GAP, GAP, Arrow, Box, ranks
from .picture import Node, Picture

__all__ = ["CELL", "ROW", "SIDES", "SIZE", "bold", "caption", "cells", "direction_of", "size", "width"]

SIZE, ROW, CELL, BOLD = 11.0, 17.0, 6.0, 1.12  # of the letters, of a row, left and right of text; how much wider bold is
CAPTION = 0.85  # letters at arrows, of SIZE
PAGE = 1_200.0  # a picture that is wider had better be high
SIDES = {"bad": 9.0, "dead": 5.0, "saturated": 10.0}  # of marked boxes, left and right of the text
NARROW, BROAD = frozenset("fijltrI.,:;'|!()[]{}/ -"), frozenset("mwMW@%…—→×+=−~<>")


def width(text: str) -> float:
    """About how wide a line of text is in DejaVu Sans, the widest of the usual fonts: rather too much than too little."""
    return sum(_em(c) for c in text) * SIZE


def bold(text: str) -> float:
    """The same in bold."""
    return width(text) * BOLD


def caption(text: str) -> float:
    """The room that a text at an arrow takes, with the arrowhead."""
    return width(text) * CAPTION + 24 if text else 0.0


def cells(row: tuple[str, ...], *, title: bool) -> list[float]:
    """How wide the cells of a row are; the first one of a title can be bold."""
    return [(bold if title and n == 0 else width)(cell) + 2 * CELL for n, cell in enumerate(row)]


def _em(c: str) -> float:
    if c in NARROW:
        return 0.38
    if c in BROAD or c.isupper():
        return 0.86 if c in BROAD else 0.72
    return 0.0 if c == JOINER else 1.1 if east_asian_width(c) in "WF" else 0.64


def size(node: Node) -> tuple[float, float]:
    """Width and height of a node, as it lies on the page."""
    wide = max(sum(cells(row, title=n == 0)) for n, row in enumerate(node.rows))
    if node.kind == "op":
        return max(wide * 1.15, 30.0), 12.0 + 14.0 * len(node.rows)
    return max(wide, 24.0) + 2 * SIDES.get(node.mark, 0.0), ROW * len(node.rows)


def direction_of(drawn: Picture) -> str:
    """From left to right; but from top to bottom if that way would be wider than a page, and this one is narrower."""
    place = {node.key: n for n, node in enumerate(drawn.nodes)}
    sizes = [size(node)[0] for node in drawn.nodes]
    layers = ranks([Box(wide, 0.0) for wide in sizes], [Arrow(place[e.tail], place[e.head]) for e in drawn.edges])
    widest, side_by_side, gaps = ([0.0] * (max(layers, default=0) + 1) for _ in range(3))
    for wide, layer in zip(sizes, layers, strict=True):
        widest[layer] = max(widest[layer], wide)
        side_by_side[layer] += wide + GAP
    for edge in drawn.edges:
        layer = layers[place[edge.head]]
        gaps[layer] = max(gaps[layer], COLUMN_GAP, caption(edge.caption))
    across = sum(widest) + sum(gaps)
    return "TB" if across > PAGE and max(side_by_side) < across else "LR"
