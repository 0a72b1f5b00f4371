"""The picture as DOT, the language of Graphviz; made by its Python package, which needs no program to do so."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...core.recording import BACKWARD
from ..graphs.parts import Instance
from ..graphs.text import plain
from .picture import Edge, Node, Picture
from .sizes import size

__all__ = ["FILL", "INK", "LINE", "MARKS", "PAPER", "SIGNS", "Mark", "dot_source"]

PAPER, INK, LINE = "#ffffff", "#1b1f24", "#57606a"  # said outright, so that a dark page shows the same picture
FILL = {
    "leaf": "#fff3d1",
    "value": "#ffffff",
    "op": "#e3ecff",
    "constant": "#f0f1f3",
    "module": "#e2f3e6",
    "fold": "#f3e9fb",
    "cluster": "#f7f9fb",
    BACKWARD: "#fbf3ee",
}  # never the only mark: each kind also has its own shape, border or words
SHAPE = {
    "leaf": ("record", "filled"),
    "value": ("record", "filled"),
    "op": ("ellipse", "filled"),
    "constant": ("box", "filled,dotted"),
    "module": ("Mrecord", "filled"),
    "fold": ("record", "filled,dashed"),
}


class Mark(NamedTuple):
    """How a marked box or arrow looks.

    Attributes:
        fill: of the box.
        line: its border, and the arrow.
        width: of the border.
        shape: in DOT; the own shape of its kind if empty.
        dashed: the border and the arrow.
    """

    fill: str
    line: str
    width: float
    shape: str = ""
    dashed: bool = False


MARKS = {
    "bad": Mark("#ffd6ec", "#b3006b", 2.5, "octagon"),
    "dead": Mark("#d8dce1", LINE, 2.5, "box"),
    "saturated": Mark("#ffe3c4", "#a04a00", 2.5, "hexagon"),
    "added": Mark("#d6f5dd", "#1a7f37", 2.5),
    "removed": Mark("#ffd9d6", "#b42318", 2.5, dashed=True),
    "changed": Mark("#fff0b3", "#8a6100", 2.5),
}
SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def dot_source(drawn: Picture) -> str:
    """DOT source of a picture."""
    import graphviz  # not needed to import the package

    font = {"fontname": "Helvetica", "fontcolor": INK}
    graph = {"rankdir": drawn.direction, "bgcolor": PAPER, "nodesep": "0.18", "ranksep": "0.35", **font, "fontsize": "11"}
    if drawn.notes:
        graph |= {"label": "".join(f"{_escaped(line)}\\l" for line in drawn.lines), "labelloc": "b", "labeljust": "l"}
    dot = graphviz.Digraph("graph", graph_attr=graph)
    dot.attr("node", fontsize="11", color=LINE, penwidth="1", margin="0.08,0.04", height="0.3", **font)
    dot.attr("edge", color=LINE, arrowsize="0.6", labeldistance="1.4", **font | {"fontsize": "9", "fontcolor": LINE})
    _nodes(dot, drawn, graphviz.Digraph)
    for edge in drawn.edges:
        dot.edge(edge.tail, edge.head, **_edge(edge))
    return str(dot.source)


def _nodes(dot: Any, drawn: Picture, digraph: Any) -> None:
    """Every node in its cluster; the innermost clusters are finished first, so nothing recurses."""
    clusters: dict[Instance, Any] = {}
    for node in drawn.nodes:
        for n, inst in enumerate(node.cluster.path if node.cluster else ()):
            if inst not in clusters:
                clusters[inst] = digraph(f"cluster_{len(clusters)}_{n}", graph_attr=_cluster(inst))
        (clusters[node.cluster] if node.cluster else dot).node(node.key, **_node(node, drawn.direction))
    for inst, inner in sorted(clusters.items(), key=lambda one: -len(one[0].path)):
        (clusters[inst.parent] if inst.parent else dot).subgraph(inner)


def _cluster(inst: Instance) -> dict[str, str]:
    title, backward = _escaped(inst.title), inst.name == BACKWARD
    look = {"style": "rounded,filled", "fillcolor": FILL["cluster"], "color": LINE}
    look |= {"style": "rounded,filled,dashed", "fillcolor": FILL[BACKWARD]} if backward else {}
    return {**look, "label": title, "tooltip": title, "labeljust": "l", "labelloc": "t"}


def _node(node: Node, direction: str) -> dict[str, str]:
    shape, style = SHAPE[node.kind]
    attributes = {"shape": shape, "style": style, "fillcolor": FILL[node.kind]}
    if node.mark:
        attributes |= _marked(node, MARKS[node.mark])
    if "ecord" in attributes["shape"]:
        attributes["label"] = _record(node.rows, direction)
    else:
        text = "\\n".join(_escaped("  ".join(row)) for row in node.rows)
        attributes["label"] = "&lt;" + text[1:] if text.startswith("<") else text  # not HTML, whatever it ends in
        attributes |= {} if node.mark else {"margin": "0.04,0.02"}
    attributes["width"] = f"{size(node)[0] / 72:.2f}"
    if node.about:
        attributes["tooltip"] = _escaped(node.about)
    return attributes


def _marked(node: Node, mark: Mark) -> dict[str, str]:
    style = {**dict.fromkeys(SHAPE[node.kind][1].split(",")), **({"dashed": None} if mark.dashed else {})}
    shape = mark.shape or SHAPE[node.kind][0]
    style |= {"diagonals": None} if shape == "box" and node.kind != "constant" else {}
    return {"shape": shape, "style": ",".join(style), "fillcolor": mark.fill, "color": mark.line, "penwidth": f"{mark.width:g}"}


def _record(rows: tuple[tuple[str, ...], ...], direction: str) -> str:
    """Rows one under the other, the cells of a row side by side. Records turn with the direction of the graph."""
    fields = "|".join(_cells(row) for row in rows)
    return fields if direction == "LR" else f"{{{fields}}}"


def _cells(row: tuple[str, ...]) -> str:
    cells = [_field(cell) for cell in row]
    return cells[0] if len(cells) == 1 else f"{{{'|'.join(cells)}}}"


def _field(text: str) -> str:
    """Text in a record, where braces, bars and angles have a meaning, and spaces are lost at the ends and in a row."""
    text = re.sub("^ +| +$|(?<= ) +", lambda spaces: "&nbsp;" * len(spaces[0]), _escaped(text))
    return "".join(f"\\{c}" if c in "{}|<>" else c for c in text)


def _escaped(text: str) -> str:
    """Text that Graphviz shows as it stands: no escape sequence, no entity, no HTML.

    The package quotes what it is given, and keeps backslashes; a label in angle brackets would be HTML to it.
    """
    text = plain(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', "&quot;")
    return "&lt;" + text[1:] if text.startswith("<") and text.endswith(">") else text


def _edge(edge: Edge) -> dict[str, str]:
    """A place in the call stands at the head; a formula and a number of uses need room of their own."""
    attributes = {"label": f" {_escaped(edge.formula)} "} if edge.formula else {}
    if edge.text:
        attributes["label" if edge.text.startswith("×") and not edge.formula else "headlabel"] = f" {_escaped(edge.text)} "
    if edge.mark:
        mark, sign = MARKS[edge.mark], SIGNS.get(edge.mark, "")
        style = "dashed" if mark.dashed else "solid"
        attributes |= {"color": mark.line, "fontcolor": mark.line, "penwidth": "1.6", "style": style}
        attributes |= {"taillabel": f" {sign} "} if sign else {}
    return attributes
