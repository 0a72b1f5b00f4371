"""Rules are closed under themselves: a gradient is made of Values again, whose gradient is the second derivative."""

import numpy as np
from hypothesis import assume

from tests.laws.calls import cotangents, dense, for_every_op, plain, pullback, reached, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing.differences import directions, slope


@for_every_op(examples=5)
def test_second_derivatives_agree_with_differences_of_the_first(example):
    xs = example.inputs
    cs, ts, ds = cotangents(example.results(*xs)), directions(xs, 2), directions(xs, 3)
    values = list(map(Value, xs))
    first = vjp(example, values, cs, create_graph=True)
    for g, v in zip(first, values, strict=True):
        assert g is None or (type(g) is Value and g.shape == v.shape and g.dtype == v.dtype)
    known, weights = reached(first, ts)
    second = pullback(known, values, weights)
    analytic = sum(float(np.sum(dense(h, d) * d)) for h, d in zip(second, ds, strict=True))

    def along(step):
        moved = [Value(x + step * d) for x, d in zip(xs, ds, strict=True)]
        return _inner(vjp(example, moved, cs), ts)

    scale = sum(float(np.sum(np.maximum(1, np.abs(dense(g, t))) * np.abs(t))) for g, t in zip(first, ts, strict=True))
    numeric, bar = slope(along, scale, step=2e-3, levels=4)
    assume(bar <= 1e-8 * max(scale, abs(analytic)))  # a step over a kink of the first derivative does not settle
    assert abs(analytic - numeric) <= 4 * bar, f"second derivative {analytic}, differences of the first {numeric} +- {bar}"


@for_every_op(examples=4)
def test_recorded_gradients_are_the_plain_ones(example):
    cs = cotangents(example.results(*example.inputs))
    bare = vjp(example, list(map(Value, example.inputs)), cs)
    recorded = vjp(example, list(map(Value, example.inputs)), cs, create_graph=True)
    for a, b in zip(bare, recorded, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, plain(b), rtol=1e-12, atol=1e-14)


def _inner(gs, ts):
    return sum(float(np.sum(dense(g, t) * t)) for g, t in zip(gs, ts, strict=True))
