"""The graph as plain data, read from a value in one walk without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .backward import upstream
from .recording import hold
from .value import VIEWS, Value, fill, new

__all__ = ["Graph", "rebuild", "unlinked"]


class Graph:
    """Everything that one value, or several, was made from.

    Attributes:
        outputs: the values that were asked for.
        values: all values once each, arguments before results.

    >>> x = Value(3.0, label="x")
    >>> [v.op.name if v.op else v.label for v in Graph(x * x + 1)]
    ['x', 'multiply', 'add']
    """

    def __init__(self, *outputs: Value) -> None:
        self.outputs = tuple(v.vertex for v in outputs)
        found = {v: None for output in self.outputs for v in upstream(output)}
        self.values = sorted(found, key=lambda v: v.index)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def leaves(self) -> list[Value]:
        """What gradients flow to: the values that no call made."""
        return [v for v in self.values if v.op is None]

    @property
    def edges(self) -> list[tuple[Value, Value]]:
        """(argument, result) for each use, in the order of the calls."""
        return [(a, v) for v in self.values for a in v.parents]

    def paths(self) -> int:
        """How many paths lead from a leaf to an output, counted without walking them: 2**60 is fine."""
        count: dict[Value, int] = {}
        for v in self.values:
            count[v] = sum(count[a] for a in v.parents) if v.op else 1
        return sum(count[v] for v in self.outputs)

    def to_json(self) -> str:
        """The graph as versioned JSON; `tinygrad_edu.inspect.graphs.data` documents the format."""
        return str(VIEWS["to_json"](self))

    @staticmethod
    def from_json(text: str | bytes) -> Any:
        """The JSON of a graph as plain data, a `tinygrad_edu.inspect.graphs.data.GraphData`: arrays, no Values.

        Raises:
            DataError: it is not the JSON of a graph, or is damaged.
        """
        return VIEWS["from_json"](text)

    def diff(self, other: Any, **options: Any) -> Any:
        """What differs between this graph and another: see `tinygrad_edu.inspect.diff`."""
        return VIEWS["diff"](self, other, **options)

    def to_html(self, path: Any, **options: Any) -> Any:
        """Write the explorer of the graph to one HTML file: see `tinygrad_edu.inspect.explorer.to_html`."""
        return VIEWS["to_html"](self, path, **options)

    def show(self, **options: Any) -> Any:
        """Open the explorer of the graph in the browser: see `tinygrad_edu.inspect.explorer.page.show`."""
        return VIEWS["show"](self, **options)


def unlinked(root: Value) -> list[tuple[Any, ...]]:
    """The graph of `root` as a flat list, one row a value with its arguments as row numbers: for pickle and deepcopy."""
    values = upstream(root.vertex)
    row = {v: i for i, v in enumerate(values)}
    args = [tuple((row[a],) if type(a) is Value else a for a in v.args) for v in values]
    data = [v._data for v in values[:-1]] + [root._data]  # a lean vertex may not keep its own
    return [(d, v.op, a, v.kwargs, v._saved, v.scope, v._grad, v.label) for v, d, a in zip(values, data, args, strict=True)]


def rebuild(rows: list[tuple[Any, ...]]) -> Value:
    """The last value of what `unlinked` made."""
    values: list[Value] = []
    for data, op, numbers, kwargs, saved, scope, grad, label in rows:
        args = tuple(values[a[0]] if type(a) is tuple else a for a in numbers)
        v = fill(new(Value), data, op, args, kwargs, saved, scope, hold(saved or ()))
        v._grad, v.label = grad, label
        if op and type(data) is np.ndarray:
            data.setflags(write=False)
        values.append(v)
    return values[-1]


VIEWS["unlinked"], VIEWS["rebuild"] = unlinked, rebuild
