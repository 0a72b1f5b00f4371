"""Calls of products, of einsum, and of linear algebra.

The functions of a symmetric matrix are differentiated as functions of its symmetric part, while NumPy reads one
triangle; a law that moves single entries sees the difference. So here they get stacks of 1 x 1 matrices, and
tests/ops/test_linalg.py has the laws and the larger matrices for them.
"""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from . import Call, case, floats, shapes

sizes = st.integers(1, 3)


def stack_of(draw, *last, largest=3):
    """A shape that ends in `last`, with none, one or two axes before it."""
    return (*shapes(draw, high=2, smallest=1, largest=largest), *last)


def broadcast_stacks(draw):
    """Leading axes of two stacks that broadcast together."""
    whole = shapes(draw, high=2, smallest=1)
    kept = whole[draw(st.integers(0, len(whole))) :]
    return draw(st.permutations([whole, tuple(1 if draw(st.booleans()) else n for n in kept)]))


def regular(draw, shape):
    """Square matrices far from singular: a rotation-like part, and an identity that outweighs it."""
    return floats(draw, shape, -0.5, 0.5) + (2.0 + draw(st.integers(0, 1))) * np.eye(shape[-1])


def apart(draw, *shape):
    """Matrices whose singular values are far apart and far from 0: about 1.5, 3, 4.5, ..."""
    n, m = shape[-2:]
    diagonal = np.eye(n, m) * 1.5 * np.arange(1, m + 1)
    return floats(draw, shape, -0.2, 0.2) + diagonal


# -- products ----------------------------------------------------------------------------------------------------------


@case("matmul")
@st.composite
def _(draw):
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    one, other = broadcast_stacks(draw)
    first = draw(st.sampled_from([(k,), (*one, n, k)]))
    second = draw(st.sampled_from([(k,), (*other, k, m), (k, m)]))
    return Call((floats(draw, first), floats(draw, second)))


@case("dot")
@st.composite
def _(draw):
    k = draw(sizes)
    first = draw(st.sampled_from([(), (k,), (2, k), (2, 3, k)]))
    second = draw(st.sampled_from([(), (k,), (k, 2), (3, k, 2)]))
    return Call((floats(draw, first), floats(draw, second)))


@case("inner")
@st.composite
def _(draw):
    k = draw(sizes)
    choices = st.sampled_from([(), (k,), (2, k), (2, 3, k)])
    return Call((floats(draw, draw(choices)), floats(draw, draw(choices))))


@case("vdot")
@st.composite
def _(draw):
    n, m = draw(st.integers(0, 3)), draw(sizes)
    return Call((floats(draw, (n, m)), floats(draw, draw(st.sampled_from([(n, m), (m, n), (n * m,)])))))


@case("outer", "kron")
@st.composite
def _(draw):
    return Call((floats(draw, shapes(draw, smallest=1, largest=3)), floats(draw, shapes(draw, smallest=1, high=2))))


@case("tensordot")
@st.composite
def _(draw):
    a, b, axes = draw(st.sampled_from([
        ((2, 3, 4), (3, 4, 2), 2), ((2, 3), (4,), 0), ((3,), (3,), 1), ((2, 3, 4), (4, 3, 2), ((1, 2), (1, 0))),
        ((2, 3), (2, 4), ((-2,), (0,))), ((2, 0), (0, 3), 1),
    ]))  # fmt: skip
    return Call((floats(draw, a), floats(draw, b)), {"axes": axes})


@case("cross")
@st.composite
def _(draw):
    if draw(st.booleans()):
        one, other = broadcast_stacks(draw)
        return Call((floats(draw, (*one, 3)), floats(draw, (*other, 3))))
    options = draw(st.sampled_from([{"axis": 0}, {"axisa": 0, "axisb": 0, "axisc": 0}]))
    return Call((floats(draw, (3, 2)), floats(draw, (3, 2))), options)


@case("vecdot")
@st.composite
def _(draw):
    one, other = broadcast_stacks(draw)
    k = draw(st.integers(0, 3))
    return Call((floats(draw, (*one, k)), floats(draw, (*other, k))))


@case("matvec")
@st.composite
def _(draw):
    (one, other), n, k = broadcast_stacks(draw), draw(sizes), draw(sizes)
    return Call((floats(draw, (*one, n, k)), floats(draw, (*other, k))))


@case("vecmat")
@st.composite
def _(draw):
    (one, other), n, k = broadcast_stacks(draw), draw(sizes), draw(sizes)
    return Call((floats(draw, (*one, n)), floats(draw, (*other, n, k))))


@case("linear")
@st.composite
def _(draw):
    i, o = draw(sizes), draw(sizes)
    bias = floats(draw, (o,)) if draw(st.booleans()) else None
    return Call((floats(draw, (*shapes(draw, high=2), i)), floats(draw, (o, i)), bias))


@case("bilinear")
@st.composite
def _(draw):
    i, j, o, rows = draw(sizes), draw(sizes), draw(sizes), shapes(draw, high=2, smallest=1)
    arrays = floats(draw, (*rows, i)), floats(draw, (*rows, j)), floats(draw, (o, i, j)), floats(draw, (o,))
    return Call(arrays)


@case("convolve", "correlate")
@st.composite
def _(draw):
    mode = draw(st.sampled_from(["full", "same", "valid"]))
    return Call((floats(draw, (draw(st.integers(1, 5)),)), floats(draw, (draw(st.integers(1, 5)),))), {"mode": mode})


@case("polyval")
@st.composite
def _(draw):
    return Call((floats(draw, (draw(st.integers(1, 4)),)), floats(draw, shapes(draw, high=2), -1.5, 1.5)))


@case("vander")
@st.composite
def _(draw):
    options = {"N": draw(st.sampled_from([None, 2, 3])), "increasing": draw(st.booleans())}
    return Call((floats(draw, (draw(st.integers(2, 4)),), -1.5, 1.5),), options)


# -- einsum ------------------------------------------------------------------------------------------------------------

EINSUMS = [
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->", (2, 3)),
    ("ba", (2, 3)),
    ("iijj->ij", (2, 2, 3, 3)),
    ("...ii->...i", (2, 3, 3)),
    ("->", ()),
    ("i,i->", (2,), (2,)),
    ("ij,j->i", (2, 3), (3,)),
    ("ii,i->i", (3, 3), (3,)),
    ("ij,jk", (2, 3), (3, 2)),
    ("i,j->", (2,), (3,)),
    ("...i,...i->...", (4, 1, 3), (2, 3)),
    ("ij,ij->", (2, 1), (2, 3)),
    ("ij,ij->j", (2, 1), (1, 3)),
    ("iij,jkk->ik", (2, 2, 3), (3, 2, 2)),
    ("i...,...->i...", (2, 3), (4, 1)),
    ("bhqd,bhkd->bhqk", (2, 1, 3, 2), (2, 1, 2, 2)),
    (",ij->ij", (), (2, 3)),
    ("ij,jk->ik", (2, 0), (0, 3)),
    ("ij,k->k", (2, 3), (4,)),
    ("i,i,i->", (1,), (1,), (3,)),
    ("ij , jk, kl -> il", (2, 3), (3, 2), (2, 2)),
    ("ijk,ilk,jl->i", (2, 3, 2), (2, 2, 2), (3, 2)),
]


@case("einsum")
@st.composite
def _(draw):
    subscripts, *operands = draw(st.sampled_from(EINSUMS))
    arrays = [np.asarray(floats(draw, shape)) for shape in operands]
    return Call((subscripts, *arrays), {"optimize": draw(st.sampled_from([False, True, "greedy"]))})


@case("einsum_single")
@st.composite
def _(draw):
    subscripts = draw(st.sampled_from(["ij->ji", "ij->", "ij->i", "ij->j", "ii->i", "ii->", "iji->ij", "jij->i", "ij->ij"]))
    size = {"i": draw(st.integers(0, 3)), "j": draw(st.integers(0, 3))}
    return Call((floats(draw, tuple(size[c] for c in subscripts.split("->")[0])), subscripts))


@case("spread_diagonal")
@st.composite
def _(draw):
    subscripts = draw(st.sampled_from(["ii", "iij", "iji", "jiij", "ij"]))
    size = {"i": draw(st.integers(0, 3)), "j": draw(st.integers(0, 3))}
    distinct = tuple(size[c] for c in dict.fromkeys(subscripts))
    return Call((floats(draw, distinct), subscripts, tuple(size[c] for c in subscripts)))


@case("einsum_pair")
@st.composite
def _(draw):
    two = [(s, *o) for s, *o in EINSUMS if len(o) == 2 and "->" in s and "." not in s and "ii" not in s]
    subscripts, first, second = draw(st.sampled_from(two))
    return Call((np.asarray(floats(draw, first)), floats(draw, second), subscripts))


# -- systems and determinants ------------------------------------------------------------------------------------------


@case("solve", "solve_triangular")
@st.composite
def _(draw):
    (one, other), n, k = broadcast_stacks(draw), draw(sizes), draw(sizes)
    a = regular(draw, (*one, n, n))
    return Call((a, floats(draw, draw(st.sampled_from([(n,), (*other, n, k)])))))


@case("cholesky_solve")
@st.composite
def _(draw):
    n = draw(sizes)
    b = floats(draw, draw(st.sampled_from([(n,), (n, 2), (2, n, 1)])))
    return Call((b, regular(draw, stack_of(draw, n, n, largest=2)[-3:] if b.ndim < 3 else (n, n))),
                {"upper": draw(st.booleans())})  # fmt: skip


@case("inv", "det", "slogdet", "logdet", "cofactor", "expm")
@st.composite
def _(draw):
    n = draw(sizes)
    return Call((regular(draw, stack_of(draw, n, n, largest=2)),))


@case("second_cofactor")
@st.composite
def _(draw):
    n = draw(sizes)
    x = regular(draw, stack_of(draw, n, n, largest=2))
    return Call((x, floats(draw, x.shape)))


@case("matrix_power")
@st.composite
def _(draw):
    n = draw(sizes)
    return Call((regular(draw, stack_of(draw, n, n, largest=2)), draw(st.integers(-3, 4))))


@case("pinv")
@st.composite
def _(draw):
    return Call((apart(draw, *stack_of(draw, draw(sizes), draw(sizes), largest=2)),))


@case("lstsq")
@st.composite
def _(draw):
    m, n = draw(sizes), draw(sizes)
    return Call((apart(draw, m, n), floats(draw, draw(st.sampled_from([(m,), (m, 2)])))))


@case("multi_dot")
@st.composite
def _(draw):
    n = draw(st.lists(sizes, min_size=3, max_size=5))
    arrays = [floats(draw, pair) for pair in pairwise(n)]
    arrays[0] = arrays[0][0] if draw(st.booleans()) else arrays[0]
    return Call((arrays,))


@case("tensorinv")
@st.composite
def _(draw):
    return Call((regular(draw, (6, 6)).reshape(draw(st.sampled_from([(2, 3, 6), (3, 2, 2, 3)]))),))


@case("tensorsolve")
@st.composite
def _(draw):
    a = regular(draw, (6, 6))
    return Call(draw(st.sampled_from([
        (a.reshape(2, 3, 3, 2), floats(draw, (2, 3))), (a.reshape(6, 2, 3), floats(draw, (6,))),
    ])))  # fmt: skip


# -- norms and decompositions ------------------------------------------------------------------------------------------


@case("vector_norm")
@st.composite
def _(draw):
    x = floats(draw, shapes(draw, smallest=1), 0.2, 3.0, distinct=True)
    x = x * draw(st.sampled_from([-1, 1]))
    axis = draw(st.sampled_from([None, *range(-x.ndim, x.ndim), *([(0, -1)] if x.ndim > 1 else [])]))
    return Call((x,), {"axis": axis, "keepdims": draw(st.booleans()),
                       "ord": draw(st.sampled_from([2, 1, 0, 3, 2.5, 1.5, 0.5, -1, np.inf, -np.inf]))})  # fmt: skip


@case("norm")
@st.composite
def _(draw):
    keepdims = draw(st.booleans())
    if draw(st.booleans()):
        x = floats(draw, shapes(draw, low=1, smallest=1), 0.2, 3.0, distinct=True)
        return Call((x,), {"axis": draw(st.sampled_from([None, -1])), "keepdims": keepdims})
    order = draw(st.sampled_from([None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]))
    return Call((apart(draw, 2, 3, 3) + 0.1 * np.arange(9.0).reshape(3, 3), order),
                {"axis": draw(st.sampled_from([(-2, -1), (2, 1)])), "keepdims": keepdims})  # fmt: skip


@case("matrix_norm")
@st.composite
def _(draw):
    x = apart(draw, *stack_of(draw, 3, draw(sizes), largest=2))
    return Call((x,), {"keepdims": draw(st.booleans()), "ord": draw(st.sampled_from(["fro", "nuc", 2, -2]))})


@case("cond")
@st.composite
def _(draw):
    n = draw(st.integers(2, 3))
    order = draw(st.sampled_from([None, 2, -2, "fro", "nuc"]))
    return Call((apart(draw, *stack_of(draw, n, n, largest=2)), order))


@case("svd")
@st.composite
def _(draw):  # with at most two singular values: LAPACK's choice of signs then stays the same over the steps of a law
    m, n = draw(st.sampled_from([(1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2)]))
    return Call((apart(draw, *stack_of(draw, m, n, largest=2)), m == n), {"compute_uv": draw(st.booleans())})


@case("svdvals")
@st.composite
def _(draw):
    return Call((apart(draw, *stack_of(draw, draw(sizes), draw(sizes), largest=2)),))


@case("qr")
@st.composite
def _(draw):
    return Call((apart(draw, *stack_of(draw, draw(sizes), draw(sizes), largest=2)), draw(st.sampled_from(["reduced", "r"]))))


@case("cholesky")
@st.composite
def _(draw):
    return Call((floats(draw, stack_of(draw, 1, 1), 0.5, 3.0),), {"upper": draw(st.booleans())})


@case("eigh", "eigvalsh")
@st.composite
def _(draw):
    return Call((floats(draw, stack_of(draw, 1, 1)),), {"UPLO": draw(st.sampled_from(["L", "U"]))})
