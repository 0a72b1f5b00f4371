"""Taking entries out and putting them in: aliases, gaps, errors."""

import numpy as np
import pytest

from tests.ops.slopes import check
from tinygrad_edu import REGISTRY, Value, gradients
from tinygrad_edu.errors import NotDifferentiable, OptionError, ShapeError

index_put, index_add = REGISTRY["index_put"], REGISTRY["index_add"]


@pytest.mark.parametrize(
    ("index", "x", "expected"),
    [
        ([0, 0, 1], [1, 2, 3], [2, 1, 0]),
        ([0, -3], [1, 2, 3], [2, 0, 0]),
        (([0, 0], slice(1, None)), [[1, 2, 3], [4, 5, 6]], [[0, 2, 2], [0, 0, 0]]),
        (np.array([False, True, True]), [1, 2, 3], [0, 1, 1]),
        ((None, slice(None), None), [2, 4], [1, 1]),
        (slice(None, None, -1), [1, 2, 3], [1, 1, 1]),
        ((..., 0), [[1, 2], [3, 4]], [[1, 0], [1, 0]]),
        ([], [1, 2], [0, 0]),
    ],
)
def test_gradients_add_up_where_an_entry_was_taken(index, x, expected):
    check(lambda v: v[index], [x], np.array(x)[index], expected)


@pytest.mark.parametrize("index", [5, -4, [0, 3], 1.0, (0, 0), "a"])
def test_a_bad_index_raises_as_numpy_does(index):
    with pytest.raises(IndexError) as wanted:
        np.ones(3)[index]
    with pytest.raises(IndexError) as got:
        Value(np.ones(3))[index]
    assert str(wanted.value) in str(got.value)


@pytest.mark.parametrize(
    "call",
    [lambda v: v[v], lambda v: v[(v,)], lambda v: np.take(v, v), lambda v: np.take_along_axis(v, v, 0)],
)
def test_a_value_as_an_index_is_told_apart(call):
    with pytest.raises(IndexError, match=r"a Value holds floats.*\.data\.astype\(int\)"):
        call(Value([0.0, 1.0]))


def test_a_comparison_of_values_is_a_mask():
    check(lambda v: v[v > 1], [[1, 2, 3]], [2, 3], [0, 1, 1])


def test_many_aliases_in_float16_are_added_up_in_a_wider_type():
    """4096 + 1 is 4096 in float16: added up there one by one, 5000 ones would stop at 2048."""
    v = Value(np.zeros(2, np.float16))
    v[np.zeros(5000, int)].sum().backward()
    assert v.grad.dtype == np.float16
    assert v.grad[0] == np.float16(5000)


# -- entries left out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "take",
    [
        lambda x, r: np.where(x > 0, r, 0),
        lambda x, r: np.where(x == 0, 0, r),
        lambda x, r: r[1:],
        lambda x, r: r[x > 0],
        lambda x, r: r[[1]],
        lambda x, r: np.take(r, 1),
        lambda x, r: np.take_along_axis(r, np.array([1]), 0),
        lambda x, r: np.compress([False, True], r),
        lambda x, r: np.extract([False, True], r),
        lambda x, r: np.delete(r, 0),
        lambda x, r: np.select([x > 0], [r]),
        lambda x, r: np.choose([1, 0], [r, x]),
        lambda x, r: REGISTRY["masked_fill"](r, x == 0, 0.0),
        lambda x, r: index_put(r, 0, 0.0),
        lambda x, r: np.max(r),
        lambda x, r: np.sort(r)[1],
        lambda x, r: np.median(np.concatenate([r, [3.0]])),
        lambda x, r: np.nanmax(np.where(x > 0, r, np.nan)),
        lambda x, r: REGISTRY["topk"](r, 1)[0],
        lambda x, r: np.split(r, 2)[1],
        lambda x, r: np.diagonal(np.stack([x, r])),
        lambda x, r: np.tril(np.stack([x, np.flip(r)]))[1, :1],
        lambda x, r: np.where(x > 0, np.reshape(np.pad(np.stack([r, r])[0:1], ((0, 0), (1, 1)))[:, 1:-1], (2,)), 0),
        lambda x, r: np.where(x > 0, np.roll(np.flip(np.flip(r)), 2).reshape(1, 2).T[:, 0], 0).sum(),
        lambda x, r: np.where(x > 0, np.broadcast_to(r, (3, 2)), 0).mean(axis=0),
        lambda x, r: np.cumsum(np.where(x > 0, r, 0)),
    ],
)
def test_an_entry_left_out_has_no_gradient_so_its_infinite_slope_does_not_spread(take):
    """The root has an infinite slope at 0, the first entry; all of these read the second one only."""
    v = Value([0.0, 4.0])
    (g,) = gradients(take(v.data, np.sqrt(v)).sum(), [v])
    assert g[0] == 0
    assert g[1] > 0


def test_the_double_where_gives_the_same():
    check(lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), 0), [[0, 4]], [0, 2], [0, 0.25])


def test_structural_zeros_hold_in_the_second_derivative():
    v = Value([0.0, 4.0])
    (g,) = gradients(np.where(v > 0, np.sqrt(v), 0).sum(), [v], create_graph=True)
    (h,) = gradients((g * g).sum(), [v])
    np.testing.assert_allclose(h, [0, 2 * 0.25 * -(4**-1.5) / 4])


def test_a_condition_carries_no_gradient():
    check(lambda x: np.where(x > 0, 1, 0) * x, [[0, 2]], [0, 2], [0, 1])
    check(lambda c, x: np.where(c, x, 0), [[1, 0], [3, 4]], [3, 0], [0, 0], [1, 0])


def test_the_branch_taken_counts_at_the_kink():
    check(lambda x: np.where(x > 0, x, -x), [0], 0, -1)


def test_branches_are_summed_back_to_their_shapes():
    mask = np.array([[True, False, True], [False, False, True]])
    check(lambda x, y: np.where(mask, x, y), [[[1], [2]], 5], [[1, 5, 1], [5, 5, 2]], [[2], [1]], 3)


# -- putting in --------------------------------------------------------------------------------------------------------


def test_of_several_values_for_one_place_the_last_stays_and_has_the_gradient():
    check(lambda x, v: index_put(x, [0, 2, 0], v), [[1, 2, 3], [7, 8, 9]], [9, 2, 8], [0, 1, 0], [0, 1, 1])


def test_index_add_adds_for_each_name_of_a_place():
    check(lambda x, v: index_add(x, [0, -3], v), [[1, 2, 3], [7, 8]], [16, 2, 3], [1, 1, 1], [1, 1])


@pytest.mark.parametrize("put", [index_put, index_add])
def test_a_value_put_in_broadcasts_and_is_summed_back(put):
    check(lambda v: put(np.zeros((2, 3)), (slice(None), [0, 1]), v), [[[1], [2]]], [[1, 1, 0], [2, 2, 0]], [[2], [2]])


def test_a_value_put_in_may_have_axes_of_length_one_in_excess():
    check(lambda v: index_put(np.zeros(3), slice(1, None), v), [[[5]]], [0, 5, 5], [[2]])


def test_integers_are_not_truncated_to():
    assert index_put(np.arange(3), 0, Value(0.5)).data[0] == 0.5


def test_a_value_itself_cannot_be_written_to():
    with pytest.raises(NotDifferentiable, match="index_put"):
        Value([1.0])[0] = 2.0


def test_errors_name_what_is_expected():
    v = Value(np.ones((2, 3)))
    with pytest.raises(ShapeError, match="the indices have 1 axes and the array has 2"):
        np.take_along_axis(v, np.array([0]), 0)
    with pytest.raises(OptionError, match="mode is 'raise'"):
        np.take(v, 0, mode="bounce")
    with pytest.raises(OptionError, match="2 conditions for 1 choices"):
        np.select([v > 0, v > 1], [v])
    with pytest.raises(np.exceptions.AxisError):
        np.take(v, 0, axis=2)
