"""Calls of convolutions, of windows as columns, and of pooling. Options are single integers, as formulas have them."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats


def window_options(draw, *, padding=2):
    return {
        "stride": draw(st.integers(1, 3)),
        "padding": draw(st.integers(0, padding)),
        "dilation": draw(st.integers(1, 2)),
    }


def sizes(draw, axes, kernel, options):
    """Image sizes into which at least one window fits."""
    least = [max(1, options["dilation"] * (k - 1) + 1 - 2 * options["padding"]) for k in kernel]
    return tuple(draw(st.integers(m, m + 4)) for m in least[:axes])


def conv_call(draw, axes):
    options, groups = window_options(draw), draw(st.integers(1, 2))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    n, c, o = (draw(st.integers(1, 2)) for _ in range(3))
    x = floats(draw, (n, c * groups, *sizes(draw, axes, kernel, options)))
    return x, floats(draw, (o * groups, c, *kernel)), {**options, "groups": groups}


@case("conv1d")
@st.composite
def _(draw):
    x, weight, options = conv_call(draw, 1)
    return Call((x, weight), options)


@case("conv2d")
@st.composite
def _(draw):
    x, weight, options = conv_call(draw, 2)
    return Call((x, weight), options)


@case("conv_weight")
@st.composite
def _(draw):
    x, weight, options = conv_call(draw, 2)
    count = [
        (m + 2 * options["padding"] - options["dilation"] * (k - 1) - 1) // options["stride"] + 1
        for m, k in zip(x.shape[2:], weight.shape[2:], strict=True)
    ]
    return Call((x, floats(draw, (len(x), len(weight), *count))), {**options, "kernel_size": weight.shape[2:]})


def transposed_call(draw, axes):
    stride, dilation, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    padding = draw(st.integers(0, (dilation * (min(kernel) - 1)) // 2))
    n, c, o = (draw(st.integers(1, 2)) for _ in range(3))
    x = floats(draw, (n, c * groups, *(draw(st.integers(1, 3)) for _ in range(axes))))
    weight = floats(draw, (c * groups, o, *kernel))
    extra = draw(st.integers(0, max(stride, dilation) - 1))
    return Call(
        (x, weight), dict(stride=stride, padding=padding, output_padding=extra, groups=groups, dilation=dilation)
    )


@case("conv_transpose1d")
@st.composite
def _(draw):
    return transposed_call(draw, 1)


@case("conv_transpose2d")
@st.composite
def _(draw):
    return transposed_call(draw, 2)


def square(draw):
    options, k = window_options(draw), draw(st.integers(1, 3))
    return {**options, "kernel_size": k}, sizes(draw, 2, (k, k), options)


@case("unfold")
@st.composite
def _(draw):
    options, size = square(draw)
    return Call((floats(draw, (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size)),), options)


@case("fold")
@st.composite
def _(draw):
    options, size = square(draw)
    k, s, p, d = (options[n] for n in ("kernel_size", "stride", "padding", "dilation"))
    count = [(m + 2 * p - d * (k - 1) - 1) // s + 1 for m in size]
    c = draw(st.integers(1, 2))
    x = floats(draw, (draw(st.integers(1, 2)), c * k * k, int(np.prod(count))))
    return Call((x, size), options)
