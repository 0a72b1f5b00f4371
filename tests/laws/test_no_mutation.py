"""Nothing that goes into an op changes, nothing that comes out is an input, recorded results cannot be written to."""

import numpy as np

from tests.laws.calls import cotangents, floats_of, for_every_op, plain, read_only, vjp
from tinygrad_edu import Value


@for_every_op(examples=6)
def test_inputs_are_unchanged_and_read_only_ones_are_enough(example):
    before = [np.array(x) for x in example.inputs]
    for call in (example, example.replaced(read_only)):
        values = list(map(Value, call.inputs))
        ys = call.results(*values)
        cs = cotangents(ys)
        kept = [np.array(c) for c in cs]
        vjp(call, values, cs)
        for a, b in zip(before + kept, call.inputs + cs, strict=True):
            np.testing.assert_array_equal(a, b)


@for_every_op(examples=5)
def test_results_are_no_inputs_and_read_only_when_recorded(example):
    ids = {id(x) for x in example.inputs if isinstance(x, np.ndarray)}
    assert not ids & {id(y) for y in _several(example(*example.inputs))}
    values = list(map(Value, example.inputs))
    ys = _several(example(*values))
    assert not {id(y) for y in ys} & {id(v) for v in values}
    for y in floats_of(ys):
        data = plain(y)
        assert not isinstance(data, np.ndarray) or not data.flags.writeable


@for_every_op(examples=4)
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
