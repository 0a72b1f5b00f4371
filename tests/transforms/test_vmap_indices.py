"""`vmap` where integers, masks and other options are others in each example, against the loop; and their gradients."""

import numpy as np
import pytest

from tinygrad_edu import Value, gradients, ops
from tinygrad_edu.transforms import vmap

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4, 5, 6))  # three examples
I = rng.integers(-4, 4, (3, 2))  # noqa: E741
J = rng.integers(-4, 4, (3, 7, 2))
K = rng.integers(0, 4, (3,))
MASK = np.array([True, False, True, True])

GET = [
    (lambda x, i: x[i], I), (lambda x, i: x[i], J), (lambda x, i: x[i], K), (lambda x, i: x[:, i], I),
    (lambda x, i: x[..., i], J), (lambda x, i: x[i, 0], I), (lambda x, i: x[0, i], I), (lambda x, i: x[i, :, i], I),
    (lambda x, i: x[:, i, i + 1], J), (lambda x, i: x[i, ..., 1], K), (lambda x, i: x[None, i, :, None], I),
    (lambda x, i: x[1, ..., i], I), (lambda x, i: x[1:3, None, i, ::2], J), (lambda x, i: x[MASK, i[:3, 0]], J),
    (lambda x, i: x[i, i], J), (lambda x, i: x[i[0], :, i[1]], I), (lambda x, i: x[[0, 1], i], I),
    (lambda x, i: x[MASK][:, i], I), (lambda x, i: x[MASK, :, 0] + i[0], I), (lambda x, i: x[:, [0, 1], :2] + i[0], I),
    (lambda x, i: x[[0, 1], :, [2, 3]] + i[0], I), (lambda x, i: x[True] + i[0], I), (lambda x, i: x[[]] + i[0], I),
    (lambda x, i: x[True, i], I), (lambda x, i: x[i, :, True], J), (lambda x, i: x[False] + i[0], I),
    (lambda x, i: x[:, True] * i[0], I), (lambda x, i: x[np.array(True), :, 2] * i[0], I),
    (lambda x, i: x[np.array(1)] * i[0], I), (lambda x, i: x[:, np.bool_(True), i], I),
    (lambda x, i: x[1, :, [2, 3]] + i[0], I), (lambda x, i: x[np.array([[True] * 5] * 4)] + i[0], I),
    (lambda x, i: np.take(x, i, 1), I), (lambda x, i: np.take(x, i), J), (lambda x, i: np.take(x, i + 9, 2, mode="wrap"), I),
    (lambda x, i: np.take(x, i + 9, 2, mode="clip"), I), (lambda x, i: np.take_along_axis(x[0], i, 1), J[:, :5]),
    (lambda x, i: np.choose(np.abs(i) % 4, x[:, 0, :2]), I), (lambda x, i: ops.gather(x[0], 1, np.abs(i)), J[:, :5]),
]  # fmt: skip


def loop(f, *xs):
    return np.stack([f(*one) for one in zip(*xs, strict=True)])


def check(f, x, *others):
    """Value and gradient by x, with x another one in each example and the same for all; and inside another vmap."""
    y = vmap(f)(x, *others)
    np.testing.assert_allclose(y, loop(f, x, *others), rtol=1e-13)
    c = rng.normal(size=y.shape)
    leaf = Value(x)
    (g,) = gradients(vmap(f)(leaf, *others), [leaf], c)
    expected = [one_gradient(f, one, rest, ci) for one, ci, *rest in zip(x, c, *others, strict=True)]
    np.testing.assert_allclose(g, np.stack(expected), rtol=1e-12, atol=1e-14)

    same = vmap(f, in_axes=(None, *[0] * len(others)))
    leaf = Value(x[0])
    np.testing.assert_allclose(same(leaf, *others).data, loop(f, [x[0]] * len(x), *others), rtol=1e-13)
    (g,) = gradients(same(leaf, *others), [leaf], c)
    expected = sum(one_gradient(f, x[0], rest, ci) for ci, *rest in zip(c, *others, strict=True))
    np.testing.assert_allclose(g, expected, rtol=1e-12, atol=1e-14)

    both = vmap(vmap(f, in_axes=(0, *[None] * len(others))), in_axes=(None, *[0] * len(others)))(x, *others)
    expected = np.stack([np.stack([f(one, *rest) for one in x]) for rest in zip(*others, strict=True)])
    np.testing.assert_allclose(both, expected, rtol=1e-13)


def one_gradient(f, x, others, c):
    leaf = Value(x)
    return gradients(f(leaf, *others), [leaf], c)[0]


@pytest.mark.parametrize(("f", "i"), GET, ids=range(len(GET)))
def test_entries_at_an_index_of_each_example(f, i):
    check(f, X, i)


PUT = [
    lambda x, v, i: ops.index_put(x, i, v),
    lambda x, v, i: ops.index_put(x, (i, slice(None), i + 1), v[..., 0]),
    lambda x, v, i: ops.index_put(x, (slice(None), i, 0), v[0, :1, :1]),
    lambda x, v, i: ops.index_put(x, i[0], v[0]),
    lambda x, v, i: ops.index_put(x, (..., i), v[0, :, :2]),
    lambda x, v, i: ops.index_put(x, (0, slice(1, 3)), v[0, :2] + i[0]),
    lambda x, v, i: ops.index_put(x, MASK, v[:1] + i[0]),
    lambda x, v, i: ops.index_put(x, i, v[None, :, :1]),
    lambda x, v, i: ops.index_add(x, (i, 0), v[:, 0]),
    lambda x, v, i: ops.index_add(x, (i, slice(None), i), v[:, :, 0]),
    lambda x, v, i: ops.index_add(x, (slice(None), [1, 1]), v[0, :1] * i[0]),
    lambda x, v, i: ops.index_add(x, x > 0, v[0, 0, 0]),
    lambda x, v, i: ops.index_put(x, x > 0, v[:1, 0, 0]) * v[0, 0, 0],
    lambda x, v, i: ops.put_along_axis(x[0], np.abs(i)[:, None], v[0, :2], 0),
    lambda x, v, i: ops.scatter_add(x[0], 0, np.abs(i)[:, None], v[:, 0, :1]),
    lambda x, v, i: ops.add_at(v, (i,), (4, 5, 6)) + x,
    lambda x, v, i: ops.add_at(v, (slice(0, 2), slice(None), slice(None)), (4, 5, 6)) * i[0] + x,
    lambda x, v, i: ops.index_put(x[0, :, :5], x[0, 0, :5] > 0, v[0, 0, 0]),
    lambda x, v, i: ops.index_add(x[0, :, :5], x[0, 0, :5] > 0, v[0, 0, 0]),
    lambda x, v, i: ops.index_put(x, (True, i), v),
    lambda x, v, i: ops.index_add(x, (slice(None), True, 0), v[0, 0]) * i[0],
    lambda x, v, i: ops.masked_fill(x, x > i[0], v[0, 0, 0]),
    lambda x, v, i: np.where(x > i[0], x, v[0]),
]


@pytest.mark.parametrize("f", PUT, ids=range(len(PUT)))
def test_entries_put_at_an_index_of_each_example(f):
    v = rng.normal(size=(3, 2, 5, 6))
    i = np.stack([rng.permutation(4)[:2] for _ in range(3)]) - 4
    check(f, X, v, i)
    check(lambda v, x, i: f(x, v, i), v, X, i)


LABELS = rng.integers(0, 4, (3, 6))
WORDS = rng.integers(0, 4, (3, 2, 5))
CLASS_WEIGHTS = rng.uniform(1, 2, 4)
OPTIONS = [
    (lambda x, k: ops.cross_entropy(x, k), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k, reduction="sum"), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k, reduction="none"), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k, weight=CLASS_WEIGHTS), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k, weight=CLASS_WEIGHTS, ignore_index=1), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k[0]), (4,), LABELS),
    (lambda x, k: ops.cross_entropy(x, np.reshape(k, (2, 3))), (2, 4, 3), LABELS),
    (lambda x, k: ops.nll_loss(x, k, ignore_index=2), (6, 4), LABELS),
    (lambda x, k: ops.nll_loss(x, np.array([0, 1, 2, 3, 0, 1])) + k[0], (6, 4), LABELS),
    (lambda x, k: ops.embedding(k, x), (4, 3), WORDS),
    (lambda x, k: ops.embedding(k, x, padding_idx=1), (4, 3), WORDS),
    (lambda x, k: ops.embedding(np.array([[0, 1], [3, 3]]), x) * k[0, 0], (4, 3), WORDS),
    (lambda x, k: ops.embedding_sum(x, k, 4), (2, 5, 3), WORDS),
    (lambda x, k: ops.embedding_sum(x, np.zeros((2, 5), int), 4) + k[0, 0], (2, 5, 3), WORDS),
    (lambda x, k: ops.dropout(x, k > 1, 0.25), (2, 5), WORDS),
    (lambda x, k: ops.dropout(x, k[0] > 1, 0.25), (7, 5), WORDS),
    (lambda x, k: ops.rotary(x, k.astype(float)), (2, 10), WORDS),
    (lambda x, k: ops.rotary(x, k[0] * 0.5, interleaved=True), (7, 2, 10), WORDS),
    (lambda x, k: ops.attention_weights(x, k > 0), (2, 5), WORDS),
    (lambda x, k: np.ldexp(x, k), (2, 5), WORDS),
    (lambda x, k: np.ldexp(x, k), (5,), WORDS),
    (lambda x, k: np.select([k > 2, k > 1], [x, 2 * x], 0.5), (2, 5), WORDS),
    (lambda x, k: x * ops.one_hot(k, 4), (6, 4), LABELS),
    (lambda x, k: ops.leaky_relu(x, k[0] * 0.1), (6, 4), LABELS),
    (lambda x, k: np.linalg.vector_norm(x, ord=k[0] + 1.5), (6, 4), LABELS),
    (lambda x, k: ops.cross_entropy(x, k, weight=k[:4] + 1.0), (6, 4), LABELS),
    (lambda x, k: np.roll(x, k[0], 0), (6, 4), LABELS),
]


@pytest.mark.parametrize(("f", "shape", "k"), OPTIONS, ids=range(len(OPTIONS)))
def test_options_of_each_example(f, shape, k):
    check(f, rng.normal(size=(3, *shape)), k)


def test_a_class_that_there_is_not_is_refused_in_any_example():
    with pytest.raises(ValueError, match="there are 4 classes, 0 to 3; got the index 4"):
        vmap(lambda k: ops.one_hot(k, 4))(np.array([[0, 1], [2, 4]]))
    with pytest.raises(ValueError, match="the table has rows 0 to 3, got indices from -1 to 2"):
        vmap(ops.embedding)(np.array([[0, 1], [2, -1]]), np.ones((2, 4, 3)))


def test_a_mean_over_no_labels_is_nan_in_that_example_only():
    x, k = rng.normal(size=(2, 3, 4)), np.array([[-100] * 3, [0, 1, -100]])
    got = vmap(ops.cross_entropy)(x, k)
    assert np.isnan(got[0])
    np.testing.assert_allclose(got[1], ops.cross_entropy(x[1], k[1]))


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"])
@pytest.mark.parametrize("options", [{}, {"groups": 2, "stride": 2, "padding": 1}], ids=["plain", "groups"])
def test_kernels_of_each_example(name, options):
    size = (7,) * int(name[-2])
    x, w = rng.normal(size=(3, 2, 4, *size)), rng.normal(size=(3, 4, 4 // options.get("groups", 1), *[3] * len(size)))
    op = getattr(ops, name)
    check(lambda x, w: op(x, w, **options), x, w)
    check(lambda w, x: op(x, w, **options), w, x)
