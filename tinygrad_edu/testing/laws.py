"""What holds for every derivative, whatever the function: each law is a check of one `Point`.

    shape         the gradient of x has the shape of x
    dtype         float16 stays float16, float32 stays float32, float64 stays float64
    differences   <c, f(x + h t) - f(x - h t)> / 2h  ->  <J'c, t>             reverse mode against the function itself
    forward       (f(x + h t) - f(x - h t)) / 2h  ->  J t                     forward mode against the function itself
    transpose     <c, J t> = <J'c, t>                                         reverse mode against forward mode
    linearity     J'(a c + b d) = a J'c + b J'd
    second        differences of the gradient  ->  the gradient's gradient
    symmetry      <s, H t> = <t, H s>
    mutation      nothing that goes in is changed
    batch         vmap(f) of a stack is the stack of f, and so is its gradient
    determinism   the same input gives the same numbers, bit for bit

c, d are random cotangents (one for each result), s, t random tangents (one for each input), J the Jacobian and J' its
transpose, H the Hessian of <c, f>. No law uses an op of the registry for its own arithmetic. A law that is not kept raises
`LawBroken`; a point at which nothing can be said (differences do not settle, as beside a kink) raises `Undecided`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import Value
from ..errors import LawBroken
from .differences import Estimate, directions, slope
from .points import Arrays, Point, cotangents, dense, denses, inner, moved, plain, pullback, reached, size, sum_of

__all__ = ["LAWS", "Undecided"]

__tracebackhide__ = True  # pytest shows the user's frames, not these

ROUNDING = 1e-12  # a few thousand units in the last place: sums of up to a few hundred terms
DTYPES = (np.float16, np.float32, np.float64)


class Undecided(Exception):  # noqa: N818  no error, but the absence of an answer
    """Nothing can be said about a law at this point; another one has to decide."""


def shape(point: Point) -> None:
    """The gradient of each input has the shape of that input."""
    for name, x, g in zip(point.names, point.inputs, point.pull(), strict=True):
        if g is not None and np.shape(plain(g)) != np.shape(x):
            raise LawBroken("shape", f"the gradient of {name}", {"its shape": np.shape(plain(g)), f"{name} has": np.shape(x)})


def dtype(point: Point) -> None:
    """Results and gradients are float16 where the inputs are, float32 where they are, float64 where they are."""
    for wanted in DTYPES:
        cast = point.cast(wanted)
        with np.errstate(all="ignore"):  # float16 overflows early
            if not _numpy_can(cast):
                continue
            gs = cast.pull()
        where = f"at inputs of {np.dtype(wanted)}"
        for k, y in enumerate(cast.results):
            _same_dtype(f"result {k}, {where}" if len(cast.results) > 1 else f"the result, {where}", y, wanted)
        for name, x, g in zip(cast.names, cast.inputs, gs, strict=True):
            if g is not None:
                _same_dtype(f"the gradient of {name}, {where}", g, np.asarray(x).dtype)


def _same_dtype(what: str, x: Any, wanted: Any) -> None:
    if x.dtype != wanted:
        raise LawBroken("dtype", what, {"is": x.dtype, "should be": np.dtype(wanted)})


def _numpy_can(point: Point) -> bool:
    """LAPACK has no float16, and NumPy says so with a TypeError on the plain call."""
    try:
        return bool(point.results) or True
    except TypeError as error:
        if "float16" in str(error):
            return False
        raise


def differences(point: Point) -> None:
    """Reverse mode agrees with differences of the function, within their error bar; at a kink, with one of its sides."""
    for i, (name, g, t) in enumerate(zip(point.names, point.pull(), point.tangents, strict=True)):
        about = f"the slope of {name} in the direction {shown(t)}"
        _agree("differences", about, point, inner([dense(g, t)], [t]), point.slopes[i], point.alone[i])


def forward(point: Point) -> None:
    """Forward mode agrees with differences of the function, as reverse mode does."""
    analytic = inner(point.cotangents, push(point, point.tangents))
    _agree("forward", "the slope along a tangent of each input", point, analytic, point.slope(point.tangents), point.tangents)


def _agree(law: str, about: str, point: Point, analytic: float, central: Estimate, ts: Arrays) -> None:
    """A slope is the one that differences measure; or lies between those of both sides, if these are two."""
    numeric, bar = central
    settled = _settles(bar, point.scale, analytic)
    if settled and abs(analytic - numeric) <= 4 * bar:
        return
    (left, bar_left), (right, bar_right) = point.sides(ts)
    kink = abs(right - left) > 4 * (bar_left + bar_right)
    inside = min(left - 4 * bar_left, right - 4 * bar_right) <= analytic <= max(left + 4 * bar_left, right + 4 * bar_right)
    if inside and kink and _settles(bar_left + bar_right, point.scale, analytic, 1e-6):
        return
    if settled and not kink:
        raise LawBroken(law, about, {"derivative": analytic, "differences": float(numeric)}, bar=float(bar))
    if inside or not np.isfinite(bar_left + bar_right):
        raise Undecided("differences do not settle: a kink is near, but not here")
    raise LawBroken(law, about, {"derivative": analytic, "differences from the left": left, "from the right": right},
                    bar=max(bar_left, bar_right))  # fmt: skip


def _settles(bar: float, scale: float, number: float, digits: float = 1e-9) -> bool:
    """Whether differences say enough; beside a kink of the derivative they do not."""
    return bar <= digits * max(scale, abs(number))


def push(point: Point, ts: Arrays) -> Arrays:
    """J t, by forward mode."""
    from ..transforms import jvp

    return [plain(y) for y in jvp(point.function, tuple(point.inputs), tuple(ts))[1]]


def transpose(point: Point) -> None:
    """Reverse mode is the transpose of forward mode: <c, J t> = <J'c, t>, for each input alone."""
    gs = denses(point.pull(), point.inputs)
    for name, g, t, alone in zip(point.names, gs, point.tangents, point.alone, strict=True):
        pushed = push(point, alone)
        left, right = inner(point.cotangents, pushed), inner([g], [t])
        bound = ROUNDING * (size(point.cotangents, pushed) + size([g], [t]) + point.scale)
        if not abs(left - right) <= bound:
            raise LawBroken("transpose", f"the slope of {name} in the direction {shown(t)}", {"jvp": left, "vjp": right})


def linearity(point: Point) -> None:
    """The pullback is linear in the cotangent: J'(2c - 3d) = 2J'c - 3J'd."""
    c, d = point.cotangents, cotangents(point.results, 5)
    together = denses(point.pull([2 * a - 3 * b for a, b in zip(c, d, strict=True)]), point.inputs)
    one, other = (denses(point.pull(e), point.inputs) for e in (c, d))
    weight = sum(sum_of(np.abs(e)) for e in (*c, *d))  # where gradients cancel inside, rounding is of this size
    for name, x, y, z in zip(point.names, together, one, other, strict=True):
        near("linearity", f"the gradient of {name}", x, 2 * y - 3 * z, np.abs(2 * y) + np.abs(3 * z) + weight,
             ("J'(2c - 3d)", "2J'c - 3J'd"))  # fmt: skip


def near(law: str, what: str, found: Any, wanted: Any, scale: Any, names: tuple[str, str]) -> None:
    """Two arrays are equal to rounding: to 1e-12 of the `scale` of what was added up."""
    apart = np.where(np.isnan(found) & np.isnan(wanted), 0.0, np.abs(found - wanted))
    if np.any(np.isnan(apart)) or np.any(apart > ROUNDING * (scale + np.max(scale, initial=0.0)) + 1e-300):
        where = np.unravel_index(np.argmax(np.nan_to_num(apart, nan=np.inf)), np.shape(found))
        place = f", entry {[int(k) for k in where]}" if where else ""
        raise LawBroken(law, what + place, dict(zip(names, (found[where], wanted[where]), strict=True)))


def second(point: Point) -> None:
    """The gradient is made of Values again: its derivative by the inputs agrees with differences, by c it gives J."""
    xs, cs, ts, ds = point.inputs, point.cotangents, directions(point.inputs, 2), directions(point.inputs, 3)
    values, weights = list(map(Value, xs)), list(map(Value, cs))
    first = pullback(point.function(*values), values, weights, create_graph=True)
    for name, g, v in zip(point.names, first, values, strict=True):
        if g is not None and (type(g) is not Value or g.shape != v.shape or g.dtype != v.dtype):
            raise LawBroken("second", f"the gradient of {name}", {"is": _kind(g), "should be": _kind(v)})
    found = pullback(*reached(first, [*values, *weights], ts))
    by_inputs, by_cotangents = denses(found[: len(xs)], xs), denses(found[len(xs) :], cs)
    _linear_in_c(inner(by_cotangents, cs), denses(first, ts), ts)
    scale = sum(sum_of(np.maximum(1, np.abs(dense(g, t))) * np.abs(t)) for g, t in zip(first, ts, strict=True))
    analytic = inner(by_inputs, ds)
    numeric, bar = slope(lambda h: inner(denses(point.pull(inputs=moved(xs, h, ds)), ts), ts), scale, step=2e-3, levels=4)
    if not _settles(bar, scale, analytic, 1e-8):
        raise Undecided("a step over a kink of the first derivative does not settle")
    if not abs(analytic - numeric) <= 4 * bar:
        raise LawBroken("second", "the second derivative in two directions",
                        {"by the gradient of the gradient": analytic, "by differences of the gradient": float(numeric)},
                        bar=float(bar))  # fmt: skip


def _linear_in_c(by_cotangents: float, first: Arrays, ts: Arrays) -> None:
    """<c, d<J'c, t>/dc> = <J'c, t>, for J'c is linear in c."""
    direct = inner(first, ts)
    if not abs(by_cotangents - direct) <= 1e-10 * size(first, ts) + 1e-300:
        raise LawBroken("second", "the slope of <J'c, t> by c, times c", {"is": by_cotangents, "should be": direct})


def _kind(v: Any) -> str:
    return f"a {type(v).__name__} of {v.dtype}, shape {v.shape}"


def symmetry(point: Point) -> None:
    """The Hessian of <c, f> is symmetric: <s, H t> = <t, H s>."""
    ss, ts = directions(point.inputs, 2), directions(point.inputs, 3)
    values = list(map(Value, point.inputs))
    first = pullback(point.function(*values), values, point.cotangents, create_graph=True)
    one, other = (denses(pullback(*reached(first, values, d)), d) for d in (ss, ts))
    left, right, scale = inner(one, ts), inner(other, ss), size(one, ts) + size(other, ss)
    if not abs(left - right) <= 1e-10 * scale + 1e-300:
        raise LawBroken("symmetry", "the Hessian in two directions s, t", {"<H s, t>": left, "<H t, s>": right})


def mutation(point: Point) -> None:
    """Nothing that goes in is changed, and read-only inputs are enough."""
    for writeable in (True, False):
        xs, cs = [np.array(x) for x in point.inputs], [np.array(c) for c in point.cotangents]
        for x in xs:
            x.setflags(write=writeable)
        values = list(map(Value, xs))
        ys = point.function(*xs), point.function(*values)
        left = pullback(ys[1], [*values, *ys[1]], cs)[len(values) :]  # by each result, it is the cotangent that the rule got
        names = [*point.names, *("the cotangent" for _ in (*cs, *left))]
        for name, before, after in zip(names, [*point.inputs, *point.cotangents * 2], [*xs, *cs, *left], strict=True):
            if after is not None and not np.array_equal(before, plain(after), equal_nan=True):
                raise LawBroken("mutation", name, {"before": before, "after": after})


def determinism(point: Point) -> None:
    """The same input gives the same numbers, bit for bit."""
    twice = [[[plain(y) for y in point.function(*point.inputs)], point.pull()] for _ in range(2)]
    names = [f"result {k}" for k in range(len(point.results))], [f"the gradient of {n}" for n in point.names]
    for what, one, other in zip(names, *twice, strict=True):
        for name, a, b in zip(what, one, other, strict=True):
            if (a is None) != (b is None) or (a is not None and not np.array_equal(a, b, equal_nan=True)):
                raise LawBroken("determinism", name, {"the first time": a, "the second time": b})


def batch(point: Point) -> None:
    """A stack of inputs gives, under vmap, the stack of results, and vmap of the gradient the stack of gradients."""
    from ..transforms import vjp, vmap

    def gradients(*xs: Any) -> Arrays:
        return list(vjp(point.function, *xs)[1](point.cotangents))

    rows = [moved(point.inputs, h, point.tangents) for h in (0.0, 1e-3, -1e-3)]
    stacks = tuple(np.stack(column) for column in zip(*rows, strict=True))
    for name, f in (("results", point.function), ("gradients", gradients)):
        loop = [[plain(y) for y in f(*row)] for row in rows]
        whole = vmap(f)(*stacks)
        for k, (found, *wanted) in enumerate(zip(whole, *loop, strict=True)):
            one, all_ = plain(found), np.stack(wanted)
            if one.shape != all_.shape:
                raise LawBroken("batch", f"the shape of {name}, number {k}", {"vmap": one.shape, "the loop": all_.shape})
            near("batch", f"{name}, number {k}", one, all_, np.abs(all_), ("vmap", "the loop"))


LAWS: dict[str, Callable[[Point], None]] = {
    law.__name__: law
    for law in (shape, dtype, differences, forward, transpose, linearity, second, symmetry, mutation, batch, determinism)
}


def shown(x: Any) -> str:
    """An array in a line."""
    return np.array2string(np.asarray(x), precision=3, threshold=6, separator=", ").replace("\n", "")
