"""Laws for points at which nothing is smooth: kinks, poles, ties, NaN and infinity, and numbers too large for float16.

They are narrower than the laws of `tinygrad_edu.testing.laws`: not every op keeps each of them everywhere (ties of a
maximum share the gradient, and so have none of the least norm in any one entry). They serve to tell a whole op from a
broken one: a law counts at a point if the whole op keeps it there.
"""

import itertools

import numpy as np

from tests.laws.calls import Example
from tests.laws.cases import Call
from tinygrad_edu.testing.points import dense, plain

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
    for x, g in zip(point.inputs, point.pull(), strict=True):
        for k in itertools.islice(np.ndindex(np.shape(x)), 0, None, max(1, np.size(x) // 24)):
            _least(point, x, dense(g, x), k)


def _least(point, x, g, k):
    t = np.zeros_like(x)
    t[k] = 1
    ends = point.sides([t if one is x else np.zeros_like(one) for one in point.inputs])
    if not all(np.isfinite(bar) and bar <= 1e-5 for _, bar in ends):
        return
    low, high = sorted(d for d, _ in ends)
    wanted = 0.0 if low < 0 < high else min(low, high, key=abs)
    assert abs(g[k] - wanted) <= 1e-4 * (1 + abs(wanted))


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
