"""The cost of the notes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import primitive
from ..errors import ShapeError

__all__ = ["quadratic_cost"]


@primitive(
    goutput=lambda g, output, target: (output - target) * (g * (2 / max(len(output), 1))),
    gtarget=lambda g, output, target: (target - output) * (g * (2 / max(len(output), 1))),
)
def quadratic_cost(output: Any, target: Any) -> Any:
    """How wrong a network is: the squared differences summed over its outputs, their mean over the examples.

    y = np.mean(np.sum((output - target)**2, axis=tuple(range(1, output.ndim))))
    goutput = g*2*(output - target)/len(output)
    gtarget = -g*2*(output - target)/len(output)

    Shapes: both `(examples, outputs...)`; the result is a number. Nielsen's book has a factor 1/2 before it, so its
    gradients are half of these, and its learning rate 3 is 1.5 here; `mse_loss` divides by the number of outputs too.

    Raises:
        ShapeError: the shapes differ; nothing is broadcast.
    """
    if np.shape(output) != np.shape(target) or not np.ndim(output):
        raise ShapeError(
            f"quadratic_cost compares arrays of one shape (examples, outputs...), got {np.shape(output)} and "
            f"{np.shape(target)}; write target.reshape(output.shape) if they are meant entry by entry"
        )
    d = (output - target).ravel()
    return np.dot(d, d) / d.dtype.type(max(len(output), 1))
