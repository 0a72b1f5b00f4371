"""Attention, embeddings, positions, gates, recurrent cells: special points, refusals, numbers by hand."""

import numpy as np
import pytest

from tinygrad_edu import Value, gradients, ops
from tinygrad_edu.errors import DTypeError, OptionError, ShapeError

RNG = np.random.default_rng(8)
Q, K, V = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 3, 5))


def test_equal_scores_give_the_mean_of_the_values():
    np.testing.assert_allclose(ops.scaled_dot_product_attention(0 * Q, K, V), V.mean(1, keepdims=True).repeat(3, 1))


def test_under_a_causal_mask_the_first_query_sees_the_first_value_alone():
    y = ops.scaled_dot_product_attention(Q, K, V, is_causal=True)
    np.testing.assert_allclose(y[:, 0], V[:, 0], rtol=1e-15)
    mask = np.tri(3, dtype=bool)
    np.testing.assert_array_equal(ops.scaled_dot_product_attention(Q, K, V, mask), y)
    np.testing.assert_array_equal(ops.scaled_dot_product_attention(Q, K, V, np.where(mask, 0, -np.inf)), y)


def test_the_future_gets_no_gradient():
    k, v = Value(K), Value(V)
    ops.scaled_dot_product_attention(Q, k, v, is_causal=True)[:, 1].sum().backward()
    np.testing.assert_array_equal(k.grad[:, 2], 0)
    np.testing.assert_array_equal(v.grad[:, 2], 0)
    assert np.all(v.grad[:, :2] != 0)


def test_a_query_that_may_look_nowhere_gives_zero_and_has_zero_gradients_twice():
    mask = np.array([True, True, False])[:, None]
    vs = [Value(a) for a in (Q, K, V)]
    y = ops.scaled_dot_product_attention(*vs, mask)
    np.testing.assert_array_equal(y.data[:, 2], 0)
    first = gradients((y * y).sum(), vs, create_graph=True)
    np.testing.assert_array_equal(first[0].data[:, 2], 0)
    second = gradients(sum((g * g).sum() for g in first), vs)
    assert all(np.all(np.isfinite(g)) for g in second)
    np.testing.assert_array_equal(second[0][:, 2], 0)


def test_attention_weights_can_be_looked_at_in_the_graph():
    y = ops.scaled_dot_product_attention(Value(Q), K, V)
    weights = y.args[0]
    assert weights.op.name == "attention_weights"
    np.testing.assert_allclose(weights.data.sum(-1), 1)


def test_attention_refuses_what_contradicts_itself():
    with pytest.raises(OptionError, match="not both"):
        ops.scaled_dot_product_attention(Q, K, V, np.tri(3), is_causal=True)
    with pytest.raises(ShapeError, match="keys"):
        ops.scaled_dot_product_attention(Q, K, V[:, :2])


def test_words_that_come_twice_add_up_and_padding_does_not_learn():
    w = Value(RNG.normal(size=(4, 2)))
    ops.embedding(np.array([[1, 1], [0, 3]]), w, padding_idx=3).sum().backward()
    np.testing.assert_array_equal(w.grad, [[1, 1], [2, 2], [0, 0], [0, 0]])


@pytest.mark.parametrize(("tokens", "words"), [(50, 3), (5, 100), (0, 3)])
def test_few_words_and_many_are_added_up_alike(tokens, words):
    k, z = RNG.integers(0, words, tokens), RNG.normal(size=(tokens, 2))
    expected = np.zeros((words, 2))
    np.add.at(expected, k, z)
    np.testing.assert_allclose(ops.embedding_sum(z, k, words), expected, rtol=1e-12)


def test_an_index_outside_of_the_table_is_an_error():
    for k in (4, -1):
        with pytest.raises(OptionError, match="rows 0 to 3"):
            ops.embedding(np.array([0, k]), np.ones((4, 2)))
    with pytest.raises(DTypeError, match="integers"):
        ops.embedding(np.array([0.0]), np.ones((4, 2)))


@pytest.mark.parametrize("interleaved", [False, True])
def test_rotary_products_depend_on_the_distance_alone(interleaved):
    q, k = RNG.normal(size=8), RNG.normal(size=8)

    def product(i, j):
        a = ops.rotary_angles([i, j], 8)
        return ops.rotary(q[None], a[:1], interleaved) @ ops.rotary(k[None], a[1:], interleaved).T

    np.testing.assert_allclose(product(3, 5), product(10, 12), rtol=1e-12)
    np.testing.assert_allclose(product(4, 4), [[q @ k]], rtol=1e-12)


def test_rotary_turns_a_right_angle():
    quarter = np.array([[np.pi / 2]])
    np.testing.assert_allclose(ops.rotary(np.array([[1.0, 0.0]]), quarter), [[0, 1]], atol=1e-15)
    x = np.array([[1.0, 0, 0, 1]])
    np.testing.assert_allclose(ops.rotary(x, quarter.repeat(2, 1), interleaved=True), [[0, 1, -1, 0]], atol=1e-15)
    with pytest.raises(ShapeError, match="d/2"):
        ops.rotary(x, quarter)


def test_glu_halves_an_axis_or_says_why_not():
    np.testing.assert_array_equal(ops.glu(np.array([3.0, 0.0])), [1.5])
    with pytest.raises(ShapeError, match="halved"):
        ops.glu(np.ones(3))


def test_an_lstm_with_open_gates_adds_to_its_memory():
    open_, c = 1000.0, np.array([0.25])
    h, new = ops.lstm_update(np.array([open_, open_, open_, open_]), c)
    assert new == [1.25]
    np.testing.assert_allclose(h, np.tanh(1.25))
    _, kept = ops.lstm_update(np.array([-open_, open_, 0.3, 0.0]), c)
    assert kept == c


def test_a_gru_with_its_update_gate_open_keeps_its_state_for_ever():
    zeros = np.zeros(3)
    assert ops.gru_update(np.array([0.0, 1000.0, 5.0]), zeros, np.array([0.7])) == [0.7]
    np.testing.assert_allclose(ops.gru_update(np.array([0.0, -1000.0, 5.0]), zeros, np.array([0.7])), np.tanh(5))


def test_cells_work_without_biases():
    x, h, w, u = np.ones((2, 3)), np.ones((2, 1)), np.zeros((1, 3)), np.zeros((1, 1))
    np.testing.assert_array_equal(ops.rnn_tanh_cell(x, h, w, u), 0)
    np.testing.assert_array_equal(ops.gru_cell(x, h, w.repeat(3, 0), u.repeat(3, 0)), 0.5)
    state, memory = ops.lstm_cell(x, h, h, w.repeat(4, 0), u.repeat(4, 0))
    np.testing.assert_array_equal(memory, 0.5)
    np.testing.assert_allclose(state, np.tanh(0.5) / 2)
