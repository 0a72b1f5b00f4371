"""Forms that lose digits, overflow or have no slope somewhere, each with the one that does not.

    log(softmax(x))                -> log_softmax(x)          exp(x)/sum(exp(x))            -> softmax(x)
    log(sigmoid(x))                -> logsigmoid(x)           1/(1 + exp(-x))               -> sigmoid(x)
    log(1 - sigmoid(x))            -> logsigmoid(-x)          (exp(2x)-1)/(exp(2x)+1)       -> tanh(x)
    log(1 + exp(x))                -> softplus(x)             sqrt(sum(x*x))                -> norm(x)
    log(sum(exp(x)))               -> logsumexp(x)            sqrt(x*x)                     -> abs(x)
    log(exp(x)), exp(log(x))       -> x                       sqrt(var(x))                  -> std(x)
    mean(x*x) - mean(x)**2         -> var(x)                  x/norm(x)                     -> normalize(x)
    exp(x) - 1, log(1 + x), x small -> expm1(x), log1p(x)     cross_entropy(softmax(x), t)  -> cross_entropy(x, t)
    sqrt(x*x + y*y)                -> hypot(x, y)

Where exp cannot overflow, as after `x - max(x)` or of `-abs(x)`, the form is stable as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import Value
from ..graphs.local import _arrays
from ..graphs.text import number
from .cures import as_norm, guarded
from .findings import Finding, Scene
from .patterns import (
    alike,
    constant,
    either,
    exp_of,
    is_call,
    is_square,
    is_sum_of_squares,
    negative_of,
    one_class,
    scaled,
    shifted,
    sum_call,
    sum_of,
)

__all__ = ["CHECKS", "form_cure"]

Check = Callable[[Scene, Value], "Finding | None"]
UNSTABLE = "unstable form"
NEAR = 1e-5  # below this, 1 + x has lost five digits of x and more


def _found(scene: Scene, v: Value, form: str, why: str, cure: str) -> Finding:
    """A form and why: `{most}` is where exp overflows, `-{least}` where it is 0, `-{one}` where 1 + exp is 1."""
    kind = np.finfo(v.dtype if v.dtype.kind == "f" else np.float64)
    ends = np.log(float(kind.max)), -np.log(float(kind.smallest_subnormal)), -np.log(float(kind.eps) / 2)
    said = why.format(most=int(ends[0]), least=math.ceil(ends[1]), one=math.ceil(ends[2]))
    return scene.finding(v, UNSTABLE, f"{form}: {said}", f"as one op:\n    {cure}")


def _free(z: Any) -> bool:
    """Whether exp of it may overflow."""
    factor, below = scaled(z)
    held = factor < 0 and (is_call(below, "absolute", "relu", "softplus", "vector_norm") or is_square(below))
    return not (held or shifted(z) or is_call(z, "minimum", "clip", "logsigmoid", "log_softmax"))


# -- log -----------------------------------------------------------------------------------------------------------------


def _log(scene: Scene, v: Value) -> Finding | None:
    a = v.args[0]
    p = a.args[0] if is_call(a, "getitem") else a  # the probability of the right class
    x = scene.short(p.args[0]) if type(p) is Value and p.op is not None and type(p.args[0]) is Value else "x"
    if is_call(p, "softmax"):
        picked = "" if p is a else "[...]"
        axis = p.kwargs["axis"]
        cure = f"tg.ops.log_softmax({x}{'' if axis == -1 else f', axis={axis}'}){picked}"
        return _found(scene, v, "log(softmax(x))", "a small probability becomes 0, and its logarithm -inf", cure)
    if is_call(p, "sigmoid"):
        return _found(scene, v, "log(sigmoid(x))", "it is -inf for x below -{least}", f"tg.ops.logsigmoid({x})")
    if is_call(a, "exp"):
        return _found(scene, v, "log(exp(x))", "exp overflows for x above {most}; the result is x", x)
    return _log_of_sum(scene, v, a)


def _log_of_sum(scene: Scene, v: Value, a: Any) -> Finding | None:
    if is_call(a, "subtract") and constant(a.args[0]) == 1 and is_call(a.args[1], "sigmoid"):
        x = scene.short(a.args[1].args[0])
        return _found(scene, v, "log(1 - sigmoid(x))", "it is -inf for x above {one}", f"tg.ops.logsigmoid({_minus(x)})")
    z = exp_of(sum_of(a))
    if z is not None and _free(z):
        total = sum_call(a)
        options = _options(total) + ("" if total is a else ", keepdims=True")
        return _found(scene, v, "log(sum(exp(x)))", "exp overflows for x above {most}, and a sum of small ones is 0",
                      f"tg.ops.logsumexp({scene.short(z)}{options})")  # fmt: skip
    if is_call(a, "add"):
        for c, e in either(a):
            if constant(c) == 1 and (z := exp_of(e)) is not None and _free(z):
                return _softplus(scene, v, z)
    return _log_of_one_and(scene, v, a)


def _options(v: Any) -> str:
    """The options of a reduction that are not as by default, for a line of code."""
    return "".join(f", {k}={x}" for k, x in (v.kwargs or {}).items() if x not in (None, False, 0) or (k == "axis" and x == 0))


def _along(x: Value, axis: Any, default: int) -> str:
    """`, axis=0`, where that is not the default axis."""
    same = axis is not None and np.ndim(axis) == 0 and axis % x.ndim == default % x.ndim
    return "" if same or (axis is None and x.ndim == 1 and default == -1) else f", axis={axis}"


def _minus(x: str) -> str:
    return f"-{x}" if x.isidentifier() or x == "..." else f"-({x})"


def _softplus(scene: Scene, v: Value, z: Value) -> Finding:
    below = negative_of(z)
    x = scene.short(z) if below is None else _minus(scene.short(below))
    return _found(scene, v, "log(1 + exp(x))", "exp overflows for x above {most}, and 1 + exp(x) is 1 below -{one}",
                  f"tg.ops.softplus({x})")  # fmt: skip


def _log1p(scene: Scene, v: Value) -> Finding | None:
    z = exp_of(v.args[0])
    return _softplus(scene, v, z) if z is not None and _free(z) else None


def _log_of_one_and(scene: Scene, v: Value, a: Any) -> Finding | None:
    if not is_call(a, "add"):
        return None
    for i, c in enumerate(a.args):
        x = a.args[1 - i]
        if constant(c) == 1 and type(x) is Value and (least := _smallest(x)) < NEAR:
            return _found(
                scene, v, "log(1 + x)", "1 + x keeps few digits of x = " + number(least, 3), f"np.log1p({scene.short(x)})"
            )
    return None


def _smallest(x: Value) -> float:
    """The smallest size among the entries that are not zero; infinity if there is none."""
    sizes = np.abs(x._data) if x.dtype.kind == "f" else np.zeros(0)
    return float(np.min(sizes[sizes > 0], initial=np.inf))


# -- exp, division, differences --------------------------------------------------------------------------------------------


def _exp(scene: Scene, v: Value) -> Finding | None:
    a = v.args[0]
    if not is_call(a, "log"):
        return None
    return _found(scene, v, "exp(log(x))", "log is -inf at 0, with an infinite slope; the result is x", scene.short(a.args[0]))


def _divide(scene: Scene, v: Value) -> Finding | None:
    above, below = v.args[0] if is_call(v, "divide") else 1.0, v.args[-1]
    return _sigmoid(scene, v, above, below) or _softmax(scene, v, above, below) or _unit(scene, v, above, below)


def _sigmoid(scene: Scene, v: Value, above: Any, below: Any) -> Finding | None:
    """1/(1 + exp(-x)), exp(x)/(1 + exp(x)) and the two forms of tanh."""
    if not is_call(below, "add"):
        return None
    for c, e in either(below):
        z = exp_of(e)
        if z is None or not _free(z):
            continue
        if constant(c) == 1 and constant(above) == 1:
            inner = negative_of(z)
            x = _minus(scene.short(z)) if inner is None else scene.short(inner)
            return _found(scene, v, "1/(1 + exp(-x))", "exp overflows for x below -{most}, where the slope becomes 0 * inf",
                          f"tg.ops.sigmoid({x})")  # fmt: skip
        if constant(c) == 1 and alike(above, e):
            return _found(scene, v, "exp(x)/(1 + exp(x))", "inf/inf for x above {most}", f"tg.ops.sigmoid({scene.short(z)})")
        if is_call(above, "subtract") and alike(above.args[0], e) and alike(above.args[1], c):
            return _tanh(scene, v, z, c)
    return None


def _tanh(scene: Scene, v: Value, z: Value, c: Any) -> Finding | None:
    factor, x = scaled(z)
    other = exp_of(c)
    if (constant(c) == 1 and factor == 2) or (
        other is not None and negative_of(other) is not None and alike(negative_of(other), z)
    ):
        x = x if constant(c) == 1 else z
        return _found(scene, v, "tanh by exponentials", "inf/inf for large x", f"np.tanh({scene.short(x)})")
    return None


def _softmax(scene: Scene, v: Value, above: Any, below: Any) -> Finding | None:
    z = exp_of(above)
    if z is None or not alike(sum_of(below), above) or not _free(z):
        return None
    axis = (sum_call(below).kwargs or {})["axis"]  # type: ignore[union-attr]  # the sum was found above
    return _found(scene, v, "exp(x)/sum(exp(x))", "inf/inf for x above {most}",
                  f"tg.ops.softmax({scene.short(z)}{_along(z, axis, -1)})")  # fmt: skip


def _unit(scene: Scene, v: Value, above: Any, below: Any) -> Finding | None:
    norm = is_call(below, "vector_norm") and below.args[0] is above
    root = is_call(below, "sqrt") and is_sum_of_squares(below.args[0]) and _of_squares(below.args[0]) is above
    if type(above) is not Value or not (norm or root):
        return None
    total = below if norm else below.args[0]
    axis = (total.kwargs or {}).get("axis")  # x @ x has none
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    cure = f"with a least length:\n    tg.ops.normalize({scene.short(above)}{_along(above, axis, 1)})"
    return scene.finding(v, UNSTABLE, "x/norm(x): 0/0 for the zero vector, and a huge slope near it", cure)


def _of_squares(total: Value) -> Any:
    squares: Any = total if is_call(total, "matmul") else total.args[0]
    return squares.args[0]


def _subtract(scene: Scene, v: Value) -> Finding | None:
    a, b = v.args
    z = exp_of(a)
    if z is not None and constant(b) == 1 and (least := _smallest(z)) < NEAR:
        return _found(scene, v, "exp(x) - 1", "few digits are left at x = " + number(least, 3), f"np.expm1({scene.short(z)})")
    if is_call(a, "mean") and is_square(a.args[0]) and is_square(b) and is_call(b.args[0], "mean"):
        x = a.args[0].args[0]
        if alike(x, b.args[0].args[0]) and a.kwargs == b.args[0].kwargs:
            why = "two large numbers that are nearly equal; their difference can be negative"
            return _found(scene, v, "mean(x*x) - mean(x)**2", why, f"np.var({scene.short(x)}{_options(a)})")
    return None


# -- roots -----------------------------------------------------------------------------------------------------------------


def _root(scene: Scene, v: Value) -> Finding | None:
    a = v.args[0]
    if is_call(v, "power") and constant(v.args[1]) != 0.5:
        return None
    if is_sum_of_squares(a):
        return _found(scene, v, "sqrt(sum(x*x))", "at the zero vector its slope is inf * 0, NaN", as_norm(scene, a))
    if is_square(a):
        return _found(scene, v, "sqrt(x*x)", "at 0 its slope is inf * 0, NaN", f"np.abs({scene.short(a.args[0])})")
    if is_call(a, "var"):
        why = "if all x are equal its slope is inf * 0, NaN"
        return _found(scene, v, "sqrt(var(x))", why, f"np.std({scene.short(a.args[0])}{_options(a)})")
    if is_call(a, "add") and all(map(is_square, a.args)):
        x, y = (scene.short(b.args[0]) for b in a.args)
        return _found(scene, v, "sqrt(x*x + y*y)", "at the origin its slope is inf * 0, NaN", f"np.hypot({x}, {y})")
    return _at_zero(scene, v, a, _arrays(v)[0])


def _at_zero(scene: Scene, v: Value, a: Any, x: Any) -> Finding | None:
    if type(a) is not Value or not isinstance(x, float | np.ndarray) or not np.any(np.asarray(x) == 0):
        return None
    n = f", in {int(np.sum(np.asarray(x) == 0))} of {np.size(x)} entries" if np.ndim(x) else ""
    message = f"a square root at 0{n}: its slope is infinite"
    return scene.finding(v, "infinite slope", message, f"keep away from 0: sqrt(x + 1e-12), or {guarded(scene, v)}")


# -- losses ----------------------------------------------------------------------------------------------------------------

_TWICE = {
    "cross_entropy": ("softmax", "cross_entropy takes logits and applies softmax itself"),
    "log_softmax": ("softmax", "log_softmax takes logits and applies softmax itself"),
    "softmax": ("softmax", "softmax of probabilities is nearly uniform"),
    "bce_with_logits": ("sigmoid", "binary_cross_entropy_with_logits takes logits and applies sigmoid itself"),
    "nll_loss": ("softmax", "nll_loss takes logarithms of probabilities"),
}


def _loss(scene: Scene, v: Value) -> Finding | None:
    a = v.args[0]
    name = v.op.name  # type: ignore[union-attr]  # v is a call, so it has an op
    if name == "bce" and is_call(a, "sigmoid"):
        return _found(scene, v, "binary_cross_entropy(sigmoid(x), t)", "log(sigmoid(x)) loses its digits for large x",
                      f"binary_cross_entropy_with_logits({scene.short(a.args[0])}, t)")  # fmt: skip
    if (cure := one_class(v)) is not None:
        return scene.finding(v, "one class", f"{name} over one entry is always {float(name == 'softmax'):g}", cure)
    inner, why = _TWICE.get(name, ("", ""))
    if not inner or not is_call(a, inner):
        return None
    x = scene.short(a.args[0])
    logs = name == "nll_loss"
    return scene.finding(v, "wrong input of a loss" if logs else f"{inner} twice", why,
                         f"pass tg.ops.log_softmax({x})" if logs else f"pass the logits: {x}")  # fmt: skip


CHECKS: dict[str, Check] = {
    "log": _log, "log1p": _log1p, "exp": _exp, "divide": _divide, "reciprocal": _divide, "subtract": _subtract, "sqrt": _root,
    "power": _root, "bce": _loss, **dict.fromkeys(_TWICE, _loss),
}  # fmt: skip


def _log_of_ratio(scene: Scene, v: Value) -> str:
    """The log of a softmax or sigmoid that is written out, also where exp cannot overflow: a probability may still become 0."""
    if not is_call(v, "log"):
        return ""
    a = v.args[0]
    p, picked = (a.args[0], "[...]") if is_call(a, "getitem") else (a, "")
    if not is_call(p, "divide"):
        return ""
    above, below = p.args
    z = exp_of(above)
    if z is not None and alike(sum_of(below), above):
        x = z.args[0] if shifted(z) else z
        axis = (sum_call(below).kwargs or {})["axis"]  # type: ignore[union-attr]  # the sum was found above
        return f"as one op:\n    tg.ops.log_softmax({scene.short(x)}{_along(z, axis, -1)}){picked}"
    found = _sigmoid(scene, p, above, below)
    return found.cure.replace("sigmoid(", "logsigmoid(") + picked if found is not None else ""


_CARRIERS = ("add", "subtract", "sum", "expand_dims", "reshape", "getitem", "broadcast_to")


def form_cure(scene: Scene, v: Value) -> str:
    """The cure of the unstable form that a call is a part of: itself, or what is made of it by a sum or two; else nothing."""
    if cure := _log_of_ratio(scene, v):
        return cure
    layer = [v]
    for _ in range(4):
        for u in layer:
            check = CHECKS.get(u.op.name) if u.op is not None else None
            found = check(scene, u) if check else None
            if found is not None and found.kind == UNSTABLE:
                return found.cure
        layer = [u for a in layer for u, _ in scene.uses.get(a, ()) if a is v or is_call(a, *_CARRIERS)]
    return ""
