"""Images in other sizes: stretched, and rearranged between channels and pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.op import composite
from ..errors import OptionError, ShapeError

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle"]


@composite()
def pixel_shuffle(x: Any, upscale_factor: int) -> Any:
    """Groups of channels laid out as blocks of pixels: more pixels, fewer channels.

    y = x.reshape(*x.shape[:-3], -1, upscale_factor, upscale_factor, *x.shape[-2:]).transpose(
        *range(x.ndim - 2), x.ndim, x.ndim - 2, x.ndim + 1, x.ndim - 1).reshape(*x.shape[:-3],
        -1, x.shape[-2] * upscale_factor, x.shape[-1] * upscale_factor)

    Shapes: `(..., c*r*r, h, w)` gives `(..., c, h*r, w*r)`.
    Shi and others, https://arxiv.org/abs/1609.05158
    """
    r = upscale_factor
    if x.ndim < 3 or r < 1 or x.shape[-3] % (r * r):
        raise ShapeError(f"x is (..., channels, height, width) with channels divisible by {r * r}, got shape {x.shape}")
    *batch, c, h, w = x.shape
    n = len(batch)
    blocks = np.reshape(x, (*batch, c // (r * r), r, r, h, w))
    return np.reshape(np.transpose(blocks, (*range(n + 1), n + 3, n + 1, n + 4, n + 2)), (*batch, c // (r * r), h * r, w * r))


@composite()
def pixel_unshuffle(x: Any, downscale_factor: int) -> Any:
    """Blocks of pixels laid out as channels: the inverse of `pixel_shuffle`.

    y = np.stack([np.stack([x[..., i::downscale_factor, j::downscale_factor] for j in range(downscale_factor)], -3)
        for i in range(downscale_factor)], -4).reshape(*x.shape[:-3], -1,
        x.shape[-2] // downscale_factor, x.shape[-1] // downscale_factor)

    Shapes: `(..., c, h*r, w*r)` gives `(..., c*r*r, h, w)`.
    """
    r = downscale_factor
    if x.ndim < 3 or r < 1 or x.shape[-2] % r or x.shape[-1] % r:
        raise ShapeError(f"x is (..., channels, height, width), both divisible by {r}, got shape {x.shape}")
    *batch, c, h, w = x.shape
    n = len(batch)
    blocks = np.reshape(x, (*batch, c, h // r, r, w // r, r))
    return np.reshape(np.transpose(blocks, (*range(n + 1), n + 2, n + 4, n + 1, n + 3)), (*batch, c * r * r, h // r, w // r))


@composite()
def interpolate(x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
                align_corners: bool = False) -> Any:  # fmt: skip
    """Images stretched to another size, by their nearest pixels or by straight lines between pixels.

    y = x[:, :, (np.arange(size[0]) * x.shape[2]) // size[0]][:, :, :, (np.arange(size[1]) * x.shape[3]) // size[1]]

    The formula is for nearest and size. Each axis is stretched on its own.

    Args:
        x: `(n, channels, ...)` with one or two more axes.
        size: the new size, a number or one an axis.
        scale_factor: or the factor to stretch by; the new size is rounded down.
        mode: "nearest", or "linear" (one axis) and "bilinear" (two).
        align_corners: whether the centres of the corner pixels stay where they are, instead of their outer edges.

    Raises:
        ShapeError: other axes.
        OptionError: an option outside its domain.
    """
    axes = x.ndim - 2
    modes = ("nearest", {1: "linear", 2: "bilinear"}.get(axes, "linear"))
    if axes not in (1, 2):
        raise ShapeError(f"x is (n, channels, length) or (n, channels, height, width), got shape {x.shape}")
    if mode not in modes or (align_corners and mode == "nearest"):
        raise OptionError(f"mode is one of {modes}, and align_corners is not for nearest; got {mode!r}, {align_corners}")
    for axis, (new, step) in zip(range(2, x.ndim), _new_sizes(x.shape[2:], size, scale_factor), strict=True):
        x = _nearest(x, axis, new, step) if mode == "nearest" else _linear(x, axis, new, step, align_corners)
    return x


def _new_sizes(old: Any, size: Any, scale_factor: Any) -> list[tuple[int, float]]:
    """For each axis the new size, and how many old pixels one new pixel is wide."""
    if (size is None) == (scale_factor is None):
        raise OptionError("either size or scale_factor is given")
    given = size if scale_factor is None else scale_factor
    each = tuple(given) if isinstance(given, tuple | list) else (given,) * len(old)
    if len(each) != len(old) or any(s <= 0 for s in each):
        raise OptionError(f"size and scale_factor are positive numbers, one or {len(old)}; got {given!r}")
    if scale_factor is None:
        return [(int(s), n / s) for n, s in zip(old, each, strict=True)]
    return [(math.floor(n * s), 1 / s) for n, s in zip(old, each, strict=True)]


def _nearest(x: Any, axis: int, new: int, step: float) -> Any:
    places = np.minimum((np.arange(new) * step).astype(int), x.shape[axis] - 1)
    return np.take(x, places, axis)


def _linear(x: Any, axis: int, new: int, step: float, align_corners: bool) -> Any:
    n = x.shape[axis]
    if align_corners:
        at = np.arange(new) * ((n - 1) / (new - 1) if new > 1 else 0.0)
    else:
        at = np.maximum((np.arange(new) + 0.5) * step - 0.5, 0)
    low = np.minimum(at.astype(int), n - 1)
    share = np.reshape(at - low, (-1, *[1] * (x.ndim - 1 - axis))).astype(x.dtype)
    return np.take(x, low, axis) * (1 - share) + np.take(x, np.minimum(low + 1, n - 1), axis) * share
