"""How large the boxes of a picture are: wide enough for their text in any of the usual fonts."""

from __future__ import annotations

from unicodedata import east_asian_width

from ..graphs.text import JOINER
from .picture import Node

__all__ = ["BOLD", "CELL", "ROW", "SIDES", "SIZE", "size", "width"]

SIZE, ROW, CELL, BOLD = 11.0, 17.0, 6.0, 1.1  # of the letters, of a row, left and right of text; how much wider bold is
SIDES = {"bad": 9.0, "dead": 5.0, "saturated": 10.0}  # of marked boxes, left and right of the text
NARROW, BROAD = frozenset("fijltrI.,:;'|!()[]{}/ -"), frozenset("mwMW@%…—→×+=−~<>")


def width(text: str) -> float:
    """About how wide a line of text is in DejaVu Sans, the widest of the usual fonts: rather too much than too little."""
    return sum(_em(c) for c in text) * SIZE


def _em(c: str) -> float:
    if c in NARROW:
        return 0.38
    if c in BROAD or c.isupper():
        return 0.86 if c in BROAD else 0.72
    return 0.0 if c == JOINER else 1.1 if east_asian_width(c) in "WF" else 0.64


def size(node: Node) -> tuple[float, float]:
    """Width and height of a node, as it lies on the page."""
    wide = max(
        sum(width(cell) * BOLD + 2 * CELL for cell in row) if n == 0 else width(row[0]) + 2 * CELL
        for n, row in enumerate(node.rows)
    )
    if node.kind == "op":
        return max(wide * 1.15, 30.0), 12.0 + 14.0 * len(node.rows)
    return max(wide, 24.0) + 2 * SIDES.get(node.mark, 0.0), ROW * len(node.rows)
