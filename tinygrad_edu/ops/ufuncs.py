"""`np.add.reduce`, `np.multiply.outer` and their like, answered by the ops that they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import NUMPY, REGISTRY

__all__: list[str] = []

_REDUCE = {np.add: "sum", np.multiply: "prod", np.maximum: "max", np.minimum: "min"}
_ACCUMULATE = {np.add: "cumsum", np.multiply: "cumprod", np.maximum: "cummax", np.minimum: "cummin"}


def _along(name: str) -> Callable[..., Any]:
    """The op `name` with the axis that ufunc methods default to."""
    return lambda x, axis=0, **options: REGISTRY[name](x, axis=axis, **options)


def _outer(ufunc: Any) -> Callable[..., Any]:
    """Every entry of the first with every entry of the second: the first gets an axis for each of the second's."""
    return lambda a, b: ufunc(np.reshape(a, (*np.shape(a), *[1] * np.ndim(b))), b)


for _ufunc, _name in _REDUCE.items():
    NUMPY[_ufunc.reduce] = _along(_name)
for _ufunc, _name in _ACCUMULATE.items():
    NUMPY[_ufunc.accumulate] = _along(_name)
for _binary in vars(np).values():
    if isinstance(_binary, np.ufunc) and _binary.nin == 2 and _binary.nout == 1 and not _binary.signature:
        NUMPY[_binary.outer] = _outer(_binary)
