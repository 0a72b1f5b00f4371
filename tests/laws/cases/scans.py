"""Calls of what runs along an axis: scans, differences, slopes."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes


def axis_of(draw, shape, *, none=False):
    one = st.integers(-len(shape), len(shape) - 1)
    return draw(st.one_of(st.none(), one) if none else one)


@case("cumsum", "nancumsum")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape),), {"axis": axis_of(draw, shape, none=True)})


@case("cumprod", "nancumprod")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, high=2)
    return Call((floats(draw, shape, 0.4, 2.0),), {"axis": axis_of(draw, shape, none=True)})


@case("cummax", "cummin")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    return Call((floats(draw, shape, distinct=True),), {"axis": axis_of(draw, shape)})


@case("cumulative_sum", "cumulative_prod")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape),), {"axis": axis_of(draw, shape), "include_initial": draw(st.booleans())})


@case("logcumsumexp")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape), axis_of(draw, shape)))


@case("linear_recurrence")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, high=2, smallest=1)
    return Call((floats(draw, shape, -1.5, 1.5), floats(draw, shape), axis_of(draw, shape)))


@case("diff")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    axis = axis_of(draw, shape)
    ends = {k: draw(st.sampled_from([None, 0.5])) for k in ("prepend", "append")}
    return Call((floats(draw, shape), draw(st.integers(0, 3)), axis), ends)


@case("ediff1d")
@st.composite
def _(draw):
    ends = {k: draw(st.sampled_from([None, 0.5, [1.0, 2.0]])) for k in ("to_end", "to_begin")}
    return Call((floats(draw, shapes(draw, low=1, smallest=2)),), ends)


@case("gradient")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=3, largest=5)
    axis = draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    lengths = shape if axis is None else (shape[axis],)
    uneven = tuple(np.cumsum(floats(draw, (n,), 0.5, 1.5)) for n in lengths)
    spacing = draw(st.sampled_from([(), (0.5,), uneven, (0.5,) * len(lengths)]))
    return Call((floats(draw, shape),), {"spacing": spacing, "axis": axis, "edge_order": draw(st.integers(1, 2))})


@case("trapezoid")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    axis = axis_of(draw, shape)
    x = draw(st.sampled_from([None, floats(draw, shape), floats(draw, (shape[axis],))]))
    return Call((floats(draw, shape),), {"x": x, "dx": draw(st.sampled_from([1.0, 0.3])), "axis": axis})
