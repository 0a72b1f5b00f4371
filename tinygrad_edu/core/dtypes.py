"""Which numbers a graph can hold: those that have a gradient. The others are told what to write instead."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..errors import DTypeError, ShapeError
from .exact import Scalar, entries_of, lifted

__all__ = ["as_data", "bare", "no_gradient", "numerical"]


def as_data(data: Any) -> Any:
    """A NumPy scalar or array of a dtype that has gradients, sharing memory where it can."""
    if type(data) is ndarray and data.shape and data.dtype.char in "efd":
        return data
    if type(data) in (float, int, bool):
        return float64(data)
    if not isinstance(data, np.generic | ndarray):
        try:
            array = np.asarray(data)
        except ValueError as error:
            raise ShapeError(f"a Value needs a number, an array or a nested list of one shape: {error}") from None
        data = array.astype(float64) if array.dtype.kind in "iub" and isinstance(data, list | tuple) else array
    if data.dtype.char in "efd":
        return data[()] if data.ndim == 0 else bare(data)
    if numerical(data):
        return lifted(bare(data))
    raise DTypeError(f"{no_gradient(data.dtype)}; a Value holds float16, float32 or float64")


def bare(a: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """The array of a matrix, memory map or other subclass, whose operators may mean something else."""
    if hasattr(a, "mask"):
        raise DTypeError("a masked array has entries without a number; write a.filled(...), and np.where with the mask")
    return np.asarray(a)


def numerical(a: Any) -> bool:
    """Whether these are numbers other than floats that a graph can run on: fractions, and what is made for it.

    A rule may have put plain zeros between them.
    """
    if a.dtype.kind != "O":
        return False
    kinds = {type(x) for x in entries_of(a)}
    known = float if any(issubclass(k, Scalar) for k in kinds) else int
    return all(issubclass(k, Fraction | int | Scalar | known) for k in kinds)


def no_gradient(dtype: Any) -> str:
    """Why arrays of this dtype are refused, and what to write."""
    cure = {
        "c": "differentiate the real and the imaginary part, a.real.copy() and a.imag.copy()",
        "O": "write a regular nested list of numbers",
        "U": "convert it, float(text)",
        "S": "convert it, float(text)",
    }
    return f"{dtype} has no gradient: {cure.get(dtype.kind, 'write Value(a.astype(float))')}"
