"""A graph that was read from JSON, as values again: to be drawn and compared, not to be run.

Of an array the JSON has its range, counts and a thumbnail; so a restored value holds these facts in place of the array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ...core import REGISTRY, Value
from ...core.calls import PICK
from ...core.recording import Call
from ...core.value import fill, new
from .data import FLAGS, GraphData
from .local import KINDS, Local
from .text import ENTRIES, Known, Said

__all__ = ["Restorer", "restored"]

_STILL = {1 << FLAGS.index(name): name for name in ("dead", "saturated")}


def restored(data: GraphData) -> tuple[tuple[Value, ...], dict[Value, tuple[Local, ...]]]:
    """The outputs of a graph as values with everything that they were made from, and the local derivatives of each call."""
    restorer = Restorer(data)
    values: list[Value] = []
    for node in range(len(data)):
        values.append(restorer.value(node, restorer.arguments(node, values)))
    slopes = {v: restorer.slopes(node) for node, v in enumerate(values)}
    return tuple(values[i] for i in data.outputs), slopes


class Restorer:
    """Makes the values of one graph, node by node."""

    def __init__(self, data: GraphData) -> None:
        self.data, self.columns, self.tables = data, data.columns, data.tables
        self.ops = [_op(row) for row in data.tables["ops"]]
        self.paths: list[tuple[str, ...]] = []
        for scope in data.tables["scopes"]:
            self.paths.append((*(self.paths[scope["parent"]] if scope["parent"] >= 0 else ()), Call(scope["name"])))
        self.rows = {
            (int(n), int(g)): k for k, (n, g) in enumerate(zip(data.arrays["node"], data.arrays["gradient"], strict=True))
        }

    def value(self, node: int, arguments: Sequence[Any]) -> Value:
        """One node, with these arguments."""
        c = self.columns
        op, scope = c["op"][node], c["scope"][node]
        v = fill(new(Value), self.held(node, 0), self.ops[op] if op >= 0 else None, tuple(arguments), self._options(node),
                  None, self.paths[scope] if scope >= 0 and op >= 0 else ())  # fmt: skip
        v._grad, v.label = self.held(node, 1), self.tables["labels"][c["label"][node]]
        return v

    def arguments(self, node: int, values: Sequence[Value]) -> list[Any]:
        """The arguments of a call: values of this list by their numbers, and constants."""
        return [values[a] if a >= 0 else self.constant(-1 - a) for a in self.numbers(node)]

    def numbers(self, node: int) -> list[int]:
        """The arguments as the JSON has them: numbers of nodes, and below 0 constants."""
        start = self.columns["start"]
        return [int(a) for a in self.data.arguments["node"][start[node] : start[node + 1]]]

    def constant(self, number: int) -> Any:
        """A constant of the table; None behind its end."""
        if number == len(self.tables["constants"]):
            return None
        row = self.tables["constants"][number]
        if row["number"] is not None and "/" not in row["text"]:
            return float(row["number"])
        found = re.fullmatch(r"\(([\d, ]*)\)(?: ((?:float|int|uint|bool)\d*))? (.*)", row["text"])
        shape, dtype, text = found.groups() if found else ("", "", row["text"])
        return Known(tuple(int(n) for n in re.findall(r"\d+", shape)), np.dtype(dtype or float), text=text)

    def held(self, node: int, gradient: int) -> Any:
        """The data or the gradient of a node: a number, or what is known of it."""
        c = self.columns
        holds = int(c["grad_holds" if gradient else "holds"][node])
        shape, dtype = tuple(self.tables["shapes"][c["shape"][node]]), self.tables["dtypes"][c["dtype"][node]] or "float64"
        if holds == 0:
            exact = c["grad_exact" if gradient else "exact"][node]
            return _number(c["grad" if gradient else "data"][node], dtype, self.tables["exact"][exact] if exact >= 0 else "")
        if holds == 1:
            return self._array(node, gradient, shape, dtype)
        if gradient:
            return None
        return () if holds == 3 else Known(shape, np.dtype(dtype), text="not kept")

    def slopes(self, node: int) -> tuple[Local, ...]:
        """The local derivatives of a call."""
        start, arguments = self.columns["start"], self.data.arguments
        op = self.columns["op"][node]
        partials = self.tables["ops"][op]["partials"] if op >= 0 else []
        out = []
        for place, k in enumerate(range(start[node], start[node + 1])):
            kind = KINDS[arguments["kind"][k]]
            formula = partials[min(place, len(partials) - 1)]["text"] if partials and kind == "array" else ""
            out.append(Local(kind, float(arguments["local"][k]) if kind == "number" else None, formula))
        return tuple(out)

    def _array(self, node: int, gradient: int, shape: tuple[int, ...], dtype: str) -> Any:
        arrays, row = self.data.arrays, self.rows[node, gradient]
        size = int(arrays["rows"][row]) * int(arrays["columns"][row])
        if len(shape) == 1 and size == shape[0] <= ENTRIES:
            at = int(arrays["pixel"][row])
            return np.array([float(str(x)) for x in arrays["pixels"][at : at + size]], dtype if dtype != "object" else float)
        least, most, mean = (float(arrays[name][row]) for name in ("least", "most", "mean"))
        nan, inf = int(arrays["nan"][row]), int(arrays["inf"][row])
        known: dict[str, Any] = {} if nan + inf == np.prod(shape) else {"least": least, "most": most, "mean": mean}
        flags = int(self.columns["flags"][node])
        still = next((name for bit, name in _STILL.items() if flags & bit), "") if not gradient else ""
        return Known(shape, np.dtype(dtype), nan=nan, inf=inf, still=still, **known)

    def _options(self, node: int) -> Any:
        place = self.columns["options"][node]
        return None if place < 0 else Said(self.tables["options"][place])


def _number(x: Any, dtype: str, exact: str) -> Any:
    if not exact:
        return np.dtype(dtype).type(x)
    try:
        return np.array(Fraction(exact), object)
    except ValueError:
        return Known((), np.dtype(object), text=exact)


def _op(row: dict[str, Any]) -> Any:
    """The op of that name, or what stands for one that this session does not know."""
    return PICK if row["name"] == PICK.name else REGISTRY.get(row["name"]) or _Unknown(row)


class _Unknown:
    """An op that was declared elsewhere: its name and its inputs."""

    variadic = True  # nothing is known of how its inputs are called in a formula

    def __init__(self, row: dict[str, Any]) -> None:
        self.name, self.kind, self.inputs = row["name"], row["kind"], tuple(row["inputs"])
        self.options: dict[str, Any] = {}
        self.fn = self.__init__  # type: ignore[misc]  # what documentation is looked for in
        self.__doc__ = "an op that is not declared here"
