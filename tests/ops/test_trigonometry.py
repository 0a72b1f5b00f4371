import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import Value, gradients

INF = np.inf


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (np.arcsin, 1, np.pi / 2, INF),
        (np.arccos, -1, np.pi, -INF),
        (np.arccosh, 1, 0, INF),
        (np.arctanh, 1, INF, INF),
        (np.tan, np.pi / 2, 1.633123935319537e16, 2.667093788113571e32),
        (np.tanh, [1000, -1000, 20], [1, -1, 1], [0, 0, 0]),
        (np.arcsinh, 1e200, 461.2101657793691, 1e-200),
        (np.degrees, np.pi, 180, 180 / np.pi),
        (np.deg2rad, 180, np.pi, np.pi / 180),
        (np.rad2deg, np.pi, 180, 180 / np.pi),
    ],
)
def test_slopes_at_the_ends_of_the_domain(f, x, value, slope):
    check(f, [x], value, slope, rtol=1e-11)


def test_length_and_angle_of_the_zero_vector_have_slope_zero():
    check(np.hypot, [0, 0], 0, 0, 0)
    check(np.arctan2, [0, 0], 0, 0, 0)


def test_length_and_angle_of_long_vectors_do_not_overflow():
    check(np.hypot, [3e200, 4e200], 5e200, 0.6, 0.8)
    check(np.arctan2, [3e200, 4e200], np.arctan2(3, 4), 1.6e-201, -1.2e-201)


def test_sinc_is_flat_at_zero_and_curved_as_its_series_says():
    check(np.sinc, [[0, 1e-9, 1]], [1, 1, 0], [0, -(np.pi**2) / 3 * 1e-9, -1], atol=1e-16)
    first, second = curvature(np.sinc, 0.0)
    assert first == 0
    np.testing.assert_allclose(second, -(np.pi**2) / 3, rtol=1e-14)


@pytest.mark.parametrize("x", [1e-6, 0.01, 0.1, 0.3, 0.3162, 0.3163, 0.5, 2.7])
def test_derivatives_of_sinc_by_the_power_series(x):
    import mpmath

    with mpmath.workdps(40):
        expected = [mpmath.diff(lambda t: mpmath.sincpi(t), mpmath.mpf(x), k) for k in (1, 2)]
    np.testing.assert_allclose(curvature(np.sinc, x), [float(e) for e in expected], rtol=1e-11)


def test_fifth_derivative_of_tanh():
    v = Value(0.5)
    y = np.tanh(v)
    for _ in range(5):
        (y,) = gradients(y, [v], create_graph=True)
    np.testing.assert_allclose(y.data, -3.26669, rtol=1e-5)


def test_second_derivative_of_arctan2_is_harmonic():
    a, b = Value(0.7), Value(-1.1)
    total = 0.0
    for v, g in zip((a, b), gradients(np.arctan2(a, b), [a, b], create_graph=True), strict=True):
        total += gradients(g, [v], retain_graph=True)[0]
    np.testing.assert_allclose(total, 0, atol=1e-15)


def test_hypot_at_the_origin_is_flat_to_every_order_as_norm_is():
    x, y = Value(0.0), Value(0.0)
    first = gradients(np.hypot(x, y), [x, y], create_graph=True)
    assert [g.item() for g in first] == [0.0, 0.0]
    assert gradients(first[0] + first[1], [x, y]) == [0.0, 0.0]
