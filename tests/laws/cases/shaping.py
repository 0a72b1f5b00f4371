"""Calls of what rearranges entries: shapes, borders, diagonals, joins and splits."""

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes
from .scans import axis_of


@case("reshape")
@st.composite
def _(draw):
    shape = shapes(draw)
    x, n = floats(draw, shape), int(np.prod(shape))
    forms = [(n,), n, tuple(reversed(shape)), (1, n, 1)] + ([(-1,), -1, (*shape, -1)] if n else [])
    return Call((x, draw(st.sampled_from(forms))))


@case("ravel", "copy", "matrix_transpose", "atleast_1d", "atleast_2d", "atleast_3d")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw, low=2)),))


@case("transpose")
@st.composite
def _(draw):
    shape = shapes(draw)
    order = draw(st.permutations(range(len(shape))))
    axes = draw(st.sampled_from([None, tuple(order), [a - len(shape) for a in order]]))
    return Call((floats(draw, shape), axes))


@case("swapaxes")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape), axis_of(draw, shape), axis_of(draw, shape)))


@case("moveaxis")
@st.composite
def _(draw):
    shape = shapes(draw, low=2)
    ends = draw(st.sampled_from([(0, -1), (-1, 0), ((0, 1), (1, 0)), ((0, 1), (-1, -2))]))
    return Call((floats(draw, shape), *ends))


@case("rollaxis")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape), axis_of(draw, shape), draw(st.integers(0, len(shape)))))


@case("expand_dims")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw)), draw(st.sampled_from([0, -1, (0, 1), (0, -1)]))))


@case("squeeze")
@st.composite
def _(draw):
    shape = (1, *shapes(draw, high=2), 1)
    return Call((floats(draw, shape), draw(st.sampled_from([None, 0, -1, (0, -1)]))))


@case("broadcast_to")
@st.composite
def _(draw):
    shape = shapes(draw)
    wide = tuple(3 if n == 1 else n for n in shape)
    return Call((floats(draw, shape), draw(st.sampled_from([shape, wide, (2, *wide), (0, *wide)]))))


@case("flip")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape), draw(st.sampled_from([None, 0, -1, tuple(range(len(shape)))]))))


@case("fliplr", "flipud")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw, low=2)),))


@case("roll")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    by = draw(st.sampled_from([(2, None), (-1, 0), (1, -1), ((1, -2), (0, -1)), (3, tuple(range(len(shape))))]))
    return Call((floats(draw, shape), *by))


@case("rot90")
@st.composite
def _(draw):
    axes = draw(st.sampled_from([(0, 1), (1, 0), (-1, 0)]))
    return Call((floats(draw, shapes(draw, low=2)), draw(st.integers(-3, 3)), axes))


@case("repeat")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    axis = axis_of(draw, shape, none=True)
    n = int(np.prod(shape)) if axis is None else shape[axis]
    return Call((floats(draw, shape), draw(st.sampled_from([0, 3, [2], [k % 3 for k in range(n)]])), axis))


@case("tile")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw)), draw(st.sampled_from([2, (2,), (1, 3), (2, 1, 2), (0, 2), ()]))))


@case("broadcast_arrays")
@st.composite
def _(draw):
    shape = shapes(draw)
    others = [shape, tuple(1 for _ in shape), (2, *shape)]
    return Call(tuple(floats(draw, s) for s in [shape, *draw(st.lists(st.sampled_from(others), max_size=2))]))


@case("meshgrid")
@st.composite
def _(draw):
    xs = [floats(draw, (draw(st.integers(0, 3)),)) for _ in range(draw(st.integers(1, 3)))]
    return Call(tuple(xs), {"indexing": draw(st.sampled_from(["xy", "ij"])), "sparse": draw(st.booleans())})


# -- borders and diagonals ---------------------------------------------------------------------------------------------


@case("pad")
@st.composite
def _(draw):
    shape = shapes(draw, smallest=1)
    mode = draw(st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap"]))
    width = draw(st.sampled_from([0, 2, (1, 3), ((2, 0),), [[k, 1] for k, _ in enumerate(shape)] or 0]))
    values = {"constant_values": draw(st.sampled_from([0, 1.5, (1, -1)]))} if mode == "constant" else {}
    return Call((floats(draw, shape), width, mode), values)


@case("zero_pad")
@st.composite
def _(draw):
    shape = shapes(draw)
    return Call((floats(draw, shape), tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape)))


@case("tril", "triu")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw, low=1, smallest=1)), draw(st.integers(-3, 3))))


@case("diag")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, high=2, smallest=1)
    return Call((floats(draw, shape), draw(st.integers(-1, 1) if len(shape) == 1 else st.just(0))))


@case("diagflat")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw, low=1)), draw(st.integers(-2, 2))))


def matrix_axes(draw):
    """A shape, a diagonal of two of its axes that has at least one entry, and the two axes."""
    shape = shapes(draw, low=2, smallest=1)
    axis1, axis2 = draw(st.permutations(range(len(shape))))[:2]
    offset = draw(st.integers(1 - shape[axis1], shape[axis2] - 1))
    return shape, (offset, axis1, draw(st.sampled_from([axis2, axis2 - len(shape)])))


@case("diagonal", "trace")
@st.composite
def _(draw):
    shape, options = matrix_axes(draw)
    return Call((floats(draw, shape), *options))


@case("into_diagonal")
@st.composite
def _(draw):
    shape, options = matrix_axes(draw)
    return Call((floats(draw, np.diagonal(np.empty(shape), *options).shape), shape, *options))


# -- joins and splits --------------------------------------------------------------------------------------------------


@case("concatenate")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    axis = draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1)))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    k = 0 if axis is None else axis % len(shape)
    return Call(([floats(draw, (*shape[:k], n, *shape[k + 1 :])) for n in lengths],), {"axis": axis})


@case("stack")
@st.composite
def _(draw):
    shape = shapes(draw)
    xs = [floats(draw, shape) for _ in range(draw(st.integers(1, 3)))]
    return Call((xs,), {"axis": draw(st.integers(-len(shape) - 1, len(shape)))})


@case("vstack", "hstack", "dstack", "column_stack")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call(([floats(draw, shape) for _ in range(draw(st.integers(1, 3)))],))


@case("append")
@st.composite
def _(draw):
    shape = shapes(draw, low=1)
    return Call((floats(draw, shape), floats(draw, shape)), {"axis": axis_of(draw, shape, none=True)})


@case("delete")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    gone = draw(st.sampled_from([0, -1, slice(1, None), [0], [0, -1]]))
    return Call((floats(draw, shape), gone, axis_of(draw, shape, none=True)))


@case("insert")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    axis = axis_of(draw, shape, none=True)
    obj = draw(st.sampled_from([0, -1, 1, [0], [1, 0], [1, 1], slice(0, 1)]))
    count = 1 if np.ndim(obj) == 0 else len(obj)
    k = None if axis is None else axis % len(shape)
    like = (count,) if k is None else (*shape[:k], count, *shape[k + 1 :])
    if k and np.ndim(obj) == 0 and not isinstance(obj, slice):
        like = (1, *shape[:k], *shape[k + 1 :])  # NumPy: at one place the slices stand along the first axis
    return Call((floats(draw, shape), obj, floats(draw, draw(st.sampled_from([(), like])))), {"axis": axis})


@case("unstack")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    return Call((floats(draw, shape),), {"axis": axis_of(draw, shape)})


@case("split", "array_split")
@st.composite
def _(draw):
    shape = (4, 4, *shapes(draw, high=1))
    cuts = draw(st.sampled_from([1, 2, 4, [1], [1, 3], [-1, 9], []]))
    return Call((floats(draw, shape), cuts, draw(st.sampled_from([0, 1, -len(shape)]))))


@case("hsplit", "vsplit", "dsplit")
@st.composite
def _(draw):
    return Call((floats(draw, (4, 2, 4)), draw(st.sampled_from([1, 2, [1], [0, 1]]))))
