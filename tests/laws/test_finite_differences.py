"""Every rule agrees with finite differences of its function, within the error bar that those differences have."""

import numpy as np
from hypothesis import assume

from tests.laws.calls import cotangents, dense, for_every_op, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing.differences import directions, slope


@for_every_op(examples=6)
def test_gradients_agree_with_finite_differences(example):
    xs = example.inputs
    ys = example.results(*xs)
    cs, ds = cotangents(ys), directions(xs)
    gs = vjp(example, list(map(Value, xs)), cs)
    scale = sum(float(np.sum(np.abs(c) * np.maximum(1, np.abs(y)))) for c, y in zip(cs, ys, strict=True))
    for i, (name, g, d) in enumerate(zip(example.names, gs, ds, strict=True)):

        def along(t, i=i, d=d):
            moved = example.results(*xs[:i], xs[i] + t * d, *xs[i + 1 :])
            return sum(float(np.sum(c * y)) for c, y in zip(cs, moved, strict=True))

        numeric, bar = slope(along, scale, step=4e-3)
        analytic = float(np.sum(dense(g, d) * d))
        assume(bar <= 1e-9 * max(scale, abs(analytic)))  # a step over a kink of the derivative does not settle
        assert abs(analytic - numeric) <= 4 * bar, f"by {name}: rule {analytic}, differences {numeric} +- {bar}"
