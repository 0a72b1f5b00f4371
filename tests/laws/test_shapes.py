"""A gradient has the shape of its value: what broadcasting spread out has been summed up again."""

import numpy as np

from tests.laws.calls import for_every_op, plain
from tinygrad_edu import Value
from tinygrad_edu.testing import laws


@for_every_op(examples=6)
def test_gradients_have_the_shape_of_their_values(example):
    laws.shape(example.point)


@for_every_op(examples=6)
def test_recording_changes_neither_result_nor_its_shape(example):
    recorded, bare = example(*map(Value, example.inputs)), example(*example.inputs)
    assert isinstance(recorded, tuple) == isinstance(bare, tuple)
    for a, b in zip(_several(recorded), _several(bare), strict=True):
        assert np.shape(plain(a)) == np.shape(b)
        np.testing.assert_array_equal(plain(a), b)


@for_every_op("elementwise", examples=5)
def test_elementwise_results_have_the_broadcast_shape(example):
    assert np.shape(example(*example.inputs)) == np.broadcast_shapes(*map(np.shape, example.bound))


def _several(y):
    return y if isinstance(y, tuple) else (y,)
