"""A recorded graph runs again on other numbers: what comes out is what the function gives there."""

from fractions import Fraction

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.laws.calls import floats_of, for_every_op
from tinygrad_edu import Value, gradients
from tinygrad_edu.core import Graph
from tinygrad_edu.errors import GraphError
from tinygrad_edu.testing import Interval, rerun

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


def network(x, w):
    return np.sum(np.tanh(x @ w) ** 2, axis=0)


@pytest.fixture
def recorded():
    x, w = Value(A), Value(B)
    return x, w, network(x, w)


def test_other_floats(recorded):
    x, w, y = recorded
    np.testing.assert_array_equal(rerun(y, {x: A * 2}), network(A * 2, B))
    np.testing.assert_array_equal(rerun(y, {x: A * 2, w: B - 1}), network(A * 2, B - 1))
    np.testing.assert_array_equal(rerun(y, {}), y.data)


def test_other_shapes(recorded):
    x, _, y = recorded
    more = RNG.normal(size=(7, 4))
    np.testing.assert_array_equal(rerun(y, {x: more}), network(more, B))


def test_complex_numbers(recorded):
    x, _, y = recorded
    z = A + 1e-30j * np.eye(3, 4)
    np.testing.assert_array_equal(rerun(y, {x: z}), network(z, B))


def test_values_give_a_graph_of_their_own(recorded):
    x, _, y = recorded
    u = Value(A + 1)
    again = rerun(y, {x: u})
    (g,) = gradients(again.sum(), [u])
    v = Value(A + 1)
    np.testing.assert_array_equal(g, gradients(network(v, B).sum(), [v])[0])
    assert x.grad is None


def test_fractions_and_intervals():
    x = Value([1.0, 2.0])
    y = (x * x / 3).sum()
    assert rerun(y, {x: np.array([Fraction(1, 2), Fraction(1, 3)])}) == Fraction(13, 108)
    found = rerun(y, {x: np.array([Interval(1, 2), Interval(0)], object)})
    assert (found.lo, found.hi) == (pytest.approx(1 / 3), pytest.approx(4 / 3))
    u = Value([Fraction(1, 2), Fraction(1, 3)])
    assert list(gradients(rerun(y, {x: u}), [u])[0]) == [Fraction(1, 3), Fraction(2, 9)]


def test_an_inner_value_can_be_replaced():
    x = Value(2.0)
    h = x * x
    assert rerun(h * 3 + x, {h: 100.0}) == 302


def test_several_outputs_of_one_graph():
    x = Value([3.0, 1.0])
    a, b = np.split(x * 2, 2)
    assert [e.tolist() for e in rerun(Graph(a, b), {x: np.array([5.0, 7.0])})] == [[10.0], [14.0]]


def test_a_condition_stays_as_it_was_recorded():
    x = Value([-1.0, 1.0])
    y = np.where(x > 0, x * 10, x)
    assert rerun(y, {x: np.array([1.0, 1.0])}).tolist() == [1, 10]


def test_the_recorded_graph_is_as_it_was(recorded):
    x, _, y = recorded
    rerun(y, {x: A * 0})
    y.sum().backward()
    np.testing.assert_array_equal(y.data, network(A, B))


def test_a_value_of_another_graph_is_refused(recorded):
    with pytest.raises(GraphError, match="not part of this graph"):
        rerun(recorded[2], {Value(1.0): 2.0})


def test_a_graph_that_was_taken_apart_is_refused():
    x = Value(np.ones(3))
    with tg.lean():
        y = (x * x).sum()
    assert rerun(y, {x: np.full(3, 2.0)}) == 12
    y.backward(lean=True)
    with pytest.raises(GraphError, match="freed"):
        rerun(y, {x: np.ones(3)})


@for_every_op(examples=2)
def test_every_op_runs_again_to_the_same_numbers(example):
    values = list(map(Value, example.inputs))
    for y in floats_of(example(*values)):
        if isinstance(y, Value):
            data = {v: x for v, x in zip(values, example.inputs, strict=True) if v in set(Graph(y))}
            np.testing.assert_array_equal(rerun(y, data), y.data)
