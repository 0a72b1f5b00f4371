"""nn.functional without PyTorch: what it adds to the ops, and what it refuses."""

import numpy as np
import pytest

from tinygrad_edu import Value, nn, ops
from tinygrad_edu.errors import OptionError, ShapeError

F = nn.functional
RNG = np.random.default_rng(9)
COMPARING = [F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.log_cosh_loss, F.pinball_loss, F.poisson_nll_loss,
             F.binary_cross_entropy, F.binary_cross_entropy_with_logits, F.soft_margin_loss, F.hinge_loss,
             F.squared_hinge_loss, F.kl_div, F.hinge_embedding_loss, F.quadratic_cost,
             lambda x, t: F.gaussian_nll_loss(x, t, np.ones(x.shape)),
             lambda x, t: F.margin_ranking_loss(x, x, t)]  # fmt: skip


def test_all_is_exact():
    assert len(set(F.__all__)) == len(F.__all__)
    public = {n for n in vars(F) if not n.startswith("_")}
    assert set(F.__all__) <= public
    assert all(callable(getattr(F, n)) and getattr(F, n).__doc__ for n in F.__all__)


@pytest.mark.parametrize("loss", COMPARING)
def test_losses_refuse_to_broadcast(loss):
    x, t = np.full((4, 1), 0.5), np.full(4, 0.5)
    with pytest.raises(ShapeError, match=r"(?s)\(4, 1\).*\(4,\).*reshape"):
        loss(Value(x), t)
    loss(Value(x), t.reshape(x.shape))


def test_a_target_of_another_size_has_another_cure():
    with pytest.raises(ShapeError, match="one target an output"):
        F.mse_loss(np.ones((4, 3)), np.ones(4))


def test_reductions():
    x, t = np.array([1.0, 2.0, 4.0]), np.zeros(3)
    assert F.mse_loss(x, t) == 7
    assert F.mse_loss(x, t, "sum") == 21
    np.testing.assert_array_equal(F.mse_loss(x, t, "none"), [1, 4, 16])
    assert F.mse_loss(x, t, weight=np.array([1.0, 1.0, 0.0])) == 2.5
    with pytest.raises(OptionError, match='"mean"'):
        F.mse_loss(x, t, "average")


def test_the_cost_of_the_notes_is_mse_times_the_number_of_outputs():
    x, t = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))
    np.testing.assert_allclose(F.quadratic_cost(x, t), 3 * F.mse_loss(x, t), rtol=1e-14)


def test_a_hinge_that_is_far_enough_away_pays_nothing():
    x = Value(np.array([2.0, 0.5, -1.0]))
    y = F.hinge_loss(x, np.array([1.0, 1.0, 1.0]), "sum")
    y.backward()
    assert y.item() == 2.5
    np.testing.assert_array_equal(x.grad, [0, -1, -1])


def test_a_negative_variance_is_refused():
    with pytest.raises(OptionError, match="softplus"):
        F.gaussian_nll_loss(np.ones(2), np.ones(2), np.array([1.0, -1.0]))
    with pytest.raises(ShapeError, match="var"):
        F.gaussian_nll_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones(2))


def test_label_smoothing_is_a_mixture_of_the_target_and_no_idea():
    x, target = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    q = 0.9 * np.eye(3)[target] + 0.1 / 3
    np.testing.assert_allclose(F.cross_entropy(x, target, label_smoothing=0.1), F.cross_entropy(x, q), rtol=1e-14)
    with pytest.raises(OptionError, match="share"):
        F.cross_entropy(x, target, label_smoothing=2.0)


def test_dropout_does_nothing_in_evaluation_and_needs_a_generator_in_training():
    x = Value(np.ones((4, 3, 5, 5)))
    assert F.dropout(x, training=False) is x
    assert F.dropout(x, 0.0) is x
    with pytest.raises(OptionError, match="default_rng"):
        F.dropout(x)
    with pytest.raises(OptionError, match="probability"):
        F.dropout(x, -0.1, training=False)
    a, b = (F.dropout(x, 0.5, rng=7).data for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_dropout2d_drops_whole_channels():
    y = F.dropout2d(np.ones((40, 3, 5, 5)), 0.5, rng=0)
    np.testing.assert_array_equal(y, y[..., :1, :1] * np.ones((5, 5)))
    assert set(np.unique(y)) == {0, 2}
    z = F.dropout1d(np.ones((40, 3, 5)), 0.5, rng=0)
    np.testing.assert_array_equal(z, z[..., :1] * np.ones(5))


def test_a_hard_gumbel_draw_is_one_hot_with_the_gradient_of_the_soft_one():
    x, c = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
    hard, soft = Value(x), Value(x)
    y = F.gumbel_softmax(hard, 0.7, True, rng=5)
    (y * c).sum().backward()
    (F.gumbel_softmax(soft, 0.7, rng=5) * c).sum().backward()
    np.testing.assert_array_equal(np.sort(y.data, -1), [[0, 0, 0, 1]] * 3)
    np.testing.assert_allclose(hard.grad, soft.grad, rtol=1e-13)
    assert F.gumbel_softmax(x.astype(np.float32), hard=True, dim=0, rng=5).dtype == np.float32


def test_running_statistics_move_by_momentum_and_stay_outside_of_the_graph():
    mean, var, x = np.zeros(2), np.ones(2), Value(RNG.normal(size=(5, 2)))
    y = F.batch_norm(x, mean, var, training=True, momentum=0.5)
    np.testing.assert_allclose(mean, x.data.mean(0) / 2)
    np.testing.assert_allclose(var, 0.5 + x.data.var(0, ddof=1) / 2)
    kept = mean.copy()
    evaluated = F.batch_norm(x, mean, var)
    np.testing.assert_array_equal(mean, kept)
    F.batch_norm(x, mean, var, training=True)  # although graphs that used the statistics are still there
    evaluated.sum().backward()
    y.sum().backward()
    with pytest.raises(OptionError, match="plain arrays"):
        F.batch_norm(x, Value(mean), Value(var))


def test_a_convolution_takes_a_bias_and_a_single_image():
    x, w, b = RNG.normal(size=(3, 5, 5)), RNG.normal(size=(2, 3, 2, 2)), np.array([1.0, -1.0])
    y = F.conv2d(x, w, b)
    np.testing.assert_allclose(y, ops.conv2d(x[None], w)[0] + b[:, None, None])
    with pytest.raises(ShapeError, match="2 channels"):
        F.conv2d(x, w, np.ones(3))


def test_grouped_query_attention_shares_heads():
    q, k, v = RNG.normal(size=(4, 3, 2)), RNG.normal(size=(2, 3, 2)), RNG.normal(size=(2, 3, 2))
    y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    np.testing.assert_allclose(y[1], F.scaled_dot_product_attention(q[1], k[0], v[0]), rtol=1e-12)
    with pytest.raises(OptionError, match="cannot share"):
        F.scaled_dot_product_attention(q[:3], k, v, enable_gqa=True)


def test_attention_drops_weights_by_its_own_generator():
    q = k = v = RNG.normal(size=(2, 6, 4))
    a, b = (F.scaled_dot_product_attention(q, k, v, dropout_p=0.5, rng=s) for s in (1, 1))
    np.testing.assert_array_equal(a, b)
    assert np.any(a != F.scaled_dot_product_attention(q, k, v))
    with pytest.raises(OptionError, match="default_rng"):
        F.scaled_dot_product_attention(q, k, v, dropout_p=0.5)


def test_pad_counts_from_the_last_axis():
    assert F.pad(np.ones((2, 3)), (1, 2)).shape == (2, 6)
    assert F.pad(np.ones((2, 3)), (0, 0, 1, 2)).shape == (5, 3)
    with pytest.raises(OptionError, match="last axis first"):
        F.pad(np.ones((2, 3)), (-1, 0))
    with pytest.raises(OptionError, match="mode"):
        F.pad(np.ones((2, 3)), (1, 1), "mirror")


def test_prelu_has_a_slope_for_each_channel():
    x = -np.ones((1, 2, 3))
    np.testing.assert_array_equal(F.prelu(x, np.array([0.5, 0.25]))[0, :, 0], [-0.5, -0.25])
