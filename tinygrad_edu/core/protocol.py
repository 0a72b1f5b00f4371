"""NumPy calling us: `np.tanh(v)` finds the op that answers for `np.tanh`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import NotDifferentiable
from .op import NUMPY, REGISTRY

__all__ = ["array_function", "array_ufunc"]

_REDUCE = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
_ACCUMULATE = {"add": "cumsum", "multiply": "cumprod", "maximum": "cummax", "minimum": "cummin"}


def array_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy ufunc that was called with a Value among its inputs."""
    if kwargs.pop("out", None) is not None:
        raise NotDifferentiable(f"np.{ufunc.__name__}(out=...) would write behind the graph's back; use its result instead")
    if method == "__call__":
        if ufunc not in NUMPY:
            raise _missing(ufunc)
        if kwargs:
            raise TypeError(f"np.{ufunc.__name__} of a Value takes no options, got {sorted(kwargs)}; for where= write np.where, "
                            "for dtype= write v.astype(...)")  # fmt: skip
        return NUMPY[ufunc](*inputs)
    if method in ("reduce", "accumulate"):
        name = (_REDUCE if method == "reduce" else _ACCUMULATE).get(ufunc.__name__)
        if name:
            return REGISTRY[name](*inputs, **{"axis": 0, **kwargs})
    if method == "outer" and ufunc in NUMPY:
        a, b = inputs
        return NUMPY[ufunc](a[(..., *[None] * np.ndim(b))] if np.ndim(b) else a, b)
    raise _missing(getattr(ufunc, method))


def array_function(func: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Answer any other NumPy function that was called with a Value among its arguments."""
    if func not in NUMPY:
        raise _missing(func)
    for option in ("out", "dtype", "where", "initial"):
        if kwargs.pop(option, None) is not None:
            cure = {"out": "use its result", "dtype": "write v.astype(...)"}.get(option, "write np.where(...) first")
            raise NotDifferentiable(f"np.{func.__name__}({option}=...) of a Value is not supported; {cure} instead")
    return NUMPY[func](*args, **kwargs)


def _missing(function: Any) -> NotDifferentiable:
    """The error for a function with no derivative, with the way out."""
    name = getattr(function, "__name__", str(function))
    module = (getattr(function, "__module__", None) or "numpy").removesuffix("._core")
    return NotDifferentiable(
        f"{module}.{name} has no derivative rule, so it cannot be called on a Value. For the plain numbers write "
        f"{name}(v.data). To differentiate it, write its rule: @tg.elementwise(dx=lambda x: ...), or "
        f"@tg.primitive(gx=lambda g, x: ...), above def {name}(x): ..."
    )
