"""Normalisation: what comes out, what the slopes cannot do, and refusals."""

import numpy as np
import pytest

from tinygrad_edu import Value, lean, ops
from tinygrad_edu.errors import OptionError, ShapeError

RNG = np.random.default_rng(3)
X = RNG.normal(2.0, 3.0, (4, 6, 5))


def test_every_layer_is_standardise_over_its_own_axes():
    def over(axis):
        return ops.standardise(X, axis)[0]

    np.testing.assert_array_equal(ops.layer_norm(X, (5,)), over(-1))
    np.testing.assert_array_equal(ops.layer_norm(X, (6, 5)), over((-2, -1)))
    np.testing.assert_array_equal(ops.batch_norm(X), over((0, 2)))
    np.testing.assert_array_equal(ops.instance_norm(X), over((2,)))
    np.testing.assert_allclose(ops.group_norm(X, 6), over((2,)), rtol=1e-12)
    np.testing.assert_allclose(ops.group_norm(X, 1), ops.layer_norm(X, (6, 5)), rtol=1e-12)


def test_standardised_entries_have_mean_0_and_variance_1():
    h, mean, r = ops.standardise(X, (0, 2), eps=0.0)
    np.testing.assert_allclose(h.mean((0, 2)), 0, atol=1e-14)
    np.testing.assert_allclose(h.var((0, 2)), 1, rtol=1e-13)
    np.testing.assert_allclose(mean.ravel(), X.mean((0, 2)), rtol=1e-14)
    np.testing.assert_allclose(1 / r.ravel(), X.std((0, 2)), rtol=1e-13)


def test_one_two_three_by_hand():
    np.testing.assert_allclose(ops.layer_norm(np.array([1.0, 2, 3]), 3, eps=0.0), np.array([-1, 0, 1]) * 1.5**0.5)
    np.testing.assert_allclose(ops.rms_norm(np.array([3.0, 4.0]), 2, eps=0.0), np.array([3, 4]) / 12.5**0.5)


def test_moving_or_stretching_the_input_changes_nothing():
    y = ops.layer_norm(X, (5,), eps=0.0)
    np.testing.assert_allclose(ops.layer_norm(7 * X - 100, (5,), eps=0.0), y, rtol=1e-10, atol=1e-10)


def test_the_gradient_is_orthogonal_to_moving_and_stretching():
    x = Value(X)
    (ops.standardise(x, -1, eps=0.0)[0] * RNG.normal(size=X.shape)).sum().backward()
    np.testing.assert_allclose(x.grad.sum(-1), 0, atol=1e-13)
    np.testing.assert_allclose((x.grad * X).sum(-1), 0, atol=1e-12)


def test_constant_entries_become_zero_with_a_finite_slope():
    x = Value(np.full((1, 4), 3.0))
    y = ops.layer_norm(x, (4,))
    (y * np.arange(4.0)).sum().backward()
    np.testing.assert_array_equal(y.data, 0)
    np.testing.assert_allclose(x.grad, (np.arange(4) - 1.5)[None] / 1e-5**0.5)


def test_a_large_mean_costs_no_digits():
    x = np.array([1e8, 1e8 + 1, 1e8 + 2])
    np.testing.assert_allclose(ops.layer_norm(x, 3, eps=0.0), np.array([-1, 0, 1]) * 1.5**0.5, rtol=1e-12)


def test_statistics_of_half_precision_do_not_overflow():
    h = ops.layer_norm(np.array([-30_000, 30_000], np.float16), 2)
    assert h.dtype == np.float16
    np.testing.assert_allclose(h, [-1, 1], rtol=1e-3)


def test_a_lean_graph_keeps_the_result_and_not_the_input():
    with lean():
        y = ops.layer_norm(Value(RNG.normal(size=(300, 200))), 200)
    call = y.vertex.args[0]
    assert call.op.name == "standardise"
    assert call._saved == (None,)


def test_batch_norm_in_evaluation_uses_what_it_is_given():
    mean, var = np.arange(6.0), np.arange(1.0, 7.0)
    y = ops.batch_norm(X, mean=mean, var=var, eps=0.0)
    np.testing.assert_allclose(y, (X - mean[:, None]) / np.sqrt(var)[:, None], rtol=1e-14)


def test_normalize_gives_unit_vectors_and_slope_one_over_eps_at_zero():
    np.testing.assert_allclose(ops.normalize(np.array([[3.0, 4.0]])), [[0.6, 0.8]])
    x = Value(np.zeros((1, 2)))
    ops.normalize(x, eps=1e-3)[0, 0].backward()
    np.testing.assert_allclose(x.grad, [[1000, 0]])


def test_cosine_similarity_is_1_0_and_minus_1():
    x = np.array([1.0, 2.0])
    for other, cosine in ((3 * x, 1), (np.array([-2.0, 1.0]), 0), (-x, -1)):
        np.testing.assert_allclose(ops.cosine_similarity(x, other, axis=0), cosine, atol=1e-15)
    zero = Value(np.zeros(2))
    y = ops.cosine_similarity(zero, x, axis=0, eps=0.5)
    y.backward()
    assert y.item() == 0
    np.testing.assert_allclose(zero.grad, x / (0.5 * 5**0.5))


def test_what_does_not_fit_is_explained():
    with pytest.raises(ShapeError, match=r"last axes of x are to have shape \(6,\)"):
        ops.layer_norm(X, (6,))
    with pytest.raises(ShapeError, match=r"weight has one number .* got \(6,\)"):
        ops.layer_norm(X, (5,), np.ones(6))
    with pytest.raises(ShapeError, match="one number a channel"):
        ops.batch_norm(X, np.ones(5))
    with pytest.raises(ShapeError, match="nothing to normalise"):
        ops.batch_norm(np.ones((1, 3)))
    with pytest.raises(ShapeError, match="more than one value"):
        ops.instance_norm(np.ones((2, 3)))
    with pytest.raises(OptionError, match="6 channels"):
        ops.group_norm(X, 4)
    with pytest.raises(OptionError, match="together"):
        ops.batch_norm(X, mean=np.zeros(6))
