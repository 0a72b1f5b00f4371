import numpy as np
import pytest

from tests.ops.slopes import check, curvature, slopes
from tinygrad_edu import REGISTRY, Value, ops

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("base", "exponent", "value", "by_base", "by_exponent"),
    [
        (0, 0, 1, 0, 0),
        (0, 1, 0, 1, 0),
        (0, 2, 0, 0, 0),
        (0, 0.5, 0, INF, 0),
        (0, -1, INF, -INF, -INF),
        (-2, 2, 4, -4, NAN),
        (-2, 0.5, NAN, NAN, NAN),
        (2, 0, 1, 0, np.log(2)),
    ],
)
def test_slopes_of_a_power_at_its_special_points(base, exponent, value, by_base, by_exponent):
    check(lambda x, p: x**p, [base, exponent], value, by_base, by_exponent)
    check(lambda x, p: x**p, [[base], [exponent]], [value], [by_base], [by_exponent])
    check(lambda x: x**exponent, [base], value, by_base)
    check(lambda x: x ** np.array([exponent]), [[base]], [value], [by_base])


@pytest.mark.parametrize(("n", "first", "second"), [(0, 0, 0), (1, 1, 0), (2, 0, 2), (3, 0, 0)])
def test_second_derivatives_of_whole_powers_at_zero(n, first, second):
    assert curvature(lambda x: x**n, 0.0) == (first, second)
    assert curvature(lambda x: x ** float(n), 0.0) == (first, second)
    assert curvature(lambda x: (x ** np.array([n])).sum(), 0.0) == (first, second)
    assert curvature(lambda x: x ** Value(float(n)), 0.0) == (first, second)


def test_a_number_to_the_power_of_a_value():
    check(lambda x: 2**x, [[0, 3]], [1, 8], [np.log(2), 8 * np.log(2)])
    check(lambda x: 0**x, [[0, 2]], [1, 0], [0, 0])


def test_a_negative_base_gives_nan_and_never_a_complex_number():
    check(lambda x: x ** (1 / 3), [-8], NAN, NAN)


def test_float_power_computes_in_float64():
    y = np.float_power(Value(np.float32([2.0])), 3)
    assert y.dtype == np.float64
    assert y.data == [8.0]


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("sqrt", 0, 0, INF),
        ("rsqrt", 0, INF, -INF),
        ("cbrt", [0, -8], [0, -2], [INF, 1 / 12]),
        ("reciprocal", 0, INF, -INF),
        ("absolute", [0, -0.0, -2], [0, 0, 2], [0, 0, -1]),
    ],
)
def test_roots_and_their_like_at_zero(name, x, value, slope):
    check(REGISTRY[name], [x], value, slope)


def test_quotients_at_zero():
    check(lambda a, b: a / b, [1, 0], INF, INF, -INF)
    check(lambda a, b: a / b, [0, 0], NAN, INF, NAN)


def test_zero_times_infinity_is_nan():
    check(lambda x: x * 0, [INF], NAN, 0)


def test_absolute_times_itself_has_no_curvature_at_zero():
    assert curvature(lambda x: abs(x) * x, 0.0) == (0, 0)


def test_remainders_keep_the_signs_of_python_and_of_c():
    check(lambda a, b: a % b, [[5.5, -5.5], [2.0, 3.0]], [1.5, 0.5], [1, 1], [-2, 2])
    check(np.fmod, [[5.5, -5.5], [2.0, 3.0]], [1.5, -2.5], [1, 1], [-2, 1])
    check(lambda a, b: a // b, [[5.5], [2.0]], [2], [0], [0])


def test_divmod_is_quotient_and_remainder():
    for f in (divmod, np.divmod):
        check(lambda a, b, f=f: f(a, b)[0], [-5.5, 2.0], -3, 0, 0)
        check(lambda a, b, f=f: f(a, b)[1], [-5.5, 2.0], 0.5, 1, 3)


def test_fmod_counts_how_often_the_divisor_went_in_although_the_quotient_rounds():
    assert 0.9 / 0.1 == 9.0
    y, _, slope = slopes(np.fmod, 0.9, 0.1)
    assert slope == -8
    np.testing.assert_allclose(0.9 + slope * 0.1, y)


def test_numpy_spellings_reach_the_same_op():
    v = Value([2.0, -3.0])
    for f, name in [(np.abs, "absolute"), (np.fabs, "absolute"), (np.mod, "remainder"), (np.true_divide, "divide")]:
        args = (v, 2.0) if name in ("remainder", "divide") else (v,)
        assert f(*args).op is REGISTRY[name]


def test_a_copy_is_a_new_array_that_passes_the_gradient_on():
    a = np.array([1.0, 2.0])
    v = Value(a)
    w = v.copy()
    assert not np.shares_memory(w.data, a)
    w.sum().backward()
    np.testing.assert_array_equal(v.grad, [1, 1])


def test_lerp_between_two_points():
    check(ops.arithmetic.lerp, [1, 5, 0.25], 2, 0.75, 0.25, 4)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_a_python_zero_divides_as_numpys_does(zero):
    x = Value(2.0)
    with np.errstate(divide="ignore"):
        (x / zero).backward()
        assert x.grad == 1 / np.float64(zero)
