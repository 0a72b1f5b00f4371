"""The error function and its relatives against mpmath in 30 digits."""

import mpmath
import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import REGISTRY, Value

INF, NAN = np.inf, np.nan
erf, erfc, erfinv, gaussian = (REGISTRY[n] for n in ("erf", "erfc", "erfinv", "gaussian"))


def relative_error(f, exact, xs):
    with mpmath.workdps(30):
        expected = [exact(mpmath.mpf(float(x))) for x in xs]
        return max(float(abs(mpmath.mpf(float(y)) / e - 1)) for y, e in zip(f(xs), expected, strict=True))


@pytest.mark.parametrize(
    ("f", "exact", "low", "high"),
    [
        (erf, mpmath.erf, -6, 6),
        (erf, mpmath.erf, -0.5, 0.5),
        (erfc, mpmath.erfc, -6, 6),
        (erfc, mpmath.erfc, 6, 26),
        (erfinv, mpmath.erfinv, -0.999, 0.999),
        (erfinv, mpmath.erfinv, 1 - 1e-9, 1 - 1e-15),
        (erfinv, mpmath.erfinv, -1e-3, 1e-3),
    ],
)
def test_the_error_function_is_right_to_a_few_units_in_the_last_place(f, exact, low, high):
    xs = np.random.default_rng(0).uniform(low, high, 200)
    assert relative_error(f, exact, xs) < 1.5e-15


def test_erf_of_tiny_numbers_keeps_its_digits():
    xs = np.array([1e-300, -1e-20, 1e-8])
    assert relative_error(erf, mpmath.erf, xs) < 1e-15
    assert relative_error(erfinv, mpmath.erfinv, xs) < 1e-15


def test_values_and_slopes_far_out():
    slope = 2 / np.sqrt(np.pi)
    check(erf, [[0, INF, -INF, 1000, NAN]], [0, 1, -1, 1, NAN], [slope, 0, 0, 0, NAN])
    check(erfc, [[0, INF, -INF, 30]], [1, 0, 2, 0], [-slope, 0, 0, 0])
    check(erfinv, [[0, 1, -1, 1.5]], [0, INF, -INF, NAN], [np.sqrt(np.pi) / 2, INF, INF, NAN])
    check(gaussian, [[0, 1e200]], [1, 0], [0, 0])


def test_halves_are_rounded_once():
    for dtype in (np.float16, np.float32):
        x = np.linspace(-3, 3, 50).astype(dtype)
        np.testing.assert_array_equal(erf(x), erf(x.astype(float)).astype(dtype))


def test_many_entries_are_computed_as_few_are():
    x = np.random.default_rng(0).normal(size=(300, 200))
    np.testing.assert_array_equal(erf(x)[250:], erf(x[250:]))
    assert erf(np.zeros((0, 3))).shape == (0, 3)
    assert erf(Value(0.5)).shape == ()


def test_the_curvature_of_the_inverse():
    y = float(erfinv(0.5))
    np.testing.assert_allclose(curvature(erfinv, 0.5)[1], np.pi / 2 * y * np.exp(2 * y * y), rtol=1e-13)
