"""<c, J t> = <J' c, t>: the pullback J' is the transpose of the tangent map J, for random cotangents c and tangents t.

Where J t comes from depends on what was declared, so that it is not the pullback's own word: the partial derivatives of
an elementwise op, the op itself if it is linear. A primitive only has its pullback: J t is the transpose of that (the
second derivative machinery), and finite differences say whether it is the right one.
"""

import inspect

import numpy as np

from tests.laws.calls import cotangents, dense, for_every_op, pullback, reached, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing.differences import directions, slope

ROUNDING = 1e-12  # a few thousand units in the last place: sums of up to a few hundred terms


def _inner(xs, ys):
    return sum(float(np.sum(x * y)) for x, y in zip(xs, ys, strict=True))


def _size(xs, ys):
    return sum(float(np.sum(np.abs(x * y))) for x, y in zip(xs, ys, strict=True))


def _check(example, pushed, ts, cs, gs, scale=0.0):
    pulled = [dense(g, t) for g, t in zip(gs, ts, strict=True)]
    left, right = _inner(cs, pushed), _inner(pulled, ts)
    bound = ROUNDING * (_size(cs, pushed) + _size(pulled, ts) + scale) + 1e-15 * sum(float(np.sum(np.abs(c))) for c in cs)
    assert abs(left - right) <= bound, f"{example.op.name}: <c, J t> = {left}, <J' c, t> = {right}"


def _setting(example):
    ys = example.results(*example.inputs)
    cs = cotangents(ys)
    return ys, cs, directions(example.inputs), vjp(example, list(map(Value, example.inputs)), cs)


@for_every_op("elementwise", examples=6)
def test_elementwise_ops_by_their_partial_derivatives(example):
    (y,), cs, ts, gs = _setting(example)
    known = {**example.options, **dict(zip(example.op.inputs, example.bound, strict=True)), "y": y}
    pushed = np.zeros(np.shape(y))
    for name, t in zip(example.names, ts, strict=True):
        rule, t = example.op.rules[name], np.broadcast_to(t, np.shape(y))
        if isinstance(rule, int | float):
            pushed = pushed + rule * t
            continue
        names = inspect.signature(rule).parameters
        part = rule(**{n: t if n == "g" else known[n] for n in names})
        pushed = pushed + (part if "g" in names else part * t)
    _check(example, [pushed], ts, cs, gs)


@for_every_op("linear", examples=6)
def test_linear_ops_are_their_own_tangent_maps(example):
    _, cs, ts, gs = _setting(example)
    xs = example.inputs
    for i, t in enumerate(ts):  # linear in each argument, apart from what the others contribute
        at_t = example.results(*xs[:i], t, *xs[i + 1 :])
        at_0 = example.results(*xs[:i], np.zeros_like(t), *xs[i + 1 :])
        pushed = [a - b for a, b in zip(at_t, at_0, strict=True)]
        _check(example, pushed, [t], cs, gs[i : i + 1], scale=_size(cs, at_t) + _size(cs, at_0))


@for_every_op("primitive", "composite", examples=5)
def test_pullbacks_transposed_are_the_tangent_maps_that_differences_see(example):
    ys, cs, ts, gs = _setting(example)
    values, weights = list(map(Value, example.inputs)), list(map(Value, cs))
    pulled = vjp(example, values, weights, create_graph=True)
    pushed = pullback(*reached(pulled, weights, ts))
    pushed = [dense(p, c) for p, c in zip(pushed, cs, strict=True)]
    _check(example, pushed, ts, cs, gs)
    for k, (y, p) in enumerate(zip(ys, pushed, strict=True)):

        def along(h, k=k):
            return example.results(*(x + h * t for x, t in zip(example.inputs, ts, strict=True)))[k]

        numeric, bar = slope(along, np.maximum(1, np.max(np.abs(y), initial=0)))
        assert np.all(np.abs(p - numeric) <= 4 * bar), f"J t = {p}, differences {numeric} +- {bar}"
