"""How good a classifier is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(output: Any, labels: Any) -> float:
    """The share of examples whose largest output is at their label, from 0 to 1; NaN for no examples.

    Args:
        output: activations or logits, `(n, classes)`; a Value or an array.
        labels: whole numbers, `(n,)`.

    Raises:
        ShapeError: other shapes.

    >>> accuracy(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]), [0, 1, 1, 1])
    0.75
    """
    output, labels = _checked(output, labels)
    return float(np.mean(output.argmax(axis=1) == labels)) if len(labels) else float("nan")


def confusion_matrix(output: Any, labels: Any) -> Any:
    """How often examples of class i (rows) were taken for class j (columns): whole numbers, `(classes, classes)`.

    Args:
        output: activations or logits, `(n, classes)`; a Value or an array.
        labels: whole numbers, `(n,)`.

    Raises:
        ShapeError: other shapes.

    >>> confusion_matrix(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), [0, 1, 1])
    array([[1, 0],
           [1, 1]])
    """
    output, labels = _checked(output, labels)
    classes = output.shape[1]
    return np.bincount(labels * classes + output.argmax(axis=1), minlength=classes**2).reshape(classes, classes)


def _checked(output: Any, labels: Any) -> tuple[Any, Any]:
    output, labels = getattr(output, "data", output), np.asarray(labels).astype(np.int64)
    output = np.asarray(output)
    if output.ndim != 2 or labels.shape != output.shape[:1]:
        raise ShapeError(f"expected outputs (n, classes) and labels (n,), got {output.shape} and {labels.shape}")
    return output, labels
