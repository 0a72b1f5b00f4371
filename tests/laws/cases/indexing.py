"""Calls of what takes entries out or puts them in, and of what sorts."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes
from .reductions import axes_of
from .scans import axis_of

SHAPE = (3, 4, 2)
MASK = np.array([True, False, True])
INDICES = [
    1, -1, None, ...,
    (), slice(None, None, -1), slice(3, 0, -2), (slice(1, None), 2), (..., 0), (None, 1, ..., None),
    [0, 0, 1], [0, -3], [], (1, [0, 3, 0]), ([0, -1], [1, 3]), ([[0], [2]], [1, 1, 0], -1), (slice(None), [1, 1], 0),
    (0, slice(None), [1, 0]), ([0, 2], slice(None), [1, 1]), ([0, 0], None, slice(1, None)), MASK, (MASK, 0),
    ([True, False, True],), (MASK, [1, 1]), np.zeros((3, 4), bool), np.array(1), np.array([[2, 2]]), np.int64(2), True,
    (2, 3, 1),
]  # fmt: skip
ONCE = [1, (..., 0), slice(None, None, -2), [2, 0], MASK, (slice(None), [1, 3], 0), ([0, 2], slice(None), [1, 1]), ()]


@case("getitem")
@st.composite
def _(draw):
    return Call((floats(draw, SHAPE), draw(st.sampled_from(INDICES))))


@case("add_at")
@st.composite
def _(draw):
    index = draw(st.sampled_from(INDICES))
    return Call((floats(draw, np.empty(SHAPE)[index].shape), index, SHAPE))


@case("index_put")
@st.composite
def _(draw):
    index = draw(st.sampled_from(ONCE))
    return Call((floats(draw, SHAPE), index, floats(draw, np.empty(SHAPE)[index].shape)))


@case("index_add")
@st.composite
def _(draw):
    index = draw(st.sampled_from(INDICES))
    return Call((floats(draw, SHAPE), index, floats(draw, np.empty(SHAPE)[index].shape)))


@case("where")
@st.composite
def _(draw):
    shape = shapes(draw)
    condition = draw(st.sampled_from([floats(draw, shape) > 0, floats(draw, shape).round(), True, False]))
    return Call((condition, floats(draw, shape), floats(draw, shape)))


@case("masked_fill")
@st.composite
def _(draw):
    shape = shapes(draw)
    return Call((floats(draw, shape), floats(draw, shape[1:]) > 0, floats(draw, draw(st.sampled_from([(), shape])))))


@case("select")
@st.composite
def _(draw):
    shape = shapes(draw)
    n = draw(st.integers(1, 3))
    conditions = [floats(draw, shape) > 0 for _ in range(n)]
    return Call((conditions, [floats(draw, shape) for _ in range(n)]), {"default": draw(st.sampled_from([0, 1.5]))})


@case("choose")
@st.composite
def _(draw):
    shape, mode = shapes(draw), draw(st.sampled_from(["raise", "wrap", "clip"]))
    a = np.floor(floats(draw, shape, *((0, 1.99) if mode == "raise" else (-3, 5)))).astype(int)
    return Call((a, [floats(draw, shape), floats(draw, shape[1:])]), {"mode": mode})


@case("take")
@st.composite
def _(draw):
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    far = [] if mode == "raise" else [[7, -9]]
    indices = draw(st.sampled_from([0, -1, [1, 1, 0], [[0], [2]], np.zeros((0,), int), *far]))
    return Call((floats(draw, (3, 4, 3)), indices), {"axis": draw(st.sampled_from([None, 0, 1, -1])), "mode": mode})


def along(draw, *, once=False):
    """A shape, an axis, and for each other place the numbers of some entries along the axis."""
    shape = shapes(draw, low=1, smallest=1)
    axis = axis_of(draw, shape)
    some = list(shape)
    some[axis] = draw(st.integers(0, shape[axis] if once else 5))
    order = np.argsort(floats(draw, shape), axis).take(range(some[axis]), axis) if once else None
    return shape, axis, (floats(draw, some, 0, shape[axis] - 0.01).astype(int) if order is None else order)


@case("take_along_axis")
@st.composite
def _(draw):
    shape, axis, indices = along(draw)
    return Call((floats(draw, shape), indices, axis))


@case("put_along_axis")
@st.composite
def _(draw):
    shape, axis, indices = along(draw, once=True)
    return Call((floats(draw, shape), indices, floats(draw, indices.shape), axis))


@case("gather")
@st.composite
def _(draw):
    shape, axis, indices = along(draw)
    return Call((floats(draw, [n + (k != axis % len(shape)) for k, n in enumerate(shape)]), axis, indices))


@case("scatter_add")
@st.composite
def _(draw):
    shape, axis, indices = along(draw)
    wide = [n + (k != axis % len(shape)) for k, n in enumerate(shape)]
    return Call((floats(draw, wide), axis, indices, floats(draw, indices.shape)))


@case("compress")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    axis = axis_of(draw, shape, none=True)
    n = int(np.prod(shape)) if axis is None else shape[axis]
    return Call((floats(draw, (draw(st.integers(0, n)),)) > 0, floats(draw, shape), axis))


@case("extract")
@st.composite
def _(draw):
    shape = shapes(draw)
    return Call((floats(draw, shape) > 0, floats(draw, shape)))


# -- order -------------------------------------------------------------------------------------------------------------


@case("sort")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape, distinct=True),), {"axis": axis_of(draw, shape, none=True)})


@case("partition")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=2)
    return Call((floats(draw, shape, distinct=True), draw(st.integers(0, 1)), axis_of(draw, shape, none=True)))


@case("topk")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    axis = axis_of(draw, shape)
    return Call((floats(draw, shape, distinct=True), draw(st.integers(0, shape[axis])), axis, draw(st.booleans())))


@case("median")
@st.composite
def _(draw):
    shape = shapes(draw, smallest=1)
    return Call((floats(draw, shape, distinct=True),), {"axis": draw(axes_of(shape)), "keepdims": draw(st.booleans())})


METHODS = ["linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "inverted_cdf",
           "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "normal_unbiased"]  # fmt: skip


def quantile(draw, scale):
    shape = shapes(draw, smallest=1)
    q = draw(st.sampled_from([0.0, 0.37, 0.5, 1.0, [0.1, 0.8], [[0.25], [1.0]]]))
    options = {"axis": draw(axes_of(shape)), "keepdims": draw(st.booleans()), "method": draw(st.sampled_from(METHODS))}
    return Call((floats(draw, shape, distinct=True), np.multiply(q, scale).tolist()), options)


@case("quantile")
@st.composite
def _(draw):
    return quantile(draw, 1)


@case("percentile")
@st.composite
def _(draw):
    return quantile(draw, 100)
