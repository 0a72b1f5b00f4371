"""How an array lies in memory changes nothing but the last digits: Fortran order, steps, negative strides, 0-d."""

import numpy as np

from tests.laws.calls import LAYOUTS, cotangents, for_every_op, vjp
from tinygrad_edu import Value


@for_every_op(examples=4)
def test_numbers_do_not_depend_on_the_memory_layout(example):
    ys = example.results(*example.inputs)
    cs = cotangents(ys)
    gs = vjp(example, list(map(Value, example.inputs)), cs)
    for lay_out in LAYOUTS:
        other = example.replaced(lay_out)
        _close(ys, other.results(*other.inputs))
        _close(gs, vjp(other, list(map(Value, other.inputs)), list(map(lay_out, cs))))


def _close(xs, ys):
    for x, y in zip(xs, ys, strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)
