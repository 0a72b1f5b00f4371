"""A border around an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.op import composite, linear
from ..errors import OptionError
from .indexing import getitem

__all__ = ["pad", "zero_pad"]

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@linear(gx=lambda g, pad_width: getitem(g, _inside(pad_width, np.shape(g))), moves=True)
def zero_pad(x: Any, pad_width: tuple[tuple[int, int], ...]) -> Any:
    """Zeros around an array: so many before and after, along each axis.

    y = np.pad(x, pad_width) if x.ndim else x
    gx = g[tuple(slice(b, b + n) for (b, _), n in zip(pad_width, x.shape))]
    """
    shape = tuple(n + b + a for n, (b, a) in zip(x.shape, pad_width, strict=True))
    y = np.zeros(shape, x.dtype)
    y[_inside(pad_width, shape)] = x
    return y


def _inside(widths: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    """The part of a padded shape that is not border."""
    return tuple([slice(b, n - a) for (b, a), n in zip(widths, shape, strict=True)])


def _pairs(width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """Widths before and after for each axis: from one for all, one pair for all, or a pair for each."""
    if isinstance(width, dict):
        width = [width.get(k, width.get(k - ndim, 0)) for k in range(ndim)]
        width = [w if isinstance(w, tuple) else (w, w) for w in width]
    pairs = np.broadcast_to(width, (ndim, 2))
    if pairs.dtype.kind not in "iu" or np.any(pairs < 0):
        raise OptionError(f"pad: a width is a whole number, at least 0; got {width!r}")
    return tuple((int(b), int(a)) for b, a in pairs)


@composite()
def pad(x: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Any:
    """An array with a border.

    y = np.pad(x, pad_width, mode, **(dict(constant_values=constant_values) if mode == "constant" else {}))

    pad_width: one width for all sides, (before, after) for all axes, or such a pair for each axis. mode: "constant",
    or what the border repeats: the "edge", the entries mirrored without the edge ("reflect") or with it ("symmetric"),
    or the other end ("wrap"). constant_values: as pad_width; constants.
    """
    if mode not in MODES:
        raise OptionError(f"pad: mode is one of {', '.join(MODES)}; got {mode!r}")
    widths = _pairs(pad_width, np.ndim(x))
    if not np.any(widths):
        return np.copy(x)
    if mode == "constant":
        y = zero_pad(x, widths)
        if not np.any(constant_values):
            return y
        inside = np.pad(np.ones(np.shape(x), bool), widths)
        border = np.pad(np.zeros(np.shape(x), y.dtype), widths, constant_values=constant_values)
        return np.where(inside, y, border)
    y = x
    for axis, (n, width) in enumerate(zip(np.shape(x), widths, strict=True)):
        if any(width):
            y = np.take(y, np.pad(np.arange(n), width, mode), axis)
    return y
