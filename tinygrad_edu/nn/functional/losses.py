"""Losses. None of them broadcasts: `(n, 1)` against `(n,)` would compare every output with every target, in silence.

Each takes `reduction`: "mean" over all entries, "sum", or "none" for one loss an entry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import ops
from ...errors import OptionError, ShapeError

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy",
           "gaussian_nll_loss", "hinge_embedding_loss", "hinge_loss", "huber_loss", "kl_div", "l1_loss",
           "log_cosh_loss", "margin_ranking_loss", "mse_loss", "nll_loss", "pinball_loss", "poisson_nll_loss",
           "quadratic_cost", "smooth_l1_loss", "soft_margin_loss", "squared_hinge_loss", "triplet_margin_loss"]  # fmt: skip


def _same_shape(name: str, **arrays: Any) -> None:
    """Refuse arrays of different shapes, which NumPy would broadcast.

    Raises:
        ShapeError: they differ.
    """
    shapes = {n: np.shape(a) for n, a in arrays.items()}
    (first, wanted), *others = shapes.items()
    for other, shape in others:
        if shape != wanted:
            cure = f"{other}.reshape({first}.shape)" if math.prod(shape) == math.prod(wanted) else "one target an output"
            raise ShapeError(f"{name} does not broadcast: {first} has shape {wanted} and {other} {shape}. Write {cure}")


def _reduced(each: Any, reduction: str) -> Any:
    """The losses of all entries as `reduction` says.

    Raises:
        OptionError: an unknown reduction.
    """
    if reduction not in ("mean", "sum", "none"):
        raise OptionError(f'reduction is "mean", "sum" or "none", got {reduction!r}')
    if reduction == "none":
        return each
    return np.mean(each) if reduction == "mean" else np.sum(each)


def _weighted(name: str, each: Any, weight: Any, reduction: str) -> Any:
    """Weighted losses; their mean is the weighted mean."""
    if weight is None:
        return _reduced(each, reduction)
    _same_shape(name, input=each, weight=weight)
    return np.sum(each * weight) / np.sum(weight) if reduction == "mean" else _reduced(each * weight, reduction)


# -- regression --------------------------------------------------------------------------------------------------------


def mse_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    """Squared differences: `ops.squared_error`.

    >>> mse_loss(np.array([1.0, 2.0]), np.array([0.0, 5.0]))  # (1 + 9)/2
    np.float64(5.0)
    """
    _same_shape("mse_loss", input=input, target=target)
    return _weighted("mse_loss", ops.squared_error(input, target), weight, reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    """Distances: `ops.absolute_error`.

    >>> l1_loss(np.array([1.0, 2.0]), np.array([0.0, 5.0]), reduction="none")
    array([1., 3.])
    """
    _same_shape("l1_loss", input=input, target=target)
    return _weighted("l1_loss", ops.absolute_error(input, target), weight, reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """Distances, squared over 2*beta when smaller than beta: `ops.smooth_l1`; beta 0 is `l1_loss`.

    >>> smooth_l1_loss(np.array([1.0, 9.0]), np.array([0.0, 0.0]), "none", beta=2.0)  # 1/4, 9 - 1
    array([0.25, 8.  ])
    """
    _same_shape("smooth_l1_loss", input=input, target=target)
    each = ops.smooth_l1(input, target, beta) if beta else ops.absolute_error(input, target)
    return _reduced(each, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Half the squared differences, growing straight beyond delta: `ops.huber`.

    >>> huber_loss(np.array([1.0, 9.0]), np.array([0.0, 0.0]), "none", delta=2.0)  # 1/2, 2*(9 - 1)
    array([ 0.5, 16. ])
    """
    _same_shape("huber_loss", input=input, target=target)
    return _weighted("huber_loss", ops.huber(input, target, delta), weight, reduction)


def log_cosh_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The logarithm of cosh of the difference, a smooth distance: `ops.log_cosh_loss`.

    >>> log_cosh_loss(np.array([100.0]), np.array([0.0]))  # 100 - log(2)
    np.float64(99.30685281944005)
    """
    _same_shape("log_cosh_loss", input=input, target=target)
    return _reduced(ops.log_cosh_loss(input, target), reduction)


def pinball_loss(input: Any, target: Any, reduction: str = "mean", quantile: float = 0.5) -> Any:
    """What a quantile of the target makes smallest: `ops.pinball`.

    >>> pinball_loss(np.array([1.0, 1.0]), np.array([3.0, 0.0]), "none", quantile=0.75)
    array([1.5 , 0.25])
    """
    _same_shape("pinball_loss", input=input, target=target)
    return _reduced(ops.pinball(input, target, quantile), reduction)


def quadratic_cost(output: Any, target: Any) -> Any:
    """The cost of the notes, squares summed over outputs and their mean over examples: `ops.quadratic_cost`.

    >>> quadratic_cost(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 2.0]]))  # (1 + 4)/2
    np.float64(2.5)
    """
    return ops.quadratic_cost(output, target)


def poisson_nll_loss(input: Any, target: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8,
                     reduction: str = "mean") -> Any:  # fmt: skip
    """How unlikely a count is: `ops.poisson_nll`.

    Args:
        input: the logarithm of the expected count.
        target: counts.
        log_input: False if the input is the expected count itself; eps is then added before its logarithm.
        full: add Stirling's approximation of log(target!), for targets above 1.
        eps: see log_input.
        reduction: "mean", "sum" or "none".

    >>> poisson_nll_loss(np.array([0.0]), np.array([3.0]))  # exp(0) - 3*0
    np.float64(1.0)
    """
    _same_shape("poisson_nll_loss", input=input, target=target)
    each = ops.poisson_nll(input, target) if log_input else input - target * np.log(input + eps)
    if full:
        t = np.where(target > 1, target, 1)
        each = each + np.where(target > 1, t * np.log(t) - t + 0.5 * np.log(2 * math.pi * t), 0)
    return _reduced(each, reduction)


def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6,
                      reduction: str = "mean") -> Any:  # fmt: skip
    """How unlikely a normal number is: `ops.gaussian_nll`.

    Args:
        input: the expectation.
        target: numbers.
        var: the variance, of the same shape, with one entry in the last axis, or a number; at least eps is used.
        full: add the constant log(2*pi)/2.
        eps: the smallest variance; a smaller one has gradient 0 (PyTorch: that of the smallest).
        reduction: "mean", "sum" or "none".

    Raises:
        OptionError: a negative variance.
        ShapeError: shapes that differ.

    >>> gaussian_nll_loss(np.array([2.0]), np.array([0.0]), 1.0)  # 2**2/2
    np.float64(2.0)
    """
    _same_shape("gaussian_nll_loss", input=input, target=target)
    shape = np.shape(input)
    if np.shape(var) not in (shape, (*shape[:-1], 1), ()):
        raise ShapeError(f"gaussian_nll_loss: var has the shape {shape} of the input, or ends in 1; got {np.shape(var)}")
    if np.any(var < 0):
        raise OptionError("gaussian_nll_loss: a variance is not negative; np.exp or softplus of an output makes it positive")
    each = ops.gaussian_nll(input, target, np.maximum(var, eps))
    return _reduced(each + 0.5 * math.log(2 * math.pi) if full else each, reduction)


# -- yes or no ---------------------------------------------------------------------------------------------------------


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """Surprise of probabilities at yes or no: `ops.bce`. Prefer `binary_cross_entropy_with_logits`.

    >>> binary_cross_entropy(np.array([0.5, 0.25]), np.array([1.0, 0.0]), reduction="none")  # -log(1/2), -log(3/4)
    array([0.69314718, 0.28768207])
    """
    _same_shape("binary_cross_entropy", input=input, target=target)
    each = ops.bce(input, target)
    return _reduced(each if weight is None else each * weight, reduction)


def binary_cross_entropy_with_logits(input: Any, target: Any, weight: Any = None, reduction: str = "mean",
                                     pos_weight: Any = None) -> Any:  # fmt: skip
    """Surprise of sigmoid(input) at yes or no: `ops.bce_with_logits`.

    Args:
        input: logits.
        target: 1 for yes, 0 for no, or a probability, of the same shape.
        weight: how much each entry counts; broadcasts to the input. The mean still divides by the number of entries.
        reduction: "mean", "sum" or "none".
        pos_weight: how much a yes counts; broadcasts to the input.

    Raises:
        ShapeError: input and target differ in shape.

    >>> binary_cross_entropy_with_logits(np.array([0.0]), np.array([1.0]))  # -log(1/2)
    np.float64(0.6931471805599453)
    """
    _same_shape("binary_cross_entropy_with_logits", input=input, target=target)
    if pos_weight is None:
        each = ops.bce_with_logits(input, target)
    else:
        each = -(pos_weight * target * ops.logsigmoid(input) + (1 - target) * ops.logsigmoid(-input))
    return _reduced(each if weight is None else each * weight, reduction)


def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The logistic loss, for targets 1 and -1: `ops.soft_margin`.

    >>> soft_margin_loss(np.array([0.0]), np.array([1.0]))  # log(2)
    np.float64(0.6931471805599453)
    """
    _same_shape("soft_margin_loss", input=input, target=target)
    return _reduced(ops.soft_margin(input, target), reduction)


def hinge_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """What is missing to a margin of 1, for targets 1 and -1: `ops.hinge`.

    >>> hinge_loss(np.array([2.0, 0.5]), np.array([1.0, -1.0]), reduction="none")
    array([0. , 1.5])
    """
    _same_shape("hinge_loss", input=input, target=target)
    return _reduced(ops.hinge(input, target), reduction)


def squared_hinge_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """The square of the hinge loss: `ops.squared_hinge`.

    >>> squared_hinge_loss(np.array([2.0, 0.5]), np.array([1.0, -1.0]), reduction="none")
    array([0.  , 2.25])
    """
    _same_shape("squared_hinge_loss", input=input, target=target)
    return _reduced(ops.squared_hinge(input, target), reduction)


# -- one of many -------------------------------------------------------------------------------------------------------


def cross_entropy(input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Any:  # fmt: skip
    """Surprise of softmax(input) at the right classes: `ops.cross_entropy`, `ops.soft_cross_entropy`.

    Args:
        input: logits `(n, classes, ...)`, or `(classes,)`.
        target: class indices, integers of that shape without the class axis; or probabilities of the same shape.
        weight: how much each class counts, `(classes,)`.
        ignore_index: a class index that does not count.
        reduction: "mean" over what counts, "sum" or "none".
        label_smoothing: the share e of the target that is spread evenly over all classes.

    Raises:
        ShapeError: shapes that do not fit.
        OptionError: an index that is no class, or an option outside its domain.

    >>> cross_entropy(np.zeros((1, 4)), np.array([2]))  # log(4)
    np.float64(1.3862943611198906)
    """
    if not 0 <= label_smoothing <= 1:
        raise OptionError(f"label_smoothing is a share, 0 to 1, got {label_smoothing}")
    target = target if hasattr(target, "dtype") else np.asarray(target)
    classes = input.shape[0 if input.ndim == 1 else 1]
    if target.dtype.kind == "f":
        q = target * (1 - label_smoothing) + label_smoothing / classes if label_smoothing else target
        return ops.soft_cross_entropy(input, q, weight, reduction)
    sure = ops.cross_entropy(input, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return sure
    even = _evenly(input, target, weight, ignore_index, reduction)
    return (1 - label_smoothing) * sure + label_smoothing * even


def _evenly(input: Any, target: Any, weight: Any, ignore_index: int, reduction: str) -> Any:
    """The cross-entropy if all classes were equally right; examples and their mean as for the target."""
    axis = 0 if input.ndim == 1 else 1
    n = input.shape[axis]
    w = np.ones(n, input.dtype) if weight is None else np.asarray(weight, input.dtype)
    logs = ops.log_softmax(input, axis) * np.reshape(w / n, (-1, *[1] * (input.ndim - 1 - axis)))
    counts = target != ignore_index
    each = np.where(counts, -np.sum(logs, axis), 0)
    if reduction != "mean":
        return _reduced(each, reduction)
    return np.sum(each) / float(np.sum(w[np.where(counts, target, 0)] * counts))


def nll_loss(input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """Cross-entropy of log-probabilities: `ops.nll_loss`.

    >>> nll_loss(np.log(np.array([[0.5, 0.25, 0.25]])), np.array([0]))  # log(2)
    np.float64(0.6931471805599453)
    """
    return ops.nll_loss(input, target, weight, ignore_index, reduction)


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Any:
    """The Kullback-Leibler divergence of log-probabilities from probabilities: `ops.kl_div_pointwise`.

    Args:
        input: log-probabilities.
        target: probabilities, of the same shape.
        reduction: as for every loss, or "batchmean": the sum, divided by the length of the first axis, which is the
            divergence of the textbooks.
        log_target: whether the target is log-probabilities too.

    >>> kl_div(np.log(np.array([[0.5, 0.5]])), np.array([[1.0, 0.0]]), reduction="batchmean")  # log(2)
    np.float64(0.6931471805599453)
    """
    _same_shape("kl_div", input=input, target=target)
    each = np.exp(target) * (target - input) if log_target else ops.kl_div_pointwise(input, target)
    return np.sum(each) / len(input) if reduction == "batchmean" else _reduced(each, reduction)


# -- pairs and triples -------------------------------------------------------------------------------------------------


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Any:
    """What is missing for input1 to be larger than input2 by a margin (target 1), or smaller (target -1).

    >>> margin_ranking_loss(np.array([1.0, 1.0]), np.array([3.0, 3.0]), np.array([1.0, -1.0]), reduction="none")
    array([2., 0.])
    """
    _same_shape("margin_ranking_loss", input1=input1, input2=input2, target=target)
    return _reduced(ops.relu(margin - target * (input1 - input2)), reduction)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """A distance that is to be small (target 1), or larger than a margin (target -1).

    >>> hinge_embedding_loss(np.array([0.25, 0.25]), np.array([1.0, -1.0]), reduction="none")
    array([0.25, 0.75])
    """
    _same_shape("hinge_embedding_loss", input=input, target=target)
    return _reduced(np.where(np.equal(target, 1), input, ops.relu(margin - input)), reduction)


def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Any:
    """Vectors `(..., d)` that are to point the same way (target 1), or apart by a cosine below a margin (target -1).

    >>> cosine_embedding_loss(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]]), np.array([1.0]))  # 1 - cos(90°)
    np.float64(1.0)
    """
    _same_shape("cosine_embedding_loss", input1=input1, input2=input2)
    cosine = ops.cosine_similarity(input1, input2, -1)
    _same_shape("cosine_embedding_loss", cosine=cosine, target=target)
    return _reduced(np.where(np.equal(target, 1), 1 - cosine, ops.relu(cosine - margin)), reduction)


def triplet_margin_loss(anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2.0,
                        eps: float = 1e-6, swap: bool = False, reduction: str = "mean") -> Any:  # fmt: skip
    """What is missing for an anchor to be nearer to the positive than to the negative by a margin; vectors `(..., d)`.

    Args:
        anchor: vectors.
        positive: vectors that belong to the anchors.
        negative: vectors that do not.
        margin: how much nearer.
        p: of the norm that measures distance.
        eps: added to the differences, as PyTorch does, which keeps them from being all 0.
        swap: count the negative's distance from the positive, if that is smaller.
        reduction: "mean", "sum" or "none".

    >>> triplet_margin_loss(np.zeros((1, 2)), np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])).round(4)  # 5 - 2 + 1
    np.float64(4.0)
    """
    _same_shape("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    near, far = (ops.vector_norm(anchor - other + eps, -1, ord=p) for other in (positive, negative))
    if swap:
        far = np.minimum(far, ops.vector_norm(positive - negative + eps, -1, ord=p))
    return _reduced(ops.relu(near - far + margin), reduction)
