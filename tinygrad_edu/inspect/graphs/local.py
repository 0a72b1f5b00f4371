"""The local derivative of each call in each of its arguments: the factor that the chain rule multiplies by there.

    z = x * y                       dz/dx = y, dz/dy = x: numbers, where the value and the argument are scalars
    z = np.where(False, x, y)       dz/dx is none: nothing flows there, which is not a derivative of zero
    z = W @ x                       no number; the gradient comes back by the formula gx = W.T @ g

The numbers come from the op's own rule with a cotangent of 1. They are read off a graph of any kind: one that is kept, one that
backward has used up (then from the data that the arguments hold now), and a lean one as far as it kept what the rule reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ...core import Op, Value
from ...core.backward import grads, seed
from ...core.cotangents import fitted
from ...core.exact import Scalar
from ...core.recording import Spec
from ...errors import NotDifferentiable
from ...ops.documentation import documented

__all__ = ["ARRAY", "CONSTANT", "KINDS", "NONE", "NUMBER", "UNKNOWN", "Local", "as_float", "changed", "local_derivatives",
           "local_table", "pull_text", "pulled"]  # fmt: skip

KINDS = ("number", "none", "array", "unknown", "constant")
NUMBER, NONE, ARRAY, UNKNOWN, CONSTANT = range(5)


@dataclass(frozen=True, slots=True)
class Local:
    """The derivative of one call in one argument.

    Attributes:
        kind: "number"; "none", where nothing flows to the argument; "array", where the value or the argument is one;
            "unknown", where the graph did not keep what the rule reads; "constant", an argument that is no Value.
        number: the derivative if it is a number: a float, or a fraction in a graph of fractions. None otherwise.
        formula: how a gradient `g` of the result comes back to the argument, as the op's documentation says it.
    """

    kind: str
    number: Any = None
    formula: str = ""


def local_derivatives(v: Value) -> tuple[Local, ...]:
    """One for each argument of the call that made `v`, in order; none for a leaf.

    >>> x, y = Value(3.0), Value(2.0)
    >>> [one.number for one in local_derivatives(x * y)]
    [2.0, 3.0]
    """
    v = v.vertex
    if v.op is None:
        return ()
    found = _one_by_one(v)
    return tuple(Local(KINDS[kind], x, pull_text(v.op, i)) for i, (kind, x) in enumerate(found))


def local_table(values: Sequence[Value]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The local derivatives of many calls at once: kinds and numbers, one an argument, call after call.

    Entrywise calls on float64 scalars, as most are in a graph of scalars, are taken together: one run of the rule for
    each op.

    Returns:
        The kinds, codes into `KINDS`, uint8, and the numbers, float64; 0 where there is none.
    """
    found: dict[Value, list[tuple[int, Any]]] = {}
    for group in _groups(values):
        found |= _together(group)
    flat = [one for v in values if v.op is not None for one in (found.get(v) or _one_by_one(v))]
    kinds = np.fromiter((kind for kind, _ in flat), np.uint8, len(flat))
    numbers = np.fromiter((as_float(x) if kind == NUMBER else 0.0 for kind, x in flat), np.float64, len(flat))
    return kinds, numbers


def as_float(x: Any) -> float:
    """A number of any kind as a float: infinite if it is too large, NaN if it is no single number, as an interval."""
    if isinstance(x, Scalar) and not isinstance(x, Fraction):
        return float("nan")
    try:
        return float(x)
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")


def pull_text(op: Op, argument: int) -> str:
    """How a gradient comes back to an argument, from the documentation: `g * (1 - y**2)`; empty if it does not say."""
    name = op.inputs[0 if op.variadic else argument]
    said = dict(documented(op))
    if f"g{name}" in said:
        return said[f"g{name}"]
    slope = said.get(f"dy/d{name}", "")
    return {"": "", "1": "g", "-1": "-g"}.get(slope, f"g * ({slope})")


class _Call:
    """A call with its arguments as arrays again, for a rule to read."""

    __slots__ = ("_data", "_saved", "args", "kwargs", "op")

    def __init__(self, v: Any, data: Any, saved: tuple[Any, ...], args: tuple[Any, ...]) -> None:
        self.op, self.kwargs = v.op, v.kwargs
        self._data, self._saved, self.args = data, saved, args


def _arrays(v: Value) -> tuple[Any, ...]:
    """What the arguments held in the call; after backward has used it up, what they hold now."""
    return v._saved or tuple(a._data if type(a) is Value else a for a in v.args)


def _one_by_one(v: Value) -> list[tuple[int, Any]]:
    op: Any = v.op
    scalar = not isinstance(v._data, tuple) and v._data.shape == ()
    kinds = [_kind(a, scalar) for a in v.args]
    if NUMBER not in kinds:
        return [(kind, None) for kind in kinds]
    slopes = pulled(v, seed(v, None, False))
    if slopes is None:
        return [(UNKNOWN if kind == NUMBER else kind, None) for kind in kinds]
    return [_slope(op, a, kind, x) for a, kind, x in zip(v.args, kinds, slopes, strict=True)]


def pulled(v: Value, g: Any) -> list[Any] | None:
    """What the rule of a call makes of a gradient `g` of its result, for each argument; None where it cannot be run.

    It cannot where the graph did not keep what the rule reads, and where the op has no derivative.
    """
    op: Any = v.op
    saved = _arrays(v)
    read, output = op.kept(tuple(type(a) is Value for a in v.args))
    missing = any(needed and (x is None or type(x) is Spec) for needed, x in zip(read, saved, strict=True))
    if missing or (output and type(v._data) is Spec):
        return None
    saved = tuple(np.float64(x) if type(x) in (float, int) else x for x in saved)  # Python's 1 / 0.0 raises
    try:
        with np.errstate(all="ignore"):
            return _slopes(_Call(v, v._data, saved, v.args), g)
    except NotDifferentiable:
        return None


def _slopes(call: Any, g: Any) -> list[Any]:
    if not call.op.simple:
        return list(grads(call, g, call))
    pulls = zip(call.args, call.op.pulls, strict=True)
    return [None if type(a) is not Value else pull(g, call) if pull else g for a, pull in pulls]


def _kind(a: Any, scalar: bool) -> int:
    if type(a) is not Value:
        return CONSTANT
    return NUMBER if scalar and not isinstance(a._data, tuple) and a._data.shape == () else ARRAY


def _slope(op: Op, a: Any, kind: int, gx: Any) -> tuple[int, Any]:
    if kind != NUMBER:
        return kind, None
    if gx is None:
        return NONE, None
    if hasattr(gx, "reached"):
        gx, reached = gx.data, bool(gx.reached)
    else:
        reached = not op.moves
    x = fitted(gx, a, op).item()
    return (NONE, None) if not reached and x == 0 else (NUMBER, x)


# -- many at once ------------------------------------------------------------------------------------------------------


def _groups(values: Iterable[Value]) -> list[list[Value]]:
    """Calls of one op, with the same arguments being Values, that can run as one call on arrays."""
    groups: dict[Any, list[Value]] = defaultdict(list)
    for v in values:
        op: Any = v.op
        if op is None or op.kind != "elementwise" or op.selects or v.kwargs or type(v._data) is not np.float64:
            continue
        if _SIMPLE.issuperset(map(type, _arrays(v))):
            groups[op, tuple([type(a) is Value for a in v.args])].append(v)
    return [group for group in groups.values() if len(group) > 1]


_SIMPLE = frozenset((np.float64, float, int))


def _together(group: list[Value]) -> dict[Value, list[tuple[int, Any]]]:
    first, op = group[0], group[0].op
    assert op is not None
    call = _call(group)
    columns: list[list[tuple[int, Any]]] = []
    with np.errstate(all="ignore"):
        for a, pull in zip(first.args, op.pulls, strict=True):
            if type(a) is Value:
                slope = np.broadcast_to(pull(np.ones(len(group)), call) if pull else 1.0, len(group))
                columns.append([(NUMBER, x) for x in slope.tolist()])
            else:
                columns.append([(CONSTANT, None)] * len(group))
    return {v: list(row) for v, row in zip(group, zip(*columns, strict=True), strict=True)}


def _call(group: list[Value]) -> Any:
    saved = tuple(np.array(column, np.float64) for column in zip(*map(_arrays, group), strict=True))
    args = tuple(np.ones(len(group)) for _ in saved)  # a rule may ask for their shapes
    return _Call(group[0], np.array([v._data for v in group]), saved, args)


def changed(values: Iterable[Value]) -> set[Value]:
    """The scalars that no longer are what their arguments give: leaves got new data after backward, as in training.

    Their local derivatives belong to the new data, their gradients to the old.
    """
    found: set[Value] = set()
    for group in _groups(v for v in values if not v._saved):
        call = _call(group)
        with np.errstate(all="ignore"):
            again = call.op.run(*call._saved)
        off = ~np.isclose(again, call._data, rtol=1e-9, atol=1e-300, equal_nan=True)
        found.update(v for v, moved in zip(group, off, strict=True) if moved)
    return found
