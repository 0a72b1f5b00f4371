"""Why a call sends nothing back to one of its arguments although a gradient arrives at it: the reason and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core import Value
from ...core.cotangents import unbroadcast
from ..chain_rule.contributions import sent
from ..graphs.local import _arrays, pull_text
from ..graphs.text import cut, number, thousands
from .patterns import constant, one_class, rectified

__all__ = ["Reason", "slope_of", "zero_reason"]

DEAD = {"relu": 0.0, "relu2": 0.0, "relu6": 0.0, "hardshrink": None, "softshrink": None, "threshold": None,
        "hardsigmoid": None, "hardswish": None, "leaky_relu": 0.0}  # fmt: skip
CLIPPED = ("clip", "hardtanh")
SQUASHED = ("sigmoid", "tanh", "softsign", "erf", "erfc", "arctan", "gaussian", "tanhshrink", "softcap", "silu", "gelu",
            "gelu_tanh", "quick_gelu", "mish", "elu", "selu", "celu", "softplus", "logsigmoid", "bce_with_logits")  # fmt: skip
CHOOSING = ("maximum", "minimum", "fmax", "fmin", "max", "min", "where", "getitem", "max_pool1d", "max_pool2d", "tril", "triu",
            "diagonal", "add_at", "index_put", "cummax", "cummin")  # fmt: skip
INVARIANT = {  # ops that do not notice a common shift, with what it is along
    "softmax": "its outputs add up to 1 whatever its inputs are",
    "standardise": "its outputs have mean 0 and variance 1 whatever its inputs are",
}

_CURES = {
    "dead unit": "a unit that is never active does not learn. Start with smaller weights or another bias, lower the learning "
    "rate that drove it there, or use leaky_relu, elu or gelu, whose slope is not 0 there",
    "saturated": "keep the inputs of {op} small: normalise the data, start with smaller weights (tg.nn.init). If it is the "
    "output of a classifier, use the loss on logits: cross_entropy, binary_cross_entropy_with_logits",
    "flat function": "{op} is constant between its jumps, so nothing can learn through it. Use a smooth relative (sigmoid or "
    "tanh for a step or sign), or give it a slope of your own, as a straight-through estimator: tg.transforms.custom_vjp",
    "clipped": "widen the bounds, or use a smooth one: low + (high - low)*sigmoid(x), or tg.ops.softcap",
    "multiplied by zero": "a factor of zero passes nothing on, and two of them never will: do not start weights with zeros "
    "(tg.nn.init). If it is a mask, it hides these entries on purpose",
    "underflow": "compute in float64, or in logarithms; in deep chains use residual connections and normalisation",
    "slope is zero": "a stationary point of the function, or too far out for its slope: start from other numbers",
    "invariant": "weigh its outputs differently before they are added up: a sum of all of them cannot change. For a "
    "classifier use cross_entropy(logits, target)",
    "copies": "the copies pull in opposite directions by the same amount: break the symmetry of the data or the weights",
}


@dataclass(frozen=True)
class Reason:
    """Why nothing comes through."""

    kind: str
    message: str
    cure: str


@dataclass(frozen=True, eq=False)
class _Case:
    """A call, the argument in question, the gradient that arrives, and where a gradient could have come through."""

    v: Value
    place: int
    g: Any
    x: Any  # the argument's entries there
    slope: Any  # of an elementwise call, there; else None

    @property
    def name(self) -> str:
        return self.v.op.name  # type: ignore[union-attr]  # v is a call, so it has an op

    @property
    def many(self) -> str:
        return f"all {thousands(np.size(self.x))} entries of its input are" if np.size(self.x) != 1 else "its input is"

    @property
    def range(self) -> str:
        if np.size(self.x) == 0:
            return "none"
        low, high = (number(x, 6) for x in (np.min(self.x), np.max(self.x)))
        return low if low == high else f"from {low} to {high}"


def slope_of(v: Value, place: int) -> Any:
    """The partial derivatives of an elementwise call, of the shape of its result."""
    ones = np.ones(v.shape, v.dtype)[()] if v.dtype != object else None
    if ones is None:
        return None
    call: Any = v.op
    with np.errstate(all="ignore"):
        from ..chain_rule.contributions import _with_zeros
        from ..graphs.local import _Call

        pull = call.pulls[place]
        found = pull(ones, _Call(v, v._data, _with_zeros(v), v.args)) if pull else ones
    return np.broadcast_to(getattr(found, "data", found), v.shape)


def zero_reason(v: Value, place: int, g: Any, moving: Any) -> Reason:
    """Why the gradient `g` that arrives at a call sends nothing but zeros to one argument.

    Args:
        v: the result of the call.
        place: which argument.
        g: what arrives, with entries that are not zero.
        moving: the entries of the argument that are asked about, a mask of its shape; None for all.
    """
    case = _case(v, place, g, moving)
    for ask in _QUESTIONS:
        if (reason := ask(case)) is not None:
            return reason
    return Reason(
        "zero by its rule", f"its rule gives zero here: {_formula(case)}", "look at its inputs: other numbers may come through"
    )


def _case(v: Value, place: int, g: Any, moving: Any) -> _Case:
    x = _arrays(v)[place]
    x = np.asarray(v.args[place]._data if x is None else x)
    if v.op.kind != "elementwise" or v.dtype == object:  # type: ignore[union-attr]  # v is a call, so it has an op
        return _Case(v, place, g, x if moving is None else x[np.broadcast_to(moving, x.shape)], None)
    there = np.asarray(g) != 0
    if moving is not None:
        wanted = there & np.broadcast_to(moving, v.shape)
        there = wanted if wanted.any() else np.broadcast_to(moving, v.shape)
    slope = slope_of(v, place)
    return _Case(v, place, np.asarray(g)[there], np.broadcast_to(x, v.shape)[there], None if slope is None else slope[there])


def _formula(c: _Case) -> str:
    return cut(pull_text(c.v.op, c.place), 100) or f"the pullback of {c.name}"  # type: ignore[arg-type]  # v is a call


def _flat_slope(c: _Case) -> bool:
    return c.slope is not None and not np.any(c.slope)


def _nothing(c: _Case) -> Reason | None:
    if np.size(c.v.args[c.place].data):
        return None
    return Reason(
        "nothing there", "its input has no entries", "check the shapes: an empty batch, or an index that chose nothing"
    )


def _one_class(c: _Case) -> Reason | None:
    cure = one_class(c.v)
    return None if cure is None else Reason("one class", f"{c.name} over one entry does not depend on it", cure)


def _rectified(c: _Case) -> Reason | None:
    """maximum(x, 0), where(x > 0, x, 0), and x held by a constant from above or below."""
    if c.name not in ("maximum", "minimum", "fmax", "fmin", "where") or not (c.slope is None or _flat_slope(c)):
        return None
    bound = constant(c.v.args[1 - c.place])
    if rectified(c.v):
        message = f"{c.many} negative or zero ({c.range}), where the slope of {c.name}, here a relu, is 0"
        return Reason("dead unit", message, f"{_CURES['dead unit']}. If it is a hinge loss, it is satisfied")
    if bound is None or c.name == "where":
        return None
    side = "below" if c.name in ("maximum", "fmax") else "above"
    message = f"{c.many} {side} {number(bound, 6)} ({c.range}), where the slope of {c.name} is 0"
    return Reason("clipped", message, _CURES["clipped"])


def _not_chosen(c: _Case) -> Reason | None:
    if c.name not in CHOOSING or not (c.slope is None or _flat_slope(c)):
        return None
    kept = {"where": f"the condition chooses the other branch, {'yx'[c.place]}, wherever a gradient arrives",
            "getitem": "the index leaves out every entry that is asked about",
            }.get(c.name, f"{c.name} chooses other entries, wherever a gradient arrives")  # fmt: skip
    smooth = f"if the others should learn too, use a smooth form of {c.name}, as logsumexp"
    cure = {"where": "if both branches should learn, blend them with a smooth weight: s*a + (1 - s)*b, s = sigmoid(k*x)",
            }.get(c.name, smooth if "max" in c.name or "min" in c.name else
                  "use these entries, or leave them out of the parameters")  # fmt: skip
    return Reason("not chosen", kept, cure)


def _flat(c: _Case) -> Reason | None:
    op: Any = c.v.op
    if op.variadic or op.kind != "elementwise" or not isinstance(op.rules[op.inputs[c.place]], int | float):
        return None
    if op.rules[op.inputs[c.place]] != 0:
        return None
    return Reason("flat function", f"{op.name} has slope 0 everywhere", _CURES["flat function"].format(op=op.name))


def _dead(c: _Case) -> Reason | None:
    if c.name not in DEAD or not _flat_slope(c):
        return None
    bound = "negative or zero" if DEAD[c.name] == 0.0 and np.all(c.x <= 0) else "where it is flat"
    return Reason("dead unit", f"{c.many} {bound} ({c.range}), where the slope of {c.name} is 0", _CURES["dead unit"])


def _clipped(c: _Case) -> Reason | None:
    if c.name not in CLIPPED or not _flat_slope(c):
        return None
    return Reason("clipped", f"{c.many} at or outside the bounds ({c.range}), where the slope of {c.name} is 0",
                  _CURES["clipped"])  # fmt: skip


def _saturated(c: _Case) -> Reason | None:
    if c.name not in SQUASHED or not _flat_slope(c):
        return None
    return Reason("saturated", f"{c.many} so far out ({c.range}) that the slope of {c.name} is 0 in {c.v.dtype}",
                  _CURES["saturated"].format(op=c.name))  # fmt: skip


def _other_is_zero(c: _Case) -> Reason | None:
    others = [(i, x) for i, x in enumerate(_arrays(c.v)) if i != c.place and x is not None]
    if c.name not in ("multiply", "matmul", "outer", "linear", "einsum_pair", "conv1d", "conv2d", "convolve") or not others:
        return None
    if (c.name == "multiply" and not _flat_slope(c)) or (c.name != "multiply" and np.any(others[0][1])):
        return None
    return Reason("multiplied by zero", "the other factor is zero wherever a gradient arrives",
                  _CURES["multiplied by zero"])  # fmt: skip


def _several_zeros(c: _Case) -> Reason | None:
    zeros = int(np.sum(c.x == 0)) if c.name in ("prod", "cumprod", "cumulative_prod") else 0
    if zeros < 2:
        return None
    message = f"{zeros} of its factors are 0: the product stays 0 whatever one of them does"
    return Reason("multiplied by zero", message, _CURES["multiplied by zero"])


def _no_spread(c: _Case) -> Reason | None:
    if c.name not in ("vector_norm", "var", "std") or c.v.dtype == object or np.any(c.v._data):
        return None
    what = "the vector is zero, where its length" if c.name == "vector_norm" else "the entries are equal, where their spread"
    return Reason("slope is zero", f"{what} is least, and its slope is taken as 0", _CURES["slope is zero"])


def _underflow(c: _Case) -> Reason | None:
    if c.slope is None or not np.any((c.slope != 0) & (c.g != 0)):
        return None
    with np.errstate(all="ignore"):
        if np.any(c.slope * c.g):
            return None
    i = int(np.argmax(np.abs(c.slope) * (c.g != 0)))
    arrives, slope = number(c.g.ravel()[i], 3), number(c.slope.ravel()[i], 3)
    message = f"{arrives}, which arrives, times the slope {slope} is smaller than any number of {c.v.dtype}: it has vanished"
    return Reason("underflow", message, _CURES["underflow"])


def _stationary(c: _Case) -> Reason | None:
    if not _flat_slope(c):
        return None
    if c.name in ("exp", "exp2"):
        message = f"{c.name} at {c.range} is smaller than any number of {c.v.dtype}, and so is its slope"
        return Reason("underflow", message, _CURES["underflow"])
    return Reason("slope is zero", f"at {c.range} the slope of {c.name} is 0 ({_formula(c)})",
                  _CURES["slope is zero"])  # fmt: skip


def _invariant(c: _Case) -> Reason | None:
    if c.name not in INVARIANT:
        return None
    if c.name == "softmax" and not np.any(c.v._data * (1 - c.v._data)):
        message = f"its inputs are so far apart ({c.range}) that each output is 0 or 1 in {c.v.dtype}, with slope 0"
        return Reason("saturated", message, _CURES["saturated"].format(op=c.name))
    return Reason("cancellation", f"{INVARIANT[c.name]}, and the gradient that arrives asks for just that",
                  _CURES["invariant"])  # fmt: skip


def _adds_up(c: _Case) -> Reason | None:
    if c.slope is None or not np.any(c.slope * c.g) or np.any(sent(c.v, c.g)[c.place] if c.g.shape == c.v.shape else 0):
        return None
    a = c.v.args[c.place]
    if c.g.shape == c.v.shape and np.any(unbroadcast(c.slope * c.g, a.shape)):
        return None
    return Reason("cancellation", "it was broadcast, and what comes back to its copies adds up to zero",
                  _CURES["copies"])  # fmt: skip


_QUESTIONS = (_nothing, _one_class, _rectified, _not_chosen, _flat, _dead, _clipped, _saturated, _other_is_zero, _several_zeros,
              _no_spread, _underflow, _stationary, _invariant, _adds_up)  # fmt: skip
