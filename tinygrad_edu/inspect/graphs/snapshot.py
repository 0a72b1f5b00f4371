"""A recorded graph read into plain data, in one walk: see `data` for the format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ...core import Graph, Op, Value
from ...core.exact import Scalar
from ...core.recording import Spec
from ...core.sources import source_of
from .data import ARGUMENTS, ARRAYS, COLUMNS, TABLES, GraphData, joined
from .flow import UNKNOWN, contributions, floats, gradient, norm
from .local import as_float, changed, local_table, pull_text
from .parts import Instance, calls
from .text import SYMBOLS, cut, numbers, op_rows, shape_text

__all__ = ["snapshot"]

MOST_PIXELS = 28
SLOPES: dict[str, Callable[[Any], Any]] = {  # of squashing functions, from the result; 1 where they are steepest
    "sigmoid": lambda y: 4 * y * (1 - y),
    "tanh": lambda y: 1 - y * y,
    "softsign": lambda y: (1 - np.abs(y)) ** 2,
}
DEAD = frozenset(("relu", "relu6"))
_NAN, _INF, _DEAD, _SATURATED, _ZERO, _CHANGED = 1, 2, 16, 32, 64, 128
_NUMBER, _ARRAY, _NOTHING, _SEVERAL = range(4)
_COLUMNS = ("holds", "data", "exact"), ("grad_holds", "grad", "grad_exact")


def snapshot(graph: Graph, describe: Callable[[Op], dict[str, Any]] | None = None) -> GraphData:
    """The graph as it is now, as data; nothing in it refers to the graph.

    Args:
        graph: what to read.
        describe: an op's formulas for its row in the table; by default the texts of its documentation.
    """
    from ... import __version__

    return _Reader(graph, describe or described).read(__version__)


def described(op: Op) -> dict[str, Any]:
    """The formulas of an op as its documentation has them."""
    partials = [
        {"input": n, "left": f"g{n}", "text": pull_text(op, i), "latex": "", "mathml": ""} for i, n in enumerate(op.inputs)
    ]
    return {"text": "", "latex": "", "mathml": "", "partials": partials}


class _Table:
    """Each different thing once, by number."""

    def __init__(self, *first: Any) -> None:
        self.rows: list[Any] = []
        self.place: dict[Any, int] = {}
        for one in first:
            self.of(one, one)

    def of(self, key: Any, row: Any) -> int:
        if key not in self.place:
            self.place[key] = len(self.rows)
            self.rows.append(row() if callable(row) else row)
        return self.place[key]


class _Reader:
    """Fills the columns, node by node."""

    def __init__(self, graph: Graph, describe: Callable[[Op], dict[str, Any]]) -> None:
        self.graph, self.describe = graph, describe
        self.number = {v: i for i, v in enumerate(graph.values)}
        self.paths = calls(graph)
        self.ops, self.shapes, self.dtypes, self.labels = _Table(), _Table(), _Table(), _Table("")
        self.scopes, self.sources, self.options, self.constants, self.exact = (_Table() for _ in range(5))
        self.columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self.arrays: dict[str, list[Any]] = {name: [] for name in ARRAYS}
        self.pixels = 0
        self.parts, self.sums = contributions(graph.values)

    def read(self, version: str) -> GraphData:
        stale = changed(self.graph.values)
        for v in self.graph.values:
            self._node(v, v in stale)
        kinds, locals_ = local_table(self.graph.values)
        nodes, start = [], [0]
        for v in self.graph.values:
            nodes += [self.number[a] if type(a) is Value else self._constant(a) for a in v.args]
            start.append(len(nodes))
        self.columns["start"] = start
        arrays = {**self.arrays, "pixels": np.concatenate(self.arrays["pixels"] or [[]])}
        none = -1 - len(self.constants.rows)
        arguments = {"node": [none if a is None else a for a in nodes], "kind": kinds, "local": locals_,
                     "norm": [size for size, _ in self.parts], "mean": [mean for _, mean in self.parts]}  # fmt: skip
        tables = {name: getattr(self, name).rows for name in TABLES}
        return GraphData([self.number[v] for v in self.graph.outputs], tables, joined(self.columns, COLUMNS),
                         joined(arguments, ARGUMENTS), joined(arrays, ARRAYS), version)  # fmt: skip

    def _node(self, v: Value, stale: bool) -> None:
        c, op, data = self.columns, v.op, v._data
        several = isinstance(data, tuple)
        shape: tuple[int, ...] = () if several else data.shape
        dtype = None if several else data.dtype
        c["op"].append(-1 if op is None else self.ops.of(op, lambda: self._op(v)))
        c["index"].append(v.index)
        c["label"].append(self.labels.of(v.label, v.label) if v.label else 0)
        c["shape"].append(self.shapes.of(shape, lambda: list(shape)))
        c["dtype"].append(self.dtypes.of(dtype, lambda: str(dtype or "")))
        path = self.paths[v]
        c["scope"].append(self._scope(path[-1]) if path else -1)
        source = source_of(v)
        c["source"].append(-1 if source is None else self.sources.of(source, lambda: {**source._asdict(), "text": source.text}))
        options = ", ".join(op_rows(v)[1:]) if v.kwargs else ""
        c["options"].append(self.options.of(options, options) if options else -1)
        flags = self._number(v, data, 0) | self._number(v, gradient(v), 1) | (_CHANGED if stale else 0)
        c["flags"].append(flags | (_still(v) if op else 0))

    def _op(self, v: Value) -> dict[str, Any]:
        op: Any = v.op
        return {
            "name": op.name,
            "kind": op.kind,
            "symbol": SYMBOLS.get(op.name, ""),
            "inputs": list(op.inputs),
            **self.describe(op),
        }

    def _scope(self, one: Instance) -> int:
        if one in self.scopes.place:
            return self.scopes.place[one]
        for inst in one.path:
            self.scopes.of(inst, lambda inst=inst: {
                "name": inst.name, "title": inst.title, "call": inst.call,
                "parent": -1 if inst.parent is None else self.scopes.place[inst.parent]})  # fmt: skip
        return self.scopes.place[one]

    def _number(self, v: Value, x: Any, gradient: int) -> int:
        """Fill the columns of the data or of the gradient; the flags that follow from it."""
        kind, number, place = self._read(x)
        for name, entry in zip(_COLUMNS[gradient], (kind, number, place), strict=True):
            self.columns[name].append(entry)
        if kind == _ARRAY:
            return self._array(v, x, gradient)
        bad = _NAN if number != number else _INF if number in (np.inf, -np.inf) else 0
        return bad << 2 * gradient | (_ZERO if gradient and kind == _NUMBER and number == 0 else 0)

    def _read(self, x: Any) -> tuple[int, float, int]:
        """What is held, the number if it is one, and its place in the table of exact numbers."""
        if type(x) is np.float64:
            return _NUMBER, float(x), -1
        if x is None or isinstance(x, Spec):
            return _NOTHING, 0.0, -1
        if isinstance(x, tuple):
            return _SEVERAL, 0.0, -1
        return (_NUMBER, *self._entry(x.item())) if x.shape == () else (_ARRAY, 0.0, -1)

    def _entry(self, x: Any) -> tuple[float, int]:
        """A number as a float; one of another kind also as it is written."""
        if not isinstance(x, Fraction | Scalar):
            return float(x), -1
        text = str(x)
        return as_float(x), self.exact.of(text, text)

    def _array(self, v: Value, data: Any, gradient: int) -> int:
        node, x = self.number[v], floats(data)
        sums = self.sums.get(v, UNKNOWN) if gradient else UNKNOWN
        finite = np.isfinite(x)
        nan, zero = int(np.isnan(x).sum()), int((x == 0).sum())
        bad = x.size - int(finite.sum())
        good = x[finite]
        with np.errstate(over="ignore"):
            statistics = (good.min(), good.max(), good.mean()) if good.size else (0.0, 0.0, 0.0)
        picture = thumbnail(x)
        pixel = self.pixels
        self.pixels += picture.size
        row = (node, gradient, *statistics, norm(good), nan, bad - nan, zero, _digest(data), sums, *picture.shape, pixel,
               picture.ravel())  # fmt: skip
        for name, entry in zip(ARRAYS, row, strict=True):
            self.arrays[name].append(entry)
        flags = (_NAN if nan else 0) | (_INF if bad - nan else 0)
        return flags << 2 * gradient | (_ZERO if gradient and zero == x.size else 0)

    def _constant(self, a: Any) -> int | None:
        if a is None:
            return None
        if type(a) in (float, int, bool, np.float64):
            return -1 - self.constants.of((type(a), repr(a)), lambda: {"text": f"{a:.6g}", "number": _json(float(a))})
        a = np.asarray(a)
        if a.shape == ():
            entry = as_float(a.item())
            return -1 - self.constants.of((a.dtype, str(a)), lambda: {"text": cut(str(a.item())), "number": _json(entry)})
        text = f"{shape_text(a)} {numbers(a, 4)}"
        return -1 - self.constants.of(text, lambda: {"text": text, "number": None})


def _json(x: float) -> float | str:
    return x if np.isfinite(x) else str(x)


def _digest(x: Any) -> int:
    """48 bits that differ where any entry, the shape or the dtype differs."""
    entries = str(x.tolist()).encode() if x.dtype == object else np.ascontiguousarray(x).data
    made = hashlib.blake2b(f"{x.dtype} {x.shape}".encode(), digest_size=6)
    made.update(entries)
    return int.from_bytes(made.digest(), "little")


def thumbnail(x: Any) -> Any:
    """An array as a small picture, `(at most 28, at most 28)`, float32: the means of its blocks.

    A long vector is broken into rows of a square; of more than two axes, the first ones are put below each other.
    """
    if x.size == 0:
        return np.zeros((0, 0), np.float32)
    if x.ndim == 1 and x.size > MOST_PIXELS:
        side = int(np.ceil(np.sqrt(x.size)))
        x = np.concatenate([x, np.full(-x.size % side, np.nan)]) if x.size % side else x
        x = x.reshape(-1, side)
    x = x.reshape(-1, x.shape[-1])
    with np.errstate(all="ignore"):
        return _blocks(_blocks(x, 0), 1).astype(np.float32)


def _blocks(x: Any, axis: int) -> Any:
    n = x.shape[axis]
    if n <= MOST_PIXELS:
        return x
    edges = np.linspace(0, n, MOST_PIXELS + 1).astype(int)
    shape = [-1, 1] if axis == 0 else [1, -1]
    return np.add.reduceat(x, edges[:-1], axis) / np.diff(edges).reshape(shape)


def _still(v: Value) -> int:
    """The flags of a unit that passes nothing on, or hardly anything."""
    op: Any = v.op
    if op.name in DEAD and not isinstance(v._data, Spec):
        return 0 if np.any(v._data) else _DEAD
    if op.name not in SLOPES or isinstance(v._data, Spec) or v._data.dtype == object:
        return 0
    slopes = SLOPES[op.name](np.asarray(v._data, np.float64))
    return _SATURATED if np.mean(slopes < 0.01) > 0.5 else 0
