"""A lean recording keeps less and computes the same, bit for bit, also when the gradient is differentiated again."""

import numpy as np
import pytest

from tests.laws.calls import cotangents, for_every_op, plain, pullback, reached, vjp
from tinygrad_edu import Value, lean
from tinygrad_edu.core import calls
from tinygrad_edu.testing.differences import directions


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_small():
    """Small results are kept whole, as that costs less: not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "SMALL", 0)
        yield


@for_every_op(examples=5)
def test_lean_gradients_are_the_full_ones(example):
    cs = cotangents(example.results(*example.inputs))
    full = vjp(example, list(map(Value, example.inputs)), cs)
    with lean():
        short = vjp(example, list(map(Value, example.inputs)), cs)
    _same(full, short)


@for_every_op(examples=4)
def test_lean_second_derivatives_are_the_full_ones(example):
    full = _second(example)
    with lean():
        short = _second(example)
    _same(full, short)


@for_every_op(examples=4)
def test_backward_lean_fills_the_leaves_alike(example):
    grads = []
    for option in (False, True):
        values = list(map(Value, example.inputs))
        ys = example.results(*values)
        for y, c in zip(ys, cotangents(ys), strict=True):
            if isinstance(y, Value):
                y.backward(c, lean=option, retain_graph=len(ys) > 1)
        grads.append([v.grad for v in values])
    _same(*grads)


def _second(example):
    values = list(map(Value, example.inputs))
    first = vjp(example, values, cotangents(example.results(*example.inputs)), create_graph=True)
    ts = directions(example.inputs)
    return pullback(*reached(first, values, ts))


def _same(xs, ys):
    for x, y in zip(xs, ys, strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            np.testing.assert_array_equal(plain(x), plain(y))
