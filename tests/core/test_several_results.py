"""Ops that return a tuple: each result flows back on its own, and together."""

import numpy as np
import pytest

from tinygrad_edu import REGISTRY, Value, gradients, lean, primitive
from tinygrad_edu.errors import GraphError


@pytest.fixture
def two():
    """An op with two results: a*b and a/b."""

    def both(a, b):
        return a * b, a / b

    op = primitive(ga=lambda g, b: g[0] * b + g[1] / b, gb=lambda g, a, b: g[0] * a - g[1] * a / (b * b))(both)
    yield op
    del REGISTRY["both"]


@pytest.mark.parametrize("mode", [None, lean], ids=["full", "lean"])
def test_results_that_are_not_used_count_nothing(two, mode):
    def run(pick):
        a, b = Value([2.0, 3.0]), Value([4.0, 5.0])
        with mode() if mode else no_mode():
            p, q = two(a, b)
            pick(p, q).sum().backward()
        return a.grad, b.grad

    a, b = np.array([2.0, 3.0]), np.array([4.0, 5.0])
    for pick, ga, gb in [
        (lambda p, q: p, b, a),
        (lambda p, q: q, 1 / b, -a / b**2),
        (lambda p, q: p + q, b + 1 / b, a - a / b**2),
        (lambda p, q: p * q, 2 * a, 0 * a),
        (lambda p, q: p + p, 2 * b, 2 * a),
    ]:
        got = run(pick)
        np.testing.assert_allclose(got[0], ga)
        np.testing.assert_allclose(got[1], gb, atol=1e-15)


@pytest.mark.parametrize("constant", [0, 1])
@pytest.mark.parametrize("mode", [None, lean], ids=["full", "lean"])
def test_several_results_beside_a_constant(two, mode, constant):
    args = [np.array([2.0, 3.0]), np.array([4.0, 5.0])]
    wanted = [args[1] + 1 / args[1], args[0] - args[0] / args[1] ** 2][1 - constant]
    x = args[1 - constant] = Value(args[1 - constant])
    with mode() if mode else no_mode():
        p, q = two(*args)
        (p + q).sum().backward()
    np.testing.assert_allclose(x.grad, wanted)


def test_several_results_twice_differentiable(two):
    a, b = Value(2.0), Value(4.0)
    p, q = two(a, b)
    gb = gradients(p * q, [b], create_graph=True)[0]  # p*q = a*a: nothing of b is left
    assert float(gb) == pytest.approx(0)
    q = two(a, b)[1]
    (gb,) = gradients(q, [b], create_graph=True)
    ga, gbb = gradients(gb, [a, b])
    assert (float(ga), float(gbb)) == (-1 / 16, pytest.approx(2 * 2 / 64))


def test_results_whose_halves_are_differentiated_apart_need_the_graph_kept(two):
    a = Value(2.0)
    p, q = two(a, 4.0)
    p.backward(retain_graph=True)
    q.backward()
    assert a.grad == 4.25
    with pytest.raises(GraphError):
        p.backward()


def test_named_results_keep_their_names():
    result = np.linalg.slogdet(Value(np.diag([2.0, 3.0])))
    assert float(result.logabsdet) == pytest.approx(np.log(6))


def no_mode():
    from contextlib import nullcontext

    return nullcontext()
