"""The methods of an array, each the op or NumPy function of its name: what every kind of array here has in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from .op import NUMPY, REGISTRY, Op

__all__ = ["ArrayMethods"]


class ArrayMethods:
    """Gives a class whose objects are accepted by ops the methods that arrays have."""

    __slots__ = ()

    # fmt: off
    @property
    def T(self) -> Any: return REGISTRY["transpose"](self)
    @property
    def mT(self) -> Any: return REGISTRY["swapaxes"](self, -1, -2)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any: return REGISTRY["sum"](self, axis, keepdims)
    def mean(self, axis: Any = None, keepdims: bool = False) -> Any: return REGISTRY["mean"](self, axis, keepdims)
    def prod(self, axis: Any = None, keepdims: bool = False) -> Any: return REGISTRY["prod"](self, axis, keepdims)
    def max(self, axis: Any = None, keepdims: bool = False) -> Any: return REGISTRY["max"](self, axis, keepdims)
    def min(self, axis: Any = None, keepdims: bool = False) -> Any: return REGISTRY["min"](self, axis, keepdims)
    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any: return REGISTRY["var"](self, axis, ddof, keepdims)  # noqa: E501  a line a method
    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any: return REGISTRY["std"](self, axis, ddof, keepdims)  # noqa: E501  a line a method
    def all(self, axis: Any = None, keepdims: bool = False) -> Any: return NUMPY[np.all](self, axis, keepdims=keepdims)
    def any(self, axis: Any = None, keepdims: bool = False) -> Any: return NUMPY[np.any](self, axis, keepdims=keepdims)
    def cumsum(self, axis: Any = None) -> Any: return REGISTRY["cumsum"](self, axis)
    def cumprod(self, axis: Any = None) -> Any: return REGISTRY["cumprod"](self, axis)
    def clip(self, min: Any = None, max: Any = None) -> Any: return REGISTRY["clip"](self, min, max)
    def round(self, decimals: int = 0) -> Any: return REGISTRY["round"](self, decimals)
    def argmax(self, axis: Any = None) -> Any: return NUMPY[np.argmax](self, axis)
    def argmin(self, axis: Any = None) -> Any: return NUMPY[np.argmin](self, axis)
    def argsort(self, axis: int = -1) -> Any: return NUMPY[np.argsort](self, axis, kind="stable")
    def reshape(self, *shape: Any) -> Any: return REGISTRY["reshape"](self, shape[0] if len(shape) == 1 else shape)
    def ravel(self) -> Any: return REGISTRY["reshape"](self, (-1,))
    def flatten(self) -> Any: return REGISTRY["reshape"](self, (-1,))
    def transpose(self, *axes: Any) -> Any: return REGISTRY["transpose"](self, (axes[0] if len(axes) == 1 else axes) or None)
    def swapaxes(self, axis1: int, axis2: int) -> Any: return REGISTRY["swapaxes"](self, axis1, axis2)
    def squeeze(self, axis: Any = None) -> Any: return REGISTRY["squeeze"](self, axis)
    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any: return REGISTRY["diagonal"](self, offset, axis1, axis2)  # noqa: E501  a line a method
    def trace(self, offset: int = 0) -> Any: return REGISTRY["trace"](self, offset)
    def take(self, indices: Any, axis: Any = None) -> Any: return REGISTRY["take"](self, indices, axis)
    def repeat(self, repeats: Any, axis: Any = None) -> Any: return REGISTRY["repeat"](self, repeats, axis)
    def dot(self, other: Any) -> Any: return REGISTRY["dot"](self, other)
    def copy(self) -> Any: return REGISTRY["positive"](self)
    def astype(self, dtype: Any) -> Any: return REGISTRY["astype"](self, dtype)

    def __add__(self, other: Any) -> Any: return Op.operator(REGISTRY["add"], self, other)
    def __radd__(self, other: Any) -> Any: return Op.operator(REGISTRY["add"], other, self)
    def __sub__(self, other: Any) -> Any: return Op.operator(REGISTRY["subtract"], self, other)
    def __rsub__(self, other: Any) -> Any: return Op.operator(REGISTRY["subtract"], other, self)
    def __mul__(self, other: Any) -> Any: return Op.operator(REGISTRY["multiply"], self, other)
    def __rmul__(self, other: Any) -> Any: return Op.operator(REGISTRY["multiply"], other, self)
    def __truediv__(self, other: Any) -> Any: return Op.operator(REGISTRY["divide"], self, other)
    def __rtruediv__(self, other: Any) -> Any: return Op.operator(REGISTRY["divide"], other, self)
    def __floordiv__(self, other: Any) -> Any: return Op.operator(REGISTRY["floor_divide"], self, other)
    def __rfloordiv__(self, other: Any) -> Any: return Op.operator(REGISTRY["floor_divide"], other, self)
    def __mod__(self, other: Any) -> Any: return Op.operator(REGISTRY["remainder"], self, other)
    def __rmod__(self, other: Any) -> Any: return Op.operator(REGISTRY["remainder"], other, self)
    def __pow__(self, other: Any) -> Any: return Op.operator(REGISTRY["power"], self, other)
    def __rpow__(self, other: Any) -> Any: return Op.operator(REGISTRY["power"], other, self)
    def __matmul__(self, other: Any) -> Any: return Op.operator(REGISTRY["matmul"], self, other)
    def __rmatmul__(self, other: Any) -> Any: return Op.operator(REGISTRY["matmul"], other, self)
    def __divmod__(self, other: Any) -> Any: return self // other, self % other
    def __rdivmod__(self, other: Any) -> Any: return other // self, other % self
    def __neg__(self) -> Any: return REGISTRY["negative"](self)
    def __pos__(self) -> Any: return REGISTRY["positive"](self)
    def __abs__(self) -> Any: return REGISTRY["absolute"](self)
    def __round__(self, digits: int = 0) -> Any: return REGISTRY["round"](self, digits)
    # fmt: on
