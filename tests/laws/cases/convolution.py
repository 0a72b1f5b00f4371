"""Calls of convolutions, of windows as columns, and of pooling. Options are single integers, as formulas have them."""

import numpy as np
from hypothesis import strategies as st

from tinygrad_edu.ops.windows import Windows

from . import Call, case, floats, shapes


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
    return Call((x, weight), dict(stride=stride, padding=padding, output_padding=extra, groups=groups, dilation=dilation))


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


# -- pooling -----------------------------------------------------------------------------------------------------------


def pooling(draw, axes, *, dilation=2, distinct=True):
    """A batch of images, and options under which at least one window fits."""
    k, s, d = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, dilation))
    padding = draw(st.integers(0, k // 2)) if d == 1 else 0  # a window of padding alone is -inf
    options = {"kernel_size": k, "stride": s, "padding": padding, "dilation": d}
    shape = (*shapes(draw, high=2, smallest=1, largest=2), *sizes(draw, axes, (k,) * axes, options))
    return floats(draw, shape, distinct=distinct), options


@case("max_pool1d")
@st.composite
def _(draw):
    x, options = pooling(draw, 1)
    return Call((x,), options)


@case("max_pool2d")
@st.composite
def _(draw):
    x, options = pooling(draw, 2)
    return Call((x,), options)


def mean_pooling(draw, axes):
    x, options = pooling(draw, axes, dilation=1, distinct=False)
    del options["dilation"]
    return Call((x,), options)


@case("avg_pool1d")
@st.composite
def _(draw):
    return mean_pooling(draw, 1)


@case("avg_pool2d")
@st.composite
def _(draw):
    return mean_pooling(draw, 2)


def windows(draw, n, *, dilated=False):
    k = draw(st.integers(1, min(n, 3)))
    room = dict(padding=draw(st.integers(0, 1)), dilation=1 if k == 1 else 1 + (2 * k <= n)) if dilated else {}
    return Windows.of((n,), k, draw(st.integers(1, 3)), **room)


@case("window_pick")
@st.composite
def _(draw):
    x = floats(draw, (*shapes(draw, high=1, smallest=1), draw(st.integers(1, 6))), distinct=True)
    return Call((floats(draw, x.shape), x, windows(draw, x.shape[-1])))


@case("window_put")
@st.composite
def _(draw):
    x = floats(draw, (*shapes(draw, high=1, smallest=1), draw(st.integers(1, 6))), distinct=True)
    w = windows(draw, x.shape[-1])
    return Call((floats(draw, (*x.shape[:-1], *w.places)), x, w))


@case("window_sum")
@st.composite
def _(draw):
    x = floats(draw, (*shapes(draw, high=1, smallest=1), draw(st.integers(1, 6))))
    return Call((x, windows(draw, x.shape[-1], dilated=True)))


@case("window_spread")
@st.composite
def _(draw):
    w = windows(draw, draw(st.integers(1, 6)), dilated=True)
    return Call((floats(draw, (*shapes(draw, high=1, smallest=1), *w.places)), w))


@case("bin_means", "bin_spread")
@st.composite
def _(draw):
    shape = (*shapes(draw, high=1, smallest=1), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    return Call((floats(draw, shape), (draw(st.integers(1, 6)), draw(st.integers(1, 6)))))


@case("adaptive_avg_pool1d", "adaptive_max_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool2d")
@st.composite
def _(draw):
    shape = (*shapes(draw, high=1, smallest=1), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    return Call((floats(draw, shape, distinct=True), draw(st.integers(1, 5))))


# -- other sizes -------------------------------------------------------------------------------------------------------


@case("interpolate")
@st.composite
def _(draw):
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    return Call((floats(draw, shape),), {"size": (draw(st.sampled_from([1, 2, 3, 4, 6, 8])), draw(st.integers(1, 4)))})


@case("pixel_shuffle")
@st.composite
def _(draw):
    r = draw(st.integers(1, 3))
    shape = (
        *shapes(draw, high=1, smallest=1),
        r * r * draw(st.integers(1, 2)),
        *shapes(draw, low=2, high=2, smallest=1),
    )
    return Call((floats(draw, shape), r))


@case("pixel_unshuffle")
@st.composite
def _(draw):
    r = draw(st.integers(1, 3))
    shape = (*shapes(draw, low=1, high=2, smallest=1), r * draw(st.integers(1, 2)), r * draw(st.integers(1, 2)))
    return Call((floats(draw, shape), r))
