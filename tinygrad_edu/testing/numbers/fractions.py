"""Without any rounding: value and gradient as fractions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.exact import Exact
from .running import Computed, differentiated, numbers_of

__all__ = ["exact"]


def exact(function: Callable[..., Any], *inputs: Any) -> Computed:
    """The value of a function and the gradient of its sum, computed in fractions: no digit is lost.

    The same graph and the same rules as for floats run on `fractions.Fraction`. A float is taken for exactly the fraction
    that it stores: 0.5 for 1/2, 0.1 for 3602879701896397/36028797018963968.

    Args:
        function: of Values, made of sums, products, quotients, integer powers, extremes, and what moves entries.
        *inputs: numbers, arrays of floats, ints or fractions, or nested tuples, lists and dicts of them.

    Raises:
        DTypeError: a function that leads out of the fractions, such as exp.
        ZeroDivisionError: division by 0.

    >>> exact(lambda x: x / 3, 1.0)
    Computed(value=array(Fraction(1, 3), dtype=object), gradients=(array(Fraction(1, 3), dtype=object),))
    """
    return differentiated(function, inputs, lambda x: numbers_of(x, Exact.of), Exact)
