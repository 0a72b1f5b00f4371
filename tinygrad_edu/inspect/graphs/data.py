"""A graph as versioned JSON, `"tinygrad_edu.graph/1"`, and back: what the explorer draws, and what other programs can read.

Everything is a column: one entry a node, nodes in the order of the tape, so that an argument has a smaller number than what is
made of it. A column of numbers is an object with the little-endian bytes in base64, of the smallest type that will do:

    {"dtype": "<f8", "base64": "..."}                                                 as it is
    {"dtype": "<f8", "base64": "...", "codes": {"dtype": "<u2", "base64": "..."}}     few numbers, and codes that point at them
    {"dtype": "<i1", "base64": "...", "repeat": 40000}                                one number, so often
    {"dtype": "<u1", "base64": "...", "sums": true}                                   steps, to be added up from the first

The document:

    format, version    "tinygrad_edu.graph/1", and the version of this package
    nodes              how many
    outputs            the nodes that were asked for
    tables             what the columns point into
        ops            {name, kind, symbol, inputs, text, latex, mathml, partials: [{input, left, text, latex, mathml}]}
        shapes         lists of whole numbers
        dtypes         names
        labels         texts; 0 is the empty one
        scopes         {name, title, call, parent}: one call of one module, its parent before it or -1
        sources        {file, line, function, text}: statements of the user's
        options        texts, `axis=0`
        constants      {text, number}: arguments that are no Values; the number is null, or "nan", "inf", "-inf"
        exact          texts of fractions
    columns            one entry a node
        op, scope, source, options, label, shape, dtype     places in the tables; -1 for none
        index          the position on the tape
        holds          of the data: 0 one number, 1 an array, 2 it was not kept, 3 several results
        data           float64; 0 where there is not one number
        grad_holds     of the gradient: 0 one number, 1 an array, 2 none reached the node
        grad           float64
        exact, grad_exact     a place in the table `exact`; -1 for floats
        flags          bits: 1 NaN in the data, 2 infinity, 4 NaN in the gradient, 8 infinity, 16 dead, 32 saturated,
                       64 the gradient is zero, 128 its arguments have changed since it was computed
        start          nodes + 1 entries: the arguments of node i are start[i] to start[i + 1]
    arguments          one entry an argument
        node           of a Value its number; -1 - k for the constant k of the table; -1 - (number of constants) for None
        kind           0 a number, 1 none: nothing flows back, 2 an array, 3 unknown: not kept, 4 a constant
        local          float64, the local derivative where the kind is 0
        norm, mean     float64, of what flows back to the argument where it or the result is an array, and backward left a
                       gradient on the result; else NaN
    arrays             one entry for each array, data or gradient
        node, gradient (0 or 1), least, most, mean, norm (the root of the sum of squares), of the finite entries; nan, inf,
                       zero: how many
        digest         48 bits of a hash of dtype, shape and all entries: other ones have another, but for one chance in 10**14;
                       0 in files that were written before there was one
        sums           of a gradient: 1 it is the sum of what flows back from the uses, 2 it is not, 0 that is not known
        rows, columns, pixel     a thumbnail of at most 28 x 28 entries: where it starts in `pixels`
        pixels         float32, of all thumbnails

"Dead" is a relu that gives nothing but zeros, "saturated" a squashing function most of whose entries have a slope below one
percent of the steepest. The document is ASCII, so that any text comes through, lone surrogates too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import DataError

__all__ = ["ARGUMENTS", "ARRAYS", "COLUMNS", "FLAGS", "FORMAT", "TABLES", "GraphData"]

MOST = 10**8  # entries of a column that is read
FORMAT = "tinygrad_edu.graph/1"
TABLES = ("ops", "shapes", "dtypes", "labels", "scopes", "sources", "options", "constants", "exact")
COLUMNS = {
    "op": "i4", "scope": "i4", "source": "i4", "options": "i4", "label": "i4", "shape": "i4", "dtype": "i4",
    "index": "i8", "holds": "u1", "data": "f8", "grad_holds": "u1", "grad": "f8", "exact": "i4", "grad_exact": "i4",
    "flags": "u1", "start": "i8",
}  # fmt: skip
ARGUMENTS = {"node": "i8", "kind": "u1", "local": "f8", "norm": "f8", "mean": "f8"}
ARRAYS = {
    "node": "i8", "gradient": "u1", "least": "f8", "most": "f8", "mean": "f8", "norm": "f8", "nan": "i8", "inf": "i8",
    "zero": "i8", "digest": "i8", "sums": "u1", "rows": "u1", "columns": "u1", "pixel": "i8", "pixels": "f4",
}  # fmt: skip
LATER = {"arguments": {"norm": np.nan, "mean": np.nan}, "arrays": {"norm": np.nan, "digest": 0, "sums": 0}}  # than first files
FLAGS = ("nan", "inf", "gradient nan", "gradient inf", "dead", "saturated", "zero gradient", "changed")
_GROUPS = {"columns": COLUMNS, "arguments": ARGUMENTS, "arrays": ARRAYS}

Column = np.ndarray[Any, Any]


@dataclass(eq=False)
class GraphData:
    """A graph as plain data: tables, and columns as NumPy arrays.

    `==` asks for the same bits, so that a NaN equals itself.

    Attributes:
        outputs: numbers of the nodes that were asked for.
        tables: name to list, as the module's documentation has them.
        columns: name to array, one entry a node; `start` has one more.
        arguments: name to array, one entry an argument.
        arrays: name to array, one entry for the data or gradient of a node that is an array.
        version: of the package that wrote it.
    """

    outputs: list[int]
    tables: dict[str, list[Any]]
    columns: dict[str, Column]
    arguments: dict[str, Column]
    arrays: dict[str, Column]
    version: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.columns["op"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GraphData):
            return NotImplemented
        groups = [(getattr(self, g), getattr(other, g)) for g in _GROUPS]
        same = all(a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a) for a, b in groups)
        return same and (self.outputs, self.tables) == (other.outputs, other.tables)

    __hash__ = None  # type: ignore[assignment]  # its columns can be written to

    def __repr__(self) -> str:
        return f"<GraphData of {len(self)} nodes>"

    def parents(self, node: int) -> list[int]:
        """The nodes that are arguments of a node, in order; one that is used twice stands twice."""
        start = self.columns["start"]
        return [int(a) for a in self.arguments["node"][start[node] : start[node + 1]] if a >= 0]

    def to_json(self) -> str:
        """The document, on one line of ASCII."""
        document: dict[str, Any] = {"format": FORMAT, "version": self.version, "nodes": len(self), "outputs": self.outputs,
                                    "tables": self.tables}  # fmt: skip
        for group in _GROUPS:
            document[group] = {name: _packed(column) for name, column in getattr(self, group).items()}
        return json.dumps(document, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> GraphData:
        """Read a document back.

        Raises:
            DataError: it is not JSON, not of this format or version, or its columns do not fit together.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"this is not the JSON of a graph: {error}") from None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            got = document.get("format") if isinstance(document, dict) else type(document).__name__
            raise DataError(f"expected a document of format {FORMAT!r}, as graph.to_json() writes it; got {got!r}")
        try:
            groups = {g: _columns(document[g], g) for g in _GROUPS}
            tables = {name: list(document["tables"][name]) for name in TABLES}
            read = cls(list(document["outputs"]), tables, **groups, version=str(document["version"]))
            _check(read, document["nodes"])
        except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
            raise DataError(f"a graph of format {FORMAT!r} that is damaged: {type(error).__name__}: {error}") from None
        return read


def _same(a: Column, b: Column) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


# -- columns -----------------------------------------------------------------------------------------------------------


def _packed(column: Column) -> dict[str, Any]:
    bits = column.view(f"u{column.itemsize}")
    if len(column) > 4 and (bits == bits[0]).all():
        return {**_encoded(column[:1]), "repeat": len(column)}
    if column.dtype.kind != "f":
        return _whole(column)
    values, codes = np.unique(bits, return_inverse=True)
    narrow = _narrow(codes)
    if len(values) * column.itemsize + narrow.nbytes < 0.9 * column.nbytes:
        return {**_encoded(values.view(column.dtype)), "codes": _encoded(narrow)}
    return _encoded(column)


def _whole(column: Column) -> dict[str, Any]:
    narrow = _narrow(column)
    steps = _narrow(np.diff(column.astype(np.int64), prepend=0))
    return {**_encoded(steps), "sums": True} if steps.itemsize < narrow.itemsize else _encoded(narrow)


def _narrow(column: Column) -> Column:
    """Whole numbers in the smallest type that holds them all."""
    least, most = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    return column.astype(np.result_type(np.min_scalar_type(least), np.min_scalar_type(most)), copy=False)


def _encoded(column: Column) -> dict[str, Any]:
    little = column.astype(column.dtype.newbyteorder("<"), copy=False)
    name = little.dtype.str.replace("|", "<")
    return {"dtype": name, "base64": base64.b64encode(little.tobytes()).decode("ascii")}


def _columns(group: dict[str, Any], name: str) -> dict[str, Column]:
    """The columns of one group; those that a file from before there were such does not have say that nothing is known."""
    later = {one: x for one, x in LATER.get(name, {}).items() if one not in group}
    found = {one: _unpacked(group[one], t) for one, t in _GROUPS[name].items() if one not in later}
    return found | {one: np.full(len(found["node"]), x, _GROUPS[name][one]) for one, x in later.items()}


def _unpacked(column: dict[str, Any], dtype: str) -> Column:
    values = _decoded(column)
    if "codes" in column:
        values = values[_decoded(column["codes"])]
    if column.get("repeat", 0) > MOST:
        raise ValueError(f"a column of {column['repeat']} entries")
    if "repeat" in column:
        values = np.repeat(values, column["repeat"])
    if "sums" in column:
        values = np.cumsum(values, dtype=np.int64)
    if (values.dtype.kind == "f") != (dtype[0] == "f"):
        raise ValueError(f"a column of {values.dtype} where {dtype} belongs")
    return values.astype(dtype)


def _decoded(column: dict[str, Any]) -> Column:
    dtype = np.dtype(column["dtype"])
    if dtype.kind not in "uif":
        raise ValueError(f"a column of dtype {dtype}")
    return np.frombuffer(base64.b64decode(column["base64"], validate=True), dtype)


def _check(g: GraphData, nodes: int) -> None:
    """That every number points at something, and every argument is older than what it is an argument of."""
    c, tables = g.columns, g.tables
    start, argument = c["start"], g.arguments["node"]
    for group, n, apart in (
        ("columns", nodes, "start"),
        ("arguments", len(argument), ""),
        ("arrays", len(g.arrays["node"]), "pixels"),
    ):
        if wrong := [k for k, column in getattr(g, group).items() if len(column) != n and k != apart]:
            raise ValueError(f"{group} of other lengths than {n}: {wrong}")
    for name, table in _POINTS.items():
        _within(c[name], -1, len(tables[table]), name)
    if len(start) != nodes + 1 or start[0] != 0 or start[-1] != len(argument) or (np.diff(start) < 0).any():
        raise ValueError("column start does not cut the arguments into one piece a node")
    _within(argument, -1 - len(tables["constants"]), nodes, "arguments")
    if (argument >= np.repeat(np.arange(nodes), np.diff(start))).any():
        raise ValueError("an argument that is not older than its result")
    if not all(type(v) is int for v in g.outputs):
        raise ValueError(f"outputs are numbers of nodes, got {g.outputs}")
    _within(np.array(g.outputs, np.int64), 0, nodes, "outputs")
    _within(g.arrays["node"], 0, nodes, "arrays")
    parents = [scope["parent"] for scope in tables["scopes"]]
    if any(not -1 <= p < i for i, p in enumerate(parents)):
        raise ValueError("a scope that does not come after its parent")
    size = g.arrays["rows"].astype(np.int64) * g.arrays["columns"]
    _within(g.arrays["pixel"] + size, 0, len(g.arrays["pixels"]) + 1, "pixel")


_POINTS = {
    "op": "ops", "scope": "scopes", "source": "sources", "options": "options", "label": "labels", "shape": "shapes",
    "dtype": "dtypes", "exact": "exact", "grad_exact": "exact",
}  # fmt: skip


def _within(column: Column, least: int, end: int, name: str) -> None:
    if len(column) and not (least <= column.min() and column.max() < end):
        raise ValueError(f"{name}: from {column.min()} to {column.max()}, expected {least} to {end - 1}")


def joined(columns: Mapping[str, Any], types: dict[str, str]) -> dict[str, Column]:
    """Columns of Python numbers as arrays of the types that the format has."""
    assert columns.keys() == types.keys()
    return {name: np.asarray(column if isinstance(column, np.ndarray) else list(column), types[name])
            for name, column in columns.items()}  # fmt: skip
