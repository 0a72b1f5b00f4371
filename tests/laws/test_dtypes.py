"""float16 stays float16, float32 stays float32, also in gradients; each gradient has the dtype of its own value."""

import numpy as np

from tests.laws.calls import cotangents, for_every_op, vjp
from tinygrad_edu import Value
from tinygrad_edu.testing import laws

DTYPES = [np.float16, np.float32, np.float64]


def _as(dtype):
    return lambda x: np.asarray(x).astype(dtype)


@for_every_op(examples=5, unless=lambda op: "dtype" in op.options)
def test_results_and_gradients_keep_the_dtype(example):
    laws.dtype(example.point)


@for_every_op(examples=5, unless=lambda op: "dtype" not in op.options)
def test_gradients_keep_the_dtype_of_their_values_where_the_result_has_another(example):
    for dtype in DTYPES:
        cast = example.cast(dtype)
        gs = cast.point.pull()
        assert all(g is None or g.dtype == dtype for g in gs)


@for_every_op(examples=5, unless=lambda op: len(op.inputs) == 1 and not op.variadic)
def test_each_of_several_gradients_has_its_own_dtype(example):
    if len(example.inputs) < 2:
        return  # the others are numbers, or left out
    for first, rest in [(np.float32, np.float64), (np.float64, np.float32)]:
        casts = iter([first] + [rest] * (len(example.inputs) - 1))
        mixed = example.replaced(lambda x, casts=casts, rest=rest: _as(next(casts, rest))(x))
        values = list(map(Value, mixed.inputs))
        ys = mixed.results(*values)
        gs = vjp(mixed, values, cotangents(ys))
        assert [g.dtype for g in gs if g is not None] == [v.dtype for v, g in zip(values, gs, strict=True) if g is not None]
        if example.op.kind == "elementwise":
            assert ys[0].dtype == np.float64


@for_every_op("elementwise", examples=5, unless=lambda op: len(op.inputs) < 2)
def test_python_numbers_are_weak_beside_arrays(example):
    x, *rest = example.inputs
    if not rest:
        return  # the others are numbers already, or left out
    for dtype in DTYPES:
        numbers = [float(r.flat[0]) if r.size else 1.0 for r in map(np.asarray, rest)]
        with np.errstate(all="ignore"):
            y = example.op(Value(_as(dtype)(x)), *numbers, **example.options)
            assert y.dtype == dtype
            y = example.op(numbers[0], Value(_as(dtype)(x)), *numbers[1:], **example.options)
        assert y.dtype == dtype
