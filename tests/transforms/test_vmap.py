"""`vmap`: what is split and joined along which axis, what it says when that does not fit, and how it composes."""

import mpmath
import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value, ops
from tinygrad_edu.errors import DTypeError, NotDifferentiable, OptionError, ShapeError
from tinygrad_edu.transforms import grad, hessian, jacobian, jvp, root, value_and_grad, vjp, vmap
from tinygrad_edu.transforms.batch import Batch, active

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3, 4))
W = rng.normal(size=(4, 2))


lambertw = np.vectorize(lambda x: float(mpmath.lambertw(x)))


def same(got, expected):
    assert type(got) is np.ndarray
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)


# -- which axis ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3, np.int64(1)])
def test_any_axis_of_an_argument_counts_the_examples(axis):
    same(vmap(lambda x: np.cumsum(x, 0), in_axes=axis)(X), np.stack([np.cumsum(x, 0) for x in np.moveaxis(X, axis, 0)]))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_any_axis_of_a_result_counts_the_examples(axis):
    same(vmap(np.tanh, out_axes=axis)(X), np.moveaxis(np.tanh(X), 0, axis))


def test_an_argument_with_none_is_the_same_for_all():
    same(vmap(lambda x, w: x @ w, in_axes=(0, None))(X, W), X @ W)
    same(vmap(lambda x, w: x @ w, in_axes=[0, None])(X, W), X @ W)


def test_axes_follow_the_nest_of_the_argument():
    def f(p, x):
        return p["a"] * x + p["b"][0] * p["b"][1]

    p = {"b": (rng.normal(size=(4, 5)), 2.0), "a": rng.normal(size=(5, 4))}
    expected = np.stack([p["a"][i] * X[i] + p["b"][0][:, i] * 2.0 for i in range(5)])
    same(vmap(f, in_axes=({"a": 0, "b": (1, None)}, 0))(p, X), expected)


def test_results_are_nested_as_the_function_returns_them():
    y = vmap(lambda x: {"a": (x.sum(), [x[0]]), "b": None}, out_axes={"a": (0, -1), "b": 0})(X)
    assert list(y) == ["a", "b"]
    assert y["b"] is None
    same(y["a"][0], X.sum((1, 2)))
    same(y["a"][1][0], X[:, 0].T)


def test_keyword_arguments_are_split_along_axis_0():
    same(vmap(lambda x, *, w: x * w, in_axes=1)(X, w=np.arange(3.0)), np.moveaxis(X, 1, 0) * np.arange(3.0)[:, None, None])


def test_without_a_split_argument_the_size_is_said():
    same(vmap(lambda w: w.sum(), in_axes=None, axis_size=3)(W), np.full(3, W.sum()))
    same(vmap(lambda: np.float64(2), axis_size=3)(), np.full(3, 2.0))


def test_a_result_that_is_the_same_for_all_is_repeated_or_returned_once():
    y, z, n = vmap(lambda x: (W, W, 2), out_axes=(1, None, 0))(X)
    same(y, np.stack([W] * 5, 1))
    y[0] = 1  # the caller's own
    assert z is W
    assert n.tolist() == [2] * 5


def test_no_examples_give_results_without_examples():
    y, z = vmap(lambda x: (np.tanh(x @ W), np.max(x)))(X[:0])
    assert y.shape == (0, 3, 2)
    assert z.shape == (0,)


def test_dtypes_stay_what_they_are():
    for dtype in (np.float16, np.float32, np.int32, bool):
        assert vmap(lambda x: x)(X.astype(dtype)).dtype == dtype
        assert vmap(np.positive if dtype is not bool else np.logical_not)(X.astype(dtype)).dtype == dtype
    assert vmap(lambda x: 2.0 * x.sum())(X.astype(np.float32)).dtype == np.float32


# -- chunks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_chunks_change_nothing(size):
    seen = []

    def f(x, w):
        seen.append(active()[0][1])
        return x @ w, (x.sum(), w)

    y, (z, w) = vmap(f, in_axes=(0, None), out_axes=(1, (0, None)), chunk_size=size)(X, W)
    same(y, np.moveaxis(X @ W, 0, 1))
    same(z, X.sum((1, 2)))
    assert w is W
    assert max(seen) == min(size, 5)
    assert sum(seen) == 5


# -- what does not fit -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: vmap(np.tanh, in_axes=1.5), OptionError, "in_axes is an integer, None"),
        (lambda: vmap(np.tanh, in_axes=True), OptionError, "in_axes is an integer, None"),
        (lambda: vmap(np.tanh, out_axes=("x",)), OptionError, "out_axes is an integer, None"),
        (lambda: vmap(np.tanh, chunk_size=0), OptionError, "chunk_size is an integer of at least 1"),
        (lambda: vmap(np.tanh, axis_size=-1), OptionError, "axis_size is an integer of at least 0"),
        (lambda: vmap(np.tanh, in_axes=3)(X), ShapeError, "in_axes has axis 3 for an array of shape (5, 3, 4)"),
        (lambda: vmap(np.tanh)(np.float64(1)), ShapeError, "axis 0 for an array of shape ()"),
        (lambda: vmap(np.tanh)([1.0, 2.0]), DTypeError, "takes lists apart; got a float. Write np.array(x)"),
        (lambda: vmap(np.tanh, in_axes=(0, 0))(X), OptionError, "2 entries for 1 arguments"),
        (lambda: vmap(lambda p: p["a"], in_axes=({"b": 0},))({"a": X}), OptionError, "does not fit"),
        (lambda: vmap(np.tanh, in_axes=None)(X), OptionError, "say how many examples there are with axis_size="),
        (lambda: vmap(np.add)(X, W), ShapeError, "argument 0 has 5 along axis 0, argument 1 has 4 along axis 0"),
        (lambda: vmap(lambda p: p[0])((X, W)), ShapeError,
         "argument 0 (leaf 0) has 5 along axis 0, argument 0 (leaf 1) has 4"),
        (lambda: vmap(lambda x, w: x)(X, w=W), ShapeError, "argument 0 has 5 along axis 0, w has 4"),
        (lambda: vmap(np.tanh, axis_size=4)(X), ShapeError, "argument 0 has 5 along axis 0, and axis_size is 4"),
        (lambda: vmap(np.tanh, out_axes=None)(X), OptionError, "the same for all examples; this one is not"),
        (lambda: vmap(np.tanh, out_axes=3)(X), OptionError, "out_axes has axis 3 for a result of shape (3, 4)"),
        (lambda: vmap(lambda x: "text")(X), DTypeError, "returned a str"),
        (lambda: vmap(lambda x: (x, x), out_axes=(0,))(X), OptionError, "does not fit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(call, error, says):
    with pytest.raises(error) as caught:
        call()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (lambda x: x if x.sum() > 0 else -x, "np.where(condition, a, b)"),
        (lambda x: float(x.sum()), "no single float"),
        (lambda x: int(x.sum()), "write x.data.astype(int)"),
        (lambda x: x.sum().item(), "no single float"),
        (lambda x: x.tolist(), "no single list"),
        (lambda x: np.asarray(x), "np.stack([...])"),
        (lambda x: Value(x), "grad(f)(x) differentiates by it"),
        (lambda x: W[np.argmax(x[0])], "tg.ops.take(array, i, axis)"),
        (lambda x: range(np.argmax(x)), "tg.ops.take(array, i, axis)"),
        (lambda x: x[x > 0], "np.where(mask, x, 0)"),
        (lambda x: np.nonzero(x), "np.where(condition, x, 0)"),
        (lambda x: np.unique(x), "np.where(condition, x, 0)"),
        (lambda x: np.where(x > 0), "np.where(condition, x, 0)"),
        (lambda x: np.save("x.npy", x), "return the array from the function"),
        (lambda x: np.sum(x, dtype=np.float32), "x.astype"),
        (lambda x: np.add(x, x, out=np.zeros((3, 4))), "use the result"),
        (lambda x: np.apply_along_axis(np.sum, 0, x), "np.apply_along_axis is not known inside vmap"),
        (lambda x: np.argmax(x, out=np.zeros((), int)), "use the result"),
        (lambda x: np.any(x > 0, where=X[0] > 1), "np.where"),
        (lambda x: np.less(x, 0, out=np.zeros((3, 4), bool)), "use the result"),
        (lambda x: np.array([x, x]), "np.stack([...])"),
        (lambda x: x.__setitem__(0, 1.0), "tg.ops.index_put(x, index, new)"),
    ],
)
def test_what_cannot_be_done_for_all_examples_says_what_to_write(f, says):
    with pytest.raises(NotDifferentiable) as caught:
        vmap(f)(X)
    assert says in str(caught.value)


WRONG = [
    lambda x: ops.linear(x, W), lambda x: ops.linear(W.T, x, x[0]), lambda x: ops.linear(x[0, 0], x),
    lambda x: ops.linear(x[0], x, x[0]), lambda x: np.convolve(x[0, :0], x[0]), lambda x: np.convolve(x[0], x[0], "most"),
    lambda x: np.linalg.solve(x, x[0]), lambda x: np.linalg.solve(x[0], x[0]), lambda x: np.linalg.solve(x[:, :3], x[0, 0]),
    lambda x: np.linalg.det(x[0]), lambda x: np.matmul(x, 2.0), lambda x: np.matmul(2.0, x), lambda x: x @ x,
    lambda x: ops.quadratic_cost(x, x[0]), lambda x: ops.quadratic_cost(x[0, 0], x[0, 0]), lambda x: x.reshape(5, -1),
    lambda x: x.reshape(7), lambda x: x[:0].reshape(-1, 0), lambda x: x.transpose(0, 0), lambda x: np.transpose(x, (0,)),
    lambda x: np.transpose(x, (1, 2)), lambda x: np.broadcast_to(x, (4,)), lambda x: np.broadcast_to(x, (3, 5)),
    lambda x: np.squeeze(x, 0), lambda x: np.sum(x, 2), lambda x: np.sum(x, (0, -2)), lambda x: np.cumsum(x, -3),
    lambda x: ops.softmax(x, 2), lambda x: np.flip(x, 5), lambda x: np.expand_dims(x, 4), lambda x: np.concatenate([x, x[0]]),
    lambda x: np.stack([x, x], 4), lambda x: np.swapaxes(x, 0, 2), lambda x: np.diagonal(x, 0, 0, 2), lambda x: x[3],
    lambda x: x[:, 0, 0], lambda x: x[:, [4]], lambda x: ops.getitem(x, (0, 0, np.argmax(x, 0))), lambda x: x[x],
    lambda x: ops.index_put(x, x[:, :2] > 0, 0.0), lambda x: ops.index_put(x, 0, x), lambda x: np.einsum("ij,jk", x, x),
    lambda x: ops.embedding(np.array([3]), x), lambda x: ops.embedding(np.argmax(x, 1), W[:2]),
    lambda x: ops.cross_entropy(x, np.array([0, 1])), lambda x: ops.cross_entropy(x, np.argmax(x, 1), reduction="most"),
    lambda x: ops.dropout(x, x[0, :2] > 0), lambda x: ops.rotary(x, x), lambda x: ops.conv1d(x[None], x[None, :2]),
]  # fmt: skip


@pytest.mark.parametrize("f", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_of_an_example_is_wrong_of_many(f):
    with pytest.raises((ValueError, TypeError, IndexError)):
        f(X[0])
    with pytest.raises((ValueError, TypeError, IndexError)):
        vmap(f)(X)


def test_entries_of_an_array_are_not_set_to_those_of_all_examples():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0, 0]
        return y

    with pytest.raises(ValueError, match="setting an array element") as caught:  # NumPy's; ours is its cause
        vmap(f)(X)
    assert type(caught.value.__cause__) is NotDifferentiable


def test_an_error_inside_tells_the_shapes_of_an_example():
    with pytest.raises(ShapeError) as caught:
        vmap(lambda x: x @ W.T)(X)
    assert "an example has float64[3, 4], float64[2, 4]" in "".join(caught.value.__notes__)


def test_a_batch_shows_the_shape_of_an_example():
    def f(x):
        assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((3, 4), 2, 12, 3, np.float64)
        assert repr(x).startswith("Batch(shape=(3, 4), dtype=float64, examples: 5 of level ")
        assert len({x, x}) == 1
        assert np.array_repr(x) == repr(x)
        assert x.data.shape == (3, 4)
        return list(x)

    for got, expected in zip(vmap(f)(X), np.moveaxis(X, 1, 0), strict=True):
        same(got, expected)
    with pytest.raises(TypeError, match="has no length"):
        vmap(lambda x: len(x.sum()))(X)


# -- other kinds of array beside it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [np.asarray, Value], ids=["array", "Value"])
def test_operators_take_arrays_and_values_on_either_side(make):
    c = rng.uniform(1, 2, (3, 4))
    x = np.abs(X) + 1
    pairs = [
        lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a**b,
        lambda a, b: a // b, lambda a, b: a % b, lambda a, b: a @ b.mT, lambda a, b: divmod(a, b)[1],
        lambda a, b: np.stack([a, b]), lambda a, b: np.concatenate([a, b]), lambda a, b: np.maximum(a, b),
        lambda a, b: np.where(a > b, a, b), lambda a, b: np.float64(2) * a - b * np.float32(3), lambda a, b: -a + abs(+b),
    ]  # fmt: skip
    for f in pairs:
        for g in (f, lambda a, b, f=f: f(b, a)):
            got = vmap(lambda a, g=g: g(a, make(c)))(x)
            same(got.data if make is Value else got, np.stack([g(one, c) for one in x]))


@pytest.mark.parametrize("make", [np.asarray, Value], ids=["array", "Value"])
def test_comparisons_give_truth_values_of_each_example(make):
    pairs = [lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b, lambda a, b: a == b,
             lambda a, b: a != b, lambda a, b: (a < b) & (a > 0), lambda a, b: (a < b) | (a > 0),
             lambda a, b: (a < b) ^ (a > 0), lambda a, b: ~(a < b), lambda a, b: True & (a < b),
             lambda a, b: False | (a < b), lambda a, b: True ^ (a < b)]  # fmt: skip
    for f in pairs:
        for g in (f, lambda a, b, f=f: f(b, a)):
            got = vmap(lambda a, g=g: g(a, make(X[1])))(X)
            assert got.dtype == bool
            assert np.array_equal(got, np.stack([g(one, X[1]) for one in X]))


def test_integers_and_truth_values_can_be_split():
    k = np.array([[1, 2], [3, 4]])
    assert vmap(lambda k: (k << 1) + (k >> 1) + k % 3 + (k & 1))(k).tolist() == [[4, 7], [8, 11]]
    assert vmap(lambda m: np.where(m, 1, 0) + m.any() + m.all())(k > 1).tolist() == [[1, 2], [3, 3]]


def whole(x):
    """Without a fraction, as integers; of a graph's numbers."""
    return (x.data if isinstance(x, Batch) else x).astype(int)


METHODS = [
    lambda x: x.sum(0), lambda x: x.mean(1, keepdims=True), lambda x: x.prod(), lambda x: x.max(-1),
    lambda x: x.min(axis=(0, 1)), lambda x: x.var(0), lambda x: x.std(ddof=1), lambda x: x.cumsum(1), lambda x: x.cumsum(),
    lambda x: x.cumprod(0), lambda x: x.clip(-1, 1), lambda x: x.round(2), lambda x: x.argmax(0), lambda x: x.argmin(),
    lambda x: x.argsort(0), lambda x: x.reshape(2, 6), lambda x: x.reshape(-1), lambda x: x.reshape((2, -1)),
    lambda x: x.ravel(), lambda x: x.flatten(), lambda x: x.transpose(1, 0), lambda x: x.transpose(), lambda x: x.T,
    lambda x: x.mT, lambda x: x.swapaxes(0, 1), lambda x: x[None].squeeze(0), lambda x: x[:, :1].squeeze(),
    lambda x: x.diagonal(), lambda x: x.diagonal(1, -1, 0), lambda x: x.trace(), lambda x: x.take([0, 2], 1),
    lambda x: x.take(5), lambda x: x.repeat(2, 1), lambda x: x.dot(W), lambda x: x.copy(), lambda x: x.astype(np.float32),
    lambda x: whole(3 * x), lambda x: (x > 0).any(0), lambda x: (x > 0).all(),
    lambda x: round(x, 1) if type(x) is not np.ndarray else np.round(x, 1),
]  # fmt: skip


@pytest.mark.parametrize("f", METHODS, ids=range(len(METHODS)))
def test_methods_of_an_array(f):
    expected = np.stack([f(x) for x in X])
    got = vmap(f)(X)
    assert got.dtype == expected.dtype
    same(got, expected)


WITHOUT_GRADIENT = [
    lambda x: np.isnan(x), lambda x: np.isinf(np.where(x > 0, np.inf, x)), lambda x: np.signbit(x),
    lambda x: np.isclose(x, 0.3, atol=0.5), lambda x: np.isclose(x, 0.3, atol=abs(x[0, 0])),
    lambda x: np.argsort(x, 0, "stable"), lambda x: np.shape(a=x) + x[0, :2], lambda x: np.argpartition(x, kth=1)[:, 1],
    lambda x: np.argpartition(x, (0, 2), None)[2], lambda x: np.argmax(a=x, axis=0), lambda x: np.all(x, 0, None, True),
    lambda x: np.any(x > 0, where=x > 1), lambda x: np.allclose(x, 0.3, atol=2.0), lambda x: np.array_equal(x, X[1]),
    lambda x: np.argmax(x), lambda x: np.argmax(x, axis=1, keepdims=True), lambda x: np.argmin(x, 0),
    lambda x: np.argsort(x, None), lambda x: np.argpartition(x, 1, axis=0)[1], lambda x: np.nanargmax(x, 1),
    lambda x: np.count_nonzero(x > 0, axis=0), lambda x: np.any(x > 1, keepdims=True), lambda x: np.all(x > -1, axis=(0, 1)),
    lambda x: np.logical_not(x > 0), lambda x: np.logical_and(x > 0, X[0] > 0), lambda x: np.isin(x > 0, [True]),
    lambda x: np.searchsorted(np.arange(-3.0, 3), x), lambda x: np.digitize(x[0], np.arange(-3.0, 3)),
    lambda x: np.histogram(x, bins=np.arange(-4.0, 5))[0], lambda x: np.bincount(np.abs(whole(x)).ravel(), minlength=9),
    lambda x: np.linalg.matrix_rank(x), lambda x: np.lexsort(x), lambda x: np.zeros_like(x),
    lambda x: np.ones_like(x, dtype=np.float32), lambda x: np.full_like(x, 2.0), lambda x: np.full_like(x, x[0]),
    lambda x: np.array(np.shape(x)), lambda x: np.ndim(x) + np.size(x), lambda x: np.size(x, 1),
    lambda x: np.zeros(3, np.result_type(x, np.float32)), lambda x: np.unravel_index(np.argmax(x), (3, 4))[1],
    lambda x: np.bitwise_count(whole(x)), lambda x: np.gcd(whole(x), 6), lambda x: np.add.reduce(x),
    lambda x: np.maximum.reduce(x, axis=1), lambda x: np.multiply.accumulate(x, 1),
    lambda x: np.subtract.outer(x[0], x[:, 0]), lambda x: np.modf(x)[0], lambda x: np.clip(x, -1, None),
    lambda x: np.block([[x, x], [x, 2 * x]]),
]  # fmt: skip


@pytest.mark.parametrize("f", WITHOUT_GRADIENT, ids=range(len(WITHOUT_GRADIENT)))
def test_numpy_functions_that_are_no_ops(f):
    expected = np.stack([f(x) for x in X])
    same(vmap(f)(X), expected)
    same(vmap(vmap(f))(np.stack([X, X[::-1]])), np.stack([expected, expected[::-1]]))
    graph = vmap(f)(Value(X))
    same(graph.data if type(graph) is Value else graph, expected)


# -- together with derivatives ---------------------------------------------------------------------------------------


def loss(w, x, t):
    return ((np.tanh(x @ w) - t) ** 2).sum()


def test_a_gradient_for_each_example_is_that_of_the_loop():
    t = rng.normal(size=(5, 3, 2))
    got = vmap(grad(loss), in_axes=(None, 0, 0))(W, X, t)
    same(got, np.stack([grad(loss)(W, x, one) for x, one in zip(X, t, strict=True)]))
    values, gs = vmap(value_and_grad(loss, argnums=(0, 1)), in_axes=(None, 0, 0))(W, X, t)
    same(values, np.array([loss(W, x, one) for x, one in zip(X, t, strict=True)]))
    same(gs[1], np.stack([grad(loss, 1)(W, x, one) for x, one in zip(X, t, strict=True)]))


def test_grad_of_vmap_of_grad_of_vmap():
    def inner(x, s):
        return vmap(lambda row: np.sin(s * row).prod())(x).sum()

    def outer(s):
        return (vmap(grad(inner), in_axes=(0, None))(X, s) ** 2).sum()

    def by_hand(s):  # d/dx of prod_k sin(s x_k), squared and summed
        total = 0.0
        for row in X.reshape(-1, 4):
            for k in range(4):
                total += (s * np.cos(s * row[k]) * np.prod(np.delete(np.sin(s * row), k))) ** 2
        return total

    h = 1e-6
    np.testing.assert_allclose(grad(outer)(0.7), (by_hand(0.7 + h) - by_hand(0.7 - h)) / (2 * h), rtol=1e-7)


def test_forward_mode_and_second_derivatives_for_each_example():
    def f(x):
        return (np.sin(x) * x).sum()

    same(vmap(hessian(f))(X[:, 0]), np.stack([np.diag(2 * np.cos(x) - x * np.sin(x)) for x in X[:, 0]]))
    y, t = vmap(lambda x, d: jvp(np.tanh, (x,), (d,)))(X, X**2)
    same(y, np.tanh(X))
    same(t, (1 - np.tanh(X) ** 2) * X**2)


def test_a_pullback_made_outside_takes_many_cotangents_inside():
    y, pull = vjp(lambda x, w: np.tanh(x @ w), X[0], W)
    cs = rng.normal(size=(7, *y.shape))
    gx, gw = vmap(pull)(cs)
    same(gx, np.stack([pull(c)[0] for c in cs]))
    same(gw, np.stack([pull(c)[1] for c in cs]))
    gx, _ = vmap(vmap(pull))(np.stack([cs, 2 * cs]))
    same(gx[1], np.stack([2 * pull(c)[0] for c in cs]))


def test_an_argument_of_the_outer_vmap_only_is_differentiated_in_the_inner_one():
    x, k = np.array([0.1, 0.2, 0.3]), np.array([2.0, 5.0])
    got = vmap(lambda a: vmap(lambda b: grad(lambda v: np.sin(v) * b)(a))(k))(x)
    np.testing.assert_allclose(got, np.cos(x)[:, None] * k, rtol=1e-15)


def test_values_that_the_function_captures_get_their_gradients():
    w, x = Value(W), Value(X)
    y = vmap(lambda x: np.tanh(x @ w).sum())(x)
    assert type(y) is Value
    y.sum().backward()
    v, u = Value(W), Value(X)
    np.tanh(u @ v).sum().backward()
    same(w.grad, v.grad)
    same(x.grad, u.grad)


def test_many_rows_and_one_matrix_stay_one_product():
    """One large product is many times as fast as many small ones."""
    x, w = Value(X), Value(W)
    for f, axes in [(lambda x: x @ w, 0), (lambda x: x[0] @ w, 0), (lambda x: W.T @ x[0], 0), (lambda x: x @ w, 1)]:
        products = [v for v in tg.Graph(vmap(f, axes)(x)) if v.op and v.op.name == "matmul"]
        assert [v.ndim for v in products] == [2]


def test_nothing_stays_active_after_an_error():
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 / 0)(X)
    assert active() == ()


def test_an_array_of_a_vmap_that_is_over_does_not_come_out_of_another():
    kept = []
    vmap(lambda x: kept.append(x) or x)(np.ones(3))
    with pytest.raises(NotDifferentiable, match="another vmap, which is over"):
        vmap(lambda x: x + kept[0])(np.ones(3))


def test_random_numbers_drawn_inside_are_the_same_for_all_examples():
    y = vmap(lambda x: x + np.random.default_rng(0).normal(size=4))(np.zeros((3, 4)))
    assert np.array_equal(y[0], y[1])
    same(y[0], np.random.default_rng(0).normal(size=4))


def test_a_users_own_op_is_done_by_its_kind():
    @tg.elementwise(dx=lambda x: 3 * x * x, name="cubed_for_vmap")
    def cubed(x):
        return x * x * x

    @tg.primitive(gx=lambda g, y: g * y, name="looped_for_vmap")
    def looped(x):
        assert np.ndim(x) == 1  # it is written for one example
        return np.exp(x)

    try:
        same(vmap(cubed)(X), X**3)
        same(vmap(vmap(looped))(X), np.exp(X))
        same(vmap(vmap(grad(lambda x: looped(x).sum())))(X), np.exp(X))
    finally:
        del tg.REGISTRY["cubed_for_vmap"], tg.REGISTRY["looped_for_vmap"]


def test_ops_that_are_written_with_transforms_are_mapped_and_differentiated():
    """Lambert's W by Newton's method, its derivative by that of its inverse; to an op all examples are one array."""

    def newton(x):
        return root(lambda w: w * np.exp(w) - x, np.ones_like(x))

    def slope(x, y):
        return 1 / jvp(lambda w: w * np.exp(w), (y,), (np.ones_like(y),))[1]

    x, k = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0])
    y = lambertw(x)
    dy = y / (x * (1 + y))
    for declare in (
        tg.elementwise(dx=slope, name="lambert"),
        tg.primitive(gx=lambda g, x, y: g * slope(x, y), name="lambert_2"),
    ):
        w = declare(newton)
        np.testing.assert_allclose(vmap(w)(x), y, rtol=1e-12)
        np.testing.assert_allclose(vmap(lambda a: vmap(lambda b, w=w: w(a * b))(k))(x), lambertw(x[:, None] * k))  # noqa: B023
        np.testing.assert_allclose(vmap(grad(w))(x), dy, rtol=1e-12)
        np.testing.assert_allclose(vmap(lambda a, w=w: jvp(w, (a,), (1.0,))[1])(x), dy, rtol=1e-12)
        np.testing.assert_allclose(jacobian(w)(x), np.diag(dy), rtol=1e-12)
        np.testing.assert_allclose(vmap(grad(grad(w)))(x), -dy * (2 + y) * np.exp(-y) / (1 + y) ** 2, rtol=1e-11)
