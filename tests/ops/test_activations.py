import mpmath
import numpy as np
import pytest

from tests.ops.slopes import check, curvature, slopes
from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.errors import OptionError

INF, NAN = np.inf, np.nan
act = REGISTRY


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("sigmoid", [1000, -1000], [1, 0], [0, 0]),
        ("sigmoid", [-10, 0, 10], [4.5397868702e-05, 0.5, 0.9999546021], [4.53958077e-05, 0.25, 4.53958077e-05]),
        ("logsigmoid", [-1000, 0, 1000], [-1000, -np.log(2), 0], [1, 0.5, 0]),
        ("softplus", [1000, -1000, 0], [1000, 0, np.log(2)], [1, 0, 0.5]),
        ("gelu", [0, -1000, 1000], [0, 0, 1000], [0.5, 0, 1]),
        ("gelu_tanh", [0, -1000, 1000], [0, 0, 1000], [0.5, 0, 1]),
        ("silu", [0, -1000, 1000], [0, 0, 1000], [0.5, 0, 1]),
        ("mish", [0, -1000, 1000], [0, 0, 1000], [0.6, 0, 1]),
        ("quick_gelu", [0, -1000, 1000], [0, 0, 1000], [0.5, 0, 1]),
        ("log_cosh", [0, 1000, -1000], [0, 1000 - np.log(2), 1000 - np.log(2)], [0, 1, -1]),
        ("softsign", [0, 1, -3], [0, 0.5, -0.75], [1, 0.25, 0.0625]),
        ("logit", [0, 0.5, 1], [-INF, 0, INF], [INF, 4, INF]),
    ],
)
def test_values_and_slopes_at_zero_and_far_out(name, x, value, slope):
    check(act[name], [x], value, slope, rtol=1e-9)


SMOOTH = "sigmoid logsigmoid softplus gelu gelu_tanh silu mish quick_gelu log_cosh softsign tanhshrink gaussian"


@pytest.mark.parametrize("name", SMOOTH.split())
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_no_warning_and_no_nan_far_out(name, dtype):
    v = Value(np.array([-1000, -100, 0, 100, 1000], dtype))
    y = act[name](v)
    y.sum().backward()
    assert np.all(np.isfinite(y.data))
    assert np.all(np.isfinite(v.grad))


@pytest.mark.parametrize(("name", "x", "value"), [("gelu", -0.7517915, -0.1699712), ("silu", -1.2784645, -0.2784645)])
def test_the_slope_vanishes_at_the_minimum(name, x, value):
    check(act[name], [x], value, 0, rtol=1e-6, atol=1e-6)


def test_second_derivatives_of_saturated_neurons_are_zero():
    for name in ("sigmoid", "logsigmoid", "softplus"):
        assert curvature(act[name], 1000.0)[1] == 0
        assert curvature(act[name], -1000.0)[1] == 0


def test_softsign_has_no_curvature_at_its_centre():
    assert curvature(act["softsign"], 0.0) == (1, 0)


def test_log_cosh_keeps_its_digits_near_zero():
    xs = np.array([1e-150, 1e-8, 1e-4, 0.1, 0.999, 1.001, 5.0])
    with mpmath.workdps(400):
        expected = [float(mpmath.log(mpmath.cosh(mpmath.mpf(x)))) for x in xs]
    np.testing.assert_allclose(act["log_cosh"](xs), expected, rtol=1e-15)


def test_gelu_keeps_its_digits_in_the_negative_tail():
    x = mpmath.mpf(-20)
    np.testing.assert_allclose(act["gelu"](-20.0), float(x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2), rtol=1e-12)


def test_gelu_by_tanh_is_gelu_tanh():
    check(lambda x: act["gelu"](x, approximate="tanh"), [[0.5, -1]], *slopes(act["gelu_tanh"], [0.5, -1]))


def test_options_outside_their_domain_are_refused():
    with pytest.raises(OptionError, match='"none" or "tanh"'):
        act["gelu"](Value(1.0), approximate="fast")
    with pytest.raises(OptionError, match="beta has to be positive"):
        act["softplus"](Value(1.0), beta=0)


def test_softcap_is_bounded_by_its_cap():
    check(lambda x: act["softcap"](x, 30.0), [[0, 1e6, -1e6]], [0, 30, -30], [1, 0, 0])
