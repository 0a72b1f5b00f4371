"""Sums, products, quotients and powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.domain import between, nonzero, positive
from ..core.op import elementwise

__all__ = ["absolute", "add", "divide", "floor_divide", "multiply", "negative", "positive_", "power", "reciprocal",
           "remainder", "square", "subtract"]  # fmt: skip


@elementwise(dx1=1, dx2=1)
def add(x1: Any, x2: Any) -> Any:
    """Sum.

    y = x1 + x2
    dy/dx1 = 1
    dy/dx2 = 1
    """
    return x1 + x2


@elementwise(dx1=1, dx2=-1)
def subtract(x1: Any, x2: Any) -> Any:
    """Difference.

    y = x1 - x2
    dy/dx1 = 1
    dy/dx2 = -1
    """
    return x1 - x2


@elementwise(dx1=lambda x2: x2, dx2=lambda x1: x1)
def multiply(x1: Any, x2: Any) -> Any:
    """Product.

    y = x1*x2
    dy/dx1 = x2
    dy/dx2 = x1
    """
    return x1 * x2


@elementwise(dx1=lambda x2: 1 / x2, dx2=lambda y, x2: -y / x2, domain=dict(x2=nonzero))
def divide(x1: Any, x2: Any) -> Any:
    """Quotient.

    y = x1/x2
    dy/dx1 = 1/x2
    dy/dx2 = -x1/x2**2
    """
    return x1 / x2
