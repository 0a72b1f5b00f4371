"""Laws for points at which nothing is smooth: kinks, poles, ties, NaN and infinity, and numbers too large for float16.

They are narrower than the laws of `tinygrad_edu.testing.laws`: not every op keeps each of them everywhere (ties of a
maximum share the gradient, and so have none of the least norm in any one entry). They serve to tell a whole op from a
broken one: a law counts at a point if the whole op keeps it there.
"""

import itertools
from functools import cache

import numpy as np

from tests.laws.calls import Example
from tests.laws.cases import Call
from tinygrad_edu.testing.conformance.rows import INF, NAN, Row
from tinygrad_edu.testing.points import dense, plain

HUGE = np.finfo(np.float64).max
ROWS = [  # beside those of the conformance table
    Row("kink clip between crossed bounds", "np.clip(0.5, x, y)", ([3.0], [2.0]), [2], ([0], [1])),
    Row("special nan_to_num", "np.nan_to_num(x)", ([NAN, INF, -INF, 1],), [0, HUGE, -HUGE, 1], ([0, 0, 0, 1],)),
    Row("kink heaviside", "np.heaviside(x, y)", ([0.0], [0.25]), [0.25], ([0], [1])),
    Row("kink softshrink -.5", "F.softshrink(x)", ([-0.5],), [0], ([0],)),
    Row("kink hardshrink -.5", "F.hardshrink(x)", ([-0.5],), [0], ([0],)),
    Row("kink threshold", "F.threshold(x, 0.5, 2.0)", ([0.5],), [2], ([0],)),
    Row("nan maximum right", "np.maximum(x, y)", ([1.0], [NAN]), [NAN], ([NAN], [NAN]), note="NaN stays visible"),
    Row("nan minimum left", "np.minimum(x, y)", ([NAN], [1.0]), [NAN], ([NAN], [NAN])),
    Row("nan minimum right", "np.minimum(x, y)", ([1.0], [NAN]), [NAN], ([NAN], [NAN])),
    Row("nan fmax", "np.fmax(x, y)", ([NAN, 1, NAN], [1, NAN, NAN]), [1, 1, NAN], ([0, 1, NAN], [1, 0, NAN]),
        note="a number wins over NaN, and gets the whole gradient"),
    Row("nan fmin", "np.fmin(x, y)", ([NAN, 1, NAN], [1, NAN, NAN]), [1, 1, NAN], ([0, 1, NAN], [1, 0, NAN])),
    Row("nan logaddexp", "np.logaddexp(x, y)", ([NAN, 1], [1, NAN]), [NAN, NAN], ([NAN, NAN], [NAN, NAN])),
    Row("nan logaddexp2", "np.logaddexp2(x, y)", ([NAN, 1], [1, NAN]), [NAN, NAN], ([NAN, NAN], [NAN, NAN])),
    Row("kink logaddexp2", "np.logaddexp2(x, y)", ([-INF], [-INF]), [-INF], ([0.5], [0.5])),
    Row("nan power 0", "x**y", ([NAN], [0.0]), [1], ([NAN], [NAN]), note="NaN stays visible in the gradient"),
    Row("pole xlogy 1 0", "F.xlogy(x, y)", ([1.0], [0.0]), [-INF], ([-INF], [INF])),
]  # fmt: skip
GRID = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 6.0, 1e-9, 40.0, -40.0, 800.0, -800.0, np.inf, -np.inf, np.nan]
CHANGES = [np.round, lambda x: np.round(2 * x) / 2, np.zeros_like, np.ones_like, lambda x: 300 * x, lambda x: 1e-9 * x,
           lambda x: first(x, np.nan), lambda x: first(x, np.inf), lambda x: first(x, 0.0)]  # fmt: skip


def first(x, number):
    """The array with its first entry replaced."""
    x = np.array(x)
    x[(0,) * x.ndim] = number
    return x


def specials(op, examples):
    """Calls at special points: the drawn ones with other numbers in them; for an elementwise op, a grid over its inputs."""
    full = [e for e in examples if all(np.size(x) for x in e.inputs)]
    changed = [e.replaced(change) for e in full[:3] for change in CHANGES]
    return [*changed, *(on_grid(e) for e in full[:3] if op.kind == "elementwise" and len(e.inputs) == len(op.inputs))]


def on_grid(example):
    """All combinations of special numbers, as one call with the example's options."""
    n = len(example.inputs)
    grid = np.array(list(itertools.product(GRID if n < 3 else GRID[:7] + GRID[-3:], repeat=n))).T
    return Example(example.op, Call(tuple(a for a in _filled(example.call.args, example.inputs, grid)),
                                    dict(zip(example.call.kwargs, _filled(example.call.kwargs.values(), example.inputs, grid),
                                             strict=True))))  # fmt: skip


def _filled(args, inputs, grid):
    places = {id(x): i for i, x in enumerate(inputs)}
    return [grid[places[id(a)]] if id(a) in places else a for a in args]


def least(point):
    """At a kink in one entry the slope is the least of those between its sides; elsewhere it is the slope."""
    for i, (x, g) in enumerate(zip(point.inputs, point.pull(), strict=True)):
        for k in itertools.islice(np.ndindex(np.shape(x)), 0, None, max(1, np.size(x) // 24)):
            wanted = _wanted(point, i, k)
            assert wanted is None or abs(dense(g, x)[k] - wanted) <= 1e-4 * (1 + abs(wanted))


@cache
def _wanted(point, i, k):
    """The slope of least size between both sides, in one entry of one input; None where differences do not say."""
    t = np.zeros_like(point.inputs[i])
    t[k] = 1
    ends = point.sides([t if j == i else np.zeros_like(one) for j, one in enumerate(point.inputs)])
    if not all(np.isfinite(bar) and bar <= 1e-5 for _, bar in ends):
        return None
    low, high = sorted(d for d, _ in ends)
    return 0.0 if low < 0 < high else min(low, high, key=abs)


def visible(point):
    """Where a result of the shape of the inputs is NaN, so is the gradient; where it is not, neither is that."""
    for y, x, g in zip(point.results, point.inputs, point.pull(), strict=False):
        if np.shape(x) == np.shape(y):
            assert np.array_equal(np.isnan(dense(g, x)), np.isnan(y))


def half(point):
    """In float16 the gradient is that of float64, to float16's few digits."""
    small = point.cast(np.float16)
    wide = small.cast(np.float64)
    for x, g, h in zip(small.inputs, small.pull(wide.cotangents), wide.pull(), strict=True):
        np.testing.assert_allclose(np.asarray(dense(g, x), float), dense(h, x), rtol=0.03, atol=0.03)


def finite(point):
    """The gradient is a finite number."""
    assert all(g is None or np.all(np.isfinite(plain(g))) for g in point.pull())
