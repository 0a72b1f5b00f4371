"""Pooling and resampling: ties, edges, what is conserved, and refusals."""

import numpy as np
import pytest

from tinygrad_edu import Value, ops
from tinygrad_edu.errors import OptionError, ShapeError

X = np.random.default_rng(6).normal(size=(2, 3, 6, 5))


def grad(f, x):
    v = Value(x)
    f(v).sum().backward()
    return v.grad


def test_the_first_of_equal_maxima_gets_the_whole_gradient():
    g = grad(lambda x: ops.max_pool2d(x, 2), np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(g, [[[[1, 0], [0, 0]]]])


def test_overlapping_windows_add_up_at_their_common_maximum():
    np.testing.assert_array_equal(grad(lambda x: ops.max_pool1d(x, 2, 1), np.array([1.0, 3, 2])), [0, 2, 0])


def test_a_window_with_nan_is_nan_and_its_gradient_is_not_lost():
    x = np.array([np.nan, 1.0, 2.0, 3.0])
    np.testing.assert_array_equal(ops.max_pool1d(x, 2), [np.nan, 3])
    np.testing.assert_array_equal(grad(lambda v: ops.max_pool1d(v, 2), x), [1, 0, 0, 1])


def test_padding_never_wins_a_maximum():
    x = np.full((1, 4), -5.0)
    np.testing.assert_array_equal(ops.max_pool1d(x, 3, 2, 1), [[-5, -5]])
    assert grad(lambda v: ops.max_pool1d(v, 3, 2, 1), x).sum() == 2
    assert grad(lambda v: ops.max_pool1d(v, 3, 2, 1), np.full((1, 4), -np.inf)).sum() == 2


@pytest.mark.parametrize("options", [dict(kernel_size=2), dict(kernel_size=3, stride=2, padding=1), dict(kernel_size=(3, 2))])
def test_pooling_hands_on_the_whole_gradient(options):
    windows = ops.max_pool2d(X, **options).size
    for pool in (ops.max_pool2d, ops.avg_pool2d):
        if pool is ops.max_pool2d or "padding" not in options:
            np.testing.assert_allclose(grad(lambda x, p=pool: p(x, **options), X).sum(), windows, rtol=1e-12)


def test_the_mean_of_a_padded_window_counts_the_padding_or_not():
    x = np.ones((1, 4))
    np.testing.assert_allclose(ops.avg_pool1d(x, 3, 2, 1), [[2 / 3, 1]])
    np.testing.assert_allclose(ops.avg_pool1d(x, 3, 2, 1, count_include_pad=False), [[1, 1]])


def test_ceil_mode_keeps_the_last_entries():
    x = np.arange(5.0)
    np.testing.assert_array_equal(ops.max_pool1d(x, 2), [1, 3])
    np.testing.assert_array_equal(ops.max_pool1d(x, 2, ceil_mode=True), [1, 3, 4])
    np.testing.assert_array_equal(ops.avg_pool1d(x, 2, ceil_mode=True), [0.5, 2.5, 4])


def test_adaptive_pooling_to_one_is_the_whole_image():
    np.testing.assert_allclose(ops.adaptive_avg_pool2d(X, 1)[..., 0, 0], X.mean((2, 3)), rtol=1e-13)
    np.testing.assert_array_equal(ops.adaptive_max_pool2d(X, 1)[..., 0, 0], X.max((2, 3)))


def test_adaptive_parts_share_an_entry_when_they_must():
    np.testing.assert_array_equal(ops.adaptive_avg_pool1d(np.arange(5.0), 3), [0.5, 2, 3.5])
    g = grad(lambda x: ops.adaptive_avg_pool1d(x, 3), np.arange(5.0))
    np.testing.assert_allclose(g, np.array([3, 5, 2, 5, 3]) / 6, rtol=1e-15)


def test_the_mean_of_an_infinite_part_spoils_no_other():
    np.testing.assert_array_equal(ops.adaptive_avg_pool1d(np.array([np.inf, 1.0, 2.0, 4.0]), 2), [np.inf, 3])


def test_nearest_interpolation_by_two_repeats_and_bilinear_keeps_a_ramp():
    np.testing.assert_array_equal(ops.interpolate(X, scale_factor=2), X.repeat(2, 2).repeat(2, 3))
    ramp = np.arange(4.0).reshape(1, 1, 4)
    np.testing.assert_allclose(ops.interpolate(ramp, 7, mode="linear", align_corners=True)[0, 0], np.arange(7) / 2)


def test_pixel_unshuffle_undoes_pixel_shuffle():
    x = np.arange(2 * 8 * 3 * 2.0).reshape(2, 8, 3, 2)
    y = ops.pixel_shuffle(x, 2)
    assert y.shape == (2, 2, 6, 4)
    np.testing.assert_array_equal(y[0, 0, :2, :2], x[0, :4, 0, 0].reshape(2, 2))
    np.testing.assert_array_equal(ops.pixel_unshuffle(y, 2), x)


def test_what_does_not_fit_is_explained():
    with pytest.raises(OptionError, match="more than half"):
        ops.max_pool2d(X, 2, padding=2)
    with pytest.raises(ShapeError, match="does not fit"):
        ops.avg_pool2d(X, 7)
    with pytest.raises(ShapeError, match="2 axes to pool over"):
        ops.max_pool2d(np.ones(4), 2)
    with pytest.raises(OptionError, match="output_size"):
        ops.adaptive_avg_pool2d(X, (2, 0))
    with pytest.raises(OptionError, match="either size or scale_factor"):
        ops.interpolate(X)
    with pytest.raises(OptionError, match="nearest"):
        ops.interpolate(X, 3, mode="linear")
    with pytest.raises(ShapeError, match="divisible by 4"):
        ops.pixel_shuffle(X, 2)
