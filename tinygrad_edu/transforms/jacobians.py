"""Matrices of derivatives, and the Hessian's product with a vector, which needs no matrix."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from ..errors import OptionError
from .arguments import check_count, differentiated
from .batch import gathered, new_level, spread
from .forward import check_tuples, jvp, pushed
from .reverse import grad, pulled
from .tracing import Trace, named_after, trace
from .trees import unflatten

__all__ = ["hessian", "hvp", "jacobian"]

MODES = ("auto", "forward", "reverse")


def jacobian(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, mode: str = "auto",
             has_aux: bool = False, chunk_size: int | None = None) -> Callable[..., Any]:  # fmt: skip
    """All partial derivatives of a function, as a function of the same arguments.

    J[i, j] = dy[i]/dx[j], of shape `(*y.shape, *x.shape)`

    Args:
        function: of arrays, or nested tuples, lists and dicts of arrays, to such. The result has the structure of y, and
            at each place the structure of the arguments.
        argnums: which positional arguments to differentiate by; for a tuple there is a tuple at each place.
        mode: "forward" makes all columns at once, "reverse" all rows; "auto" takes the fewer of the two.
        has_aux: the function returns `(y, aux)`; then the result is `(J, aux)`.
        chunk_size: make no more rows or columns at once, which takes less memory.

    The function is called once; all rows, or columns, come from one pass over its graph with a batch of directions.

    >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.zeros(2))
    array([[1., 2.],
           [3., 4.]])
    """
    if mode not in MODES:
        raise OptionError(f"jacobian: mode is one of {', '.join(MODES)}; got {mode!r}")
    check_count("chunk_size", chunk_size, 1)

    @named_after(function)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        leaves, structure, call = differentiated(function, args, kwargs, argnums)
        t = trace(function, leaves, call, has_aux=has_aux)
        n = len(t.levels)
        ins, outs = [v.shape[n:] for v in t.inputs], [y.shape[n:] for y in t.outputs]
        forward = mode == "forward" or (mode == "auto" and sum(map(prod, ins)) < sum(map(prod, outs)))
        blocks = (_columns if forward else _rows)(t, ins, outs, chunk_size)
        tree = unflatten(t.tree, [unflatten(structure, row) for row in blocks])
        return (tree, t.aux) if has_aux else tree

    return derivative


def _rows(t: Trace, ins: list[Any], outs: list[Any], chunk_size: int | None) -> list[list[Any]]:
    """For each output its block of the Jacobian by each input, from one pullback of the unit cotangents."""
    found = _mapped(lambda cs: pulled(t, cs), t, outs, [y.dtype for y in t.outputs], chunk_size)
    return [
        [_block(g if len(outs) == 1 else g[i:j], (*out, *shape)) for g, shape in zip(found, ins, strict=True)]
        for i, j, out in _places(outs)
    ]


def _columns(t: Trace, ins: list[Any], outs: list[Any], chunk_size: int | None) -> list[list[Any]]:
    """The same from one push of the unit tangents, whose axis stands first in what comes out."""
    found = _mapped(lambda ts: pushed(t, ts), t, ins, [v.dtype for v in t.inputs], chunk_size)
    found = [y.transpose((*range(1, y.ndim), 0)) for y in found]
    return [
        [_block(y if len(ins) == 1 else y[..., i:j], (*out, *shape)) for i, j, shape in _places(ins)]
        for y, out in zip(found, outs, strict=True)
    ]


def _block(y: Any, shape: tuple[int, ...]) -> Any:
    """The derivative of one array by another; of a number by a number, a number."""
    return y.reshape(shape) if shape else y[0]


def _places(shapes: list[Any]) -> list[tuple[int, int, Any]]:
    """Where the entries of each of these arrays stand among all of them: (first, last + 1, shape)."""
    ends = [*accumulate(map(prod, shapes))]
    return [*zip([0, *ends], ends, shapes)]  # noqa: B905  the last end is no start


def _mapped(function: Callable[..., Any], t: Trace, shapes: list[Any], dtypes: list[Any], chunk_size: int | None) -> list[Any]:
    """`function` of each of the unit directions in these arrays together: the results with an axis in front."""
    places = _places(shapes)
    total = places[-1][1] if places else 0
    units = [
        np.eye(total, j - i, -i, dtype).reshape((total, *shape)) for (i, j, shape), dtype in zip(places, dtypes, strict=True)
    ]
    if total == 1:
        return [y[None] for y in function([spread(u[0], t.levels) for u in units])]
    if not total:
        return [y[None][:0] for y in function([spread(np.zeros(u.shape[1:], u.dtype), t.levels) for u in units])]
    if chunk_size is None or chunk_size >= total:
        return _at_once(function, t, units)
    chunks = [_at_once(function, t, [u[i : i + chunk_size] for u in units]) for i in range(0, total, chunk_size)]
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def _at_once(function: Callable[..., Any], t: Trace, directions: list[Any]) -> list[Any]:
    """What `vmap(function)` would do for directions that are one batch."""
    level = ((new_level(), len(directions[0])),)
    return [spread(y, level) for y in function([spread(gathered(d, level), t.levels) for d in directions])]


def hessian(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False,
            chunk_size: int | None = None) -> Callable[..., Any]:  # fmt: skip
    """All second derivatives, forward over reverse: `H[i, j] = d2y/dx[i]dx[j]`, of shape `(*x.shape, *x.shape)`.

    Arguments and structure are as for `jacobian`, of which it is the Jacobian. For its product with a vector, `hvp` costs
    a few calls of the function whatever the size of x.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    rows = jacobian(function, argnums, mode="reverse", has_aux=has_aux, chunk_size=chunk_size)
    return jacobian(rows, argnums, mode="forward", has_aux=has_aux, chunk_size=chunk_size)


def hvp(function: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The Hessian of a function to one number times a vector, without the Hessian: forward over reverse.

    hvp(f, (x,), (t,)) = H t,   H = d2f/dx2 at x

    Args:
        function: of arrays or trees to one number.
        primals: a tuple or list of its arguments.
        tangents: likewise, the vector. The result is of the first argument's structure if there is one argument, else a
            tuple with one tree for each.

    >>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    array([ 6., 12.])
    """
    check_tuples("hvp", primals, tangents)
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(function, argnums), primals, tangents)[1]
