"""Pooling: one number for each window of an image.

The maximum of a window is the entry at one place, so the gradient of `max_pool2d` puts numbers back to these places.
That is `window_put`; its adjoint `window_pick` picks the entries there. Both are linear, so there is no end to
derivatives. The means likewise: `window_sum` and `window_spread`.

Pooling works on the last one or two axes; all axes before them are a batch. In the formulas, entry (h, i, u) of the
first 0/1 factor is 1 where cell i of window h meets row u of the image; the second is the same for columns.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from ..core.op import linear, primitive
from ..errors import OptionError, ShapeError
from .windows import Windows

__all__ = ["avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d", "window_pick", "window_put", "window_spread",
           "window_sum"]  # fmt: skip


def _over(axes: int, shape: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Windows:
    if len(shape) < axes:
        raise ShapeError(f"x has {axes} axes to pool over, and any number before them; got shape {tuple(shape)}")
    w = Windows.of(shape[-axes:], kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    _check_padding(w)
    return w


def _check_padding(w: Windows) -> None:
    reach = tuple(d * (k - 1) + 1 for k, d in zip(w.kernel, w.dilation, strict=True))
    if any(2 * a > r for a, r in zip(w.low, reach, strict=True)):
        raise OptionError(f"padding {w.low} is more than half of the window, which reaches over {reach}")


def _batch(x: Any, size: Any) -> Any:
    return x.shape[: x.ndim - len(size)]


# -- maxima ------------------------------------------------------------------------------------------------------------


def _maxima(x: Any, w: Windows) -> Any:
    top = np.full_like(x, -np.inf, shape=(*_batch(x, w.size), *w.places))
    for _, entries, windows in w.visits():
        top[..., *windows] = np.maximum(top[..., *windows], x[..., *entries])
    return top


def _winners(x: Any, w: Windows) -> Any:
    """The number of the cell that has the maximum of each window: the first one, or the last NaN."""
    top = np.full_like(x, -np.inf, shape=(*_batch(x, w.size), *w.places))
    winner = np.full(top.shape, -1, np.int32)
    for number, (_, entries, windows) in enumerate(w.visits()):
        entry, old = x[..., *entries], winner[..., *windows]
        winner[..., *windows] = np.where((entry > top[..., *windows]) | (entry != entry) | (old < 0), number, old)
        top[..., *windows] = np.maximum(top[..., *windows], entry)
    return winner


def _put(g: Any, x: Any, windows: Windows) -> Any:
    return window_put(g, x, windows)


@primitive(ga=_put, gx=lambda x_shape: np.zeros(x_shape))
def window_pick(a: Any, x: Any, windows: Windows) -> Any:
    """The entries of one array at the places where the windows of another have their maxima.

    y = np.take_along_axis(
        a[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        np.argmax(x[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        -1)[..., None], -1)[..., 0]
    ga = np.einsum("...h,...hi,hiu->...u", g, np.equal(np.arange(windows.kernel[0]), np.argmax(
        x[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        -1)[..., None]),
        np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0]),
        np.arange(x.shape[-1])))
    gx = np.zeros_like(x)

    Shapes: a and x `(..., *size)`, result `(..., *places)`. The formulas are for windows along one axis without
    padding or dilation. The adjoint of `window_put`. Moving x a little moves no maximum to another place: no gradient.
    """
    winner = _winners(x, windows)
    y = np.zeros_like(a, shape=winner.shape)
    for number, (_, entries, places) in enumerate(windows.visits()):
        y[..., *places] += np.where(winner[..., *places] == number, a[..., *entries], 0)
    return y


@primitive(gz=lambda g, x, windows: window_pick(g, x, windows), gx=lambda x_shape: np.zeros(x_shape))
def window_put(z: Any, x: Any, windows: Windows) -> Any:
    """Zeros, with the entries of z added at the places where the windows of x have their maxima.

    y = np.einsum("...h,...hi,hiu->...u", z, np.equal(np.arange(windows.kernel[0]), np.argmax(
        x[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        -1)[..., None]),
        np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0]),
        np.arange(x.shape[-1])))
    gz = np.take_along_axis(
        g[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        np.argmax(x[..., np.arange(windows.places[0])[:, None] * windows.stride[0] + np.arange(windows.kernel[0])],
        -1)[..., None], -1)[..., 0]
    gx = np.zeros_like(x)

    Shapes: z `(..., *places)`, x and result `(..., *size)`; formulas as for `window_pick`, the adjoint.
    """
    winner = _winners(x, windows)
    y = np.zeros_like(z, shape=x.shape)
    for number, (_, entries, places) in enumerate(windows.visits()):
        y[..., *entries] += np.where(winner[..., *places] == number, z[..., *places], 0)
    return y


def _max_pull(axes: int) -> Any:
    def gx(g: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Any:
        return window_put(g, x, _over(axes, x.shape, kernel_size, stride, padding, dilation, ceil_mode))

    return gx


@primitive(gx=_max_pull(1))
def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False) -> Any:  # fmt: skip
    """The largest entry of every window of a sequence: `max_pool2d` with one axis fewer.

    y = np.max(np.pad(x, [(0, 0)] * (x.ndim - 1) + [(padding, padding)], constant_values=-np.inf)[...,
        stride * np.arange((x.shape[-1] + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size)], -1)
    gx = np.einsum("...h,...hi,hiu->...u", g, np.equal(y[..., None], np.pad(x, [(0, 0)] * (x.ndim - 1)
        + [(padding, padding)], constant_values=-np.inf)[..., stride * np.arange(y.shape[-1])[:, None]
        + dilation * np.arange(kernel_size)]), np.equal.outer(stride * np.arange(y.shape[-1])[:, None]
        + dilation * np.arange(kernel_size) - padding, np.arange(x.shape[-1])))

    Shapes: `(..., length)` gives `(..., windows)`. Options, ties and errors as for `max_pool2d`.
    """
    return _maxima(x, _over(1, x.shape, kernel_size, stride, padding, dilation, ceil_mode))


@primitive(gx=_max_pull(2))
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False) -> Any:  # fmt: skip
    """The largest entry of every window of an image.

    y = np.max(np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, constant_values=-np.inf)[...,
        (stride * np.arange((x.shape[-2] + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size))[:, None, :, None],
        (stride * np.arange((x.shape[-1] + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size))[:, None, :]], axis=(-2, -1))
    gx = np.einsum("...hw,...hwij,hiu,wjv->...uv", g, np.equal(y[..., None, None],
        np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2, constant_values=-np.inf)[...,
        (stride * np.arange(y.shape[-2])[:, None] + dilation * np.arange(kernel_size))[:, None, :, None],
        (stride * np.arange(y.shape[-1])[:, None] + dilation * np.arange(kernel_size))[:, None, :]]),
        *[np.equal.outer(stride * np.arange(t)[:, None] + dilation * np.arange(kernel_size) - padding, np.arange(m))
        for t, m in zip(y.shape[-2:], x.shape[-2:])])

    Shapes: `(..., height, width)` gives `(..., windows down, windows across)`. In a tie the first maximum, in reading
    order, gets the whole gradient, as in PyTorch and JAX. A window with NaN gives NaN, one of padding alone -inf.

    Args:
        x: images.
        kernel_size: of the window: an integer, as in the formulas, or one an axis; so are the next three.
        stride: steps between windows; the size of the window if not said.
        padding: entries of -inf around the image, at most half of the window.
        dilation: steps between the cells of the window.
        ceil_mode: keep a last window that hangs over the far edge.

    Raises:
        ShapeError: too few axes, or a window larger than the padded image.
        OptionError: an option outside its domain.
    """
    return _maxima(x, _over(2, x.shape, kernel_size, stride, padding, dilation, ceil_mode))


# -- means -------------------------------------------------------------------------------------------------------------


def _spread(g: Any, windows: Windows) -> Any:
    return window_spread(g, windows)


@linear(gx=_spread, moves=True)
def window_sum(x: Any, windows: Windows) -> Any:
    """The sum of every window along the last axes; outside of the image are zeros.

    y = np.einsum("...u,hiu->...h", x, np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0]
        + np.arange(windows.kernel[0]) * windows.dilation[0] - windows.low[0], np.arange(windows.size[0])))
    gx = np.einsum("...h,hiu->...u", g, np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0]
        + np.arange(windows.kernel[0]) * windows.dilation[0] - windows.low[0], np.arange(windows.size[0])))

    Shapes: `(..., *size)` gives `(..., *places)`; the formulas are for one axis.
    """
    y = np.zeros_like(x, shape=(*_batch(x, windows.size), *windows.places))
    for _, entries, places in windows.visits():
        y[..., *places] += x[..., *entries]
    return y


@linear(gz=lambda g, windows: window_sum(g, windows), moves=True)
def window_spread(z: Any, windows: Windows) -> Any:
    """Every entry copied to its whole window, and added up where windows overlap: the adjoint of `window_sum`.

    y = np.einsum("...h,hiu->...u", z, np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0]
        + np.arange(windows.kernel[0]) * windows.dilation[0] - windows.low[0], np.arange(windows.size[0])))
    gz = np.einsum("...u,hiu->...h", g, np.equal.outer(np.arange(windows.places[0])[:, None] * windows.stride[0]
        + np.arange(windows.kernel[0]) * windows.dilation[0] - windows.low[0], np.arange(windows.size[0])))

    Shapes: `(..., *places)` gives `(..., *size)`; the formulas are for one axis.
    """
    y = np.zeros_like(z, shape=(*_batch(z, windows.places), *windows.size))
    for _, entries, places in windows.visits():
        y[..., *entries] += z[..., *places]
    return y


def _divisors(w: Windows, count_include_pad: bool, divisor_override: int | None, dtype: Any) -> Any:
    """How many entries the mean of each window is over."""
    if divisor_override is not None:
        return divisor_override
    counts = []
    for m, k, s, a, b, n in zip(w.size, w.kernel, w.stride, w.low, w.high, w.places, strict=True):
        start = np.arange(n) * s - a
        end = np.minimum(start + k, m + b)
        counts.append(end - start if count_include_pad else np.minimum(end, m) - np.maximum(start, 0))
    return reduce(np.multiply.outer, counts).astype(dtype)


def _avg(axes: int, x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, count_include_pad: bool,
         divisor_override: int | None = None) -> Any:  # fmt: skip
    w = _over(axes, x.shape, kernel_size, stride, padding, 1, ceil_mode)
    return window_sum(x, w) / _divisors(w, count_include_pad, divisor_override, x.dtype)


def _avg_pull(g: Any, x_shape: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
              count_include_pad: bool, divisor_override: int | None) -> Any:  # fmt: skip
    w = _over(2, x_shape, kernel_size, stride, padding, 1, ceil_mode)
    return window_spread(g / _divisors(w, count_include_pad, divisor_override, g.dtype), w)


def _avg_pull_1d(g: Any, x_shape: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
                 count_include_pad: bool) -> Any:  # fmt: skip
    w = _over(1, x_shape, kernel_size, stride, padding, 1, ceil_mode)
    return window_spread(g / _divisors(w, count_include_pad, None, g.dtype), w)


@linear(gx=_avg_pull_1d, moves=True)
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Any:  # fmt: skip
    """The mean of every window of a sequence: `avg_pool2d` with one axis fewer.

    y = np.einsum("...u,hiu->...h", x, np.equal.outer(stride * np.arange((x.shape[-1] + 2 * padding - kernel_size)
        // stride + 1)[:, None] + np.arange(kernel_size) - padding, np.arange(x.shape[-1]))) / kernel_size
    gx = np.einsum("...h,hiu->...u", g, np.equal.outer(stride * np.arange(g.shape[-1])[:, None]
        + np.arange(kernel_size) - padding, np.arange(x.shape[-1]))) / kernel_size

    Shapes: `(..., length)` gives `(..., windows)`. Options and errors as for `avg_pool2d`.
    """
    return _avg(1, x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@linear(gx=_avg_pull, moves=True)
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Any:  # fmt: skip
    """The mean of every window of an image.

    y = np.einsum("...uv,hiu,wjv->...hw", x, *[np.equal.outer(stride * np.arange((m + 2 * padding - kernel_size)
        // stride + 1)[:, None] + np.arange(kernel_size) - padding, np.arange(m)) for m in x.shape[-2:]]
        ) / kernel_size**2
    gx = np.einsum("...hw,hiu,wjv->...uv", g, *[np.equal.outer(stride * np.arange(t)[:, None] + np.arange(kernel_size)
        - padding, np.arange(m)) for t, m in zip(g.shape[-2:], x.shape[-2:])]) / kernel_size**2

    Shapes: `(..., height, width)` gives `(..., windows down, windows across)`.

    Args:
        x: images.
        kernel_size: of the window: an integer, as in the formulas, or one an axis; so are the next two.
        stride: steps between windows; the size of the window if not said.
        padding: zeros around the image, at most half of the window.
        ceil_mode: keep a last window that hangs over the far edge.
        count_include_pad: whether the padding counts in the mean.
        divisor_override: what to divide by instead of the number of entries.

    Raises:
        ShapeError: too few axes, or a window larger than the padded image.
        OptionError: an option outside its domain.
    """
    return _avg(2, x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
