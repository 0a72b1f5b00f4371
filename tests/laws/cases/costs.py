"""Calls of the cost of the notes."""

from hypothesis import strategies as st

from . import Call, case, floats, shapes


@case("quadratic_cost")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    return Call((floats(draw, shape), floats(draw, shape)))
