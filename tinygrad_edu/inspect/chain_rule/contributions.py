"""What comes back to a value along one path, or through one use of it: vector-Jacobian products, one call after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import Value
from ...core.backward import grads, seed
from ...core.cotangents import Partial, fitted
from ..graphs.local import _arrays, _Call

__all__ = ["along", "arriving", "pulled", "sent"]


def sent(v: Value, g: Any) -> list[Any]:
    """What the gradient `g` of a value sends to each argument of its call; None where nothing flows."""
    with np.errstate(all="ignore"):
        call: Any = _Call(v, v._data, _with_zeros(v), v.args)
        parts = grads(call, g, call)
        return [fitted(gx, a, v.op) if gx is not None and type(a) is Value else None
                for gx, a in zip(parts, v.args, strict=True)]  # fmt: skip


def _with_zeros(v: Value) -> tuple[Any, ...]:
    """The arguments in the call, Python's zeros as NumPy's: 1 / 0.0 would raise."""
    saved = _arrays(v)
    if not any(type(x) in (float, int) and x == 0 for x in saved) or isinstance(v._data, tuple) or v.dtype.kind != "f":
        return saved
    return tuple(v.dtype.type(x) if type(x) in (float, int) and x == 0 else x for x in saved)


def pulled(v: Value, g: Any, place: int) -> Any:
    """What the gradient `g` of a value sends to one argument of its call; None where nothing flows."""
    return sent(v, g)[place]


def along(nodes: Sequence[Value], places: Sequence[int]) -> list[Any]:
    """The gradients on the way back from the last node to the first along these uses, the output's own left out."""
    g, found = seed(nodes[-1], None, False), []
    for v, place in zip(nodes[:0:-1], places[::-1], strict=True):
        g = None if g is None else pulled(v, g, place)
        found.append(g)
    return [_plain(g) for g in found]


def arriving(values: Sequence[Value], wrt: Value) -> list[tuple[Value, int, Any]]:
    """What reaches `wrt` through each of its uses: the call, the place of the argument, and the gradient.

    Args:
        values: the values on the way from `wrt` to the output, oldest first.
        wrt: the first of them.
    """
    inside, found = set(values), []
    pending: dict[Value, Any] = {values[-1]: seed(values[-1], None, False)}
    for v in values[:0:-1]:
        g = pending.pop(v, None)
        for place, a in enumerate(v.args if g is not None else ()):
            if type(a) is Value and a in inside and (gx := pulled(v, g, place)) is not None:
                if a is wrt:
                    found.append((v, place, _plain(gx)))
                else:
                    pending[a] = pending[a] + gx if a in pending else gx
    return found


def _plain(g: Any) -> Any:
    return g.data if type(g) is Partial else g
