"""What an inspection found: each thing with the value, its line, what is seen there, and the cure."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import wrap
from typing import Any, overload

import numpy as np

from ...core import Graph, Value
from ...core.sources import Source, source_of
from ..graphs.local import _arrays
from ..graphs.naming import Names
from ..graphs.text import cut, not_finite, numbers, plain

__all__ = ["Finding", "Findings", "Scene"]

NO_LINE = "no line was recorded: compute the loss inside `with tg.record_source():`"
WIDTH = 100  # of the text, but for lines of code
MOST = 4  # inputs that a finding shows
ARITHMETIC = (
    ast.Expression,
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.operator,
    ast.unaryop,
    ast.Load,
)


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that was found. `print` writes it.

    Attributes:
        kind: what it is in a few words, "dead unit".
        node: the number of the value in the graph; None for one that is not in it.
        value: what it is called, with the call that made it: "h = relu(z)".
        op: the op; empty for a leaf.
        message: what is seen there.
        cure: what to do about it; lines of code stand on lines of their own, indented.
        source: the line that made the value, if lines were recorded.
        inputs: the names of its arguments with their numbers.
    """

    kind: str
    node: int | None
    value: str
    op: str
    message: str
    cure: str
    source: Source | None = None
    inputs: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        at = [f"at {self.source}"] if self.source else [NO_LINE] if self.op else []
        given = [f"{name} = {_numbers(x)}" for name, x in self.inputs[:MOST]]
        cure = "\n      ".join(_wrapped(f"cure: {self.cure}"))
        lines = [*at, *_wrapped(self.message), *given, cure]
        return "\n    ".join([f"{self.kind}: {self.value}", *lines])

    def __repr__(self) -> str:
        return f"<Finding {self.kind}: {self.value}>"

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data; inputs as texts."""
        source = None if self.source is None else {**self.source._asdict(), "text": self.source.text}
        return {
            "kind": self.kind, "node": self.node, "value": self.value, "op": self.op, "message": self.message,
            "cure": self.cure, "source": source, "inputs": {name: _numbers(x) for name, x in self.inputs},
        }  # fmt: skip


def _wrapped(text: str) -> list[str]:
    """Lines that fit; those of code, which are indented, as they are."""
    return [w for line in text.splitlines() for w in ([line] if line.startswith(" ") else wrap(line, WIDTH))]


def _numbers(x: Any) -> str:
    if x is None or np.ndim(x) == 0:
        return "None" if x is None else numbers(x, 6)
    bad = not_finite(x)
    return f"{numbers(x, 6)}, shape {np.shape(x)}{bad and f', {bad}'}"


class Findings(Sequence[Finding]):
    """A list of findings, the most telling one first; false if there are none.

    Attributes:
        title: what was asked.
        nothing: what is said if there are none.
    """

    def __init__(self, found: Sequence[Finding], title: str, nothing: str) -> None:
        self.found, self.title, self.nothing = list(found), title, nothing

    @overload
    def __getitem__(self, i: int) -> Finding: ...
    @overload
    def __getitem__(self, i: slice) -> list[Finding]: ...
    def __getitem__(self, i: Any) -> Any:
        return self.found[i]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def __str__(self) -> str:
        if not self.found:
            return f"{self.title}: {self.nothing}"
        told, blocks = set[str](), [self.title]
        for f in self.found:
            blocks.append(str(replace(f, cure="as above") if f.cure in told else f))
            told.add(f.cure)
        return "\n\n".join(blocks)

    def __repr__(self) -> str:
        return f"<Findings {', '.join(f.kind for f in self.found) or 'none'}>"

    def __rich__(self) -> Any:
        from rich.text import Text

        text = Text(str(self))
        text.stylize("bold", 0, len(self.title))
        for f in self.found:
            text.highlight_words([f"\n{f.kind}: "], "bold yellow")
        text.highlight_regex(r"(?m)^    at .*$", "dim")
        text.highlight_regex(r"(?m)^    cure:", "bold green")
        text.highlight_regex(r"\b(nan|-?inf)\b", "bold red")
        return text

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"title": self.title, "nothing": self.nothing, "findings": [f.as_dict() for f in self.found]}

    def to_json(self, **options: Any) -> str:
        """`as_dict` as JSON; the options are those of `json.dumps`."""
        return json.dumps(self.as_dict(), **options)


class Scene:
    """A graph with the names of its values, from which findings are made.

    Args:
        output: what the graph was computed for.
        names: names that were given, values by name.
        variables: of the caller.
    """

    def __init__(self, output: Value, names: Mapping[str, Value] | None, variables: Mapping[Value, str]) -> None:
        self.output = output.vertex
        self.variables = variables
        self.values = Graph(output).values
        self.number = {v: i for i, v in enumerate(self.values)}
        self.names = Names(self.values, {v.vertex: n for n, v in (names or {}).items()}, variables)

    @cached_property
    def uses(self) -> dict[Value, list[tuple[Value, int]]]:
        """The calls that take each value, and in which place of theirs it stands."""
        found: dict[Value, list[tuple[Value, int]]] = {}
        for v in self.values:
            for place, a in enumerate(v.args):
                if type(a) is Value:
                    found.setdefault(a, []).append((v, place))
        return found

    def called(self, v: Value) -> str:
        """A value by its name and its call."""
        name = self.names[v]
        call = self.names.call(v) if v.op is not None else name
        return cut(name if call == name else f"{name} = {call}", 90)

    def short(self, v: Value) -> str:
        """How it is written in a line of code: its name, or the arithmetic that made it; else three dots."""
        text = self.names[v]
        try:
            tree = ast.parse(text, mode="eval")
        except SyntaxError:  # %3, or a label in words
            return "..."
        plain_code = all(isinstance(n, ARITHMETIC) and getattr(n, "id", "") != "array" for n in ast.walk(tree))
        return text if plain_code else "..."

    def finding(self, v: Value, kind: str, message: str, cure: str) -> Finding:
        """A finding at one value of the graph."""
        op = v.op
        inputs = () if op is None else tuple(
            (plain(self.names[a]) if type(a) is Value else "a constant", a._data if type(a) is Value and x is None else x)
            for a, x in zip(v.args, _arrays(v), strict=True) if a is not None and (type(a) is Value or np.ndim(a)))  # fmt: skip
        name = "" if op is None else op.name
        return Finding(kind, self.number.get(v), self.called(v), name, message, cure, source_of(v), inputs)
