"""Softmax and the losses of classifiers: special points, refusals, and numbers worked out by hand."""

import numpy as np
import pytest

from tinygrad_edu import Value, ops
from tinygrad_edu.errors import DTypeError, OptionError, ShapeError

INF = np.inf


def slope(y, x):
    y.backward()
    return x.grad


def test_softmax_rows_sum_to_one_however_large_the_logits():
    p = ops.softmax(np.array([[1e4, 0.0, -1e4], [-1e300, 1e300, 0.0]]))
    np.testing.assert_array_equal(p.sum(1), 1)


def test_adding_a_constant_changes_no_probability():
    x = np.array([0.5, -1.0, 2.0])
    np.testing.assert_allclose(ops.softmax(x + 1000), ops.softmax(x), rtol=1e-12)


def test_softmax_of_a_single_number_is_one():
    x = Value(2.0)
    assert ops.softmax(x).data == 1
    assert slope(ops.softmax(x), x) == 0


def test_a_loss_of_a_single_number_is_refused_by_name():
    with pytest.raises(ShapeError, match="logits have a class axis"):
        ops.cross_entropy(Value(2.0), 0)


def test_softmax_of_log_odds_by_hand():
    np.testing.assert_allclose(ops.softmax(np.log([1.0, 2.0, 5.0])), [1 / 8, 2 / 8, 5 / 8], rtol=1e-14)


def test_a_masked_entry_gets_nothing_and_a_masked_row_gives_zeros():
    x = Value(np.array([[0.0, -INF], [-INF, -INF]]))
    y = ops.softmax(x)
    np.testing.assert_array_equal(y.data, [[1, 0], [0, 0]])
    np.testing.assert_array_equal(slope((y * np.array([3.0, 5.0])).sum(), x), np.zeros((2, 2)))


def test_the_second_derivative_of_a_masked_row_is_zero_too():
    x = Value(np.array([-INF, -INF]))
    y = (ops.softmax(x) * np.array([1.0, 2.0])).sum()
    y.backward(create_graph=True)
    first, x.grad = x.grad, None
    first.sum().backward()
    np.testing.assert_array_equal(x.grad, 0)


def test_log_softmax_keeps_what_the_probability_lost():
    x = Value(np.array([1000.0, 0.0]))
    y = ops.log_softmax(x)[1]
    assert y.item() == -1000
    np.testing.assert_array_equal(slope(y, x), [-1, 1])


def test_log_softmax_of_a_masked_row_is_minus_infinity():
    np.testing.assert_array_equal(ops.log_softmax(np.array([-INF, -INF])), [-INF, -INF])


def test_entropy_is_log_n_for_a_fair_die_and_0_for_a_loaded_one():
    np.testing.assert_allclose(ops.entropy(np.zeros(6)), np.log(6), rtol=1e-15)
    x = Value(np.array([0.0, -INF, -2000.0]))
    y = ops.entropy(x)
    assert y.item() == 0
    np.testing.assert_array_equal(slope(y, x), 0)


def test_a_guess_among_ten_costs_log_10_and_the_slope_is_probability_minus_target():
    x = Value(np.zeros((2, 10)))
    y = ops.cross_entropy(x, np.array([3, 7]))
    np.testing.assert_allclose(y.data, np.log(10), rtol=1e-15)
    expected = np.full((2, 10), 0.1)
    expected[[0, 1], [3, 7]] -= 1
    np.testing.assert_allclose(slope(y, x), expected / 2, rtol=1e-15)


def test_cross_entropy_is_exact_when_hopelessly_wrong():
    x = Value(np.array([[1000.0, 0.0]]))
    y = ops.cross_entropy(x, np.array([1]))
    assert y.item() == 1000
    np.testing.assert_array_equal(slope(y, x), [[1, -1]])


def test_a_class_that_is_ruled_out_costs_nothing_unless_it_is_the_right_one():
    x = np.array([[0.0, -INF, 0.0]])
    np.testing.assert_allclose(ops.cross_entropy(x, np.array([0])), np.log(2))
    assert ops.cross_entropy(x, np.array([1])) == INF
    np.testing.assert_allclose(ops.soft_cross_entropy(x, np.array([[0.5, 0.0, 0.5]])), np.log(2))


def test_cross_entropy_is_nll_of_log_softmax_with_every_option():
    rng = np.random.default_rng(0)
    x, target, weight = rng.normal(size=(5, 3, 2)), rng.integers(0, 3, (5, 2)), np.array([1.0, 2.0, 0.5])
    for reduction in ("mean", "sum", "none"):
        options = dict(weight=weight, ignore_index=1, reduction=reduction)
        np.testing.assert_allclose(
            ops.cross_entropy(x, target, **options), ops.nll_loss(ops.log_softmax(x, 1), target, **options), rtol=1e-13
        )


def test_the_mean_over_no_example_is_nan_and_has_no_slope():
    x = Value(np.ones((2, 3)))
    y = ops.cross_entropy(x, np.array([-100, -100]))
    assert np.isnan(y.item())
    np.testing.assert_array_equal(slope(y, x), 0)


def test_a_half_precision_sum_does_not_overflow_on_the_way_to_its_mean():
    x = np.zeros((70_000, 4), np.float16)
    y = ops.cross_entropy(x, np.zeros(70_000, int))
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, np.log(4), rtol=1e-3)


@pytest.mark.parametrize(
    ("target", "error", "said"),
    [
        (np.array([[0], [1]]), ShapeError, r"\(2, 1\)"),
        (np.array([0, 1, 2]), ShapeError, r"shape \(2,\), got \(3,\)"),
        (np.array([0.0, 1.0]), DTypeError, "astype"),
        (np.array([0, 3]), OptionError, "3 classes, 0 to 2; got the index 3"),
        (np.array([0, -1]), OptionError, "got the index -1"),
    ],
)
def test_a_target_that_does_not_fit_is_explained(target, error, said):
    with pytest.raises(error, match=said):
        ops.cross_entropy(np.zeros((2, 3)), target)


def test_probabilities_and_weights_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"\(2, 3\), got \(3,\)"):
        ops.soft_cross_entropy(np.zeros((2, 3)), np.ones(3) / 3)
    with pytest.raises(ShapeError, match="each of 3 classes"):
        ops.cross_entropy(np.zeros((2, 3)), np.array([0, 1]), weight=np.ones(2))
    with pytest.raises(OptionError, match="reduction"):
        ops.cross_entropy(np.zeros((2, 3)), np.array([0, 1]), reduction="average")


def test_one_hot_counts_from_zero_and_refuses_what_is_no_class():
    np.testing.assert_array_equal(ops.one_hot(np.array([[1, 0]]), 3), [[[0, 1, 0], [1, 0, 0]]])
    assert ops.one_hot(np.array([], int), 3).shape == (0, 3)
    with pytest.raises(OptionError, match="3 classes"):
        ops.one_hot(np.array([3]), 3)
    with pytest.raises(DTypeError, match="integers"):
        ops.one_hot(np.array([0.5]))
