"""The picture as a tree for terminals: each result above its arguments, what was shown once is only named again.

    y = multiply(x, x)   ()  data 9  grad 1
    ├── x   ()  data 3  grad 6
    └── x ↑

Where it would run out of the page, a branch goes on below, under its name: `%7 ↓`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..graphs.text import cut
from .listing import Lines
from .picture import Edge, Picture

__all__ = ["Tree"]

AGAIN, LATER = " ↑", " ↓"
DEEPEST = 12  # levels; below it a branch starts again at the margin
STYLES = {"bad": "bold magenta", "dead": "dim", "saturated": "yellow", "added": "green", "removed": "red", "changed": "yellow"}


@dataclass(slots=True)
class Branch:
    """One line of the tree.

    Attributes:
        name: what the value is called.
        call: how it was made, with a space before it.
        rest: everything else.
        style: for terminals with colours.
        below: its arguments.
    """

    name: str
    call: str = ""
    rest: str = ""
    style: str = ""
    below: list[Branch] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The line."""
        return f"{self.name}{self.call}   {self.rest}".rstrip()


class Tree:
    """A tree to print: as text by `print`, with colours by `rich.print`. Made by `Drawing.tree`."""

    def __init__(self, drawn: Picture) -> None:
        self.branches = _Grower(drawn).grow()
        self.notes = drawn.lines

    def __str__(self) -> str:
        return "\n".join([*(line for b in self.branches for line in _lines(b)), *self.notes])

    __repr__ = __str__

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        return Group(*map(_rich, self.branches), *(Text(note, style="italic") for note in self.notes))


def _lines(root: Branch) -> list[str]:
    out, stack = [], [(root, "", "")]
    while stack:
        branch, first, rest = stack.pop()
        out.append(first + branch.text)
        last = len(branch.below) - 1
        for n, b in reversed(list(enumerate(branch.below))):
            stack.append((b, rest + ("└── " if n == last else "├── "), rest + ("    " if n == last else "│   ")))
    return out


def _rich(root: Branch) -> Any:
    from rich.text import Text
    from rich.tree import Tree as RichTree

    def line(b: Branch) -> Any:
        return Text.assemble((b.name, "bold"), (b.call, "cyan"), (f"   {b.rest}".rstrip(), b.style))

    top = RichTree(line(root), guide_style="dim")
    stack = [(root, top)]
    while stack:
        branch, node = stack.pop()
        stack += [(b, node.add(line(b))) for b in branch.below]
    return top


class _Grower:
    """Grows the branches of a picture from its ends back to its beginnings."""

    def __init__(self, drawn: Picture) -> None:
        self.lines, self.seen = Lines(drawn), set[str]()
        within = {edge.tail for node in drawn.nodes for edge in self.lines.arguments(node.key)}
        self.roots = [n.key for n in drawn.nodes if n.kind not in ("op", "constant") and n.key not in within]

    def grow(self) -> list[Branch]:
        """One branch for each end, and for what is put off."""
        out, late = [], list(reversed(self.roots))
        while late:
            key = late.pop()
            if key not in self.seen:
                out.append(self._grown(key, late))
        return out

    def _grown(self, root: str, late: list[str]) -> Branch:
        """The branch of a node, in the order in which it is read; what is too deep comes `late`."""
        top = Branch("")
        stack: list[tuple[Edge, Branch, int]] = [(Edge(root, ""), top, 0)]
        put_off = []
        while stack:
            edge, above, depth = stack.pop()
            key, name = edge.tail, self.lines.names[edge.tail]
            arguments = [e for e in self.lines.arguments(key) if self.lines.nodes[e.tail].kind not in ("op", "constant")]
            if key in self.seen:
                _refer(above, name, _local(edge))
            elif depth > DEEPEST and arguments:
                above.below.append(Branch(name, LATER, _local(edge)))
                put_off.append(key)
            else:
                self.seen.add(key)
                above.below.append(branch := self._branch(key, edge))
                stack += [(e, branch, depth + 1) for e in reversed(arguments)]
        late += reversed(put_off)
        return top.below[0]

    def _branch(self, key: str, edge: Edge) -> Branch:
        node, name = self.lines.nodes[key], self.lines.names[key]
        call, rest = self.lines.of(node)
        return Branch(name, cut(call.removeprefix(name), 60), f"{rest}  {_local(edge)}".rstrip(), STYLES.get(node.mark, ""))


def _refer(above: Branch, name: str, local: str) -> None:
    """Name a value again; of many in a row the first two and the last have a line: `… x29 ↑`."""
    last = above.below[-3:]
    if not local and len(last) == 3 and all(b.call == AGAIN and not b.rest for b in last):
        last[2].name = f"… {name}"
    else:
        above.below.append(Branch(name, AGAIN, local))


def _local(edge: Edge) -> str:
    return f"slope {edge.formula}" if edge.formula else ""
