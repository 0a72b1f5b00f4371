"""The picture as text: one line a call, for terminals and for readers that show no pictures."""

from __future__ import annotations

from collections import defaultdict

from .picture import Edge, Node, Picture

__all__ = ["listing"]

WIDEST = 48  # of the column with the calls


def listing(drawn: Picture) -> str:
    """Lines `name = op(arguments)   shape  data  grad` in the order of the calls; what is folded is one line."""
    arriving: dict[str, list[Edge]] = defaultdict(list)
    for edge in drawn.edges:
        arriving[edge.head].append(edge)
    names = _names(drawn.nodes)
    by_key = {node.key: node for node in drawn.nodes}
    shown = [node for node in drawn.nodes if node.kind not in ("op", "constant")]
    lines = [_line(node, arriving, names, by_key) for node in shown]
    wide = min(max((len(call) for call, _ in lines), default=0), WIDEST)
    text = [f"{call:<{wide}}    {rest}".rstrip() for call, rest in lines]
    return "\n".join([*text, *drawn.lines])


def _names(nodes: list[Node]) -> dict[str, str]:
    """A name for each node: its label, if no other has the same, or its number."""
    labels: dict[str, int] = defaultdict(int)
    for node in nodes:
        labels[node.label] += 1
    names, number = {}, 0
    for node in nodes:
        if node.kind == "constant":
            names[node.key] = node.rows[-1][0]
        elif node.kind != "op":
            names[node.key] = node.label if node.label and labels[node.label] == 1 else f"%{number}"
            number += 1
    return names


def _line(node: Node, arriving: dict[str, list[Edge]], names: dict[str, str], by_key: dict[str, Node]) -> tuple[str, str]:
    name, rows = names[node.key], [" ".join(row) for row in node.rows]
    sources = arriving[node.key]
    if node.kind in ("module", "fold"):
        arguments = ", ".join(f"{names.get(e.tail, e.tail)}{e.text and f' {e.text}'}" for e in sources)
        return f"{name} = {rows[0]}({arguments})" if sources else f"{name}: {rows[0]}", "  ".join(rows[1:])
    cells = [cell for row in node.rows for cell in row]
    rest = "  ".join(cells[1:] if cells[0] == name else cells)
    if not sources:
        return name, rest
    op = by_key[sources[0].tail]
    arguments = ", ".join(names.get(e.tail, e.tail) for e in arriving[op.key])
    call = f"{op.about.split(':')[0]}({', '.join([arguments, *(row[0] for row in op.rows[1:])])}){sources[0].text}"
    return f"{name} = {call}", rest
