"""The gamma function's logarithm and its derivatives against mpmath in 30 digits."""

import mpmath
import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tests.ops.test_error_function import relative_error
from tinygrad_edu import REGISTRY
from tinygrad_edu.errors import OptionError

INF, NAN = np.inf, np.nan
lgamma, digamma, polygamma = (REGISTRY[n] for n in ("lgamma", "digamma", "polygamma"))
RNG = np.random.default_rng(0)


def _log_gamma(x):
    return mpmath.log(abs(mpmath.gamma(x)))


@pytest.mark.parametrize(
    "xs",
    [
        RNG.uniform(0, 3, 200),
        RNG.uniform(3, 20, 100),
        10 ** RNG.uniform(-300, 300, 50),
        1 + 10 ** RNG.uniform(-12, -1, 50),
        2 - 10 ** RNG.uniform(-12, -1, 50),
        RNG.uniform(-2, 0, 100),
    ],
)
def test_lgamma_is_right_to_a_few_units_in_the_last_place_also_beside_its_zeros(xs):
    exact = mpmath.loggamma if np.all(xs > 0) else _log_gamma
    assert relative_error(lgamma, exact, xs) < 1.5e-15


@pytest.mark.parametrize(
    "xs",
    [
        RNG.uniform(0, 3, 200),
        RNG.uniform(3, 30, 100),
        1.4616321449683622 + RNG.uniform(-1e-9, 1e-9, 50),
        RNG.uniform(-0.4, 0, 50),
    ],
)
def test_digamma_is_right_to_a_few_units_in_the_last_place_also_beside_its_zero(xs):
    assert relative_error(digamma, mpmath.digamma, xs) < 3e-15


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_polygamma_is_right_to_a_few_units_in_the_last_place(n):
    assert relative_error(lambda x: polygamma(n, x), lambda x: mpmath.polygamma(n, x), RNG.uniform(0, 30, 60)) < 1.5e-15


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_polygamma_between_the_poles(n):
    xs = np.array([-0.3, -1.7, -2.45])
    assert relative_error(lambda x: polygamma(n, x), lambda x: mpmath.polygamma(n, x), xs) < 1e-13


def test_lgamma_is_the_logarithm_of_the_factorial():
    check(lgamma, [[1, 2, 3, 11]], [0, 0, np.log(2), np.log(3628800)],
          [-np.euler_gamma, 1 - np.euler_gamma, 1.5 - np.euler_gamma, 2.351752589066721])  # fmt: skip


def test_values_at_poles_and_infinity():
    np.testing.assert_array_equal(lgamma(np.array([0, -1, INF, NAN])), [INF, INF, INF, NAN])
    np.testing.assert_array_equal(digamma(np.array([0, -1, INF])), [NAN, NAN, INF])
    np.testing.assert_array_equal(polygamma(1, np.array([0, -1, INF])), [INF, INF, 0])


def test_trigamma_of_one_is_the_basel_sum():
    np.testing.assert_allclose(polygamma(1, 1.0), np.pi**2 / 6, rtol=1e-15)
    np.testing.assert_allclose(curvature(lgamma, 1.0), [-np.euler_gamma, np.pi**2 / 6], rtol=1e-15)
    np.testing.assert_allclose(curvature(digamma, 1.0), [np.pi**2 / 6, -2 * 1.2020569031595942], rtol=1e-15)


def test_an_order_that_is_not_a_whole_number_is_refused():
    for n in (-1, 0.5):
        with pytest.raises(OptionError, match="the order n is 0, 1, 2"):
            polygamma(n, 1.0)
