"""NumPy functions that have no gradient: of a Value they give the plain result on its numbers.

Their results are whole numbers, truth values, shapes, texts, or arrays that do not depend on the entries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import NUMPY
from ..core.value import Value
from ..errors import NotDifferentiable

__all__ = ["PLAIN"]

_UFUNCS = """
    equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor logical_not
    isfinite isinf isnan isnat signbit bitwise_and bitwise_or bitwise_xor bitwise_count invert left_shift
    right_shift gcd lcm
"""

_FUNCTIONS = """
    all any argmax argmin argsort argwhere nonzero flatnonzero count_nonzero searchsorted nanargmax nanargmin
    argpartition lexsort digitize bincount histogram histogram2d histogramdd unique unique_all unique_counts
    unique_inverse unique_values isin in1d allclose isclose array_equal array_equiv isneginf isposinf iscomplex
    isreal iscomplexobj isrealobj shape ndim size zeros_like ones_like full_like empty_like result_type can_cast
    common_type min_scalar_type einsum_path may_share_memory shares_memory array_repr array_str array2string save
    savetxt savez savez_compressed ravel_multi_index unravel_index tril_indices_from triu_indices_from
    diag_indices_from
"""

PLAIN: list[Any] = [f for name in (_UFUNCS + _FUNCTIONS).split() if (f := getattr(np, name, None)) is not None]
PLAIN += [np.linalg.matrix_rank]

_IN_PLACE = {
    np.put: "tg.ops.index_put(x, index, value)",
    np.place: "np.where(mask, values, x)",
    np.putmask: "np.where(mask, values, x)",
    np.copyto: "np.where(mask, new, x)",
    np.fill_diagonal: "np.where(np.eye(len(x)), value, x)",
    np.put_along_axis: "tg.ops.put_along_axis(x, indices, values, axis)",
}


def unwrapped(x: Any) -> Any:
    """The plain numbers of Values, also inside lists and tuples; anything else as it is."""
    if type(x) is Value:
        return x.data
    return type(x)(map(unwrapped, x)) if type(x) in (list, tuple) else x


def of_all_examples(x: Any) -> Any:
    """The plain numbers of all examples, for a check: inside `vmap` they are in `.array`; else `x` itself."""
    return unwrapped(getattr(x, "array", x))


def everywhere(condition: Any) -> bool:
    """Whether a condition holds for every entry of every example."""
    return bool(np.all(of_all_examples(condition)))


def _on_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    def plain(*args: Any, **kwargs: Any) -> Any:
        return function(*map(unwrapped, args), **{k: unwrapped(v) for k, v in kwargs.items()})

    plain.__name__ = function.__name__
    return plain


def _refused(function: Any, instead: str) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NotDifferentiable(
            f"np.{function.__name__} changes an array in place, and the graph would not know. Write {instead}"
        )

    return refuse


for _function in PLAIN:
    NUMPY.setdefault(_function, _on_numbers(_function))
for _function, _instead in _IN_PLACE.items():
    NUMPY[_function] = _refused(_function, _instead)
