"""Sliding windows: which cells of an image a kernel visits, and the pair of ops that cut windows out and add them up.

Every convolution and pooling is a loop over the few cells of the kernel, never over the many places of the window. For
one cell of the kernel, `visits` says which entries of the image it meets, and in which windows, as two slices. What
lies outside the image is never built: there are no padded copies.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..core.op import linear
from ..errors import OptionError, ShapeError

__all__ = ["fold", "unfold"]


class Windows(NamedTuple):
    """How windows lie on the last `len(kernel)` axes of an image; one entry an axis in each field."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    dilation: tuple[int, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, size: Any, kernel: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           ceil_mode: bool = False) -> Windows:  # fmt: skip
        """The windows that fit into an image of `size`.

        Args:
            size: of the image, one number an axis; it says how many axes there are.
            kernel: size of the window, one number for all axes or one an axis; so are stride and dilation.
            stride: steps from window to window.
            padding: how far windows reach over both edges: a number, one an axis, a pair (before, after) an axis,
                "valid" (not at all) or "same" (as many windows as entries).
            dilation: steps from cell to cell inside the window.
            ceil_mode: also a last window that hangs over the far edge, if it starts inside the image or before it.

        Raises:
            OptionError: a number that is not an integer of the right sign, or "same" with a stride.
            ShapeError: the window is larger than the padded image.
        """
        n = len(size)
        kernel, stride = _each("kernel_size", kernel, n, 1), _each("stride", stride, n, 1)
        dilation = _each("dilation", dilation, n, 1)
        reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        low, high = _padding(padding, stride, reach)
        room = [m + a + b - r for m, a, b, r in zip(size, low, high, reach, strict=True)]
        if any(m < 0 for m in room):
            raise ShapeError(f"a window of {reach} does not fit into {tuple(size)} padded by {low} and {high}")
        count = [m // s + 1 for m, s in zip(room, stride, strict=True)]
        if ceil_mode:
            rows = zip(room, stride, count, size, low, strict=True)
            count = [c + (m % s > 0 and c * s < h + a) for m, s, c, h, a in rows]
        return cls(tuple(size), kernel, stride, low, high, dilation, tuple(count))

    @classmethod
    def from_places(cls, places: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, extra: Any) -> Windows:
        """The windows on the smallest image that has `places` of them, made `extra` larger at its far edges.

        Raises:
            OptionError: `extra` is not smaller than the stride or the dilation: it would be more than rounding.
            ShapeError: padding eats the whole image.
        """
        n = len(places)
        kernel, stride = _each("kernel_size", kernel, n, 1), _each("stride", stride, n, 1)
        dilation, extra = _each("dilation", dilation, n, 1), _each("output_padding", extra, n, 0)
        if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
            raise OptionError(f"output_padding {extra} is smaller than stride {stride} or dilation {dilation}")
        reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        low, high = _padding(padding, stride, reach)
        ends = [r - a - b + e for r, a, b, e in zip(reach, low, high, extra, strict=True)]
        size = tuple((m - 1) * s + e for m, s, e in zip(places, stride, ends, strict=True))
        if any(m < 1 for m in size):
            raise ShapeError(f"{tuple(places)} windows of {reach} without the padding {low}, {high} leave no image")
        return cls(size, kernel, stride, low, high, dilation, tuple(places))

    def leftover(self) -> tuple[int, ...]:
        """How many entries at the far edges no window reaches: what `from_places` calls `extra`."""
        rows = zip(self.size, self.kernel, self.stride, self.low, self.high, self.dilation, self.places, strict=True)
        return tuple(m + a + b - (c - 1) * s - d * (k - 1) - 1 for m, k, s, a, b, d, c in rows)

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """The pair (before, after) for each axis."""
        return tuple(zip(self.low, self.high, strict=True))

    def visits(self) -> Iterator[tuple[Any, Any, Any]]:
        """For each cell of the kernel: the cell, the entries of the image it meets, the windows in which it does."""
        axes = [list(_axis(*row)) for row in zip(*self._replace(high=self.low), strict=True)]
        for cells in itertools.product(*axes):
            cell, entries, windows = zip(*cells, strict=True)
            yield cell, entries, windows


def _axis(size: int, kernel: int, stride: int, low: int, _: int, dilation: int, count: int) -> Iterator[Any]:
    for k in range(kernel):
        at = k * dilation - low  # the entry that this cell meets in window 0
        first = max(0, -(at // stride))
        stop = max(first, min(count, (size - 1 - at) // stride + 1))
        begin = at + first * stride
        entries = slice(begin, begin + (stop - first) * stride, stride) if stop > first else slice(0, 0)
        yield k, entries, slice(first, stop)


def _each(name: str, given: Any, n: int, least: int) -> tuple[int, ...]:
    numbers = tuple(given) if isinstance(given, tuple | list) else (given,) * n
    if len(numbers) != n or not all(isinstance(m, int | np.integer) and m >= least for m in numbers):
        raise OptionError(f"{name} is an integer of at least {least}, or {n} of them, got {given!r}")
    return tuple(int(m) for m in numbers)


def _padding(given: Any, stride: tuple[int, ...], reach: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    n = len(reach)
    if given == "valid":
        return (0,) * n, (0,) * n
    if given == "same":
        if any(s != 1 for s in stride):
            raise OptionError(f'padding="same" needs stride 1, got {stride}; give the padding as a number')
        low = tuple((r - 1) // 2 for r in reach)
        return low, tuple(r - 1 - a for r, a in zip(reach, low, strict=True))
    if isinstance(given, str):
        raise OptionError(f'padding is a number, one an axis, "same" or "valid", got {given!r}')
    if isinstance(given, tuple) and any(isinstance(p, tuple) for p in given):
        low, high = (_each("padding", p, n, 0) for p in zip(*given, strict=True))
        return low, high
    both = _each("padding", given, n, 0)
    return both, both


def cut(x: Any, w: Windows) -> Any:
    """The windows of an image `(a, b, *size)` as `(a, *kernel, b, *places)`; zeros outside of the image."""
    inside = not any(w.low) and not any(w.high)
    y = (np.empty_like if inside else np.zeros_like)(x, shape=(x.shape[0], *w.kernel, x.shape[1], *w.places))
    for cell, entries, windows in w.visits():
        y[:, *cell, :, *windows] = x[:, :, *entries]
    return y


def add_up(y: Any, w: Windows) -> Any:
    """The adjoint of `cut`: the image `(a, b, *size)` in which windows that overlap are added up."""
    x = np.zeros_like(y, shape=(y.shape[0], y.shape[len(w.size) + 1], *w.size))
    for cell, entries, windows in w.visits():
        x[:, :, *entries] += y[:, *cell, :, *windows]
    return x


# -- windows as columns ----------------------------------------------------------------------------------------------


def _folded(g: Any, x_shape: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    return fold(g, x_shape[2:], kernel_size, dilation, padding, stride)


@linear(gx=_folded, moves=True)
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Every window of an image as one column; known as im2col.

    y = np.einsum("ncuv,hiu,wjv->ncijhw", x,
        *[np.equal.outer(stride * np.arange((m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size) - padding, np.arange(m)).astype(float) for m in x.shape[2:]]
        ).reshape(len(x), x.shape[1] * kernel_size**2, -1)
    gx = np.einsum("ncijhw,hiu,wjv->ncuv", g.reshape(*x.shape[:2], kernel_size, kernel_size,
        *[(m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1 for m in x.shape[2:]]),
        *[np.equal.outer(stride * np.arange((m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size) - padding, np.arange(m)).astype(float) for m in x.shape[2:]])

    Shapes: `(n, c, height, width)` gives `(n, c*kh*kw, windows)`, windows in reading order. Entry (h, i, u) of the
    first factor in the formula is 1 where cell i of window h meets row u of the image.

    Args:
        x: images.
        kernel_size: one integer, as in the formulas, or a pair (rows, columns); so are the other options.
        dilation: steps between the cells of a window.
        padding: zeros around the image.
        stride: steps between windows.

    Raises:
        ShapeError: not four axes, or a window larger than the padded image.
        OptionError: an option that is not a positive integer (padding: not negative).
    """
    _axes(x, 4, "(n, c, height, width)")
    w = Windows.of(x.shape[2:], kernel_size, stride, padding, dilation)
    n, c = x.shape[:2]
    columns = cut(x.reshape(n * c, 1, *x.shape[2:]), w)
    return columns.reshape(n, c * math.prod(w.kernel), math.prod(w.places))


def _unfolded(g: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    return unfold(g, kernel_size, dilation, padding, stride)


@linear(gx=_unfolded, moves=True)
def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The image whose windows are given as columns, added up where they overlap; known as col2im.

    y = np.einsum("ncijhw,hiu,wjv->ncuv", x.reshape(len(x), -1, kernel_size, kernel_size,
        *[(m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1 for m in output_size]),
        *[np.equal.outer(stride * np.arange((m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size) - padding, np.arange(m)).astype(float) for m in output_size])
    gx = np.einsum("ncuv,hiu,wjv->ncijhw", g,
        *[np.equal.outer(stride * np.arange((m + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(kernel_size) - padding, np.arange(m)).astype(float) for m in output_size]
        ).reshape(x.shape)

    Shapes: `(n, c*kh*kw, windows)` gives `(n, c, *output_size)`. The adjoint of `unfold`, with its options.

    Raises:
        ShapeError: the columns are not the windows of such an image.
    """
    _axes(x, 3, "(n, c*kh*kw, windows)")
    w = Windows.of(tuple(output_size), kernel_size, stride, padding, dilation)
    n, rows, columns = x.shape
    c, rest = divmod(rows, math.prod(w.kernel))
    if rest or columns != math.prod(w.places):
        raise ShapeError(
            f"an image of {w.size} has {w.places} windows of {w.kernel}, so columns of shape "
            f"(n, {math.prod(w.kernel)}*c, {math.prod(w.places)}) belong here; got {x.shape}"
        )
    return add_up(x.reshape(n * c, *w.kernel, 1, *w.places), w).reshape(n, c, *w.size)


def _axes(x: Any, axes: int, wanted: str) -> None:
    if x.ndim != axes:
        raise ShapeError(f"{axes} axes {wanted} are expected, got shape {x.shape}")
