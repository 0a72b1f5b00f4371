"""A call that is one vertex of the graph, whatever it did inside, with a derivative that is given from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import Op
from ..core.value import Value
from .batch import Level, active, gathered, spread
from .tracing import plain

__all__ = ["opaque", "physical"]


def physical(xs: list[Any]) -> tuple[list[Any], tuple[Level, ...]]:
    """The arrays that are computed with inside a `vmap`, all examples in one; and its levels."""
    levels = active()
    return [spread(x if hasattr(x, "dtype") else np.asarray(x)[()], levels) for x in xs], levels


def opaque(name: str, xs: list[Any], results: list[Any], levels: tuple[Level, ...], pull: Callable[..., Any],
           push: Callable[..., Any] | None = None,
           again: Callable[[list[Any]], list[Any]] | None = None) -> list[Any]:  # fmt: skip
    """The results of a call, recorded as one vertex with the arguments `xs`.

    Args:
        name: of the vertex, in drawings and errors.
        xs: the physical arguments.
        results: the results, as they are seen inside the vmaps of `levels`.
        levels: what `physical` said.
        pull: from the cotangents of the results, the arguments and the results, all physical, to the cotangents of the
            arguments, with None where none is to flow. The arguments are Values where it is to be differentiated.
        push: likewise from the tangents of the arguments and the arguments to the tangents of the results.
        again: the call with other physical arguments, Values or not, for those who check its derivative.
    """
    ys = tuple(np.asarray(plain(spread(y, levels)))[()] for y in results)
    if not any(type(x) is Value for x in xs):
        return [gathered(y, levels) for y in ys]
    op = Op(lambda *xs: ys, "primitive", {"xs": lambda g, xs, y: pull(g, xs, y)}, name=name)
    if push is not None:
        op.push = lambda ts, v: tuple(push(ts, v._saved))
    op.again = again
    return [gathered(y, levels) for y in Op.apply(op, tuple(xs), None)]
