"""The picture as SVG, laid out and written by this package alone.

Notebooks and viewers clean what they are given, so there is no style sheet, script, id or reference in it; the background
is part of the picture, so that it looks the same on a dark page.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from xml.sax.saxutils import escape

from ...core.recording import BACKWARD
from ..graphs.parts import Instance
from ..graphs.text import cut, plain
from .dot import FILL, INK, LINE, MARKS, PAPER, SIGNS
from .layered import COLUMN_GAP, Run
from .nested import Frame, Layout, laid_out
from .picture import Edge, Node, Picture
from .sizes import ROW, SIDES, SIZE, bold, caption, cells, size, width

__all__ = ["svg_source"]

MARGIN, HEAD = 12.0, 6.0  # around everything; the length of an arrowhead
OUTLINED = ("bad", "saturated")
DASHES = {"fold": ' stroke-dasharray="5 3"', "constant": ' stroke-dasharray="1.5 2.5"'}
Point = tuple[float, float]


def svg_source(drawn: Picture) -> str:
    """SVG text of a picture."""
    across = drawn.direction == "LR"
    sizes = {node.key: size(node) for node in drawn.nodes}
    titles = {i: bold(_title(i)) for node in drawn.nodes if node.cluster for i in node.cluster.path}
    rooms = [caption(edge.caption) for edge in drawn.edges]
    layout = laid_out(drawn, sizes, titles, COLUMN_GAP, rooms) if across else _down(drawn, sizes, titles, rooms)
    frames = {key: _frame(frame, across) for key, frame in layout.nodes.items()}
    body = [_cluster(i, _frame(frame, across)) for i, frame in layout.clusters.items()]
    body += _edges(drawn, layout, across)
    body += [_node(node, frames[node.key]) for node in drawn.nodes]
    wide, high = (layout.width, layout.height) if across else (layout.height, layout.width)
    wide = max([wide, *(width(line) for line in drawn.lines)]) + 2 * MARGIN
    high += 2 * MARGIN
    for line in drawn.lines:
        body.append(_text(line, MARGIN, high + SIZE, anchor="start"))
        high += ROW
    high += MARGIN if drawn.notes else 0
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" role="img" aria-label="computational graph" '
            f'width="{wide:.0f}px" height="{high:.0f}px" viewBox="0 0 {wide:.0f} {high:.0f}" '
            f'style="max-width:100%;height:auto" font-family="Helvetica,Arial,sans-serif" font-size="{SIZE:g}">')  # fmt: skip
    paper = f'<rect width="{wide:.0f}" height="{high:.0f}" fill="{PAPER}"/>'
    return "\n".join([head, paper, *body, "</svg>\n"])


def _frame(frame: Frame, across: bool) -> Frame:
    x, y, w, h = frame if across else (frame[1], frame[0], frame[3], frame[2])
    return x + MARGIN, y + MARGIN, w, h


def _down(drawn: Picture, sizes: dict[str, tuple[float, float]], titles: dict[Instance, float], rooms: list[float]) -> Layout:
    """From top to bottom: calls keep the captions of their arrows free on both sides."""
    beside: dict[str, float] = defaultdict(float)
    for edge, room in zip(drawn.edges, rooms, strict=True):
        beside[edge.head] = max(beside[edge.head], room)
    free = {key: (h, max(w, 2 * beside[key])) for key, (w, h) in sizes.items()}
    layout = laid_out(drawn, free, titles, COLUMN_GAP)
    for key, (x, y, w, h) in layout.nodes.items():
        own = sizes[key][0]
        layout.nodes[key] = (x, y + (h - own) / 2, w, own)
    return layout


# -- boxes -----------------------------------------------------------------------------------------------------------


def _cluster(inst: Instance, frame: Frame) -> str:
    x, y, w, h = frame
    backward = inst.name == BACKWARD
    look = f'fill="{FILL[BACKWARD if backward else "cluster"]}" stroke="{LINE}"' + ' stroke-dasharray="5 3"' * backward
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6" {look}/>'
    return box + _text(_title(inst), x + 8, y + 14, anchor="start", bold=True)


def _title(inst: Instance) -> str:
    return cut(inst.title)


def _node(node: Node, frame: Frame) -> str:
    x, y, w, h = frame
    look = _look(node)
    if node.kind == "op":
        shape = f'<ellipse cx="{x + w / 2:.1f}" cy="{y + h / 2:.1f}" rx="{w / 2:.1f}" ry="{h / 2:.1f}" {look}/>'
        lines = [_text(row[0], x + w / 2, y + 6 + 14 * n + 11, bold=n == 0) for n, row in enumerate(node.rows)]
    elif node.mark in OUTLINED:
        side = SIDES[node.mark]
        shape = f'<path d="{_outline(frame, side, node.mark == OUTLINED[1])}" {look}/>'
        lines = _rows(node, (x + side, y, w - 2 * side, h))
    else:
        corner = ' rx="7"' if node.kind == "module" else ""
        shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"{corner} {look}/>'
        lines = [*_rows(node, frame), *([_corners(frame)] if node.mark == "dead" else [])]
    about = f"<title>{escape(node.about)}</title>" if node.about else ""
    return f"<g>{about}{shape}{''.join(lines)}</g>"


def _look(node: Node) -> str:
    fill, line, wide, dashes = FILL[node.kind], LINE, 1.0, DASHES.get(node.kind, "")
    if node.mark:
        mark = MARKS[node.mark]
        fill, line, wide, dashes = mark.fill, mark.line, mark.width, DASHES["fold"] if mark.dashed else dashes
    return f'fill="{fill}" stroke="{line}" stroke-width="{wide:g}"{dashes}'


def _outline(frame: Frame, side: float, pointed: bool) -> str:
    """An octagon, whose corners are cut off, or a hexagon, which is pointed left and right."""
    x, y, w, h = frame
    cut = h / 2 if pointed else side
    points = [(x, y + cut), (x + side, y), (x + w - side, y), (x + w, y + cut), (x + w, y + h - cut), (x + w - side, y + h),
              (x + side, y + h), (x, y + h - cut)]  # fmt: skip
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in dict.fromkeys(points)) + "Z"


def _corners(frame: Frame, size: float = 7.0) -> str:
    """Strokes that cut the corners of a box."""
    x, y, w, h = frame
    ends = [(x, y + size, x + size, y), (x + w - size, y, x + w, y + size), (x + w, y + h - size, x + w - size, y + h),
            (x + size, y + h, x, y + h - size)]  # fmt: skip
    path = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in ends)
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.6"/>'


def _rows(node: Node, frame: Frame) -> list[str]:
    """The text of a record, and the lines between its rows and cells."""
    x, y, w, _ = frame
    out, ruled = [], node.kind != "constant"
    titled = bool(node.label) or node.kind in ("module", "fold")
    for n, row in enumerate(node.rows):
        top, left = y + ROW * n, x
        if n and ruled:
            out.append(_line(x, top, x + w, top))
        needed = cells(row, title=n == 0)
        spare = (w - sum(needed)) / len(row)
        for k, cell in enumerate(row):
            wide = needed[k] + spare
            if k:
                out.append(_line(left, top, left, top + ROW))
            out.append(_text(cell, left + wide / 2, top + 12.5, bold=n == 0 and k == 0 and titled))
            left += wide
    return out


def _line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="{LINE}" stroke-width="0.6"/>'


def _text(text: str, x: float, y: float, *, anchor: str = "middle", bold: bool = False, extra: str = "") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}"{weight}{extra}>'
            f"{escape(plain(text))}</text>")  # fmt: skip


# -- arrows ----------------------------------------------------------------------------------------------------------


def _edges(drawn: Picture, layout: Layout, across: bool) -> list[str]:
    """All arrows; those that arrive at one node are spread along its side in the order in which they come."""
    arriving: dict[str, list[int]] = defaultdict(list)
    for n, edge in enumerate(drawn.edges):
        arriving[edge.head].append(n)
    lines, texts = [], []  # no arrow runs over a text
    kinds = {node.key: node.kind for node in drawn.nodes}
    for key, numbers in arriving.items():
        x, y, w, h = layout.nodes[key]
        numbers.sort(key=lambda n: layout.ways[n][-2][2] if len(layout.ways[n]) > 1 else y + h / 2)
        for place, n in enumerate(numbers):
            off = ((place + 0.5) / len(numbers) - 0.5) * h * min(0.85, 0.35 * len(numbers)) if len(numbers) > 1 else 0.0
            inset = w / 2 * (1 - math.sqrt(1 - (2 * off / h) ** 2)) if kinds[key] == "op" else 0.0
            way = _arriving(layout.ways[n], x + inset, y + h / 2 + off)
            lines.append(_arrow(way, drawn.edges[n], across))
            texts.append(_caption(way, drawn.edges[n], across, off > 0))
    return lines + [text for text in texts if text]


def _arriving(way: list[Run], x: float, y: float) -> list[Run]:
    """The same way, but for its end."""
    x0, x1, y1 = way[-1]
    if len(way) == 1 and abs(y1 - y) > 0.01:
        third = (x1 - x0) / 3
        return [(x0, x0 + third, y1), (min(x1 - third, x), x, y)]
    return [*way[:-1], (min(x0, x), x, y)]


def _arrow(way: list[Run], edge: Edge, across: bool) -> str:
    """Level pieces with curves between them, and a head."""
    line, look = (MARKS[edge.mark].line, ' stroke-width="1.6"') if edge.mark else (LINE, "")
    look += DASHES["fold"] if edge.mark and MARKS[edge.mark].dashed else ""

    def at(x: float, y: float) -> str:
        x, y = (x, y) if across else (y, x)
        return f"{x + MARGIN:.1f} {y + MARGIN:.1f}"

    x0, x1, y = way[0]
    path = f"M{at(x0, y)}L{at(x1, y)}"
    for a, b in pairwise(way):
        stop = b[0] if b is not way[-1] else min(b[0], b[1] - HEAD)
        half = (stop - a[1]) / 2
        path += f"C{at(a[1] + half, a[2])} {at(stop - half, b[2])} {at(stop, b[2])}"
        path += f"L{at(b[1], b[2])}"
    _, x, y = way[-1]
    head = f"M{at(x, y)}L{at(x - HEAD, y - 3)}L{at(x - HEAD, y + 3)}Z"
    return f'<path d="{path}" fill="none" stroke="{line}"{look}/><path d="{head}" fill="{line}"/>'


def _caption(way: list[Run], edge: Edge, across: bool, low: bool) -> str:
    """The local derivative, the place of the argument or the number of uses, beside the head of the arrow."""
    text = f"{SIGNS.get(edge.mark, '')} {edge.caption}".strip()
    if not text:
        return ""
    _, x, y = way[-1]
    x, y = (x - HEAD - 2, y + (9 if low else -3)) if across else (y + (4 if low else -4), x - HEAD - 2)
    halo = f' font-size="9" stroke="{PAPER}" stroke-width="3" paint-order="stroke"'
    return _text(text, x + MARGIN, y + MARGIN, anchor="end" if across or not low else "start", extra=halo)
