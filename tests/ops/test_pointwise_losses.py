import numpy as np
import pytest

from tests.ops.slopes import check, curvature
from tinygrad_edu import REGISTRY
from tinygrad_edu.errors import OptionError

INF = np.inf
loss = REGISTRY


@pytest.mark.parametrize(
    ("name", "x", "target", "value", "by_x", "by_target"),
    [
        ("absolute_error", 1, 1, 0, 0, 0),
        ("smooth_l1", 2, 1, 0.5, 1, -1),
        ("smooth_l1", 1, 1, 0, 0, 0),
        ("huber", 2, 1, 0.5, 1, -1),
        ("pinball", 1, 1, 0, 0, 0),
        ("hinge", 1, 1, 0, 0, 0),
        ("squared_hinge", 1, 1, 0, 0, 0),
        ("bce", 0, 1, 100, -1e12, 100),
        ("bce", 1, 1, 0, 0, -100),
        ("bce_with_logits", 1000, 1, 0, 0, -1000),
        ("bce_with_logits", -1000, 1, 1000, -1, 1000),
        ("soft_margin", 1000, 1, 0, 0, 0),
        ("soft_margin", -1000, 1, 1000, -1, 1000),
        ("kl_div_pointwise", -2, 0, 0, 0, -INF),
        ("log_cosh_loss", 1000, 0, 1000 - np.log(2), 1, -1),
        ("squared_error", 3, 1, 4, 4, -4),
    ],
)
def test_losses_at_their_kinks_and_far_out(name, x, target, value, by_x, by_target):
    check(loss[name], [x, target], value, by_x, by_target)


def test_huber_is_delta_times_smooth_l1():
    x, t = np.array([-3.0, 0.2, 0.8, 2.0]), np.zeros(4)
    np.testing.assert_allclose(loss["huber"](x, t, 0.8), 0.8 * loss["smooth_l1"](x, t, 0.8), rtol=1e-15)


def test_huber_of_large_differences_does_not_overflow():
    check(loss["huber"], [1e200, 0], 1e200, 1, -1)


def test_the_slope_on_a_logit_is_the_error_of_the_probability():
    check(loss["bce_with_logits"], [0.0, 1.0], np.log(2), -0.5, 0)
    assert curvature(lambda x: loss["bce_with_logits"](x, 1.0), 0.0) == (-0.5, 0.25)


def test_binary_cross_entropy_of_certain_and_right_predictions_is_zero():
    check(lambda x: loss["bce"](x, np.array([0.0, 1.0])), [[0, 1]], [0, 0], [0, 0])


def test_pinball_is_smallest_at_the_quantile():
    sample = np.arange(101.0)
    costs = [loss["pinball"](float(q), sample, 0.9).sum() for q in range(101)]
    assert np.argmin(costs) == 90


def test_gaussian_nll_is_smallest_at_the_mean_square():
    check(loss["gaussian_nll"], [1, 3, 4], 0.5 * (np.log(4) + 1), -0.5, 0.5, 0)


def test_the_cost_of_the_notes_one_connection():
    a = 1 / (1 + np.exp(-(1.2 * 0.6 - 0.4)))
    check(loss["squared_error"], [a, 1], 0.176968084830, -0.841351495703, 0.841351495703, rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "options"), [("smooth_l1", dict(beta=0)), ("huber", dict(delta=-1)), ("pinball", dict(quantile=1))]
)
def test_options_outside_their_domain_are_refused(name, options):
    with pytest.raises(OptionError, match=next(iter(options))):
        loss[name](1.0, 2.0, **options)
