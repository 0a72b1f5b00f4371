import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import REGISTRY
from tinygrad_edu.errors import OptionError

NAN = np.nan
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


@pytest.mark.parametrize(
    ("name", "options", "x", "slope"),
    [
        ("relu", {}, 0, 0),
        ("relu", {}, -0.0, 0),
        ("relu2", {}, 0, 0),
        ("relu6", {}, [0, 6], [0, 0]),
        ("leaky_relu", {}, 0, 0.01),
        ("elu", dict(alpha=1.3), 0, 1.3),
        ("selu", {}, 0, SCALE * ALPHA),
        ("celu", dict(alpha=1.3), 0, 1),
        ("hardtanh", {}, [-1, 1], [0, 0]),
        ("hardsigmoid", {}, [-3, 3], [0, 0]),
        ("hardswish", {}, [-3, 3], [0, 1]),
        ("softshrink", {}, [0.5, -0.5], [0, 0]),
        ("hardshrink", {}, [0.5, -0.5], [0, 0]),
        ("threshold", dict(threshold=1.0, value=5.0), 1, 0),
    ],
)
def test_the_slope_at_a_kink_is_the_subgradient_of_least_norm(name, options, x, slope):
    op = REGISTRY[name]
    check(lambda v: op(v, **options), [x], op(np.asarray(x, float), **options), slope)


def test_prelu_at_zero_has_the_learned_slope():
    check(REGISTRY["prelu"], [[0, -2, 3], 0.25], [0, -0.5, 3], [0.25, 0.25, 1], -2)


@pytest.mark.parametrize("name", ["relu", "relu2", "relu6", "hardtanh", "hardsigmoid", "softshrink", "hardshrink"])
def test_nan_stays_visible_in_value_and_gradient(name):
    check(REGISTRY[name], [NAN], NAN, NAN)


@pytest.mark.parametrize(
    ("f", "second"),
    [
        (lambda x: REGISTRY["relu"](x) ** 2, 0),
        (REGISTRY["relu2"], 0),
        (REGISTRY["elu"], 1),
        (REGISTRY["celu"], 1),
    ],
)
def test_curvature_at_zero_is_that_of_the_negative_side(f, second):
    assert curvature(f, 0.0)[1] == second


def test_exponential_units_saturate_without_overflow():
    check(REGISTRY["elu"], [[-1000, 1000]], [-1, 1000], [0, 1])
    check(REGISTRY["selu"], [[-1000, 1000]], [-SCALE * ALPHA, SCALE * 1000], [0, SCALE])
    check(lambda x: REGISTRY["celu"](x, 2.0), [[-2000, 1000]], [-2, 1000], [0, 1])


def test_relu_minus_relu_of_the_negative_is_the_identity_but_not_for_its_slope_at_zero():
    relu = REGISTRY["relu"]
    check(lambda x: relu(x) - relu(-x), [[-1, 0, 1]], [-1, 0, 1], [1, 0, 1])


def test_options_outside_their_domain_are_refused():
    with pytest.raises(OptionError, match="celu: alpha has to be positive"):
        REGISTRY["celu"](1.0, alpha=0)
    with pytest.raises(OptionError, match="min_val has to be below max_val"):
        REGISTRY["hardtanh"](1.0, 1.0, -1.0)
