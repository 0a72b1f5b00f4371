"""Calls under options other than those that the documented formulas are for."""

import numpy as np
from hypothesis import strategies as st

from . import Call, floats, shapes, variant
from .convolution import pooling
from .reductions import axes_of


@variant("cross_entropy", "nll_loss")
@st.composite
def _(draw):
    """One example, several, or several with an image each; weights, classes that do not count, every reduction."""
    classes, low = draw(st.integers(1, 4)), draw(st.booleans())
    x = floats(draw, draw(st.sampled_from([(classes,), (3, classes), (2, classes, 3), (2, classes, 1, 2)])))
    shape = (x.shape[0], *x.shape[2:]) if x.ndim > 1 else ()
    target = np.array(floats(draw, shape, 0, classes - 1e-9)).astype(int)
    ignored = draw(st.sampled_from([-100, 0, -1]))
    if ignored < 0 and shape:
        target[(0,) * target.ndim] = ignored if low else target.flat[0]
    if ignored == 0 and not shape:
        ignored = -100
    options = {"ignore_index": ignored, "reduction": draw(st.sampled_from(["sum", "none"]))}
    if draw(st.booleans()):
        options["weight"] = floats(draw, (classes,), 0.3, 2.0)
    return Call((x, target), options)


@variant("max_pool1d")
@st.composite
def _(draw):
    return _ceiling(draw, 1)


@variant("max_pool2d")
@st.composite
def _(draw):
    return _ceiling(draw, 2)


@variant("avg_pool1d")
@st.composite
def _(draw):
    return _ceiling(draw, 1, count_include_pad=draw(st.booleans()))


@variant("avg_pool2d")
@st.composite
def _(draw):
    return _ceiling(draw, 2, count_include_pad=draw(st.booleans()), divisor_override=draw(st.sampled_from([None, 3])))


def _ceiling(draw, axes, **more):
    """Pooling where the last window may reach over the edge."""
    x, options = pooling(draw, axes, dilation=1 if more else 2, distinct=not more)
    if more:
        del options["dilation"]
    return Call((x,), {**options, "ceil_mode": draw(st.booleans()), **more})


@variant("attention_weights")
@st.composite
def _(draw):
    scores = floats(draw, shapes(draw, low=2, smallest=1))
    mask = draw(st.sampled_from([None, floats(draw, scores.shape) > -1, floats(draw, scores.shape[-1:])]))
    return Call((scores, mask), {"is_causal": draw(st.booleans())})


@variant("rotary")
@st.composite
def _(draw):
    x = floats(draw, (*shapes(draw, high=2), draw(st.integers(1, 4)), 2 * draw(st.integers(1, 3))))
    return Call((x, floats(draw, (x.shape[-2], x.shape[-1] // 2))), {"interleaved": True})


@variant("var", "std")
@st.composite
def _(draw):
    x = floats(draw, tuple(draw(st.lists(st.integers(3, 4), min_size=1, max_size=2))), distinct=True)
    return Call(
        (x,), {"axis": draw(axes_of(x.shape).filter(lambda a: a != ())), "correction": draw(st.sampled_from([0, 1, 1.5]))}
    )
