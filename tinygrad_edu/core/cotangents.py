"""What flows back: gradients in the shape and dtype of what they belong to, and those that are not one plain array.

Partial   reached some entries only; the others have no gradient, which is less than a gradient of zero
Results   of a call with several results, one gradient for each
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from ..errors import DTypeError, ShapeError
from .exact import OBJECT, Scalar, lifted
from .value import Value

__all__ = ["PARTED", "Partial", "Results", "fitted", "plain", "unbroadcast", "with_gaps"]


class Results(tuple[Any, ...]):
    """The gradients of the several results of one call, None for those that nothing flows back to."""

    def __add__(self, other: Any) -> Any:
        return Results(x if y is None else y if x is None else x + y for x, y in zip(self, other, strict=True))


class Partial:
    """A gradient that reached only some entries: zero, and structurally so, where `reached` is False."""

    __slots__ = ("data", "reached")

    __array_ufunc__ = None  # array + partial is ours to answer

    def __init__(self, data: Any, reached: Any) -> None:
        self.data = data
        self.reached = reached

    def __add__(self, other: Any) -> Any:
        if type(other) is Partial:
            return Partial(self.data + other.data, self.reached | other.reached)
        return self.data + other

    __radd__ = __add__


PARTED = (Partial, Results)


def with_gaps(gx: Any, mask: Any, a: Value) -> Any:
    """A gradient of `a` that reached the entries of a mask only, both of the broadcast shape."""
    reached = mask if mask.shape == gx.shape else np.broadcast_to(mask, gx.shape)
    gx, shape = np.where(reached, gx, 0), a._data.shape
    if gx.shape != shape:
        gx, reached = unbroadcast(gx, shape), unbroadcast(reached.astype(float), shape) != 0
    gx = gx if gx.dtype is a._data.dtype else gx.astype(a._data.dtype)
    return gx if reached.all() else Partial(gx, reached)


def plain(g: Any) -> Any:
    """The gradient as an array, with zeros in the gaps."""
    return g.data if type(g) is Partial else g


def fitted(gx: Any, a: Value, op: Any) -> Any:
    """A gradient in the shape and dtype of the argument it belongs to."""
    data = a._data
    if type(gx) in (Partial, Results):
        return gx
    if data.dtype is OBJECT and isinstance(gx, ndarray | Scalar | int | float):
        gx = lifted(gx)
    elif not hasattr(gx, "shape"):
        gx = np.asarray(gx)[()]
    if gx.shape != data.shape:
        try:
            gx = unbroadcast(gx, data.shape)
        except ValueError:
            raise ShapeError(
                f"the rule of {op.name} gave a gradient of shape {gx.shape} for an argument of shape {data.shape}"
            ) from None
    if gx.dtype is data.dtype:
        return gx
    if gx.dtype.kind not in "fiubO":
        raise DTypeError(f"the rule of {op.name} gave a gradient of dtype {gx.dtype}")
    return gx.astype(data.dtype)


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` back to `shape`: the adjoint of broadcasting.

    Raises:
        ValueError: `shape` does not broadcast to that of `g`.
    """
    new = len(g.shape) - len(shape)
    if new == 1 and g.shape[1:] == shape:  # a bias, above all
        return _array(np.add.reduce(g, 0)) if type(g) is np.ndarray else g.sum(axis=0)
    if new < 0 or any(n not in (1, m) for n, m in zip(shape, g.shape[new:], strict=True)):
        raise ValueError(f"{shape} does not broadcast to {g.shape}")
    axes = (*range(new), *(i + new for i, n in enumerate(shape) if n == 1 and g.shape[i + new] != 1))
    g = _array(g.sum(axis=axes)) if axes else g
    return g if g.shape == shape else g.reshape(shape)


def _array(y: Any) -> Any:
    """A sum as it is, but what NumPy takes out of an array of objects as an array again."""
    return y if hasattr(y, "dtype") and not isinstance(y, Scalar) else lifted(y)
