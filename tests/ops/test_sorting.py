"""Order: ties, NaN, even numbers of entries."""

import numpy as np
import pytest

from tests.ops.slopes import check, slopes
from tinygrad_edu import REGISTRY, Value
from tinygrad_edu.errors import OptionError

topk = REGISTRY["topk"]
NAN = np.nan


def test_equal_entries_keep_their_order():
    w = np.array([10.0, 1.0])
    check(lambda x: np.sort(x) * w, [[1, 1]], [10, 1], [10, 1])
    w = np.array([1.0, 10.0, 100.0])
    check(lambda x: np.sort(x) * w, [[2, 2, 1]], [1, 20, 200], [10, 100, 1])


def test_nan_is_sorted_last_and_keeps_its_gradient():
    check(lambda x: np.sort(x) * np.array([1.0, 2, 3]), [[NAN, 2, 1]], [1, 4, NAN], [3, 2, 1])


def test_topk_prefers_the_earlier_of_equal_entries():
    values, places = topk(Value([1.0, 3.0, 3.0, 2.0]), 2)
    np.testing.assert_array_equal(values.data, [3, 3])
    np.testing.assert_array_equal(places, [1, 2])
    assert places.dtype.kind == "i"
    np.testing.assert_array_equal(topk(Value([2.0, 1.0, 1.0]), 2, largest=False)[1], [1, 2])


def test_topk_counts_nan_as_the_largest():
    np.testing.assert_array_equal(topk(Value([1.0, NAN, 3.0]), 2)[1], [1, 2])


def test_topk_of_more_than_there_are_raises():
    with pytest.raises(OptionError, match="k=3 of an axis of length 2"):
        topk(Value([1.0, 2.0]), 3)


def test_the_median_of_an_even_number_is_between_two():
    check(np.median, [[1, 2, 3, 4]], 2.5, [0, 0.5, 0.5, 0])
    check(np.median, [[3, 1, 2]], 2, [0, 0, 1])


def test_a_nan_makes_the_median_of_its_row_nan():
    check(lambda x: np.median(x, axis=1), [[[1, NAN, 3], [1, 2, 3]]], [NAN, 2], [[0, 1, 0], [0, 1, 0]])


def test_the_median_of_nothing_is_nan_with_numpys_warning():
    with pytest.warns(RuntimeWarning):
        assert np.isnan(np.median(Value(np.empty(0))).data)


def test_a_quantile_lies_between_two_entries_by_its_share():
    check(lambda x: np.quantile(x, 0.3), [[4, 1, 2]], 1.6, [0, 0.4, 0.6])
    check(lambda x: np.percentile(x, [0, 100]), [[4, 1, 2]], [1, 4], [1, 1, 0])


def test_infinite_neighbours_do_not_make_a_quantile_nan():
    assert slopes(lambda x: np.quantile(x, 0.5), [-np.inf, 1, np.inf])[0] == 1


def test_a_share_beyond_one_raises_as_numpy_does():
    with pytest.raises(ValueError, match="Quantiles must be in the range"):
        np.quantile(Value([1.0, 2.0]), 1.5)
    with pytest.raises(ValueError, match="not a valid method"):
        np.quantile(Value([1.0, 2.0]), 0.5, method="nearby")
