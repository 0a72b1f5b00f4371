"""The loss around the weights of a model, in directions whose every filter has the size of the weights'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import no_grad

__all__ = ["directions", "losses"]


def directions(model: Any, rng: np.random.Generator) -> list[Any]:
    """A random direction for each parameter, filter by filter of the size of the weights; biases stay where they are.

    A filter is what one unit multiplies its inputs by: one entry along the first axis of a weight `(outputs, inputs, ...)`.

    Source: Li and others, https://arxiv.org/abs/1712.09913, section 4
    """
    return [_direction(p.data, rng) for p in model.parameters()]


def _direction(w: Any, rng: np.random.Generator) -> Any:
    if np.ndim(w) < 2:
        return np.zeros(np.shape(w))
    d = rng.standard_normal(np.shape(w))
    axes = tuple(range(1, np.ndim(w)))
    size = np.sqrt(np.sum(d * d, axes, keepdims=True))
    return d / size * np.sqrt(np.sum(w * w, axes, keepdims=True))


def losses(model: Any, loss: Callable[[Any], Any], points: Sequence[Sequence[Any]]) -> Any:
    """The loss at weights + t * direction (+ s * another), for each point `(direction, t, ...)`; the weights are put back."""
    parameters = model.parameters()
    start = [p.data for p in parameters]
    found = []
    try:
        with no_grad():
            for point in points:
                for k, (p, w) in enumerate(zip(parameters, start, strict=True)):
                    moved = w + sum(t * along[k] for along, t in zip(point[::2], point[1::2], strict=True))
                    p.data = np.asarray(moved, np.asarray(w).dtype)[()]
                found.append(float(np.asarray(getattr(y := loss(model), "data", y))))
    finally:
        for p, w in zip(parameters, start, strict=True):
            p.data = w
    return np.array(found)
