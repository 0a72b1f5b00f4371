"""Python numbers stay weak beside arrays, also in a function that computes with each of them first."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["promoted"]


def promoted(*xs: Any) -> list[Any]:
    """The arguments with each Python number in the dtype that all of them together have.

    >>> [x.dtype.name for x in promoted(0.5, np.ones(3, np.float16))]
    ['float16', 'float16']
    """
    if all(hasattr(x, "dtype") for x in xs):
        return [*xs]
    dtype = np.result_type(*xs)
    return [x if hasattr(x, "dtype") else dtype.type(x) for x in xs]
