"""What a graph shows about its numbers: dead and saturated units, sums that lost digits, shapes that broadcast by accident."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core import Value
from ...core.recording import Spec
from ..graphs.local import _arrays
from ..graphs.snapshot import SLOPES
from ..graphs.text import number, thousands
from .findings import Finding, Scene
from .patterns import is_call, rectified

__all__ = ["accidental_broadcast", "dead", "lost_digits", "saturated"]

RECTIFIERS = ("relu", "relu2", "relu6")
ENOUGH = 8  # examples: one unit in 256 gives zero for all of them by chance
LOST = 1e-3  # relative error of a sum


def dead(scene: Scene, v: Value) -> Finding | None:
    """Units of a rectifier that are zero for all examples.

    Of `(examples, ..., units)`, or `(examples, channels, height, width)`; of one axis, if all entries are zero.
    """
    if isinstance(v._data, Spec) or v.size < 2 or not (is_call(v, *RECTIFIERS) or (v.ndim > 1 and rectified(v))):
        return None
    axis = 1 if v.ndim >= 4 else v.ndim - 1
    others = tuple(i for i in range(v.ndim) if i != axis)
    zero = np.all(np.asarray(v._data) == 0, axis=others if v.ndim > 1 else None)
    units, examples = np.size(zero), v.size // np.size(zero)
    n = int(np.sum(zero))
    if not n or (n < units and examples < ENOUGH):
        return None
    what = f"{n} of {units} units are zero for all {examples} examples" if v.ndim > 1 else f"all {examples} entries are zero"
    cure = "start with smaller weights or another bias, lower the learning rate, or use leaky_relu, elu or gelu"
    return scene.finding(v, "dead units", f"{what}: nothing flows back through them", cure)


def saturated(scene: Scene, v: Value) -> Finding | None:
    """A squashing function most of whose entries have a slope below one percent of the steepest."""
    if not is_call(v, *SLOPES) or isinstance(v._data, Spec) or v._data.dtype == object or not v.size:
        return None
    assert v.op is not None
    flat = SLOPES[v.op.name](np.asarray(v._data, np.float64)) < 0.01
    if np.mean(flat) <= 0.5:
        return None
    message = f"{int(np.sum(flat))} of {v.size} entries have less than 1 % of the steepest slope"
    cure = "normalise the inputs, start with smaller weights; for the outputs of a classifier use the loss on logits"
    return scene.finding(v, "saturated units", message, cure)


def lost_digits(scene: Scene, v: Value) -> Finding | None:
    """A sum in float32 or float16 that is not what it is in float64."""
    if not is_call(v, "sum", "mean") or isinstance(v._data, Spec) or v._data.dtype not in (np.float32, np.float16):
        return None
    x, options = _arrays(v)[0], v.kwargs or {}
    if x is None or isinstance(x, Spec) or not np.all(np.isfinite(x)):
        return None
    exact = (np.sum if is_call(v, "sum") else np.mean)(x.astype(np.float64), axis=options["axis"], keepdims=options["keepdims"])
    size = np.abs(exact)
    with np.errstate(all="ignore"):
        off = np.where(size > _noise(v, x), np.abs(v._data.astype(np.float64) - exact) / size, 0)
    if not np.any(off > LOST):
        return None
    i = int(np.argmax(off))
    seen, right = (number(np.ravel(y)[i], 6) for y in (v._data, exact))
    message = f"in {v.dtype} this sum of {thousands(x.size)} numbers is {seen}; exactly it is {right}"
    cure = "add in float64, x.astype(np.float64), or take the mean out of the sum first"
    return scene.finding(v, "lost digits", message, cure)


def _noise(v: Value, x: Any) -> float:
    """How far off a sum may be because its terms were computed, each with a rounding error of its own; data has none."""
    terms = v.args[0]
    if type(terms) is not Value or terms.op is None:
        return 0.0
    total = float(np.sum(np.abs(x), dtype=np.float64) * np.finfo(x.dtype).eps)
    return total / x.size if is_call(v, "mean") else total


def accidental_broadcast(scene: Scene, v: Value) -> Finding | None:
    """A difference of (N, 1) and (N,), which is (N, N), that ends in a loss."""
    if not is_call(v, "subtract", "squared_error", "absolute_error", "huber", "smooth_l1") or v.ndim != 2:
        return None
    shapes = [np.shape(a._data if type(a) is Value else a) for a in v.args]
    n = v.shape[0]
    if n < 2 or v.shape != (n, n) or sorted(shapes, key=len) != [(n,), (n, 1)] or not _summed(scene, v):
        return None
    column = v.args[[len(s) for s in shapes].index(2)]
    if is_call(column, "getitem", "expand_dims", "reshape"):  # written on purpose: all pairs
        return None
    message = f"shapes {shapes[0]} and {shapes[1]} give {v.shape}: {thousands(n * n)} differences instead of {n}"
    cure = ("make the shapes equal: prediction.reshape(-1), or target.reshape(-1, 1); the losses of tg.nn.functional refuse to "
            "broadcast")  # fmt: skip
    return scene.finding(v, "accidental broadcast", message, cure)


def _summed(scene: Scene, v: Value) -> bool:
    """Whether all entries end in one sum, perhaps after an entrywise function or two."""
    for _ in range(4):
        after = {u for u, _ in scene.uses.get(v, ())}
        if len(after) != 1:
            return False
        v = after.pop()
        if v.op is None or v.op.kind != "elementwise":
            return is_call(v, "sum", "mean") and v.ndim == 0
    return False
