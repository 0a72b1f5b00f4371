"""Rearranging, joining, splitting and borders, where NumPy's own answers do not say everything."""

import numpy as np
import pytest

from tests.ops.slopes import check
from tinygrad_edu import Value, gradients
from tinygrad_edu.errors import OptionError, ShapeError


def test_the_transpose_of_a_vector_is_the_vector():
    check(lambda x: x.T * x, [[1, 2]], [1, 4], [2, 4])


def test_transpose_then_reshape_finds_its_way_back():
    x, w = np.array([[1.0, 2], [3, 4]]), np.arange(4.0)
    check(lambda x: x.T.reshape(4) * w, [x], [0, 3, 4, 12], [[0, 2], [1, 3]])


def test_one_value_joined_with_itself_gets_both_gradients():
    check(lambda x: np.stack([x, x]), [[1, 2]], [[1, 2], [1, 2]], [2, 2])
    check(lambda x: np.concatenate([x, x]), [[1, 2]], [1, 2, 1, 2], [2, 2])


def test_values_and_plain_arrays_and_numbers_are_joined():
    check(lambda x: np.concatenate([x, [5.0], np.zeros(1)]), [[1, 2]], [1, 2, 5, 0], [1, 1])
    check(lambda a, b: np.stack([a, 2.0, b]), [1, 3], [1, 2, 3], 1, 1)
    check(lambda x: np.vstack(x), [[[1, 2], [3, 4]]], [[1, 2], [3, 4]], [[1, 1], [1, 1]])


def test_block_is_numpys():
    a, b = np.ones((2, 2)), np.arange(2.0)
    v, w = Value(a), Value(b)
    for build in (
        lambda a, b: np.block([[a, b.reshape(2, 1)], [b, 7.0]]),
        lambda a, b: np.block([a, a]),
        lambda a, b: np.block([b, 1.0, b]),
        lambda a, b: np.block(a),
    ):
        y = build(v, w)
        np.testing.assert_array_equal(y.data, build(a, b))
        assert gradients(y.sum(), [v, w]) is not None


def test_splits_are_tuples_that_join_again():
    x = np.arange(10.0)
    for parts in (np.array_split(Value(x), 3), np.split(Value(x), [2, 5]), np.hsplit(Value(x), 2), np.unstack(Value(x))):
        assert isinstance(parts, tuple)
        np.testing.assert_array_equal(np.hstack(parts).data, x)


def test_a_split_that_does_not_come_out_even_raises():
    with pytest.raises(ValueError, match="equal division"):
        np.split(Value(np.ones(4)), 3)
    with pytest.raises(ValueError, match="vsplit needs"):
        np.vsplit(Value(np.ones(4)), 2)


def test_repeats_of_a_slice_add_up():
    check(lambda x: np.repeat(x, [2, 0, 1]), [[1, 2, 3]], [1, 1, 3], [2, 0, 1])
    check(lambda x: np.tile(x, 3), [[1, 2]], [1, 2, 1, 2, 1, 2], [3, 3])


def test_an_outer_axis_of_length_zero_gives_gradient_zero():
    check(lambda x: np.broadcast_to(x, (0, 2)), [[1, 2]], np.empty((0, 2)), [0, 0])


@pytest.mark.parametrize(
    ("mode", "value", "gradient"),
    [
        ("edge", [1, 1, 1, 2, 3, 3], [3, 1, 2]),
        ("reflect", [3, 2, 1, 2, 3, 2], [1, 3, 2]),
        ("symmetric", [2, 1, 1, 2, 3, 3], [2, 2, 2]),
        ("wrap", [2, 3, 1, 2, 3, 1], [2, 2, 2]),
        ("constant", [0, 0, 1, 2, 3, 0], [1, 1, 1]),
    ],
)
def test_borders_send_their_gradient_to_where_they_came_from(mode, value, gradient):
    check(lambda x: np.pad(x, (2, 1), mode), [[1, 2, 3]], value, gradient)


def test_borders_of_a_number_of_their_own():
    x = np.ones((1, 2))
    widths, values = ((1, 0), (0, 2)), ((5.0, 6.0), (7.0, -np.inf))
    v = Value(x)
    y = np.pad(v, widths, constant_values=values)
    np.testing.assert_array_equal(y.data, np.pad(x, widths, constant_values=values))
    np.testing.assert_array_equal(gradients(y.sum(), [v])[0], x)


@pytest.mark.parametrize("width", [-1, 1.5, "a", (1, -2)])
def test_a_width_that_is_none_raises(width):
    with pytest.raises(OptionError, match="whole number"):
        np.pad(Value([1.0, 2.0]), width)


def test_a_mode_that_is_not_offered_is_named():
    with pytest.raises(OptionError, match=r"mode is one of constant, edge.*'linear_ramp'"):
        np.pad(Value([1.0]), 1, "linear_ramp")


def test_diagonals_and_triangles():
    x = [[1, 2, 3], [4, 5, 6]]
    check(lambda x: np.diag(x, 1), [x], [2, 6], [[0, 1, 0], [0, 0, 1]])
    check(lambda x: np.trace(x, -1), [x], 4, [[0, 0, 0], [1, 0, 0]])
    check(lambda x: np.diag(x, -1), [[7, 8]], [[0, 0, 0], [7, 0, 0], [0, 8, 0]], [1, 1])
    check(np.tril, [[1, 2]], [[1, 0], [1, 2]], [2, 1])
    check(lambda x: np.linalg.diagonal(x, offset=1), [x], [2, 6], [[0, 1, 0], [0, 0, 1]])
    check(lambda x: np.linalg.trace(np.stack([x, x])), [x], [6, 6], [[2, 0, 0], [0, 2, 0]])


def test_diag_of_a_batch_points_to_diagonal():
    with pytest.raises(ShapeError, match=r"np\.diagonal"):
        np.diag(Value(np.ones((2, 2, 2))))


def test_meshgrid_adds_up_along_the_other_axis():
    check(lambda x, y: np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1], [[1, 2, 3], [10, 20]],
          [[10, 20, 30], [20, 40, 60]], [30, 30, 30], [6, 6])  # fmt: skip


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ShapeError, match=r"reshape.*float64\[2, 3\].*\(4, -1\)"):
        Value(np.ones((2, 3))).reshape(4, -1)
    with pytest.raises(ShapeError, match="concatenate"):
        np.concatenate([Value(np.ones((2, 3))), np.ones((2, 2))])


def test_results_of_no_axes_are_numbers():
    v = Value([[1.0]])
    for y in (v.reshape(()), v.squeeze(), v[..., 0][..., 0], np.broadcast_to(Value(1.0), ()), np.where(True, Value(1.0), 0)):
        assert isinstance(y.data, np.float64)
