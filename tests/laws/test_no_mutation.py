"""Nothing that goes into an op changes, nothing that comes out is an input, recorded results cannot be written to."""

import numpy as np

from tests.laws.calls import cotangents, floats_of, for_every_op, plain, read_only, vjp
from tinygrad_edu import Value


@for_every_op(examples=8)
def test_inputs_are_unchanged_by_forward_and_backward(example):
    before = [np.array(x) for x in example.inputs]
    values = list(map(Value, example.inputs))
    ys = example.results(*values)
    cs = cotangents(ys)
    kept = [np.array(c) for c in cs]
    vjp(example, values, cs)
    for a, b in zip(before + kept, example.inputs + cs, strict=True):
        np.testing.assert_array_equal(a, b)


@for_every_op(examples=5)
def test_read_only_inputs_are_enough(example):
    frozen = example.replaced(read_only)
    values = list(map(Value, frozen.inputs))
    vjp(frozen, values, cotangents(frozen.results(*frozen.inputs)))


@for_every_op(examples=5)
def test_the_result_is_never_an_input_object(example):
    ids = {id(x) for x in example.inputs}
    for y in _several(example(*example.inputs)):
        assert id(y) not in ids or not isinstance(y, np.ndarray)
    values = list(map(Value, example.inputs))
    assert not {id(y) for y in _several(example(*values))} & {id(v) for v in values}


@for_every_op(examples=5)
def test_recorded_results_are_read_only(example):
    for y in floats_of(example(*map(Value, example.inputs))):
        data = plain(y)
        assert not isinstance(data, np.ndarray) or not data.flags.writeable


@for_every_op(examples=5)
def test_leaves_own_their_gradients(example):
    values = list(map(Value, example.inputs))
    ys = example.results(*values)
    for y, c in zip(ys, cotangents(ys), strict=True):
        if isinstance(y, Value):
            y.backward(c, retain_graph=True)
    arrays = [v.grad for v in values if isinstance(v.grad, np.ndarray)]
    arrays = [g for i, g in enumerate(arrays) if not any(g is h for h in arrays[:i])]
    for i, g in enumerate(arrays):
        assert g.flags.writeable
        for other in arrays[i + 1 :] + [y.data for y in ys if isinstance(y, Value)] + example.inputs:
            assert not np.may_share_memory(g, other)


def _several(y):
    return y if isinstance(y, tuple) else (y,)
