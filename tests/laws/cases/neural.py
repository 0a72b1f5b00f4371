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


# -- normalisation -----------------------------------------------------------------------------------------------------


@case("standardise")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=2)
    axes = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    axis = draw(st.sampled_from([axes[0], axes[0] - len(shape), tuple(axes)]))
    return Call((floats(draw, shape, distinct=True),), {"axis": axis, "centre": draw(st.booleans()), "eps": 0.1})


@case("layer_norm")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, high=2, smallest=2)
    x = floats(draw, (*shapes(draw, high=2, smallest=1), *shape), distinct=True)
    return Call((x, shape, floats(draw, shape), floats(draw, shape)), {"eps": draw(st.sampled_from([1e-5, 0.1]))})


@case("rms_norm")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, high=2, smallest=1)
    x = floats(draw, (*shapes(draw, high=2, smallest=1), *shape), 0.3)
    return Call((x, shape, floats(draw, shape)), {"eps": draw(st.sampled_from([None, 0.1]))})


def images(draw, *, batch=1, inner=1):
    """Images (n, c, ...) and one number a channel, twice."""
    n, c = draw(st.integers(batch, 3)), draw(st.sampled_from([1, 2, 4]))
    size = tuple(draw(st.integers(2, 3)) for _ in range(draw(st.integers(inner, 2))))
    return floats(draw, (n, c, *size), distinct=True), floats(draw, (c,)), floats(draw, (c,))


@case("batch_norm")
@st.composite
def _(draw):
    x, weight, bias = images(draw, batch=2, inner=0)
    given = {"mean": floats(draw, weight.shape), "var": floats(draw, weight.shape, 0.5, 2.0)}
    return Call((x, weight, bias), draw(st.sampled_from([{}, given])))


@case("instance_norm")
@st.composite
def _(draw):
    return Call(images(draw))


@case("group_norm")
@st.composite
def _(draw):
    x, weight, bias = images(draw)
    groups = draw(st.sampled_from([g for g in (1, 2, 4) if x.shape[1] % g == 0]))
    return Call((x, groups, weight, bias))


@case("normalize")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return Call((floats(draw, shape, 0.2),), {"p": draw(st.sampled_from([1.0, 2.0, 3.0])), "axis": axis})


@case("cosine_similarity")
@st.composite
def _(draw):
    shape = shapes(draw, low=2, smallest=1)
    return Call((floats(draw, shape, 0.2), floats(draw, shape[1:], 0.2)), {"axis": draw(st.integers(1 - len(shape), -1))})


@case("local_response_norm")
@st.composite
def _(draw):
    return Call((images(draw)[0],), {"size": draw(st.integers(1, 5)), "alpha": 0.5})


# -- attention, words, places ------------------------------------------------------------------------------------------


@case("attention_weights")
@st.composite
def _(draw):
    scores = floats(draw, shapes(draw, low=2, smallest=1))
    return Call((scores, floats(draw, scores.shape[draw(st.integers(0, 2)) :])))


@case("scaled_dot_product_attention")
@st.composite
def _(draw):
    t, s, e, v = (draw(st.integers(1, 4)) for _ in range(4))
    batch = shapes(draw, high=2, smallest=1, largest=2)
    q, k, value = floats(draw, (*batch, t, e)), floats(draw, (*batch, s, e)), floats(draw, (*batch, s, v))
    return Call((q, k, value, floats(draw, (t, s))), {"scale": draw(st.sampled_from([None, 0.3]))})


@case("embedding")
@st.composite
def _(draw):
    weight = floats(draw, (draw(st.integers(1, 4)), draw(st.integers(1, 3))))
    return Call((indices(draw, len(weight)), weight))


@case("embedding_sum")
@st.composite
def _(draw):
    num = draw(st.integers(1, 4))
    k = indices(draw, num)
    return Call((floats(draw, (*k.shape, draw(st.integers(1, 3)))), k, num))


def indices(draw, n):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.integers(0, n, shapes(draw, high=2, largest=6))


@case("rotary")
@st.composite
def _(draw):
    x = floats(draw, (*shapes(draw, high=2), draw(st.integers(1, 4)), 2 * draw(st.integers(1, 3))))
    return Call((x, floats(draw, (x.shape[-2], x.shape[-1] // 2))))


@case("glu")
@st.composite
def _(draw):
    shape = [*shapes(draw, low=1, smallest=1)]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] *= 2
    return Call((floats(draw, tuple(shape)),), {"axis": axis})


# -- recurrent cells ---------------------------------------------------------------------------------------------------


def cell(draw, gates):
    """Input, state, and the parameters of a cell with so many gates."""
    batch, i, n = shapes(draw, high=2, smallest=1, largest=2), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    matrices = floats(draw, (gates * n, i)), floats(draw, (gates * n, n))
    biases = floats(draw, (gates * n,)), floats(draw, (gates * n,))
    return (*batch, n), (floats(draw, (*batch, i)), floats(draw, (*batch, n))), (*matrices, *biases)


@case("rnn_tanh_cell")
@st.composite
def _(draw):
    _, xs, parameters = cell(draw, 1)
    return Call((*xs, *parameters))


@case("gru_cell")
@st.composite
def _(draw):
    _, xs, parameters = cell(draw, 3)
    return Call((*xs, *parameters))


@case("lstm_cell")
@st.composite
def _(draw):
    shape, xs, parameters = cell(draw, 4)
    return Call((*xs, floats(draw, shape), *parameters))


@case("lstm_update")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    return Call((floats(draw, (*shape[:-1], 4 * shape[-1])), floats(draw, shape)))


@case("gru_update")
@st.composite
def _(draw):
    shape = shapes(draw, low=1, smallest=1)
    wide = (*shape[:-1], 3 * shape[-1])
    return Call((floats(draw, wide), floats(draw, wide), floats(draw, shape)))


# -- with lots drawn ---------------------------------------------------------------------------------------------------


@case("dropout")
@st.composite
def _(draw):
    x = floats(draw, shapes(draw))
    return Call((x,), {"mask": floats(draw, x.shape) > 0, "p": draw(st.sampled_from([0.0, 0.3, 1.0]))})


@case("gaussian_sample")
@st.composite
def _(draw):
    shape = shapes(draw)
    return Call((floats(draw, shape), floats(draw, shape)), {"noise": floats(draw, shape)})


@case("gumbel_softmax")
@st.composite
def _(draw):
    x, axis = matrix_like(draw)
    options = {"noise": floats(draw, x.shape, -1, 1), "tau": draw(st.sampled_from([0.8, 1.0])), "axis": axis}
    return Call((x / 3,), options)
