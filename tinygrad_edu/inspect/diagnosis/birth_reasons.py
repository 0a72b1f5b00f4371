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
from .patterns import constant, is_call, is_sum_of_squares
from .unstable import form_cure
from .zero_reasons import slope_of

__all__ = ["EXPLODING", "Born", "backward_reason", "forward_reason", "infinite_slope", "leading_to"]


@dataclass(frozen=True)
class Born:
    """What happened, and what to do."""

    kind: str
    message: str
    cure: str


_SINGULAR = "look at its inputs; add a small multiple of the identity to a matrix"
EXPLODING = "the gradient explodes: normalise, use a smaller scale of weights, or clip gradients"
_LOGS = ("log", "log2", "log10", "log1p")
_EXPS = ("exp", "exp2", "expm1", "sinh", "cosh")
_GROWING = ("add", "subtract", "multiply", "square", "cube", "power")
_SHIFT = ("bound its argument, as np.minimum(x, 20), or stay with the logarithm. In a ratio or a logarithm of exponentials use "
          "the op that subtracts the largest first: softmax, log_softmax, logsumexp, sigmoid, softplus")  # fmt: skip
_LARGE = "numbers this large: check the learning rate and the scale of the data; work with logarithms, or in float64"


# -- forward -------------------------------------------------------------------------------------------------------------


def forward_reason(scene: Scene, v: Value) -> Born:
    """Why the result of a call is not finite, though its arguments are; of a leaf, that it was given so."""
    if v.op is None:
        name = scene.names[v]
        return Born("not finite from the start", f"{name} was given NaN or infinity: no call made it",
                    f"if it is data: np.isfinite({name}).all() before it becomes a Value. If it is a parameter, the update "
                    "before this step made it so: lower the learning rate, and ask where_nan about its loss")  # fmt: skip
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
        return _logarithm(scene, v, xs[0], said)
    if op.name in ("divide", "reciprocal") or (op.name == "power" and xs[0] == 0):
        return _division(scene, v, xs, said)
    if op.name in _EXPS:
        return Born("overflow", f"{said}: larger than any number of {v.dtype}", form_cure(scene, v) or _SHIFT)
    if np.isinf(y) and op.name in _GROWING and all(map(np.isfinite, xs)):
        return Born("overflow", f"{said}: larger than any number of {v.dtype}", _LARGE)
    if op.name == "power":
        third = constant(v.args[1]) == 1 / 3
        cure = f"the third root of negative numbers too:\n    np.cbrt({scene.short(v.args[0])})" if third else guarded(scene, v)
        return Born("outside of the domain", f"{said}: a power of a negative number with an exponent that is not whole", cure)
    return Born("outside of the domain", f"{said}: it is defined for {_domain(op)}", _steep(scene, v))


def _logarithm(scene: Scene, v: Value, x: Any, said: str) -> Born:
    if x < (-1 if v.op.name == "log1p" else 0):  # type: ignore[union-attr]  # v is a call, so it has an op
        return Born("outside of the domain", f"{said}: the logarithm of a negative number",
                    f"check the sign of the argument; {guarded(scene, v)}")  # fmt: skip
    return Born("logarithm of zero", said, form_cure(scene, v) or _times_its_logarithm(scene, v) + guarded(scene, v))


def _times_its_logarithm(scene: Scene, v: Value) -> str:
    """p*log(p) and t*log(p) as one op."""
    x = v.args[0]
    for u, place in scene.uses.get(v, ()):
        factor = u.args[1 - place] if is_call(u, "multiply") else 1.0
        if constant(factor) is None and is_call(v, "log") and type(x) is Value:
            t = scene.short(factor) if type(factor) is Value else "t"
            code = f"tg.ops.xlogx({t})" if factor is x else f"tg.ops.xlogy({t}, {scene.short(x)})"
            return f"{code} is 0 at 0. Else "
    return ""


def _division(scene: Scene, v: Value, xs: tuple[Any, ...], said: str) -> Born:
    if xs[-1] != 0 and not is_call(v, "power"):
        return Born("overflow", f"{said}: larger than any number of {v.dtype}", _LARGE)
    return Born("division by zero", said, form_cure(scene, v) or _by_length(v.args[-1]) or guarded(scene, v))


def _by_length(below: Any) -> str:
    """What to write instead of a division by a length or a spread that is 0."""
    if is_call(below, "std", "var") or (is_call(below, "sqrt") and is_call(below.args[0], "var", "mean")):
        return ("if all entries are equal their spread is 0, as in a batch of one example. Divide by np.sqrt(variance + 1e-5), "
                "or take the op that does: tg.nn.functional.batch_norm, layer_norm")  # fmt: skip
    if is_call(below, "vector_norm") or (is_call(below, "sqrt") and is_sum_of_squares(below.args[0])):
        return "a vector of length zero has no direction: tg.ops.normalize(x, eps=1e-12), or divide by (norm + eps)"
    if is_call(below, "multiply") and all(is_call(a, "vector_norm", "sqrt") for a in below.args):
        return "a vector of length zero has no direction: tg.nn.functional.cosine_similarity(a, b, axis=-1), which is 0 there"
    return ""


def _domain(op: Any) -> str:
    """Where a function is defined, as its op says."""
    said = [f"{name}: {d.text}" if len(op.inputs) > 1 else d.text for name, d in op.domain.items()]
    known = {"sqrt": "x >= 0", "arcsin": "-1 <= x <= 1", "arccos": "-1 <= x <= 1"}
    return known.get(op.name) or ", ".join(said) or "other numbers"


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
    if name in ("slogdet", "logdet"):
        return Born("logarithm of zero", f"the matrix is singular: the determinant of which {name} takes the logarithm is 0",
                    _SINGULAR)  # fmt: skip
    data = v._data if isinstance(v._data, tuple) else (v._data,)
    if any(np.any(np.isinf(y)) for y in data):
        return Born("overflow", f"{name} of finite numbers is larger than any number of {data[0].dtype}", _LARGE)
    return Born("no answer", f"{name} has no finite result for these numbers, as the inverse of a singular matrix", _SINGULAR)


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
    texts = [_digits(x) for x in xs]
    if name == "power":
        texts = [f"({t})" if t.startswith("-") else t for t in texts]
    return f" {_SIGNS[name]} ".join(texts) if name in _SIGNS and len(texts) == 2 else f"{name}({', '.join(texts)})"


def _digits(x: Any) -> str:
    """Six digits of a number; all of them where it is a whole number but for the rounding, as 1.0000000000000002."""
    text = number(x, 6)
    near = np.isfinite(x) and abs(x) < 1e6 and float(text) != x and float(text).is_integer()
    return number(x, 17) if near else text


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
            "rule of " + op.name, f"the gradient that {op.name} sends back is not finite for these inputs", _steep(scene, v)
        )
    i, slope, arrives = _entry(v, place, g)
    at = f"at {_point(v, i)} the slope of {op.name} is {number(slope, 6)}"
    if np.isnan(slope):
        return Born("no slope", f"{at}: {op.name} has no derivative there", _steep(scene, v))
    if np.isinf(slope) and arrives == 0:
        return Born("0 * inf", f"{at}, and the gradient that arrives from {above} is 0: 0 * inf is NaN", _steep(scene, v))
    if np.isinf(slope):
        return Born("infinite slope", f"{at}", _steep(scene, v))
    message = f"{number(arrives, 6)}, which arrives, times the slope {number(slope, 6)} is larger than any number of {v.dtype}"
    return Born("overflow", message, EXPLODING)


def infinite_slope(scene: Scene, c: Value, i: int, above: str, v: Value, place: int, g: Any) -> Born:
    """An infinite gradient that call `c` made, and that became NaN in call `v`."""
    born = backward_reason(scene, c, i, np.where(np.isfinite(g), g, 0), above) if c is v else _steepness(scene, c, i)
    op: Any = v.op
    if op.kind != "elementwise":
        return replace(born, message=f"{born.message}; the inf that it sends back meets a 0 in {op.name}: inf * 0 is NaN")
    _, slope, arrives = _entry(v, place, g)
    met = f"a factor {number(slope, 6)}" if not np.isnan(slope) else "a slope that is NaN"
    return replace(born, message=f"{born.message}; the inf that it sends back meets {met} in {op.name}: "
                   f"{number(arrives, 6)} * {number(slope, 6)} is NaN")  # fmt: skip


def _steep(scene: Scene, v: Value) -> str:
    return form_cure(scene, v) or steep(scene, v)


def _steepness(scene: Scene, c: Value, place: int) -> Born:
    """A call with an infinite slope."""
    op: Any = c.op
    if op.kind != "elementwise":
        return Born("infinite slope", f"{op.name} sends back inf", _steep(scene, c))
    slope = slope_of(c, place)
    bad = ~np.isfinite(slope)
    if not bad.any():
        return Born("overflow", f"the gradient overflows in {op.name}", EXPLODING)
    i = np.unravel_index(int(np.argmax(bad)), np.shape(bad))
    return Born("infinite slope", f"the slope of {op.name} is infinite at {_point(c, i)}", _steep(scene, c))


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
    """The arguments of an elementwise call at one entry: `0`, or `1 / 0`."""
    op: Any = v.op
    xs = [a._data if x is None and type(a) is Value else x for x, a in zip(_arrays(v), v.args, strict=True)]
    entries = tuple(np.broadcast_to(x, v.shape)[i] for x in xs)
    return _digits(entries[0]) if len(entries) == 1 else _written(op.name, entries)
