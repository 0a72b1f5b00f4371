"""Why a call gives NaN or infinity from finite numbers, going forward or back, in words and numbers; and the cure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...core import Value
from ...core.sources import source_of
from ..graphs.local import _arrays
from ..graphs.text import number
from .cures import guarded, steep
from .findings import Scene
from .patterns import exp_of, is_call, sum_of
from .zero_reasons import slope_of

__all__ = ["EXPLODING", "Born", "backward_reason", "forward_reason", "infinite_slope", "leading_to"]


@dataclass(frozen=True)
class Born:
    """What happened, and what to do."""

    kind: str
    message: str
    cure: str


EXPLODING = "the gradient explodes: normalise, use a smaller scale of weights, or clip gradients"
_LOGS = ("log", "log2", "log10", "log1p")
_EXPS = ("exp", "exp2", "expm1", "sinh", "cosh")
_SHIFT = ("subtract the largest entry before exp, or use the op that does: softmax, log_softmax, logsumexp, sigmoid, softplus, "
          "cross_entropy on logits")  # fmt: skip
_LARGE = "numbers this large: check the learning rate and the scale of the data; work with logarithms, or in float64"


# -- forward -------------------------------------------------------------------------------------------------------------


def forward_reason(scene: Scene, v: Value) -> Born:
    """Why the result of a call is not finite, though its arguments are; of a leaf, that it was given so."""
    if v.op is None:
        return Born("not finite from the start", f"{scene.names[v]} was given NaN or infinity: no call made it",
                    "look at the data: np.isfinite(x).all() before it becomes a Value")  # fmt: skip
    for x, a in zip(_arrays(v), v.args, strict=True):
        if type(a) is not Value and isinstance(x, np.ndarray | float) and not np.all(np.isfinite(x)):
            return Born(
                "not finite from the start", "a constant in this call holds NaN or infinity", "look at the data it comes from"
            )
    if v.op.kind == "elementwise" and isinstance(v._data, np.ndarray | np.generic):
        return _entrywise(scene, v)
    return _of_many(v)


def _entrywise(scene: Scene, v: Value) -> Born:
    op: Any = v.op
    xs, y = _at_first(v, ~np.isfinite(v._data))
    said = f"{_written(op.name, xs)} is {number(y, 6)}"
    if op.name in _LOGS:
        edge = -1 if op.name == "log1p" else 0
        if xs[0] < edge:
            return Born("outside of the domain", f"{said}: the logarithm of a negative number",
                        f"check the sign of the argument; {guarded(scene, v)}")  # fmt: skip
        return Born("logarithm of zero", said, _log_cure(scene, v))
    if op.name in _EXPS or (np.isinf(y) and op.name in ("add", "subtract", "multiply", "square", "cube", "power")
                            and all(map(np.isfinite, xs)) and not (op.name == "power" and xs[0] == 0)):  # fmt: skip
        return Born("overflow", f"{said}: larger than any number of {v.dtype}", _SHIFT if op.name in _EXPS else _LARGE)
    if op.name in ("divide", "reciprocal"):
        return _division(scene, v, xs, said)
    return Born("outside of the domain", f"{said}: {_domain(op)}", steep(scene, v))


def _division(scene: Scene, v: Value, xs: tuple[Any, ...], said: str) -> Born:
    if xs[-1] != 0:
        return Born("overflow", f"{said}: larger than any number of {v.dtype}", _LARGE)
    below = v.args[-1]
    if is_call(below, "vector_norm", "std", "sqrt", "var"):
        cure = "a vector of length zero has no direction: tg.ops.normalize(x, eps=1e-12), or divide by (norm + eps)"
    else:
        cure = guarded(scene, v)
    return Born("division by zero", said, cure)


def _log_cure(scene: Scene, v: Value) -> str:
    a = v.args[0]
    if is_call(a, "softmax"):
        x = scene.short(a.args[0])
        return f"the logarithm of a probability that is too small for a float, as one op:\n    tg.ops.log_softmax({x})"
    if is_call(a, "sigmoid"):
        return f"as one op:\n    tg.ops.logsigmoid({scene.short(a.args[0])})"
    if exp_of(sum_of(a)) is not None:
        return "as one op, which does not underflow: tg.ops.logsumexp"
    return f"for x*log(x) there is tg.ops.xlogx(x), for t*log(x) tg.ops.xlogy(t, x), which are 0 at 0. Else {guarded(scene, v)}"


def _domain(op: Any) -> str:
    """Where a function is defined, as its op says."""
    said = [f"{name}: {d.text}" if len(op.inputs) > 1 else d.text for name, d in op.domain.items()]
    known = {"sqrt": "x >= 0", "power": "no real number; the base is negative and the exponent no integer, or the base is 0"}
    return f"it is defined for {known.get(op.name) or ', '.join(said) or 'other numbers'}".replace("defined for no", "no")


def _of_many(v: Value) -> Born:
    """A call that mixes entries: sums, products of matrices, decompositions."""
    op: Any = v.op
    name = op.name
    if any(np.size(x) == 0 for x in _arrays(v) if x is not None):
        return Born(
            "nothing there",
            f"{name} of an array without entries",
            "check the shapes: an empty batch, or an index that chose nothing",
        )
    if name in ("var", "std"):
        return Born("too few entries", f"{name} divides by the number of entries less ddof, which is 0 here",
                    "take ddof=0, or more entries")  # fmt: skip
    data = v._data if isinstance(v._data, tuple) else (v._data,)
    if any(np.any(np.isinf(y)) for y in data):
        return Born("overflow", f"{name} of finite numbers is larger than any number of {data[0].dtype}", _LARGE)
    return Born("no answer", f"{name} has no finite result for these numbers, as the inverse of a singular matrix",
                "look at its inputs; add a small multiple of the identity to a matrix")  # fmt: skip


def leading_to(born: Born, v: Value, called: str) -> Born:
    """The birth of an infinity, with the call where it became NaN."""
    op: Any = v.op
    line = source_of(v)
    where = f"{called}{f' (line {line.line})' if line else ''}"
    if op.kind == "elementwise":
        xs, _ = _at_first(v, np.isnan(v._data))
        return replace(born, message=f"{born.message}; it becomes NaN in {where}: {_written(op.name, xs)}")
    return replace(
        born, message=f"{born.message}; it becomes NaN in {where}, where infinities are subtracted or multiplied by 0"
    )


_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


def _written(name: str, xs: tuple[Any, ...]) -> str:
    """A call on numbers: `inf - inf`, `log(-1)`."""
    texts = [number(x, 6) for x in xs]
    if name == "power":
        texts = [f"({t})" if t.startswith("-") else t for t in texts]
    return f" {_SIGNS[name]} ".join(texts) if name in _SIGNS and len(texts) == 2 else f"{name}({', '.join(texts)})"


def _at_first(v: Value, bad: Any) -> tuple[tuple[Any, ...], Any]:
    """The arguments and the result of an elementwise call, at the first entry of a mask."""
    i = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    xs = [a._data if x is None and type(a) is Value else x for x, a in zip(_arrays(v), v.args, strict=True)]
    return tuple(np.broadcast_to(x, v.shape)[i] for x in xs), np.asarray(v._data)[i]


# -- backward ------------------------------------------------------------------------------------------------------------


def backward_reason(scene: Scene, v: Value, place: int, g: Any, above: str) -> Born:
    """Why a call that gets a finite gradient `g`, which comes from `above`, sends a NaN or an infinity."""
    op: Any = v.op
    if op.kind != "elementwise":
        return Born(
            "rule of " + op.name, f"the gradient that {op.name} sends back is not finite for these inputs", steep(scene, v)
        )
    i, slope, arrives = _entry(v, place, g)
    at = f"at {_point(v, i)} the slope of {op.name} is {number(slope, 6)}"
    if np.isnan(slope):
        return Born("no slope", f"{at}: {op.name} has no derivative there", steep(scene, v))
    if np.isinf(slope) and arrives == 0:
        return Born("0 * inf", f"{at}, and the gradient that arrives from {above} is 0: 0 * inf is NaN", steep(scene, v))
    if np.isinf(slope):
        return Born("infinite slope", f"{at}", steep(scene, v))
    message = f"{number(arrives, 6)}, which arrives, times the slope {number(slope, 6)} is larger than any number of {v.dtype}"
    return Born("overflow", message, EXPLODING)


def infinite_slope(scene: Scene, c: Value, i: int, above: str, v: Value, place: int, g: Any) -> Born:
    """An infinite gradient that call `c` made, and that became NaN in call `v`."""
    born = backward_reason(scene, c, i, _finite(g, c), above) if c is v else _steepness(scene, c, i)
    op: Any = v.op
    if op.kind != "elementwise":
        return replace(born, message=f"{born.message}; the inf that it sends back meets a 0 in {op.name}: inf * 0 is NaN")
    _, slope, arrives = _entry(v, place, g)
    met = f"a factor {number(slope, 6)}" if not np.isnan(slope) else "a slope that is NaN"
    return replace(born, message=f"{born.message}; the inf that it sends back meets {met} in {op.name}: "
                   f"{number(arrives, 6)} * {number(slope, 6)} is NaN")  # fmt: skip


def _finite(g: Any, c: Value) -> Any:
    return np.where(np.isfinite(g), g, 0)


def _steepness(scene: Scene, c: Value, place: int) -> Born:
    """A call with an infinite slope."""
    op: Any = c.op
    if op.kind != "elementwise":
        return Born("infinite slope", f"{op.name} sends back inf", steep(scene, c))
    slope = slope_of(c, place)
    bad = ~np.isfinite(slope)
    if not bad.any():
        return Born("overflow", f"the gradient overflows in {op.name}", EXPLODING)
    i = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    return Born("infinite slope", f"the slope of {op.name} is infinite at {_point(c, i)}", steep(scene, c))


def _entry(v: Value, place: int, g: Any) -> tuple[Any, Any, Any]:
    """The first entry at which slope times gradient is not finite: where, the slope and the gradient."""
    slope = slope_of(v, place)
    arrives = np.broadcast_to(g, v.shape)
    with np.errstate(all="ignore"):
        product = slope * arrives
    bad = np.isnan(product) if np.isnan(product).any() else ~np.isfinite(product)
    i = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    return i, slope[i], arrives[i]


def _point(v: Value, i: Any) -> str:
    """The arguments of an elementwise call at one entry: `0`, or `x1 = 1, x2 = 0`."""
    op: Any = v.op
    xs = [a._data if x is None and type(a) is Value else x for x, a in zip(_arrays(v), v.args, strict=True)]
    texts = [number(np.broadcast_to(x, v.shape)[i], 6) for x in xs]
    return texts[0] if len(texts) == 1 else ", ".join(f"{n} = {t}" for n, t in zip(op.inputs, texts, strict=True))
