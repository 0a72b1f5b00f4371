"""Convolutions: one matrix product with the columns of all windows, and its three-fold symmetry.

A convolution is linear in the image x and in the kernel w, so with a cotangent z of its output

    sum(z * conv(x, w)) = sum(x * conv_transpose(z, w)) = sum(w * conv_weight(x, z))

is linear in all three. The three ops are each other's adjoints; that is the whole of their derivatives, of any order.
As in every deep learning library the kernel is not flipped: mathematicians call this cross-correlation.

Inside, the channel axis comes first, (c, n, h, w): then the windows of the whole batch are the columns of one matrix.

In the formulas, entry (h, i, u) of the first 0/1 factor is 1 where cell i of window h meets row u of the image, the
second factor is the same for columns, and n, g, o, c count images, groups, channels out and channels in.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.op import linear
from ..errors import OptionError, ShapeError
from .windows import Windows, add_up, cut

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "conv_weight"]


# -- on plain arrays ---------------------------------------------------------------------------------------------------


def _conv(x: Any, weight: Any, axes: int, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    _check(x, weight, axes, groups, out=len(weight), given=weight.shape[1] * groups)
    w = Windows.of(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    y = _by_group(weight, groups) @ _columns(x, w, groups)  # (groups, o/groups, n*w)
    return y.reshape(len(weight), len(x), *w.places).swapaxes(0, 1)


def _conv_transpose(x: Any, weight: Any, axes: int, stride: Any, padding: Any, output_padding: Any, groups: int,
                    dilation: Any) -> Any:  # fmt: skip
    _check(x, weight, axes, groups, out=len(weight), given=len(weight))
    w = Windows.from_places(x.shape[2:], weight.shape[2:], stride, padding, dilation, output_padding)
    columns = _by_group(weight, groups).swapaxes(1, 2) @ _channels_first(x, groups)  # (groups, o/groups*kernel, n*w)
    return add_up(columns.reshape(weight.shape[1] * groups, *w.kernel, len(x), *w.places), w).swapaxes(0, 1)


def _by_group(weight: Any, groups: int) -> Any:
    return weight.reshape(groups, len(weight) // groups, math.prod(weight.shape[1:]))


def _channels_first(x: Any, groups: int) -> Any:
    return x.swapaxes(0, 1).reshape(groups, x.shape[1] // groups, len(x) * math.prod(x.shape[2:]))


def _columns(x: Any, w: Windows, groups: int) -> Any:
    rows = x.shape[1] // groups * math.prod(w.kernel)
    return cut(x.swapaxes(0, 1), w).reshape(groups, rows, len(x) * math.prod(w.places))


def _check(x: Any, weight: Any, axes: int, groups: int, out: int, given: int) -> None:
    if x.ndim != axes + 2 or weight.ndim != axes + 2:
        raise ShapeError(f"x and weight have {axes + 2} axes, got shapes {x.shape} and {weight.shape}")
    if not isinstance(groups, int) or groups < 1 or out % groups:
        raise OptionError(f"groups is a positive integer that divides {out}, the length of weight; got {groups!r}")
    if x.shape[1] != given:
        raise ShapeError(f"with groups={groups}, a weight of shape {weight.shape} is for {given} channels; x has "
                         f"{x.shape[1]}, its shape is {x.shape}")  # fmt: skip


# -- adjoints ----------------------------------------------------------------------------------------------------------


def _to_image(z: Any, weight: Any, x_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    w = Windows.of(x_shape[2:], weight.shape[2:], stride, padding, dilation)._replace(places=z.shape[2:])
    back = conv_transpose1d if z.ndim == 3 else conv_transpose2d
    return back(z, weight, w.stride, w.padding, w.leftover(), groups, w.dilation)


def _to_windows(x: Any, weight: Any, z_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    z = (conv1d if x.ndim == 3 else conv2d)(x, weight, stride, padding, dilation, groups)
    return z if z.shape == z_shape else z[(..., *map(slice, z_shape[2:]))]  # output_padding made room for more


def _conv_gx(g: Any, weight: Any, x_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return _to_image(g, weight, x_shape, stride, padding, dilation, groups)


def _conv_gweight(g: Any, x: Any, weight_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return conv_weight(x, g, weight_shape[2:], stride, padding, dilation, groups)


def _transpose_gx(g: Any, weight: Any, x_shape: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    return _to_windows(g, weight, x_shape, stride, padding, dilation, groups)


def _transpose_gweight(g: Any, x: Any, weight_shape: Any, stride: Any, padding: Any, groups: int, dilation: Any) -> Any:
    return conv_weight(g, x, weight_shape[2:], stride, padding, dilation, groups)


def _weight_gx(g: Any, z: Any, x_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return _to_image(z, g, x_shape, stride, padding, dilation, groups)


def _weight_gz(g: Any, x: Any, z_shape: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return _to_windows(x, g, z_shape, stride, padding, dilation, groups)


# -- the ops -----------------------------------------------------------------------------------------------------------


@linear(gx=_conv_gx, gweight=_conv_gweight)
def conv1d(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Cross-correlation of sequences with a bank of kernels: `conv2d` with one axis fewer.

    y = np.concatenate(np.einsum("ngcu,goci,hiu->gnoh", x.reshape(len(x), groups, -1, x.shape[2]),
        weight.reshape(groups, -1, *weight.shape[1:]),
        np.equal.outer(stride * np.arange((x.shape[2] + 2 * padding - dilation * (weight.shape[2] - 1) - 1) // stride
        + 1)[:, None] + dilation * np.arange(weight.shape[2]) - padding, np.arange(x.shape[2]))), axis=1)
    gx = np.einsum("ngoh,goci,hiu->ngcu", g.reshape(len(g), groups, -1, g.shape[2]),
        weight.reshape(groups, -1, *weight.shape[1:]),
        np.equal.outer(stride * np.arange(g.shape[2])[:, None] + dilation * np.arange(weight.shape[2]) - padding,
        np.arange(x.shape[2]))).reshape(x.shape)
    gweight = np.einsum("ngoh,ngcu,hiu->goci", g.reshape(len(g), groups, -1, g.shape[2]),
        x.reshape(len(x), groups, -1, x.shape[2]),
        np.equal.outer(stride * np.arange(g.shape[2])[:, None] + dilation * np.arange(weight.shape[2]) - padding,
        np.arange(x.shape[2]))).reshape(weight.shape)

    Shapes: x `(n, c, length)`, weight `(o, c/groups, kernel)`, result `(n, o, windows)`.
    Options and errors as for `conv2d`.
    """
    return _conv(x, weight, 1, stride, padding, dilation, groups)


@linear(gx=_conv_gx, gweight=_conv_gweight)
def conv2d(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Cross-correlation of images with a bank of kernels.

    y = np.concatenate(np.einsum("ngcuv,gocij,hiu,wjv->gnohw", x.reshape(len(x), groups, -1, *x.shape[2:]),
        weight.reshape(groups, -1, *weight.shape[1:]),
        *[np.equal.outer(stride * np.arange((m + 2 * padding - dilation * (k - 1) - 1) // stride + 1)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m)) for m, k in zip(x.shape[2:], weight.shape[2:])]), axis=1)
    gx = np.einsum("ngohw,gocij,hiu,wjv->ngcuv", g.reshape(len(g), groups, -1, *g.shape[2:]),
        weight.reshape(groups, -1, *weight.shape[1:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m))
        for t, m, k in zip(g.shape[2:], x.shape[2:], weight.shape[2:])]).reshape(x.shape)
    gweight = np.einsum("ngohw,ngcuv,hiu,wjv->gocij", g.reshape(len(g), groups, -1, *g.shape[2:]),
        x.reshape(len(x), groups, -1, *x.shape[2:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m))
        for t, m, k in zip(g.shape[2:], x.shape[2:], weight.shape[2:])]).reshape(weight.shape)

    Shapes: x `(n, c, height, width)`, weight `(o, c/groups, kh, kw)`, result `(n, o, windows down, windows across)`,
    with `(height + 2*padding - dilation*(kh - 1) - 1)//stride + 1` windows down.

    Args:
        x: images.
        weight: kernels.
        stride: steps between windows, one integer, as in the formulas, or one an axis; so are padding and dilation.
        padding: zeros around the image; also "valid" (none) or "same" (as many windows as entries; stride 1).
        dilation: steps between the cells of a window.
        groups: image channels and kernels are dealt into this many groups that do not see each other.

    Raises:
        ShapeError: numbers of axes or channels that do not fit, or a kernel larger than the padded image.
        OptionError: an option outside its domain.

    A bias is added by broadcasting, `conv2d(x, w) + b[:, None, None]`, as `nn.functional.conv2d` does.
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, https://arxiv.org/abs/1603.07285
    """
    return _conv(x, weight, 2, stride, padding, dilation, groups)


@linear(gx=_transpose_gx, gweight=_transpose_gweight)
def conv_transpose1d(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
                     dilation: Any = 1) -> Any:  # fmt: skip
    """The adjoint of `conv1d` as a layer: `conv_transpose2d` with one axis fewer.

    y = np.concatenate(np.einsum("ngch,gcoi,hiu->gnou", x.reshape(len(x), groups, -1, x.shape[2]),
        weight.reshape(groups, -1, *weight.shape[1:]),
        np.equal.outer(stride * np.arange(x.shape[2])[:, None] + dilation * np.arange(weight.shape[2]) - padding,
        np.arange((x.shape[2] - 1) * stride + dilation * (weight.shape[2] - 1) + 1 + output_padding - 2 * padding))),
        axis=1)
    gx = np.einsum("ngou,gcoi,hiu->ngch", g.reshape(len(g), groups, -1, g.shape[2]),
        weight.reshape(groups, -1, *weight.shape[1:]),
        np.equal.outer(stride * np.arange(x.shape[2])[:, None] + dilation * np.arange(weight.shape[2]) - padding,
        np.arange(g.shape[2]))).reshape(x.shape)
    gweight = np.einsum("ngou,ngch,hiu->gcoi", g.reshape(len(g), groups, -1, g.shape[2]),
        x.reshape(len(x), groups, -1, x.shape[2]),
        np.equal.outer(stride * np.arange(x.shape[2])[:, None] + dilation * np.arange(weight.shape[2]) - padding,
        np.arange(g.shape[2]))).reshape(weight.shape)

    Shapes: x `(n, c, windows)`, weight `(c, o/groups, kernel)`, result `(n, o, length)`. Options and errors as for
    `conv_transpose2d`.
    """
    return _conv_transpose(x, weight, 1, stride, padding, output_padding, groups, dilation)


@linear(gx=_transpose_gx, gweight=_transpose_gweight)
def conv_transpose2d(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
                     dilation: Any = 1) -> Any:  # fmt: skip
    """The adjoint of `conv2d` as a layer: each entry of x paints a kernel, and what overlaps is added up.

    y = np.concatenate(np.einsum("ngchw,gcoij,hiu,wjv->gnouv", x.reshape(len(x), groups, -1, *x.shape[2:]),
        weight.reshape(groups, -1, *weight.shape[1:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange((t - 1) * stride + dilation * (k - 1) + 1 + output_padding
        - 2 * padding)) for t, k in zip(x.shape[2:], weight.shape[2:])]), axis=1)
    gx = np.einsum("ngouv,gcoij,hiu,wjv->ngchw", g.reshape(len(g), groups, -1, *g.shape[2:]),
        weight.reshape(groups, -1, *weight.shape[1:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m))
        for t, m, k in zip(x.shape[2:], g.shape[2:], weight.shape[2:])]).reshape(x.shape)
    gweight = np.einsum("ngouv,ngchw,hiu,wjv->gcoij", g.reshape(len(g), groups, -1, *g.shape[2:]),
        x.reshape(len(x), groups, -1, *x.shape[2:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m))
        for t, m, k in zip(x.shape[2:], g.shape[2:], weight.shape[2:])]).reshape(weight.shape)

    Shapes: x `(n, c, windows down, windows across)`, weight `(c, o/groups, kh, kw)`, result `(n, o, height, width)`
    with `height = (down - 1)*stride - 2*padding + dilation*(kh - 1) + output_padding + 1`.

    Args:
        x: what a convolution with these options could have given.
        weight: kernels, in the layout of the convolution that this is the adjoint of.
        stride: as for `conv2d`; so are padding (numbers only), groups and dilation.
        padding: entries cut off at the edges of the result.
        output_padding: rows added at the far edges; several image sizes have the same number of windows.
        groups: as for `conv2d`.
        dilation: as for `conv2d`.

    Raises:
        ShapeError: numbers of axes or channels that do not fit.
        OptionError: an option outside its domain; an output_padding as large as both stride and dilation.
    """
    return _conv_transpose(x, weight, 2, stride, padding, output_padding, groups, dilation)


@linear(gx=_weight_gx, gz=_weight_gz)
def conv_weight(x: Any, z: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
                groups: int = 1) -> Any:  # fmt: skip
    """The gradient of a convolution of x by its kernels, if z is the gradient by its result.

    y = np.einsum("ngohw,ngcuv,hiu,wjv->gocij", z.reshape(len(z), groups, -1, *z.shape[2:]),
        x.reshape(len(x), groups, -1, *x.shape[2:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m)) for t, m, k in zip(z.shape[2:], x.shape[2:], kernel_size)]
        ).reshape(z.shape[1], -1, *kernel_size)
    gx = np.einsum("ngohw,gocij,hiu,wjv->ngcuv", z.reshape(len(z), groups, -1, *z.shape[2:]),
        g.reshape(groups, -1, *g.shape[1:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m)) for t, m, k in zip(z.shape[2:], x.shape[2:], kernel_size)]
        ).reshape(x.shape)
    gz = np.einsum("gocij,ngcuv,hiu,wjv->ngohw", g.reshape(groups, -1, *g.shape[1:]),
        x.reshape(len(x), groups, -1, *x.shape[2:]), *[np.equal.outer(stride * np.arange(t)[:, None]
        + dilation * np.arange(k) - padding, np.arange(m)) for t, m, k in zip(z.shape[2:], x.shape[2:], kernel_size)]
        ).reshape(z.shape)

    Shapes: x `(n, c, *size)`, z `(n, o, *windows)`, result `(o, c/groups, *kernel_size)`, with one or two axes in
    `size`. The formulas are for two. Options as for `conv2d`.
    """
    w = Windows.of(x.shape[2:], kernel_size, stride, padding, dilation)._replace(places=z.shape[2:])
    y = _channels_first(z, groups) @ _columns(x, w, groups).swapaxes(1, 2)  # (groups, o/groups, c/groups*kernel)
    return y.reshape(z.shape[1], x.shape[1] // groups, *w.kernel)
