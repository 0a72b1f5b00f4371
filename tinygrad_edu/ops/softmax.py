"""Softmax, its logarithm, and the losses of classifiers.

The derivative of the fused loss is what makes classifiers train: probabilities minus targets, with no saturation.
Exponentials are taken of `x - max(x)`, so nothing overflows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import composite, primitive
from ..errors import DTypeError, OptionError, ShapeError
from .nondifferentiable import everywhere, of_all_examples

__all__ = ["cross_entropy", "entropy", "log_softmax", "nll_loss", "one_hot", "soft_cross_entropy", "softmax", "softmin"]

REDUCTIONS = ("mean", "sum", "none")


_LOWEST = {np.dtype(t): -float(np.finfo(t).max) for t in (np.float16, np.float32, np.float64)}


def _below_max(x: Any, axis: Any) -> Any:
    """The distance from the maximum; a row of -inf stays one."""
    m = np.maximum.reduce(x, axis, keepdims=True, initial=_LOWEST.get(x.dtype))
    with np.errstate(invalid="ignore"):  # inf - inf: NaN
        return x - m


def _sum_of_exp(e: Any, axis: Any) -> Any:
    """The sum over a row of exponentials, which is 1 or more as the largest is 1; also 1 for a row of -inf."""
    return np.maximum(np.add.reduce(e, axis, keepdims=True), 1)


def _softmax_pull(g: Any, y: Any, axis: Any) -> Any:
    gy = g * y
    return gy - y * np.sum(gy, axis, keepdims=True)


@primitive(gx=_softmax_pull)
def softmax(x: Any, axis: Any = -1) -> Any:
    """Numbers turned into probabilities: positive, adding up to 1 along an axis, the largest gets the most.

    y = np.exp(x) / np.sum(np.exp(x), axis, keepdims=True)
    gx = y * (g - np.sum(g * y, axis, keepdims=True))

    Adding a constant to x changes nothing. A row of -inf, where everything is masked out, gives zeros and gradient zero
    (PyTorch and JAX: NaN); a row with +inf gives NaN.
    """
    d = _below_max(x, axis)
    e = np.exp(d, out=d) if d.ndim else np.exp(d)
    e /= _sum_of_exp(e, axis)
    return e


@primitive(gx=lambda g, y, axis: g - np.exp(y) * np.sum(g, axis, keepdims=True))
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """The logarithm of `softmax`, exact also where the probability is too small for a float.

    y = x - np.log(np.sum(np.exp(x), axis, keepdims=True))
    gx = g - np.exp(x) / np.sum(np.exp(x), axis, keepdims=True) * np.sum(g, axis, keepdims=True)

    A row of -inf stays -inf.
    """
    d = _below_max(x, axis)
    d -= np.log(_sum_of_exp(np.exp(d), axis))
    return d


@composite()
def softmin(x: Any, axis: Any = -1) -> Any:
    """Probabilities of which the smallest entry gets the most.

    y = np.exp(-x) / np.sum(np.exp(-x), axis, keepdims=True)
    """
    return softmax(-x, axis)


def _entropy_pull(g: Any, x: Any, y: Any, axis: Any) -> Any:
    logs = log_softmax(x, axis)
    p = np.exp(logs)
    return -np.expand_dims(g, axis) * p * (np.where(p == 0, 0, logs) + np.expand_dims(y, axis))


@primitive(gx=_entropy_pull, numpy=())
def entropy(x: Any, axis: int = -1) -> Any:
    """The entropy of `softmax(x)` in nats: 0 when it is sure, log(n) when it has no idea.

    y = np.sum(np.exp(x) / np.exp(x).sum(axis, keepdims=True)
        * np.log(np.exp(x).sum(axis, keepdims=True) / np.exp(x)), axis)
    gx = -np.expand_dims(g, axis) * np.exp(x) / np.exp(x).sum(axis, keepdims=True) * (
        np.log(np.exp(x) / np.exp(x).sum(axis, keepdims=True)) + np.expand_dims(y, axis))

    Where the probability is 0, so are its part of the sum and its gradient.
    """
    logs = log_softmax(x, axis)
    return -np.sum(np.exp(logs) * np.where(logs == -np.inf, 0, logs), axis)


# -- losses of classifiers ---------------------------------------------------------------------------------------------


def check_reduction(reduction: str) -> None:
    """Refuse an unknown reduction.

    Raises:
        OptionError: it is none of "mean", "sum" and "none".
    """
    if reduction not in REDUCTIONS:
        raise OptionError(f'reduction is "mean", "sum" or "none", got {reduction!r}')


def one_hot(input: Any, num_classes: int = -1, dtype: Any = np.int64) -> Any:
    """A row of zeros with a one at the class, for each class index.

    Shapes: `(...)` gives `(..., num_classes)`. Not differentiable: indices are not numbers that can change a little.

    Args:
        input: integers from 0 on.
        num_classes: how many classes there are; one more than the largest index if -1.
        dtype: of the result.

    Raises:
        DTypeError: the indices are not integers.
        OptionError: an index is not below `num_classes`.

    >>> one_hot([2, 0])
    array([[0, 0, 1], [1, 0, 0]])
    """
    k = _indices(input)
    n = int(np.max(of_all_examples(k), initial=-1)) + 1 if num_classes == -1 else num_classes
    _check_classes(k, n)
    return (k[..., None] == np.arange(n)).astype(dtype)


def _indices(target: Any) -> Any:
    k = target if hasattr(target, "dtype") else np.asarray(target)
    if k.dtype.kind not in "iu":
        raise DTypeError(f"class indices are integers, got {k.dtype}; write target.astype(int), or for probabilities "
                         "soft_cross_entropy")  # fmt: skip
    return k


def _check_classes(k: Any, n: int, ignored: Any = False) -> None:
    wrong = ((k < 0) | (k >= n)) & ~ignored if ignored is not False else (k < 0) | (k >= n)
    if not everywhere(~wrong):
        k, wrong = of_all_examples(k), of_all_examples(wrong)
        raise OptionError(f"there are {n} classes, 0 to {n - 1}; got the index {k[wrong].ravel()[0]}")


def _class_axis(x_shape: tuple[int, ...]) -> int:
    if not x_shape:
        raise ShapeError("logits have a class axis, shape (classes,) for one example or (n, classes); got a single number")
    return 0 if len(x_shape) == 1 else 1


def _targets(x_shape: Any, dtype: Any, target: Any, weight: Any, ignore_index: int) -> tuple[Any, Any, float]:
    """The classes of the examples, how much each example counts, or None for 1, and how much all do.

    Both arrays have a class axis, of length 1.
    """
    axis = _class_axis(x_shape)
    n, k = x_shape[axis], _indices(target)
    if k.shape != (*x_shape[:axis], *x_shape[axis + 1 :]):
        raise ShapeError(f"logits {x_shape}, with {n} classes along axis {axis}, need class indices of shape "
                         f"{(*x_shape[:axis], *x_shape[axis + 1 :])}, got {k.shape}")  # fmt: skip
    plain = k.size == 0 or (k.min() >= 0 and k.max() < n and not 0 <= ignore_index < n)
    if plain and weight is None:  # the usual case, three times as fast
        return k.reshape((*k.shape[:axis], 1, *k.shape[axis:])), None, float(k.size)
    ignored = k == ignore_index
    _check_classes(k, n, ignored)
    k = np.where(ignored, 0, k)
    counts = np.where(ignored, 0, 1 if weight is None else _weights(weight, n, dtype)[k]).astype(dtype)
    return np.expand_dims(k, axis), np.expand_dims(counts, axis), float(counts.sum())


def _weights(weight: Any, n: int, dtype: Any) -> Any:
    w = np.asarray(weight).astype(dtype)
    if w.shape != (n,):
        raise ShapeError(f"the weight is one number for each of {n} classes, got shape {w.shape}")
    return w


def _reduced(each: Any, counts: Any, total: float, axis: int, reduction: str) -> Any:
    check_reduction(reduction)
    if counts is not None:
        each = np.where(counts == 0, 0, each * counts)
    if reduction == "none":
        return np.squeeze(each, axis)
    y = np.add.reduce(each, None, np.float32 if each.dtype == np.float16 else None)
    return (y if reduction == "sum" else y / total if total else y * np.nan).astype(each.dtype)


def _share(g: Any, counts: Any, total: float, axis: int, reduction: str) -> Any:
    """What the cotangent of the result makes of each example, with a class axis."""
    if reduction == "none":
        g = np.expand_dims(g, axis)
    elif reduction == "mean" and total:
        g = g / total
    return g if counts is None else g * counts


def _at_class(k: Any, shape: Any, axis: int, dtype: Any) -> Any:
    hot = np.zeros(shape, dtype)
    np.put_along_axis(hot, k, 1, axis)
    return hot


def _cross_entropy_pull(g: Any, x: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    axis = _class_axis(x.shape)
    k, counts, total = _targets(x.shape, x.dtype, target, weight, ignore_index)
    return (softmax(x, axis) - _at_class(k, x.shape, axis, x.dtype)) * _share(g, counts, total, axis, reduction)


@primitive(gx=_cross_entropy_pull)
def cross_entropy(x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """How surprised softmax(x) is by the right classes, in nats: -log of the probability that they were given.

    y = -np.mean(np.take_along_axis(x - np.log(np.sum(np.exp(x), 1, keepdims=True)), target[:, None], 1))
    gx = g * (np.exp(x) / np.sum(np.exp(x), 1, keepdims=True) - (np.arange(x.shape[1]) == target[:, None])) / len(x)

    The formulas are for x `(n, classes)` and the defaults. A guess among n equal classes costs log(n).

    Args:
        x: logits `(n, classes, ...)`, or `(classes,)` for one example.
        target: class indices, x's shape without its class axis.
        weight: how much an example of each class counts, `(classes,)`; the mean is then the weighted one.
        ignore_index: examples with this index do not count at all.
        reduction: "mean" over the examples that count (NaN when there is none), "sum", or "none" for one loss each.

    Raises:
        DTypeError: the target is not integers; probabilities go to `soft_cross_entropy`.
        ShapeError: a target or weight of another shape.
        OptionError: an index that is no class, or an unknown reduction.
    """
    axis = _class_axis(x.shape)
    k, counts, total = _targets(x.shape, x.dtype, target, weight, ignore_index)
    d = _below_max(x, axis)
    each = np.log(_sum_of_exp(np.exp(d), axis)) - np.take_along_axis(d, k, axis)
    return _reduced(each, counts, total, axis, reduction)


def _nll_pull(g: Any, x_shape: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    axis = _class_axis(x_shape)
    k, counts, total = _targets(x_shape, g.dtype, target, weight, ignore_index)
    return -_at_class(k, x_shape, axis, g.dtype) * _share(g, counts, total, axis, reduction)


@primitive(gx=_nll_pull)
def nll_loss(x: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """The negative of the log-probability of the right classes: `cross_entropy` of logarithms already taken.

    y = -np.mean(np.take_along_axis(x, target[:, None], 1))
    gx = -g * (np.arange(x.shape[1]) == target[:, None]) / len(x)

    Shapes, options and errors as for `cross_entropy`.
    """
    axis = _class_axis(x.shape)
    k, counts, total = _targets(x.shape, x.dtype, target, weight, ignore_index)
    return _reduced(-np.take_along_axis(x, k, axis), counts, total, axis, reduction)


@composite(inputs=("x", "target"))
def soft_cross_entropy(x: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """Cross-entropy with a probability for every class as target.

    y = -np.mean(np.sum(target * (x - np.log(np.sum(np.exp(x), 1, keepdims=True))), axis=1))

    The formula is for x `(n, classes)` and the defaults. Where the target is 0 a class costs nothing, also at x = -inf.

    Args:
        x: logits `(n, classes, ...)`, or `(classes,)` for one example.
        target: probabilities, of x's shape; they may be Values.
        weight: how much each class counts, `(classes,)`.
        reduction: "mean" over the examples, "sum", or "none" for one loss each.

    Raises:
        ShapeError: a target or weight of another shape.
        OptionError: an unknown reduction.
    """
    check_reduction(reduction)
    axis = _class_axis(x.shape)
    if np.shape(target) != x.shape:
        raise ShapeError(f"the target has a probability for each logit, shape {x.shape}, got {np.shape(target)}")
    logs = log_softmax(x, axis)
    if weight is not None:
        w = _weights(weight, x.shape[axis], x.dtype)
        target = target * w.reshape((-1, *[1] * (x.ndim - 1 - axis)))
    each = -np.sum(target * np.where((target == 0) & (logs == -np.inf), 0, logs), axis)
    examples = math.prod(x.shape) // x.shape[axis]
    return each if reduction == "none" else np.sum(each) / (examples if reduction == "mean" else 1)
