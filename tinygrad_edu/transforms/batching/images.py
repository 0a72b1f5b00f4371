"""Convolutions and pooling: examples become more images, or more groups of channels."""

from __future__ import annotations

from typing import Any

from ..batch import Batch, union
from .alignment import batched, full, joined, merged, parted, rule, run, sizes

__all__: list[str] = []


@rule("avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d", "window_sum", "window_spread", "window_pick", "window_put",
      "bin_means", "bin_spread")  # fmt: skip
def _last_axes(op: Any, args: Any, options: Any) -> Any:
    """Functions of the last axes that take any number before them."""
    levels = union(args)
    size = sizes(levels, args)
    return batched(run(op, *[full(x, levels, size) for x in args], **options), levels)


@rule("unfold", "fold")
def _more_images(op: Any, args: Any, options: Any) -> Any:
    return _folded(op, *args, **options)


def _folded(op: Any, x: Any, *others: Any, **options: Any) -> Batch:
    """All images of all examples in one call."""
    levels, size, (x,) = merged(x)
    y = run(op, joined(x), *others, **options)
    return parted(y.reshape((*x.shape[:2], *y.shape[1:])), levels, size)


@rule("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
def _convolution(op: Any, args: Any, options: Any) -> Any:
    """Kernels that are others in each example are groups that do not see each other, or just more kernels."""
    x, weight = args
    if type(weight) is not Batch:
        return _folded(op, x, weight, **options)
    if type(x) is not Batch and options["groups"] == 1 and not op.name.startswith("conv_transpose"):
        levels, size, (weight,) = merged(weight)
        return parted(_examples(run(op, x, joined(weight), **options), len(weight)), levels, size)
    levels, size, (x, weight) = merged(x, weight)
    n = len(weight)
    y = run(op, _channels(x), joined(weight), **{**options, "groups": options["groups"] * n})
    return parted(_examples(y, n), levels, size)


@rule("conv_weight")
def _conv_weight(op: Any, args: Any, options: Any) -> Any:
    """Likewise; the same images need not be repeated for each of many cotangents."""
    x, z = args
    if type(x) is not Batch and options["groups"] == 1:
        levels, size, (z,) = merged(z)
        y, n = run(op, x, _channels(z), **options), len(z)
    else:
        levels, size, (x, z) = merged(x, z)
        n = len(x)
        y = run(op, _channels(x), _channels(z), **{**options, "groups": options["groups"] * n})
    return parted(y.reshape((n, y.shape[0] // n, *y.shape[1:])), levels, size)


def _channels(x: Any) -> Any:
    """`(examples, n, c, ...)` as `(n, examples*c, ...)`."""
    return x.swapaxes(0, 1).reshape((x.shape[1], x.shape[0] * x.shape[2], *x.shape[3:]))


def _examples(y: Any, n: int) -> Any:
    """The inverse of `_channels`."""
    return y.reshape((y.shape[0], n, y.shape[1] // n, *y.shape[2:])).swapaxes(0, 1)
