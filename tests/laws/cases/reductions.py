"""Calls of reductions, over every form of axis."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes


def axes_of(shape):
    """All, none, one counted from either end, or several axes of a shape."""
    n = len(shape)
    one = st.integers(-n, n - 1) if n else st.none()
    some = st.lists(st.integers(0, n - 1), unique=True, max_size=n).map(tuple) if n else st.just(())
    return st.one_of(st.none(), one, some)


def reduction(draw, *, smallest=0, low=-3.0, high=3.0, distinct=False, single=False, **options):
    shape = shapes(draw, smallest=smallest)
    x = floats(draw, shape, low, high, distinct=distinct)
    axis = draw(axes_of(shape))
    drawn = {k: draw(v) for k, v in options.items()}
    return Call((x,), {"axis": axis, "keepdims": draw(st.booleans()), **drawn})


@case("sum", "nansum")
@st.composite
def _(draw):
    return reduction(draw)


@case("mean", "nanmean")
@st.composite
def _(draw):
    return reduction(draw, smallest=1)


@case("prod", "nanprod")
@st.composite
def _(draw):
    return reduction(draw, smallest=1, low=0.4, high=2.0)


@case("max", "min", "ptp", "nanmax", "nanmin")
@st.composite
def _(draw):
    return reduction(draw, smallest=1, distinct=True)


@case("logsumexp")
@st.composite
def _(draw):
    return reduction(draw, smallest=1)


@case("var", "nanvar", "std", "nanstd")
@st.composite
def _(draw):
    """Away from a variance of zero, where the standard deviation has its kink: no lane has a single entry."""
    shape = tuple(draw(st.lists(st.integers(3, 4), min_size=1, max_size=3)))
    x = floats(draw, shape, distinct=True)
    axis = draw(axes_of(shape).filter(lambda a: a != ()))
    return Call((x,), {"axis": axis, "keepdims": draw(st.booleans()), "ddof": draw(st.integers(0, 1))})


@case("average")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    x, axis = floats(draw, shape), draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    like = draw(st.sampled_from([None, shape, shape if axis is None else (shape[axis],)]))
    weights = None if like is None else np.asarray(floats(draw, like, 0.5, 2.0))
    return Call((x,), {"axis": axis, "weights": weights, "keepdims": draw(st.booleans())})
