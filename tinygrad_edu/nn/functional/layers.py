"""Linear layers, convolutions, pooling, and images of other sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import OptionError, ShapeError

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
           "avg_pool2d", "bilinear", "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "dropout", "dropout1d",
           "dropout2d", "fold", "interpolate", "linear", "max_pool1d", "max_pool2d", "pad", "pixel_shuffle",
           "pixel_unshuffle", "unfold"]  # fmt: skip


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """`input @ weight.T + bias`: `ops.linear`.

    >>> linear(np.array([1.0, 2.0]), np.array([[3.0, 4.0]]), np.array([5.0]))  # 3 + 8 + 5
    array([16.])
    """
    return ops.linear_layer(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """A layer that is linear in each of two inputs: `ops.bilinear`.

    >>> bilinear(np.array([[2.0]]), np.array([[3.0]]), np.array([[[4.0]]]))
    array([[24.]])
    """
    return ops.bilinear(input1, input2, weight, bias)


# -- convolutions ------------------------------------------------------------------------------------------------------


def _convolved(op: Any, axes: int, input: Any, weight: Any, bias: Any, channels: int, **options: Any) -> Any:
    """A convolution with its bias; one image without a batch axis is a batch of one."""
    if bias is not None and np.shape(bias) != (channels,):
        raise ShapeError(f"{op.name}: the bias is one number for each of {channels} channels, got shape {np.shape(bias)}")
    alone = np.ndim(input) == axes + 1
    y = op(np.expand_dims(input, 0) if alone else input, weight, **options)
    y = np.squeeze(y, 0) if alone else y
    return y if bias is None else y + np.reshape(bias, (-1, *[1] * axes))


def conv1d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Any:  # fmt: skip
    """Kernels slid over sequences: `ops.conv1d`, plus a bias for each kernel.

    >>> conv1d(np.array([[1.0, 2.0, 4.0]]), np.array([[[-1.0, 1.0]]]))  # differences of neighbours
    array([[1., 2.]])
    """
    return _convolved(ops.conv1d, 1, input, weight, bias, len(weight), stride=stride, padding=padding, dilation=dilation,
                      groups=groups)  # fmt: skip


def conv2d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Any:  # fmt: skip
    """Kernels slid over images: `ops.conv2d`, plus a bias for each kernel.

    >>> conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), np.array([0.5]))
    array([[[4.5, 4.5],
            [4.5, 4.5]]])
    """
    return _convolved(ops.conv2d, 2, input, weight, bias, len(weight), stride=stride, padding=padding, dilation=dilation,
                      groups=groups)  # fmt: skip


def conv_transpose1d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Any:  # fmt: skip
    """The adjoint of `conv1d`: `ops.conv_transpose1d`, plus a bias for each channel.

    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0]]]))
    array([[ 1., 12., 20.]])
    """
    return _convolved(ops.conv_transpose1d, 1, input, weight, bias, weight.shape[1] * groups, stride=stride,
                      padding=padding, output_padding=output_padding, groups=groups, dilation=dilation)  # fmt: skip


def conv_transpose2d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Any:  # fmt: skip
    """The adjoint of `conv2d`: `ops.conv_transpose2d`, plus a bias for each channel.

    >>> conv_transpose2d(np.array([[[3.0]]]), np.array([[[[1.0, 2.0]]]]))
    array([[[3., 6.]]])
    """
    return _convolved(ops.conv_transpose2d, 2, input, weight, bias, weight.shape[1] * groups, stride=stride,
                      padding=padding, output_padding=output_padding, groups=groups, dilation=dilation)  # fmt: skip


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Windows of images as columns: `ops.unfold`.

    >>> unfold(np.array([[[[1.0, 2.0, 3.0]]]]), (1, 2))
    array([[[1., 2.],
            [2., 3.]]])
    """
    return ops.unfold(input, kernel_size, dilation, padding, stride)


def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Columns added up to images: `ops.fold`. A number stands for a square.

    >>> fold(np.array([[[1.0, 2.0], [2.0, 3.0]]]), (1, 3), (1, 2))  # the middle is in two windows
    array([[[[1., 4., 3.]]]])
    """
    size = (output_size, output_size) if isinstance(output_size, int) else tuple(output_size)
    return ops.fold(input, size, kernel_size, dilation, padding, stride)


# -- pooling -----------------------------------------------------------------------------------------------------------


def max_pool1d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False) -> Any:  # fmt: skip
    """The largest entry of every window: `ops.max_pool1d`.

    >>> max_pool1d(np.array([[[1.0, 3.0, 2.0, 5.0]]]), 2)
    array([[[3., 5.]]])
    """
    return ops.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False) -> Any:  # fmt: skip
    """The largest entry of every window: `ops.max_pool2d`.

    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    return ops.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


def avg_pool1d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Any:  # fmt: skip
    """The mean of every window: `ops.avg_pool1d`.

    >>> avg_pool1d(np.array([[[1.0, 3.0, 2.0, 6.0]]]), 2)
    array([[[2., 4.]]])
    """
    return ops.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Any:  # fmt: skip
    """The mean of every window: `ops.avg_pool2d`.

    >>> avg_pool2d(np.arange(4.0).reshape(1, 1, 2, 2), 2)
    array([[[[1.5]]]])
    """
    return ops.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The means of a given number of parts: `ops.adaptive_avg_pool1d`.

    >>> adaptive_avg_pool1d(np.array([[1.0, 3.0, 2.0, 6.0]]), 2)
    array([[2., 4.]])
    """
    return ops.adaptive_avg_pool1d(input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of a given number of parts: `ops.adaptive_avg_pool2d`.

    >>> adaptive_avg_pool2d(np.arange(4.0).reshape(1, 1, 2, 2), 1)
    array([[[[1.5]]]])
    """
    return ops.adaptive_avg_pool2d(input, output_size)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Any:
    """The maxima of a given number of parts: `ops.adaptive_max_pool1d`.

    >>> adaptive_max_pool1d(np.array([[1.0, 3.0, 2.0, 6.0]]), 2)
    array([[3., 6.]])
    """
    return ops.adaptive_max_pool1d(input, output_size)


def adaptive_max_pool2d(input: Any, output_size: Any) -> Any:
    """The maxima of a given number of parts: `ops.adaptive_max_pool2d`.

    >>> adaptive_max_pool2d(np.arange(4.0).reshape(1, 1, 2, 2), 1)
    array([[[[3.]]]])
    """
    return ops.adaptive_max_pool2d(input, output_size)


# -- sizes -------------------------------------------------------------------------------------------------------------


def interpolate(input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
                align_corners: bool | None = None) -> Any:  # fmt: skip
    """Images stretched to another size: `ops.interpolate`.

    >>> interpolate(np.array([[[1.0, 2.0]]]), scale_factor=2)
    array([[[1., 1., 2., 2.]]])
    """
    return ops.interpolate(input, size, scale_factor, mode, bool(align_corners))


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Channels laid out as pixels: `ops.pixel_shuffle`.

    >>> pixel_shuffle(np.arange(4.0).reshape(1, 4, 1, 1), 2)
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    return ops.pixel_shuffle(input, upscale_factor)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Pixels laid out as channels: `ops.pixel_unshuffle`.

    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 1, 2, 2), 2).ravel()
    array([0., 1., 2., 3.])
    """
    return ops.pixel_unshuffle(input, downscale_factor)


_MODES: dict[str, Any] = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """A border around the last axes: `np.pad`, with pairs in PyTorch's order, the last axis first.

    Args:
        input: any array.
        pad: (before, after) of the last axis, then (before, after) of the one before it, and so on; not negative.
        mode: "constant", "reflect", "replicate" or "circular".
        value: of the border, for "constant"; 0 if not said.

    Raises:
        OptionError: an option outside its domain.

    >>> pad(np.array([[1.0, 2.0]]), (0, 1))
    array([[1., 2., 0.]])
    """
    if mode not in _MODES:
        raise OptionError(f"mode is one of {[*_MODES]}, got {mode!r}")
    pairs = [tuple(pad[i : i + 2]) for i in range(0, len(pad), 2)]
    if len(pad) % 2 or len(pairs) > np.ndim(input) or any(p < 0 for p in pad):
        raise OptionError(f"pad is (before, after) for up to {np.ndim(input)} axes, last axis first, not negative: got {pad}")
    widths = [(0, 0)] * (np.ndim(input) - len(pairs)) + pairs[::-1]
    if mode == "constant":
        return np.pad(input, widths, constant_values=value or 0)
    return np.pad(input, widths, _MODES[mode])


# -- dropout -----------------------------------------------------------------------------------------------------------


def dropout(input: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """Entries dropped with probability p in training, the others enlarged by 1/(1 - p): `ops.dropout`.

    Args:
        input: any array.
        p: the probability to be dropped.
        training: otherwise nothing is dropped.
        rng: a `numpy.random.Generator`, or a seed; needed when something is dropped.

    Raises:
        OptionError: p is not a probability, or there is no rng.

    >>> dropout(np.ones(8), 0.5, rng=0)
    array([2., 2., 2., 0., 0., 0., 0., 0.])
    """
    return _dropped(input, p, training, rng, np.shape(input))


def dropout1d(input: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """Whole channels of sequences `(n, channels, length)` dropped: `ops.dropout`.

    >>> dropout1d(np.ones((1, 2, 3)), 0.5, rng=1)
    array([[[0., 0., 0.],
            [2., 2., 2.]]])
    """
    return _dropped(input, p, training, rng, (*np.shape(input)[:-1], 1))


def dropout2d(input: Any, p: float = 0.5, training: bool = True, *, rng: Any = None) -> Any:
    """Whole channels of images `(n, channels, height, width)` dropped: `ops.dropout`.

    >>> dropout2d(np.ones((1, 2, 1, 2)), 0.5, rng=1).tolist()
    [[[[0.0, 0.0]], [[2.0, 2.0]]]]
    """
    return _dropped(input, p, training, rng, (*np.shape(input)[:-2], 1, 1))


def _dropped(input: Any, p: float, training: bool, rng: Any, shape: tuple[int, ...]) -> Any:
    if not 0 <= p <= 1:
        raise OptionError(f"dropout: p is a probability, 0 <= p <= 1, got {p}")
    if not training or p == 0:
        return input
    return ops.dropout(input, ops.dropout_mask(shape, p, rng), p)
