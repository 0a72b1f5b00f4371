"""Scans and differences at their special points."""

import itertools

import numpy as np
import pytest

from tests.ops.slopes import check
from tinygrad_edu import REGISTRY, Value, gradients
from tinygrad_edu.errors import OptionError, ShapeError

logcumsumexp, linear_recurrence = REGISTRY["logcumsumexp"], REGISTRY["linear_recurrence"]
INF = np.inf


def hessian(f, x):
    v = Value(np.asarray(x, float))
    (g,) = gradients(f(v), [v], create_graph=True)
    return np.array([gradients((g * e).sum(), [v], retain_graph=True)[0] for e in np.eye(v.size).reshape(v.size, *v.shape)])


def test_cumsum_sends_back_the_sums_of_what_follows():
    check(np.cumsum, [[1, 2, 3]], [1, 3, 6], [3, 2, 1])


@pytest.mark.parametrize(("x", "y", "g"), [([2, 0, 3], [2, 0, 0], [1, 8, 0]), ([0, 0, 3], [0, 0, 0], [1, 0, 0]), ([], [], [])])
def test_cumprod_divides_by_nothing(x, y, g):
    check(np.cumprod, [x], y, g)


@pytest.mark.parametrize("x", [[1, 2, 0, 3, 4, 5], [0, 0, 2, 3], [2, 0, 5, 0], [2, 3, 4]])
def test_second_derivatives_of_cumprod_leave_two_out(x):
    expected = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        for a, b in itertools.permutations(range(i + 1), 2):
            expected[a, b] += np.prod([x[c] for c in range(i + 1) if c not in (a, b)])
    np.testing.assert_allclose(hessian(lambda v: np.cumprod(v).sum(), x), expected, atol=1e-12)


def test_a_recurrence_is_what_it_says():
    """y = b0, a1 b0 + b1, a2 a1 b0 + a2 b1 + b2."""
    check(linear_recurrence, [[9, 2, 3], [1, 1, 1]], [1, 3, 10], [0, 4, 3], [9, 4, 1])


def test_ufunc_methods_are_the_scans():
    v = Value([3.0, 1.0, 4.0])
    assert np.add.accumulate(v).op.name == "cumsum"
    assert np.multiply.accumulate(v).op.name == "cumprod"
    assert np.maximum.accumulate(v).op.name == "cummax"
    assert np.minimum.accumulate(v).op.name == "cummin"


def test_the_last_of_equal_entries_is_the_running_maximum():
    check(REGISTRY["cummax"], [[1, 3, 3, 2]], [1, 3, 3, 3], [1, 1, 2, 0])
    check(REGISTRY["cummin"], [[3, 1, 1, 2]], [3, 1, 1, 1], [1, 1, 2, 0])


def test_a_nan_stays_the_running_maximum():
    check(REGISTRY["cummax"], [[1, np.nan, 3]], [1, np.nan, np.nan], [1, 2, 0])


def test_running_extremes_along_each_axis_and_flat():
    x = np.array([[1.0, 5.0], [4.0, 2.0]])
    check(lambda v: np.maximum.accumulate(v, axis=0), [x], [[1, 5], [4, 5]], [[1, 2], [1, 0]])
    check(lambda v: np.maximum.accumulate(v, axis=-1), [x], [[1, 5], [4, 4]], [[1, 1], [2, 0]])
    check(lambda v: REGISTRY["cummax"](v), [x], [1, 5, 5, 5], [[1, 3], [0, 0]])


def test_logcumsumexp_does_not_overflow():
    check(lambda x: logcumsumexp(x, 0), [[-INF, 0, 1000, -1000]], [-INF, 0, 1000, 1000], [0, 1, 2, 0])
    assert np.all(np.isfinite(hessian(lambda x: logcumsumexp(x, 0)[1:].sum(), [-INF, 0, 1000, -1000])))


def test_an_infinite_value_of_logcumsumexp_does_not_disturb_the_finite_ones():
    check(lambda x: logcumsumexp(x, 0), [[800, INF]], [800, INF], [1, 0])
    check(lambda x: logcumsumexp(x, 0), [[-INF, -1000, -1000]], [-INF, -1000, -1000 + np.log(2)], [0, 1.5, 0.5])
    assert np.all(np.isfinite(hessian(lambda x: logcumsumexp(x, 0)[1:].sum(), [-INF, -1000, 0])))


def test_logcumsumexp_of_minus_infinity_alone_sends_no_gradient():
    check(lambda x: logcumsumexp(x, 0), [[-INF, -INF]], [-INF, -INF], [0, 0])


def test_differences_take_values_at_the_ends():
    check(lambda x, a: np.diff(x, prepend=a), [[1, 4], 0], [1, 3], [0, 1], -1)


def test_python_numbers_at_the_ends_keep_the_dtype():
    assert np.diff(Value(np.float32([1, 2])), append=0.5).dtype == np.float32


def test_areas_differentiate_the_coordinates_too():
    """y = (f0 + f1)/2 (x1 - x0)."""
    check(lambda f, x: np.trapezoid(f, x), [[1, 3], [0, 2]], 4, [1, 1], [-2, 2])


def test_numpys_gradient_takes_its_spacing_as_numpy_does():
    x = np.array([0.0, 1.0, 3.0, 4.0])
    f = x**2
    for spacing in ((), (0.5,), (x,)):
        np.testing.assert_allclose(np.gradient(Value(f), *spacing).data, np.gradient(f, *spacing))
    for order in (1, 2):
        np.testing.assert_allclose(np.gradient(Value(f), x, edge_order=order).data, np.gradient(f, x, edge_order=order))
    along = np.gradient(Value(np.outer(f, f)), 2.0, x)
    for got, wanted in zip(along, np.gradient(np.outer(f, f), 2.0, x), strict=True):
        np.testing.assert_allclose(got.data, wanted)


def test_numpys_gradient_differentiates_the_distance_and_the_coordinates_by_hand():
    f = np.array([1.0, 4, 9])
    x = Value([0.0, 1, 2])  # even steps, each of which depends on its own two coordinates
    check(lambda h: np.gradient(f, h), [2.0], [1.5, 2, 2.5], -3 / 4 - 8 / 8 - 5 / 4)  # (3, 8/2, 5)/h
    slopes = np.gradient(f, x)
    assert gradients(slopes[0], [x], retain_graph=True)[0].tolist() == [3, -3, 0]  # (f1 - f0)/(x1 - x0)
    assert gradients(slopes[2], [x])[0].tolist() == [0, 5, -5]
    np.testing.assert_allclose(np.gradient([1, 4, 9], Value([0.0, 0.5, 2])).data, np.gradient([1, 4, 9], [0.0, 0.5, 2]))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("x", [[0.0, 1, 2, 3], [0.0, 0.3, 1, 2.5]])
def test_numpys_gradient_differentiates_the_coordinates_as_differences_of_numpy_do(x, order):
    f, c = np.array([1.0, 4, 2, 7]), np.array([0.7, -1.2, 0.4, 2])
    v = Value(x)
    (np.gradient(f, v, edge_order=order) * c).sum().backward()
    step = 1e-5 * np.eye(4)
    ends = [[np.gradient(f, x + s, edge_order=order) @ c for s in (e, -e)] for e in step]
    np.testing.assert_allclose(v.grad, [(a - b) / 2e-5 for a, b in ends], rtol=1e-8)


def test_errors_name_what_is_expected():
    with pytest.raises(ValueError, match="at least edge_order"):
        np.gradient(Value([1.0, 2.0]), edge_order=2)
    with pytest.raises(ShapeError, match="coordinates of shape"):
        np.gradient(Value([1.0, 2.0, 3.0]), np.arange(4.0))
    with pytest.raises(TypeError, match="2 spacings for 1 axes"):
        np.gradient(Value([1.0, 2.0, 3.0]), 1.0, 2.0)
    with pytest.raises(OptionError, match="n is how many"):
        np.diff(Value([1.0, 2.0]), -1)
    with pytest.raises(ValueError, match="needs an axis"):
        np.cumulative_sum(Value(np.ones((2, 2))))
