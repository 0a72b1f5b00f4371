"""A plain array beside Values is a constant: it gets no gradient, and the Values get the one they have anyway."""

import numpy as np
import pytest

from tests.laws.calls import cotangents, dense, for_every_op, pullback, vjp
from tinygrad_edu import Value, lean
from tinygrad_edu.core import calls


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_small():
    """Small results are kept whole in a lean graph, as that costs less: not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "SMALL", 0)
        yield


@for_every_op(examples=4, unless=lambda op: len(op.inputs) == 1 and not op.variadic)
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
    (g,) = pullback(example.results(*inputs), [inputs[i]], cs)
    return dense(g, example.inputs[i])
