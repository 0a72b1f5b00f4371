"""Pooling into a given number of parts, whatever the size of the image."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import composite, linear
from ..errors import OptionError
from .pooling import max_pool1d, max_pool2d

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "bin_means",
           "bin_spread"]  # fmt: skip


def _bins(n: int, m: int) -> list[tuple[int, int]]:
    """The m parts of n entries, of almost equal length; neighbours share an entry when m does not divide n."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def _output_size(output_size: Any, size: Any) -> tuple[int, ...]:
    given = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,) * len(size)
    if len(given) != len(size) or not all(m is None or (isinstance(m, int | np.integer) and m > 0) for m in given):
        raise OptionError(f"output_size is a positive integer, or {len(size)} of them or None, got {output_size!r}")
    return tuple(n if m is None else int(m) for m, n in zip(given, size, strict=True))


def _bins_spread(g: Any, x_shape: Any, output_size: Any) -> Any:
    return bin_spread(g, x_shape[-len(output_size) :])


@linear(gx=_bins_spread, moves=True)
def bin_means(x: Any, output_size: tuple[int, ...]) -> Any:
    """The last axes cut into a given number of parts, each part replaced by its mean.

    y = np.einsum("...uv,hu,wv->...hw", x, *[np.array([[(i * n // m <= u < -(-(i + 1) * n // m))
        / (-(-(i + 1) * n // m) - i * n // m) for u in range(n)] for i in range(m)])
        for n, m in zip(x.shape[-2:], output_size)])
    gx = np.einsum("...hw,hu,wv->...uv", g, *[np.array([[(i * n // m <= u < -(-(i + 1) * n // m))
        / (-(-(i + 1) * n // m) - i * n // m) for u in range(n)] for i in range(m)])
        for n, m in zip(x.shape[-2:], output_size)])

    Shapes: `(..., *size)` gives `(..., *output_size)`; the formulas are for two axes.
    """
    for axis, m in zip(range(x.ndim - len(output_size), x.ndim), output_size, strict=True):
        bins = _bins(x.shape[axis], m)
        parts = [x[(slice(None),) * axis + (slice(*b),)].mean(axis, keepdims=True) for b in bins]
        x = np.concatenate(parts, axis)
    return x


@linear(gz=lambda g, z_shape, size: bin_means(g, z_shape[-len(size) :]), moves=True)
def bin_spread(z: Any, size: tuple[int, ...]) -> Any:
    """Every entry shared out evenly over its part of the last axes: the adjoint of `bin_means`.

    y = np.einsum("...hw,hu,wv->...uv", z, *[np.array([[(i * n // m <= u < -(-(i + 1) * n // m))
        / (-(-(i + 1) * n // m) - i * n // m) for u in range(n)] for i in range(m)])
        for n, m in zip(size, z.shape[-2:])])
    gz = np.einsum("...uv,hu,wv->...hw", g, *[np.array([[(i * n // m <= u < -(-(i + 1) * n // m))
        / (-(-(i + 1) * n // m) - i * n // m) for u in range(n)] for i in range(m)])
        for n, m in zip(size, z.shape[-2:])])

    Shapes: `(..., *output_size)` gives `(..., *size)`; the formulas are for two axes.
    """
    for axis, n in zip(range(z.ndim - len(size), z.ndim), size, strict=True):
        y = np.zeros_like(z, shape=(*z.shape[:axis], n, *z.shape[axis + 1 :]))
        for i, (a, b) in enumerate(_bins(n, z.shape[axis])):
            y[(slice(None),) * axis + (slice(a, b),)] += z[(slice(None),) * axis + (slice(i, i + 1),)] / (b - a)
        z = y
    return z


@composite()
def adaptive_avg_pool1d(x: Any, output_size: Any) -> Any:
    """A sequence of given length, of the means of equal parts.

    y = np.stack([x[..., i * x.shape[-1] // output_size : -(-(i + 1) * x.shape[-1] // output_size)].mean(-1)
        for i in range(output_size)], -1)
    """
    return bin_means(x, _output_size(output_size, x.shape[-1:]))


@composite()
def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """An image of given size, of the means of equal parts; size 1 is the mean of the whole image.

    y = np.stack([np.stack([x[..., i * x.shape[-2] // output_size : -(-(i + 1) * x.shape[-2] // output_size),
        j * x.shape[-1] // output_size : -(-(j + 1) * x.shape[-1] // output_size)].mean(axis=(-2, -1))
        for j in range(output_size)], -1) for i in range(output_size)], -2)

    Shapes: `(..., height, width)` gives `(..., *output_size)`. output_size is one number, as in the formula, or a
    pair, in which None keeps the size. Parts share a row when their number does not divide the height.
    """
    return bin_means(x, _output_size(output_size, x.shape[-2:]))


def _adaptive_max(x: Any, output_size: tuple[int, ...]) -> Any:
    """The maxima of the parts, axis by axis from the last."""
    first = x.ndim - len(output_size)
    size = x.shape[first:]
    if all(n % m == 0 for n, m in zip(size, output_size, strict=True)):
        kernel = tuple(n // m for n, m in zip(size, output_size, strict=True))
        return (max_pool1d if len(size) == 1 else max_pool2d)(x, kernel)
    for axis in reversed(range(first, x.ndim)):
        bins = _bins(x.shape[axis], output_size[axis - first])
        x = np.concatenate([np.max(x[(slice(None),) * axis + (slice(*b),)], axis, keepdims=True) for b in bins], axis)
    return x


@composite()
def adaptive_max_pool1d(x: Any, output_size: Any) -> Any:
    """A sequence of given length, of the maxima of equal parts.

    y = np.stack([x[..., i * x.shape[-1] // output_size : -(-(i + 1) * x.shape[-1] // output_size)].max(-1)
        for i in range(output_size)], -1)
    """
    return _adaptive_max(x, _output_size(output_size, x.shape[-1:]))


@composite()
def adaptive_max_pool2d(x: Any, output_size: Any) -> Any:
    """An image of given size, of the maxima of equal parts; size 1 is the maximum of the whole image.

    y = np.stack([np.stack([x[..., i * x.shape[-2] // output_size : -(-(i + 1) * x.shape[-2] // output_size),
        j * x.shape[-1] // output_size : -(-(j + 1) * x.shape[-1] // output_size)].max(axis=(-2, -1))
        for j in range(output_size)], -1) for i in range(output_size)], -2)

    Shapes and option as for `adaptive_avg_pool2d`.
    """
    return _adaptive_max(x, _output_size(output_size, x.shape[-2:]))
