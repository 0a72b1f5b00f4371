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
from tinygrad_edu.testing.conformance.rows import INF, NAN, SIGMA, Row
from tinygrad_edu.testing.points import dense, plain

HUGE = np.finfo(np.float64).max
ROWS = [  # beside those of the conformance table
    Row("kink clip between crossed bounds", "np.clip(0.5, x, y)", ([3.0], [2.0]), [2], ([0], [1])),
    Row("fmod twice", "np.fmod(7.3, x)", ([0.37],), [np.fmod(7.3, 0.37)], ([-19],), second=[0]),
    Row("nan clip between crossed bounds", "np.clip(np.nan, x, y)", ([3.0], [2.0]), [NAN], ([0], [0])),
    Row("nan bound of clip", "np.clip(x, np.nan, 3.0)", ([0.5],), [NAN], ([NAN],)),
    Row("special nan_to_num", "np.nan_to_num(x)", ([NAN, INF, -INF, 1],), [0, HUGE, -HUGE, 1], ([0, 0, 0, 1],)),
    Row("kink heaviside", "np.heaviside(x, y)", ([0.0, 1], [0.25, 0.5]), [0.25, 1], ([0, 0], [1, 0])),
    Row("kink heaviside twice", "np.heaviside(0.0, x) ** 2", ([3.0],), [9], ([6],), second=[2]),
    Row("kink softshrink -.5", "F.softshrink(x)", ([-0.5],), [0], ([0],)),
    Row("kink hardshrink -.5", "F.hardshrink(x)", ([-0.5],), [0], ([0],)),
    Row("kink threshold", "F.threshold(x, 0.5, 2.0)", ([0.5],), [2], ([0],)),
    Row("nan maximum right", "np.maximum(x, y)", ([1.0], [NAN]), [NAN], ([NAN], [NAN]), note="NaN stays visible"),
    Row("nan minimum left", "np.minimum(x, y)", ([NAN], [1.0]), [NAN], ([NAN], [NAN])),
    Row("nan minimum right", "np.minimum(x, y)", ([1.0], [NAN]), [NAN], ([NAN], [NAN])),
    Row("nan min", "np.min(x)", ([1, NAN],), NAN, ([NAN, NAN],)),
    Row("inf logsumexp", "F.logsumexp(x)", ([INF, 0, INF],), INF, ([0.5, 0, 0.5],), note="the limit along the diagonal"),
    Row("nan logsumexp", "F.logsumexp(x)", ([NAN, INF],), NAN, ([NAN, NAN],)),
    Row("empty var", "np.var(x, ddof=2)", ([1.0, 3],), INF, ([-INF, INF],), note="no degree of freedom is left"),
    Row("empty var, one too many", "np.var(x, ddof=3)", ([1.0, 3],), INF, ([-INF, INF],)),
    Row("var of two", "np.var(x, ddof=1)", ([1.0, 3],), 2, ([-2, 2],)),
    Row("std of nothing", "np.std(x)", ([],), NAN, ([],)),
    Row("kink std", "np.std(x)", ([0.1, 0.1, 0.1],), np.std([0.1, 0.1, 0.1]), ([0, 0, 0],), note="the mean is not quite 0.1"),
    Row("masked entropy", "F.entropy(x)", ([-INF, 0, 1],), -SIGMA * np.log(SIGMA) - (1 - SIGMA) * np.log(1 - SIGMA),
        ([0, SIGMA * (1 - SIGMA), -SIGMA * (1 - SIGMA)],)),
    Row("nan entropy", "F.entropy(x)", ([NAN, 0, 1],), NAN, ([NAN, NAN, NAN],), note="NaN stays visible"),
    Row("inf std", "np.std(x)", ([INF, INF],), NAN, ([NAN, NAN],)),
    Row("nan fmax", "np.fmax(x, y)", ([NAN, 1, NAN], [1, NAN, NAN]), [1, 1, NAN], ([0, 1, NAN], [1, 0, NAN]),
        note="a number wins over NaN, and gets the whole gradient"),
    Row("nan fmin", "np.fmin(x, y)", ([NAN, 1, NAN], [1, NAN, NAN]), [1, 1, NAN], ([0, 1, NAN], [1, 0, NAN])),
    Row("nan logaddexp", "np.logaddexp(x, y)", ([NAN, 1], [1, NAN]), [NAN, NAN], ([NAN, NAN], [NAN, NAN])),
    Row("nan logaddexp2", "np.logaddexp2(x, y)", ([NAN, 1], [1, NAN]), [NAN, NAN], ([NAN, NAN], [NAN, NAN])),
    Row("kink logaddexp2", "np.logaddexp2(x, y)", ([-INF], [-INF]), [-INF], ([0.5], [0.5])),
    Row("nan power 0", "x**y", ([NAN], [0.0]), [1], ([NAN], [NAN]), note="NaN stays visible in the gradient"),
    Row("equal eigh", "np.linalg.eigh(x)[1] * [[1, 2], [3, 4]]", (np.eye(2),), np.array([[1, 0], [0, 4]]), (np.zeros((2, 2)),),
        note="what is not determined has no slope"),
    Row("equal svd", "np.linalg.svd(x, full_matrices=False)[0] * [[1, 2], [3, 4]]", (np.eye(2),), np.array([[1, 0], [0, 4]]),
        (np.zeros((2, 2)),)),
    Row("zero svd left", "np.linalg.svd(x, full_matrices=False)[0] ** 2", (np.zeros((3, 1)),), [[1], [0], [0]],
        (np.zeros((3, 1)),)),
    Row("zero svd right", "np.linalg.svd(x, full_matrices=False)[2] ** 2", (np.zeros((1, 3)),), [[1, 0, 0]],
        (np.zeros((1, 3)),)),
    Row("nan cummax", "F.cummax(x, 0)", ([1, NAN, 2],), [1, NAN, NAN], ([1, 2, 0],), note="NaN stays the largest"),
    Row("nan cummin", "F.cummin(x, 0)", ([1, NAN, 0],), [1, NAN, NAN], ([1, 2, 0],)),
    Row("masked logcumsumexp", "F.logcumsumexp(x, 0)", ([-INF, 1, -INF, 2],), [-INF, 1, 1, np.logaddexp(1, 2)],
        ([0, 3 - SIGMA, 0, SIGMA],)),
    Row("masked logcumsumexp twice", "F.logcumsumexp(x, 0)[1:]", ([-INF, -INF, 0],), [-INF, 0], ([0, 0, 1],)),
    Row("edge avg_pool2d", "F.avg_pool2d(x, (1, 2), (1, 2), (0, 1), False, False)", ([[1.0, 2, 3, 4]],), [[1, 2.5, 4]],
        ([[1, 0.5, 0.5, 1]],), note="the padding does not count"),
    Row("edge avg_pool2d ceil_mode", "F.avg_pool2d(x, (1, 2), ceil_mode=True)", ([[1.0, 2, 3]],), [[1.5, 3]],
        ([[0.5, 0.5, 1]],), note="what hangs over the edge counts neither"),
    Row("max of clip twice", "np.clip(3.0, None, x) ** 2", ([2.0],), [4], ([4],), second=[2]),
    Row("min of clip twice", "np.clip(1.0, x, None) ** 2", ([2.0],), [4], ([4],), second=[2]),
    Row("max of a number", "np.max(x, axis=0)", (2.0,), 2, (1,), note="NumPy lets one reduce an axis that is not there"),
    Row("min of a number", "np.min(x, axis=-1)", (2.0,), 2, (1,)),
    Row("logsumexp of a number", "F.logsumexp(x, axis=0)", (2.0,), 2, (1,)),
    Row("empty std", "np.std(x, ddof=3)", ([1.0, 3],), INF, ([NAN, NAN],), note="no degree of freedom is left"),
    Row("overflow std", "np.std(x)", ([1e308, 1e308],), INF, ([NAN, NAN],), note="the mean overflows"),
    Row("kink huber twice", "F.huber(x, 0.0)", ([-1.0],), [0.5], ([-1],), second=[0]),
    Row("kink smooth_l1 twice", "F.smooth_l1(x, 0.0)", ([-1.0],), [0.5], ([-1],), second=[0]),
    Row("squeezed", "np.squeeze(x) * [1, 2]", ([[3.0], [4]],), [3, 8], ([[1], [2]],)),
    Row("hypot of 1", "np.hypot(x, y)", ([1.0], [0.0]), [1], ([1], [0])),
    Row("kink hypot twice", "np.hypot(x, 0.0)", ([0.0],), [0], ([0],), second=[0], note="flat to every order"),
    Row("cost of nothing", "F.quadratic_cost(x, y)", (np.zeros((0, 2)), np.zeros((0, 2))), 0, (np.zeros((0, 2)),) * 2),
    Row("padding embedding", "F.embedding(np.array([0, 2, 1, 2, 0]), x, padding_idx=2)", ([[1.0, 2], [3, 4], [5, 6]],),
        [[1, 2], [5, 6], [3, 4], [5, 6], [1, 2]], ([[2, 2], [1, 1], [0, 0]],), note="the padding does not learn"),
    Row("padding embedding -1", "F.embedding(np.array([[2, 0]]), x, padding_idx=-1) * [[2.0], [3]]", ([[1.0], [3], [5]],),
        [[[10], [3]]], ([[3], [0], [0]],)),
    Row("pole divide by the number 0", "x / 0", ([1.0, -2],), [INF, -INF], ([INF, INF],)),
    Row("pole xlogy 1 0", "F.xlogy(x, y)", ([1.0], [0.0]), [-INF], ([-INF], [INF])),
]  # fmt: skip
GRID = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 6.0, 1e-9, 40.0, -40.0, 800.0, -800.0, np.inf, -np.inf, np.nan]
CHANGES = [
    np.round, lambda x: np.round(2 * x) / 2, np.zeros_like, np.ones_like, lambda x: 300 * x, lambda x: 1e-9 * x,
    *(lambda x, number=number: first(x, number) for number in (np.nan, np.inf, -np.inf, 0.0)),
]  # fmt: skip


def first(x, number):
    """The array with its first entry replaced."""
    x = np.array(x)
    x[(0,) * x.ndim] = number
    return x


def specials(op, examples):
    """Calls at special points: the drawn ones with other numbers in them; for an elementwise op, a grid over its inputs."""
    full = sorted((e for e in examples if all(map(np.size, e.inputs))), key=_size)
    full = [*{_options(e): e for e in reversed(full)}.values()][::-1][:10]
    changed = [e.replaced(change) for e in full for change in CHANGES]
    return [*changed, *(on_grid(e) for e in full if op.kind == "elementwise" and len(e.inputs) == len(op.inputs))]


def _size(example):
    """Small, but large enough for ties, comes first."""
    sizes = [np.size(x) for x in example.inputs]
    return max(sizes, default=0) < 3, sum(sizes)


def _options(example):
    return str(sorted((k, v) for k, v in example.options.items() if k not in ("axis", "keepdims")))


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


def arrives(point):
    """Each input gets a gradient, be it of zeros."""
    assert all(g is not None for g in point.pull())
