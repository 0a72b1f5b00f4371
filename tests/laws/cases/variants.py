"""Calls under options other than those that the documented formulas are for."""

import numpy as np
from hypothesis import strategies as st

from . import Call, floats, shapes, variant
from .convolution import pooling
from .indexing import INDICES, SHAPE
from .reductions import axes_of


@variant("cross_entropy", "nll_loss")
@st.composite
def _(draw):
    """One example, several, or several with an image each; weights, classes that do not count, every reduction."""
    classes, low = draw(st.integers(1, 4)), draw(st.booleans())
    x = floats(draw, draw(st.sampled_from([(classes,), (3, classes), (1, classes), (2, classes, 3), (2, classes, 1, 2)])))
    shape = (x.shape[0], *x.shape[2:]) if x.ndim > 1 else ()
    target = np.array(floats(draw, shape, 0, classes - 1e-9)).astype(int)
    ignored = draw(st.sampled_from([-100, 0, -1]))
    if ignored < 0 and shape:
        target[(0,) * target.ndim] = ignored if low else target.flat[0]
    if ignored == 0 and not shape:
        ignored = -100
    one_counts = np.any(target != ignored)  # of none the mean is NaN
    options = {"ignore_index": ignored, "reduction": draw(st.sampled_from(["sum", "none", *["mean"] * bool(one_counts)]))}
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
    return draw(st.sampled_from([_ceiling, _uneven]))(draw, 2)


@variant("avg_pool1d")
@st.composite
def _(draw):
    return _ceiling(draw, 1, count_include_pad=draw(st.booleans()))


@variant("avg_pool2d")
@st.composite
def _(draw):
    more = dict(count_include_pad=draw(st.booleans()), divisor_override=draw(st.sampled_from([None, 3])))
    return draw(st.sampled_from([_ceiling, _uneven]))(draw, 2, **more)


def _ceiling(draw, axes, **more):
    """Pooling where the last window may reach over the edge; the stride may be left out."""
    x, options = pooling(draw, axes, dilation=1 if more else 2, distinct=not more)
    if more:
        del options["dilation"]
    if draw(st.booleans()):
        del options["stride"]
    return Call((x,), {**options, "ceil_mode": draw(st.booleans()), **more})


def _uneven(draw, axes, **more):
    """Pooling with other options along each axis, and padding on one side only."""
    x = floats(draw, (*shapes(draw, high=2, smallest=1, largest=2), 5, 7), distinct=True)
    stride, padding = draw(st.sampled_from([(1, 2), (3, 1), None])), draw(st.sampled_from([(1, 0), ((1, 0), (0, 1))]))
    dilation = {} if more else {"dilation": draw(st.sampled_from([(1, 2), (2, 1)]))}
    return Call((x,), {"kernel_size": (2, 3), "stride": stride, "padding": padding, **dilation, **more})


# -- other options along each axis -------------------------------------------------------------------------------------


def _pairs(draw):
    """Options of a window, which goes twice over the image's axes, in every form that they can have."""
    padding = st.sampled_from([1, (2, 0), ((0, 2), (1, 0)), "valid"])
    return {"stride": draw(st.sampled_from([(1, 2), (3, 1)])), "padding": draw(padding),
            "dilation": draw(st.sampled_from([(1, 2), (2, 1)]))}  # fmt: skip


@variant("conv1d")
@st.composite
def _(draw):
    return _same(draw, 1)


@variant("conv2d")
@st.composite
def _(draw):
    if draw(st.booleans()):
        return _same(draw, 2)
    return Call((floats(draw, (2, 4, 5, 6)), floats(draw, (2, 2, 2, 3))), {**_pairs(draw), "groups": 2})


def _same(draw, axes):
    """As many windows as entries."""
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(axes))
    return Call((floats(draw, (1, 2, *(4, 5)[:axes])), floats(draw, (1, 2, *kernel))), {"padding": "same"})


@variant("conv_transpose2d")
@st.composite
def _(draw):
    options = {"stride": (2, 3), "padding": draw(st.sampled_from([(1, 0), ((0, 1), (1, 0))])), "dilation": (1, 2)}
    extra = draw(st.sampled_from([(0, 2), (1, 0)]))
    return Call((floats(draw, (2, 4, 3, 2)), floats(draw, (4, 1, 3, 2))), {**options, "output_padding": extra, "groups": 2})


@variant("conv_weight")
@st.composite
def _(draw):
    """A kernel of one axis or two; fewer windows than there is room for, as in the derivative of a transposed convolution."""
    axes = draw(st.sampled_from([1, 2]))
    options = {"kernel_size": (2, 3)[:axes], "stride": (1, 2)[:axes], "padding": (1, 0)[:axes], "dilation": (2, 1)[:axes]}
    places = (5 - draw(st.integers(0, 1)), 3)[:axes]
    x, z = floats(draw, (2, 2, *(5, 7)[:axes])), floats(draw, (2, 4, *places))
    return Call((x, z), {**options, "groups": 2})


@variant("unfold")
@st.composite
def _(draw):
    return Call((floats(draw, (2, 2, 5, 6)),), {**_pairs(draw), "kernel_size": (2, 3)})


@variant("transpose")
@st.composite
def _(draw):
    """Axes counted from both ends."""
    x = floats(draw, shapes(draw, low=2, high=4, smallest=1))
    order = draw(st.permutations(range(x.ndim)))
    return Call((x,), {"axes": tuple(a - draw(st.sampled_from([0, x.ndim])) for a in order)})


@variant("roll")
@st.composite
def _(draw):
    """Other places along each axis, of which one may be named twice."""
    shifts = tuple(draw(st.integers(-3, 3)) for _ in range(2))
    return Call((floats(draw, (4, 5)), shifts, draw(st.sampled_from([(0, 1), (1, -2), (0, 0)]))))


@variant("cummax", "cummin")
@st.composite
def _(draw):
    return Call((floats(draw, (2, 3), distinct=True),), {"axis": None})


# -- entries put in ----------------------------------------------------------------------------------------------------


@variant("where")
@st.composite
def _(draw):
    """Condition and branches that broadcast together, numbers among them."""
    some = st.sampled_from([(), (3,), (2, 1), (1, 1), (2, 3), (4, 1, 3)])
    condition, x, y = (floats(draw, draw(some)) for _ in range(3))
    return Call((condition > 0, x, y))


@variant("clip")
@st.composite
def _(draw):
    """Numbers that are spread over the bounds."""
    x = floats(draw, draw(st.sampled_from([(), (3, 1), (1, 2)])), -0.5, 0.5) + draw(st.sampled_from([-2.0, 0.0, 2.0]))
    top = draw(st.sampled_from([None, (2,), (3, 2)]))
    return Call((x, floats(draw, (2,), -1.4, -0.6), None if top is None else floats(draw, top, 0.6, 1.4)))


@variant("index_put")
@st.composite
def _(draw):
    """The value may have more axes than there are places."""
    return _put(draw, lambda shape: [(1, *shape), (1, 1, *shape)])


@variant("index_add")
@st.composite
def _(draw):
    return _put(draw, lambda shape: [])


def _put(draw, more):
    """Places that are named several times, and a value that is spread over them."""
    index = draw(st.sampled_from(INDICES))
    shape = np.empty(SHAPE)[index].shape
    thin = tuple(draw(st.sampled_from([n, 1])) for n in shape)
    return Call((floats(draw, SHAPE), index, floats(draw, draw(st.sampled_from([shape, thin, shape[1:], (), *more(thin)])))))


@variant("sum", "prod", "max", "min", "logsumexp")
@st.composite
def _(draw):
    """One number, which NumPy lets one reduce over an axis that it does not have."""
    return Call((np.array(floats(draw, ())),), {"axis": draw(st.sampled_from([0, -1])), "keepdims": draw(st.booleans())})


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
