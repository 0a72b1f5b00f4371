"""Calls of elementwise ops with options that have no default, or that choose between formulas."""

import numpy as np
from hypothesis import strategies as st

from tests.laws.cases import Call, case, floats, shapes


@case("softcap")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw)), draw(st.sampled_from([0.7, 1.7, 30.0]))))


@case("threshold")
@st.composite
def _(draw):
    x = floats(draw, shapes(draw))
    return Call((np.where(np.abs(x - 0.5) < 0.05, x + 0.2, x), 0.5), {"value": draw(st.sampled_from([-2.0, 0.0]))})


@case("polygamma")
@st.composite
def _(draw):
    return Call((draw(st.integers(0, 4)), floats(draw, shapes(draw), 0.5, 5.0)))


@case("ldexp")
@st.composite
def _(draw):
    x = floats(draw, shapes(draw))
    return Call((x, draw(st.sampled_from([-2, 3])) * np.ones(x.shape[-1:], int)))


@case("astype")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw)), np.float64))


@case("gelu")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw)),), {"approximate": draw(st.sampled_from(["none", "tanh"]))})


@case("float_power")
@st.composite
def _(draw):
    shape = shapes(draw)
    return Call((floats(draw, shape, 0.3, 3.0), floats(draw, shape)))


@case("clip")
@st.composite
def _(draw):
    """A bound on either side or on both, numbers or arrays."""
    shape = shapes(draw)
    bounds = [draw(st.sampled_from([None, at, floats(draw, shape[-1:], at - 0.4, at + 0.4)])) for at in (-1.0, 1.0)]
    x = floats(draw, shape)
    for bound in bounds:
        x = x if bound is None else np.where(np.abs(x - bound) < 0.05, x + 0.2, x)
    return Call((x, *bounds))
