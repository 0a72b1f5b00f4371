"""A plain array beside Values is a constant: it gets no gradient, and the Values get the one they have anyway."""

import numpy as np

from tests.laws.calls import cotangents, dense, for_every_op, vjp, weighted
from tinygrad_edu import Value, gradients, lean


@for_every_op(examples=6, unless=lambda op: len(op.inputs) == 1 and not op.variadic)
def test_one_value_among_constants_gets_the_gradient_it_has_among_values(example):
    cs = cotangents(example.results(*example.inputs))
    together = vjp(example, list(map(Value, example.inputs)), cs)
    for i, g in enumerate(together):
        expected = dense(g, example.inputs[i])
        np.testing.assert_array_equal(_alone(example, i, cs), expected)
        with lean():
            np.testing.assert_array_equal(_alone(example, i, cs), expected)


def _alone(example, i, cs):
    inputs = list(example.inputs)
    inputs[i] = Value(inputs[i])
    (g,) = gradients(weighted(example.results(*inputs), cs), [inputs[i]])
    return dense(g, example.inputs[i])
