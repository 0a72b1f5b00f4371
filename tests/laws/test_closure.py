"""Rules are closed under themselves: a gradient is made of Values again, whose gradient is the second derivative."""

import numpy as np

from tests.laws.calls import cotangents, for_every_op, plain, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing import laws


@for_every_op(examples=5)
def test_second_derivatives_agree_with_differences_of_the_first(example):
    laws.second(example.point)


@for_every_op(examples=2)
def test_second_derivatives_are_symmetric(example):
    laws.symmetry(example.point)


@for_every_op(examples=2)
def test_pullbacks_are_linear_in_the_cotangent(example):
    laws.linearity(example.point)


@for_every_op(examples=4)
def test_recorded_gradients_are_the_plain_ones(example):
    cs = cotangents(example.results(*example.inputs))
    bare = vjp(example, list(map(Value, example.inputs)), cs)
    recorded = vjp(example, list(map(Value, example.inputs)), cs, create_graph=True)
    for a, b in zip(bare, recorded, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, plain(b), rtol=1e-12, atol=1e-14)
