"""Forward mode needs no rules of its own, so it has to agree with what the rules were declared for, on every op.

<c, J t> = <J' c, t> against reverse mode, J t against differences, and the tangent of a tangent in both orders.
"""

import numpy as np
from hypothesis import assume

from tests.laws.calls import cotangents, dense, for_every_op, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing.differences import directions, slope
from tinygrad_edu.transforms import grad, jvp


def _results(example):
    return lambda *xs: tuple(example.results(*xs))


def _inner(xs, ys):
    return sum(float(np.sum(x * y)) for x, y in zip(xs, ys, strict=True))


def _size(xs, ys):
    return sum(float(np.sum(np.abs(x * y))) for x, y in zip(xs, ys, strict=True))


@for_every_op(examples=6)
def test_forward_mode_is_the_transpose_of_reverse_mode(example):
    xs, ts = example.inputs, directions(example.inputs)
    ys, pushed = jvp(_results(example), xs, ts)
    cs = cotangents(ys)
    pulled = [dense(g, t) for g, t in zip(vjp(example, list(map(Value, xs)), cs), ts, strict=True)]
    bound = 1e-12 * (_size(cs, pushed) + _size(pulled, ts)) + 1e-15 * sum(float(np.sum(np.abs(c))) for c in cs)
    assert abs(_inner(cs, pushed) - _inner(pulled, ts)) <= bound
    for y, plain, p in zip(ys, example.results(*xs), pushed, strict=True):
        np.testing.assert_array_equal(y, plain)
        assert (p.shape, p.dtype) == (y.shape, y.dtype)


@for_every_op(examples=4)
def test_tangents_agree_with_differences(example):
    xs, ts = example.inputs, directions(example.inputs, 5)
    ys, pushed = jvp(_results(example), xs, ts)
    for k, (y, p) in enumerate(zip(ys, pushed, strict=True)):

        def along(h, k=k):
            return example.results(*(x + h * t for x, t in zip(xs, ts, strict=True)))[k]

        numeric, bar = slope(along, np.maximum(1, np.max(np.abs(y), initial=0)))
        assert np.all(np.abs(p - numeric) <= 4 * bar), f"J t = {p}, differences {numeric} +- {bar}"


@for_every_op(examples=3)
def test_forward_over_reverse_is_reverse_over_forward(example):
    xs, ts, us = example.inputs, directions(example.inputs, 2), directions(example.inputs, 3)
    assume(xs)
    cs = cotangents(example.results(*xs))
    every = tuple(range(len(xs)))

    def total(*xs):
        return sum(np.sum(y * c) for y, c in zip(example.results(*xs), cs, strict=True))

    _, hessian_u = jvp(grad(total, every), xs, us)
    one = _inner(hessian_u, ts)
    _, other = jvp(lambda *xs: jvp(total, xs, ts)[1], xs, us)
    third = grad(lambda *xs: jvp(total, xs, ts)[1], every)(*xs)
    size = _size(hessian_u, ts) + _size(third, us) + sum(float(np.sum(np.abs(c))) for c in cs)
    assert abs(one - other) <= 1e-10 * size
    assert abs(one - _inner(third, us)) <= 1e-10 * size
