"""Layers that draw lots: repeatable, right on the average, refused without a generator."""

import numpy as np
import pytest

from tinygrad_edu import Value, ops
from tinygrad_edu.errors import OptionError, ShapeError


def test_a_seed_gives_the_same_mask_and_a_generator_moves_on():
    a, b = ops.dropout_mask((50,), 0.5, 3), ops.dropout_mask((50,), 0.5, 3)
    np.testing.assert_array_equal(a, b)
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(ops.dropout_mask((50,), 0.5, rng), a)
    assert np.any(ops.dropout_mask((50,), 0.5, rng) != a)


def test_dropout_keeps_the_mean_and_what_is_dropped_gets_no_gradient():
    mask = ops.dropout_mask((100_000,), 0.2, 0)
    assert abs(mask.mean() - 0.8) < 0.005
    x = Value(np.ones(100_000))
    y = ops.dropout(x, mask, 0.2)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, np.where(mask, 1.25, 0))
    assert abs(y.data.mean() - 1) < 0.01


def test_dropout_at_its_ends():
    x = np.array([1.0, np.inf])
    np.testing.assert_array_equal(ops.dropout(x, ops.dropout_mask(2, 1.0, 0), 1.0), [0, 0])
    np.testing.assert_array_equal(ops.dropout(x, ops.dropout_mask(2, 0.0, 0), 0.0), x)


@pytest.mark.parametrize("rng", [None, True, "seed", 1.5])
def test_hidden_randomness_is_refused(rng):
    with pytest.raises(OptionError, match="default_rng"):
        ops.dropout_mask((3,), 0.5, rng)


def test_masks_and_probabilities_that_do_not_fit_are_refused():
    with pytest.raises(OptionError, match="probability"):
        ops.dropout(np.ones(3), np.ones(3, bool), 1.5)
    with pytest.raises(ShapeError, match="broadcast"):
        ops.dropout(np.ones(3), np.ones((2, 3), bool), 0.5)


def test_the_hardest_gumbel_draw_follows_the_softmax():
    p = np.array([0.5, 0.3, 0.2])
    drawn = np.argmax(np.log(p) + ops.gumbel_noise((40_000, 3), 0), 1)
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), p, atol=0.01)


def test_a_small_temperature_makes_a_draw_nearly_one_hot():
    noise = ops.gumbel_noise((5, 4), 1)
    y = ops.gumbel_softmax(np.zeros((5, 4)), noise, tau=0.01)
    np.testing.assert_allclose(y.sum(1), 1)
    np.testing.assert_array_equal(y.argmax(1), noise.argmax(1))
    with pytest.raises(OptionError, match="positive"):
        ops.gumbel_softmax(np.zeros(2), np.zeros(2), tau=0)


def test_a_gaussian_sample_has_the_mean_and_the_spread_that_it_is_given():
    noise = np.random.default_rng(0).standard_normal(100_000)
    y = ops.gaussian_sample(2.0, np.log(9.0), noise)
    assert abs(y.mean() - 2) < 0.05
    assert abs(y.std() - 3) < 0.05
