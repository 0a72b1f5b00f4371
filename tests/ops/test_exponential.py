import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import REGISTRY, Value, ops

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (np.exp, 1000, INF, INF),
        (np.log, [0, -1], [-INF, NAN], [INF, -1]),
        (np.log1p, [1e-10, -1], [9.9999999995e-11, -INF], [1 / (1 + 1e-10), INF]),
        (np.expm1, 1e-10, 1.00000000005e-10, 1.0000000001),
        (np.expm1, -50, -1, 1.9287498479639178e-22),
        (np.log2, 8, 3, 1 / (8 * np.log(2))),
        (np.log10, 1000, 3, 1 / (1000 * np.log(10))),
        (np.exp2, 3, 8, 8 * np.log(2)),
    ],
)
def test_exponentials_and_logarithms_at_special_points(f, x, value, slope):
    check(f, [x], value, slope, rtol=1e-11)


def test_overflow_keeps_float32():
    with np.errstate(over="ignore"):
        y = np.exp(Value(np.float32(100)))
    assert y.dtype == np.float32
    assert y.data == INF


@pytest.mark.parametrize(
    ("a", "b", "value", "by_a", "by_b"),
    [
        (2000, 0, 2000, 1, 0),
        (0, -2000, 0, 1, 0),
        (-INF, -INF, -INF, 0.5, 0.5),
        (INF, 0, INF, 1, 0),
        (-INF, 0, 0, 0, 1),
    ],
)
def test_sums_of_logarithms_far_out(a, b, value, by_a, by_b):
    check(np.logaddexp, [a, b], value, by_a, by_b)
    check(np.logaddexp2, [a, b], value, by_a, by_b)


def test_logaddexp_of_equals_still_has_its_curvature():
    assert curvature(lambda x: np.logaddexp(x, 1.0), 1.0) == (0.5, 0.25)


def test_xlogy_and_xlogx_are_zero_at_zero():
    xlogy, xlogx = REGISTRY["xlogy"], REGISTRY["xlogx"]
    check(xlogy, [0, 0], 0, 0, 0)
    check(xlogy, [0, 2], 0, np.log(2), 0)
    check(xlogx, [[0, 1]], [0, 0], [-INF, 1])


def test_an_entropy_with_a_zero_probability():
    p = Value([0.5, 0.5, 0.0])
    h = -ops.exponential.xlogx(p).sum()
    np.testing.assert_allclose(h.data, np.log(2))


def test_gradients_of_log_of_values_that_where_left_out_do_not_turn_nan():
    with np.errstate(divide="ignore"):
        v = Value([0.0, np.e])
        y = np.where(v > 0, np.log(v), 0)
    y.sum().backward()
    np.testing.assert_allclose(v.grad, [0, 1 / np.e])
