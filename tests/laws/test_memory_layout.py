"""How an array lies in memory changes nothing but the last digits: Fortran order, steps, negative strides, 0-d."""

import numpy as np

from tests.laws.calls import LAYOUTS, cotangents, for_every_op, vjp
from tinygrad_edu import Value


def _law(layout):
    @for_every_op(examples=4)
    def test(example):
        ys = example.results(*example.inputs)
        cs = cotangents(ys)
        other = example.replaced(LAYOUTS[layout])
        _close(ys, other.results(*other.inputs))
        _close(
            vjp(example, list(map(Value, example.inputs)), cs),
            vjp(other, list(map(Value, other.inputs)), [LAYOUTS[layout](c) for c in cs]),
        )

    return test


def _close(xs, ys):
    for x, y in zip(xs, ys, strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


test_fortran_order = _law("Fortran order")
test_non_contiguous_slices = _law("non-contiguous")
test_negative_strides = _law("negative strides")
test_numpy_scalars = _law("0-d as a NumPy scalar")
