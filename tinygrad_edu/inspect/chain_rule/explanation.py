"""`explain(output, wrt)`: why a gradient is what it is, path by path.

    dC/dw

    w -> z -> A -> C
        dz/dw = a             0.6
        dA/dz = A*(1 - A)     0.2437
        dC/dA = 2*(A - 1)    -0.8414
        product              -0.123

Where every value on the way is a number, a path weighs the product of its local derivatives, and the heaviest are found among
any number of paths. Where there are arrays, what comes back along a path is a vector-Jacobian product of the shape of `wrt`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...core import Value
from ...core.backward import pullback, upstream
from ...errors import DTypeError, GraphError, OptionError
from ..graphs.local import KINDS, NONE, UNKNOWN, local_derivatives, local_table
from ..graphs.naming import Names, variables_of
from .contributions import along, arriving
from .in_words import latex_of, lines_of
from .paths import Edge, Ways
from .steps import Step, array_steps, steps

__all__ = ["Explanation", "Route", "explain", "given"]

FEW = 64  # paths of arrays that are followed one by one; of more, what arrives through each use of `wrt` is told


class Route:
    """One path, or all that go through one use of `wrt`.

    Attributes:
        nodes: the names of the values on the way, `wrt` first.
        steps: the local derivatives on it.
        product: what it adds to the gradient.
        paths: how many paths it stands for; None if nobody counted.
    """

    def __init__(self, nodes: list[str], steps: list[Step], product: Any, paths: int | None = 1) -> None:
        self.nodes, self.steps, self.product, self.paths = nodes, steps, product, paths

    def as_dict(self) -> dict[str, Any]:
        """The route as plain data."""
        steps = [
            {"of": s.of, "by": s.by, "formula": s.formula, "number": _data(s.number), "shape": s.shape} for s in self.steps
        ]
        return {"nodes": self.nodes, "steps": steps, "product": _data(self.product)}


class Found(NamedTuple):
    """What the sums over the paths are made of: see `Explanation`."""

    paths: int
    ways: int
    routes: list[Route]
    total: Any
    scale: Any
    eps: float


class Explanation:
    """A gradient as a sum over paths. `print` writes it; Jupyter shows its formula. Made by `explain`.

    Attributes:
        output: the name of what was differentiated.
        wrt: the name of what it was differentiated by.
        paths: how many paths there are.
        routes: the heaviest paths; between arrays, where there are many paths, the heaviest uses of `wrt`.
        ways: how many routes there are, with those that are not written out.
        total: the sum over all paths, of the shape of `wrt`.
        gradient: what reverse mode says it is; None if the graph was used up and `wrt` has none.
        scale: the sum of the sizes of the products, which says how large their rounding is.
        eps: the rounding of the values on the way, relative to them.
        precision: significant digits of the texts.
    """

    def __init__(self, output: str, wrt: str, found: Found, gradient: Any, precision: int) -> None:
        self.output, self.wrt, self.gradient, self.precision = output, wrt, gradient, precision
        self.paths, self.ways, self.routes, self.total, self.scale, self.eps = found

    @property
    def rest(self) -> Any:
        """What the paths add that are not among the routes."""
        return self.total - sum(r.product for r in self.routes)

    @property
    def complete(self) -> bool:
        """Whether the routes are all there is."""
        return len(self.routes) == self.ways

    @property
    def agrees(self) -> bool | None:
        """Whether the sum over the paths is the gradient, but for rounding; None if there is none to compare with."""
        if self.gradient is None:
            return None
        if np.asarray(self.total).dtype.kind == "O":
            return bool(np.all(self.total == self.gradient))
        scale = np.max(np.nan_to_num(self.scale), initial=0)
        return bool(np.allclose(self.total, self.gradient, max(1e-9, 16 * self.eps), 8 * self.eps * scale, equal_nan=True))

    def __str__(self) -> str:
        return "\n".join(lines_of(self))

    def __repr__(self) -> str:
        return f"<Explanation of d({self.output})/d({self.wrt}), paths: {self.paths}>"

    def _repr_latex_(self) -> str:
        return latex_of(self)

    def __rich__(self) -> Any:
        from rich.text import Text

        text = Text(str(self))
        text.highlight_regex(r"(?m)^ *d\S+/d[^ ]+", "bold cyan")
        text.highlight_regex(r"✓.*", "bold green")
        text.highlight_regex(r"✗.*", "bold red")
        return text

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data; numbers of paths and fractions as texts."""
        return {
            "output": self.output, "wrt": self.wrt, "paths": str(self.paths), "routes": [r.as_dict() for r in self.routes],
            "rest": _data(self.rest), "sum": _data(self.total), "gradient": _data(self.gradient),
            "agrees": self.agrees,
        }  # fmt: skip

    def to_json(self, **options: Any) -> str:
        """`as_dict` as JSON; the options are those of `json.dumps`."""
        return json.dumps(self.as_dict(), **options)


def _data(x: Any) -> Any:
    """Numbers and arrays as JSON has them; fractions, infinities and NaN as texts."""
    if x is None:
        return None
    x = np.asarray(x)
    if x.ndim:
        return [_data(entry) for entry in x]
    return str(x) if x.dtype == object or not np.isfinite(x) else float(x)


def explain(output: Value, wrt: Value, *, paths: int = 5, index: Any = None, names: Mapping[str, Value] | None = None,
            precision: int = 12) -> Explanation:  # fmt: skip
    """The derivative of one number by a value, as the sum over all paths of the chain rule.

    d(output)/d(wrt) = sum over paths of the product of the local derivatives on the path

    Args:
        output: a Value of one entry.
        wrt: a Value that it was made from.
        paths: how many of the heaviest to write out; the others are one remainder.
        index: tell this entry of `wrt`, if it is an array.
        names: what to call the values; if not said, their labels, then the names of the caller's variables.
        precision: significant digits.

    Raises:
        GraphError: the output has several entries, or was not made from `wrt`, or its graph did not keep what is needed.
        OptionError: `paths` or `precision` is not positive, or `index` is no entry of `wrt`.
        DTypeError: not two Values.

    >>> x = Value(3.0, label="x")
    >>> print(explain(x * x + x, x))
    d(x*x + x)/dx
    <BLANKLINE>
    x -> x*x -> x*x + x
        d(x*x + x)/dx = x    3
        2 such paths, together    6
    <BLANKLINE>
    x -> x*x + x
        d(x*x + x)/dx = 1    1
    <BLANKLINE>
    3 paths add up to 7, the gradient ✓
    """
    _check(output, wrt, paths, precision)
    everything = upstream(output.vertex)
    called = Names(everything, given(names or {}), variables_of(sys._getframe(1)))
    values = _between(everything, wrt.vertex, called)
    scalar = all(not isinstance(v._data, tuple) and v._data.shape == () for v in values)
    found = (_of_numbers if scalar else _of_arrays)(values, called, paths, index)
    spent = any(v._saved is None for v in values)
    gradient = wrt.vertex.grad if spent else pullback([output], [wrt], [None])[0]
    gradient = gradient.data if type(gradient) is Value else gradient
    return Explanation(called[output.vertex], called[wrt.vertex], found, _at(gradient, index), precision)


def given(names: Mapping[str, Value]) -> dict[Value, str]:
    """What values are to be called.

    Raises:
        DTypeError: a name is not that of a Value.
    """
    for name, v in names.items():
        if type(v) is not Value:
            raise DTypeError(f"names are of Values, names={{{name!r}: {name}}}; got a {type(v).__name__}")
    return {v.vertex: name for name, v in names.items()}


def _check(output: Any, wrt: Any, paths: Any, precision: Any) -> None:
    for name, v in (("output", output), ("wrt", wrt)):
        if type(v) is not Value:
            several = "; of several, explain one after the other" if isinstance(v, list | tuple | dict) else ""
            raise DTypeError(f"explain(output, wrt) takes two Values; {name} is a {type(v).__name__}{several}")
    for name, n in (("paths", paths), ("precision", precision)):
        if type(n) is not int or n < 1:
            raise OptionError(f"{name} is a whole number, at least 1; got {n!r}")
    if output.size != 1:
        raise GraphError(f"explain follows the derivative of one number; the output has shape {output.shape}. Choose an entry, "
                         "output[i], or add them up, output.sum()")  # fmt: skip


def _between(everything: list[Value], wrt: Value, names: Names) -> list[Value]:
    """The values on the ways from `wrt` to the last one, oldest first; also in a graph that backward has used up."""
    reached = {wrt}
    for v in everything:
        if any(type(a) is Value and a in reached for a in v.args):
            reached.add(v)
    output = everything[-1]
    if output not in reached:
        name = names[wrt] if wrt in set(everything) else wrt.label or "that value"
        cure = (
            "; the graph was freed on the way: explain it before backward(lean=True) or gradients(), or with retain_graph=True"
        )
        freed = cure if any(v.op is not None and not v.args for v in everything) else ""
        raise GraphError(f"{names[output]} was not made from {name}: no path leads from the one to the other{freed}")
    return [v for v in everything if v in reached and v.index >= wrt.index]


def _of_numbers(values: list[Value], names: Names, k: int, index: Any) -> Found:
    """Paths whose products are numbers."""
    _at(values[0]._data, index)
    edges = _edges(values, names)
    ways = Ways(edges)
    routes = []
    for path in ways.heaviest(k):
        nodes = [values[i] for i in path.nodes]
        routes.append(Route([names[v] for v in nodes], steps(nodes, path.edges, names), path.product))
    sizes = Ways([[e._replace(local=abs(e.local)) for e in uses] for uses in edges])
    return Found(ways.count, ways.count, routes, ways.total, sizes.total, _eps(values))


def _edges(values: list[Value], names: Names) -> list[list[Edge]]:
    """The uses on the way with their local derivatives; where nothing flows there is none."""
    place = {v: i for i, v in enumerate(values)}
    table = _exactly(values) if values[-1].dtype == object else _quickly(values)
    edges: list[list[Edge]] = [[]]
    for v, row in zip(values[1:], table[1:], strict=True):
        uses = []
        for i, (a, (kind, x)) in enumerate(zip(v.args, row, strict=True)):
            if type(a) is Value and a in place and kind != NONE:
                if kind == UNKNOWN:
                    raise GraphError(f"the graph did not keep what the derivative of {names[v]} is made of. Record it outside "
                                     "of tg.lean(), or explain before backward(lean=True)")  # fmt: skip
                uses.append(Edge(place[a], i, x))
        edges.append(uses)
    return edges


def _quickly(values: list[Value]) -> list[list[tuple[int, float]]]:
    kinds, numbers = local_table(values)
    flat = iter(zip(kinds.tolist(), numbers.tolist(), strict=True))
    return [[next(flat) for _ in v.args] if v.op is not None else [] for v in values]


def _exactly(values: list[Value]) -> list[list[tuple[int, Any]]]:
    return [[(KINDS.index(one.kind), one.number) for one in local_derivatives(v)] for v in values]


def _of_arrays(values: list[Value], names: Names, k: int, index: Any) -> Found:
    """Paths along which arrays come back: each, if there are few, else what arrives through each use of the source."""
    place = {v: i for i, v in enumerate(values)}
    edges = [[Edge(place[a], i, 1) for i, a in enumerate(v.args) if type(a) is Value and a in place] for v in values]
    ways = Ways([[], *edges[1:]])
    count, wrt = ways.count, values[0]
    if count <= max(FEW, k):
        routes = [_followed([values[i] for i in p.nodes], [e.place for e in p.edges], names) for p in ways.heaviest(count)]
    else:
        routes = [Route([names[wrt], names[v], "…", names[values[-1]]], [], g, None) for v, _, g in arriving(values, wrt)]
    for r in routes:
        r.product = _at(r.product, index)
    routes.sort(key=lambda r: -float(np.max(np.nan_to_num(np.abs(r.product), nan=np.inf), initial=0)))
    zero = _at(np.zeros(wrt.shape, wrt.dtype)[()], index)
    total, scale = zero, zero
    for r in routes:
        total, scale = total + r.product, scale + np.abs(r.product)
    return Found(count, len(routes), routes[:k], total, scale, _eps(values))


def _eps(values: list[Value]) -> float:
    """Of the coarsest type on the way; of a long one more, for it rounds at each call."""
    types = {v.dtype for v in values if not isinstance(v._data, tuple) and v.dtype.kind == "f"}
    return max((float(np.finfo(t).eps) for t in types), default=0.0) * math.sqrt(len(values))


def _followed(nodes: list[Value], places: list[int], names: Names) -> Route:
    pulled = along(nodes, places)
    product = np.zeros(nodes[0].shape, nodes[0].dtype)[()] if pulled[-1] is None else pulled[-1]
    return Route([names[v] for v in nodes], array_steps(nodes, places, names, pulled), product)


def _at(x: Any, index: Any) -> Any:
    if x is None or index is None:
        return x
    try:
        entry = np.asarray(x)[index]
    except IndexError as error:
        raise OptionError(f"index={index!r} is no entry of an array of shape {np.shape(x)}: {error}") from None
    if np.ndim(entry):
        raise OptionError(f"index={index!r} names {np.size(entry)} entries of an array of shape {np.shape(x)}; name one")
    return entry
