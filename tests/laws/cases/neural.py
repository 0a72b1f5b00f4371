"""Calls of the softmax family, of normalisation, and of what attention and recurrent networks are made of."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes


def matrix_like(draw, *, high=3):
    """An array of one to three axes, none empty, and one of its axes."""
    shape = shapes(draw, low=1, high=high, smallest=1)
    return floats(draw, shape), draw(st.integers(-len(shape), len(shape) - 1))


@case("softmax", "log_softmax", "softmin", "entropy")
@st.composite
def _(draw):
    x, axis = matrix_like(draw)
    return Call((x,), {"axis": axis})


@case("cross_entropy", "nll_loss")
@st.composite
def _(draw):
    x = floats(draw, (draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    target = np.array([draw(st.integers(0, x.shape[1] - 1)) for _ in x])
    return Call((x, target))


@case("soft_cross_entropy")
@st.composite
def _(draw):
    shape = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return Call((floats(draw, shape), floats(draw, shape, 0.05, 1.0)))
