"""Convolutions and windows: known filters, three-fold symmetry, and refusals."""

import numpy as np
import pytest

from tinygrad_edu import Value, gradients, ops
from tinygrad_edu.errors import OptionError, ShapeError

RNG = np.random.default_rng(5)
X, W = RNG.normal(size=(2, 4, 6, 5)), RNG.normal(size=(6, 2, 3, 2))


def test_the_kernel_is_not_flipped():
    x = np.arange(5.0).reshape(1, 1, 5)
    np.testing.assert_array_equal(ops.conv1d(x, np.array([[[-1.0, 1.0]]])), np.ones((1, 1, 4)))


def test_a_sobel_filter_finds_the_edge():
    image = np.zeros((1, 1, 5, 6))
    image[..., 3:] = 1
    sobel = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]).reshape(1, 1, 3, 3)
    np.testing.assert_array_equal(ops.conv2d(image, sobel)[0, 0], [[0, -4, -4, 0]] * 3)


def test_a_kernel_with_one_1_shifts_the_image():
    k = np.zeros((1, 1, 3, 3))
    k[0, 0, 0, 2] = 1
    y = ops.conv2d(X[:, :1], k, padding="same")
    np.testing.assert_array_equal(y[..., 1:, :-1], X[:, :1, :-1, 1:])
    np.testing.assert_array_equal(y[..., 0, :], 0)


def test_convolution_with_a_polynomial_is_multiplication():
    a, b = np.array([1.0, 2, 3]), np.array([4.0, 5])
    y = ops.conv1d(a[None, None], b[::-1].copy()[None, None], padding=1)
    np.testing.assert_array_equal(y[0, 0], np.convolve(a, b))


@pytest.mark.parametrize(
    "options",
    [
        dict(stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2),
        dict(stride=3, padding=2, groups=2),
        dict(padding="same", groups=2),
    ],
)
def test_one_number_can_be_seen_as_linear_in_image_kernel_or_result(options):
    z = RNG.normal(size=ops.conv2d(X, W, **options).shape)
    gx, gw = Value(X), Value(W)
    total = (ops.conv2d(gx, gw, **options) * z).sum()
    gx, gw = gradients(total, [gx, gw])
    np.testing.assert_allclose([(gx * X).sum(), (gw * W).sum()], total.item(), rtol=1e-12)
    np.testing.assert_allclose(gw, ops.conv_weight(X, z, (3, 2), **options), rtol=1e-12)


def test_conv_transpose_undoes_the_shape_of_conv():
    for size in (7, 8, 9):
        x = RNG.normal(size=(1, 1, size))
        w = RNG.normal(size=(1, 1, 3))
        y = ops.conv1d(x, w, stride=3)
        extra = size - ((y.shape[2] - 1) * 3 + 3)
        assert ops.conv_transpose1d(y, w, stride=3, output_padding=extra).shape == x.shape


def test_depthwise_convolution_keeps_channels_apart():
    w = RNG.normal(size=(4, 1, 3, 3))
    y = ops.conv2d(X, w, groups=4)
    for c in range(4):
        np.testing.assert_allclose(y[:, c : c + 1], ops.conv2d(X[:, c : c + 1], w[c : c + 1]), rtol=1e-12)


def test_conv1d_is_conv2d_of_height_one():
    w = RNG.normal(size=(3, 4, 2))
    np.testing.assert_allclose(
        ops.conv1d(X[:, :, 0], w, 2, 1, 2), ops.conv2d(X[:, :, :1], w[:, :, None], (1, 2), (0, 1), (1, 2))[:, :, 0]
    )


def test_an_empty_batch_gives_an_empty_result_and_a_zero_gradient():
    w = Value(W)
    y = ops.conv2d(np.empty((0, 4, 6, 5)), w, groups=2)
    y.sum().backward()
    assert y.shape == (0, 6, 4, 4)
    np.testing.assert_array_equal(w.grad, np.zeros(W.shape))


def test_single_precision_stays_single():
    x, w = Value(X.astype(np.float32)), Value(W.astype(np.float32))
    y = ops.conv2d(x, w, groups=2)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == w.grad.dtype == np.float32


def test_unfold_lists_windows_in_reading_order_and_fold_counts_visits():
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    np.testing.assert_array_equal(ops.unfold(x, 2)[0].T, [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]])
    visits = ops.fold(ops.unfold(np.ones((1, 1, 3, 3)), 2), (3, 3), 2)
    np.testing.assert_array_equal(visits[0, 0], [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def test_what_does_not_fit_is_explained():
    with pytest.raises(ShapeError, match="is for 2 channels; x has 4"):
        ops.conv2d(X, W)
    with pytest.raises(ShapeError, match="4 axes"):
        ops.conv2d(X[0], W)
    with pytest.raises(ShapeError, match="does not fit"):
        ops.conv2d(X[..., :1, :], W, groups=2)
    with pytest.raises(OptionError, match="divides 6"):
        ops.conv2d(X, W, groups=4)
    with pytest.raises(OptionError, match="needs stride 1"):
        ops.conv2d(X, W, 2, "same", groups=2)
    with pytest.raises(OptionError, match="stride is an integer of at least 1"):
        ops.conv2d(X, W, 0, groups=2)
    with pytest.raises(OptionError, match='"same" or "valid"'):
        ops.conv2d(X, W, padding="full", groups=2)
    with pytest.raises(OptionError, match="output_padding"):
        ops.conv_transpose2d(X, RNG.normal(size=(4, 1, 2, 2)), output_padding=1)
    with pytest.raises(ShapeError, match="belong here"):
        ops.fold(np.ones((1, 4, 5)), (3, 3), 2)
