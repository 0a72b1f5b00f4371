"""The picture as text: one line a call, for terminals and for readers that show no pictures."""

from __future__ import annotations

from collections import defaultdict

from .picture import Edge, Node, Picture

__all__ = ["Lines", "listing"]

WIDEST = 48  # of the column with the calls


def listing(drawn: Picture) -> str:
    """Lines `name = op(arguments)   shape  data  grad` in the order of the calls; what is folded is one line."""
    written = Lines(drawn)
    lines = [written.of(node) for node in drawn.nodes if node.kind not in ("op", "constant")]
    wide = min(max((len(call) for call, _ in lines), default=0), WIDEST)
    text = [f"{call:<{wide}}    {rest}".rstrip() for call, rest in lines]
    return "\n".join([*text, *drawn.lines])


class Lines:
    """What the lines about the nodes of one picture say.

    Attributes:
        names: node key to what it is called.
        arriving: node key to the arrows that end there.
    """

    def __init__(self, drawn: Picture) -> None:
        self.nodes = {node.key: node for node in drawn.nodes}
        self.names = _names(drawn.nodes)
        self.arriving: dict[str, list[Edge]] = defaultdict(list)
        for edge in drawn.edges:
            self.arriving[edge.head].append(edge)

    def of(self, node: Node) -> tuple[str, str]:
        """The call that made a node, `z = multiply(x, y)`, and what is in it."""
        name, rows = self.names[node.key], [" ".join(row) for row in node.rows]
        arguments = self.arguments(node.key)
        if node.kind == "module" and node.cluster:
            rows[0] = "/".join([*(inst.title for inst in node.cluster.path), rows[0]])
        if node.kind in ("module", "fold"):
            texts = ", ".join(f"{self._called(e.tail)}{e.text and f' {e.text}'}" for e in arguments)
            return f"{name} = {rows[0]}({texts})" if arguments else f"{name}: {rows[0]}", "  ".join(rows[1:])
        cells = [cell for row in node.rows for cell in row]
        rest = "  ".join(cells[1:] if cells[0] == name else cells)
        op = self.op(node.key)
        if op is None or (node.written and not op.options):
            return name, rest
        call = f"{op.about.split(':')[0]}({', '.join([*(self._called(e.tail) for e in arguments), *op.options])})"
        return f"{name} = {call}{self.arriving[node.key][0].text}", rest

    def op(self, key: str) -> Node | None:
        """The call whose result a box is."""
        tails = [self.nodes[edge.tail] for edge in self.arriving[key]]
        return tails[0] if tails and tails[0].kind == "op" and self.nodes[key].kind == "value" else None

    def arguments(self, key: str) -> list[Edge]:
        """The arrows to a folded box, or to the call whose result it is."""
        op = self.op(key)
        return self.arriving[op.key if op else key]

    def _called(self, key: str) -> str:
        return self.names.get(key) or self.nodes[key].about.split(":")[0]


def _names(nodes: list[Node]) -> dict[str, str]:
    """A name for each node: its label, if no other has the same, or its number."""
    labels: dict[str, int] = defaultdict(int)
    for node in nodes:
        labels[node.label] += 1
    names, number = {}, 0
    for node in nodes:
        while f"%{number}" in labels:
            number += 1
        if node.kind == "constant":
            names[node.key] = node.rows[-2 if node.mark and len(node.rows) > 1 else -1][0]  # below it is what is wrong
        elif node.kind != "op":
            names[node.key] = node.label if node.label and labels[node.label] == 1 else f"%{number}"
            number += 1
    return names
