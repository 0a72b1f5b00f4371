"""One function, one graph, other numbers: what the modules of this room have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...core import Value
from ...core.backward import gradients
from ...core.exact import Scalar, lifted
from ...errors import DTypeError, TinygradError
from ...transforms.trees import flatten, unflatten

__all__ = ["Computed", "differentiated", "numbers_of"]


class Computed(NamedTuple):
    """What a function gives, and the gradient of its sum.

    Attributes:
        value: the result, an object array.
        gradients: one for each input, in its structure and shape; zeros where nothing reached it.
    """

    value: Any
    gradients: tuple[Any, ...]


def numbers_of(x: Any, number: Callable[[Any], Scalar]) -> Any:
    """An input as an object array, each entry made a number.

    Raises:
        DTypeError: it holds no real numbers.
    """
    array = np.asarray(x.data if isinstance(x, Value) else x)
    if array.dtype.kind not in "fiubO":
        raise DTypeError(f"an input of {array.dtype}; it has to hold real numbers: floats, ints or fractions")
    with np.errstate(all="ignore"):
        return np.asarray(np.frompyfunc(number, 1, 1)(array), object)


def _run(function: Callable[[], Any], values: list[Value]) -> tuple[Value, list[Any]]:
    with np.errstate(all="ignore"):  # of the flags that Python code leaves behind
        y = function()
        if not isinstance(y, Value):
            raise DTypeError(f"the function returned a {type(y).__name__}; it has to return a Value made from its inputs")
        return y, gradients(y if y.size == 1 else np.sum(y), values, create_graph=True)


def differentiated(function: Callable[..., Any], inputs: tuple[Any, ...], numbers: Callable[[Any], Any],
                   kind: type[Scalar]) -> Computed:  # fmt: skip
    """`function` and the gradient of its sum, recorded and differentiated over `numbers(x)` for every x of the inputs."""
    leaves, structure = flatten(inputs)
    values = [Value(numbers(x)) for x in leaves]
    try:
        y, found = _run(lambda: function(*unflatten(structure, values)), values)
    except TypeError as error:
        if isinstance(error, TinygradError):
            raise
        raise DTypeError(f"an op or its rule has no version for {kind.__name__} numbers: {error}") from error
    slopes = [lifted(np.zeros(v.shape) if g is None else g.data, kind) for g, v in zip(found, values, strict=True)]
    return Computed(lifted(y.data, kind), unflatten(structure, slopes))
